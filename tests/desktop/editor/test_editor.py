"""The editor in use: typing, pasting, composing, undo, the caret and the view while the model writes."""

from collections.abc import Callable

import pytest
from PySide6.QtCore import QEvent, QObject, QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QFont, QWheelEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from desktop.editor.page_marks import HINT
from desktop.page.chunks import Limits
from desktop.page.contents import written
from resources.colours import DARK
from tests.desktop.editor.harness import CONTROL, SHIFT, SOURCE, EditorHarness

Key = Qt.Key
NewHarness = Callable[..., EditorHarness]


# ----------------------------------------------------------------------------------- writing


def test_typing_goes_to_the_page(harness: EditorHarness) -> None:
    harness.type("ab\nc")
    assert harness.page.text() == "ab\nc"
    harness.check()


def test_shift_return_is_an_ordinary_line_end(harness: EditorHarness) -> None:
    harness.type("a")
    harness.press(Key.Key_Return, "\r", SHIFT)
    harness.type("b")
    assert harness.page.text() == "a\nb"
    harness.check()


def test_typed_letters_are_one_step_of_undo(harness: EditorHarness) -> None:
    harness.type("word")
    harness.press(Key.Key_Z, "", CONTROL)
    assert harness.page.text() == ""
    harness.press(Key.Key_Z, "", CONTROL | SHIFT)
    assert harness.page.text() == "word"
    assert harness.editor.page_position() == 4


def test_undo_and_redo_are_wishes_and_change_nothing_here(harness: EditorHarness, qtbot: QtBot) -> None:
    harness.editor.undo_requested.disconnect(harness.page.undo)
    harness.type("a")
    with qtbot.waitSignal(harness.editor.undo_requested, timeout=100):
        harness.press(Key.Key_Z, "", CONTROL)
    assert harness.page.text() == "a"


def test_an_input_method_writes_only_what_it_commits(harness: EditorHarness) -> None:
    harness.type("ab")
    harness.compose("に")
    harness.compose("にほん")
    assert harness.page.text() == "ab"
    harness.compose("", "日本")
    assert harness.page.text() == "ab日本"
    harness.check()


def test_the_model_writes_while_an_input_method_composes(harness: EditorHarness) -> None:
    harness.type("ab")
    harness.caret(1)
    harness.compose("に")
    harness.stream(" tok", " tok")
    assert harness.page.text() == "ab tok tok"
    harness.editor.viewport().repaint()
    harness.compose("", "日")
    assert harness.page.text() == "a日b tok tok"
    harness.check()


def test_composing_at_the_stream_goes_before_the_next_token(harness: EditorHarness) -> None:
    harness.stream("one")
    harness.caret(3)
    harness.compose("に")
    harness.stream(" two")
    harness.compose("", "日")
    assert harness.page.text() == "one日 two"
    harness.check()


def test_paste_keeps_every_character(harness: EditorHarness) -> None:
    text = "p1\np2\r\np3\u2028p4\u2029p5\tz\x00q\ufdd0\u00a0"
    harness.paste(text)
    assert harness.page.text() == text
    harness.check()
    assert harness.editor.sync.document.raw(0, 6) == "p1\u2029p2\u240d"


def test_paste_replaces_the_selection_and_leaves_the_caret_behind_it(harness: EditorHarness) -> None:
    harness.type("hello")
    harness.editor.select(1, 4)
    harness.paste("EY\n")
    assert harness.page.text() == "hEY\no"
    assert harness.editor.page_position() == 4


def test_copy_takes_the_characters_of_the_page(new_harness: NewHarness) -> None:
    harness = new_harness("a\r\nb " + "long " * 400, limit=300)
    assert len(harness.editor.sync.breaks) > 3
    harness.editor.selectAll()
    harness.editor.copy()
    assert harness.editor.createMimeDataFromSelection().text() == harness.page.text()


def test_cut_removes_from_the_page(harness: EditorHarness) -> None:
    harness.type("one two")
    harness.editor.select(0, 4)
    harness.editor.cut()
    assert harness.page.text() == "two"
    assert QApplication.clipboard().text() == "one "
    harness.check()


