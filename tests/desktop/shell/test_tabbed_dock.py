"""Panels as tabs in a dock: a tab's command shows it, and hides the dock if it is visible already."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDockWidget, QLabel
from pytestqt.qtbot import QtBot

from desktop.shell.tabbed_dock import TabbedDock
from desktop.shell.window import Window


@pytest.fixture
def window(qtbot: QtBot) -> Window:
    window = Window(QLabel("page"))
    qtbot.addWidget(window)
    window.resize(1180, 760)
    return window


@pytest.fixture
def home(window: Window, qtbot: QtBot) -> TabbedDock:
    tabs = [("odds", "Odds", QLabel("odds")), ("sampling", "Sampling", QLabel("sampling"))]
    home = window.add_tabbed_dock("beside", Qt.DockWidgetArea.RightDockWidgetArea, 340, tabs)
    for name in ("odds", "sampling"):
        window.actions_[f"show_{name}"].triggered.connect(lambda _checked=False, name=name: home.toggle(name))
    with qtbot.waitExposed(window):
        window.show()
    return home


def state_of(window: Window) -> tuple[bool, str, str]:
    """Whether the home is in view, the words in it, and the checked commands."""
    dock = window.findChild(QDockWidget, "beside")
    assert dock is not None
    words = [label.text() for label in dock.findChildren(QLabel) if label.isVisible() and label.text()]
    checked = [name for name in ("odds", "sampling") if window.actions_[f"show_{name}"].isChecked()]
    return dock.isVisible(), " ".join(words), " ".join(checked)


def test_a_command_shows_its_tab_and_hides_the_dock_when_repeated(window: Window, home: TabbedDock) -> None:
    assert state_of(window) == (True, "odds", "odds")
    window.actions_["show_sampling"].trigger()
    assert state_of(window) == (True, "sampling", "sampling") and home.tab == "sampling"
    window.actions_["show_sampling"].trigger()
    assert state_of(window) == (False, "", "") and not home.shown
    window.actions_["show_odds"].trigger()
    assert state_of(window) == (True, "odds", "odds")


def test_in_a_narrow_window_each_tab_has_its_button(window: Window, home: TabbedDock, qtbot: QtBot) -> None:
    window.resize(700, 480)
    assert state_of(window) == (False, "", "")
    window.actions_["show_sampling"].trigger()
    assert state_of(window) == (True, "sampling", "sampling")
    window.actions_["show_odds"].trigger()
    assert state_of(window) == (True, "odds", "odds")
    window.actions_["show_odds"].trigger()
    assert state_of(window) == (False, "", "")
    window.resize(1180, 760)
    assert state_of(window) == (True, "odds", "odds")


def test_changed_is_emitted(window: Window, home: TabbedDock, qtbot: QtBot) -> None:
    with qtbot.waitSignal(home.changed):
        home.choose("sampling")
    home.choose("nothing of that name")
    assert home.tab == "sampling"
