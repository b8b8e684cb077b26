"""The legend: one strip while colours are on, its words, and its fit in a narrow window."""

import pytest
from pytestqt.qtbot import QtBot

from desktop.editor.legend import HEIGHT, Legend
from desktop.page.measures import MEASURES, STRENGTHS
from desktop.qt.accessible import AccessibleText
from resources.colours import DARK, LIGHT, Colours


@pytest.fixture
def legend(qtbot: QtBot) -> Legend:
    legend = Legend()
    qtbot.addWidget(legend)
    return legend


@pytest.mark.parametrize("name", MEASURES)
def test_a_screen_reader_hears_every_step(legend: Legend, name: str) -> None:
    legend.show_measure(name)
    assert isinstance(legend, AccessibleText)
    words = legend.accessible_name()
    assert all(label in words for label in MEASURES[name].labels)
    assert MEASURES[name].legend in words and MEASURES[name].no_colour in words
    assert legend.toolTip()


def test_it_is_there_only_while_colours_are_on(legend: Legend) -> None:
    assert legend.isHidden()
    legend.show_measure("rank")
    assert not legend.isHidden() and legend.sizeHint().height() >= HEIGHT
    legend.show_measure("")
    assert legend.isHidden() and not legend.accessible_name()


@pytest.mark.parametrize("colours", [LIGHT, DARK])
@pytest.mark.parametrize("width", [1, 60, 480, 1400])
@pytest.mark.parametrize("name", MEASURES)
def test_every_swatch_is_painted_at_any_width(legend: Legend, name: str, width: int, colours: Colours) -> None:
    legend.set_colours(colours)
    legend.show_measure(name)
    legend.resize(width, HEIGHT)
    image = legend.grab().toImage()
    found = {image.pixelColor(x, image.height() // 2).name() for x in range(image.width())}
    strongest = getattr(colours, MEASURES[name].colour)
    if width >= 480 and len(MEASURES[name].labels) == len(STRENGTHS):
        assert strongest in found
