"""The page that is open: how it is opened, kept in its file, and closed.

A page is saved all the time (saving.py), from its first word on. Where its file cannot be written, or is no longer ours
alone, the page goes on in a file of its own beside the others, and this is told. All that asks the disk happens on one
thread of its own, in order: a new page is promised a name, and gets the next one where that is taken when its
file is made. Knows neither widgets nor engines.
"""

import time
from collections.abc import Callable, Container
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Qt, QTimer, Signal

from desktop.open_page import disk
from desktop.open_page.load_page import ReadPage
from desktop.open_page.saving import LATER, Saver, Storing
from desktop.open_page.state import LeftPage, OpenPageState
from desktop.page.edit import Change
from desktop.page.listeners import report
from desktop.page.page import Page
from desktop.pagefile import titles
from desktop.pagefile.delta import Delta
from desktop.pagefile.names import file_name
from desktop.pagefile.store import Store
from desktop.pagefile.tracker import Tracker
from desktop.pagefile.values import (
    CannotWriteError,
    DiskFullError,
    Facts,
    PageFileError,
    View,
)
from resources.language import tr

LINE = 400  # units of the page in which its first line is looked for
QUICK = 200_000  # units of text in which words are counted in a few milliseconds
LONGEST_LINE = 120  # characters of it that are kept
NOTHING = tr("There is nothing on the page yet.")


