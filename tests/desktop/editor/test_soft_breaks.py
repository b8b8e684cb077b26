"""Long paragraphs: the keys, the mouse and the lines beside breaks that the page does not have."""

from collections.abc import Callable
from itertools import pairwise

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from tests.desktop.editor.harness import CONTROL, SHIFT, EditorHarness

Key = Qt.Key
NewHarness = Callable[..., EditorHarness]
TEXT = "many words in one endless paragraph " * 60
LIMIT = 300


@pytest.fixture
def long(new_harness: NewHarness) -> EditorHarness:
    """One paragraph in many blocks."""
    harness = new_harness(TEXT, limit=LIMIT, size=(700, 900))
    assert len(harness.editor.sync.breaks) > 4
    return harness


def first_break(harness: EditorHarness) -> int:
    """Its view position; the page position of both its sides is the same number, since it is the first."""
    return int(harness.editor.sync.breaks.positions[0])


def line_texts(harness: EditorHarness) -> list[str]:
    texts: list[str] = []
    block = harness.editor.document().firstBlock()
    while block.isValid():
        harness.editor.blockBoundingRect(block)
        for number in range(block.layout().lineCount()):
            line = block.layout().lineAt(number)
            texts.append(block.text()[line.textStart() : line.textStart() + line.textLength()])
        block = block.next()
    return texts


def test_no_block_is_longer_than_the_limit_allows(long: EditorHarness) -> None:
    long.caret(0)
    for _ in range(40):
        long.stream(" more", " and", " more", at=500)
        long.settle()
    block = long.editor.document().firstBlock()
    while block.isValid():
        assert block.length() <= LIMIT + 40
        block = block.next()
    long.check()


@pytest.mark.parametrize(("key", "by"), [(Key.Key_Right, 1), (Key.Key_Left, -1)])
def test_arrows_step_over_a_break(long: EditorHarness, key: Qt.Key, by: int) -> None:
    start = first_break(long) - 3 * by
    long.caret(start)
    seen: list[int] = []
    for _ in range(6):
        long.press(key)
        seen.append(long.editor.page_position())
    assert seen == [start + by * step for step in range(1, 7)]


@pytest.mark.parametrize(("key", "by"), [(Key.Key_Right, 1), (Key.Key_Left, -1)])
def test_arrows_with_shift_select_across_a_break(long: EditorHarness, key: Qt.Key, by: int) -> None:
    start = first_break(long) - 2 * by
    long.caret(start)
    for _ in range(4):
        long.press(key, "", SHIFT)
    assert long.editor.page_selection() == tuple(sorted((start, start + 4 * by)))
    assert long.editor.page_position() == start + 4 * by


def test_words_are_crossed_as_if_there_were_no_break(long: EditorHarness) -> None:
    place = first_break(long)
    start = TEXT.rfind(" ", 0, place - 1) + 1
    long.caret(start)
    long.press(Key.Key_Right, "", CONTROL)
    long.press(Key.Key_Right, "", CONTROL)
    forward = TEXT.index(" ", TEXT.index(" ", start) + 1) + 1
    assert long.editor.page_position() == forward
    long.press(Key.Key_Left, "", CONTROL)
    long.press(Key.Key_Left, "", CONTROL)
    assert long.editor.page_position() == start


@pytest.mark.parametrize("side", [0, 1])
def test_backspace_and_delete_take_a_character_beside_a_break(long: EditorHarness, side: int) -> None:
    place = first_break(long)
    long.view_caret(place + side)
    long.press(Key.Key_Backspace, "\b")
    assert long.page.text() == TEXT[: place - 1] + TEXT[place:]
    long.page.undo()
    long.settle()
    place = first_break(long)
    long.view_caret(place + side)
    long.press(Key.Key_Delete, "\x7f")
    assert long.page.text() == TEXT[:place] + TEXT[place + 1 :]
    long.check()


@pytest.mark.parametrize("side", [0, 1])
def test_deleting_a_word_beside_a_break(long: EditorHarness, side: int) -> None:
    place = first_break(long)
    long.view_caret(place + side)
    long.press(Key.Key_Backspace, "\b", CONTROL)
    assert long.page.text() == TEXT[: TEXT.rfind(" ", 0, place - 1) + 1] + TEXT[place:]
    long.check()


@pytest.mark.parametrize("side", [0, 1])
def test_typing_on_either_side_of_a_break_is_the_same(long: EditorHarness, side: int) -> None:
    place = first_break(long)
    long.view_caret(place + side)
    long.type("x")
    assert long.page.text() == TEXT[:place] + "x" + TEXT[place:]
    assert long.editor.page_position() == place + 1
    long.check()


def test_home_and_end_stay_on_the_line_that_is_seen(long: EditorHarness) -> None:
    place = first_break(long)
    long.caret(place + 5)
    long.press(Key.Key_Home)
    assert long.editor.page_position() == place
    y = long.editor.cursorRect().top()
    long.press(Key.Key_End)
    assert long.editor.page_position() > place
    assert long.editor.cursorRect().top() == y


