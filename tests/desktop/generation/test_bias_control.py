"""The list of favoured and banned tokens under real keys and clicks."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from desktop.generation.bias_control import BiasControl, BiasRow
from desktop.generation.recipe import Recipe
from desktop.generation.sampling_panel import SamplingPanel, Section
from models.sampling.bias import BiasToken
from models.sampling.knobs import Sampling


@pytest.fixture
def panel(qtbot: QtBot) -> SamplingPanel:
    panel = SamplingPanel()
    qtbot.addWidget(panel)
    panel.resize(280, 900)
    with qtbot.waitExposed(panel):
        panel.show()
    for section in panel.findChildren(Section):
        section.head.setChecked(True)
    return panel


def click(qtbot: QtBot, button: object) -> None:
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def names(control: BiasControl) -> list[str]:
    return [row.name.text() for row in control.rows]


def test_what_is_typed_is_applied_when_it_is_added(panel: SamplingPanel, qtbot: QtBot) -> None:
    control, entries = panel.bias, lambda: panel.recipe.sampling.bias
    assert not control.favour.isEnabled() and not control.ban.isEnabled()
    control.field.setFocus()
    qtbot.keyClicks(control.field, " a=b\\n")
    assert entries() == () and control.rows == []
    qtbot.keyClick(control.field, Qt.Key.Key_Return)
    assert entries() == (" a=b\n=2",) and control.field.text() == ""
    qtbot.keyClick(control.field, Qt.Key.Key_Return)  # nothing is typed
    qtbot.keyClicks(control.field, "id:7")
    click(qtbot, control.ban)
    qtbot.keyClicks(control.field, "id:7")
    control.box.setValue(-1.5)
    click(qtbot, control.favour)
    qtbot.keyClicks(control.field, "id:7")
    click(qtbot, control.favour)  # the same once more
    assert entries() == (" a=b\n=2", "id:7=-inf", "id:7=-1.5", "id:7=-1.5")
    assert names(control) == ["“ a=b\\n”", "id:7", "id:7", "id:7"]
    assert Sampling(bias=entries()).checked()
    assert control.changed


def test_rows_are_changed_and_removed_one_by_one(panel: SamplingPanel, qtbot: QtBot) -> None:
    panel.set_recipe(Recipe(Sampling(bias=("a=1", "b=-inf", "a=1"))))
    control = panel.bias
    qtbot.waitUntil(lambda: control.rows[0].box.isVisible())
    assert not control.rows[1].box.isVisible()
    box = control.rows[2].box
    box.setFocus()
    qtbot.keyClick(box, Qt.Key.Key_Up)
    assert panel.recipe.sampling.bias == ("a=1", "b=-inf", "a=1.5")
    assert QApplication.focusWidget() is box
    click(qtbot, control.rows[1].remove)
    assert panel.recipe.sampling.bias == ("a=1", "a=1.5")
    qtbot.keyClick(control.rows[0].remove, Qt.Key.Key_Space)
    assert panel.recipe.sampling.bias == ("a=1.5",) and QApplication.focusWidget() is control.field
    click(qtbot, control.reset_button)
    assert panel.recipe.sampling == Sampling() and control.rows == []


def test_what_the_model_cannot_take_is_marked(panel: SamplingPanel, qtbot: QtBot) -> None:
    panel.set_recipe(Recipe(Sampling(bias=("xyz=1", "id:5=2"))))
    control = panel.bias
    assert not control.complaint.isVisible()
    row = control.rows[1]
    row.box.setFocus()
    control.show_tokens({"xyz": BiasToken(-1, sentence="It is 3 tokens."), 5: BiasToken(5, b" the\n")})
    assert names(control) == ["⚠ “xyz”", "id:5 “ the\\n”"]
    assert control.complaint.isVisible() and control.complaint.text() == "It is 3 tokens."
    assert control.rows[0].name.toolTip() == control.rows[0].box.accessibleDescription() == "It is 3 tokens."
    assert QApplication.focusWidget() is row.box  # what is being edited stays
    control.show_tokens({})  # the model is gone
    assert names(control) == ["“xyz”", "id:5"] and not control.complaint.isVisible()


def test_a_token_from_elsewhere(panel: SamplingPanel, qtbot: QtBot) -> None:
    panel.ban(9)
    panel.favour(8)
    assert panel.recipe.sampling.bias == ("id:9=-inf", "id:8=2")
    assert QApplication.focusWidget() is panel.bias.rows[1].box
    qtbot.keyClicks(panel.bias.rows[1].box, "-3")
    assert panel.recipe.sampling.bias == ("id:9=-inf", "id:8=-3")
    assert all(isinstance(row, BiasRow) and "id:" in row.remove.accessibleName() for row in panel.bias.rows)