def test_a_change_of_font_or_of_the_document_alone_writes_nothing(harness: EditorHarness) -> None:
    harness.type("hello\nworld")
    harness.editor.setFont(QFont("DejaVu Sans", 15))
    harness.editor.document().markContentsDirty(0, 5)
    harness.settle()
    assert harness.page.text() == "hello\nworld"
    harness.check()


def test_replacing_everything_at_once_is_understood(harness: EditorHarness) -> None:
    harness.type("x")
    harness.editor.setPlainText("hello\nworld")
    assert harness.page.text() == "hello\nworld"
    harness.check()
    harness.editor.selectAll()
    harness.type("y")
    assert harness.page.text() == "y"
    harness.check()


def test_characters_that_qt_would_drop_have_replacements(harness: EditorHarness) -> None:
    harness.stream("a\x00b", "\ufffc", "c\r", "\n", "d\re\u2029f")
    assert harness.view == "a\u2400b\ufffdc\u240d\nd\u240de\u00b6f"
    harness.check()


def test_halves_of_a_character_are_shown_whole_when_they_meet(harness: EditorHarness) -> None:
    harness.page.write(0, 0, "a\ud83d")
    assert harness.view == "a\ufffd"
    harness.page.write(2, 0, "\ude00b")
    assert harness.view == "a😀b"
    harness.page.write(2, 0, "-")
    assert harness.view == "a\ufffd-\ufffdb"
    harness.page.undo()
    assert harness.view == "a😀b"
    harness.check()


def test_an_emoji_is_one_step_and_one_deletion(harness: EditorHarness) -> None:
    harness.paste("a😀b")
    harness.caret(3)
    harness.press(Key.Key_Left)
    assert harness.editor.page_position() == 1
    harness.press(Key.Key_Delete, "\x7f")
    assert harness.page.text() == "ab"
    harness.check()


def test_a_page_that_has_text_is_shown_from_the_first(new_harness: NewHarness) -> None:
    harness = new_harness("written before " * 300, limit=300)
    assert harness.editor.page_position() == 0
    harness.check()


def test_another_text_is_shown_from_its_start(harness: EditorHarness) -> None:
    harness.type("old")
    harness.page.put(written("new\n" * 200, Limits()))
    assert harness.editor.page_position() == 0
    assert harness.bar.value() == 0
    harness.check()


# ----------------------------------------------------------------------------------- the stream and the caret


def test_a_caret_where_the_model_writes_moves_with_the_stream(harness: EditorHarness) -> None:
    harness.type("ab")
    harness.stream(" one", " two")
    assert harness.editor.page_position() == 10
    harness.type("c")
    assert harness.page.text() == "ab one twoc"


def test_a_caret_elsewhere_stays_while_the_model_writes(harness: EditorHarness) -> None:
    harness.type("ab")
    harness.press(Key.Key_Left)
    harness.stream(" one", " two")
    assert harness.editor.page_position() == 1


def test_a_caret_at_the_end_stays_there_when_another_branch_is_shown(harness: EditorHarness) -> None:
    harness.type("ab")
    harness.stream(" one")
    harness.page.regenerate(SOURCE)
    assert (harness.page.text(), harness.editor.page_position()) == ("ab one", 6)  # until the first token comes
    harness.stream(" another")
    assert (harness.page.text(), harness.editor.page_position()) == ("ab another", 10)
    harness.page.end_generation()
    harness.page.previous_branch()
    assert (harness.page.text(), harness.editor.page_position()) == ("ab one", 6)


def test_the_stream_does_not_grow_a_selection_that_ends_where_it_writes(harness: EditorHarness) -> None:
    harness.type("abcd")
    harness.editor.select(1, 4)
    harness.stream(" one")
    assert harness.editor.page_selection() == (1, 4)


def test_the_stream_does_not_grow_a_selection_that_starts_where_it_writes(harness: EditorHarness) -> None:
    harness.type("abcd")
    harness.editor.select(2, 4)
    harness.stream(" one", at=2)
    assert harness.editor.page_selection() == (6, 8)