def test_down_crosses_breaks_line_by_line(long: EditorHarness) -> None:
    long.caret(0)
    tops: list[int] = []
    for _ in range(12):
        long.press(Key.Key_Down)
        tops.append(long.editor.cursorRect().top())
    steps = {second - first for first, second in pairwise(tops)}
    assert len(steps) == 1


def test_a_third_click_selects_the_whole_paragraph(new_harness: NewHarness, qtbot: QtBot) -> None:
    harness = new_harness("before\n" + TEXT.strip() + "\nafter", limit=LIMIT)
    harness.caret(7 + 400)
    point = harness.editor.cursorRect().center()
    viewport = harness.editor.viewport()
    qtbot.mouseClick(viewport, Qt.MouseButton.LeftButton, pos=point)
    qtbot.mouseDClick(viewport, Qt.MouseButton.LeftButton, pos=point)
    qtbot.mousePress(viewport, Qt.MouseButton.LeftButton, pos=point)
    assert harness.editor.page_selection() == (7, 7 + len(TEXT.strip()))
    qtbot.mouseRelease(viewport, Qt.MouseButton.LeftButton, pos=point)


def test_dragging_selects_across_breaks(long: EditorHarness, qtbot: QtBot) -> None:
    long.caret(0)
    long.settle()
    viewport = long.editor.viewport()
    start, end = QPoint(100, 40), QPoint(300, 600)
    qtbot.mousePress(viewport, Qt.MouseButton.LeftButton, pos=start)
    qtbot.mouseMove(viewport, end)
    drag(long, end)
    qtbot.mouseRelease(viewport, Qt.MouseButton.LeftButton, pos=end)
    first, last = long.editor.page_selection()
    assert len(long.editor.sync.breaks.within(first, last)) > 1
    assert long.editor.createMimeDataFromSelection().text() == TEXT[first:last]


def drag(harness: EditorHarness, point: QPoint) -> None:
    """A move with the button held, which the test kit's own move does not say."""
    place, left = QPointF(point), Qt.MouseButton.LeftButton
    none, plain = Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier
    event = QMouseEvent(QEvent.Type.MouseMove, place, place, none, left, plain)
    QApplication.sendEvent(harness.editor.viewport(), event)


@pytest.mark.parametrize("width", [330, 520, 640])
def test_lines_end_where_they_would_without_breaks(long: EditorHarness, new_harness: NewHarness, width: int) -> None:
    plain = new_harness(TEXT, limit=10**6, size=(width, 900))
    assert long.bar.value() == 0
    long.editor.resize(width, 900)
    long.settle()
    seen = 900 // 40
    assert line_texts(long)[:seen] == line_texts(plain)[:seen]


@pytest.mark.parametrize(("points", "column"), [(9.0, 74), (16.0, 74), (12.5, 40), (12.5, 0)])
def test_lines_end_where_they_would_in_another_font_and_column(
    long: EditorHarness, new_harness: NewHarness, points: float, column: int
) -> None:
    plain = new_harness(TEXT, limit=10**6, size=(700, 900))
    font = long.editor.font()
    font.setPointSizeF(points)
    for harness in (long, plain):
        harness.editor.text_style.set_typography(font, column=column)
        harness.settle()
    seen = 900 // 40
    assert line_texts(long)[:seen] == line_texts(plain)[:seen]


def test_lines_are_right_after_typing_before_a_break(long: EditorHarness, new_harness: NewHarness) -> None:
    long.caret(20)
    long.type("some new words that move everything behind them ")
    long.settle()
    plain = new_harness(long.page.text(), limit=10**6, size=(700, 900))
    assert line_texts(long)[:15] == line_texts(plain)[:15]


def test_deleting_all_between_two_breaks_leaves_no_empty_line(long: EditorHarness) -> None:
    first, second = long.editor.sync.breaks.positions[:2].tolist()
    long.editor.select(first, second - 1)
    long.press(Key.Key_Delete, "\x7f")
    long.settle()
    assert "" not in line_texts(long)
    long.page.undo()
    long.page.write(first, second - 1 - first, "")
    long.settle()
    assert "" not in line_texts(long)
    long.check()


def test_a_megabyte_in_one_paragraph_comes_and_goes(new_harness: NewHarness) -> None:
    harness = new_harness("before after")
    text = "a megabyte of words 😀 in one paragraph " * 25_000
    harness.caret(7)
    harness.paste(text)
    assert harness.page.text() == "before " + text + "after"
    harness.check()
    harness.press(Key.Key_Z, "", CONTROL)
    harness.settle()
    assert harness.page.text() == "before after"
    assert len(harness.editor.sync.breaks) == 0
    harness.check()
