"""The table of commands: names and keys are unique, and conditions enable the right commands."""

import re
from collections import Counter

import pytest
from PySide6.QtGui import QKeySequence

from desktop.shell.command import Conditions
from desktop.shell.commands import COMMANDS, FILE
from resources.language import _sentences as sentences
from resources.language import languages


def test_names_are_unique() -> None:
    names = [command.name for command in COMMANDS]
    assert len(names) == len(set(names))


def test_no_key_runs_two_commands() -> None:
    keys = [QKeySequence(key).toString() for command in COMMANDS for key in command.keys]
    assert all(keys)
    assert len(keys) == len(set(keys))


STANDARD = {  # what Qt calls standard on Windows, macOS and X11, but for what its text fields do by themselves
    "new_page": {"Ctrl+N"},
    "open_page": {"Ctrl+O"},
    "save_page": {"Ctrl+S"},
    "save_page_as": {"Ctrl+Shift+S"},
    "print": {"Ctrl+P"},
    "quit": {"Ctrl+Q"},
    "undo": {"Ctrl+Z"},
    "redo": {"Ctrl+Y", "Ctrl+Shift+Z"},
    "cut": {"Ctrl+X"},
    "copy": {"Ctrl+C"},
    "paste": {"Ctrl+V"},
    "select_all": {"Ctrl+A"},
    "find": {"Ctrl+F"},
    "find_next": {"F3", "Ctrl+G"},
    "find_previous": {"Shift+F3", "Ctrl+Shift+G"},
    "zoom_in": {"Ctrl++"},
    "zoom_out": {"Ctrl+-"},
    "settings": {"Ctrl+,"},
    "keys": {"F1"},
}


def test_standard_keys_of_every_system_work() -> None:
    keys = {command.name: set(command.keys) for command in COMMANDS}
    assert {name: standard & keys[name] for name, standard in STANDARD.items()} == STANDARD


def test_no_key_is_called_return() -> None:
    """Keyboards say Enter; both keys do it."""
    for command in COMMANDS:
        assert len(command.shown_keys) >= min(1, len(command.keys)) and not any(
            "Return" in k for k in command.shown_keys
        )
        assert command.shown_keys[:1] == command.keys[:1]
        assert all(key.replace("Return", "Enter") in command.shown_keys for key in command.keys)


def test_every_command_has_a_help_text() -> None:
    assert all(command.help.endswith((".", ".)")) for command in COMMANDS)


@pytest.mark.parametrize(
    ("conditions", "enabled", "disabled"),
    [
        (Conditions(), {"open_model", "paste"}, {"write", "stop", "again", "undo", "previous"}),
        (Conditions(model=True), {"write", "look", "step"}, {"stop", "again", "score"}),
        (Conditions(model=True), {"paste", "find"}, {"cut", "copy", "select_all", "export", "print", "pin"}),
        (Conditions(text=True), {"cut", "copy", "select_all", "export", "print", "pin"}, {"again", "score"}),
        (Conditions(model=True, text=True), {"write", "again", "look", "step", "score"}, {"stop"}),
        (Conditions(model=True, writing=True, text=True), {"stop", "again"}, {"write", "look", "step", "score"}),
        (Conditions(loading=True), {"stop"}, {"write", "again"}),
        (Conditions(can_undo=True), {"undo"}, {"redo"}),
        (Conditions(model=True), {"compare"}, {"read_with", "stop_comparing"}),
        (Conditions(text=True), {"read_with"}, {"compare", "stop_comparing"}),
        (Conditions(model=True, text=True, writing=True), {"compare", "read_with"}, {"stop_comparing"}),
        (Conditions(model=True, text=True, second_reads=True, comparing=True), {"stop_comparing"}, {"compare"}),
        (Conditions(model=True, text=True, second_reads=True, comparing=True), {"score"}, {"read_with"}),
    ],
)
def test_conditions(conditions: Conditions, enabled: set[str], disabled: set[str]) -> None:
    allowed = {command.name for command in COMMANDS if conditions.allow(command)}
    assert enabled <= allowed
    assert not disabled & allowed


@pytest.mark.parametrize("language", languages())
def test_every_mnemonic_is_unique_in_its_menu(language: str) -> None:
    """Each title has a letter of its own in its menu, and each menu in the bar, in every language."""
    translate = sentences(language).gettext
    titles = [(command.menu, translate(command.title)) for command in COMMANDS]
    titles += [("bar", translate(menu)) for menu in dict.fromkeys(command.menu for command in COMMANDS)]
    titles.append((FILE, translate("Re&cent models")))
    letters = [(menu, _letter(title)) for menu, title in titles]
    assert not [title for (_, letter), (_, title) in zip(letters, titles, strict=True) if not letter]
    twice = [pair for pair, count in Counter(letters).items() if count > 1]
    assert not twice, [title for pair, (_, title) in zip(letters, titles, strict=True) if pair in twice]


def _letter(title: str) -> str:
    """The letter of a mnemonic, as a key."""
    found = re.search("&([^&])", title)
    return found[1].upper() if found else ""
