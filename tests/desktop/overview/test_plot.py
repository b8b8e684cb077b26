"""The plot and the map: where a click and a drag go, what is painted, and their words."""

import math
from collections.abc import Iterator

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPlainTextEdit
from pytestqt.qtbot import QtBot

from desktop.overview.plot import GAP, HEIGHT, LINE, SIDE, Plot
from desktop.overview.surprisal_map import WIDTH, SurprisalMap
from desktop.page.columns import Columns
from desktop.page.measures import MEASURES
from desktop.qt import shades
from resources.colours import DARK, LIGHT, Colours

Left = Qt.MouseButton.LeftButton
COLUMNS = Columns(
    np.array([100, 110, 120, 130]),
    np.array([110, 120, 130, 140]),
    np.ones(4),
    np.array([0.5, 14.0, math.nan, 5.0]),
    np.array([False, False, False, True]),
)


@pytest.fixture
def plot(qtbot: QtBot) -> Plot:
    plot = Plot()
    qtbot.addWidget(plot)
    plot.resize(400 + 2 * SIDE, HEIGHT)
    plot.show_line(np.array([1.0, 2.0, 0.0, 9.0]), np.array([1, 1, 0, 1]), np.array([0, 0, 0, 1]), 1_000)
    plot.show_columns(COLUMNS)
    plot.show()
    return plot


@pytest.mark.parametrize(
    ("x", "position"), [(0, 100), (SIDE + 1, 100), (SIDE + 150, 110), (SIDE + 399, 130), (419, 130)]
)
def test_a_click_on_a_bar_goes_to_its_token(plot: Plot, qtbot: QtBot, x: int, position: int) -> None:
    plot.read.hide()
    with qtbot.waitSignal(plot.go_requested) as asked:
        qtbot.mouseClick(plot, Left, pos=QPoint(x, HEIGHT - 5))
    assert asked.args == [position]


