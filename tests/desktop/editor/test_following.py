"""The view and the end of the page: the keys that go there, what counts as being there, and who scrolled away."""

from collections.abc import Callable

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication

from desktop.editor.below_view import Below
from desktop.editor.spacing import spacing_of
from tests.desktop.editor.desk import CONTROL, NONE, SHIFT, Desk

Key = Qt.Key
Desks = Callable[..., Desk]
SHORT = "\n".join(f"Line {number} of the page." for number in range(2_000))
WRAPPED = "\n".join(
    f"{number} " + "words that fill more than one line of a narrow column " * 4 for number in range(600)
)
ONE = "one paragraph that never ends " * 4_000


def turn(desk: Desk, pixels: int = 0, degrees: int = 0) -> None:
    """Turn the wheel, or move two fingers: up where it is more than 0."""
    place = QPointF(desk.editor.viewport().rect().center())
    event = QWheelEvent(
        place,
        desk.editor.viewport().mapToGlobal(place),
        QPoint(0, pixels),
        QPoint(0, degrees),
        Qt.MouseButton.NoButton,
        NONE,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(desk.editor.viewport(), event)


def at_end(desk: Desk) -> bool:
    desk.settle()
    return desk.bar.maximum() > 0 and desk.bar.value() == desk.bar.maximum()


@pytest.mark.parametrize("height", [300, 500, 777])
@pytest.mark.parametrize("text", [SHORT, WRAPPED, ONE, SHORT + "\n" * 30])
@pytest.mark.parametrize("modifiers", [CONTROL, CONTROL | SHIFT])
def test_keys_go_to_the_real_ends(new_desk: Desks, text: str, height: int, modifiers: Qt.KeyboardModifier) -> None:
    desk = new_desk(text, size=(500, height))
    desk.press(Key.Key_End, "", modifiers)
    assert at_end(desk)
    assert desk.editor.following
    assert desk.editor.page_position() == desk.page.length
    desk.press(Key.Key_Home, "", modifiers)
    desk.settle()
    assert desk.bar.value() == 0
    assert not desk.editor.following
    assert desk.editor.page_selection() == (0, 0)


def test_keys_go_to_the_real_ends_of_a_page_that_is_being_filled(new_desk: Desks) -> None:
    desk = new_desk(SHORT, slice_=2_000)
    desk.press(Key.Key_End, "", CONTROL)
    assert desk.editor.filling
    desk.editor.fill()
    assert at_end(desk)
    desk = new_desk(SHORT, slice_=2_000)
    desk.caret(40)
    desk.press(Key.Key_End, "", CONTROL | SHIFT)
    assert desk.editor.page_selection() == (40, desk.page.length)
    assert at_end(desk)


@pytest.mark.parametrize(("lines", "follows"), [(0, True), (1, True), (2, True), (3, False), (9, False)])
def test_within_two_lines_of_the_end_counts_as_the_end(new_desk: Desks, lines: int, follows: bool) -> None:
    desk = new_desk(SHORT)
    desk.editor.follow()
    desk.bar.setValue(desk.bar.maximum() - lines)
    before = desk.bar.value()
    for _ in range(20):
        desk.stream("more", "\n")
    assert at_end(desk) is follows
    assert follows or desk.bar.value() == before


def test_what_is_written_elsewhere_does_not_bring_the_end_into_view(new_desk: Desks) -> None:
    desk = new_desk(SHORT)
    desk.editor.follow()
    desk.bar.setValue(desk.bar.maximum() - 2)
    before = desk.bar.value()
    desk.page.write(desk.page.length, 0, "one more\n")
    assert desk.bar.value() == before


def test_a_tick_of_the_wheel_leaves_the_end_and_another_comes_back(new_desk: Desks) -> None:
    desk = new_desk(SHORT)
    desk.editor.follow()
    desk.stream("more")
    turn(desk, degrees=120)
    before = desk.bar.value()
    assert before < desk.bar.maximum()
    desk.stream("more", "\n", "more", "\n")
    assert desk.bar.value() == before
    for _ in range(3):
        turn(desk, degrees=-120)
    desk.stream("more", "\n")
    assert at_end(desk)


def test_a_finger_that_scrolls_by_single_lines_is_not_pulled_back(new_desk: Desks) -> None:
    desk = new_desk(SHORT)
    desk.editor.follow()
    desk.stream("more")
    places = [desk.bar.value()]
    for _ in range(6):
        turn(desk, degrees=40)
        desk.stream("more")
        places.append(desk.bar.value())
    assert places == sorted(places, reverse=True)
    assert places[-1] < places[0] - 2
    desk.editor.follow()
    desk.stream("more", "\n")
    assert at_end(desk)


def test_whoever_scrolled_away_is_told_that_the_model_writes_below(new_desk: Desks) -> None:
    desk = new_desk(SHORT)
    told: list[Below] = []
    desk.editor.below_changed.connect(told.append)
    desk.editor.show_writing(True)
    assert told == [Below.WRITING]
    desk.editor.follow()
    desk.stream("more", "\n")
    desk.bar.setValue(desk.bar.maximum() - 2)
    desk.stream("more", "\n")
    assert told == [Below.WRITING, Below.NOTHING]
    turn(desk, degrees=120)
    assert told[2:] == [Below.WRITING]
    desk.press(Key.Key_End, "", CONTROL)
    assert told[3:] == [Below.NOTHING]
    desk.editor.show_writing(False)
    desk.bar.setValue(10)
    assert len(told) == 4


Leaving = Callable[[Desk], object]
AWAY: dict[str, Leaving] = {
    "scrolls there": lambda desk: desk.bar.setValue(desk.bar.maximum()),
    "scrolls near": lambda desk: desk.bar.setValue(desk.bar.maximum() - 1),
    "follows": lambda desk: desk.editor.follow(),
    "goes there": lambda desk: desk.press(Key.Key_End, "", CONTROL),
    "types": lambda desk: desk.type("x"),
    "changes it elsewhere": lambda desk: desk.page.write(0, 0, "x"),
    "takes it back": lambda desk: desk.page.undo(),
    "opens another page": lambda desk: desk.page.put(desk.page.blank()),
    "has it read": lambda desk: desk.editor.show_writing(False, True),
}


@pytest.mark.parametrize("leaving", AWAY)
def test_where_the_model_ended_is_told_until_the_reader_goes_on(new_desk: Desks, leaving: str) -> None:
    desk = new_desk(SHORT)
    desk.editor.follow()
    desk.editor.show_writing(True, True)
    desk.stream("more", "\n")
    desk.caret_without_scrolling(0)
    desk.bar.setValue(10)
    told: list[Below] = []
    desk.editor.below_changed.connect(told.append)
    desk.editor.show_writing(False)
    assert told == [Below.ENDED]
    desk.editor.show_writing(False)
    desk.bar.setValue(0)
    desk.bar.setValue(500)
    assert told == [Below.ENDED]
    AWAY[leaving](desk)
    assert told == [Below.ENDED, Below.NOTHING]
    desk.editor.show_writing(False)
    assert len(told) == 2


def test_a_page_that_is_two_lines_too_long_stays_where_its_start_is_in_view(new_desk: Desks) -> None:
    desk = new_desk()
    desk.type("a")
    while desk.bar.maximum() < 2:
        desk.type("\n")
        desk.settle()
    desk.press(Key.Key_Home, "", CONTROL)
    desk.type("b")
    desk.editor.resize(690, 500)
    desk.settle()
    assert desk.bar.value() == 0


def test_the_caret_does_not_stand_below_what_floats_over_the_foot(new_desk: Desks) -> None:
    desk = new_desk(SHORT)
    desk.editor.covered.foot = lambda: 120

    def free() -> bool:
        return desk.editor.cursorRect().bottom() <= desk.editor.viewport().height() - 120

    foot = desk.editor.cursorForPosition(desk.editor.viewport().rect().bottomLeft() - QPoint(0, 60)).position()
    desk.caret_without_scrolling(foot)
    assert not free()
    before = desk.bar.value()
    desk.press(Key.Key_C, "", CONTROL)
    assert desk.bar.value() == before
    desk.type("x")
    assert free()
    for _ in range(30):
        desk.press(Key.Key_Down)
        assert free()
    desk.editor.select(desk.page.length // 2, desk.page.length // 2 + 4)
    assert free()


def cover(desk: Desk, pixels: int) -> None:
    """Float something over the foot, or take it away."""
    desk.editor.covered.foot = lambda: pixels
    desk.editor.make_room(pixels)
    desk.settle()


def end_above_foot(desk: Desk) -> int:
    """How far the foot of the last line stands above the foot of the view, in pixels."""
    cursor = desk.editor.textCursor()
    cursor.movePosition(cursor.MoveOperation.End)
    return desk.editor.viewport().height() - desk.editor.cursorRect(cursor).bottom()


@pytest.mark.parametrize("covered", [40, 120, 300])
@pytest.mark.parametrize("text", [SHORT, WRAPPED, ONE, SHORT + "\n" * 30])
def test_the_end_can_be_brought_above_what_floats_over_the_foot(new_desk: Desks, text: str, covered: int) -> None:
    desk = new_desk(text)
    pitch = spacing_of(desk.editor.document()).pitch
    desk.press(Key.Key_End, "", CONTROL)
    desk.settle()
    before, top = end_above_foot(desk), desk.bar.value()
    cover(desk, covered)
    assert end_above_foot(desk) == before, "the text moved"
    assert desk.editor.following
    desk.press(Key.Key_End, "", CONTROL)
    assert at_end(desk)
    assert covered < end_above_foot(desk) <= covered + 2 * pitch + 40
    raised = end_above_foot(desk)
    cover(desk, 0)
    assert end_above_foot(desk) == raised, "the text moved"
    assert desk.editor.following
    desk.bar.setValue(top - 20)
    desk.settle()
    desk.bar.setValue(desk.bar.maximum())
    desk.settle()
    assert end_above_foot(desk) == before


def test_what_is_written_stays_above_what_floats_and_fills_its_room_when_it_is_gone(new_desk: Desks) -> None:
    desk = new_desk(SHORT)
    desk.editor.follow()
    desk.settle()
    before = end_above_foot(desk)
    cover(desk, 90)
    for _ in range(30):
        desk.stream("more", "\n")
        desk.settle()
        assert end_above_foot(desk) > 90 and desk.editor.following
    cover(desk, 0)
    value = desk.bar.value()
    for _ in range(3):
        desk.stream("more\n")
        desk.settle()
    assert desk.bar.value() <= value + 1, "lines fill the room first"
    for _ in range(9):
        desk.stream("more\n")
        desk.settle()
    assert desk.editor.following and at_end(desk)
    assert abs(end_above_foot(desk) - before) <= spacing_of(desk.editor.document()).pitch


def test_a_page_that_is_in_view_scrolls_only_where_its_end_is_covered(new_desk: Desks) -> None:
    desk = new_desk("one line")
    cover(desk, 120)
    assert desk.bar.maximum() == 0
    for _ in range(60):
        if end_above_foot(desk) <= 100:
            break
        desk.editor.covered.foot = lambda: 0  # the caret is left where it comes to be
        desk.type("\n")
    desk.editor.covered.foot = lambda: 120
    desk.press(Key.Key_End, "", CONTROL)
    desk.settle()
    assert end_above_foot(desk) > 120
    desk.press(Key.Key_Home, "", CONTROL)
    cover(desk, 0)
    assert desk.bar.maximum() == 0


def test_taking_all_away_leaves_no_room_below(new_desk: Desks) -> None:
    desk = new_desk(SHORT)
    cover(desk, 120)
    desk.editor.follow()
    cover(desk, 0)
    desk.press(Key.Key_A, "", CONTROL)
    desk.press(Key.Key_Delete)
    desk.settle()
    assert desk.bar.maximum() == desk.bar.value() == 0


@pytest.mark.parametrize("height", [30, 60, 200])
def test_room_in_a_window_that_is_lower_than_it(new_desk: Desks, height: int) -> None:
    desk = new_desk(SHORT, size=(500, height))
    desk.editor.follow()
    cover(desk, 150)
    desk.editor.follow()
    for _ in range(5):
        desk.stream("more\n")
    desk.settle()
    assert desk.editor.following and desk.bar.value() <= desk.editor.document().lineCount() - 1
    cover(desk, 0)
    desk.bar.setValue(0)
    desk.settle()
    desk.press(Key.Key_End, "", CONTROL)
    assert at_end(desk)


def test_room_holds_through_size_and_zoom(new_desk: Desks) -> None:
    desk = new_desk(WRAPPED)
    cover(desk, 100)
    desk.editor.follow()
    for size in ((690, 480), (400, 300), (900, 700)):
        desk.editor.resize(*size)
        desk.settle()
        assert desk.editor.following and end_above_foot(desk) > 100
    font = desk.editor.font()
    font.setPointSize(font.pointSize() + 6)
    desk.editor.text_style.set_font(font)
    desk.settle()
    assert desk.editor.following and end_above_foot(desk) > 100


def test_who_scrolls_up_while_something_floats_is_left_there(new_desk: Desks) -> None:
    desk = new_desk(SHORT)
    desk.editor.follow()
    cover(desk, 120)
    turn(desk, degrees=360)
    value = desk.bar.value()
    for _ in range(5):
        desk.stream("more\n")
        desk.settle()
    assert desk.bar.value() == value and not desk.editor.following
