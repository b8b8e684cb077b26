"""Which file the open page is saved in, and where it continues when that file cannot be written.

A new page reserves a path and gets its file with its first word; if another file is there by then, it gets the next
name. A page whose file was changed by another program, or cannot be written for good, continues in a new file beside
the others. A message says so once the new file exists.
"""

from collections.abc import Callable, Container
from concurrent.futures import Executor
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Qt, Signal

from desktop.open_page import disk
from desktop.open_page.leaving_pages import LeavingPages
from desktop.open_page.load_page import ReadPage
from desktop.open_page.page_record import PageRecord
from desktop.open_page.saving import Saver, Storing
from desktop.open_page.state import LeftPage, OpenPageState, stays_in
from desktop.pagefile.delta import Delta
from desktop.pagefile.store import Store
from desktop.pagefile.tracker import Tracker
from desktop.pagefile.values import CannotWriteError, DiskFullError, PageFileError
from resources.language import tr


class PageLocation(QObject):
    """message: a sentence for the user. mended: the same, when a write succeeds after a failure. file_opened: the file
    in which the page is saved from now on. page_saved: its path and Facts. status_changed: the page's title, or whether
    the page is ahead of its file, may have changed."""

    message = Signal(str)
    mended = Signal(str)
    file_opened = Signal(object)
    page_saved = Signal(object, object)
    status_changed = Signal()

    def __init__(
        self,
        record: PageRecord,
        leaving: LeavingPages,
        executor: Executor,
        new_path: Callable[[str, Container[Path]], Path],
        listed_as: Callable[[Path], Path],
        parent: QObject | None = None,
    ) -> None:
        """new_path, listed_as: as for OpenPage. executor: the thread for pages' files."""
        super().__init__(parent)
        self._record, self._leaving, self._executor = record, leaving, executor
        self._new_path, self._listed_as = new_path, listed_as
        self._reserved: set[Path] = set()  # paths of pages that may have no file yet
        self._pending_messages: dict[Saver, tuple[str, str]] = {}  # emitted at the first save: an error, and {name}
        self.begin_new("")

    # -------------------------------------------------------------------------------------------- the file

    @property
    def path(self) -> Path:
        """The page's file; where it has none yet, the path that is reserved for it."""
        return self._state.path

    @property
    def has_file(self) -> bool:
        return self._state.has_file

    @property
    def failing(self) -> bool:
        """Whether the last write failed: the page is ahead of its file."""
        return self._state.saver.failing

    @property
    def opened_file(self) -> Path | None:
        """The file that the page was read from or is saved in; None where it has none yet."""
        return self._state.path if self._state.has_file or self._state.read_only else None

    def begin_new(self, title: str) -> None:
        """A new page with that title, without a file."""
        path = self._reserve(title)
        self._state = OpenPageState(path, Tracker(), self._saver(self._take, path))

    def begin_read(self, read: ReadPage) -> None:
        """A page that was read: in its own file where that can be written."""
        has_file = read.store is not None
        path = read.path if has_file or read.read_only else self._reserve(read.facts.title)
        saver = self._saver(self._take, path, read.store)
        self._state = OpenPageState(path, read.tracker, saver, has_file, read.read_only)

    def leave(self, then: Callable[[Path], None] | None = None) -> None:
        """The page leaves: what is not written yet is written while the next one is open. then: is called with its file
        when that is closed."""
        state = self._state
        snapshot = self._record.snapshot()
        if state.saver.failing:
            sentence = tr("“{name}” is not saved yet; it is tried again every two seconds.")
            self.message.emit(sentence.format(name=state.path.name))
        self._leaving.add(state.saver, LeftPage(state.tracker, *snapshot, former=state.former, then=then))

    def _reserve(self, title: str) -> Path:
        """A path for a page with that title, which no other page gets."""
        path = self._new_path(title, self._reserved)
        self._reserved.add(path)
        return path

    # -------------------------------------------------------------------------------------------- saving

    def touch(self, *within: int) -> None:
        """Something changed: write soon, or within that many milliseconds."""
        self._state.saver.touch(*within)

    def when_saved(self, then: Callable[[Path | None, bool], None]) -> None:
        """Write what is not written yet, then call that with the file in which all of this page is, and whether it
        could be written."""
        state = self._state
        state.saver.when_written(lambda: then(state.saver.path, not state.saver.failing))

    def flush(self) -> PageFileError | None:
        """Write what is not written yet, and wait. Gives what went wrong, if something did."""
        return self._write(Saver.flush)

    def close(self) -> PageFileError | None:
        """Write what is not written yet, close the file and wait; where it cannot be written, write the page to another
        file. Gives what went wrong where neither could be done."""
        error = self._write(Saver.close)
        return None if error is None or self._rescued(error) else error

    def _write(self, write: Callable[[Saver], PageFileError | None]) -> PageFileError | None:
        """Write by the page's saver; where the page continues in another file because of that, by that one's saver."""
        saver = self._state.saver
        error = write(saver)
        return error if error is None or self._state.saver is saver else write(self._state.saver)

    def _take(self) -> Delta | None:
        """The changes of the page since the last call, for its saver."""
        state = self._state
        if state.read_only or (not state.has_file and self._record.untouched):
            return None
        delta = self._record.delta(state.tracker)
        state.taken = state.taken or delta is not None
        return delta

    def _saver(
        self,
        take: Callable[[], Delta | None],
        path: Path,
        store: Storing | None = None,
        make: Callable[[], Store] | None = None,
    ) -> Saver:
        """store: the file where it exists. make: makes it; by default, disk.create_near does."""
        saver = Saver(take, make or partial(disk.create_near, path), self._executor, store, self)
        saver.saved.connect(partial(self._saved, saver))
        saver.failed.connect(partial(self._failed, saver))
        saver.mended.connect(self._mended)
        return saver

    def _saved(self, saver: Saver) -> None:
        state = self._state
        if saver.path is not None and saver in self._pending_messages:
            error, sentence = self._pending_messages.pop(saver)
            self.message.emit(f"{error} {sentence.format(name=saver.path.name)}".strip())
        if saver is state.saver and state.taken:
            former, state.former = state.former, None
            if former is not None:
                former[1].release()
            path = saver.path or state.path
            if not state.has_file or path != state.path:
                state.path, state.has_file = path, True
                self.file_opened.emit(path)
            self.page_saved.emit(path, self._record.facts())

    def _mended(self) -> None:
        self.mended.emit(tr("The page is saved again."))
        self.status_changed.emit()

    # -------------------------------------------------------------------------------------------- another file

    def move_to(self, path: Path) -> None:
        """Continue in that file, which is made at once; the current one stays as it is. Where the other cannot be
        written, the page returns to the current one."""
        state = self._state
        here = (state.path, state.saver) if state.has_file and not state.saver.failing else None
        former = state.former or here  # the file before may not have been written yet
        self._continue_in(path, lambda: disk.create_page(self._listed_as(path)))
        state.former = former
        state.saver.touch()

    def leave_read_only_file(self) -> None:
        """The page changed: where its file cannot be written, continue in a new one."""
        if self._state.read_only:
            self._continue_in(self._reserve(self._record.title))
            sentence = tr("The file cannot be written: your page is now saved in “{name}”.")
            self._pending_messages[self._state.saver] = "", sentence

    def _failed(self, saver: Saver, error: PageFileError) -> None:
        left = self._leaving.get(saver)
        if saver is self._state.saver and self._state.former is not None:
            self._return_to_former(error, *self._state.former)
        elif left is not None and left.former is not None:
            self._leaving.return_to_former(error, saver, left, *left.former)
        elif isinstance(error, DiskFullError | CannotWriteError):
            retried = tr("The page stays open, and saving is tried again every two seconds.")
            self.message.emit(f"{error} {retried}")
            self.status_changed.emit()
        elif saver is self._state.saver:
            self._continue_in_new_file(error)
        elif left is not None:
            self._leave_to_new_file(error, saver, left)

    def _continue_in_new_file(self, error: PageFileError) -> None:
        former = self.path.name
        self._continue_in(self._reserve(self._record.title))
        self._state.saver.touch()
        sentence = tr("“{former}” stays as it is; your page is now saved in “{name}”.")
        self._pending_messages[self._state.saver] = str(error), sentence.replace("{former}", _unbraced(former))

    def _leave_to_new_file(self, error: PageFileError, saver: Saver, left: LeftPage) -> None:
        path = self._reserve(left.facts.title)
        successor = self._saver(left.all_once(), path)
        successor.left.connect(saver.release)
        self._pending_messages[successor] = str(error), tr("What you had written is in “{name}”.")
        self._leaving.hand_over(saver, successor, left)

    def _continue_in(self, path: Path, make: Callable[[], Store] | None = None) -> None:
        """The same page in another file, which is empty so far. What the page has not read yet comes from the former
        file, which is closed after the first save. make: makes the file; by default, at that path or near it."""
        state, former = self._state, self._state.saver
        waiting = former.stop()
        state.tracker.forget()
        state.path, state.has_file, state.read_only = path, True, False
        state.saver = self._saver(self._take, path, make=make)
        state.saver.saved.connect(former.release, Qt.ConnectionType.SingleShotConnection)
        for then in waiting:
            state.saver.when_written(then)
        self.status_changed.emit()
        self.file_opened.emit(path)

    def _return_to_former(self, error: PageFileError, path: Path, saver: Saver) -> None:
        """The file that the user wanted the page in cannot be written: all of it goes to the former file, which is
        still open."""
        state = self._state
        waiting = state.saver.stop()
        state.saver.saved.disconnect()
        state.saver.release()
        state.tracker.forget()
        state.path, state.saver, state.former = path, saver, None
        saver.resume(self._take)
        for then in waiting:
            saver.when_written(then)
        self.status_changed.emit()
        self.file_opened.emit(path)
        self.message.emit(stays_in(error, path))

    def _rescued(self, error: PageFileError) -> bool:
        """The window closes and the page cannot be written where it is: write it to a new file beside the others.
        Whether that succeeded."""
        path = self._reserve(self._record.title)
        if path.parent == self.path.parent and isinstance(error, DiskFullError | CannotWriteError):
            return False
        self._continue_in(path)
        return self._state.saver.close() is None


def _unbraced(name: str) -> str:
    """A name as a part of a sentence that is still to be formatted."""
    return name.replace("{", "{{").replace("}", "}}")
