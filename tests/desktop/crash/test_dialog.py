"""The window of a crash report fits every screen: its text can be read, its buttons reached."""

import pytest
from PySide6.QtCore import QRect
from PySide6.QtGui import QScreen
from PySide6.QtWidgets import QDialogButtonBox, QScrollArea
from pytestqt.qtbot import QtBot

from desktop.crash.dialog import CrashDialog
from tests.window.clipping import clipped

WORDS = "Something went wrong in Inkfall, and your page could not be saved. " + "The disk is full. " * 20
FILE = "/home/someone/" + "folder/" * 20 + "mistakes.log"


@pytest.mark.parametrize(("width", "height"), [(1366, 768), (640, 480), (640, 360), (480, 320)])
def test_it_fits_its_screen(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, width: int, height: int) -> None:
    monkeypatch.setattr(QScreen, "availableGeometry", lambda _screen: QRect(0, 0, width, height))
    dialog = CrashDialog(WORDS, "a line of the report\n" * 200, FILE)
    qtbot.addWidget(dialog)
    with qtbot.waitExposed(dialog):
        dialog.show()
    dialog.show_count(7)
    qtbot.waitUntil(lambda: not list(clipped(dialog)))
    assert dialog.width() < width and dialog.height() < height
    (buttons,) = dialog.findChildren(QDialogButtonBox)
    assert buttons.visibleRegion().boundingRect().size() == buttons.size()
    for one in (dialog.words, dialog.more, dialog.message_label):
        for area in dialog.findChildren(QScrollArea):
            area.ensureWidgetVisible(one)
        assert not one.visibleRegion().isEmpty()
