"""Joins the list of pages: the store and the search off the GUI thread, the panel on it.

Changes pages that are not open. For the open page it emits a signal with a function to call when the page was saved or
closed.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from itertools import islice
from pathlib import Path

from PySide6.QtCore import QObject, QUrl, Signal
from PySide6.QtGui import QDesktopServices

from desktop.page_list import words
from desktop.page_list.page_store import Entry, PageStore, PageStoreError
from desktop.page_list.panel import PagesPanel
from desktop.page_list.search import Found, search
from desktop.pagefile.values import Facts, PageFileError
from desktop.qt.background import Background
from desktop.qt.one_dialog import open_one
from desktop.qt.plain_text import MessageBox
from resources.language import tr

LIST, SEARCH = "list of pages", "search in all pages"  # lanes of background work
BATCH = 50  # pages that are listed at once
MOST = 1_000  # hits that are listed


class Pages(QObject):
    """open_requested: path, and a position in UTF-16 units or -1 for where the page was left. rename_open_requested:
    a title for the open page. leave_requested: a function to call with the open page's file when another page was
    opened and that file is closed. save_requested: a function to call when the open page was saved, with the file in
    which all of it is, or None. message: a sentence for the notice. undo_offered: a sentence, and a function that
    undoes what it reports."""

    open_requested = Signal(object, int)
    new_requested = Signal()
    rename_open_requested = Signal(str)
    leave_requested = Signal(object)
    save_requested = Signal(object)
    message = Signal(str)
    undo_offered = Signal(str, object)

    def __init__(
        self,
        store: PageStore,
        parent: QObject | None = None,
        now: Callable[[], float] = time.time,
        show: Callable[[QUrl], object] = QDesktopServices.openUrl,
    ) -> None:
        """now: seconds since 1970. show: opens a folder in the system's file manager."""
        super().__init__(parent)
        self.store, self.panel = store, PagesPanel(now)
        self._show = show
        self.when_at_rest: Callable[[Path, Callable[[], None]], None] = lambda _path, then: then()  # see OpenPage
        self.in_turn: Callable[[Callable[[], object]], Callable[[], object]] = lambda work: work  # see OpenPage
        self._open: Path | None = None
        self._entries: list[Entry] = []
        self._being_trashed: set[Path] = set()
        self._hit_count = 0  # hits that are listed
        self._reading = self._read_again = False  # whether the list is being read, and is to be read once more
        self._changes = 0  # numbers the changes: each has a lane of its own, since none replaces another
        self._background = Background((PageStoreError, PageFileError), self)
        self._connect()

    def _connect(self) -> None:
        panel = self.panel
        panel.open_requested.connect(self.open_requested)
        panel.new_requested.connect(self.new_requested)
        panel.duplicate_requested.connect(self.duplicate)
        panel.rename_requested.connect(self._rename)
        panel.trash_requested.connect(self.trash)
        panel.forget_requested.connect(lambda path: self._change(lambda: self.store.forget(path)))
        panel.restore_requested.connect(self._restore)
        panel.delete_requested.connect(self._ask_to_delete)
        panel.show_in_folder_requested.connect(lambda path: self._show(QUrl.fromLocalFile(str(path.parent))))
        panel.search_requested.connect(self._search)
        panel.shown.connect(self.refresh)

    # -------------------------------------------------------------------------------------------- the open page

    def set_open(self, path: Path | None) -> None:
        """The open page's file, None where it has none; one outside the folder of pages is remembered."""
        self._open = path
        self.panel.set_opened(path)
        if path is not None and not self.store.in_folder(path):
            self._change(lambda: self.store.remember(path))
        else:
            self.refresh()

    def page_saved(self, path: Path, facts: Facts) -> None:
        """The open page was saved: update its row without reading its file."""
        entry = Entry(path, facts, modified=facts.modified, elsewhere=not self.store.in_folder(path))
        self._entries = [entry, *(other for other in self._entries if other.path != path)]
        self.panel.update_entry(entry)

    # -------------------------------------------------------------------------------------------- the list

    def refresh(self) -> None:
        """Read the list of pages again."""
        if self._reading:
            self._read_again = True
            return
        self._reading, self._read_again = True, False
        found: list[Entry] = []

        def each(batch: list[Entry]) -> None:
            found.extend(batch)
            if len(found) > len(self._entries):  # the first time: pages are shown as they are found
                self._set_entries(found)

        def ended() -> None:
            self._reading = False
            self._set_entries(found)
            if self._read_again:
                self.refresh()

        self._background.stream(LIST, lambda: _batches(self.store.entries()), each, ended)

    def _set_entries(self, found: list[Entry]) -> None:
        saved = {entry.path: entry for entry in self._entries if entry.path == self._open}
        self._entries = [_newer(saved.get(entry.path), entry) for entry in found]
        self.panel.set_entries(self._entries)

    def close(self) -> None:
        self._background.close()

    # -------------------------------------------------------------------------------------------- searching

    def find(self) -> None:
        """Give the search field the focus."""
        self.panel.begin_search()

    def _search(self, wanted: str) -> None:
        self._background.cancel(SEARCH)
        if not wanted:
            return
        self._hit_count = 0
        self.panel.start_hits()
        pages = sorted((e for e in self._entries if not e.trashed), key=lambda entry: entry.modified, reverse=True)

        def find_hits() -> Iterator[Found]:
            return search(pages, wanted, lambda entry: self.store.text_of(entry.path))

        def begin() -> None:
            self._background.stream(SEARCH, find_hits, self._add, self.panel.end_hits, self.panel.end_hits)

        if any(entry.path == self._open for entry in pages):
            self.save_requested.emit(lambda _path: begin())
        else:
            begin()

    def _add(self, found: Found) -> None:
        hits = found.hits[: MOST - self._hit_count]
        self._hit_count += len(hits)
        self.panel.add_hits(hits)
        if self._hit_count >= MOST:
            self._background.cancel(SEARCH)
            self.panel.end_hits(tr("Only the first {count:,} are listed.").format(count=MOST))

    # -------------------------------------------------------------------------------------------- changes

    def duplicate(self, path: Path) -> None:
        """Copy that page; a copy of the open page is opened."""
        self.when_at_rest(path, lambda: self._duplicate(path))

    def _duplicate(self, path: Path) -> None:
        if path == self._open:
            self.duplicate_open()
        else:
            self._change(lambda: self.store.duplicate(path))

    def duplicate_open(self) -> None:
        """`duplicate` for the open page, which may have no file yet."""

        def copy(file: Path | None) -> None:
            if file is not None:
                self._change(lambda: self.store.duplicate(file), lambda made: self._open_copy(file, made))

        self.save_requested.emit(copy)

    def _open_copy(self, path: Path, made: Path) -> None:
        if path == self._open:  # else another page was opened meanwhile, and stays
            self.open_requested.emit(made, -1)

    def trash(self, path: Path) -> None:
        """Move that page to the trash; the open page as soon as it is closed."""
        opened = path == self._open
        self._when_closed(path, lambda path: self._trash(path, opened))

    def trash_open(self) -> None:
        """`trash` for the open page, which may have no file yet."""
        self.leave_requested.emit(lambda path: self._trash(path, opened=True))

    def trash_empty(self, path: Path) -> None:
        """A page was left without a word or a title: move it to the trash, unless it was opened again."""

        def at_rest() -> None:
            if path != self._open and self.store.in_folder(path) and path.parent != self.store.trash_folder:
                self._change(lambda: self._trash_without_text(path))

        self.when_at_rest(path, at_rest)

    def _trash_without_text(self, path: Path) -> None:
        """Off the GUI thread. Another program may have written to the page or moved it away: then it stays."""
        with suppress(PageStoreError, PageFileError):
            if not self.store.text_of(path):
                self.store.trash(path)

    def _trash(self, path: Path, opened: bool = False) -> None:
        """opened: whether it was the open page, which undo opens again."""

        def undo(made: Path) -> None:
            self._change(lambda: self.store.restore(made), lambda back: self._open_where_none_is(back, opened))

        def gone(made: Path) -> None:
            self.undo_offered.emit(tr("Moved to trash."), lambda: undo(made))

        if path not in self._being_trashed:
            self._being_trashed.add(path)
            self._change(lambda: self.store.trash(path), gone, ended=lambda: self._being_trashed.discard(path))

    def _open_where_none_is(self, path: Path, wanted: bool) -> None:
        if wanted and self._open is None:
            self.open_requested.emit(path, -1)

    def _delete(self, path: Path) -> None:
        self._change(lambda: self.store.delete(path))

    def _restore(self, path: Path) -> None:
        """Move the page out of the trash; where it was open there, open it at its new path."""
        opened = path == self._open

        def then(made: Path) -> None:
            self._open_where_none_is(made, opened)

        self._when_closed(path, lambda path: self._change(lambda: self.store.restore(path), then))

    def _when_closed(self, path: Path, then: Callable[[Path], None]) -> None:
        """Call that with the page when its file is closed; the open page is closed first."""

        def at_rest() -> None:
            if path == self._open:
                self.leave_requested.emit(then)
            else:
                then(path)

        self.when_at_rest(path, at_rest)

    def _change(
        self,
        work: Callable[[], object],
        then: Callable[[Path], None] = lambda _made: None,
        ended: Callable[[], None] = lambda: None,
    ) -> None:
        """Do the work off the GUI thread, then read the list again. then: called with the path that the work made.
        ended: called when the work has ended, also where it failed."""
        self._changes += 1

        def done(made: Path) -> None:
            ended()
            self.refresh()
            then(made)

        def failed(sentence: str) -> None:
            ended()
            self.refresh()
            self.message.emit(sentence)

        self._background.run(f"change of pages {self._changes}", self.in_turn(work), done, failed)

    def _rename(self, path: Path, title: str) -> None:
        self._entries = [_titled(entry, title) if entry.path == path else entry for entry in self._entries]
        self.panel.set_entries(self._entries)
        self.when_at_rest(path, lambda: self._rename_now(path, title))

    def _rename_now(self, path: Path, title: str) -> None:
        if path == self._open:
            self.rename_open_requested.emit(title)
        else:
            self._change(lambda: self.store.rename(path, title))

    def _ask_to_delete(self, path: Path) -> None:
        name = next((words.heading(entry)[0] for entry in self._entries if entry.path == path), path.stem)
        question = tr("Delete “{name}” permanently? This cannot be undone.").format(name=name)

        def make() -> MessageBox:
            box = MessageBox(MessageBox.Icon.Question, tr("Delete a page"), question, self.panel.window())
            button = box.addButton(tr("Delete"), MessageBox.ButtonRole.DestructiveRole)
            box.setDefaultButton(box.addButton(MessageBox.StandardButton.Cancel))
            box.buttonClicked.connect(
                lambda clicked: self._when_closed(path, self._delete) if clicked is button else None
            )
            return box

        open_one(self.panel.window(), "delete a page", make)


def _batches(entries: Iterator[Entry]) -> Iterator[list[Entry]]:
    while batch := list(islice(entries, BATCH)):
        yield batch


def _newer(saved: Entry | None, read: Entry) -> Entry:
    """The entry of the last save of the open page, unless the file was read after it."""
    return saved if saved is not None and saved.modified >= read.modified else read


def _titled(entry: Entry, title: str) -> Entry:
    return replace(entry, facts=replace(entry.facts, title=title)) if entry.facts else entry
