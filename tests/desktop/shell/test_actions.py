"""Commands as actions: each is bound, runs on its key, and is enabled by its condition."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMainWindow
from pytestqt.qtbot import QtBot

from desktop.shell.actions import Actions
from desktop.shell.command import Conditions
from desktop.shell.commands import COMMANDS


@pytest.fixture
def window(qtbot: QtBot) -> QMainWindow:
    window = QMainWindow()
    qtbot.addWidget(window)
    with qtbot.waitActive(window):
        window.show()
        window.activateWindow()
    return window


def test_a_key_runs_its_command(qtbot: QtBot, window: QMainWindow) -> None:
    ran: list[str] = []
    actions = Actions(window)
    actions.connect({command.name: (lambda name=command.name: ran.append(name)) for command in COMMANDS})
    actions.update(Conditions(model=True, text=True))
    qtbot.keyClick(window, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    qtbot.keyClick(window, Qt.Key.Key_R, Qt.KeyboardModifier.ControlModifier)
    assert ran == ["write", "again"]


def test_before_runs_ahead_of_every_command(window: QMainWindow) -> None:
    ran: list[str] = []
    actions = Actions(window)
    runs = {command.name: (lambda name=command.name: ran.append(name)) for command in COMMANDS}
    actions.connect(runs, before=lambda: ran.append("before"))
    actions["about"].trigger()
    assert ran == ["before", "about"]


def test_a_disabled_command_does_not_run(qtbot: QtBot, window: QMainWindow) -> None:
    ran: list[str] = []
    actions = Actions(window)
    actions.connect({command.name: (lambda name=command.name: ran.append(name)) for command in COMMANDS})
    actions.update(Conditions())
    qtbot.keyClick(window, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert ran == []


def test_a_command_without_a_method_is_an_error(window: QMainWindow) -> None:
    with pytest.raises(LookupError, match="write"):
        Actions(window).connect({command.name: list for command in COMMANDS if command.name != "write"})


def test_every_command_is_in_a_menu(window: QMainWindow) -> None:
    actions = Actions(window)
    shown = {action for menu in window.menuBar().actions() for action in (menu.menu().actions())}  # pyright: ignore
    assert all(actions[command.name] in shown for command in COMMANDS)
