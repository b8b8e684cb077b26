"""Opens a dialog, or brings forward the one of the same kind that is open."""

from collections.abc import Callable
from typing import TypeVar

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QWidget

D = TypeVar("D", bound=QDialog)


def open_one(window: QWidget, name: str, make: Callable[[], D]) -> D | None:
    """Open the dialog that `make` returns, a child of the window, and return it. If one of that name is open, bring it
    forward and return None. The dialog is deleted when it is closed."""
    for dialog in window.findChildren(QDialog, name, Qt.FindChildOption.FindDirectChildrenOnly):
        if dialog.isVisible():
            dialog.raise_()
            dialog.activateWindow()
            return None
    dialog = make()
    dialog.setObjectName(name)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    QDialog.open(dialog)  # some dialogs overload `open` with one that takes a slot's name
    return dialog
