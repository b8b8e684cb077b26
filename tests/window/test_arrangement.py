"""The window and its panels are restored, after a kill too, and never where there is no screen."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QDockWidget
from pytestqt.qtbot import QtBot

from desktop.app import Inkfall, make_application
from desktop.library.window import LibraryWindow
from desktop.shell import panels
from models.library.app_dirs import under
from tests.window.windows import put_model


def dock(hand: Any, name: str) -> QDockWidget:
    return hand.program.window.findChild(QDockWidget, name)


def settings_of(home: Path) -> dict[str, Any]:
    file = home / "config" / "settings.json"
    return json.loads(file.read_text()) if file.exists() else {}


def test_a_restart_restores_the_window(start: Callable[[], Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(panels, "NARROW", 0)  # the screen offscreen is
    monkeypatch.setattr(panels, "PAGE", 100)
    hand = start()
    window = hand.program.window
    window.setGeometry(60, 40, 700, 500)
    window.resizeDocks([dock(hand, "beside")], [290], Qt.Orientation.Horizontal)
    window.actions_["show_sampling"].trigger()
    hand.program.window.actions_["show_pages"].trigger()
    hand.qtbot.wait(50)
    widths = {name: dock(hand, name).width() for name in ("beside",)}
    again = start()
    assert again.program.window.size() == window.size()
    assert again.program.window.pos() == window.pos()
    assert again.program.side_dock.tab == "sampling"
    assert again.program.window.actions_["show_sampling"].isChecked()
    assert dock(again, "pages").isHidden()
    assert not again.program.window.actions_["show_pages"].isChecked()
    again.qtbot.wait(50)
    assert {name: dock(again, name).width() for name in widths} == widths


def test_a_first_window_is_no_larger_than_the_screen(start: Callable[..., Any]) -> None:
    hand = start(wide=False)
    room = QGuiApplication.primaryScreen().availableGeometry()
    assert room.width() < 1_280  # else this would tell nothing
    assert hand.program.window.width() <= room.width()
    library = hand.program.library.instance
    library.open()
    assert library.window.width() <= room.width()


def test_a_maximised_window_comes_back_so(start: Callable[[], Any]) -> None:
    hand = start()
    hand.program.window.showMaximized()
    hand.until(hand.program.window.isMaximized)
    again = start()
    assert again.program.window.isMaximized()


def test_a_kill_loses_no_place(start: Callable[[], Any], qtbot: QtBot, tmp_path: Path) -> None:
    """The files on the disk a moment after a change are what a kill would leave."""
    hand = start()
    home = tmp_path / "ünï cødé"
    hand.until(lambda: bool(settings_of(home).get("geometry")))
    before = settings_of(home)["geometry"]
    hand.program.window.setGeometry(30, 20, 680, 520)
    hand.until(lambda: settings_of(home)["geometry"] != before)
    shutil.copytree(home / "config", tmp_path / "killed" / "config")
    after = Inkfall(under(tmp_path / "killed"), make_application())
    qtbot.addWidget(after.window)
    after.window.show()
    assert after.window.size() == hand.program.window.size()
    after.window.close()


def test_a_place_on_a_screen_that_is_gone_comes_back(start: Callable[[], Any]) -> None:
    hand = start()
    hand.program.window.move(QPoint(9_000, 7_000))
    again = start()
    screen = QGuiApplication.primaryScreen().availableGeometry()
    assert screen.intersects(again.program.window.frameGeometry())
    title = again.program.window.frameGeometry().topLeft() + QPoint(20, 5)
    assert screen.contains(title)


def test_a_restart_restores_the_library(start: Callable[[], Any]) -> None:
    hand = start()
    put_model(hand.program.home.models)
    library = hand.program.library.instance
    library.open()
    table = library.local_actions.tab.table
    library.window.show_tab(library.local_actions.tab)
    hand.until(lambda: bool(table.rows.values))
    library.window.resize(770, 480)
    drag_column(hand, table, 2, 33)
    width = table.columnWidth(2)
    assert table.chosen_columns == f"2:{width}"
    hand.until(lambda: hand.program.preferences.value.library_lines == (f"local=2:{width}",))
    again = start()
    library = again.program.library.instance
    library.open()
    assert library.window.size().width() == 770
    again.until(lambda: bool(library.local_actions.tab.table.rows.values))
    assert library.local_actions.tab.table.columnWidth(2) == width


def drag_column(hand: Any, table: Any, column: int, by: int) -> None:
    """Pull the edge of a column with the mouse."""
    header = table.header()
    place = header.sectionViewportPosition(column)
    if header.isRightToLeft():
        edge, by = QPoint(place + 2, 8), -by
    else:
        edge = QPoint(place + header.sectionSize(column) - 2, 8)
    hand.qtbot.mousePress(header.viewport(), Qt.MouseButton.LeftButton, pos=edge)
    for step in (by // 2, by):
        hand.qtbot.mouseMove(header.viewport(), edge + QPoint(step, 0))
    hand.qtbot.mouseRelease(header.viewport(), Qt.MouseButton.LeftButton, pos=edge + QPoint(by, 0))


def test_geometry_that_does_not_fit_is_ignored(qtbot: QtBot, qapp: QApplication) -> None:
    window = LibraryWindow({})
    qtbot.addWidget(window)
    window.arrange(b"rubbish", ("local", "local=x:y 99:1", "splitter catalogue=1 2 3"))
    qapp.sendEvent(window, QEvent(QEvent.Type.Show))
