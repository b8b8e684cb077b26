"""An input method composes while keys, the mouse, the model and other pages come between."""

import random
from collections.abc import Callable

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QDropEvent, QInputMethodEvent, QTextCharFormat
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from desktop.page.chunks import Limits
from desktop.page.contents import written
from tests.desktop.editor.harness import CONTROL, NONE, SHIFT, SOURCE, EditorHarness, Key

NewHarness = Callable[..., EditorHarness]
Kind = QInputMethodEvent.AttributeType
TEXT = "one line\nanother line\n\n" + "a long paragraph that is cut into blocks " * 40 + "\nthe end"
LEFT = Qt.MouseButton.LeftButton


def composed(harness: EditorHarness) -> list[tuple[int, str]]:
    """Every preedit in the layouts: its position and its text."""
    block, found = harness.editor.document().firstBlock(), []
    while block.isValid():
        if text := block.layout().preeditAreaText():
            found.append((block.position() + block.layout().preeditAreaPosition(), text))
        block = block.next()
    return found


def check(harness: EditorHarness) -> None:
    """Check that the document shows the page with the caret in it, and at most one preedit, at the caret."""
    editor = harness.editor
    cursor = editor.textCursor()
    assert 0 <= cursor.position() <= editor.sync.document.length == editor.document().characterCount() - 1
    assert 0 <= editor.page_position() <= harness.page.length
    assert [where for where, _ in composed(harness)] in ([], [cursor.position()])
    harness.check_held()
    editor.viewport().grab()


def say(
    harness: EditorHarness,
    preedit: str,
    commit: str = "",
    start: int = 0,
    length: int = 0,
    *attributes: QInputMethodEvent.Attribute,
) -> None:
    event = QInputMethodEvent(preedit, list(attributes))
    if commit or length:
        event.setCommitString(commit, start, length)
    QApplication.sendEvent(harness.editor, event)


@pytest.fixture
def composing(new_harness: NewHarness) -> EditorHarness:
    """`하` is being composed in the second line, behind `another`."""
    harness = new_harness(TEXT, limit=300)
    harness.caret(len("one line\nanother"))
    harness.compose("하")
    return harness


COMMITTED = TEXT.replace("another", "another하")
KEYS = [
    Key.Key_Down,
    Key.Key_Up,
    Key.Key_Left,
    Key.Key_Right,
    Key.Key_Home,
    Key.Key_End,
    Key.Key_PageUp,
    Key.Key_PageDown,
]


@pytest.mark.parametrize("modifiers", [NONE, SHIFT, CONTROL, CONTROL | SHIFT], ids=str)
@pytest.mark.parametrize("key", KEYS, ids=lambda key: key.name)
def test_a_key_that_moves_commits_first(composing: EditorHarness, key: Key, modifiers: Qt.KeyboardModifier) -> None:
    composing.press(key, modifiers=modifiers)
    assert composing.page.text() == COMMITTED
    assert not composed(composing)
    check(composing)
    composing.type("x")
    check(composing)
    composing.check()


def test_a_modifier_alone_ends_nothing(composing: EditorHarness) -> None:
    for key in (Key.Key_Shift, Key.Key_Control, Key.Key_Alt):
        composing.press(key)
    assert composed(composing) == [(len("one line\nanother"), "하")]
    composing.compose("", "한")
    assert composing.page.text() == COMMITTED.replace("하", "한")


def pressed(harness: EditorHarness) -> None:
    QTest.mouseClick(harness.editor.viewport(), LEFT, pos=harness.editor.viewport().rect().center())


def doubly_pressed(harness: EditorHarness) -> None:
    QTest.mouseDClick(harness.editor.viewport(), LEFT, pos=harness.editor.viewport().rect().center())


def dropped(harness: EditorHarness) -> None:
    data = QMimeData()
    data.setText("x")
    action, point = Qt.DropAction.CopyAction, QPointF(harness.editor.viewport().rect().bottomRight())
    harness.editor.dropEvent(QDropEvent(point, action, data, LEFT, NONE))
    harness.page.undo()


@pytest.mark.parametrize(
    "action",
    [
        pressed,
        doubly_pressed,
        dropped,
        lambda harness: harness.editor.clearFocus(),
        lambda harness: harness.editor.selectAll(),
        lambda harness: harness.editor.select(3, 8),
        lambda harness: harness.caret(3),
        lambda harness: harness.editor.restore_view(harness.editor.view_state()),
        lambda harness: harness.press(Key.Key_A, "\x01", CONTROL),
        lambda harness: harness.editor.cut(),
        lambda harness: harness.view_caret(3),  # as an assistive tool does
        lambda harness: QTest.keyClick(harness.editor, Key.Key_F5),
    ],
)
def test_moving_the_caret_commits_first(composing: EditorHarness, action: Callable[[EditorHarness], None]) -> None:
    action(composing)
    assert composing.page.text() == COMMITTED
    assert not composed(composing)
    composing.check()


