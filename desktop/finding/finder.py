"""Find and replace on the page: what is found, which of it is in turn, what becomes of it.

Searches a snapshot off the GUI thread, and again when the page has changed. Selects nothing itself: that is a wish.
"""

from bisect import bisect_left
from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer, Signal

from desktop.background import Background
from desktop.finding.bar import FindBar
from desktop.finding.search import Match, Query, QueryError, find
from desktop.page import utf16
from desktop.page.edit import Change
from desktop.page.page import Page
from resources.language import tr, tr_count

LANE = "find"
REST = 200  # milliseconds without a change of the page before it is searched again


class Finder(QObject):
    """`select_requested`: a wish, start and end in units. `closed`: the page is to have the keys again."""

    select_requested = Signal(int, int)
    closed = Signal()

    def __init__(self, page: Page, bar: FindBar, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._page, self._bar = page, bar
        self._background = Background((QueryError,), self)
        self._query = Query("")
        self._found: list[Match] = []
        self._position = 0  # from where the next one counts
        self._changed = QTimer(self, interval=REST, singleShot=True)
        self._changed.timeout.connect(lambda: self._search(quietly=True))
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
        self._background.cancel(LANE)
        self.closed.emit()

    def step(self, by: int) -> None:
        """Go to the next one, or to the one before; around the end of the page."""
        if not self._found:
            return
        place = bisect_left(self._found, self._position, key=lambda match: match.start)
        at = place < len(self._found) and self._found[place].start == self._position
        turn = place + (by if at else (0 if by > 0 else -1))
        self._show(turn % len(self._found))

    def close(self) -> None:
        self._changed.stop()
        self._background.close()

    # ------------------------------------------------------------------------------------------------ looking

    def _ask(self, query: Query) -> None:
        self._query = query
        self._search()

    def _page_changed(self, change: Change) -> None:
        if change.cause == "file":  # another page: nothing that is known of the former one holds
            self._background.cancel(LANE)
            self._bar.forget_selection()
            self._position = 0
        if (change.removed or change.inserted) and not self._bar.isHidden():
            self._found = []
            self._changed.start()

    def _search(self, quietly: bool = False) -> None:
        """quietly: the caret stays where it is, because the writer is at work."""
        query, text = self._query, self._page.text()
        arrived = self._counted if quietly else self._arrived
        self._background.run(LANE, lambda: list(find(query, text)), arrived, self._failed)

    def _counted(self, found: list[Match]) -> None:
        self._found = found
        self._bar.say(_how_many(len(found)) if self._query.words else "")

    def _arrived(self, found: list[Match]) -> None:
        self._counted(found)
        if found:
            self._show(bisect_left(found, self._position, key=lambda match: match.start) % len(found))

    def _failed(self, sentence: str) -> None:
        self._found = []
        self._bar.say(sentence)

    def _show(self, place: int) -> None:
        match = self._found[place]
        self._position = match.start
        self._bar.say(tr("{place:,} of {count:,}").format(place=place + 1, count=len(self._found)))
        self.select_requested.emit(match.start, match.end)

    # ------------------------------------------------------------------------------------------------ replacing

    def _replace(self) -> None:
        """Replace the one in turn, and go on behind it."""
        match = next((match for match in self._found if match.start == self._position), None)
        if match is None:
            self.step(1)
        else:
            self._put_in({match.start}, self._go_on)

    def _go_on(self, instead: list[Match]) -> None:
        self._position = instead[-1].start + utf16.length(instead[-1].instead)
        self._search()

    def _replace_all(self) -> None:
        """One step of the page's history."""
        if self._found:
            self._put_in({match.start for match in self._found}, self._all_replaced)

    def _all_replaced(self, instead: list[Match]) -> None:
        self._found = []
        self._bar.say(tr_count("{count:,} replaced", "{count:,} replaced", len(instead)).format(count=len(instead)))

    def _put_in(self, wanted: set[int], then: Callable[[list[Match]], None]) -> None:
        """Replace what begins there: looked for anew, since an expression's groups are needed, and as the search off
        the GUI thread. A page that changed meanwhile is left as it is.
        """
        query, text, instead = self._query, self._page.text(), self._bar.instead.text()
        asked = self._hash()

        def work() -> list[Match]:
            return [match for match in find(query, text, instead) if match.start in wanted]

        def put(found: list[Match]) -> None:
            if found and self._hash() == asked:
                self._page.write_many([(match.start, match.end - match.start, match.instead) for match in found])
                self._changed.stop()
                then(found)

        self._background.run(LANE, work, put, self._bar.say)

    def _hash(self) -> int:
        return self._page.prefix_hash(self._page.length)


def _how_many(count: int) -> str:
    return tr_count("{count:,} found", "{count:,} found", count).format(count=count) if count else tr("Nothing found")
