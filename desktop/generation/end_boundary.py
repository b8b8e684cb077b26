"""Asks whether the writer's text at the end of the page ends where a token would not end.

Either it ends inside a token that the model would rather write whole, which healing would mend, or its first characters
and the model's last ones before it are one token to the tokeniser, which they are not on the page. Like all that nobody
asked for, it yields to whatever the user asks and never starts a child.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace

from PySide6.QtCore import QObject, Signal

from desktop.generation.asides import word_start
from desktop.generation.model_slot import ModelSlot
from desktop.generation.queries import Queries
from desktop.generation.query import JoinedSplit, Look
from desktop.generation.recipe import Recipe
from desktop.page.page import Page
from desktop.page.token_table import GENERATED, ends
from models.engine.events import Event, Scored

LONGEST = 24  # units of the writer's text behind the model's, in which a token that begins in that may end


class EndBoundary(QObject):
    """`inside` carries the text of the token at whose end the text ends, but the model would go on. `across` carries
    the place, in units, where the token begins that the model's text and the writer's spell together.

    idle: whether the session has nothing to do. may_read: whether the model may read the writer's text by itself."""

    inside = Signal(str)
    across = Signal(int)

    def __init__(
        self,
        page: Page,
        slot: ModelSlot,
        *,
        idle: Callable[[], bool],
        may_read: Callable[[], bool],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._page, self._slot, self._idle, self._may_read = page, slot, idle, may_read
        self._queries = Queries(slot, self)
        self._recipe = Recipe()
        self._query: JoinedSplit | Look | None = None
        self._unable = False  # the child died, or had no memory: only what the user asks may start another
        self._queries.ended.connect(lambda _outcome: self._ended())
        self._queries.failed.connect(lambda _sentence: self.child_died())

    def ask(self, recipe: Recipe) -> None:
        """Ask about the end of the page as it is now. recipe: the present one."""
        self.give_up()
        self._recipe = recipe
        if self._unable or self._slot.model is None or not self._idle():
            return
        border = self._border()
        if border is None:
            self._ask_inside()
        else:
            self._begin(JoinedSplit(self._page, self._slot, word_start(self._page, border), border))

    def _border(self) -> int | None:
        """Where the model's text ends and the writer's begins, at the end of the page; None where there is none."""
        low, high = max(0, self._page.length - LONGEST), self._page.length
        rows = self._page.tokens(low, high)
        written = rows[rows["kind"] == GENERATED]
        border = int(ends(written).max()) if len(written) else high
        return border if border < high else None

    def _ask_inside(self) -> None:
        """Ask what healing would take back, where it is off. This costs a token or two; the text before is read by
        itself, too."""
        sampling = self._recipe.sampling
        if sampling.no_healing and self._may_read():
            healed = replace(self._recipe, sampling=replace(sampling, no_healing=False), top=1)
            self._begin(Look(self._page, self._slot, healed))

    def _begin(self, query: JoinedSplit | Look) -> None:
        self._query = query
        self._queries.begin(query)

    def _ended(self) -> None:
        query, self._query = self._query, None
        if query is None or not query.is_current:
            return
        if isinstance(query, JoinedSplit):
            if query.across is None:
                self._ask_inside()
            else:
                self.across.emit(query.across)
        elif query.healed:
            self.inside.emit(query.healed)

    def give_up(self) -> None:
        """Ask nothing for now."""
        self._query = None
        self._queries.give_up()

    def model_changed(self) -> None:
        """Another model is loaded, or another child runs it."""
        self.give_up()
        self._unable = False

    def child_died(self) -> None:
        """Nothing is asked until a child runs again, which is not started from here."""
        self._query, self._unable = None, True
        self._queries.child_died()

    def scored(self, events: Sequence[Scored]) -> None:
        """Take the tokens out of events of the query."""
        self._queries.scored(events)

    def answer(self, event: Event) -> bool:
        """Handle an event. False where it is another event."""
        return self._queries.answer(event)
