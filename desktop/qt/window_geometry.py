"""Reports that a window or a widget was moved or resized, restores its geometry, and fits it to its screen."""

from PySide6.QtCore import QByteArray, QEvent, QObject, QTimer, Signal
from PySide6.QtWidgets import QWidget

REST = 400  # milliseconds after the last change until it is reported
_FULL = 0.94  # fraction of the screen's width and height that a window may take
_CHANGES = {QEvent.Type.Move, QEvent.Type.Resize, QEvent.Type.WindowStateChange, QEvent.Type.Hide, QEvent.Type.Show}


def fit_to_screen(window: QWidget) -> None:
    """Shrink the window to a little less than its screen if it is larger."""
    window.resize(window.size().boundedTo(window.screen().availableGeometry().size() * _FULL))


def restore(window: QWidget, geometry: bytes) -> None:
    """Restore what saveGeometry returned (empty: keep the window's own size); no larger than its screen."""
    fit_to_screen(window)
    if geometry and window.restoreGeometry(QByteArray(geometry)) and not window.isMaximized():
        screen = window.screen().availableGeometry().size()
        if window.size() != window.size().boundedTo(screen):
            fit_to_screen(window)


class WindowGeometry(QObject):
    """Watches widgets. `changed` comes REST milliseconds after the last move, resize, show or hide of any of them."""

    changed = Signal()

    def __init__(self, *watched: QWidget) -> None:
        super().__init__(watched[0])
        self._stopped = False
        self._rest = QTimer(self, interval=REST, singleShot=True)
        self._rest.timeout.connect(self.changed)
        for widget in watched:
            self.watch(widget)

    def watch(self, widget: QWidget) -> None:
        widget.installEventFilter(self)

    def touch(self) -> None:
        """Report a change that the watched events do not show."""
        if not self._stopped:
            self._rest.start()

    def stop(self) -> None:
        """Report nothing any more: the program is closing."""
        self._rest.stop()
        self._stopped = True

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        if event.type() in _CHANGES:
            self.touch()
        return False
