"""One dialog of a kind at a time, which is gone when it is closed."""

from collections.abc import Callable
from typing import TypeVar

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QWidget

D = TypeVar("D", bound=QDialog)


def open_one(window: QWidget, name: str, make: Callable[[], D]) -> D | None:
    """Open the dialog that `make` returns, a child of the window, or bring forward the one of that name that is open:
    None then."""
    for there in window.findChildren(QDialog, name, Qt.FindChildOption.FindDirectChildrenOnly):
        if there.isVisible():
            there.raise_()
            there.activateWindow()
            return None
    dialog = make()
    dialog.setObjectName(name)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    QDialog.open(dialog)  # some have another one, with a slot's name, that is not for Python
    return dialog