def test_a_selection_made_backwards_stays_backwards(harness: EditorHarness) -> None:
    harness.type("abcd")
    harness.view_caret(1, anchor=4)
    harness.stream(" one")
    cursor = harness.editor.textCursor()
    assert (cursor.anchor(), cursor.position()) == (4, 1)


def test_caret_moved_carries_a_page_position_once(harness: EditorHarness) -> None:
    emitted: list[int] = []
    harness.editor.caret_moved.connect(emitted.append)
    harness.type("ab")
    harness.stream(" one")
    harness.press(Key.Key_Left)
    assert emitted == [1, 2, 6, 5]


def test_text_before_the_caret_moves_it(harness: EditorHarness) -> None:
    harness.type("ab")
    emitted: list[int] = []
    harness.editor.caret_moved.connect(emitted.append)
    harness.stream("123", at=0)
    assert (harness.editor.page_position(), emitted) == (5, [5])


def test_undo_leaves_the_caret_behind_the_restored_text(harness: EditorHarness) -> None:
    harness.type("one two three")
    harness.editor.select(0, 4)
    harness.press(Key.Key_Delete, "\x7f")
    harness.caret(9)
    harness.press(Key.Key_Z, "", CONTROL)
    assert harness.page.text() == "one two three"
    assert harness.editor.page_position() == 4


# ----------------------------------------------------------------------------------- the stream and the view


def test_the_view_follows_the_end_of_the_stream(harness: EditorHarness) -> None:
    for _ in range(60):
        harness.stream(" some words", "\n")
    assert harness.bar.maximum() > 0
    assert harness.bar.value() == harness.bar.maximum()
    assert harness.editor.following


def test_scrolling_up_stops_following_and_coming_back_resumes_it(harness: EditorHarness) -> None:
    facts: list[bool] = []
    harness.editor.following_changed.connect(facts.append)
    for _ in range(60):
        harness.stream("line", "\n")
    harness.bar.setValue(3)
    for _ in range(60):
        harness.stream("line", "\n")
    assert harness.bar.value() == 3
    harness.editor.follow()
    harness.stream("line", "\n")
    assert harness.bar.value() == harness.bar.maximum()
    assert facts == [False, True]


def test_the_view_does_not_move_to_the_caret_while_it_is_elsewhere(harness: EditorHarness) -> None:
    harness.type("start")
    for _ in range(60):
        harness.stream("line", "\n")
    harness.bar.setValue(20)
    harness.stream("line", "\n")
    assert harness.bar.value() == 20


def test_text_above_the_view_does_not_move_it(new_harness: NewHarness) -> None:
    harness = new_harness("\n".join(f"line {number}" for number in range(300)))
    harness.bar.setValue(150)
    top = harness.editor.firstVisibleBlock().text()
    for _ in range(20):
        harness.stream("new", "\n", " and more words to fill a line", at=10)
    assert harness.editor.firstVisibleBlock().text() == top


def test_text_above_within_one_long_paragraph_does_not_move_the_view(new_harness: NewHarness) -> None:
    harness = new_harness("many words in one paragraph " * 800)
    harness.bar.setValue(100)
    harness.settle()
    line = harness.editor.cursorForPosition(harness.editor.viewport().rect().topLeft() + QPointF(60, 5).toPoint())
    before = line.block().text()[line.positionInBlock() :][:20]
    for _ in range(40):
        harness.stream(" new words", at=10)
    harness.settle()
    line = harness.editor.cursorForPosition(harness.editor.viewport().rect().topLeft() + QPointF(60, 5).toPoint())
    assert line.block().text()[line.positionInBlock() :][:20] == before


def test_resizing_keeps_the_end_in_view(harness: EditorHarness) -> None:
    for _ in range(60):
        harness.stream(" some words that make a line or two when the window is narrow enough for that", "\n")
    harness.editor.resize(320, 300)
    harness.settle()
    assert harness.bar.value() == harness.bar.maximum()


