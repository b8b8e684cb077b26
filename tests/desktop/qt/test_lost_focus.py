"""A widget that is disabled or hidden hands the focus to a neighbour, within its own window."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QDialog, QDockWidget, QLineEdit, QMainWindow, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot
from shiboken6.Shiboken import delete

from desktop.qt.lost_focus import LostFocus


class Group(QWidget):
    """Three fields; the last is the neighbour of the others."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.fields = [QLineEdit() for _ in range(3)]
        column = QVBoxLayout(self)
        for field in self.fields:
            column.addWidget(field)

    def neighbour(self) -> QWidget:
        return self.fields[2]


class Window(QMainWindow):
    """As the program's, with methods of its own."""


def shown(qtbot: QtBot) -> tuple[Window, QLineEdit, Group]:
    window, page, group = Window(), QLineEdit(), Group()
    dock = QDockWidget(window)
    dock.setWidget(group)
    window.setCentralWidget(page)
    window.addDockWidget(Qt.DockWidgetArea.RightDockWidgetArea, dock)
    LostFocus(window, page)
    with qtbot.waitActive(window):
        window.show()
        window.activateWindow()
    return window, page, group


def test_a_neighbour_takes_the_focus_and_else_the_page(qtbot: QtBot) -> None:
    window, page, group = shown(qtbot)
    qtbot.addWidget(window)
    first, _second, neighbour = group.fields
    first.setFocus()
    first.setEnabled(False)
    assert QApplication.focusWidget() is neighbour
    neighbour.hide()
    assert QApplication.focusWidget() is page


def test_the_focus_of_another_window_stays_there(qtbot: QtBot) -> None:
    window, _page, _group = shown(qtbot)
    qtbot.addWidget(window)
    dialog = QDialog(window)
    column, fields = QVBoxLayout(dialog), [QLineEdit(), QLineEdit()]
    for field in fields:
        column.addWidget(field)
    dialog.open()
    qtbot.waitUntil(dialog.isActiveWindow)
    fields[0].setFocus()
    fields[0].setEnabled(False)
    assert QApplication.focusWidget() is fields[1]


def test_a_window_may_be_deleted_with_the_focus_in_it(qtbot: QtBot) -> None:
    window, _page, group = shown(qtbot)
    group.fields[0].setFocus()
    delete(window)
    assert QApplication.focusWidget() is None
