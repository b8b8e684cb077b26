"""Tells when the user has moved or resized a window, or something in it. Knows nothing of what is kept."""

from PySide6.QtCore import QByteArray, QEvent, QObject, QTimer, Signal
from PySide6.QtWidgets import QWidget

REST = 400  # milliseconds without a change before it is told
_FULL = 0.94  # of a screen's width and height
_CHANGES = {QEvent.Type.Move, QEvent.Type.Resize, QEvent.Type.WindowStateChange, QEvent.Type.Hide, QEvent.Type.Show}


def fit_to_screen(window: QWidget) -> None:
    """Make it no larger than its screen, with a little room around: a first window on a small or magnified one."""
    window.resize(window.size().boundedTo(window.screen().availableGeometry().size() * _FULL))


def restore(window: QWidget, geometry: bytes) -> None:
    """Put it where saveGeometry said, or leave its own size where nothing was said; no larger than its screen."""
    fit_to_screen(window)
    if geometry and window.restoreGeometry(QByteArray(geometry)) and not window.isMaximized():
        screen = window.screen().availableGeometry().size()
        if window.size() != window.size().boundedTo(screen):
            fit_to_screen(window)


class WindowGeometry(QObject):
    """`changed`: a moment after the last change of the widgets that are watched."""

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
        """Something else has changed."""
        if not self._stopped:
            self._rest.start()

    def stop(self) -> None:
        """Tell nothing any more: what goes on now is the end."""
        self._rest.stop()
        self._stopped = True

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        if event.type() in _CHANGES:
            self.touch()
        return False