def test_switching_to_another_branch_brings_its_start_into_view(new_harness: NewHarness) -> None:
    harness = new_harness("\n".join(f"line {number}" for number in range(300)))
    harness.stream(" one")
    harness.page.regenerate(harness.source)
    harness.stream(" two")
    harness.page.end_generation()
    harness.bar.setValue(0)
    harness.page.previous_branch()
    assert harness.page.text().endswith("line 299 one")
    assert harness.bar.value() > 250
    harness.check()


def test_a_larger_font_keeps_the_end_in_view(harness: EditorHarness) -> None:
    for _ in range(60):
        harness.stream("line", "\n")
    font = harness.editor.font()
    font.setPointSizeF(20)
    harness.editor.text_style.set_font(font)
    harness.settle()
    assert harness.bar.value() == harness.bar.maximum()
    assert harness.editor.following
    assert harness.editor.blockBoundingRect(harness.editor.document().firstBlock()).height() > 35


def test_a_position_is_brought_into_view_without_the_caret(new_harness: NewHarness) -> None:
    harness = new_harness("\n".join(f"line {number}" for number in range(300)))
    target = harness.page.text().index("line 200")
    harness.editor.show_position(target)
    assert harness.editor.page_position() == 0
    assert (
        harness.editor.firstVisibleBlock().blockNumber() < 200 < harness.editor.firstVisibleBlock().blockNumber() + 20
    )


# ----------------------------------------------------------------------------------- looks


def test_the_column_has_its_width_in_a_wide_window_and_all_of_a_narrow_one(new_harness: NewHarness) -> None:
    wide = new_harness("word " * 100, size=(1600, 400))
    margins = wide.editor.viewportMargins()
    assert margins.left() == margins.right() > 200
    narrow = new_harness("word " * 100, size=(320, 400))
    assert narrow.editor.viewportMargins().left() == 0


def test_a_line_holds_about_seventy_five_characters(new_harness: NewHarness) -> None:
    harness = new_harness(
        "The old house stood at the edge of a quiet town where nobody had lived. " * 10, size=(1600, 600)
    )
    layout = harness.editor.document().firstBlock().layout()
    lengths = [layout.lineAt(number).textLength() for number in range(layout.lineCount() - 1)]
    assert 65 <= sum(lengths) / len(lengths) <= 85


@pytest.mark.parametrize("column", [30, 60, 120])
def test_the_column_is_as_wide_as_is_set(new_harness: NewHarness, column: int) -> None:
    harness = new_harness(
        "The old house stood at the edge of a quiet town where nobody had lived. " * 20, size=(1800, 600)
    )
    harness.editor.text_style.set_typography(harness.editor.font(), column=column)
    harness.settle()
    layout = harness.editor.document().firstBlock().layout()
    lengths = [layout.lineAt(number).textLength() for number in range(layout.lineCount() - 1)]
    assert 0.85 * column <= sum(lengths) / len(lengths) <= 1.1 * column


def test_a_column_of_no_width_is_as_wide_as_the_window(new_harness: NewHarness) -> None:
    harness = new_harness("word " * 100, size=(1600, 400))
    harness.editor.text_style.set_typography(harness.editor.font(), column=0)
    assert harness.editor.viewportMargins().left() == 0
    assert harness.editor.viewport().width() > 1500


def test_line_spacing_follows_the_setting(new_harness: NewHarness) -> None:
    harness = new_harness("one\ntwo\nthree")
    tops: list[int] = []
    for spacing in (1.0, 1.5, 3.0):
        harness.editor.text_style.set_typography(harness.editor.font(), spacing)
        harness.settle()
        harness.caret(0)
        first = harness.editor.cursorRect().top()
        harness.caret(5)
        tops.append(harness.editor.cursorRect().top() - first)
    assert tops[0] < tops[1] < tops[2]
    assert harness.page.text() == "one\ntwo\nthree"
    assert not harness.page.can_redo
    harness.check()


