"""Brings the engine's events to the GUI thread, in each frame as many as fit into it.

The engine's threads fill a queue; a timer takes from it. The timer is the throttle: however fast tokens come, the page
changes once a frame, by as much as can be handled beside painting, and the rest waits. Where too many events wait, the
engine's child waits too. Does not look into the events.
"""

import sys
import time
from collections.abc import Callable

from PySide6.QtCore import QObject, Qt, QTimer, Signal

from models.engine.engine import Engine
from models.engine.events import Event
from models.library.machine import FRAME, frame, logical_cores

IDLE = 200  # milliseconds; a child may die while it is idle
BUDGET = 0.008  # seconds of CPU time per frame for handling events
CPU_CLOCK = (
    time.perf_counter if sys.platform == "win32" else time.thread_time
)  # on Windows, thread time moves in steps of a whole frame
LEAST = 32  # events at a time: with fewer, the fixed cost of a change of the page outweighs them
MOST = 4_096  # events at a time
FREE = 1e-5  # seconds: an event that cost less was dropped, and does not predict what another costs


class EventPump(QObject):
    """`arrived` carries a tuple of events, never empty."""

    arrived = Signal(object)

    def __init__(
        self,
        engine: Engine,
        parent: QObject | None = None,
        clock: Callable[[], float] = CPU_CLOCK,
        cores: Callable[[], int] = logical_cores,
    ) -> None:
        """clock: seconds of work. cores: how many this machine has."""
        super().__init__(parent)
        self.engine = engine
        self._clock = clock
        self._writing_frame = frame(cores)
        self._frame = FRAME
        self._fits = LEAST  # events that fit into the budget, by what the last ones cost
        self._busy = False
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self.drain)
        self._timer.start(IDLE)
        self.closed = False

    def set_busy(self, busy: bool, writes: bool = False) -> None:
        """Take events once a frame while a job runs, and rarely while none does. writes: the job writes a text, whose
        frames are long where cores are few; the answer to a question comes soon.
        """
        self._busy = busy
        self._frame = self._writing_frame if writes else FRAME
        self._pace(busy)

    def drain(self) -> None:
        """Emit the events that fit into a frame."""
        began = self._clock()
        while events := self.engine.events(self._fits):
            self._take(events)
            if self._clock() - began > BUDGET / 2:  # the same again might not fit
                break
        self._pace(self._busy or bool(events))

    def close(self) -> None:
        """Stop the timer and close the engine."""
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
        wanted = self._frame if fast else IDLE
        if not self.closed and self._timer.interval() != wanted:
            self._timer.start(wanted)
