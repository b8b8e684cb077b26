"""The thread on which all pages' files are read, written and closed, one job after the other.

Several readings may be under way; only the last one asked for becomes the open page. Does not import the page.
"""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Qt, Signal

from desktop.open_page import disk
from desktop.open_page.load_page import ReadPage
from desktop.pagefile.store import Store
from desktop.pagefile.values import PageFileError


class PageFileQueue(QObject):
    """page_read: the ReadPage that was asked for last; None where the open page stays. reading_failed: why it could not
    be read, a sentence for the user. unwanted_ended: a reading that is not wanted any more has ended, or the file that
    it opened is closed. executor: the thread. closed: nothing is done on it any more."""

    page_read = Signal(object)
    reading_failed = Signal(str)
    unwanted_ended = Signal()
    _done = Signal(object)  # the future of a reading, or of closing what was read

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.executor = ThreadPoolExecutor(1, "page file")
        self.closed = False
        self._wanted: Future[ReadPage | None] | None = None  # the reading that was asked for last
        self._under_way: dict[Future[Any], Path | None] = {}  # readings, and closings of abandoned pages
        self._done.connect(self._job_ended, Qt.ConnectionType.QueuedConnection)

    @property
    def busy(self) -> bool:
        """Whether a page is being read, to be the open one."""
        return self._wanted is not None

    @property
    def paths(self) -> set[Path | None]:
        """Files that are being read, or closed because they were abandoned; None for one that is not chosen yet."""
        return set(self._under_way.values())

    def read(
        self,
        open_file: Path | None,
        choose: Callable[[], Path | None],
        listed_as: Callable[[Path], Path],
        path: Path | None = None,
    ) -> None:
        """Read the file that `choose` names, on the thread. open_file: the open page's own file, which is not read
        again. path: what `choose` will name, where that is known."""
        self._wanted = self.executor.submit(disk.read_unless, open_file, choose, listed_as)
        self._under_way[self._wanted] = path
        self._wanted.add_done_callback(self._done.emit)

    def cancel(self) -> None:
        """The reading that was asked for is not wanted any more."""
        self._wanted = None

    def in_turn(self, work: Callable[[], object]) -> Callable[[], object]:
        """Do that on the thread. Gives a function that waits for its result, and raises what it raised."""
        return work if self.closed else self.executor.submit(work).result

    def close(self) -> None:
        """Wait for all jobs; nothing that is still read is wanted."""
        self._wanted = None
        self.executor.shutdown()
        self.closed = True

    def _job_ended(self, job: "Future[ReadPage | None]") -> None:
        path = self._under_way.pop(job, None)
        if job is not self._wanted:
            if job.exception() is None and (read := job.result()) and read.store:
                self._close_unwanted(read.store, path)
            self.unwanted_ended.emit()
            return
        self._wanted = None
        error = job.exception()
        if isinstance(error, PageFileError):
            self.reading_failed.emit(str(error))
        elif error is not None:
            raise error
        else:
            self.page_read.emit(job.result())

    def _close_unwanted(self, store: Store, path: Path | None) -> None:
        """Another page was asked for meanwhile, or this is closed."""
        if self.closed:
            store.close()
            return
        closing = self.executor.submit(store.close)
        self._under_way[closing] = path
        closing.add_done_callback(self._done.emit)
