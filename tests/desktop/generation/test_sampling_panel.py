"""The sampling panel under real keys, clicks and wheels."""

from dataclasses import fields
from itertools import pairwise

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QAccessible, QWheelEvent
from PySide6.QtWidgets import QAbstractSpinBox, QApplication, QCheckBox, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from desktop.generation.controls import FlagControl, LengthControl, NumberControl, SeedControl, StopsControl
from desktop.generation.recipe import Recipe
from desktop.generation.sampling_panel import SamplingPanel, Section
from models.sampling.knobs import NEUTRAL, Sampling


@pytest.fixture
def panel(qtbot: QtBot) -> SamplingPanel:
    panel = SamplingPanel()
    qtbot.addWidget(panel)
    panel.resize(270, 800)
    with qtbot.waitExposed(panel):
        panel.show()
    return panel


def number(panel: SamplingPanel, name: str) -> NumberControl:
    control = panel.controls[name]
    assert isinstance(control, NumberControl)
    return control


def retype(qtbot: QtBot, box: QWidget, typed: str) -> None:
    """Replace the text of the box by typing."""
    box.setFocus()
    qtbot.keyClick(box, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    qtbot.keyClicks(box, typed)


def test_every_field_has_its_control(panel: SamplingPanel) -> None:
    assert set(panel.controls) == {one.name for one in fields(Sampling)}
    assert panel.recipe == Recipe()
    assert panel.badge.text() == "All samplers off"
    assert not panel.neutral_button.isEnabled()
    for one in fields(Sampling):
        assert one.metadata["help"] in panel.controls[one.name].toolTip()
        assert not panel.controls[one.name].changed


def test_tooltips_have_lines(panel: SamplingPanel) -> None:
    tips = [one.toolTip() for one in panel.findChildren(QWidget)]
    assert any("\n" in tip for tip in tips) and not any("↵" in tip for tip in tips)


def test_a_typed_number_changes_the_recipe_and_the_badge(panel: SamplingPanel, qtbot: QtBot) -> None:
    recipes: list[Recipe] = []
    panel.recipe_changed.connect(recipes.append)
    retype(qtbot, number(panel, "temperature").box, "0.75")
    assert panel.recipe.sampling.temperature == 0.75
    assert recipes[-1] == panel.recipe
    assert panel.badge.text() == "Changed: temperature"
    assert number(panel, "temperature").label.font().bold()


def test_no_field_moves_when_its_label_turns_bold(panel: SamplingPanel, qtbot: QtBot) -> None:
    boxes = [box for box in panel.findChildren(QWidget) if isinstance(box, QAbstractSpinBox | QCheckBox | QLineEdit)]
    for section in panel.findChildren(Section):
        section.head.setChecked(True)
    qtbot.wait(10)
    before = [(box.mapTo(panel, QPoint()), box.width()) for box in boxes]
    sampling = Sampling(temperature=0.5, top_k=3, top_p=0.5, min_p=0.1, ignore_eos=True)
    panel.set_recipe(Recipe(sampling, length=None, seed=7, n_keep=16))
    qtbot.wait(10)
    assert [(box.mapTo(panel, QPoint()), box.width()) for box in boxes] == before


def test_out_of_range_numbers_cannot_be_chosen(panel: SamplingPanel, qtbot: QtBot) -> None:
    box = number(panel, "top_p").box
    retype(qtbot, box, "7")
    qtbot.keyClick(box, Qt.Key.Key_Return)
    assert 0.0 <= panel.recipe.sampling.top_p <= 1.0


def test_the_badge_never_breaks_a_name(panel: SamplingPanel) -> None:
    panel.set_recipe(Recipe(Sampling(top_p=0.9)))
    assert panel.badge.text() == "Changed: top\u2011p"
    assert panel.badge.property("off")


def test_the_arrow_keys_step(panel: SamplingPanel, qtbot: QtBot) -> None:
    box = number(panel, "temperature").box
    box.setFocus()
    qtbot.keyClick(box, Qt.Key.Key_Down)
    assert panel.recipe.sampling.temperature == pytest.approx(0.95)
    assert isinstance(panel.recipe.sampling.top_k, int)


def test_neutral_turns_all_samplers_off_and_leaves_the_rest(panel: SamplingPanel, qtbot: QtBot) -> None:
    panel.set_recipe(Recipe(Sampling(temperature=0.5, min_p=0.1, stop=("x",)), length=9, seed=5))
    qtbot.mouseClick(panel.neutral_button, Qt.MouseButton.LeftButton)
    assert panel.recipe == Recipe(Sampling(stop=("x",)), length=9, seed=5)
    assert panel.badge.text() == "All samplers off"


def test_each_field_is_reset_alone(panel: SamplingPanel, qtbot: QtBot) -> None:
    panel.set_recipe(Recipe(Sampling(temperature=0.5, top_k=40)))
    button = number(panel, "top_k").reset_button
    assert button.isVisible()
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert panel.recipe.sampling == Sampling(temperature=0.5)
    assert not button.isVisible()


def test_the_breakers_of_dry_are_edited_as_stop_strings_are(panel: SamplingPanel, qtbot: QtBot) -> None:
    control = panel.controls["dry_breakers"]
    assert isinstance(control, StopsControl)
    assert control.box.toPlainText() == '\\n\n:\n"\n*'
    assert ": \\n" not in control.reset_button.toolTip() and '"' in control.reset_button.toolTip()
    retype(qtbot, control.box, ".")
    assert panel.recipe.sampling.dry_breakers == (".",)
    retype(qtbot, control.box, "x" * 41)  # longer than llama.cpp reads
    assert panel.recipe.sampling.dry_breakers == ()
    control.reset_button.click()
    assert panel.recipe.sampling == Sampling()
    assert not control.changed


def test_a_recipe_is_shown_and_emitted_once(panel: SamplingPanel, qtbot: QtBot) -> None:
    recipe = Recipe(Sampling(typical=0.123_456, allow_control=True, stop=("\n", " User:")), length=None, seed=2**64 - 1)
    recipes: list[Recipe] = []
    panel.recipe_changed.connect(recipes.append)
    panel.set_recipe(recipe)
    panel.set_recipe(recipe)
    assert recipes == [recipe]
    assert panel.recipe == recipe  # unrounded, though the box shows fewer digits


def test_folded_groups_open_where_something_in_them_is_changed(panel: SamplingPanel) -> None:
    assert not number(panel, "dry_multiplier").isVisible()
    panel.set_recipe(Recipe(Sampling(dry_multiplier=0.8)))
    assert number(panel, "dry_multiplier").isVisible()
    heads = [section.head.text() for section in panel.findChildren(Section)]
    assert "Repetition •" in heads
    assert "Cut" in heads


def test_endless_and_back(panel: SamplingPanel, qtbot: QtBot) -> None:
    length = panel.findChild(LengthControl)
    assert length is not None
    length.endless.setFocus()
    qtbot.keyClick(length.endless, Qt.Key.Key_Space)
    assert panel.recipe.length is None
    assert not length.box.isEnabled()
    qtbot.keyClick(length.endless, Qt.Key.Key_Space)
    assert panel.recipe.length == 128
    retype(qtbot, length.box, "7")
    assert panel.recipe.length == 7


def test_a_seed_out_of_range_gets_a_sentence_and_the_last_good_one_holds(panel: SamplingPanel, qtbot: QtBot) -> None:
    seed = panel.findChild(SeedControl)
    assert seed is not None
    retype(qtbot, seed.box, "42")
    assert panel.recipe.seed == 42
    retype(qtbot, seed.box, "-1")
    assert panel.recipe.seed == 42
    assert seed.complaint.isVisible()
    assert "from 0 to" in seed.complaint.text()
    assert seed.box.accessibleDescription() == seed.complaint.text()
    qtbot.mouseClick(seed.reset_button, Qt.MouseButton.LeftButton)
    assert not seed.complaint.isVisible()
    assert panel.recipe.seed is None
    assert seed.box.text() == ""


def test_stop_strings_are_typed_one_a_line(panel: SamplingPanel, qtbot: QtBot) -> None:
    stops = panel.controls["stop"]
    assert isinstance(stops, StopsControl)
    stops.box.setFocus()
    qtbot.keyClicks(stops.box, "\\n\\n")
    qtbot.keyClick(stops.box, Qt.Key.Key_Return)
    qtbot.keyClicks(stops.box, "User:")
    assert panel.recipe.sampling.stop == ("\n\n", "User:")
    assert panel.badge.text() == "All samplers off"


def test_a_stop_string_of_ten_thousand_characters_is_not_cut(panel: SamplingPanel) -> None:
    long = "x" * 10_000
    panel.set_recipe(Recipe(Sampling(stop=(long,))))
    stops = panel.controls["stop"]
    assert isinstance(stops, StopsControl)
    assert stops.box.toPlainText() == long


def test_no_control_tokens_is_checked_by_default_and_means_the_opposite_of_its_field(
    panel: SamplingPanel, qtbot: QtBot
) -> None:
    control = panel.controls["allow_control"]
    assert isinstance(control, FlagControl)
    assert control.box.isChecked()
    control.box.setFocus()
    qtbot.keyClick(control.box, Qt.Key.Key_Space)
    assert panel.recipe.sampling.allow_control
    assert "control tokens" in panel.badge.text()


def test_the_wheel_scrolls_past_numbers(panel: SamplingPanel) -> None:
    panel.resize(270, 200)
    for name in ("temperature", "top_k"):
        box = number(panel, name).box
        box.setFocus()
        middle = QPointF(box.rect().center())
        turned = QWheelEvent(
            middle,
            box.mapToGlobal(middle),
            QPoint(),
            QPoint(0, 120),
            Qt.MouseButton.NoButton,
            Qt.KeyboardModifier.NoModifier,
            Qt.ScrollPhase.NoScrollPhase,
            False,
        )
        QApplication.sendEvent(box, turned)
    assert panel.recipe == Recipe()


def test_tab_goes_through_the_controls_in_the_order_they_stand(panel: SamplingPanel, qtbot: QtBot) -> None:
    panel.neutral_button.setFocus()
    first = panel.findChildren(Section)[0].head
    first.setFocus()
    places: list[int] = []
    for _ in range(12):
        widget = QApplication.focusWidget()
        assert widget is not None
        places.append(widget.mapTo(panel, QPoint(0, widget.height() // 2)).y())
        qtbot.keyClick(widget, Qt.Key.Key_Tab)
    # two editors on one line may differ by a few pixels
    assert all(later > earlier - 6 for earlier, later in pairwise(places))


@pytest.mark.parametrize(
    ("name", "off", "typed", "value"),
    [
        ("top_k", 0, "40", 40),
        ("min_p", 0.0, "0.05", 0.05),
        ("mirostat", 0, "2", 2),
        ("adaptive_target", -1.0, "0.5", 0.5),
    ],
)
def test_a_number_that_means_off_says_so(
    panel: SamplingPanel, qtbot: QtBot, name: str, off: float, typed: str, value: float
) -> None:
    for section in panel.findChildren(Section):
        section.head.setChecked(True)
    control = number(panel, name)
    box = control.box
    spoken = QAccessible.queryAccessibleInterface(box)
    assert box.value() == off and box.text() == "off" and spoken.text(QAccessible.Text.Value) == "off"
    assert control.reset_button.toolTip() == "Reset to off"
    box.setFocus()
    box.lineEdit().deselect()
    qtbot.keyClicks(box, typed)  # where the cursor is, behind the word
    assert getattr(panel.recipe.sampling, name) == value and box.text() == typed
    assert spoken.text(QAccessible.Text.Value) == typed
    qtbot.mouseClick(control.reset_button, Qt.MouseButton.LeftButton)
    assert box.text() == "off" and getattr(panel.recipe.sampling, name) == off
    qtbot.keyClick(box, Qt.Key.Key_Backspace)
    qtbot.keyClicks(box, str(off))
    qtbot.keyClick(box, Qt.Key.Key_Return)
    assert box.text() == "off" and not control.changed


def test_a_number_that_does_not_mean_off_stays_a_number(panel: SamplingPanel) -> None:
    numbers = {name: control.box for name, control in panel.controls.items() if isinstance(control, NumberControl)}
    off = {name for name, box in numbers.items() if box.specialValueText()}
    assert off == {
        "temperature_range",
        "top_k",
        "min_p",
        "top_n_sigma",
        "xtc_probability",
        "dry_multiplier",
        "mirostat",
        "adaptive_target",
    }
    assert all(getattr(NEUTRAL, name) == numbers[name].minimum() and name not in NEUTRAL.off_neutral() for name in off)
