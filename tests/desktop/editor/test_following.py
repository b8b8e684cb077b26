"""Following the end of the page: the keys that go there, what counts as the end, and scrolling away from it."""

from collections.abc import Callable

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication

from desktop.editor.below_view import Below
from desktop.editor.spacing import spacing_of
from tests.desktop.editor.harness import CONTROL, NONE, SHIFT, EditorHarness

Key = Qt.Key
NewHarness = Callable[..., EditorHarness]
SHORT = "\n".join(f"Line {number} of the page." for number in range(2_000))
WRAPPED = "\n".join(
    f"{number} " + "words that fill more than one line of a narrow column " * 4 for number in range(600)
)
ONE = "one paragraph that never ends " * 4_000


def turn(harness: EditorHarness, pixels: int = 0, degrees: int = 0) -> None:
    """Turn the wheel, or scroll a touchpad; positive is up."""
    place = QPointF(harness.editor.viewport().rect().center())
    event = QWheelEvent(
        place,
        harness.editor.viewport().mapToGlobal(place),
        QPoint(0, pixels),
        QPoint(0, degrees),
        Qt.MouseButton.NoButton,
        NONE,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(harness.editor.viewport(), event)


def at_end(harness: EditorHarness) -> bool:
    harness.settle()
    return harness.bar.maximum() > 0 and harness.bar.value() == harness.bar.maximum()


@pytest.mark.parametrize("height", [300, 500, 777])
@pytest.mark.parametrize("text", [SHORT, WRAPPED, ONE, SHORT + "\n" * 30])
@pytest.mark.parametrize("modifiers", [CONTROL, CONTROL | SHIFT])
def test_keys_go_to_the_real_ends(
    new_harness: NewHarness, text: str, height: int, modifiers: Qt.KeyboardModifier
) -> None:
    harness = new_harness(text, size=(500, height))
    harness.press(Key.Key_End, "", modifiers)
    assert at_end(harness)
    assert harness.editor.following
    assert harness.editor.page_position() == harness.page.length
    harness.press(Key.Key_Home, "", modifiers)
    harness.settle()
    assert harness.bar.value() == 0
    assert not harness.editor.following
    assert harness.editor.page_selection() == (0, 0)


def test_keys_go_to_the_real_ends_of_a_page_that_is_being_filled(new_harness: NewHarness) -> None:
    harness = new_harness(SHORT, slice_=2_000)
    harness.press(Key.Key_End, "", CONTROL)
    assert harness.editor.filling
    harness.editor.fill()
    assert at_end(harness)
    harness = new_harness(SHORT, slice_=2_000)
    harness.caret(40)
    harness.press(Key.Key_End, "", CONTROL | SHIFT)
    assert harness.editor.page_selection() == (40, harness.page.length)
    assert at_end(harness)


@pytest.mark.parametrize(("lines", "follows"), [(0, True), (1, True), (2, True), (3, False), (9, False)])
def test_within_two_lines_of_the_end_counts_as_the_end(new_harness: NewHarness, lines: int, follows: bool) -> None:
    harness = new_harness(SHORT)
    harness.editor.follow()
    harness.bar.setValue(harness.bar.maximum() - lines)
    before = harness.bar.value()
    for _ in range(20):
        harness.stream("more", "\n")
    assert at_end(harness) is follows
    assert follows or harness.bar.value() == before


def test_writing_elsewhere_does_not_scroll_to_the_end(new_harness: NewHarness) -> None:
    harness = new_harness(SHORT)
    harness.editor.follow()
    harness.bar.setValue(harness.bar.maximum() - 2)
    before = harness.bar.value()
    harness.page.write(harness.page.length, 0, "one more\n")
    assert harness.bar.value() == before


def test_a_tick_of_the_wheel_leaves_the_end_and_another_comes_back(new_harness: NewHarness) -> None:
    harness = new_harness(SHORT)
    harness.editor.follow()
    harness.stream("more")
    turn(harness, degrees=120)
    before = harness.bar.value()
    assert before < harness.bar.maximum()
    harness.stream("more", "\n", "more", "\n")
    assert harness.bar.value() == before
    for _ in range(3):
        turn(harness, degrees=-120)
    harness.stream("more", "\n")
    assert at_end(harness)


def test_a_finger_that_scrolls_by_single_lines_is_not_pulled_back(new_harness: NewHarness) -> None:
    harness = new_harness(SHORT)
    harness.editor.follow()
    harness.stream("more")
    places = [harness.bar.value()]
    for _ in range(6):
        turn(harness, degrees=40)
        harness.stream("more")
        places.append(harness.bar.value())
    assert places == sorted(places, reverse=True)
    assert places[-1] < places[0] - 2
    harness.editor.follow()
    harness.stream("more", "\n")
    assert at_end(harness)


def test_below_changed_says_that_the_model_writes_below_the_view(new_harness: NewHarness) -> None:
    harness = new_harness(SHORT)
    emitted: list[Below] = []
    harness.editor.below_changed.connect(emitted.append)
    harness.editor.show_writing(True)
    assert emitted == [Below.WRITING]
    harness.editor.follow()
    harness.stream("more", "\n")
    harness.bar.setValue(harness.bar.maximum() - 2)
    harness.stream("more", "\n")
    assert emitted == [Below.WRITING, Below.NOTHING]
    turn(harness, degrees=120)
    assert emitted[2:] == [Below.WRITING]
    harness.press(Key.Key_End, "", CONTROL)
    assert emitted[3:] == [Below.NOTHING]
    harness.editor.show_writing(False)
    harness.bar.setValue(10)
    assert len(emitted) == 4


Leaving = Callable[[EditorHarness], object]
AWAY: dict[str, Leaving] = {
    "scrolls there": lambda harness: harness.bar.setValue(harness.bar.maximum()),
    "scrolls near": lambda harness: harness.bar.setValue(harness.bar.maximum() - 1),
    "follows": lambda harness: harness.editor.follow(),
    "goes there": lambda harness: harness.press(Key.Key_End, "", CONTROL),
    "types": lambda harness: harness.type("x"),
    "changes it elsewhere": lambda harness: harness.page.write(0, 0, "x"),
    "takes it back": lambda harness: harness.page.undo(),
    "opens another page": lambda harness: harness.page.put(harness.page.blank()),
    "has it read": lambda harness: harness.editor.show_writing(False, True),
}


@pytest.mark.parametrize("leaving", AWAY)
def test_below_changed_says_that_the_model_ended_until_the_reader_goes_on(
    new_harness: NewHarness, leaving: str
) -> None:
    harness = new_harness(SHORT)
    harness.editor.follow()
    harness.editor.show_writing(True, True)
    harness.stream("more", "\n")
    harness.caret_without_scrolling(0)
    harness.bar.setValue(10)
    emitted: list[Below] = []
    harness.editor.below_changed.connect(emitted.append)
    harness.editor.show_writing(False)
    assert emitted == [Below.ENDED]
    harness.editor.show_writing(False)
    harness.bar.setValue(0)
    harness.bar.setValue(500)
    assert emitted == [Below.ENDED]
    AWAY[leaving](harness)
    assert emitted == [Below.ENDED, Below.NOTHING]
    harness.editor.show_writing(False)
    assert len(emitted) == 2


def test_a_page_that_is_two_lines_too_long_stays_where_its_start_is_in_view(new_harness: NewHarness) -> None:
    harness = new_harness()
    harness.type("a")
    while harness.bar.maximum() < 2:
        harness.type("\n")
        harness.settle()
    harness.press(Key.Key_Home, "", CONTROL)
    harness.type("b")
    harness.editor.resize(690, 500)
    harness.settle()
    assert harness.bar.value() == 0


def test_the_caret_stays_above_a_floating_widget(new_harness: NewHarness) -> None:
    harness = new_harness(SHORT)
    harness.editor.covered.foot = lambda: 120

    def free() -> bool:
        return harness.editor.cursorRect().bottom() <= harness.editor.viewport().height() - 120

    foot = harness.editor.cursorForPosition(harness.editor.viewport().rect().bottomLeft() - QPoint(0, 60)).position()
    harness.caret_without_scrolling(foot)
    assert not free()
    before = harness.bar.value()
    harness.press(Key.Key_C, "", CONTROL)
    assert harness.bar.value() == before
    harness.type("x")
    assert free()
    for _ in range(30):
        harness.press(Key.Key_Down)
        assert free()
    harness.editor.select(harness.page.length // 2, harness.page.length // 2 + 4)
    assert free()


def cover(harness: EditorHarness, pixels: int) -> None:
    """Cover pixels at the foot of the view, or none."""
    harness.editor.covered.foot = lambda: pixels
    harness.editor.make_room(pixels)
    harness.settle()


def end_above_foot(harness: EditorHarness) -> int:
    """Pixels from the foot of the last line to the foot of the view."""
    cursor = harness.editor.textCursor()
    cursor.movePosition(cursor.MoveOperation.End)
    return harness.editor.viewport().height() - harness.editor.cursorRect(cursor).bottom()


@pytest.mark.parametrize("covered", [40, 120, 300])
@pytest.mark.parametrize("text", [SHORT, WRAPPED, ONE, SHORT + "\n" * 30])
def test_the_end_can_be_scrolled_above_a_floating_widget(new_harness: NewHarness, text: str, covered: int) -> None:
    harness = new_harness(text)
    pitch = spacing_of(harness.editor.document()).pitch
    harness.press(Key.Key_End, "", CONTROL)
    harness.settle()
    before, top = end_above_foot(harness), harness.bar.value()
    cover(harness, covered)
    assert end_above_foot(harness) == before, "the text moved"
    assert harness.editor.following
    harness.press(Key.Key_End, "", CONTROL)
    assert at_end(harness)
    assert covered < end_above_foot(harness) <= covered + 2 * pitch + 40
    raised = end_above_foot(harness)
    cover(harness, 0)
    assert end_above_foot(harness) == raised, "the text moved"
    assert harness.editor.following
    harness.bar.setValue(top - 20)
    harness.settle()
    harness.bar.setValue(harness.bar.maximum())
    harness.settle()
    assert end_above_foot(harness) == before


def test_new_text_stays_above_a_floating_widget_and_fills_its_room_afterwards(new_harness: NewHarness) -> None:
    harness = new_harness(SHORT)
    harness.editor.follow()
    harness.settle()
    before = end_above_foot(harness)
    cover(harness, 90)
    for _ in range(30):
        harness.stream("more", "\n")
        harness.settle()
        assert end_above_foot(harness) > 90 and harness.editor.following
    cover(harness, 0)
    value = harness.bar.value()
    for _ in range(3):
        harness.stream("more\n")
        harness.settle()
    assert harness.bar.value() <= value + 1, "lines fill the room first"
    for _ in range(9):
        harness.stream("more\n")
        harness.settle()
    assert harness.editor.following and at_end(harness)
    assert abs(end_above_foot(harness) - before) <= spacing_of(harness.editor.document()).pitch


def test_a_page_that_is_in_view_scrolls_only_where_its_end_is_covered(new_harness: NewHarness) -> None:
    harness = new_harness("one line")
    cover(harness, 120)
    assert harness.bar.maximum() == 0
    for _ in range(60):
        if end_above_foot(harness) <= 100:
            break
        harness.editor.covered.foot = lambda: 0  # the caret is left where it comes to be
        harness.type("\n")
    harness.editor.covered.foot = lambda: 120
    harness.press(Key.Key_End, "", CONTROL)
    harness.settle()
    assert end_above_foot(harness) > 120
    harness.press(Key.Key_Home, "", CONTROL)
    cover(harness, 0)
    assert harness.bar.maximum() == 0


def test_removing_all_text_leaves_no_room_below(new_harness: NewHarness) -> None:
    harness = new_harness(SHORT)
    cover(harness, 120)
    harness.editor.follow()
    cover(harness, 0)
    harness.press(Key.Key_A, "", CONTROL)
    harness.press(Key.Key_Delete)
    harness.settle()
    assert harness.bar.maximum() == harness.bar.value() == 0


@pytest.mark.parametrize("height", [30, 60, 200])
def test_room_in_a_window_that_is_lower_than_it(new_harness: NewHarness, height: int) -> None:
    harness = new_harness(SHORT, size=(500, height))
    harness.editor.follow()
    cover(harness, 150)
    harness.editor.follow()
    for _ in range(5):
        harness.stream("more\n")
    harness.settle()
    assert harness.editor.following and harness.bar.value() <= harness.editor.document().lineCount() - 1
    cover(harness, 0)
    harness.bar.setValue(0)
    harness.settle()
    harness.press(Key.Key_End, "", CONTROL)
    assert at_end(harness)


def test_room_holds_through_size_and_zoom(new_harness: NewHarness) -> None:
    harness = new_harness(WRAPPED)
    cover(harness, 100)
    harness.editor.follow()
    for size in ((690, 480), (400, 300), (900, 700)):
        harness.editor.resize(*size)
        harness.settle()
        assert harness.editor.following and end_above_foot(harness) > 100
    font = harness.editor.font()
    font.setPointSize(font.pointSize() + 6)
    harness.editor.text_style.set_font(font)
    harness.settle()
    assert harness.editor.following and end_above_foot(harness) > 100


def test_a_reader_who_scrolls_up_while_something_floats_stays_there(new_harness: NewHarness) -> None:
    harness = new_harness(SHORT)
    harness.editor.follow()
    cover(harness, 120)
    turn(harness, degrees=360)
    value = harness.bar.value()
    for _ in range(5):
        harness.stream("more\n")
        harness.settle()
    assert harness.bar.value() == value and not harness.editor.following