def test_a_click_lands_where_the_committed_text_lets_it(new_harness: NewHarness) -> None:
    harness = new_harness("short")
    harness.caret(5)
    harness.compose("ㅎㅎㅎㅎㅎㅎㅎㅎ")
    QTest.mouseClick(harness.editor.viewport(), LEFT, pos=harness.editor.viewport().rect().bottomRight())
    assert harness.page.text() == "short" + "ㅎ" * 8
    assert harness.editor.page_position() == harness.page.length


def test_undo_of_a_key_takes_back_what_it_committed(composing: EditorHarness) -> None:
    composing.press(Key.Key_Z, "\x1a", CONTROL)
    assert composing.page.text() == TEXT
    composing.press(Key.Key_Z, "", CONTROL | SHIFT)
    assert composing.page.text() == COMMITTED
    composing.check()


@pytest.mark.parametrize("cause", ["undo", "redo", "file", "switch"])
def test_another_text_on_the_page_cancels(new_harness: NewHarness, cause: str) -> None:
    harness = new_harness("text")
    harness.stream("first", at=4)
    harness.page.regenerate(SOURCE)
    harness.stream("second")
    harness.page.end_generation()
    harness.type("ab\ncd")
    harness.page.undo()
    harness.compose("하")
    actions = {
        "undo": harness.page.undo,
        "redo": harness.page.redo,
        "file": lambda: harness.page.put(written("another", Limits())),
        "switch": harness.page.previous_branch,
    }
    before = harness.page.text()
    actions[cause]()
    assert harness.page.text() != before
    assert not composed(harness)
    check(harness)
    harness.type("x")
    assert "하" not in harness.page.text()
    harness.check()


def test_a_stream_above_moves_the_composition_along(composing: EditorHarness) -> None:
    for text in (" new", "\n", "lines " * 300, "\n"):
        composing.stream(text, at=4)
        check(composing)
        assert [text for _, text in composed(composing)] == ["하"]
    composing.compose("한")
    composing.stream("on", at=4)
    composing.compose("", "한")
    composing.page.end_generation()
    assert "another한 line" in composing.page.text()
    composing.check()


def test_text_removed_around_a_composition(composing: EditorHarness) -> None:
    composing.page.write(0, len(TEXT) - 3, "")
    check(composing)
    composing.compose("", "한")
    assert composing.page.text() == "한end"
    composing.check()


def test_its_formats_and_its_caret_stay_with_it(composing: EditorHarness) -> None:
    underlined = QTextCharFormat()
    underlined.setFontUnderline(True)
    underlined.setUnderlineColor(QColor("red"))
    looks = QInputMethodEvent.Attribute(Kind.TextFormat, 0, 1, underlined)
    say(composing, "にほ", "", 0, 0, looks, QInputMethodEvent.Attribute(Kind.Cursor, 1, 1, None))
    composing.page.write(9, 0, "yet ")
    one = composing.editor.textCursor().block().layout().formats()[0]
    assert (one.start, one.length, one.format.fontUnderline()) == (len("yet another"), 1, True)


@pytest.mark.parametrize("commit", ["한", "a\nb", "\n", "", "\r\n", "🎉"])
@pytest.mark.parametrize(
    ("start", "length"), [(0, 0), (-3, 3), (-99_999, 5), (-4, 99_999), (9_999, 3), (2, -5), (-30, 40)]
)
def test_a_replacement_of_any_range(composing: EditorHarness, commit: str, start: int, length: int) -> None:
    say(composing, "にほ", commit, start, length)
    check(composing)
    assert [text for _, text in composed(composing)] == ["にほ"]
    composing.compose("", "日本")
    assert "日本" in composing.page.text()
    composing.check()


PAIRS = "a🎉b👩\u200d👩\u200d👧\n🎉🎉"


@pytest.mark.parametrize("commit", ["", "x", "🎉"])
@pytest.mark.parametrize("preedit", ["", "にほ"])
@pytest.mark.parametrize("selected", [0, 1])
def test_a_replacement_takes_characters_whole(
    new_harness: NewHarness, commit: str, preedit: str, selected: int
) -> None:
    harness = new_harness(PAIRS)
    edges = [len(PAIRS[:at].encode("utf-16-le")) >> 1 for at in range(len(PAIRS) + 1)]
    for at in range(selected, len(edges)):
        for start, length in ((-1, 1), (-3, 2), (-2, 1), (-1, 2), (0, 1), (1, 2), (-2, 9), (-99, 98), (-99, 500)):
            harness.select_from(edges[at - selected], edges[at])
            if preedit:
                say(harness, preedit)
            say(harness, "", commit, start, length)
            check(harness)
            harness.check()
            assert not [one for one in harness.page.text() if "\ud800" <= one <= "\udfff"]
            for _ in range(1 + (selected and bool(preedit))):
                if harness.page.text() != PAIRS:
                    harness.page.undo()
            assert harness.page.text() == PAIRS
            harness.settle()
            check(harness)


