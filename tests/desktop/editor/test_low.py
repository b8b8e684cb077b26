"""A viewport lower than a line, or without height or width: nothing fails, and the view is as before when it grows."""

import random
from collections.abc import Callable

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QFont
from PySide6.QtTest import QTest

from desktop.page.measures import MEASURES
from tests.desktop.editor.harness import CONTROL, SHIFT, EditorHarness, Key

NewHarness = Callable[..., EditorHarness]
SIZES = [(700, 30), (700, 1), (700, 0), (60, 400), (14, 400), (0, 0)]
FIFTY = "\n".join(f"{number} a line of a page, with some words" for number in range(50))
LONG = "a paragraph that has no end " * 400
KEYS = [Key.Key_Down, Key.Key_Up, Key.Key_PageDown, Key.Key_PageUp, Key.Key_End, Key.Key_Home, Key.Key_Right]


def use(harness: EditorHarness) -> None:
    """Everything that a user can do."""
    editor = harness.editor
    for modifiers in (Qt.KeyboardModifier.NoModifier, SHIFT, CONTROL, CONTROL | SHIFT):
        for key in KEYS:
            harness.press(key, modifiers=modifiers)
            check_shown(harness)
    harness.type("x\ny")
    harness.compose("に")
    check_shown(harness)
    harness.compose("", "日")
    harness.stream("some", " words", "\n")
    harness.page.end_generation()
    for value in (0, 10**6, 3):
        harness.bar.setValue(value)
        check_shown(harness)
    for wish in (harness.page.undo, harness.page.redo, editor.follow, harness.settle):
        wish()
        check_shown(harness)
    for point in (QPoint(0, 0), QPoint(5, 5), QPoint(300, 3)):
        QTest.mouseClick(editor.viewport(), Qt.MouseButton.LeftButton, pos=point)
        QTest.mouseDClick(editor.viewport(), Qt.MouseButton.LeftButton, pos=point)
        editor.mouse.pointing.move(QPointF(point))
        editor.marks.tip_at(point)
    for query in (Qt.InputMethodQuery.ImCursorRectangle, Qt.InputMethodQuery.ImSurroundingText):
        editor.inputMethodQuery(query)
    editor.restore_view(editor.view_state())
    editor.show_position(harness.page.length // 2)
    editor.marks.set_measure(MEASURES["surprisal"])
    editor.marks.set_unseen(5)
    check_shown(harness)


def check_shown(harness: EditorHarness) -> None:
    """The view can be painted, and a line is at its top."""
    editor = harness.editor
    editor.grab()
    editor.viewport().repaint()
    assert editor.firstVisibleBlock().isValid()
    assert 0 <= editor.page_position() <= harness.page.length


@pytest.mark.parametrize("text", ["", FIFTY, LONG], ids=["empty", "fifty", "long"])
@pytest.mark.parametrize("size", SIZES, ids=str)
def test_a_window_without_size_can_be_used(new_harness: NewHarness, size: tuple[int, int], text: str) -> None:
    harness = new_harness(text, limit=500)
    harness.bar.setValue(10**6)
    harness.editor.resize(*size)
    harness.settle()
    use(harness)
    harness.editor.hide()
    use(harness)
    harness.editor.show()
    use(harness)
    harness.editor.resize(700, 500)
    harness.settle()
    use(harness)
    harness.check()


@pytest.mark.parametrize("column", [0, 20, 74])
def test_letters_larger_than_the_window_can_be_used(new_harness: NewHarness, column: int) -> None:
    harness = new_harness(FIFTY, size=(580, 90))
    harness.editor.text_style.set_typography(QFont(harness.editor.font().family(), 72), 2.0, column)
    use(harness)
    harness.editor.resize(70, 90)
    use(harness)
    harness.check()


def test_the_view_is_the_same_after_a_low_window(new_harness: NewHarness) -> None:
    harness = new_harness(FIFTY)
    harness.editor.follow()
    harness.editor.resize(700, 10)
    harness.settle()
    assert harness.editor.following
    harness.press(Key.Key_Home, modifiers=CONTROL)
    harness.press(Key.Key_Down)
    assert not harness.editor.following
    harness.editor.resize(700, 500)
    harness.settle()
    assert harness.editor.view_state().top == 36  # the line of the caret
    harness.editor.follow()
    harness.editor.resize(700, 10)
    harness.editor.resize(700, 500)
    assert harness.bar.value() == harness.bar.maximum() > 0


@pytest.mark.parametrize("seed", [61, 116, 247, 285])
def test_sizes_and_fonts_in_any_order(new_harness: NewHarness, seed: int) -> None:
    chance = random.Random(seed)
    harness = new_harness(
        "".join(chance.choices(["word ", "a\n", "\n", "long line of words " * 9], k=chance.randrange(1, 60)))
    )
    editor, page, font = harness.editor, harness.page, QFont(harness.editor.font())

    def zoom(steps: int, points: int) -> None:
        for _ in range(steps):
            font.setPointSizeF(min(max(6.0, font.pointSizeF() + points), 72.0))
            editor.text_style.set_font(font)

    for _ in range(40):
        end = chance.randrange(page.length + 1)
        actions = (
            lambda: editor.resize(chance.choice([1, 60, 580, 785, 2000]), chance.choice([1, 2, 10, 30, 60, 150, 292])),
            lambda: zoom(chance.choice([1, 5]), 2),
            lambda: zoom(chance.choice([1, 5]), -2),
            lambda: harness.bar.setValue(chance.choice([0, 3, 10**6])),
            harness.settle,
            page.undo,
            lambda end=end: page.write(end, page.length - end, ""),
        )
        chance.choice(actions)()
        assert editor.firstVisibleBlock().isValid()
        editor.view_state()
