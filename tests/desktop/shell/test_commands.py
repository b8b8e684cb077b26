"""The table of commands: names and keys are unique, conditions mean what they say."""

import pytest
from PySide6.QtGui import QKeySequence

from desktop.shell.commands import COMMANDS, Conditions


def test_names_are_unique() -> None:
    names = [command.name for command in COMMANDS]
    assert len(names) == len(set(names))


def test_no_key_runs_two_commands() -> None:
    keys = [QKeySequence(key).toString() for command in COMMANDS for key in command.keys]
    assert all(keys)
    assert len(keys) == len(set(keys))


def test_every_command_says_what_it_does() -> None:
    assert all(command.help.endswith(".") for command in COMMANDS)


@pytest.mark.parametrize(
    ("conditions", "enabled", "disabled"),
    [
        (Conditions(), {"open_model", "paste"}, {"write", "stop", "again", "undo", "previous"}),
        (Conditions(model=True), {"write", "again", "look", "step"}, {"stop"}),
        (Conditions(model=True, writing=True), {"stop", "again"}, {"write", "look", "step"}),
        (Conditions(loading=True), {"stop"}, {"write", "again"}),
        (Conditions(can_undo=True), {"undo"}, {"redo"}),
    ],
)
def test_conditions(conditions: Conditions, enabled: set[str], disabled: set[str]) -> None:
    allowed = {command.name for command in COMMANDS if conditions.allow(command)}
    assert enabled <= allowed
    assert not disabled & allowed
