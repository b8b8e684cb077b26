"""Random keys, pastes, cuts, undos, resizes and streaming on the real widget: view and page agree after every step."""

import random
from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt

from desktop.page.chunks import Limits
from tests.desktop.editor.harness import CONTROL, SHIFT, EditorHarness

Key = Qt.Key
WORDS = [
    " the",
    " house",
    " of",
    ",",
    ".",
    " and",
    "ing",
    " 한",
    "글",
    " 😀",
    "é",
    "\n",
    " supercalifragilistic",
    " שלום",
    "\r",
    "\x00",
]
PASTES = ["pasted text", "two\nlines", "x " * 400, "日本語😀", "crlf\r\nline\u2029end", "y" * 700]
KEYS = [
    (Key.Key_X, "x"),
    (Key.Key_X, "x"),
    (Key.Key_Space, " "),
    (Key.Key_Return, "\r"),
    (Key.Key_Backspace, "\b"),
    (Key.Key_Backspace, "\b"),
    (Key.Key_Delete, "\x7f"),
    (Key.Key_Left, ""),
    (Key.Key_Right, ""),
    (Key.Key_Up, ""),
    (Key.Key_Home, ""),
    (Key.Key_End, ""),
]


class Monkey:
    """Does random things with a harness, one after the other."""

    def __init__(self, harness: EditorHarness, seed: int) -> None:
        self.harness = harness
        self.chance = random.Random(seed)

    def step(self) -> None:
        actions = [self.stream, self.key, self.move, self.paste, self.undo, self.redo, self.cut, self.erase, self.word]
        actions += [self.resize, self.paint, self.end, self.again, self.branch, self.compose, self.as_tokens]
        weights = [35, 33, 10, 2, 6, 4, 1, 1, 4, 2, 3, 3, 1, 1, 2, 1]
        self.chance.choices(actions, weights)[0]()

    def place(self) -> int:
        """A random view position that does not split a character."""
        position = self.chance.randint(0, self.harness.editor.sync.document.length)
        unit = self.harness.editor.document().characterAt(position)
        return position + 1 if "\udc00" <= unit <= "\udfff" else position

    def stream(self) -> None:
        at = self.harness.editor.sync.breaks.page(self.place()) if self.chance.random() < 0.4 else None
        self.harness.stream(*self.chance.choices(WORDS, k=self.chance.randint(1, 12)), at=at)

    def as_tokens(self) -> None:
        self.harness.editor.text_style.show_tokens(self.chance.random() < 0.5)
        self.paint()

    def end(self) -> None:
        self.harness.page.end_generation()

    def again(self) -> None:
        self.harness.page.regenerate(self.harness.source)

    def branch(self) -> None:
        if not self.harness.page.previous_branch():
            self.harness.page.next_branch()

    def key(self) -> None:
        key, text = self.chance.choice(KEYS)
        before, selected = self.harness.page.length, self.harness.editor.textCursor().hasSelection()
        caret = self.harness.editor.page_position()
        self.harness.press(key, text)
        if key == Key.Key_Backspace and caret and not selected:
            assert before - self.harness.page.length in (1, 2)

    def word(self) -> None:
        key = self.chance.choice([Key.Key_Left, Key.Key_Right, Key.Key_Backspace, Key.Key_Delete])
        self.harness.press(key, "", CONTROL)

    def move(self) -> None:
        anchor = self.place() if self.chance.random() < 0.3 else None
        self.harness.view_caret(self.place(), anchor)

    def erase(self) -> None:
        self.harness.view_caret(self.place(), self.place())
        self.harness.press(Key.Key_Delete, "\x7f")

    def paste(self) -> None:
        self.harness.paste(self.chance.choice(PASTES))

    def cut(self) -> None:
        self.harness.editor.cut()

    def compose(self) -> None:
        self.harness.compose("に")
        if self.chance.random() < 0.5:
            self.stream()
        self.harness.compose("", self.chance.choice(["日", "한", ""]))

    def undo(self) -> None:
        self.harness.press(Key.Key_Z, "", CONTROL)

    def redo(self) -> None:
        self.harness.press(Key.Key_Z, "", CONTROL | SHIFT)

    def resize(self) -> None:
        self.harness.editor.resize(self.chance.randint(250, 800), 400)
        self.harness.settle()

    def paint(self) -> None:
        self.harness.editor.viewport().repaint()
        self.harness.settle()


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_view_and_page_agree_after_every_step(seed: int, new_harness: Callable[..., EditorHarness]) -> None:
    harness = new_harness("word by word " * 80, limit=300, limits=Limits(units=256, tokens=64))
    monkey = Monkey(harness, seed)
    longest = 0
    for _ in range(150):
        monkey.step()
        harness.check()
        longest = max(longest, len(harness.editor.sync.breaks))
    assert longest > 2  # or soft breaks were never met
    while harness.page.can_undo:
        harness.page.undo()
        harness.check()
    assert harness.page.length == 0
    while harness.page.can_redo:
        harness.page.redo()
    harness.check()
