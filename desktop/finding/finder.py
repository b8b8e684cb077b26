"""Find and replace on the page: the hits, which of them is the current one, and the replacements.

A process searches a snapshot of the text, and again after the page has changed. Hits move with every change of the
page, and so does an answer that is about an older text.
"""

import math
import time
from collections.abc import Callable, Iterator

from PySide6.QtCore import QObject, QTimer, Signal

from desktop.finding.bar import FindBar
from desktop.finding.hits import Hits
from desktop.finding.matching import MOST, Found, Query, QueryError, check_size
from desktop.finding.search_process import Searcher
from desktop.page import utf16
from desktop.page.bulk_edit import Replacements
from desktop.page.edit import Change, Edit
from desktop.page.page import Page
from desktop.qt.background import Background
from resources.language import tr, tr_count

LANE, LEAVING = "find", "leaving"
REST = 200  # milliseconds from a change of the page until it is searched again, at least
SHARE = 4  # and at least this many times what the last search took
BUDGET = 0.008  # seconds in a turn of the event loop in which replacements are prepared
ATTEMPTS = 2  # at preparing replacements while the page changes; then all are prepared in one turn


class Finder(QObject):
    """Searches one page for what the bar asks for.

    select_requested carries start and end of the current hit in UTF-16 units. closed: the page gets the focus again.
    marked: `hits_in` gives something else now.

    rest: milliseconds, as REST; budget: seconds, as BUDGET."""

    select_requested = Signal(int, int)
    closed = Signal()
    marked = Signal()

    def __init__(
        self,
        page: Page,
        bar: FindBar,
        parent: QObject | None = None,
        *,
        searcher: Searcher | None = None,
        background: Background | None = None,
        rest: int = REST,
        budget: float = BUDGET,
    ) -> None:
        super().__init__(parent)
        self._page, self._bar = page, bar
        self._searcher = searcher or Searcher()
        self._background = background or Background((QueryError,), self)
        self._rest, self._budget = rest, budget
        self._hits = Hits.none()
        self._position = 0  # of the search: the start of the current hit, if there is one
        self._stale = False  # the page has changed since the last search, or there is no answer yet
        self._search_number = 0  # of the newest search
        self._waiting = False  # for the answer to it
        self._missed: list[Change] = []  # changes of the page since it was asked
        self._preparing: Iterator[Edit] = iter(())  # the replacements of all hits
        self._prepared: list[Edit] = []
        self._attempts = 0
        self._turn = QTimer(self, interval=0, singleShot=True)
        self._turn.timeout.connect(self._prepare_some)
        self._rest_timer = QTimer(self, interval=rest, singleShot=True)
        self._rest_timer.timeout.connect(self._search_again)
        page.listeners.append(self._on_page_change)
        bar.query_changed.connect(self._on_query_changed)
        bar.next_requested.connect(lambda: self.step(1))
        bar.previous_requested.connect(lambda: self.step(-1))
        bar.replace_requested.connect(self._replace)
        bar.replace_all_requested.connect(self._replace_all)
        bar.closed.connect(self.stop)

    def open(self, position: int, selected: tuple[int, int]) -> None:
        """Show the bar. A selection within a line is what to search for; a longer one is where to search."""
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
        """Go to the next hit (1) or the previous one (-1), around the end of the page."""
        if self._bar.isHidden() and self._stale:
            self._search(lambda _: self._go(by))
        else:
            self._go(by)

    def hits_in(self, start: int, end: int) -> tuple[list[tuple[int, int]], tuple[int, int] | None]:
        """The hits that overlap [start, end) of the page, and the current hit; none while the bar is hidden."""
        if self._bar.isHidden():
            return [], None
        found, hits = self._hits.reaching_into(start, end), self._hits
        index = hits.at(self._position)
        return found, None if index is None else hits.span(index)

    def close(self) -> None:
        """End all work, before the program ends."""
        self._rest_timer.stop()
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

    def _on_page_change(self, change: Change) -> None:
        if change.cause == "file":  # another page
            self._call_off()
            self._hits, self._position = Hits.none(), 0
            self._bar.forget_selection()
        elif change.removed or change.units:
            self._hits.follow(change, self._bar.query.whole_words)
            self._position = change.after(self._position)
            self._bar.follow(change)
            self._missed.append(change)
        else:
            return  # only readings changed
        self._stale = True
        if not self._bar.isHidden() and not self._rest_timer.isActive():
            self._rest_timer.start(max(self._rest, round(SHARE * self._searcher.took * 1000)))

    def _search_again(self) -> None:
        """Search the changed page, and leave the caret where it is: the writer or the model is writing."""
        if self._waiting or self._turn.isActive():
            self._rest_timer.start(self._rest)  # one search at a time, and none while replacements are prepared
        elif self._stale:
            self._search(self._show_count)

    # ------------------------------------------------------------------------------------------------ searching

    def _on_query_changed(self, _query: Query) -> None:
        self._hits, self._stale = Hits.none(), True
        self.marked.emit()
        if not self._bar.isHidden():
            self._search(self._show_first)

    def _search(self, then: Callable[[Found], None], template: str | None = None) -> None:
        """Search the page as it is now, off the GUI thread. then: called with the answer, moved with the changes of the
        page meanwhile. template: what replaces each hit, if replacements are needed."""
        self._call_off()
        self._stale = False
        number, query, text, missed = self._search_number, self._bar.query, self._page.snapshot(), self._missed
        self._waiting = True

        def arrived(found: Found) -> None:
            self._waiting = False
            for change in missed:
                found.hits.follow(change, query.whole_words)
            self._hits = found.hits
            self.marked.emit()
            then(found)

        def failed(sentence: str) -> None:
            self._waiting, self._hits = False, Hits.none()
            self.marked.emit()
            self._bar.show_message(sentence)

        def work() -> Found:
            return self._searcher.ask(query, text, lambda: self._search_number == number, template)

        self._background.run(LANE, work, arrived, failed)

    def _call_off(self) -> None:
        """Drop the answer that is awaited, and the replacements that are being prepared."""
        self._search_number += 1
        self._waiting, self._missed, self._prepared = False, [], []
        self._turn.stop()
        self._background.cancel(LANE)

    def _show_count(self, _found: Found) -> None:
        self._bar.show_message(_count_text(len(self._hits)) if self._bar.query.words else "")

    def _show_first(self, found: Found) -> None:
        """Go to the first hit behind the position."""
        self._show_count(found)
        if len(self._hits):
            self._show(self._hits.behind(self._position) % len(self._hits))

    def _show(self, index: int) -> None:
        """Make a hit the current one."""
        start, end = self._hits.span(index)
        self._position = start
        self._bar.show_message(tr("{place:,} of {count:,}").format(place=index + 1, count=len(self._hits)))
        self.select_requested.emit(start, end)
        self.marked.emit()

    # ------------------------------------------------------------------------------------------------ replacing

    @property
    def _template(self) -> str:
        return self._bar.replacement.text()

    def _replace(self) -> None:
        """Replace the current hit and go to the next. An expression is searched again, for the groups of the hit."""
        if self._hits.at(self._position) is None:
            self.step(1)
        elif self._bar.query.expression:
            self._search(self._replace_one, self._template)
        else:
            self._replace_one(Found(self._hits))

    def _replace_one(self, found: Found) -> None:
        index = self._hits.at(self._position)
        if index is None:  # it changed meanwhile
            return
        text = self._replacement(found, index)
        start, end = self._hits.span(index)
        self._page.write(start, end - start, text)
        self._position = start + utf16.length(text)
        if len(self._hits):
            self._show(self._hits.behind(self._position) % len(self._hits))
        else:
            self._bar.show_message(_count_text(0))

    def _replacement(self, found: Found, index: int) -> str:
        return found.replacements[int(self._hits.numbers[index])] if found.replacements else self._template

    def _replace_all(self) -> None:
        """Replace all hits, as one step of the page's history."""
        self._attempts = 0
        self._attempt()

    def _attempt(self) -> None:
        self._attempts += 1
        self._search(self._prepare, self._template if self._bar.query.expression else None)

    def _prepare(self, found: Found) -> None:
        """Prepare the replacements, some in each turn of the event loop, the last ones first. Text that comes behind
        all hits meanwhile, as when a model writes, is left as it is."""
        try:
            check_size(len(self._hits) * len(self._template) if not found.replacements else 0)
        except QueryError as error:
            self._bar.show_message(str(error))
            return
        if len(self._hits):
            self._prepared, self._missed = [], []
            hits, template = self._hits, self._template
            texts = [found.replacements[number] for number in hits.numbers.tolist()] if found.replacements else None
            text = texts.__getitem__ if texts else lambda _number: template
            self._preparing = self._page.prepared(Replacements(hits.starts.copy(), hits.ends.copy(), text))
            self._prepare_some()
        else:
            self._bar.show_message(_count_text(0))

    def _prepare_some(self) -> None:
        if self._prepared and any(change.start < _end(self._prepared[0]) for change in self._missed):
            self._attempt()  # the page changed where replacements are prepared
            return
        self._missed.clear()
        end = time.monotonic() + self._budget if self._attempts <= ATTEMPTS else math.inf
        for edit in self._preparing:
            self._prepared.append(edit)
            if time.monotonic() >= end:
                self._turn.start()
                return
        self._replace_prepared()

    def _replace_prepared(self) -> None:
        count, prepared = len(self._hits), self._prepared
        self._call_off()
        self._page.write_prepared(prepared)
        self._hits = Hits.none()
        self.marked.emit()
        self._rest_timer.stop()
        self._bar.show_message(tr_count("{count:,} replaced", "{count:,} replaced", count).format(count=count))


def _end(edit: Edit) -> int:
    return edit.start + edit.removed


def _count_text(count: int) -> str:
    """How many hits there are, as a sentence."""
    if count == MOST:
        return tr("The first {count:,} found").format(count=count)
    return tr_count("{count:,} found", "{count:,} found", count).format(count=count) if count else tr("Nothing found")
