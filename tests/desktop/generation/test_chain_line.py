"""The sampler chain in one line: it shows the panel's recipe, and changes it."""

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from desktop.generation.chain_line import ChainLine
from desktop.generation.recipe import Recipe
from desktop.generation.sampling_panel import SamplingPanel
from models.sampling.knobs import Sampling


@pytest.fixture
def panel(qtbot: QtBot) -> SamplingPanel:
    panel = SamplingPanel()
    qtbot.addWidget(panel)
    return panel


@pytest.fixture
def line(panel: SamplingPanel, qtbot: QtBot) -> ChainLine:
    line = ChainLine(panel)
    qtbot.addWidget(line)
    line.show()
    return line


def words(line: ChainLine) -> list[str]:
    return [box.text() for box in line.boxes.values()]


def test_it_shows_the_panels_recipe(line: ChainLine, panel: SamplingPanel) -> None:
    assert words(line) == ["T 1", "top-k off", "top-p 1"]
    assert not line.reset.isEnabled() and line.more.isHidden()
    panel.set_recipe(Recipe(Sampling(temperature=0.7, top_k=40, top_p=0.95)))
    assert words(line) == ["T 0.7", "top-k 40", "top-p 0.95"]
    assert line.reset.isEnabled()


@pytest.mark.parametrize(
    ("name", "typed", "value"), [("temperature", "1.5", 1.5), ("top_k", "40", 40), ("top_p", "0.9", 0.9)]
)
def test_a_part_is_edited_in_place(
    line: ChainLine, panel: SamplingPanel, qtbot: QtBot, name: str, typed: str, value: float
) -> None:
    box = line.boxes[name]
    box.setFocus()
    box.selectAll()
    qtbot.keyClicks(box, typed)
    qtbot.keyClick(box, Qt.Key.Key_Return)
    assert getattr(panel.recipe.sampling, name) == value
    assert getattr(panel.controls[name], "box").value() == value  # noqa: B009 (not every control has one)
    qtbot.mouseClick(line.reset, Qt.MouseButton.LeftButton)
    assert panel.recipe.sampling == Sampling()
    assert words(line) == ["T 1", "top-k off", "top-p 1"]


def test_the_other_samplers_are_counted_and_open_the_panel(line: ChainLine, panel: SamplingPanel, qtbot: QtBot) -> None:
    panel.set_recipe(Recipe(Sampling(min_p=0.1, top_k=5)))
    assert line.more.text() == "› +1" and line.more.accessibleName() == "1 more sampler is on"
    panel.set_recipe(Recipe(Sampling(min_p=0.1, typical=0.9)))
    assert line.more.text() == "› +2"
    with qtbot.waitSignal(line.more_requested):
        qtbot.mouseClick(line.more, Qt.MouseButton.LeftButton)


def test_it_fits_the_narrowest_odds_panel(line: ChainLine, panel: SamplingPanel) -> None:
    panel.set_recipe(Recipe(Sampling(temperature=0.75, top_k=1_000, top_p=0.95, min_p=0.1)))
    assert line.minimumSizeHint().width() <= 340


def test_each_part_has_an_accessible_name(line: ChainLine) -> None:
    assert [box.accessibleName() for box in line.boxes.values()] == ["Temperature", "Top-k", "Top-p"]
    assert all(box.toolTip() and box.accessibleDescription() for box in line.boxes.values())
