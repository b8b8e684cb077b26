"""Moves the focus from a widget that was disabled or hidden to a neighbour where a key does no harm.

Qt moves it to the next widget in the order of Tab: a key meant for the former widget would change a setting there."""

from typing import Protocol, runtime_checkable

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QApplication, QDockWidget, QWidget
from shiboken6.Shiboken import isValid


@runtime_checkable
class HasNeighbour(Protocol):
    """A widget that says where the focus goes from a widget inside it that was disabled or hidden."""

    def neighbour(self) -> QWidget: ...


class LostFocus(QObject):
    """Watches one window with its docks. page: takes the focus where no widget around the lost one has a neighbour."""

    def __init__(self, window: QWidget, page: QWidget) -> None:
        super().__init__(window)
        self._window, self._page = window, page
        application = QApplication.instance()
        assert isinstance(application, QApplication)
        application.focusChanged.connect(self._moved)

    def _moved(self, old: QWidget | None, _new: QWidget | None) -> None:
        if not isValid(self._window) or old is None:
            return  # the window is being deleted, with the widget that has the focus
        if _able(old) or not self._window.isVisible():
            return
        heir = self._heir(old)
        if heir is not None:
            heir.setFocus(Qt.FocusReason.OtherFocusReason)

    def _heir(self, lost: QWidget) -> QWidget | None:
        """The widget that takes the focus; None where the lost one belongs to another window."""
        around = lost.parentWidget()
        while around is not None and around is not self._window:
            if isinstance(around, HasNeighbour) and _able(around.neighbour()):
                return around.neighbour()
            elsewhere = around.isWindow() and not isinstance(around, QDockWidget)
            around = None if elsewhere else around.parentWidget()
        return self._page if around is not None else None


def _able(widget: QWidget) -> bool:
    return widget.isVisible() and widget.isEnabled()