@pytest.mark.parametrize(("x", "position"), [(0, 0), (SIDE + 100, 250), (SIDE + 400, 1_000)])
def test_a_click_on_the_line_goes_there_on_the_page(plot: Plot, qtbot: QtBot, x: int, position: int) -> None:
    with qtbot.waitSignal(plot.go_requested) as asked:
        qtbot.mouseClick(plot, Left, pos=QPoint(x, LINE // 2))
    assert asked.args == [position]


@pytest.mark.parametrize(("press", "release"), [(SIDE + 20, SIDE + 150), (SIDE + 150, SIDE + 20)])
def test_a_drag_selects(plot: Plot, qtbot: QtBot, press: int, release: int) -> None:
    gone: list[int] = []
    plot.go_requested.connect(gone.append)
    with qtbot.waitSignal(plot.select_requested) as asked:
        QTest.mousePress(plot, Left, pos=QPoint(press, 60))
        QTest.mouseMove(plot, QPoint(release, 60))
        plot.grab()
        QTest.mouseRelease(plot, Left, pos=QPoint(release, 60))
    assert asked.args == [100, 120] and not gone


@pytest.mark.parametrize("colours", [LIGHT, DARK])
def test_bars_are_as_high_as_their_bits_and_what_is_not_read_is_hatched(plot: Plot, colours: Colours) -> None:
    plot.set_colours(colours)
    plot.read.hide()
    image = plot.grab().toImage()
    paper = QColor(colours.paper)
    filled = [
        sum(image.pixelColor(SIDE + 100 * place + 50, y) != paper for y in range(LINE + 2, HEIGHT))
        for place in range(4)
    ]
    assert filled[1] > 40 > filled[0] and 2 < filled[2] < 20
    strongest = shades.bars(colours, MEASURES["surprisal"])[4]
    assert image.pixelColor(SIDE + 150, HEIGHT - 10).name() == strongest.name()


def test_text_without_odds_can_be_read(plot: Plot, qtbot: QtBot) -> None:
    assert not plot.read.isHidden()
    with qtbot.waitSignal(plot.read_requested):
        qtbot.mouseClick(plot.read, Left)
    one = np.array([100, 110])
    known = Columns(one, one + 10, np.ones(2), np.ones(2), np.zeros(2, np.bool_))
    plot.show_columns(known)
    assert plot.read.isHidden()


def test_no_bar_is_below_the_button(plot: Plot, qtbot: QtBot) -> None:
    button = plot.read.geometry()
    paper = QColor(LIGHT.paper)
    image = plot.grab().toImage()
    assert any(image.pixelColor(button.left() - GAP - x, HEIGHT - 3) != paper for x in range(2, 6))
    assert all(image.pixelColor(button.left() - GAP + 1, y) == paper for y in range(LINE + 2, HEIGHT))
    with qtbot.waitSignal(plot.go_requested) as asked:
        qtbot.mouseClick(plot, Left, pos=QPoint(button.left() - GAP - 2, HEIGHT - 5))
    assert asked.args == [130]


def test_the_caret_is_marked_in_the_line_and_among_the_bars(plot: Plot) -> None:
    plot.read.hide()
    blank = plot.grab().toImage()
    plot.show_caret(110)
    marked, x_line, x_bars = plot.grab().toImage(), SIDE + 44, SIDE + 100
    for x, y in ((x_line, 2), (x_bars, HEIGHT - 3)):
        assert marked.pixelColor(x, y).name() == LIGHT.text != blank.pixelColor(x, y).name()
    plot.show_caret(900)  # below what the bars show
    assert plot._caret_marks() == (SIDE + 360, None)


def test_words(plot: Plot) -> None:
    assert plot.accessible_value() == "6.5 bits on average, at most 14.0"
    plot.read.hide()  # how wide it is depends on the style
    assert plot.tip_at(SIDE + 150, 50) == "14.0 bits" and plot.tip_at(SIDE + 250, 50) == "no odds yet"
    nothing = np.zeros(0, np.int64)
    plot.show_columns(Columns(nothing, nothing, np.zeros(0), np.zeros(0), np.zeros(0, np.bool_)))
    assert plot.accessible_value() == "no odds" and not plot.grab().isNull()


# ------------------------------------------------------------------------------------------------ the map


@pytest.fixture
def map_(qtbot: QtBot) -> Iterator[SurprisalMap]:
    view = QPlainTextEdit("text\n" * 200)
    view.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
    qtbot.addWidget(view)
    map_ = SurprisalMap(view)
    view.resize(300, 200)
    view.show()
    map_.set_length(10_000)
    map_.show()
    QApplication.processEvents()
    yield map_
    view.close()  # the fixture holds it until then


def test_it_stands_beside_the_scroll_bar(map_: SurprisalMap, qtbot: QtBot) -> None:
    view, bar = map_.parentWidget(), map_._bar
    assert view is not None
    for size in ((300, 200), (500, 200), (260, 200), (500, 320)):
        view.resize(*size)
        qtbot.waitUntil(lambda: map_.height() == bar.height())
        QApplication.processEvents()
        place = bar.mapTo(view, QPoint(0, 0))
        assert abs(place.x() + bar.width() - size[0]) <= 2 or place.x() <= 2  # a frame is around the view
        assert map_.width() == WIDTH and map_.x() in (place.x() - WIDTH, place.x() + bar.width())


def test_a_click_and_a_drag_go_there(map_: SurprisalMap) -> None:
    asked: list[int] = []
    map_.go_requested.connect(asked.append)
    height = map_.height()
    QTest.mousePress(map_, Left, pos=QPoint(2, height // 2))
    QTest.mouseMove(map_, QPoint(2, height - 1))
    QTest.mouseRelease(map_, Left, pos=QPoint(2, height - 1))
    assert asked[0] == pytest.approx(5_000, abs=50) and asked[-1] == pytest.approx(10_000, abs=60)


@pytest.mark.parametrize("colours", [LIGHT, DARK])
def test_deeper_where_the_text_is_more_surprising(map_: SurprisalMap, colours: Colours) -> None:
    map_.set_colours(colours)
    map_.show_numbers(np.array([8.0, 40.0, 0.0, 400.0]), np.array([8, 10, 0, 10]), np.zeros(4, np.int64))
    image = map_.grab().toImage()
    paper = QColor(colours.paper).lightness()
    apart = [abs(image.pixelColor(3, image.height() * (2 * part + 1) // 8).lightness() - paper) for part in range(4)]
    assert apart[2] == 0 and 0 < apart[0] < apart[1] < apart[3]


@pytest.mark.parametrize("colours", [LIGHT, DARK])
def test_parts_with_outdated_readings_are_striped(map_: SurprisalMap, colours: Colours) -> None:
    map_.set_colours(colours)
    bits, tokens = np.full(4, 80.0), np.full(4, 10)
    map_.show_numbers(bits, tokens, np.array([0, 1, 10, 0]))
    image = map_.grab().toImage()
    paper, quarter = QColor(colours.paper), image.height() // 4
    gaps = [
        sum(image.pixelColor(3, quarter * part + y) == paper for y in range(3, quarter - 3)) / quarter
        for part in range(4)
    ]
    assert gaps[0] == gaps[3] == 0
    assert 0.3 < gaps[1] < 0.7 and 0.3 < gaps[2] < 0.7
    assert map_.accessible_value() == "8.0 bits a token, 11 outdated"


def test_the_stretch_in_view_is_marked_unless_it_is_all(map_: SurprisalMap) -> None:
    quiet = QColor(LIGHT.quiet)
    for start, end, marked in ((0, 10_000, False), (0, 5_000, True)):
        map_.show_view(start, end)
        assert (map_.grab().toImage().pixelColor(0, map_.height() // 4) == quiet) == marked


def test_no_more_parts_than_there_are_bins(map_: SurprisalMap) -> None:
    map_.set_length(100)
    assert map_.parts == 4
    map_.set_length(10**7)
    assert map_.parts == map_.height()
    map_.set_length(0)
    assert map_.parts == 1
    map_.show_view(0, 0)
    assert not map_.grab().isNull() and map_.accessible_value() == "no odds"
