"""Saves a page all the time: what changed is taken on the GUI thread and written on another, one write at a time.

A write that failed is tried again until it succeeds, and nothing that was taken is forgotten meanwhile. Knows neither
where the page lies nor what it holds.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import Executor, Future
from functools import partial
from pathlib import Path
from typing import Protocol

from PySide6.QtCore import QObject, Qt, QTimer, Signal

from desktop.page.listeners import report
from desktop.pagefile.delta import Delta
from desktop.pagefile.values import CannotWriteError, DiskFullError, PageFileError
from resources.language import tr

SOON = 200  # milliseconds from a change of the page to its write
LATER = 1_000  # the same where only the caret moved or the view scrolled
RETRY = 2_000  # milliseconds between a write that failed and the next attempt


class Storing(Protocol):
    """What writes: desktop/pagefile/store.py, or a test's own. path: where to."""

    @property
    def path(self) -> Path: ...

    def write(self, deltas: Sequence[Delta], /) -> None: ...

    def close(self) -> None: ...


class Saver(QObject):
    """One page's way to its file. Every write is done by `executor`, which has one thread.

    saved: all that was taken is on the disk. failed: a PageFileError, told once until a write succeeds again, and once
    more where another follows that will not pass by itself. mended: the write after such a failure succeeded. left:
    after `leave`, the file is closed. path: the file, once it is there.
    """

    saved = Signal()
    failed = Signal(object)
    mended = Signal()
    left = Signal()
    _done = Signal(object)  # the future of a write
    _over = Signal(object)  # the future of the last thing that is done here

    def __init__(
        self,
        take: Callable[[], Delta | None],
        make: Callable[[], Storing],
        executor: Executor,
        store: Storing | None = None,
        parent: QObject | None = None,
    ) -> None:
        """take: what is new on the page, on the GUI thread. store: where to; without one, `make` makes it on the
        writing thread before the first write."""
        super().__init__(parent)
        self._take = take
        self._make = make
        self._executor = executor
        self._store = store  # the writing thread's
        self.path = store.path if store else None
        self._queue: list[Delta] = []  # the writing thread's: what was taken and is not on the disk yet
        self._under_way: Future[None] | None = None  # the newest write
        self._again = self._leaving = self._closed = self._let_go = False
        self._waiting: list[Callable[[], None]] = []
        self._served: list[Callable[[], None]] = []  # those for whom the write under way is made
        self.failing = False  # the last write failed: the page is ahead of its file
        self._passes = False  # by an error that may pass: it is tried again
        self._timer = QTimer(self, singleShot=True)
        self._timer.timeout.connect(self._begin)
        self._done.connect(self._ended, Qt.ConnectionType.QueuedConnection)
        self._over.connect(self._go, Qt.ConnectionType.QueuedConnection)

    def touch(self, within: int = SOON) -> None:
        """Something changed: write within that many milliseconds."""
        if self._closed or self.failing or (self._timer.isActive() and self._timer.remainingTime() <= within):
            return
        self._timer.start(within)

    def when_written(self, then: Callable[[], None]) -> None:
        """Write now what there is; do that when it is written, or could not be."""
        self._waiting.append(then)
        if self.failing:
            self._go_on()
        else:
            self._timer.start(0)

    def flush(self) -> PageFileError | None:
        """Write what there is and wait for the disk; what went wrong, if something did."""
        self._timer.stop()
        self._start(self._take())
        future = self._under_way
        assert future is not None
        future.exception()
        return self._note(future)

    def close(self) -> PageFileError | None:
        """Write what there is, close the file and wait. What went wrong: then not all of the page is in its file."""
        error = self.flush() or self._executor.submit(self._close).result()
        if error is None:
            self._closed = True
            self._timer.stop()
        return error

    def leave(self) -> None:
        """Another page takes this one's place: what was not written yet is, then the file is closed; nobody waits."""
        self._timer.stop()
        self._leaving = True
        self._start(self._take())
        self._take = _nothing

    def stop(self) -> list[Callable[[], None]]:
        """Write no more to that file: the page goes another way. It stays open, to be read from, until `let_go`.
        Returns what waits for a write."""
        self._timer.stop()
        self._take = _nothing
        self._closed = True
        waiting, self._served, self._waiting = self._served + self._waiting, [], []
        return waiting

    def resume(self, take: Callable[[], Delta | None]) -> None:
        """After `stop`: the page stays here after all."""
        self._take, self._closed = take, False
        self.touch()

    def let_go(self) -> None:
        """Close the file, without a wait; that is the last of this saver."""
        if not self._let_go:
            self._let_go = True
            self._executor.submit(self._close).add_done_callback(self._over.emit)

    def _go(self) -> None:
        self.deleteLater()

    # -------------------------------------------------------------------------------------------- on the GUI thread

    def _begin(self) -> None:
        if self._under_way is not None:
            self._again = True
            return
        delta = self._take()
        if delta is not None or self.failing:
            self._start(delta)
        else:
            self._go_on()

    def _start(self, delta: Delta | None) -> None:
        self._again = False
        self._served += self._waiting
        self._waiting = []
        self._under_way = self._executor.submit(self._write, delta, self._leaving)
        self._under_way.add_done_callback(self._done.emit)

    def _ended(self, future: "Future[None]") -> None:
        if future is self._under_way:  # else a newer one was begun, or it was waited for
            self._note(future)

    def _note(self, future: "Future[None]") -> PageFileError | None:
        self._under_way = None
        error = future.exception()
        if error is None:
            self._written()
        else:
            if not isinstance(error, PageFileError):  # a mistake of ours: it surfaces, and the page is tried again
                QTimer.singleShot(0, self, partial(report, [error]))
                error = CannotWriteError(tr("The page could not be written, by a mistake of Inkfall's."))
            self._not_written(error)
            return error
        return None

    def _written(self) -> None:
        was, self.failing = self.failing, False
        if was:
            self.mended.emit()
        self.saved.emit()
        if self._leaving:
            self.left.emit()
        elif self._again:
            self._timer.start(0 if self._waiting else SOON)
        served, self._served = self._served, []
        for then in served:
            then()

    def _not_written(self, error: PageFileError) -> None:
        was, self.failing = self.failing, True
        waited, self._passes = self._passes, isinstance(error, DiskFullError | CannotWriteError)
        if self._passes:
            self._timer.start(RETRY)
        if not was or (waited and not self._passes):
            self.failed.emit(error)
        self._go_on()

    def _go_on(self) -> None:
        waiting, self._served, self._waiting = self._served + self._waiting, [], []
        for then in waiting:
            then()

    # -------------------------------------------------------------------------------------------- on the writing thread

    def _write(self, delta: Delta | None, last: bool) -> None:
        if delta is not None:
            self._queue.append(delta)
        if self._queue:
            if self._store is None:
                self._store = self._make()
                self.path = self._store.path
            self._store.write(self._queue)
            self._queue.clear()
        if last:
            self._close()  # at once: the same page may be opened next; what fails here fails behind a sound file

    def _close(self) -> PageFileError | None:
        store, self._store = self._store, None
        try:
            if store is not None:
                store.close()
        except PageFileError as error:
            return error
        return None


def _nothing() -> None:
    return None
