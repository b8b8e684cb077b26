"""The engine's events, brought to the GUI thread as many a frame as fit into it.

The engine's own threads fill a queue; a timer takes from it. The timer is the throttle: however fast tokens come, the
page changes once a frame, by as much as can be taken in beside painting, and what does not fit waits. Where too much
waits the engine's child does. Knows nothing of pages or of what the events mean.
"""

import sys
import time
from collections.abc import Callable

from PySide6.QtCore import QObject, Qt, QTimer, Signal

from models.engine.engine import Engine
from models.engine.events import Event

FRAME = 16  # milliseconds
IDLE = 200  # milliseconds; a child may die while nobody asks anything of it
BUDGET = 0.008  # seconds of the thread's own work in a frame in which events are taken in
WORK = time.perf_counter if sys.platform == "win32" else time.thread_time  # Windows tells it in steps of a whole frame
LEAST = 32  # events that are taken in at a time: with fewer a change of the page costs what it costs anyway
MOST = 4_096  # events that are ever taken in at a time
FREE = 1e-5  # seconds: an event that cost less did nothing, and says nothing of what another will cost


class EventPump(QObject):
    """Emits `arrived(tuple of events)`, never an empty one."""

    arrived = Signal(object)

    def __init__(self, engine: Engine, parent: QObject | None = None, clock: Callable[[], float] = WORK) -> None:
        super().__init__(parent)
        self.engine = engine
        self._clock = clock
        self._fits = LEAST  # events that the budget is enough for, as it was last
        self._busy = False
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self.drain)
        self._timer.start(IDLE)
        self.closed = False

    def set_busy(self, busy: bool) -> None:
        """Look once a frame while a job is running, and rarely while none is."""
        self._busy = busy
        self._pace(busy)

    def drain(self) -> None:
        """Take in what fits into a frame."""
        began = self._clock()
        while events := self.engine.events(self._fits):
            self._take(events)
            if self._clock() - began > BUDGET / 2:  # there was no room for as many again
                break
        self._pace(self._busy or bool(events))

    def close(self) -> None:
        self.closed = True
        self._timer.stop()
        self.engine.close()

    def _take(self, events: list[Event]) -> None:
        began = self._clock()
        self.arrived.emit(tuple(events))
        cost = (self._clock() - began) / len(events)
        if cost < FREE:
            return
        self._fits = min(max(round(BUDGET / cost), LEAST), 2 * self._fits, MOST)

    def _pace(self, fast: bool) -> None:
        wanted = FRAME if fast else IDLE
        if not self.closed and self._timer.interval() != wanted:
            self._timer.start(wanted)
