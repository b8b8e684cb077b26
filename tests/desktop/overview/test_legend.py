"""The legend: one strip while colours are on, its words, and its fit in a narrow window."""

import math

import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QFocusEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from desktop.overview.legend import HEIGHT, STRIPED, Legend
from desktop.overview.sum_words import short_sum, sum_words
from desktop.page.measures import AUTHOR, DIFFERENCE, MEASURES, NO_ODDS, STALE, STEPS, STRENGTHS, with_layer
from desktop.page.profile import Total
from desktop.qt.accessible import AccessibleText
from resources.colours import DARK, LIGHT, Colours


@pytest.fixture
def legend(qtbot: QtBot) -> Legend:
    legend = Legend()
    qtbot.addWidget(legend)
    return legend


@pytest.mark.parametrize("name", MEASURES)
def test_a_screen_reader_hears_every_step(legend: Legend, name: str) -> None:
    legend.show_measure(MEASURES[name])
    assert isinstance(legend, AccessibleText)
    words = legend.accessible_name()
    assert all(label in words for label in MEASURES[name].labels)
    assert MEASURES[name].legend in words and MEASURES[name].no_colour in words and STALE in words
    assert legend.toolTip()


def test_it_is_there_only_while_colours_are_on(legend: Legend) -> None:
    assert legend.isHidden()
    legend.show_measure(MEASURES["rank"])
    assert not legend.isHidden() and legend.sizeHint().height() >= HEIGHT
    legend.show_measure(None)
    assert legend.isHidden() and not legend.accessible_name()


