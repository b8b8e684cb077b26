"""The system's file dialogs, and whether a portal offers them."""

import os
from pathlib import Path

import pytest
from PySide6.QtWidgets import QFileDialog, QWidget
from pytestqt.qtbot import QtBot

from desktop.qt import portal
from desktop.qt.file_dialogs import FileDialogs

SESSION = {"XDG_CURRENT_DESKTOP": "ubuntu:GNOME", "DBUS_SESSION_BUS_ADDRESS": "unix:path=/run/bus"}
FILES = "Interfaces=org.freedesktop.impl.portal.Print;org.freedesktop.impl.portal.FileChooser;"


def shown(window: QWidget) -> list[QFileDialog]:
    return [dialog for dialog in window.findChildren(QFileDialog) if dialog.isVisible()]


@pytest.fixture
def window(qtbot: QtBot) -> QWidget:
    window = QWidget()
    qtbot.addWidget(window)
    window.show()
    return window


def test_a_portal_that_shows_nothing_gives_way_to_our_own_dialog(window: QWidget, qtbot: QtBot, tmp_path: Path) -> None:
    chosen: list[Path] = []
    FileDialogs(window, lambda _purpose: "", lambda _purpose, _folder: None, by_portal=True).open(
        "page", "Open", tmp_path, "", chosen.append
    )
    [first] = shown(window)
    assert not first.testOption(QFileDialog.Option.DontUseNativeDialog)
    first.reject()
    [second] = shown(window)
    assert second.testOption(QFileDialog.Option.DontUseNativeDialog)
    second.reject()
    assert not shown(window) and not chosen


def test_a_dialog_that_is_cancelled_stays_away(window: QWidget, qtbot: QtBot, tmp_path: Path) -> None:
    choosing = FileDialogs(window, lambda _purpose: "", lambda _purpose, _folder: None, by_portal=True)
    choosing.save("page", "Save", tmp_path / "a.inkfall", "", lambda _path, _kind: None)
    [dialog] = shown(window)
    qtbot.wait(400)
    dialog.reject()
    assert not shown(window)


@pytest.fixture
def system(tmp_path: Path) -> Path:
    """Folders of a desktop with a portal for GNOME."""
    services, portals = tmp_path / "dbus-1/services", tmp_path / "xdg-desktop-portal/portals"
    for folder in (services, portals):
        folder.mkdir(parents=True)
    (services / "org.freedesktop.portal.Desktop.service").touch()
    (portals / "gtk.portal").write_text(f"[portal]\nDBusName=x\n{FILES}\nUseIn=gnome\n", encoding="utf-8")
    return tmp_path


def found(system: Path, **environment: str) -> bool:
    return portal.is_available({**SESSION, "XDG_DATA_DIRS": f"/nowhere:{system}", **environment}, "linux")


def test_a_portal_of_this_desktop(system: Path) -> None:
    assert found(system)
    assert not found(system, XDG_CURRENT_DESKTOP="KDE")
    (system / "xdg-desktop-portal" / "kde-portals.conf").touch()
    assert found(system, XDG_CURRENT_DESKTOP="KDE")


@pytest.mark.parametrize(
    "environment",
    [
        {"QT_QPA_PLATFORMTHEME": "qt6ct"},
        {"QT_QPA_PLATFORM": "offscreen"},
        {"XDG_CURRENT_DESKTOP": ""},
        {"DBUS_SESSION_BUS_ADDRESS": ""},
        {"XDG_DATA_DIRS": "/nowhere"},
    ],
)
def test_environments_that_use_no_portal(system: Path, environment: dict[str, str]) -> None:
    assert not found(system, **environment)


@pytest.mark.parametrize("text", ["", "[portal]\nUseIn=gnome\n", "no portal", f"[portal]\n{FILES.encode().hex()}=1\n"])
def test_a_portal_without_file_dialogs(system: Path, text: str) -> None:
    (system / "xdg-desktop-portal" / "portals" / "gtk.portal").write_text(text, encoding="utf-8")
    assert not found(system)


def test_another_system_has_its_own(system: Path) -> None:
    assert not portal.is_available({**SESSION, "XDG_DATA_DIRS": str(system)}, "darwin")


def test_programs_started_later_do_not_inherit_the_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(portal.VARIABLE, raising=False)
    with portal.enabled(True):
        assert os.environ[portal.VARIABLE] == portal.VALUE
    assert portal.VARIABLE not in os.environ
