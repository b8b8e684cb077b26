"""The map and the plot in the real window: Ctrl+5, clicks, what is in view, and that the text does not move."""

from collections.abc import Callable
from typing import Any

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from desktop.overview.plot import LINE, SIDE

Key = Qt.Key
Left = Qt.MouseButton.LeftButton


@pytest.fixture
def written(hand: Any) -> Any:
    hand.types("Once upon a time")
    hand.sets(length=400, seed=2)
    hand.writes()
    return hand


def parts(hand: Any) -> Any:
    return hand.program.colouring.plotting


def test_ctrl_5_opens_and_closes_the_plot(written: Any) -> None:
    plot, map_ = parts(written).plot, parts(written).map
    assert not plot.isVisible() and not map_.isVisible()
    written.ctrl(Key.Key_5)
    assert plot.isVisible() and map_.isVisible() and plot.height() == 80
    written.until(lambda: map_._numbers[1].sum() == written.program.page.token_count)
    written.ctrl(Key.Key_5)
    assert not plot.isVisible() and not map_.isVisible()
    written.ctrl(Key.Key_H)
    assert not plot.isVisible() and map_.isVisible()


def test_the_map_moves_no_text(written: Any) -> None:
    view = written.program.editor
    before = view.viewport().geometry()
    written.ctrl(Key.Key_H)
    assert view.viewport().geometry().width() == before.width() and view.viewport().x() == before.x()
    assert parts(written).map.width() == 6


def test_the_plot_shows_what_is_in_view_and_what_is_selected(written: Any) -> None:
    written.ctrl(Key.Key_5)
    plot, view = parts(written).plot, written.program.editor
    view.set_caret(0)
    written.until(lambda: plot._columns.starts[0] == 0)
    start, end = view.in_view()
    assert start == 0 and plot._columns.ends[-1] <= written.program.page.length and end > 200
    assert not plot.read.isHidden()  # of "Once upon a time" nobody knows the odds
    view.select(40, 90)
    written.until(lambda: (plot._columns.starts[0], plot._columns.ends[-1]) == (40, 90))


def test_clicks_go_there_and_drags_select(written: Any) -> None:
    written.ctrl(Key.Key_5)
    plot, view = parts(written).plot, written.program.editor
    written.until(lambda: len(plot._columns) > 20)
    written.qtbot.mouseClick(plot, Left, pos=QPoint(SIDE + 2, LINE // 2))
    assert view.page_position() < 40
    written.until(lambda: plot._columns.starts[0] == 0)
    QTest.mousePress(plot, Left, pos=QPoint(plot.width() // 3, 60))
    QTest.mouseMove(plot, QPoint(plot.width() // 2, 60))
    QTest.mouseRelease(plot, Left, pos=QPoint(plot.width() // 2, 60))
    start, end = view.page_selection()
    assert 0 < start < end and view.hasFocus()
    assert written.program.page.span_at(start) == (start, written.program.page.span_at(start)[1])


def test_arrow_keys_go_from_token_to_token_and_enter_to_the_page(written: Any) -> None:
    written.ctrl(Key.Key_5)
    plot, view, page = parts(written).plot, written.program.editor, written.program.page
    written.until(lambda: len(plot._columns) > 20)
    view.set_caret(len("Once upon a time"))
    plot.setFocus()
    written.qtbot.keyClick(plot, Key.Key_Right)
    first = page.span_at(len("Once upon a time"))
    assert view.page_position() == first[1] and plot.hasFocus()
    written.qtbot.keyClick(plot, Key.Key_Right)
    second = view.page_position()
    assert second > first[1]
    written.until(lambda: plot._caret == second)
    column = plot._column_at(plot._caret_marks()[1] - 1)
    assert plot._columns.ends[column] == second
    written.qtbot.keyClick(plot, Key.Key_Left)
    assert view.page_position() == first[1]
    written.qtbot.keyClick(plot, Key.Key_Return)
    assert view.hasFocus() and view.page_position() == first[1]


def test_a_click_on_the_map_scrolls_and_keeps_the_caret(written: Any) -> None:
    written.program.window.resize(1180, 420)
    written.ctrl(Key.Key_H)
    view, map_ = written.program.editor, parts(written).map
    caret = view.page_position()
    written.until(lambda: view.verticalScrollBar().value() > 0)
    written.qtbot.mouseClick(map_, Left, pos=QPoint(3, 1))
    assert view.in_view()[0] < 100 and view.page_position() == caret and not view.following


def test_reading_from_the_plot(written: Any) -> None:
    written.ctrl(Key.Key_5)
    plot, view = parts(written).plot, written.program.editor
    view.set_caret(0)
    written.until(lambda: not plot.read.isHidden())
    written.qtbot.mouseClick(plot.read, Left)
    written.until(lambda: written.program.page.span_at(2) is not None)


def test_the_next_start_has_the_plot(start: Callable[[], Any]) -> None:
    first = start()
    first.ctrl(Key.Key_5)
    second = start()
    assert parts(second).plot.isVisible() and second.program.window.actions_["show_plot"].isChecked()
