"""An input method composes: keys, the mouse, other hands and other pages meanwhile."""

import random
from collections.abc import Callable

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QDropEvent, QInputMethodEvent, QTextCharFormat
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from desktop.page.chunks import Limits
from desktop.page.contents import written
from tests.desktop.editor.desk import CONTROL, NONE, SHIFT, SOURCE, Desk, Key

Desks = Callable[..., Desk]
Kind = QInputMethodEvent.AttributeType
TEXT = "one line\nanother line\n\n" + "a long paragraph that is cut into blocks " * 40 + "\nthe end"
LEFT = Qt.MouseButton.LeftButton


def composed(desk: Desk) -> list[tuple[int, str]]:
    """What stands in the layouts and not in the document: where, and the text."""
    block, found = desk.editor.document().firstBlock(), []
    while block.isValid():
        if text := block.layout().preeditAreaText():
            found.append((block.position() + block.layout().preeditAreaPosition(), text))
        block = block.next()
    return found


def check(desk: Desk) -> None:
    """The document is the page, the caret in it, and at most one composition, which is at the caret."""
    editor = desk.editor
    cursor = editor.textCursor()
    assert 0 <= cursor.position() <= editor.sync.document.length == editor.document().characterCount() - 1
    assert 0 <= editor.page_position() <= desk.page.length
    assert [where for where, _ in composed(desk)] in ([], [cursor.position()])
    desk.check_held()
    editor.viewport().grab()


def say(
    desk: Desk,
    preedit: str,
    commit: str = "",
    start: int = 0,
    length: int = 0,
    *attributes: QInputMethodEvent.Attribute,
) -> None:
    event = QInputMethodEvent(preedit, list(attributes))
    if commit or length:
        event.setCommitString(commit, start, length)
    QApplication.sendEvent(desk.editor, event)


@pytest.fixture
def composing(new_desk: Desks) -> Desk:
    """`하` is being composed in the second line, behind `another`."""
    desk = new_desk(TEXT, limit=300)
    desk.caret(len("one line\nanother"))
    desk.compose("하")
    return desk


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
def test_a_key_that_moves_commits_first(composing: Desk, key: Key, modifiers: Qt.KeyboardModifier) -> None:
    composing.press(key, modifiers=modifiers)
    assert composing.page.text() == COMMITTED
    assert not composed(composing)
    check(composing)
    composing.type("x")
    check(composing)
    composing.check()


def test_a_modifier_alone_ends_nothing(composing: Desk) -> None:
    for key in (Key.Key_Shift, Key.Key_Control, Key.Key_Alt):
        composing.press(key)
    assert composed(composing) == [(len("one line\nanother"), "하")]
    composing.compose("", "한")
    assert composing.page.text() == COMMITTED.replace("하", "한")


def pressed(desk: Desk) -> None:
    QTest.mouseClick(desk.editor.viewport(), LEFT, pos=desk.editor.viewport().rect().center())


def doubly_pressed(desk: Desk) -> None:
    QTest.mouseDClick(desk.editor.viewport(), LEFT, pos=desk.editor.viewport().rect().center())


def dropped(desk: Desk) -> None:
    data = QMimeData()
    data.setText("x")
    action, point = Qt.DropAction.CopyAction, QPointF(desk.editor.viewport().rect().bottomRight())
    desk.editor.dropEvent(QDropEvent(point, action, data, LEFT, NONE))
    desk.page.undo()


@pytest.mark.parametrize(
    "deed",
    [
        pressed,
        doubly_pressed,
        dropped,
        lambda desk: desk.editor.clearFocus(),
        lambda desk: desk.editor.selectAll(),
        lambda desk: desk.editor.select(3, 8),
        lambda desk: desk.caret(3),
        lambda desk: desk.editor.restore_view(desk.editor.view_state()),
        lambda desk: desk.press(Key.Key_A, "\x01", CONTROL),
        lambda desk: desk.editor.cut(),
        lambda desk: desk.view_caret(3),  # as an assistive tool does
        lambda desk: QTest.keyClick(desk.editor, Key.Key_F5),
    ],
)
def test_what_moves_the_caret_commits_first(composing: Desk, deed: Callable[[Desk], None]) -> None:
    deed(composing)
    assert composing.page.text() == COMMITTED
    assert not composed(composing)
    composing.check()


def test_a_click_lands_where_the_committed_text_lets_it(new_desk: Desks) -> None:
    desk = new_desk("short")
    desk.caret(5)
    desk.compose("ㅎㅎㅎㅎㅎㅎㅎㅎ")
    QTest.mouseClick(desk.editor.viewport(), LEFT, pos=desk.editor.viewport().rect().bottomRight())
    assert desk.page.text() == "short" + "ㅎ" * 8
    assert desk.editor.page_position() == desk.page.length


def test_undo_of_a_key_takes_back_what_it_committed(composing: Desk) -> None:
    composing.press(Key.Key_Z, "\x1a", CONTROL)
    assert composing.page.text() == TEXT
    composing.press(Key.Key_Z, "", CONTROL | SHIFT)
    assert composing.page.text() == COMMITTED
    composing.check()


@pytest.mark.parametrize("cause", ["undo", "redo", "file", "switch"])
def test_another_text_on_the_page_cancels(new_desk: Desks, cause: str) -> None:
    desk = new_desk("text")
    desk.stream("first", at=4)
    desk.page.regenerate(SOURCE)
    desk.stream("second")
    desk.page.end_generation()
    desk.type("ab\ncd")
    desk.page.undo()
    desk.compose("하")
    deeds = {
        "undo": desk.page.undo,
        "redo": desk.page.redo,
        "file": lambda: desk.page.put(written("another", Limits())),
        "switch": desk.page.previous_branch,
    }
    before = desk.page.text()
    deeds[cause]()
    assert desk.page.text() != before
    assert not composed(desk)
    check(desk)
    desk.type("x")
    assert "하" not in desk.page.text()
    desk.check()


