"""The editor under a user's hands: typing, pasting, composing, undo, the caret and the view while the model writes."""

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
from tests.desktop.editor.desk import CONTROL, SHIFT, SOURCE, Desk

Key = Qt.Key
Desks = Callable[..., Desk]


# ----------------------------------------------------------------------------------- writing


def test_typing_goes_to_the_page(desk: Desk) -> None:
    desk.type("ab\nc")
    assert desk.page.text() == "ab\nc"
    desk.check()


def test_shift_return_is_an_ordinary_line_end(desk: Desk) -> None:
    desk.type("a")
    desk.press(Key.Key_Return, "\r", SHIFT)
    desk.type("b")
    assert desk.page.text() == "a\nb"
    desk.check()


def test_typed_letters_are_one_step_of_undo(desk: Desk) -> None:
    desk.type("word")
    desk.press(Key.Key_Z, "", CONTROL)
    assert desk.page.text() == ""
    desk.press(Key.Key_Z, "", CONTROL | SHIFT)
    assert desk.page.text() == "word"
    assert desk.editor.page_position() == 4


def test_undo_and_redo_are_wishes_and_change_nothing_here(desk: Desk, qtbot: QtBot) -> None:
    desk.editor.undo_requested.disconnect(desk.page.undo)
    desk.type("a")
    with qtbot.waitSignal(desk.editor.undo_requested, timeout=100):
        desk.press(Key.Key_Z, "", CONTROL)
    assert desk.page.text() == "a"


def test_an_input_method_writes_only_what_it_commits(desk: Desk) -> None:
    desk.type("ab")
    desk.compose("に")
    desk.compose("にほん")
    assert desk.page.text() == "ab"
    desk.compose("", "日本")
    assert desk.page.text() == "ab日本"
    desk.check()


def test_the_model_writes_while_an_input_method_composes(desk: Desk) -> None:
    desk.type("ab")
    desk.caret(1)
    desk.compose("に")
    desk.stream(" tok", " tok")
    assert desk.page.text() == "ab tok tok"
    desk.editor.viewport().repaint()
    desk.compose("", "日")
    assert desk.page.text() == "a日b tok tok"
    desk.check()


def test_composing_at_the_stream_goes_before_the_next_token(desk: Desk) -> None:
    desk.stream("one")
    desk.caret(3)
    desk.compose("に")
    desk.stream(" two")
    desk.compose("", "日")
    assert desk.page.text() == "one日 two"
    desk.check()


def test_paste_keeps_every_character(desk: Desk) -> None:
    text = "p1\np2\r\np3\u2028p4\u2029p5\tz\x00q\ufdd0\u00a0"
    desk.paste(text)
    assert desk.page.text() == text
    desk.check()
    assert desk.editor.sync.document.raw(0, 6) == "p1\u2029p2\u240d"


def test_paste_replaces_the_selection_and_leaves_the_caret_behind_it(desk: Desk) -> None:
    desk.type("hello")
    desk.editor.select(1, 4)
    desk.paste("EY\n")
    assert desk.page.text() == "hEY\no"
    assert desk.editor.page_position() == 4


def test_copy_takes_the_characters_of_the_page(new_desk: Desks) -> None:
    desk = new_desk("a\r\nb " + "long " * 400, limit=300)
    assert len(desk.editor.sync.breaks) > 3
    desk.editor.selectAll()
    desk.editor.copy()
    assert desk.editor.createMimeDataFromSelection().text() == desk.page.text()


def test_cut_removes_from_the_page(desk: Desk) -> None:
    desk.type("one two")
    desk.editor.select(0, 4)
    desk.editor.cut()
    assert desk.page.text() == "two"
    assert QApplication.clipboard().text() == "one "
    desk.check()


def test_a_change_of_font_or_of_the_document_alone_writes_nothing(desk: Desk) -> None:
    desk.type("hello\nworld")
    desk.editor.setFont(QFont("DejaVu Sans", 15))
    desk.editor.document().markContentsDirty(0, 5)
    desk.settle()
    assert desk.page.text() == "hello\nworld"
    desk.check()


def test_replacing_everything_at_once_is_understood(desk: Desk) -> None:
    desk.type("x")
    desk.editor.setPlainText("hello\nworld")
    assert desk.page.text() == "hello\nworld"
    desk.check()
    desk.editor.selectAll()
    desk.type("y")
    assert desk.page.text() == "y"
    desk.check()


def test_characters_that_qt_would_swallow_have_stand_ins(desk: Desk) -> None:
    desk.stream("a\x00b", "\ufffc", "c\r", "\n", "d\re\u2029f")
    assert desk.view == "a\u2400b\ufffdc\u240d\nd\u240de\u00b6f"
    desk.check()


