"""Measures stalls of the event loop in processor time of the GUI thread, so that a busy machine makes none. A thread
records where the loop was in a long one."""

import os
import sys
import threading
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from PySide6.QtCore import QAbstractEventDispatcher

TELLS = 0.050  # seconds: a stall
FAILS = 0.250  # seconds: one that fails the run
_LOOK = 0.010  # seconds between two looks of the thread


@dataclass(frozen=True, slots=True)
class Stall:
    """A stall. seconds: of processor time; what: the act; where: the stack, innermost last, empty if not seen; quiet:
    no other process wanted the processor meanwhile."""

    seconds: float
    what: str
    where: str
    quiet: bool


class Stalls:
    """Watches the event loop of the thread it is made on, from `begin` to `end`. `what`: the present act."""

    def __init__(self) -> None:
        self.found: list[Stall] = []
        self.what = "start"
        self._main = threading.get_ident()
        self._clock = time.pthread_getcpuclockid(self._main)
        self._since: float | None = None  # of the clock: when the turn, or the action that is measured, began
        self._ours = 0.0  # seconds of this turn that were not the program's
        self._seen = ""
        self._over = threading.Event()
        self._looking = threading.Thread(target=self._look, name="stalls", daemon=True)

    def begin(self) -> None:
        QAbstractEventDispatcher.instance().awake.connect(self._turn)
        self._looking.start()

    def end(self) -> None:
        self._over.set()
        self._looking.join()
        QAbstractEventDispatcher.instance().awake.disconnect(self._turn)

    @contextmanager
    def measured(self, what: str) -> Iterator[None]:
        """Measure one act of the hand as a turn of its own."""
        self.what, before, ours = what, self._since, self._ours
        self._since, self._ours, self._seen = time.thread_time(), 0.0, ""
        try:
            yield
        finally:
            self._note()
            self._since, self._ours = before, ours

    @contextmanager
    def ours(self) -> Iterator[None]:
        """Exclude what the monkey does for itself."""
        begun, since = time.thread_time(), self._since
        self._since = None
        try:
            yield
        finally:
            self._since, self._ours = since, self._ours + time.thread_time() - begun

    def _turn(self) -> None:
        if self._since is not None:
            self._note()
        self._since, self._ours, self._seen = time.thread_time(), 0.0, ""

    def _note(self) -> None:
        if self._since is None:
            return
        seconds = time.thread_time() - self._since - self._ours
        if seconds >= TELLS:
            self.found.append(Stall(seconds, self.what, self._seen, os.getloadavg()[0] < (os.cpu_count() or 1)))

    def _look(self) -> None:
        while not self._over.wait(_LOOK):
            since = self._since
            if since is not None and time.clock_gettime(self._clock) - since - self._ours > TELLS:
                frame = sys._current_frames().get(self._main)
                self._seen = _places(frame)


def _places(frame: object) -> str:
    """The program's own frames of a stack, innermost last."""
    stack = traceback.extract_stack(frame)  # pyright: ignore[reportArgumentType]
    ours = [one for one in stack if "/desktop/" in one.filename or "/models/" in one.filename]
    return " > ".join(f"{one.filename.rpartition('/')[2]}:{one.lineno} {one.name}" for one in ours[-6:])