def test_a_stream_above_moves_the_composition_along(composing: Desk) -> None:
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


def test_what_is_taken_away_around_a_composition(composing: Desk) -> None:
    composing.page.write(0, len(TEXT) - 3, "")
    check(composing)
    composing.compose("", "한")
    assert composing.page.text() == "한end"
    composing.check()


def test_its_looks_and_its_caret_stay_with_it(composing: Desk) -> None:
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
def test_a_replacement_of_any_range(composing: Desk, commit: str, start: int, length: int) -> None:
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
def test_a_replacement_takes_characters_whole(new_desk: Desks, commit: str, preedit: str, selected: int) -> None:
    desk = new_desk(PAIRS)
    edges = [len(PAIRS[:at].encode("utf-16-le")) >> 1 for at in range(len(PAIRS) + 1)]
    for at in range(selected, len(edges)):
        for start, length in ((-1, 1), (-3, 2), (-2, 1), (-1, 2), (0, 1), (1, 2), (-2, 9), (-99, 98), (-99, 500)):
            desk.select_from(edges[at - selected], edges[at])
            if preedit:
                say(desk, preedit)
            say(desk, "", commit, start, length)
            check(desk)
            desk.check()
            assert not [one for one in desk.page.text() if "\ud800" <= one <= "\udfff"]
            for _ in range(1 + (selected and bool(preedit))):
                if desk.page.text() != PAIRS:
                    desk.page.undo()
            assert desk.page.text() == PAIRS
            desk.settle()
            check(desk)


def test_a_replacement_is_one_step(new_desk: Desks) -> None:
    desk = new_desk(PAIRS)
    desk.caret(4)
    say(desk, "に")
    say(desk, "", "日本", -2, 1)
    assert desk.page.text() == PAIRS.replace("🎉", "日本", 1)
    desk.page.undo()
    assert desk.page.text() == PAIRS
    desk.check()


@pytest.mark.parametrize("start", [-5, 0, 2, 99])
@pytest.mark.parametrize("length", [-99, 0, 1, 99])
@pytest.mark.parametrize("kind", [Kind.Cursor, Kind.TextFormat, Kind.Selection])
def test_attributes_of_any_range(composing: Desk, kind: Kind, start: int, length: int) -> None:
    attribute = QInputMethodEvent.Attribute(kind, start, length, QTextCharFormat())
    say(composing, "にほ", "", 0, 0, attribute)
    desk = composing
    desk.editor.viewport().grab()
    desk.editor.cursorRect()
    desk.compose("", "日")
    check(desk)
    say(desk, "", "", 0, 0, attribute)
    check(desk)
    desk.check()


def test_what_an_input_method_may_ask(composing: Desk) -> None:
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
    """Random deeds of a writer, an input method and a model."""

    def __init__(self, desk: Desk, seed: int) -> None:
        self.desk, self.chance = desk, random.Random(seed)

    def composes(self) -> None:
        say(self.desk, self.chance.choice(PREEDITS))

    def commits(self) -> None:
        start, length = self.chance.randrange(-9, 9), self.chance.randrange(9)
        say(self.desk, self.chance.choice(PREEDITS), self.chance.choice([*PREEDITS, "a\nb"]), start, length)

    def moves(self) -> None:
        self.desk.press(self.chance.choice(KEYS), modifiers=self.chance.choice([NONE, SHIFT, CONTROL, CONTROL | SHIFT]))

    def deletes(self) -> None:
        self.desk.press(self.chance.choice([Key.Key_Backspace, Key.Key_Delete]))

    def types(self) -> None:
        self.desk.type(self.chance.choice(["a", "\n", "b c"]))

    def clicks(self) -> None:
        viewport = self.desk.editor.viewport()
        point = QPoint(self.chance.randrange(400), self.chance.randrange(200))
        QTest.mouseClick(viewport, LEFT, self.chance.choice([NONE, SHIFT]), point)

    def undoes(self) -> None:
        self.chance.choice([self.desk.page.undo, self.desk.page.redo])()

    def streams(self) -> None:
        at = self.chance.randrange(self.desk.page.length + 1)
        self.desk.stream(self.chance.choice(["more", "\n", " words " * 40]), at=at)

    def ends(self) -> None:
        self.desk.page.end_generation()

    def changes_elsewhere(self) -> None:
        start = self.chance.randrange(self.desk.page.length + 1)
        removed = min(3, self.desk.page.length - start)
        self.desk.page.write(start, removed, self.chance.choice(["", "new", "\n"]))

    def looks_elsewhere(self) -> None:
        self.desk.bar.setValue(self.chance.randrange(self.desk.bar.maximum() + 1))
        self.desk.editor.resize(self.chance.choice([200, 420]), self.chance.choice([10, 260]))
        self.desk.settle()

    def __call__(self) -> None:
        rare = [self.commits, self.moves, self.deletes, self.types, self.clicks, self.undoes]
        others = [self.streams, self.ends, self.changes_elsewhere, self.looks_elsewhere]
        self.chance.choice([self.composes] * 4 + rare + others)()


@pytest.mark.parametrize("seed", range(8))
def test_random_hands_and_compositions(new_desk: Desks, seed: int) -> None:
    desk = new_desk(TEXT, limit=120, slice_=400 if seed % 2 else 262_144, size=(420, 260))
    act = Hands(desk, seed)
    for _ in range(120):
        act()
        if not desk.editor.behind:
            check(desk)
    desk.page.end_generation()
    desk.check()