def test_halves_of_a_character_are_shown_whole_when_they_meet(desk: Desk) -> None:
    desk.page.write(0, 0, "a\ud83d")
    assert desk.view == "a\ufffd"
    desk.page.write(2, 0, "\ude00b")
    assert desk.view == "a😀b"
    desk.page.write(2, 0, "-")
    assert desk.view == "a\ufffd-\ufffdb"
    desk.page.undo()
    assert desk.view == "a😀b"
    desk.check()


def test_an_emoji_is_one_step_and_one_deletion(desk: Desk) -> None:
    desk.paste("a😀b")
    desk.caret(3)
    desk.press(Key.Key_Left)
    assert desk.editor.page_position() == 1
    desk.press(Key.Key_Delete, "\x7f")
    assert desk.page.text() == "ab"
    desk.check()


def test_a_page_that_has_text_is_shown_from_the_first(new_desk: Desks) -> None:
    desk = new_desk("written before " * 300, limit=300)
    assert desk.editor.page_position() == 0
    desk.check()


def test_another_text_is_shown_from_its_start(desk: Desk) -> None:
    desk.type("old")
    desk.page.put(written("new\n" * 200, Limits()))
    assert desk.editor.page_position() == 0
    assert desk.bar.value() == 0
    desk.check()


# ----------------------------------------------------------------------------------- the stream and the caret


def test_a_caret_where_the_model_writes_goes_along_and_the_writer_writes_on_there(desk: Desk) -> None:
    desk.type("ab")
    desk.stream(" one", " two")
    assert desk.editor.page_position() == 10
    desk.type("c")
    assert desk.page.text() == "ab one twoc"


def test_a_caret_elsewhere_stays_while_the_model_writes(desk: Desk) -> None:
    desk.type("ab")
    desk.press(Key.Key_Left)
    desk.stream(" one", " two")
    assert desk.editor.page_position() == 1


def test_a_caret_at_the_end_stays_there_when_another_branch_is_shown(desk: Desk) -> None:
    desk.type("ab")
    desk.stream(" one")
    desk.page.regenerate(SOURCE)
    assert (desk.page.text(), desk.editor.page_position()) == ("ab one", 6)  # until the first token comes
    desk.stream(" another")
    assert (desk.page.text(), desk.editor.page_position()) == ("ab another", 10)
    desk.page.end_generation()
    desk.page.previous_branch()
    assert (desk.page.text(), desk.editor.page_position()) == ("ab one", 6)


def test_the_stream_does_not_grow_a_selection_that_ends_where_it_writes(desk: Desk) -> None:
    desk.type("abcd")
    desk.editor.select(1, 4)
    desk.stream(" one")
    assert desk.editor.page_selection() == (1, 4)


def test_the_stream_does_not_grow_a_selection_that_starts_where_it_writes(desk: Desk) -> None:
    desk.type("abcd")
    desk.editor.select(2, 4)
    desk.stream(" one", at=2)
    assert desk.editor.page_selection() == (6, 8)


def test_a_selection_made_backwards_stays_backwards(desk: Desk) -> None:
    desk.type("abcd")
    desk.view_caret(1, anchor=4)
    desk.stream(" one")
    cursor = desk.editor.textCursor()
    assert (cursor.anchor(), cursor.position()) == (4, 1)


def test_the_caret_is_told_in_page_positions_and_once(desk: Desk) -> None:
    told: list[int] = []
    desk.editor.caret_moved.connect(told.append)
    desk.type("ab")
    desk.stream(" one")
    desk.press(Key.Key_Left)
    assert told == [1, 2, 6, 5]


def test_text_before_the_caret_takes_it_along(desk: Desk) -> None:
    desk.type("ab")
    told: list[int] = []
    desk.editor.caret_moved.connect(told.append)
    desk.stream("123", at=0)
    assert (desk.editor.page_position(), told) == (5, [5])


def test_undo_leaves_the_caret_behind_what_came_back(desk: Desk) -> None:
    desk.type("one two three")
    desk.editor.select(0, 4)
    desk.press(Key.Key_Delete, "\x7f")
    desk.caret(9)
    desk.press(Key.Key_Z, "", CONTROL)
    assert desk.page.text() == "one two three"
    assert desk.editor.page_position() == 4


# ----------------------------------------------------------------------------------- the stream and the view


def test_the_view_follows_the_end_of_the_stream(desk: Desk) -> None:
    for _ in range(60):
        desk.stream(" some words", "\n")
    assert desk.bar.maximum() > 0
    assert desk.bar.value() == desk.bar.maximum()
    assert desk.editor.following


