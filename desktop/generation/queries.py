"""The query that one slot answers: a newer one takes its place.

Used of the session's own slot and of a second model's. Handles the query's events; shows nothing.
"""

from collections.abc import Sequence

from PySide6.QtCore import QObject, Signal

from desktop.generation.model_slot import ModelSlot
from desktop.generation.query import Query, Score
from models.engine.events import (
    Distributed,
    Ended,
    Evaluated,
    Event,
    Failed,
    Flipped,
    GreedyText,
    Healed,
    Looked,
    Scored,
    Started,
    VocabularyRead,
)


class Queries(QObject):
    """At most one query is under way. `started` carries it with its Started; `evaluated` an Evaluated. Where the page
    has not changed since, `looked` carries a look with its Reading, `distributed` a query with its Distributed,
    `flipped` a FlipQuery with its Flipped, `foreseen` an AheadQuery with its text so far. `spelt` carries a
    VocabularyRead, `ended` the outcome, "" for none; `failed` a sentence. `busy_changed`: the query is over."""

    started = Signal(object, object)
    evaluated = Signal(object)
    looked = Signal(object, object)
    distributed = Signal(object, object)
    spelt = Signal(object)
    flipped = Signal(object, object)
    foreseen = Signal(object, str)
    ended = Signal(str)
    failed = Signal(str)
    busy_changed = Signal()

    def __init__(self, slot: ModelSlot, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._slot = slot
        self._query: Query | None = None

    @property
    def query(self) -> Query | None:
        """The query under way."""
        return self._query

    @property
    def job(self) -> int:
        """The job under way; 0 for none."""
        return self._query.job if self._query else 0

    @property
    def busy(self) -> bool:
        """Whether an answer is awaited."""
        return self._query is not None

    def begin(self, query: Query) -> None:
        """Await the answers of a query that was just asked, and give up the one before."""
        self.give_up()
        self._query = query

    def give_up(self) -> None:
        """Stop the query; what still arrives of it is dropped."""
        if self._query is not None:
            self._slot.engine.stop(self._query.job)
            self._query = None

    def child_died(self) -> None:
        """Its answers will not come."""
        self._query = None

    def scored(self, events: Sequence[Scored]) -> None:
        """Put the readings on the page; those that come together are one change of it."""
        query = self._query
        if isinstance(query, Score) and (wanted := [event for event in events if event.job == query.job]):
            query.read(wanted)

    def answer(self, event: Event) -> bool:
        """Handle an event of the query. False where it is another event."""
        query = self._query
        if query is None or getattr(event, "job", None) != query.job:
            return False
        match event:
            case Started():
                query.left_out = event.dropped
                self.started.emit(query, event)
            case Evaluated():
                self.evaluated.emit(event)
            case Healed():
                query.healed = event.text
            case VocabularyRead():
                self.spelt.emit(event)
            case Ended():
                self._query = None
                self.ended.emit(query.outcome(event))
                self.busy_changed.emit()
            case Failed():
                self._query = None
                self.failed.emit(event.sentence)
                self.busy_changed.emit()
            case _ if query.is_current:
                self._tell(query, event)
            case _:
                pass
        return True

    def _tell(self, query: Query, event: Event) -> None:
        """Pass on an answer about the page as it is now."""
        match event:
            case Looked():
                self.looked.emit(query, event.reading)
            case Distributed():
                self.distributed.emit(query, event)
            case Flipped():
                self.flipped.emit(query, event)
            case GreedyText():
                self.foreseen.emit(query, event.text)
            case _:
                pass
