"""The page that is open: how it is opened, renamed, saved, and replaced by another one.

A page is saved all the time (saving.py), from its first word on. page_record.py says what is written, page_location.py
to which file; leaving_pages.py finishes the pages that were open before. All that needs the disk is done on one thread
(page_file_queue.py). Imports neither widgets nor engines.
"""

import time
from collections.abc import Callable, Container
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from desktop.open_page.leaving_pages import LeavingPages
from desktop.open_page.load_page import ReadPage
from desktop.open_page.page_file_queue import PageFileQueue
from desktop.open_page.page_location import PageLocation
from desktop.open_page.page_record import FIRST_LINE_WITHIN, PageRecord
from desktop.open_page.saving import LATER, SOON, STREAMED
from desktop.page.edit import BranchGrowth, Change
from desktop.page.page import Page
from desktop.pagefile.names import file_name
from desktop.pagefile.values import Facts, View
from resources.language import tr

NOTHING = tr("There is nothing on the page yet.")


class OpenPage(QObject):
    """message: a sentence for the user. refused: the same, about a request that cannot be met now. mended: the same,
    when a write succeeds after a failure. title_changed: its title, and whether the page is ahead of its file.
    page_opened: the file of the page that is open now, None where it has none yet. page_saved: its path and Facts.
    leaving: the page is about to be replaced; page_left: all of it is in its file. emptied: the file of a page that
    left without a title or a word. view_requested: the View in which the page was left. position_requested: a position
    to be shown, in UTF-16 units."""

    message = Signal(str)
    refused = Signal(str)
    mended = Signal(str)
    title_changed = Signal(str, bool)
    page_opened = Signal(object)
    page_saved = Signal(object, object)
    leaving = Signal()
    page_left = Signal()
    emptied = Signal(object)
    view_requested = Signal(object)
    position_requested = Signal(int)

    def __init__(
        self,
        page: Page,
        view: Callable[[], View],
        new_path: Callable[[str, Container[Path]], Path],
        count: Callable[[str], tuple[int, int]],
        clock: Callable[[], float] = time.time,
        parent: QObject | None = None,
        listed_as: Callable[[Path], Path] = lambda path: path,
    ) -> None:
        """view: caret and scroll position of the page in its window. new_path: a path for a page with that title, which
        is none of those given; the disk is not asked. count: words and characters of a text. clock: seconds since 1970.
        listed_as: a path as the list of pages has it, however its folder is spelt; it may ask the disk."""
        super().__init__(parent)
        self._page = page
        self._listed_as = listed_as
        self._record = PageRecord(page, view, count, clock, self)
        self._queue = PageFileQueue(self)
        self._leaving = LeavingPages(self)
        self._record.begin_new("")
        self._location = PageLocation(self._record, self._leaving, self._queue.executor, new_path, listed_as, self)
        self._waits: list[tuple[Path, Callable[[], None]]] = []  # what is to be done when those files are at rest
        self._when_ready: list[Callable[[], None]] = []
        self.opened = 0  # how many pages were opened so far
        self._position = -1  # of the page that is being read, to be shown
        self._shown_name = ""
        self._connect()
        page.listeners.append(self._changed)
        page.growth_listeners.append(self._branch_grew)

    def _connect(self) -> None:
        self._queue.page_read.connect(self._page_read)
        self._queue.reading_failed.connect(self._reading_failed)
        self._queue.unwanted_ended.connect(self._run_waits)
        self._leaving.page_left.connect(self.page_left)
        self._leaving.emptied.connect(self.emptied)
        self._leaving.file_freed.connect(self._run_waits)
        self._leaving.message.connect(self.message)
        self._location.message.connect(self.message)
        self._location.mended.connect(self.mended)
        self._location.file_opened.connect(self.page_opened)
        self._location.page_saved.connect(self.page_saved)
        self._location.status_changed.connect(self._show_title)

    # -------------------------------------------------------------------------------------------- what is open

    @property
    def path(self) -> Path:
        """The open page's file, which is made with its first word; until then another file may be made there, and the
        page gets another name."""
        return self._location.path

    @property
    def title(self) -> str:
        return self._record.title

    @property
    def name(self) -> str:
        """The page's title, or else the beginning of its text; "" where it has neither."""
        return self._record.name

    @property
    def file_name(self) -> str:
        """`name` as a file name without suffix; where the page has no name, that of its own file."""
        return file_name(self.name) or self.path.stem

    @property
    def has_file(self) -> bool:
        return self._location.has_file

    @property
    def blank(self) -> bool:
        """Whether nothing was ever written on it."""
        return not self.has_file and self._page.untouched

    @property
    def safe(self) -> bool:
        """Whether the last write succeeded."""
        return not self._location.failing

    @property
    def busy(self) -> bool:
        """Whether a page is being read, to be the open one."""
        return self._queue.busy

    @property
    def at_rest(self) -> bool:
        """Whether no page is being read and no page that left is being written."""
        return not self.busy and self._leaving.empty

    def when_ready(self, then: Callable[[], None]) -> None:
        """Call that as soon as no page is being read."""
        if self.busy:
            self._when_ready.append(then)
        else:
            then()

    def facts(self) -> Facts:
        """The open page's entry for a list of pages."""
        return self._record.facts()

    # -------------------------------------------------------------------------------------------- opening

    def open(self, path: Path, position: int = -1) -> None:
        """Open the page in that file, or the text in it; the page that is open is closed. position: what is to be shown
        of it, in UTF-16 units; -1 for where it was left."""
        path = path.absolute()
        if path == self.path and self.has_file:
            self._queue.cancel()  # another that was asked for before is not wanted any more
            self._stay(position)
            return
        if self._leaving.is_unsaved(path):
            self.message.emit(
                tr("“{name}” is not fully saved yet. It can be opened once it is.").format(name=path.name)
            )
            return
        self._position = position
        self._begin_reading(lambda: path, path)

    def open_chosen(self, choose: Callable[[], Path | None]) -> None:
        """Open the page that `choose` names, if any. It runs on the thread for files, and may ask the disk."""
        self._begin_reading(choose)

    def _begin_reading(self, choose: Callable[[], Path | None], path: Path | None = None) -> None:
        """path: where it is known before the disk is asked."""
        self._queue.read(self.path if self.has_file else None, choose, self._listed_as, path)

    def _page_read(self, read: ReadPage | None) -> None:
        if read is None:
            self._stay(self._position)
        else:
            self._show_read(read)
        self._run_when_ready()
        self._run_waits()

    def _reading_failed(self, sentence: str) -> None:
        self._position = -1
        self.message.emit(sentence)
        self._run_when_ready()
        self._run_waits()

    def _stay(self, position: int) -> None:
        """The page that was asked for is the one that is open."""
        self._position = -1
        if position >= 0:
            self.position_requested.emit(position)
        self._run_when_ready()

    def _show_read(self, read: ReadPage) -> None:
        self._leave()
        self._record.begin(read.facts)
        self._location.begin_read(read)
        self._page.put(read.contents)
        self._show(read.view)
        if read.sentence:
            self.message.emit(read.sentence)
        if read.reader is not None:
            read.reader.on_message = self.message.emit
        if read.store is None:
            self._record.discard_counts()
            self._location.touch()

    def new(self, title: str = "") -> None:
        """Open an empty page, which gets its file with its first word."""
        if self.blank and not title and not self.title:
            self._queue.cancel()
            self._position = -1
            self._run_when_ready()  # nothing is gained by another empty page
        else:
            self._begin_new(title)

    def leave_then(self, then: Callable[[Path], None]) -> None:
        """Open an empty page; when the file of the former one is closed, call that with it."""
        if self.blank:
            self.refused.emit(NOTHING)
        else:
            self._begin_new(then=then)

    def _begin_new(self, title: str = "", then: Callable[[Path], None] | None = None) -> None:
        """then: gets the file of the page that leaves, when it is closed."""
        self._queue.cancel()
        self._position = -1
        self._leave(then)
        self._record.begin_new(title)
        self._location.begin_new(title)
        self._page.put(self._page.blank())
        self._show(View())
        self._run_when_ready()

    def _leave(self, then: Callable[[Path], None] | None = None) -> None:
        """The open page leaves: what was not written yet is written while the next one is open."""
        self.leaving.emit()
        self._record.count_words()
        self._location.leave(then)

    def _show(self, view: View) -> None:
        self.opened += 1
        self._record.last_view = view
        position, self._position = self._position, -1
        self.view_requested.emit(view)
        if position >= 0:
            self.position_requested.emit(position)
        self._show_title()
        self.page_opened.emit(self._location.opened_file)

    def _show_title(self) -> None:
        self._shown_name = self.name
        self.title_changed.emit(self._shown_name, self._location.failing)

    def _run_when_ready(self) -> None:
        waiting, self._when_ready = self._when_ready, []
        for then in waiting:
            then()

    # -------------------------------------------------------------------------------------------- files

    def rename(self, title: str) -> None:
        self._record.rename(title)
        self._show_title()
        self._location.touch()

    def move_to(self, path: Path) -> None:
        """The page continues in another file, which is made at once; the former one stays as it is. Where the other
        cannot be written, the page continues in the former one."""
        self._location.move_to(path)

    def save_then(self, then: Callable[[Path | None], object]) -> None:
        """Write what is not written yet; then call that with the file in which all of this page is: None where it could
        not be written, or (with a message) nothing was on it."""

        def written(path: Path | None, succeeded: bool) -> None:
            if path is None and succeeded:
                self.refused.emit(NOTHING)
            then(path if succeeded else None)

        self._location.when_saved(written)

    def save(self) -> str:
        """Write what is not written yet, and wait for the disk. Gives a sentence where it cannot be written, or ""."""
        if self._queue.closed:
            return ""  # all of it is in its file; a bug of ours while the program ends asks as well
        error = self._location.flush()
        return str(error) if error else ""

    def close(self) -> str:
        """Write everything and close every file. Gives a sentence where that cannot be done, and the page stays open;
        otherwise ""."""
        if self._queue.closed:
            return ""
        self._record.count_words()
        if sentence := self._leaving.close():
            return sentence
        if (error := self._location.close()) is not None:
            return str(error)
        self._queue.close()
        self._leaving.finish()
        return ""

    def when_at_rest(self, path: Path, then: Callable[[], None]) -> None:
        """Call that when the page of that file is neither being read nor being written: at once, where it is not."""
        self._waits.append((path, then))
        self._run_waits()

    def in_turn(self, work: Callable[[], object]) -> Callable[[], object]:
        """Do that with pages' files in turn with their reading and writing: none is moved while it is opened. Gives a
        function that waits for its result, and raises what it raised."""
        return self._queue.in_turn(work)

    def _run_waits(self) -> None:
        moving = self._queue.paths | self._leaving.paths
        waits, self._waits = self._waits, []
        for path, then in waits:
            if path in moving:
                self._waits.append((path, then))
            else:
                then()

    # -------------------------------------------------------------------------------------------- what changed

    def set_counts(self, words: int, characters: int) -> None:
        """The page was counted as it is now."""
        self._record.set_counts(words, characters)
        self._location.touch(LATER)

    def set_model(self, name: str) -> None:
        """The model that writes from now on."""
        self._record.model = name

    def view_moved(self) -> None:
        """The caret or the view has moved."""
        self._location.touch(LATER)

    def _changed(self, change: Change) -> None:
        if change.cause == "file":
            return
        if change.start < FIRST_LINE_WITHIN and self.name != self._shown_name:
            self._show_title()
        self._record.page_changed(change)
        self._save_within(STREAMED if change.cause == "generation" else SOON)

    def _branch_grew(self, _growth: BranchGrowth) -> None:
        self._record.branch_grew()
        self._save_within(STREAMED)

    def _save_within(self, milliseconds: int) -> None:
        try:
            self._location.leave_read_only_file()
        finally:
            self._location.touch(milliseconds)