@pytest.mark.parametrize("colours", [LIGHT, DARK])
@pytest.mark.parametrize("width", [1, 60, 480, 1400])
@pytest.mark.parametrize("name", MEASURES)
def test_every_swatch_is_painted_at_any_width(legend: Legend, name: str, width: int, colours: Colours) -> None:
    legend.set_colours(colours)
    legend.show_measure(MEASURES[name])
    legend.resize(width, HEIGHT)
    image = legend.grab().toImage()
    found = {image.pixelColor(x, image.height() // 2).name() for x in range(image.width())}
    strongest = getattr(colours, MEASURES[name].colour)
    if width >= 480 and len(MEASURES[name].labels) == len(STRENGTHS):
        assert strongest in found


def test_no_number_is_elided_beside_the_panels_of_a_narrow_window(legend: Legend) -> None:
    legend.show_measure(MEASURES["surprisal"])
    legend.resize(400, HEIGHT)
    placed = list(legend._placed_parts())
    assert [words for (_, words), *_ in placed] == ["Surprisal", "1 bit", "4 bits", "8", "12", "rarer"]
    assert all(width == legend._width([part]) for part, _, width in placed)


@pytest.mark.parametrize("name", MEASURES)
def test_in_a_window_of_usual_width_the_measure_has_its_name(legend: Legend, name: str) -> None:
    measure = MEASURES[name] if name != DIFFERENCE else with_layer("fingerprint", "A model with a very long name 3B")
    legend.show_measure(measure)
    legend.show_total(Total(540.0, 117), False)
    legend.resize(675, HEIGHT)
    words = [words for (_, words), *_ in legend._placed_parts()]
    assert words[0].rstrip("…") and measure.legend.startswith(words[0].rstrip("…"))
    assert words[1] == measure.labels[0]
    assert not legend.sum.isHidden() or name == DIFFERENCE  # its steps have the longest words


@pytest.mark.parametrize("width", [390, 420, 480])
@pytest.mark.parametrize("name", MEASURES)
def test_in_a_narrow_window_the_measure_has_the_beginning_of_its_name(legend: Legend, name: str, width: int) -> None:
    measure = MEASURES[name] if name != DIFFERENCE else with_layer("fingerprint", "A model with a very long name 3B")
    legend.show_measure(measure)
    legend.resize(width, HEIGHT)
    placed = list(legend._placed_parts())
    (step, words), *_ = placed[0]
    assert step is None and len(words) > 3 and measure.legend.startswith(words.rstrip("…"))
    assert all(width == legend._width([part]) for part, _, width in placed)  # no label is elided
    assert [step for (step, _), *_ in placed if step is not None] == [
        step for step, _ in legend._parts if step is not None
    ]


def test_in_a_wide_window_it_tells_what_stripes_mean(legend: Legend) -> None:
    legend.resize(1400, HEIGHT)
    legend.show_measure(MEASURES["rank"])
    assert [words for (_, words), *_ in legend._placed_parts()][-2:] == [NO_ODDS, STRIPED]
    legend.show_measure(MEASURES[AUTHOR])  # who wrote a text is never outdated
    assert STRIPED not in [words for (_, words), *_ in legend._placed_parts()]


def test_arrow_keys_light_a_swatch(legend: Legend, qtbot: QtBot) -> None:
    told: list[int | None] = []
    legend.resize(900, HEIGHT)
    legend.show_measure(MEASURES["rank"])
    legend.band_hovered.connect(told.append)
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Right, Qt.Key.Key_Left, Qt.Key.Key_Left, Qt.Key.Key_Left):
        qtbot.keyClick(legend, key)
    assert told == [0, 1, 0, None, STEPS - 1]
    assert MEASURES["rank"].labels[-1] in legend.accessible_value()
    QApplication.sendEvent(legend, QFocusEvent(QEvent.Type.FocusOut))
    assert told[-1] is None and MEASURES["rank"].labels[-1] not in legend.accessible_value()


def swatches(legend: Legend) -> list[QPoint]:
    """The middle of each swatch, by step."""
    return [QPoint(at + 5, HEIGHT // 2) for (step, _), at, _ in legend._placed_parts() if step is not None]


@pytest.mark.parametrize("mirrored", [False, True])
def test_the_swatch_under_the_mouse_is_told(legend: Legend, mirrored: bool) -> None:
    told: list[int | None] = []
    legend.band_hovered.connect(told.append)
    legend.setLayoutDirection(Qt.LayoutDirection.RightToLeft if mirrored else Qt.LayoutDirection.LeftToRight)
    legend.resize(900, HEIGHT)
    legend.show_measure(MEASURES["surprisal"])
    QTest.mouseMove(legend, QPoint(450, 1))  # a mouse that is there already does not move
    told.clear()
    for point in swatches(legend):
        QTest.mouseMove(legend, QPoint(legend.width() - point.x(), point.y()) if mirrored else point)
    assert told == list(range(STEPS))
    QTest.mouseMove(legend, QPoint(legend.width() - 2 if not mirrored else 2, 5))
    assert told[-1] is None
    QTest.mouseMove(legend, swatches(legend)[0])
    QApplication.sendEvent(legend, QEvent(QEvent.Type.Leave))
    assert told[-1] is None


def test_another_measure_lights_no_band(legend: Legend) -> None:
    told: list[int | None] = []
    legend.resize(900, HEIGHT)
    legend.show_measure(MEASURES["surprisal"])
    legend.band_hovered.connect(told.append)
    QTest.mouseMove(legend, swatches(legend)[2])
    legend.show_measure(MEASURES["rank"])
    assert told == [2, None]


@pytest.mark.parametrize(
    ("total", "selected", "words"),
    [
        (Total(310.2, 100), False, "3.1 bits a token · 100 tokens"),
        (Total(2.0, 1), False, "2.0 bits a token · 1 token"),
        (Total(2_468.0, 1_234), True, "Selection: 2.0 bits a token · 1,234 tokens"),
        (Total(math.inf, 3), True, "Selection: ∞ bits a token · 3 tokens"),
        (Total(310.2, 100, 20), False, "3.1 bits a token · 100 tokens, 20 outdated"),
        (Total(2_468.0, 1_234, 1_234), True, "Selection: 2.0 bits a token · 1,234 tokens, 1,234 outdated"),
        (Total(), False, ""),
        (Total(), True, "Selection: no odds"),
        (None, False, "Counting…"),
    ],
)
def test_the_sum_in_words(total: Total | None, selected: bool, words: str) -> None:
    assert sum_words(total, selected) == words


def test_the_short_sum_hides_no_outdated_tokens() -> None:
    assert short_sum(Total(310.2, 100)) == "3.1 bits a token"
    assert short_sum(Total(310.2, 100, 20)) == "3.1 bits a token, 20 outdated"
    assert short_sum(Total()) == short_sum(None) == ""


@pytest.mark.parametrize("width", [1, 60, 300, 480, 700, 1400])
@pytest.mark.parametrize("name", MEASURES)
def test_the_sum_never_covers_a_swatch(legend: Legend, name: str, width: int) -> None:
    legend.show_measure(MEASURES[name])
    legend.show_total(Total(1_234_567.0, 1_234_567), True)
    legend.resize(width, HEIGHT)
    ends = [at + wide for _, at, wide in legend._placed_parts()]
    assert legend.sum.isHidden() or max(ends) <= legend.sum.x()
    assert width < 1400 or not legend.sum.isHidden()
    assert "1,234,567" in legend.accessible_value()


def test_a_click_on_the_sum(legend: Legend, qtbot: QtBot) -> None:
    legend.resize(1400, HEIGHT)
    legend.show_measure(MEASURES["rank"])
    legend.show_total(Total(5.0, 4), False)
    legend.show()
    with qtbot.waitSignal(legend.sum_clicked):
        qtbot.mouseClick(legend.sum, Qt.MouseButton.LeftButton)