@pytest.mark.parametrize("size", [(60, 40), (120, 700), (1, 1)])
@pytest.mark.parametrize("points", [6, 72])
def test_tiny_windows_and_long_words(new_harness: NewHarness, size: tuple[int, int], points: int) -> None:
    harness = new_harness("a" * 3_000 + " " + "字" * 500 + "\n" + "word " * 50)
    font = harness.editor.font()
    font.setPointSizeF(points)
    harness.editor.text_style.set_typography(font, 3.0, 400)
    harness.editor.resize(*size)
    harness.settle()
    harness.stream(" more", " and" * 20)
    harness.settle()
    harness.editor.viewport().repaint()
    harness.check()


def test_the_hint_is_painted_on_an_empty_page_only(harness: EditorHarness) -> None:
    def marked() -> int:
        image = harness.editor.viewport().grab().toImage()
        paper = QColor(harness.editor.text_style.colours.paper)
        return sum(image.pixelColor(x, y) != paper for x in range(40, 400, 2) for y in range(20, 60, 2))

    harness.editor.clearFocus()
    hinted = marked()
    assert hinted > 50
    harness.editor.marks.set_ghost((0, 0, "i"))  # which the hint would lie under; left of what is looked at
    assert marked() == 0
    harness.editor.marks.set_ghost(None)
    assert marked() == hinted
    harness.type(" ")
    assert marked() == 0
    assert HINT in harness.editor.accessibleDescription()


def test_colours_come_from_one_value(harness: EditorHarness) -> None:
    harness.editor.text_style.set_colours(DARK)
    corner = harness.editor.grab().toImage().pixelColor(2, 2)
    assert corner == QColor(DARK.paper)
    assert harness.editor.text_style.colours == DARK


# ----------------------------------------------------------------------------------- the wheel


def test_the_wheel_with_control_requests_another_size(harness: EditorHarness, qtbot: QtBot) -> None:
    with qtbot.waitSignal(harness.editor.zoom_requested, timeout=100) as zoom:
        QApplication.sendEvent(harness.editor.viewport(), turned(240, CONTROL))
    assert zoom.args == [2]


@pytest.mark.parametrize("where", ["text", "margin"])
def test_the_wheel_scrolls_over_the_text_and_beside_it(where: str, new_harness: NewHarness) -> None:
    harness = new_harness("line\n" * 300, size=(1400, 400))
    target = harness.editor.viewport() if where == "text" else harness.editor
    QApplication.sendEvent(target, turned(-240))
    assert harness.bar.value() > 0


def turned(angle: int, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> QWheelEvent:
    point = QPointF(20, 100).toPoint()
    return QWheelEvent(
        QPointF(20, 100),
        QPointF(20, 100),
        point * 0,
        QPointF(0, angle).toPoint(),
        Qt.MouseButton.NoButton,
        modifiers,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )


# ----------------------------------------------------------------------------------- what the viewport leaves to others


class Counting(QObject):
    """Counts the events of a widget, and lets only a few of them through."""

    count = 0

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        self.count += event.type() in (QEvent.Type.MouseButtonPress, QEvent.Type.Wheel)
        return self.count > 3


@pytest.mark.parametrize("below", [5, 300])
@pytest.mark.parametrize("button", [Qt.MouseButton.RightButton, Qt.MouseButton.MiddleButton, Qt.MouseButton.BackButton])
def test_a_click_that_the_text_ignores_comes_once(
    button: Qt.MouseButton, below: int, new_harness: NewHarness, qtbot: QtBot
) -> None:
    harness, counting = new_harness("one line"), Counting()
    harness.editor.viewport().installEventFilter(counting)
    qtbot.mousePress(harness.editor.viewport(), button, pos=QPoint(40, below))
    assert counting.count == 1


@pytest.mark.parametrize("angle", [-240, 240])
def test_a_wheel_that_can_scroll_no_further_comes_once(angle: int, new_harness: NewHarness) -> None:
    harness, counting = new_harness("one line"), Counting()
    harness.editor.viewport().installEventFilter(counting)
    QApplication.sendEvent(harness.editor.viewport(), turned(angle))
    assert counting.count == 1
