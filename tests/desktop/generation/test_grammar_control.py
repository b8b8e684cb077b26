"""The field for a grammar: what is typed is checked before it holds, and a mistake is told below it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from desktop.generation.grammar_control import FORMER_HOLDS, NONE_HOLDS, GrammarControl
from desktop.generation.state import Phase, SessionState

SOUND = 'root ::= "a"'


@pytest.fixture
def control(qtbot: QtBot) -> GrammarControl:
    control = GrammarControl("Grammar", "Only that.", check_after=0)
    qtbot.addWidget(control)
    control.show()
    return control


def type_text(qtbot: QtBot, control: GrammarControl, text: str) -> None:
    with qtbot.waitSignal(control.check_requested) as asked:
        control.box.setPlainText(text)
    assert asked.args == [text]


def test_a_sound_one_holds_once_it_is_checked(control: GrammarControl, qtbot: QtBot) -> None:
    chosen = list[Any]()
    control.value_chosen.connect(chosen.append)
    type_text(qtbot, control, SOUND)
    assert chosen == []
    control.show_verdict("root ::= ", "")  # an older text's
    assert chosen == []
    control.show_verdict(SOUND, "")
    control.show_verdict(SOUND, "")
    assert chosen == [SOUND] and control.changed and control.complaint.isHidden()


def test_a_mistake_is_told_and_the_last_sound_one_stays(control: GrammarControl, qtbot: QtBot) -> None:
    chosen = list[Any]()
    control.show_value(SOUND)
    control.value_chosen.connect(chosen.append)
    type_text(qtbot, control, SOUND + " (")
    control.show_verdict(SOUND + " (", "Line 1 of the grammar: no.")
    assert chosen == [] and control.complaint.isVisible() and "Line 1" in control.complaint.text()
    assert control.complaint.text() == f"Line 1 of the grammar: no.\n{FORMER_HOLDS}"
    assert control.box.accessibleDescription() == control.complaint.text()
    control.show_value(SOUND)  # another control has changed
    assert control.box.toPlainText() == SOUND + " ("
    type_text(qtbot, control, SOUND)
    control.show_verdict(SOUND, "")
    assert control.complaint.isHidden() and chosen == []
    assert control.box.accessibleDescription() == control.toolTip()


def test_what_is_typed_and_does_not_apply_is_kept(control: GrammarControl, qtbot: QtBot) -> None:
    kept = list[str]()
    control.typed.connect(kept.append)
    type_text(qtbot, control, SOUND + " (")
    assert kept[-1] == SOUND + " ("
    control.show_verdict(SOUND + " (", "Line 1 of the grammar: no.")
    assert kept[-1] == SOUND + " ("
    type_text(qtbot, control, SOUND)
    control.show_verdict(SOUND, "")
    assert kept[-1] == ""
    type_text(qtbot, control, "root")
    control.reset_button.click()
    assert kept[-1] == ""


def test_what_was_kept_is_shown_and_checked_again(control: GrammarControl, qtbot: QtBot) -> None:
    control.show_value(SOUND)
    with qtbot.waitSignal(control.check_requested) as asked:
        control.show_typed("root ::= (")
    assert asked.args == ["root ::= ("] and control.box.toPlainText() == "root ::= ("
    control.show_typed("")
    assert control.box.toPlainText() == "root ::= ("


def test_without_text_there_is_none(control: GrammarControl, qtbot: QtBot) -> None:
    chosen = list[Any]()
    control.show_value(SOUND)
    control.value_chosen.connect(chosen.append)
    control.box.setPlainText(" \n")
    assert chosen == [""]


def test_reset_empties_it(control: GrammarControl, qtbot: QtBot) -> None:
    chosen = list[Any]()
    control.value_chosen.connect(chosen.append)
    type_text(qtbot, control, "nothing")
    control.show_verdict("nothing", "no")
    assert control.complaint.text() == f"no\n{NONE_HOLDS}"
    qtbot.mouseClick(control.reset_button, Qt.MouseButton.LeftButton)
    assert control.box.toPlainText() == "" and control.complaint.isHidden() and chosen == [""]
    assert not control.changed


def test_a_value_from_elsewhere_is_shown(control: GrammarControl) -> None:
    control.show_value(SOUND)
    assert control.box.toPlainText() == SOUND and control.changed
    control.show_value("")
    assert control.box.toPlainText() == "" and not control.changed


def test_its_cost_is_told_while_it_holds(control: GrammarControl, qtbot: QtBot) -> None:
    control.show_cost(0.002)
    assert control.cost.isHidden()
    control.show_value(SOUND)
    control.show_cost(0.0021)
    assert control.cost.isVisible() and control.cost.text() == "The grammar takes 2.1 ms a token."
    type_text(qtbot, control, SOUND + " ")
    assert control.cost.isHidden()


def test_a_changed_one_has_no_cost_until_it_is_measured(control: GrammarControl, qtbot: QtBot) -> None:
    measured = SessionState(grammar=0.0288, measured=SOUND)
    control.show_value(SOUND)
    control.show_state(measured)
    assert control.cost.text() == "The grammar takes 28.8 ms a token."
    other = 'root ::= "b"'
    type_text(qtbot, control, other)
    control.show_state(replace(measured, phase=Phase.READY))
    assert control.cost.isHidden()
    control.show_verdict(other, "")
    control.show_state(measured)
    assert control.cost.isHidden()
    control.show_state(replace(measured, grammar=0.001, measured=other))
    assert control.cost.text() == "The grammar takes 1.0 ms a token."


def test_it_has_an_accessible_name(control: GrammarControl) -> None:
    assert control.box.accessibleName() == "Grammar" and control.reset_button.accessibleName() == "Reset Grammar"
