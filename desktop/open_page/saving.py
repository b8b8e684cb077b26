"""Saves a page all the time: what changed is taken on the GUI thread and written on another, one write at a time.

A write that failed is tried again until it succeeds, and nothing that was taken is forgotten meanwhile. Imports neither
the page nor its file: it is given what it takes from and what it writes to.
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
STREAMED = 400  # the same where the model writes: each write takes time from it
LATER = 1_000  # the same where only the caret moved or the view scrolled
RETRY = 2_000  # milliseconds between a write that failed and the next attempt


class Storing(Protocol):
    """The writer of deltas: desktop/pagefile/store.py, or a fake. path: the file."""

    @property
    def path(self) -> Path: ...

    def write(self, deltas: Sequence[Delta], /) -> None: ...

    def close(self) -> None: ...


class Saver(QObject):
    """Writes one page to its file. Every write is done by `executor`, which has one thread.

    saved: all that was taken is on the disk. failed: a PageFileError, emitted once until a write succeeds again, and
    once more where an error follows that no retry can pass. mended: the write after such a failure succeeded. left:
    after `leave`, the file is closed. path: the file, once it exists.
    """

    saved = Signal()
    failed = Signal(object)
    mended = Signal()
    left = Signal()
    _done = Signal(object)  # the future of a write
    _file_closed = Signal(object)  # the future of closing the file, the last job

    def __init__(
        self,
        take: Callable[[], Delta | None],
        make: Callable[[], Storing],
        executor: Executor,
        store: Storing | None = None,
        parent: QObject | None = None,
    ) -> None:
        """take: gives what is new on the page; called on the GUI thread. store: the file; without one, `make` makes it
        on the writing thread before the first write."""
        super().__init__(parent)
        self._take = take
        self._make = make
        self._executor = executor
        self._store = store  # the writing thread's
        self.path = store.path if store else None
        self._unwritten: list[Delta] = []  # the writing thread's: taken, and not on the disk yet
        self._write_under_way: Future[None] | None = None  # the newest one
        self._again = self._leaving = self._closed = self._released = False
        self._waiting: list[Callable[[], None]] = []
        self._waiting_for_write: list[Callable[[], None]] = []  # of `_waiting`: for the write under way
        self.failing = False  # the last write failed: the page is ahead of its file
        self._retrying = False  # the last write failed by an error that may pass
        self._timer = QTimer(self, singleShot=True)
        self._timer.timeout.connect(self._begin)
        self._done.connect(self._write_done, Qt.ConnectionType.QueuedConnection)
        self._file_closed.connect(self._delete, Qt.ConnectionType.QueuedConnection)

    def touch(self, within: int = SOON) -> None:
        """Something changed: write it within that many milliseconds."""
        if self._closed or self.failing or (self._timer.isActive() and self._timer.remainingTime() <= within):
            return
        self._timer.start(within)

    def when_written(self, then: Callable[[], None]) -> None:
        """Write what is new now; call that when it is written, or could not be."""
        self._waiting.append(then)
        if self.failing:
            self._run_waiting()
        else:
            self._timer.start(0)

    def flush(self) -> PageFileError | None:
        """Write what is new and wait for the disk. Gives what went wrong, if something did."""
        self._timer.stop()
        self._start(self._take())
        future = self._write_under_way
        assert future is not None
        future.exception()
        return self._write_ended(future)

    def close(self) -> PageFileError | None:
        """Write what is new, close the file and wait. Gives what went wrong, if something did: then the file lacks
        something of the page."""
        error = self.flush() or self._executor.submit(self._close).result()
        if error is None:
            self._closed = True
            self._timer.stop()
        return error

    def leave(self) -> None:
        """Write what is new, then close the file, without a wait: another page takes this one's place."""
        self._timer.stop()
        self._leaving = True
        self._start(self._take())
        self._take = _nothing

    def stop(self) -> list[Callable[[], None]]:
        """Write no more to this file: the page continues in another. The file stays open, to be read from, until
        `release`. Gives the functions that wait for a write."""
        self._timer.stop()
        self._take = _nothing
        self._closed = True
        waiting, self._waiting_for_write, self._waiting = self._waiting_for_write + self._waiting, [], []
        return waiting

    def resume(self, take: Callable[[], Delta | None]) -> None:
        """After `stop`: the page continues in this file after all."""
        self._take, self._closed = take, False
        self.touch()

    def release(self) -> None:
        """Close the file, without a wait, and delete this saver."""
        if not self._released:
            self._released = True
            self._executor.submit(self._close).add_done_callback(self._file_closed.emit)

    def _delete(self) -> None:
        self.deleteLater()

    # -------------------------------------------------------------------------------------------- on the GUI thread

    def _begin(self) -> None:
        if self._write_under_way is not None:
            self._again = True
            return
        delta = self._take()
        if delta is not None or self.failing:
            self._start(delta)
        else:
            self._run_waiting()

    def _start(self, delta: Delta | None) -> None:
        self._again = False
        self._waiting_for_write += self._waiting
        self._waiting = []
        self._write_under_way = self._executor.submit(self._write, delta, self._leaving)
        self._write_under_way.add_done_callback(self._done.emit)

    def _write_done(self, future: "Future[None]") -> None:
        if future is self._write_under_way:  # else a newer one was begun, or `flush` waited for it
            self._write_ended(future)

    def _write_ended(self, future: "Future[None]") -> PageFileError | None:
        self._write_under_way = None
        error = future.exception()
        if error is None:
            self._written()
        else:
            if not isinstance(error, PageFileError):  # a bug of ours: it surfaces, and the page is tried again
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
        served, self._waiting_for_write = self._waiting_for_write, []
        for then in served:
            then()

    def _not_written(self, error: PageFileError) -> None:
        was, self.failing = self.failing, True
        waited, self._retrying = self._retrying, isinstance(error, DiskFullError | CannotWriteError)
        if self._retrying:
            self._timer.start(RETRY)
        if not was or (waited and not self._retrying):
            self.failed.emit(error)
        self._run_waiting()

    def _run_waiting(self) -> None:
        waiting, self._waiting_for_write, self._waiting = self._waiting_for_write + self._waiting, [], []
        for then in waiting:
            then()

    # -------------------------------------------------------------------------------------------- on the writing thread

    def _write(self, delta: Delta | None, last: bool) -> None:
        if delta is not None:
            self._unwritten.append(delta)
        if self._unwritten:
            if self._store is None:
                self._store = self._make()
                self.path = self._store.path
            self._store.write(self._unwritten)
            self._unwritten.clear()
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