class OpenPage(QObject):
    """message: a sentence for the user. refused: the same, of a wish that cannot be had now. mended: the same, when a
    page is saved again that could not be. title_changed: its title, and whether the page is ahead of its file.
    page_opened: the file of the page that is open now, None where it has none yet. page_saved: its path and Facts.
    leaving: the page is about to be replaced; page_left: all of it is in its file. emptied: the file of a page that
    left without a title or a word. view_requested: where the page was left. position_requested: a place to be shown."""

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
    _read = Signal(object)  # the future of a reading, or of closing what was read
    _left = Signal(object)  # the saver of a page that left

    def __init__(
        self,
        page: Page,
        view: Callable[[], View],
        new_path: Callable[[str, Container[Path]], Path],
        count: Callable[[str], tuple[int, int]],
        clock: Callable[[], float] = time.time,
        parent: QObject | None = None,
        spelt: Callable[[Path], Path] = lambda path: path,
    ) -> None:
        """view: where the page stands in its window. new_path: a place for a page with that title, which is none of
        those given; the disk is not asked. count: words and characters of a text. clock: seconds since 1970. spelt: a
        path as the list of pages has it, however its folder is spelt; it may ask the disk."""
        super().__init__(parent)
        self._page = page
        self._view = view
        self._stood = View()  # where the page stood when that could last be said
        self._spelt = spelt
        self._new_path = new_path
        self._promised: set[Path] = set()  # places of pages that may have no file yet
        self._count = count
        self._counted = True  # the words that were told last are those of the page as it is
        self._clock = clock
        self._executor = ThreadPoolExecutor(1, "page file")
        self._gone: dict[Saver, LeftPage] = {}  # pages that left, whose files are not closed yet
        self._news: dict[Saver, tuple[str, str]] = {}  # what is told when such a file is there: an error, and {name}
        self._reading: Future[ReadPage | None] | None = None
        self._coming: dict[Future[Any], Path | None] = {}  # files that are read, or closed since nobody wants them
        self._waits: list[tuple[Path, Callable[[], None]]] = []  # what is to be done with files at rest
        self.opened = 0  # pages that were opened so far
        self._position = -1
        self._then: list[Callable[[], None]] = []
        self._model = ""
        self._told_name = ""
        self._closed = False
        self._read.connect(self._arrived, Qt.ConnectionType.QueuedConnection)
        self._left.connect(self._has_left, Qt.ConnectionType.QueuedConnection)
        self._state = self._new_state("")
        page.listeners.append(self._changed)

    # -------------------------------------------------------------------------------------------- what is open

    @property
    def path(self) -> Path:
        """The open page's file, which comes to be with its first word; until then another page may lie there, and it
        gets another name."""
        return self._state.path

    @property
    def title(self) -> str:
        return self._state.facts.title

    @property
    def name(self) -> str:
        """What the page is called: its title, else the beginning of its text; nothing where it has neither."""
        return titles.name_of(self.facts())

    @property
    def file_name(self) -> str:
        """The same as a file name without suffix; where there is none, that of its own file."""
        return file_name(self.name) or self.path.stem

    @property
    def there(self) -> bool:
        """Whether the page has a file yet."""
        return self._state.there

    @property
    def blank(self) -> bool:
        """Whether nothing was ever written on it."""
        return not self._state.there and self._page.untouched

    @property
    def safe(self) -> bool:
        """Whether the last write succeeded."""
        return not self._state.saver.failing

    @property
    def busy(self) -> bool:
        """Whether a page is being read, to be the open one."""
        return self._reading is not None

    @property
    def at_rest(self) -> bool:
        """Whether no page is being read and none is being written."""
        return not self.busy and not self._gone

    def when_ready(self, then: Callable[[], None]) -> None:
        """Do that as soon as no page is on its way."""
        if self.busy:
            self._then.append(then)
        else:
            then()

    def facts(self) -> Facts:
        """What a list of pages shows of the open one."""
        page = self._page
        line = next((line.strip() for line in page.text(0, LINE).splitlines() if line.strip()), "")
        return replace(self._state.facts, line=line[:LONGEST_LINE], tokens=page.token_count)

    # -------------------------------------------------------------------------------------------- wishes

    def open(self, path: Path, position: int = -1) -> None:
        """Open the page in that file, or the text in it; the one that is open is closed. position: what
        is to be shown of it."""
        path = path.absolute()
        if path == self._state.path and self._state.there:
            self._reading = None  # another that was asked for before is not wanted any more
            self._stay(position)
            return
        if any(saver.path == path and saver.failing for saver in self._gone):
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
        there = self._state.path if self._state.there else None
        self._reading = self._executor.submit(disk.read_unless, there, choose, self._spelt)
        self._coming[self._reading] = path
        self._reading.add_done_callback(self._read.emit)

    def new(self, title: str = "") -> None:
        """An empty page, which gets its file with its first word."""
        if self.blank and not title and not self.title:
            self._reading, self._position = None, -1
            self._go_on()  # nothing is gained by another empty page
        else:
            self._begin_new(title)

    def _begin_new(self, title: str = "", then: Callable[[Path], None] | None = None) -> None:
        """then: gets the file of the page that leaves, when it is closed."""
        self._reading, self._position = None, -1
        self._leave(then)
        self._state = self._new_state(title)
        self._page.put(self._page.blank())
        self._show(View())
        self._go_on()

    def rename(self, title: str) -> None:
        self._state.facts = replace(self._state.facts, title=title)
        self._tell_title()
        self._state.saver.touch()

    def move_to(self, path: Path) -> None:
        """The page goes on in another file, which it gets at once; the former one stays as it is. Where the other
        cannot be written, the page goes on in the former one."""
        state = self._state
        here = (state.path, state.saver) if state.there and not state.saver.failing else None
        former = state.former or here  # it may not have been written yet where it was to go before
        self._go_on_in(path, self._only(path))
        state.former = former
        state.saver.touch()

    def keep_then(self, then: Callable[[Path | None], object]) -> None:
        """Write what is not written yet; then do that with the file in which all of this page is: none where it could
        not be written, or (this is told) nothing was on it."""
        state = self._state

        def written() -> None:
            if state.saver.path is None and not state.saver.failing:
                self.refused.emit(NOTHING)
            then(None if state.saver.failing else state.saver.path)

        state.saver.when_written(written)

    def leave_then(self, then: Callable[[Path], None]) -> None:
        """Open an empty page; when the file of the former one is closed, do that with it."""
        if self.blank:
            self.refused.emit(NOTHING)
        else:
            self._begin_new(then=then)

    def when_at_rest(self, path: Path, then: Callable[[], None]) -> None:
        """Do that when the page of that file is neither being read nor being written: at once, where it is
        not."""
        self._waits.append((path, then))
        self._settle()

    def in_turn(self, work: Callable[[], object]) -> Callable[[], object]:
        """Do that with pages' files in turn with their reading and writing: none is moved while it is opened. Gives
        what waits for its result, and may raise what it raised."""
        return work if self._closed else self._executor.submit(work).result

    def _settle(self) -> None:
        moving = {*self._coming.values(), *(saver.path for saver in self._gone)}
        waits, self._waits = self._waits, []
        for path, then in waits:
            if path in moving:
                self._waits.append((path, then))
            else:
                then()

    def save(self) -> str:
        """Write what is not written yet, and wait for the disk. A sentence if that cannot be."""
        if self._closed:
            return ""  # all of it is in its file; a mistake of ours on the way out asks as well
        error = self._to_its_file(Saver.flush)
        return str(error) if error else ""

    def close(self) -> str:
        """Everything is written and every file closed. A sentence where that cannot be: then the page stays open."""
        if self._closed:
            return ""
        self._count_at_last()
        if sentence := self._close_gone():
            return sentence
        error = self._to_its_file(Saver.close)
        if error is not None and not self._rescued(error):
            return str(error)
        self._reading = None
        self._executor.shutdown()
        self._closed = True
        self._do_at_last()
        return ""

    def _do_at_last(self) -> None:
        """What waited for pages that left, and are closed now."""
        gone, self._gone = self._gone, {}
        for saver, left in gone.items():
            if left.then is not None and saver.path is not None:
                left.then(saver.path)

    def _to_its_file(self, write: Callable[[Saver], PageFileError | None]) -> PageFileError | None:
        """Write the page by its saver; where it goes another way because of that, by the one of that way."""
        saver = self._state.saver
        error = write(saver)
        return error if error is None or self._state.saver is saver else write(self._state.saver)

    def _close_gone(self) -> str:
        """The files of the pages that left: those too that go on in another one because of this."""
        done: set[Saver] = set()
        while savers := [saver for saver in self._gone if saver not in done]:
            for saver in savers:
                done.add(saver)
                if (error := saver.close()) is not None and saver in self._gone:
                    return str(error)
        return ""

    # -------------------------------------------------------------------------------------------- what is told to it

    def set_counts(self, words: int, characters: int) -> None:
        self._counted = True
        self._put_counts(words, characters)
        self._state.saver.touch(LATER)

    def _put_counts(self, words: int, characters: int) -> None:
        self._state.facts = replace(self._state.facts, words=words, characters=characters)

    def _count_at_last(self) -> None:
        """The page leaves before its newest words were counted: they are, unless that would take long."""
        if not self._counted and self._page.length <= QUICK:
            self._put_counts(*self._count(self._page.text()))
        self._counted = True

    def set_model(self, name: str) -> None:
        """The model that writes from now on."""
        self._model = name

    def view_moved(self) -> None:
        """The caret or the view stands elsewhere."""
        self._state.saver.touch(LATER)

    def _changed(self, change: Change) -> None:
        if change.cause == "file":
            return
        self._counted = False
        if change.start < LINE and self.name != self._told_name:
            self._tell_title()
        facts = replace(self._state.facts, modified=self._clock())
        self._state.facts = replace(facts, model=self._model) if change.cause == "generation" else facts
        try:
            if self._state.borrowed:
                self._go_on_in(self._place(self.title))
                sentence = tr("The file cannot be written: your page is now saved in “{name}”.")
                self._news[self._state.saver] = "", sentence
        finally:
            self._state.saver.touch()

    # -------------------------------------------------------------------------------------------- opening

    def _place(self, title: str) -> Path:
        path = self._new_path(title, self._promised)
        self._promised.add(path)
        return path

    def _new_state(self, title: str) -> OpenPageState:
        path, now = self._place(title), self._clock()
        facts = Facts(title=title, created=now, modified=now)
        return OpenPageState(path, Tracker(), facts, self._saver(self._take, path))

    def _only(self, path: Path) -> Callable[[], Store]:
        """Makes the file there, and nowhere else."""
        return lambda: disk.create_page(self._spelt(path))

    def _saver(
        self,
        take: Callable[[], Delta | None],
        path: Path,
        store: Storing | None = None,
        make: Callable[[], Store] | None = None,
    ) -> Saver:
        saver = Saver(take, make or partial(disk.create_near, path), self._executor, store, self)
        saver.saved.connect(partial(self._saved, saver))
        saver.failed.connect(partial(self._failed, saver))
        saver.mended.connect(self._mended)
        return saver

    def _take(self) -> Delta | None:
        state, page = self._state, self._page
        if state.borrowed or (not state.there and page.untouched):
            return None
        delta = self._delta(state.tracker)
        state.taken = state.taken or delta is not None
        return delta

    def _delta(self, tracker: Tracker) -> Delta | None:
        """What is new. A tracker that fails at that, by a mistake of ours, takes all of the page anew."""
        whole = self._page.contents, self._where(), self.facts()
        try:
            return tracker.take(*whole)
        except Exception as error:  # noqa: BLE001  (it surfaces when the page is safe)
            self._surface(error)
            tracker.forget()
            return tracker.take(*whole)

    def _where(self) -> View:
        """Where the page stands; where the view cannot say, by a mistake of ours, where it stood before."""
        try:
            self._stood = self._view()
        except Exception as error:  # noqa: BLE001  (saving never depends on the view)
            self._surface(error)
        return self._stood

    def _surface(self, error: Exception) -> None:
        """After what is being done: the page is to be saved first."""
        QTimer.singleShot(0, self, partial(report, [error]))

    def _arrived(self, reading: "Future[ReadPage | None]") -> None:
        path = self._coming.pop(reading, None)
        if reading is not self._reading:
            if reading.exception() is None and (read := reading.result()) and read.store:
                self._close_unwanted(read.store, path)
            self._settle()
            return
        self._reading = None
        error = reading.exception()
        if isinstance(error, PageFileError):
            self._position = -1
            self.message.emit(str(error))
        elif error is not None:
            raise error
        elif (read := reading.result()) is None:
            self._stay(self._position)
        else:
            self._put(read)
        self._go_on()
        self._settle()

    def _close_unwanted(self, store: Store, path: Path | None) -> None:
        """Another page was asked for meanwhile, or this is closed."""
        if self._closed:
            store.close()
            return
        closing = self._executor.submit(store.close)
        self._coming[closing] = path
        closing.add_done_callback(self._read.emit)

    def _stay(self, position: int) -> None:
        """The page that was asked for is the one that is open."""
        self._position = -1
        if position >= 0:
            self.position_requested.emit(position)
        self._go_on()

    def _go_on(self) -> None:
        then, self._then = self._then, []
        for one in then:
            one()

    def _put(self, read: ReadPage) -> None:
        self._leave()
        there = read.store is not None
        path = read.path if there or read.borrowed else self._place(read.facts.title)
        saver = self._saver(self._take, path, read.store)
        self._state = OpenPageState(path, read.tracker, read.facts, saver, there, read.borrowed)
        self._page.put(read.contents)
        self._show(read.view)
        if read.sentence:
            self.message.emit(read.sentence)
        if read.reader is not None:
            read.reader.on_message = self.message.emit
        if not there:
            self._counted = False
            saver.touch()

    def _show(self, view: View) -> None:
        self.opened += 1
        self._stood = view
        position, self._position = self._position, -1
        self.view_requested.emit(view)
        if position >= 0:
            self.position_requested.emit(position)
        self._tell_title()
        self.page_opened.emit(self.path if self.there or self._state.borrowed else None)

    # -------------------------------------------------------------------------------------------- leaving

    def _leave(self, then: Callable[[Path], None] | None = None) -> None:
        """The open page leaves: what was not written yet is written behind its back."""
        self.leaving.emit()
        self._count_at_last()
        state = self._state
        whole = self._page.contents, self._where(), self.facts()
        if state.saver.failing:
            sentence = tr("“{name}” is not saved yet; it is tried again every two seconds.")
            self.message.emit(sentence.format(name=state.path.name))
        self._let_go(state.saver, LeftPage(state.tracker, *whole, former=state.former, then=then))

    def _let_go(self, saver: Saver, left: LeftPage) -> None:
        self._gone[saver] = left
        saver.left.connect(partial(self._left.emit, saver))
        saver.leave()

    def _has_left(self, saver: Saver) -> None:
        left = self._gone.pop(saver, None)
        if self._closed:
            return
        saver.let_go()
        self.page_left.emit()
        if left is not None and left.former is not None:
            left.former[1].let_go()
        if left is not None and saver.path is not None:
            if left.then is not None:
                left.then(saver.path)
            elif left.empty:
                self.emptied.emit(saver.path)
        self._settle()

    # -------------------------------------------------------------------------------------------- faults

    def _saved(self, saver: Saver) -> None:
        state = self._state
        if saver.path is not None and saver in self._news:
            error, sentence = self._news.pop(saver)
            self.message.emit(f"{error} {sentence.format(name=saver.path.name)}".strip())
        if saver is state.saver and state.taken:
            former, state.former = state.former, None
            if former is not None:
                former[1].let_go()
            path = saver.path or state.path
            if not state.there or path != state.path:
                state.path, state.there = path, True
                self.page_opened.emit(path)
            self.page_saved.emit(path, self.facts())

    def _failed(self, saver: Saver, error: PageFileError) -> None:
        left = self._gone.get(saver)
        if saver is self._state.saver and self._state.former is not None:
            self._go_back(error, *self._state.former)
        elif left is not None and left.former is not None:
            self._leave_to_former(error, saver, left, *left.former)
        elif isinstance(error, DiskFullError | CannotWriteError):
            kept = tr("The page stays open, and saving is tried again every two seconds.")
            self.message.emit(f"{error} {kept}")
            self._tell_title()
        elif saver is self._state.saver:
            former = self.path.name
            self._go_on_in(self._place(self.title))
            self._state.saver.touch()
            sentence = tr("“{former}” stays as it is; your page is now saved in “{name}”.")
            self._news[self._state.saver] = str(error), sentence.replace("{former}", _unbraced(former))
        elif left is not None:
            path = self._place(left.facts.title)
            heir = self._saver(left.whole(), path)
            heir.left.connect(saver.let_go)
            self._news[heir] = str(error), tr("What you had written is in “{name}”.")
            self._hand_on(saver, heir, left)

    def _hand_on(self, saver: Saver, heir: Saver, left: LeftPage) -> None:
        """A page that left goes another way to a file."""
        del self._gone[saver]
        waiting = saver.stop()
        self._let_go(heir, left)
        for then in waiting:
            heir.when_written(then)
        self._settle()

    def _leave_to_former(self, error: PageFileError, saver: Saver, left: LeftPage, path: Path, former: Saver) -> None:
        """As `_go_back`, for a page that left before it was known that it could not be written there."""
        former.resume(left.whole())
        self._hand_on(saver, former, replace(left, former=None))
        saver.let_go()
        stays = tr("Your page stays in “{name}”.").format(name=path.name)
        self.message.emit(f"{error} {stays}")

    def _mended(self) -> None:
        self.mended.emit(tr("The page is saved again."))
        self._tell_title()

    def _go_on_in(self, path: Path, make: Callable[[], Store] | None = None) -> None:
        """The same page in another file, of which nothing is there yet. What it has not read yet comes from the former
        one, which is closed after that. make: the file; otherwise near that path."""
        state, former = self._state, self._state.saver
        waiting = former.stop()
        state.tracker.forget()
        state.path, state.there, state.borrowed = path, True, False
        state.saver = self._saver(self._take, path, make=make)
        state.saver.saved.connect(former.let_go, Qt.ConnectionType.SingleShotConnection)
        for then in waiting:
            state.saver.when_written(then)
        self._tell_title()
        self.page_opened.emit(path)

    def _go_back(self, error: PageFileError, path: Path, saver: Saver) -> None:
        """The file that the user wanted the page in cannot be written: all of it goes to the former one, which is still
        open."""
        state = self._state
        waiting = state.saver.stop()
        state.saver.saved.disconnect()
        state.saver.let_go()
        state.tracker.forget()
        state.path, state.saver, state.former = path, saver, None
        saver.resume(self._take)
        for then in waiting:
            saver.when_written(then)
        self._tell_title()
        self.page_opened.emit(path)
        stays = tr("Your page stays in “{name}”.").format(name=path.name)
        self.message.emit(f"{error} {stays}")

    def _rescued(self, error: PageFileError) -> bool:
        """The window closes and the page cannot be written where it is: write it among the others."""
        path = self._place(self.title)
        if path.parent == self.path.parent and isinstance(error, DiskFullError | CannotWriteError):
            return False
        self._go_on_in(path)
        return self._state.saver.close() is None

    def _tell_title(self) -> None:
        self._told_name = self.name
        self.title_changed.emit(self._told_name, self._state.saver.failing)


def _unbraced(name: str) -> str:
    """A name as a part of a sentence that is still to be formatted."""
    return name.replace("{", "{{").replace("}", "}}")
