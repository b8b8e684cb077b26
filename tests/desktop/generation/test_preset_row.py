"""Presets in the sampling panel, with real keys and clicks."""

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from desktop.generation.recipe import Recipe
from desktop.generation.sampling_panel import SamplingPanel
from models.sampling import presets
from models.sampling.knobs import Sampling
from models.sampling.presets import BUILT_IN

MINE = Sampling(temperature=1.25, top_k=40)


@pytest.fixture
def panel(qtbot: QtBot) -> SamplingPanel:
    panel = SamplingPanel()
    qtbot.addWidget(panel)
    panel.resize(280, 800)
    with qtbot.waitExposed(panel):
        panel.show()
    return panel


def save(panel: SamplingPanel, qtbot: QtBot, name: str) -> None:
    panel.presets.save.trigger()
    assert QApplication.focusWidget() is panel.presets.field
    qtbot.keyClicks(panel.presets.field, name)
    qtbot.keyClick(panel.presets.field, Qt.Key.Key_Return)


def test_the_box_tells_which_preset_gives_the_settings(panel: SamplingPanel, qtbot: QtBot) -> None:
    row = panel.presets
    assert row.box.currentText() == "Neutral" and BUILT_IN[0].source in row.box.toolTip()
    panel.set_recipe(Recipe(Sampling(top_k=3)))
    assert row.box.currentIndex() == -1 and row.box.placeholderText() == "Own settings"
    panel.set_recipe(Recipe(replace(BUILT_IN[1].sampling, stop=("x",))))
    assert row.box.currentText() == "llama.cpp"


def test_one_is_chosen_with_the_keyboard_and_what_belongs_to_the_text_stays(panel: SamplingPanel, qtbot: QtBot) -> None:
    panel.set_recipe(Recipe(Sampling(top_k=3, stop=("x",), ignore_eos=True, no_healing=True), length=7, seed=1))
    panel.presets.box.setFocus()
    for _ in range(2):
        qtbot.keyClick(panel.presets.box, Qt.Key.Key_Down)
    expected = replace(BUILT_IN[1].sampling, stop=("x",), ignore_eos=True, no_healing=True)
    assert panel.recipe == Recipe(expected, length=7, seed=1)


def test_of_two_with_the_same_settings_the_last_named_or_chosen_is_shown(panel: SamplingPanel, qtbot: QtBot) -> None:
    """Else the second could not be renamed or deleted, and saving it would seem to have failed."""
    row = panel.presets
    panel.set_recipe(Recipe(MINE))
    save(panel, qtbot, "one")
    save(panel, qtbot, " two ")
    assert row.box.currentText() == "two" and row.delete.text() == "Delete preset “two”"
    row.box.setFocus()
    qtbot.keyClick(row.box, Qt.Key.Key_Up)
    assert row.box.currentText() == "one" and row.delete.text() == "Delete preset “one”"
    panel.set_recipe(Recipe())
    qtbot.keyClick(row.box, Qt.Key.Key_End)
    assert row.box.currentText() == "two" and panel.recipe.sampling == MINE
    row.delete.trigger()
    assert row.box.currentText() == "one"


def test_saved_renamed_deleted(panel: SamplingPanel, qtbot: QtBot) -> None:
    kept: list[tuple[str, ...]] = []
    panel.presets_changed.connect(kept.append)
    panel.set_recipe(Recipe(MINE))
    save(panel, qtbot, "My own & <b>")
    row = panel.presets
    assert presets.own(kept[-1])[0].sampling == MINE
    assert row.box.currentText() == "My own & <b>" and row.box.isVisible() and not row.field.isVisible()
    assert row.delete.text() == "Delete preset “My own && <b>”"
    panel.set_recipe(Recipe())
    assert not row.rename.isEnabled() and not row.delete.isEnabled()  # Neutral is built in
    panel.set_recipe(Recipe(MINE))
    row.rename.trigger()
    assert row.field.text() == "My own & <b>" and row.field.hasSelectedText()
    qtbot.keyClicks(row.field, "wild")
    qtbot.keyClick(row.field, Qt.Key.Key_Enter)
    assert [one.name for one in presets.own(kept[-1])] == ["wild"] and row.box.currentText() == "wild"
    row.delete.trigger()
    assert kept[-1] == () and row.box.currentIndex() == -1 and panel.recipe.sampling == MINE


def test_a_name_that_is_taken_is_replaced_by_a_second_enter(panel: SamplingPanel, qtbot: QtBot) -> None:
    kept: list[tuple[str, ...]] = []
    panel.presets_changed.connect(kept.append)
    panel.set_recipe(Recipe(MINE))
    save(panel, qtbot, "mine")
    panel.set_recipe(Recipe(Sampling(top_k=3)))
    row = panel.presets
    for again in (False, True):
        save(panel, qtbot, "mine")
        assert presets.own(kept[-1])[0].sampling == MINE and "Enter again" in row.complaint.text()
        assert row.complaint.isVisible() and row.field.isVisible()
        if not again:
            qtbot.keyClick(row.field, Qt.Key.Key_Escape)
    qtbot.keyClick(row.field, Qt.Key.Key_Return)
    assert [one.sampling for one in presets.own(kept[-1])] == [Sampling(top_k=3)] and row.box.currentText() == "mine"


def test_a_name_that_is_refused_is_told_and_esc_gives_up(panel: SamplingPanel, qtbot: QtBot) -> None:
    kept: list[tuple[str, ...]] = []
    panel.presets_changed.connect(kept.append)
    save(panel, qtbot, "Neutral")
    row = panel.presets
    assert row.complaint.isVisible() and "built in" in row.complaint.text() and row.field.isVisible()
    qtbot.keyClick(row.field, Qt.Key.Key_Escape)
    assert not row.complaint.isVisible() and row.box.isVisible() and row.box.hasFocus() and not kept


def test_the_wheel_scrolls_the_panel_and_chooses_nothing(panel: SamplingPanel, qtbot: QtBot) -> None:
    panel.presets.show_texts(presets.saved((), "mine", MINE))
    assert [panel.presets.box.itemText(place) for place in range(panel.presets.box.count())] == [
        *(preset.name for preset in BUILT_IN),
        "mine",
    ]
    assert panel.recipe == Recipe()
