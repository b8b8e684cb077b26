"""Pages that were replaced by another one, until all of each is in its file and the file is closed.

No caller waits for this. A page whose file cannot be written continues in another file.
"""

from dataclasses import replace
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Qt, Signal

from desktop.open_page.saving import Saver
from desktop.open_page.state import LeftPage, stays_in
from desktop.pagefile.values import PageFileError


class LeavingPages(QObject):
    """page_left: all of a page is in its file, which is closed. emptied: the file of a page that left without a title
    or a word. file_freed: a file is not written any more by a page that leaves. message: a sentence for the user."""

    page_left = Signal()
    emptied = Signal(object)
    file_freed = Signal()
    message = Signal(str)
    _left = Signal(object)  # the saver of a page that left

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._pages: dict[Saver, LeftPage] = {}
        self._finished = False
        self._left.connect(self._page_left, Qt.ConnectionType.QueuedConnection)

    @property
    def empty(self) -> bool:
        """Whether no page is leaving."""
        return not self._pages

    @property
    def paths(self) -> set[Path | None]:
        """The files that are still written."""
        return {saver.path for saver in self._pages}

    def is_unsaved(self, path: Path) -> bool:
        """Whether a page of that file leaves and could not be written so far."""
        return any(saver.path == path and saver.failing for saver in self._pages)

    def get(self, saver: Saver) -> LeftPage | None:
        """The page that leaves by that saver."""
        return self._pages.get(saver)

    def add(self, saver: Saver, left: LeftPage) -> None:
        """Write what is not written of that page, then close its file."""
        self._pages[saver] = left
        saver.left.connect(partial(self._left.emit, saver))
        saver.leave()

    def hand_over(self, saver: Saver, successor: Saver, left: LeftPage) -> None:
        """The page of `saver` leaves by its successor, to another file."""
        del self._pages[saver]
        waiting = saver.stop()
        self.add(successor, left)
        for then in waiting:
            successor.when_written(then)
        self.file_freed.emit()

    def return_to_former(self, error: PageFileError, saver: Saver, left: LeftPage, path: Path, former: Saver) -> None:
        """The file that the user wanted the page in cannot be written, and the page left before that was known: all of
        it goes to the former file, which is still open."""
        former.resume(left.all_once())
        self.hand_over(saver, former, replace(left, former=None))
        saver.release()
        self.message.emit(stays_in(error, path))

    def close(self) -> str:
        """Write and close all files, and wait; those too in which a page continues because of this. Gives a sentence
        where one cannot be written, or ""."""
        done: set[Saver] = set()
        while savers := [saver for saver in self._pages if saver not in done]:
            for saver in savers:
                done.add(saver)
                if (error := saver.close()) is not None and saver in self._pages:
                    return str(error)
        return ""

    def finish(self) -> None:
        """After `close`: do what waits for the pages that left."""
        self._finished = True
        pages, self._pages = self._pages, {}
        for saver, left in pages.items():
            if left.then is not None and saver.path is not None:
                left.then(saver.path)

    def _page_left(self, saver: Saver) -> None:
        left = self._pages.pop(saver, None)
        if self._finished:
            return
        saver.release()
        self.page_left.emit()
        if left is not None and left.former is not None:
            left.former[1].release()
        if left is not None and saver.path is not None:
            if left.then is not None:
                left.then(saver.path)
            elif left.empty:
                self.emptied.emit(saver.path)
        self.file_freed.emit()
