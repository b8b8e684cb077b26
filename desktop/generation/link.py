"""The engine's events, brought to the GUI thread once a frame.

The engine's own threads fill a queue; a timer empties it. The timer is the throttle: however fast tokens come, the
page changes at most once a frame. Knows nothing of pages or of what the events mean.
"""

from PySide6.QtCore import QObject, Qt, QTimer, Signal

from models.engine.engine import Engine

FRAME = 16  # milliseconds
IDLE = 200  # milliseconds; a child may die while nobody asks anything of it


class EngineLink(QObject):
    """Emits `arrived(tuple of events)` at most once a frame, and never an empty one."""

    arrived = Signal(object)

    def __init__(self, engine: Engine, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.engine = engine
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self.drain)
        self._timer.start(IDLE)
        self.closed = False

    def set_busy(self, busy: bool) -> None:
        """Look once a frame while a job is running, and rarely while none is."""
        wanted = FRAME if busy else IDLE
        if self._timer.interval() != wanted:
            self._timer.start(wanted)

    def drain(self) -> None:
        if events := self.engine.events():
            self.arrived.emit(tuple(events))

    def close(self) -> None:
        self.closed = True
        self._timer.stop()
        self.engine.close()