def test_scrolling_up_stops_following_and_coming_back_resumes_it(desk: Desk) -> None:
    facts: list[bool] = []
    desk.editor.following_changed.connect(facts.append)
    for _ in range(60):
        desk.stream("line", "\n")
    desk.bar.setValue(3)
    for _ in range(60):
        desk.stream("line", "\n")
    assert desk.bar.value() == 3
    desk.editor.follow()
    desk.stream("line", "\n")
    assert desk.bar.value() == desk.bar.maximum()
    assert facts == [False, True]


def test_the_view_does_not_move_to_the_caret_while_it_is_elsewhere(desk: Desk) -> None:
    desk.type("start")
    for _ in range(60):
        desk.stream("line", "\n")
    desk.bar.setValue(20)
    desk.stream("line", "\n")
    assert desk.bar.value() == 20


def test_text_above_the_view_does_not_move_it(new_desk: Desks) -> None:
    desk = new_desk("\n".join(f"line {number}" for number in range(300)))
    desk.bar.setValue(150)
    top = desk.editor.firstVisibleBlock().text()
    for _ in range(20):
        desk.stream("new", "\n", " and more words to fill a line", at=10)
    assert desk.editor.firstVisibleBlock().text() == top


def test_text_above_within_one_long_paragraph_does_not_move_the_view(new_desk: Desks) -> None:
    desk = new_desk("many words in one paragraph " * 800)
    desk.bar.setValue(100)
    desk.settle()
    line = desk.editor.cursorForPosition(desk.editor.viewport().rect().topLeft() + QPointF(60, 5).toPoint())
    before = line.block().text()[line.positionInBlock() :][:20]
    for _ in range(40):
        desk.stream(" new words", at=10)
    desk.settle()
    line = desk.editor.cursorForPosition(desk.editor.viewport().rect().topLeft() + QPointF(60, 5).toPoint())
    assert line.block().text()[line.positionInBlock() :][:20] == before


def test_resizing_keeps_the_end_in_view(desk: Desk) -> None:
    for _ in range(60):
        desk.stream(" some words that make a line or two when the window is narrow enough for that", "\n")
    desk.editor.resize(320, 300)
    desk.settle()
    assert desk.bar.value() == desk.bar.maximum()


def test_switching_to_another_branch_brings_its_start_into_view(new_desk: Desks) -> None:
    desk = new_desk("\n".join(f"line {number}" for number in range(300)))
    desk.stream(" one")
    desk.page.regenerate(desk.source)
    desk.stream(" two")
    desk.page.end_generation()
    desk.bar.setValue(0)
    desk.page.previous_branch()
    assert desk.page.text().endswith("line 299 one")
    assert desk.bar.value() > 250
    desk.check()


def test_a_larger_font_keeps_the_end_in_view(desk: Desk) -> None:
    for _ in range(60):
        desk.stream("line", "\n")
    font = desk.editor.font()
    font.setPointSizeF(20)
    desk.editor.text_style.set_font(font)
    desk.settle()
    assert desk.bar.value() == desk.bar.maximum()
    assert desk.editor.following
    assert desk.editor.blockBoundingRect(desk.editor.document().firstBlock()).height() > 35


def test_a_position_is_brought_into_view_without_the_caret(new_desk: Desks) -> None:
    desk = new_desk("\n".join(f"line {number}" for number in range(300)))
    target = desk.page.text().index("line 200")
    desk.editor.show_position(target)
    assert desk.editor.page_position() == 0
    assert desk.editor.firstVisibleBlock().blockNumber() < 200 < desk.editor.firstVisibleBlock().blockNumber() + 20


# ----------------------------------------------------------------------------------- looks


def test_the_column_has_its_width_in_a_wide_window_and_all_of_a_narrow_one(new_desk: Desks) -> None:
    wide = new_desk("word " * 100, size=(1600, 400))
    margins = wide.editor.viewportMargins()
    assert margins.left() == margins.right() > 200
    narrow = new_desk("word " * 100, size=(320, 400))
    assert narrow.editor.viewportMargins().left() == 0


def test_a_line_holds_about_seventy_five_characters(new_desk: Desks) -> None:
    desk = new_desk("The old house stood at the edge of a quiet town where nobody had lived. " * 10, size=(1600, 600))
    layout = desk.editor.document().firstBlock().layout()
    lengths = [layout.lineAt(number).textLength() for number in range(layout.lineCount() - 1)]
    assert 65 <= sum(lengths) / len(lengths) <= 85


@pytest.mark.parametrize("column", [30, 60, 120])
def test_the_column_is_as_wide_as_is_set(new_desk: Desks, column: int) -> None:
    desk = new_desk("The old house stood at the edge of a quiet town where nobody had lived. " * 20, size=(1800, 600))
    desk.editor.text_style.set_typography(desk.editor.font(), column=column)
    desk.settle()
    layout = desk.editor.document().firstBlock().layout()
    lengths = [layout.lineAt(number).textLength() for number in range(layout.lineCount() - 1)]
    assert 0.85 * column <= sum(lengths) / len(lengths) <= 1.1 * column