def test_a_replacement_is_one_step(new_harness: NewHarness) -> None:
    harness = new_harness(PAIRS)
    harness.caret(4)
    say(harness, "に")
    say(harness, "", "日本", -2, 1)
    assert harness.page.text() == PAIRS.replace("🎉", "日本", 1)
    harness.page.undo()
    assert harness.page.text() == PAIRS
    harness.check()


@pytest.mark.parametrize("start", [-5, 0, 2, 99])
@pytest.mark.parametrize("length", [-99, 0, 1, 99])
@pytest.mark.parametrize("kind", [Kind.Cursor, Kind.TextFormat, Kind.Selection])
def test_attributes_of_any_range(composing: EditorHarness, kind: Kind, start: int, length: int) -> None:
    attribute = QInputMethodEvent.Attribute(kind, start, length, QTextCharFormat())
    say(composing, "にほ", "", 0, 0, attribute)
    harness = composing
    harness.editor.viewport().grab()
    harness.editor.cursorRect()
    harness.compose("", "日")
    check(harness)
    say(harness, "", "", 0, 0, attribute)
    check(harness)
    harness.check()


def test_queries_of_an_input_method(composing: EditorHarness) -> None:
    query = Qt.InputMethodQuery
    editor = composing.editor
    for point in (QPointF(0, 0), QPointF(10_000, 10_000), QPointF(-5, 30), QPointF(200, 60)):
        for kind in (query.ImCursorPosition, query.ImAnchorPosition):
            answer = editor.textCursor().block().position() + editor.inputMethodQuery(kind, point)
            assert 0 <= answer <= editor.sync.document.length
    assert editor.inputMethodQuery(query.ImSurroundingText) == "another line"
    assert editor.inputMethodQuery(query.ImCursorPosition) == len("another")


PREEDITS = ["ㅎ", "하", "한", "にほん" * 3, "x" * 90, "🎉", "e\u0301", "שלום", ""]


class Hands:
    """Random actions of a writer, an input method and a model."""

    def __init__(self, harness: EditorHarness, seed: int) -> None:
        self.harness, self.chance = harness, random.Random(seed)

    def composes(self) -> None:
        say(self.harness, self.chance.choice(PREEDITS))

    def commits(self) -> None:
        start, length = self.chance.randrange(-9, 9), self.chance.randrange(9)
        say(self.harness, self.chance.choice(PREEDITS), self.chance.choice([*PREEDITS, "a\nb"]), start, length)

    def moves(self) -> None:
        self.harness.press(
            self.chance.choice(KEYS), modifiers=self.chance.choice([NONE, SHIFT, CONTROL, CONTROL | SHIFT])
        )

    def deletes(self) -> None:
        self.harness.press(self.chance.choice([Key.Key_Backspace, Key.Key_Delete]))

    def types(self) -> None:
        self.harness.type(self.chance.choice(["a", "\n", "b c"]))

    def clicks(self) -> None:
        viewport = self.harness.editor.viewport()
        point = QPoint(self.chance.randrange(400), self.chance.randrange(200))
        QTest.mouseClick(viewport, LEFT, self.chance.choice([NONE, SHIFT]), point)

    def undoes(self) -> None:
        self.chance.choice([self.harness.page.undo, self.harness.page.redo])()

    def streams(self) -> None:
        at = self.chance.randrange(self.harness.page.length + 1)
        self.harness.stream(self.chance.choice(["more", "\n", " words " * 40]), at=at)

    def ends(self) -> None:
        self.harness.page.end_generation()

    def changes_elsewhere(self) -> None:
        start = self.chance.randrange(self.harness.page.length + 1)
        removed = min(3, self.harness.page.length - start)
        self.harness.page.write(start, removed, self.chance.choice(["", "new", "\n"]))

    def looks_elsewhere(self) -> None:
        self.harness.bar.setValue(self.chance.randrange(self.harness.bar.maximum() + 1))
        self.harness.editor.resize(self.chance.choice([200, 420]), self.chance.choice([10, 260]))
        self.harness.settle()

    def __call__(self) -> None:
        rare = [self.commits, self.moves, self.deletes, self.types, self.clicks, self.undoes]
        others = [self.streams, self.ends, self.changes_elsewhere, self.looks_elsewhere]
        self.chance.choice([self.composes] * 4 + rare + others)()


@pytest.mark.parametrize("seed", range(8))
def test_random_edits_while_composing(new_harness: NewHarness, seed: int) -> None:
    harness = new_harness(TEXT, limit=120, slice_=400 if seed % 2 else 262_144, size=(420, 260))
    act = Hands(harness, seed)
    for _ in range(120):
        act()
        if not harness.editor.behind:
            check(harness)
    harness.page.end_generation()
    harness.check()


def test_what_is_in_view_ends_with_the_text_while_it_is_composed_there(new_harness: NewHarness) -> None:
    harness = new_harness("a text")
    harness.caret(6)
    harness.compose("하하하")
    assert harness.editor.in_view() == (0, 6)
