"""Find and replace on the page: what is found, which of it is in turn, what becomes of it.

Another process searches the text as it was at one moment, and again when the page has changed; hits move with every
change meanwhile, and so does an answer that is about an older text. Selects nothing itself: that is a wish.
"""

import math
import time
from collections.abc import Callable, Iterator

from PySide6.QtCore import QObject, QTimer, Signal

from desktop.finding.bar import FindBar
from desktop.finding.hits import Hits, moved
from desktop.finding.matching import MOST, Found, Query, QueryError, bounded
from desktop.finding.search_process import Searcher
from desktop.page import utf16
from desktop.page.bulk_edit import Replacements
from desktop.page.edit import Change, Edit
from desktop.page.page import Page
from desktop.qt.background import Background
from resources.language import tr, tr_count

LANE, LEAVING = "find", "leaving"
REST = 200  # milliseconds from a change of the page until it is searched again
BUDGET = 0.008  # seconds in a turn of the event loop in which replacements are prepared
ATTEMPTS = 2  # of a page that changes under them; then all are prepared in one turn
SHARE = 4  # a page that changes all the time is left alone so many times longer than searching it takes


class Finder(QObject):
    """`select_requested`: a wish, start and end in units. `closed`: the page is to have the keys again. `marked`: what
    `hits_in` tells is another now."""

    select_requested = Signal(int, int)
    closed = Signal()
    marked = Signal()

    def __init__(self, page: Page, bar: FindBar, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._page, self._bar = page, bar
        self._background = Background((QueryError,), self)
        self._searcher = Searcher()
        self._hits = Hits.none()
        self._position = 0  # from where the next one counts
        self._stale = False  # the page has changed since it was last searched, or there is no answer yet
        self._asked = 0  # the number of the newest question
        self._waiting = False  # it has no answer yet
        self._missed: list[Change] = []  # changes since it was asked
        self._preparing: Iterator[Edit] = iter(())  # what is to be put in the place of all hits
        self._prepared: list[Edit] = []
        self._attempts = 0
        self._turn = QTimer(self, interval=0, singleShot=True)
        self._turn.timeout.connect(self._prepare_some)
        self._changed = QTimer(self, interval=REST, singleShot=True)
        self._changed.timeout.connect(self._search_again)
        page.listeners.append(self._page_changed)
        bar.query_changed.connect(self._ask)
        bar.next_requested.connect(lambda: self.step(1))
        bar.previous_requested.connect(lambda: self.step(-1))
        bar.replace_requested.connect(self._replace)
        bar.replace_all_requested.connect(self._replace_all)
        bar.closed.connect(self.stop)

    def open(self, position: int, selected: tuple[int, int]) -> None:
        """Show the bar; a selection within a line is what is looked for, a longer one where."""
        text = self._page.text(*selected) if selected[1] - selected[0] <= 200 else "\n"
        self._position = min(selected) if selected[0] != selected[1] else position
        within = selected if "\n" in text and selected[0] != selected[1] else None
        self._bar.open("" if "\n" in text else text, within)

    def stop(self) -> None:
        """Close the bar."""
        self._bar.hide()
        self._call_off()
        self._background.run(LEAVING, self._searcher.end, lambda _: None)
        self.marked.emit()
        self.closed.emit()

    def step(self, by: int) -> None:
        """Go to the next one, or to the one before; around the end of the page."""
        if self._bar.isHidden() and self._stale:
            self._look(lambda _: self._go(by))
        else:
            self._go(by)

    def hits_in(self, start: int, end: int) -> tuple[list[tuple[int, int]], tuple[int, int] | None]:
        """What was found that reaches into [start, end) of the page, and the one in turn, if it is there; nothing while
        the bar is hidden."""
        if self._bar.isHidden():
            return [], None
        found, hits = self._hits.reaching_into(start, end), self._hits
        place = hits.at(self._position)
        return found, None if place is None else hits.span(place)

    def close(self) -> None:
        self._changed.stop()
        self._call_off()
        self._background.close()
        self._searcher.end()

    def _go(self, by: int) -> None:
        hits = self._hits
        if not len(hits):
            return
        at = hits.at(self._position) is not None
        self._show((hits.behind(self._position) + (by if at else (0 if by > 0 else -1))) % len(hits))

    # ------------------------------------------------------------------------------------------------ the page

    def _page_changed(self, change: Change) -> None:
        if change.cause == "file":  # another page: nothing that is known of the former one holds
            self._call_off()
            self._hits, self._position = Hits.none(), 0
            self._bar.forget_selection()
        elif change.removed or change.units:
            self._hits.follow(change, self._bar.query.whole)
            self._position = moved(self._position, change)
            self._bar.follow(change)
            self._missed.append(change)
        else:
            return  # only readings came
        self._stale = True
        if not self._bar.isHidden() and not self._changed.isActive():
            self._changed.start(max(REST, round(SHARE * self._searcher.took * 1000)))

    def _search_again(self) -> None:
        """The caret stays where it is, because the writer or the model is at work."""
        if self._waiting or self._turn.isActive():
            self._changed.start(REST)  # one question at a time, and none while replacements are prepared
        elif self._stale:
            self._look(self._count)

    # ------------------------------------------------------------------------------------------------ looking

    def _ask(self, query: Query) -> None:
        """The writer wants something else."""
        del query
        self._hits, self._stale = Hits.none(), True
        self.marked.emit()
        if not self._bar.isHidden():
            self._look(self._arrived)

    def _look(self, then: Callable[[Found], None], template: str | None = None) -> None:
        """Search the page as it is now, off the GUI thread. Then the hits are where they are by then."""
        self._call_off()
        self._stale = False
        number, query, text, missed = self._asked, self._bar.query, self._page.snapshot(), self._missed
        self._waiting = True

        def arrived(found: Found) -> None:
            self._waiting = False
            for change in missed:
                found.hits.follow(change, query.whole)
            self._hits = found.hits
            self.marked.emit()
            then(found)

        def failed(sentence: str) -> None:
            self._waiting, self._hits = False, Hits.none()
            self.marked.emit()
            self._bar.say(sentence)

        def work() -> Found:
            return self._searcher.ask(query, text, lambda: self._asked == number, template)

        self._background.run(LANE, work, arrived, failed)

    def _call_off(self) -> None:
        """No answer is wanted any more, nor what was to be done with it."""
        self._asked += 1
        self._waiting, self._missed, self._prepared = False, [], []
        self._turn.stop()
        self._background.cancel(LANE)

    def _count(self, _found: Found) -> None:
        self._bar.say(_how_many(len(self._hits)) if self._bar.query.words else "")

    def _arrived(self, found: Found) -> None:
        self._count(found)
        if len(self._hits):
            self._show(self._hits.behind(self._position) % len(self._hits))

    def _show(self, place: int) -> None:
        start, end = self._hits.span(place)
        self._position = start
        self._bar.say(tr("{place:,} of {count:,}").format(place=place + 1, count=len(self._hits)))
        self.select_requested.emit(start, end)
        self.marked.emit()

    # ------------------------------------------------------------------------------------------------ replacing

    @property
    def _template(self) -> str:
        return self._bar.instead.text()

    def _replace(self) -> None:
        """Replace the one in turn, and go on behind it. Its groups, where it has some, are looked for anew."""
        if self._hits.at(self._position) is None:
            self.step(1)
        elif self._bar.query.expression:
            self._look(self._put_one, self._template)
        else:
            self._put_one(Found(self._hits))

    def _put_one(self, found: Found) -> None:
        place = self._hits.at(self._position)
        if place is None:  # it changed meanwhile
            return
        instead = self._instead(found, place)
        start, end = self._hits.span(place)
        self._page.write(start, end - start, instead)
        self._position = start + utf16.length(instead)
        if len(self._hits):
            self._show(self._hits.behind(self._position) % len(self._hits))
        else:
            self._bar.say(_how_many(0))

    def _instead(self, found: Found, place: int) -> str:
        return found.instead[int(self._hits.numbers[place])] if found.instead else self._template

    def _replace_all(self) -> None:
        """One step of the page's history."""
        self._attempts = 0
        self._attempt()

    def _attempt(self) -> None:
        self._attempts += 1
        self._look(self._prepare, self._template if self._bar.query.expression else None)

    def _prepare(self, found: Found) -> None:
        """Many take a while: some in each turn of the event loop, the last ones first. What comes behind all of them
        meanwhile, as what a model writes, is left as it is."""
        try:
            bounded(len(self._hits) * len(self._template) if not found.instead else 0)
        except QueryError as error:
            self._bar.say(str(error))
            return
        if len(self._hits):
            self._prepared, self._missed = [], []
            hits, template = self._hits, self._template
            instead = [found.instead[number] for number in hits.numbers.tolist()] if found.instead else None
            text = instead.__getitem__ if instead else lambda _number: template
            self._preparing = self._page.prepared(Replacements(hits.starts.copy(), hits.ends.copy(), text))
            self._prepare_some()
        else:
            self._bar.say(_how_many(0))

    def _prepare_some(self) -> None:
        if self._prepared and any(change.start < _end(self._prepared[0]) for change in self._missed):
            self._attempt()  # what was prepared does not hold any more
            return
        self._missed.clear()
        end = time.monotonic() + BUDGET if self._attempts <= ATTEMPTS else math.inf
        for edit in self._preparing:
            self._prepared.append(edit)
            if time.monotonic() >= end:
                self._turn.start()
                return
        self._put_all()

    def _put_all(self) -> None:
        count, prepared = len(self._hits), self._prepared
        self._call_off()
        self._page.write_prepared(prepared)
        self._hits = Hits.none()
        self.marked.emit()
        self._changed.stop()
        self._bar.say(tr_count("{count:,} replaced", "{count:,} replaced", count).format(count=count))


def _end(edit: Edit) -> int:
    return edit.start + edit.removed


def _how_many(count: int) -> str:
    if count == MOST:
        return tr("The first {count:,} found").format(count=count)
    return tr_count("{count:,} found", "{count:,} found", count).format(count=count) if count else tr("Nothing found")