def test_a_column_of_no_width_is_as_wide_as_the_window(new_desk: Desks) -> None:
    desk = new_desk("word " * 100, size=(1600, 400))
    desk.editor.text_style.set_typography(desk.editor.font(), column=0)
    assert desk.editor.viewportMargins().left() == 0
    assert desk.editor.viewport().width() > 1500


def test_lines_stand_as_far_apart_as_is_set(new_desk: Desks) -> None:
    desk = new_desk("one\ntwo\nthree")
    tops: list[int] = []
    for spacing in (1.0, 1.5, 3.0):
        desk.editor.text_style.set_typography(desk.editor.font(), spacing)
        desk.settle()
        desk.caret(0)
        first = desk.editor.cursorRect().top()
        desk.caret(5)
        tops.append(desk.editor.cursorRect().top() - first)
    assert tops[0] < tops[1] < tops[2]
    assert desk.page.text() == "one\ntwo\nthree"
    assert not desk.page.can_redo
    desk.check()


@pytest.mark.parametrize("size", [(60, 40), (120, 700), (1, 1)])
@pytest.mark.parametrize("points", [6, 72])
def test_tiny_windows_and_long_words(new_desk: Desks, size: tuple[int, int], points: int) -> None:
    desk = new_desk("a" * 3_000 + " " + "字" * 500 + "\n" + "word " * 50)
    font = desk.editor.font()
    font.setPointSizeF(points)
    desk.editor.text_style.set_typography(font, 3.0, 400)
    desk.editor.resize(*size)
    desk.settle()
    desk.stream(" more", " and" * 20)
    desk.settle()
    desk.editor.viewport().repaint()
    desk.check()


def test_the_hint_is_painted_on_an_empty_page_only(desk: Desk) -> None:
    def marked() -> int:
        image = desk.editor.viewport().grab().toImage()
        paper = QColor(desk.editor.text_style.colours.paper)
        return sum(image.pixelColor(x, y) != paper for x in range(40, 400, 2) for y in range(20, 60, 2))

    desk.editor.clearFocus()
    assert marked() > 50
    desk.type(" ")
    assert marked() == 0
    assert HINT in desk.editor.accessibleDescription()


def test_colours_come_from_one_value(desk: Desk) -> None:
    desk.editor.text_style.set_colours(DARK)
    corner = desk.editor.grab().toImage().pixelColor(2, 2)
    assert corner == QColor(DARK.paper)
    assert desk.editor.text_style.colours == DARK


# ----------------------------------------------------------------------------------- the wheel


def test_the_wheel_with_control_wishes_another_size(desk: Desk, qtbot: QtBot) -> None:
    with qtbot.waitSignal(desk.editor.zoom_requested, timeout=100) as zoom:
        QApplication.sendEvent(desk.editor.viewport(), turned(240, CONTROL))
    assert zoom.args == [2]


@pytest.mark.parametrize("where", ["text", "margin"])
def test_the_wheel_scrolls_over_the_text_and_beside_it(where: str, new_desk: Desks) -> None:
    desk = new_desk("line\n" * 300, size=(1400, 400))
    target = desk.editor.viewport() if where == "text" else desk.editor
    QApplication.sendEvent(target, turned(-240))
    assert desk.bar.value() > 0


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
    """Counts what comes to a widget, and lets it through a few times."""

    count = 0

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        self.count += event.type() in (QEvent.Type.MouseButtonPress, QEvent.Type.Wheel)
        return self.count > 3


@pytest.mark.parametrize("below", [5, 300])
@pytest.mark.parametrize("button", [Qt.MouseButton.RightButton, Qt.MouseButton.MiddleButton, Qt.MouseButton.BackButton])
def test_a_click_that_means_nothing_to_the_text_comes_once(
    button: Qt.MouseButton, below: int, new_desk: Desks, qtbot: QtBot
) -> None:
    desk, counting = new_desk("one line"), Counting()
    desk.editor.viewport().installEventFilter(counting)
    qtbot.mousePress(desk.editor.viewport(), button, pos=QPoint(40, below))
    assert counting.count == 1


@pytest.mark.parametrize("angle", [-240, 240])
def test_a_wheel_that_can_scroll_no_further_comes_once(angle: int, new_desk: Desks) -> None:
    desk, counting = new_desk("one line"), Counting()
    desk.editor.viewport().installEventFilter(counting)
    QApplication.sendEvent(desk.editor.viewport(), turned(angle))
    assert counting.count == 1
