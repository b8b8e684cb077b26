"""Asks how the text in view splits into tokens, where no model has read it.

Nothing is evaluated for it. It waits until the typing pauses and the session has nothing to do, and never starts a
child or loads a model.
"""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QObject, QTimer, Signal

from desktop.generation.asides import word_start
from desktop.generation.model_slot import ModelSlot
from desktop.generation.queries import Queries
from desktop.generation.query import BEYOND, SplitQuery
from desktop.page.edit import Change
from desktop.page.page import Page
from desktop.page.token_split import TokenSplit
from models.engine.events import Event, Scored, Span

RESTS = 200  # milliseconds without an edit after which the text is asked about
MOST = 20_000  # units of text in one query

Range = tuple[int, int]


class TokenIds(QObject):
    """`changed`: `split` has other tokens. split: what is known. idle: whether the session has nothing to do."""

    changed = Signal()

    def __init__(self, page: Page, slot: ModelSlot, *, idle: Callable[[], bool], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.split = TokenSplit()
        self._page, self._slot, self._idle = page, slot, idle
        self._queries = Queries(slot, self)
        self._wanted: Range | None = None  # in view, and not known
        self._asked: tuple[Range, int] | None = None  # the last query, and a hash of what it was about
        self._unable = False  # the child died, or had no memory: only what the user asks may start another
        self._rests = QTimer(self, interval=RESTS, singleShot=True)
        self._rests.timeout.connect(self._ask)
        self._queries.ended.connect(lambda _outcome: self.rest())
        self._queries.failed.connect(lambda _sentence: self._give_up())
        page.listeners.append(self._page_changed)

    def want(self, start: int, end: int) -> None:
        """The tokens of the page's [start, end) are to be shown and not known. Cheap: called at each painting."""
        if self._unable:
            return
        self._wanted = _joined(self._wanted, (start, end))
        if not (self._queries.job or self._rests.isActive()):
            self._rests.start()

    def rest(self) -> None:
        """The session has nothing more to do."""
        if self._wanted:
            self._rests.start()

    def model_changed(self) -> None:
        """Another model is loaded, or another child runs it: it may split the text in another way."""
        self._queries.give_up()
        self._asked, self._unable = None, False
        self.split.clear()
        self.changed.emit()

    def child_died(self) -> None:
        """Nothing is asked until a child runs again, which is not started from here."""
        self._queries.child_died()
        self._give_up()

    def _give_up(self) -> None:
        self._wanted, self._unable = None, True

    def scored(self, events: Sequence[Scored]) -> None:
        """Take the tokens out of events of the query."""
        self._queries.scored(events)

    def answer(self, event: Event) -> bool:
        """Handle an event. False where it is another event."""
        return self._queries.answer(event)

    def _page_changed(self, change: Change) -> None:
        self.split.follow(change)
        if change.cause == "file":
            self._wanted = None
        if self._rests.isActive():
            self._rests.start()

    def _ask(self) -> None:
        model, wanted = self._slot.model, self._wanted
        if wanted is None or model is None or self._queries.job or not self._idle():
            return
        self._wanted = None
        start, end = word_start(self._page, wanted[0]), min(wanted[1], self._page.length)
        asked = (start, end), self._page.prefix_hash(min(end + BEYOND, self._page.length))
        if start < end and asked != self._asked:  # text that stays without tokens is asked about once
            self._asked = asked
            self._queries.begin(SplitQuery(self._page, self._slot, start, end, self._found))

    def _found(self, offset: int, spans: Sequence[Span]) -> None:
        self.split.put(offset, spans)
        self.changed.emit()


def _joined(known: Range | None, new: Range) -> Range:
    """Both ranges as one; only the new one, where they lie apart or are long together."""
    if known is None or new[1] < known[0] or known[1] < new[0]:
        return new
    both = min(known[0], new[0]), max(known[1], new[1])
    return both if both[1] - both[0] <= MOST else new
