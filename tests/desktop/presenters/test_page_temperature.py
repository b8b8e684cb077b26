"""The temperature of one page is set while the page is open."""

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtWidgets import QDoubleSpinBox
from pytestqt.qtbot import QtBot

from desktop.generation.controls import NumberControl
from desktop.generation.recipe import Recipe
from desktop.generation.sampling_panel import SamplingPanel
from desktop.presenters.page_temperature import PageTemperature
from models.sampling.knobs import Sampling


class Table:
    """A panel, and which page is open."""

    def __init__(self, qtbot: QtBot) -> None:
        self.panel = SamplingPanel()
        qtbot.addWidget(self.panel)
        self.path = Path("/one")
        self.panel.set_recipe(Recipe(Sampling(temperature=0.8, top_k=7)))
        self.temperature = PageTemperature(self.panel, lambda: self.path)

    @property
    def shown(self) -> float:
        return self.panel.recipe.sampling.temperature

    def goes_to(self, path: str) -> None:
        self.temperature.leave()
        self.path = Path(path)
        self.temperature.arrive()

    def chooses(self, temperature: float) -> None:
        control = self.panel.controls["temperature"]
        assert isinstance(control, NumberControl) and isinstance(control.box, QDoubleSpinBox)
        control.box.setValue(temperature)


@pytest.fixture
def table(qtbot: QtBot) -> Table:
    return Table(qtbot)


def test_it_is_set_while_its_page_is_open(table: Table) -> None:
    table.temperature.set(0.0)
    assert table.shown == 0.0 and table.panel.recipe.sampling.top_k == 7
    assert "temperature" in table.panel.badge.text()
    table.goes_to("/two")
    assert table.shown == 0.8
    table.goes_to("/one")
    assert table.shown == 0.0
    table.goes_to("/three")
    assert table.shown == 0.8


def test_the_users_own_is_saved(table: Table) -> None:
    assert table.temperature.to_save(table.panel.recipe) == table.panel.recipe
    table.temperature.set(0.0)
    table.temperature.set(0.0)
    saved = table.temperature.to_save(replace(table.panel.recipe, length=9))
    assert saved.sampling.temperature == 0.8 and saved.length == 9


def test_a_temperature_chosen_meanwhile_stays(table: Table) -> None:
    table.temperature.set(0.0)
    table.chooses(0.5)
    assert table.temperature.to_save(table.panel.recipe).sampling.temperature == 0.5
    table.goes_to("/two")
    assert table.shown == 0.5
    table.goes_to("/one")
    assert table.shown == 0.5
