"""All that is asked of the model beside what the state shows: what panels ask, and what is read by itself.

What the user asks of the session comes first; what is asked here is given up then.
"""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QObject, Signal

from desktop.generation.asides import Asides
from desktop.generation.end_boundary import EndBoundary
from desktop.generation.extra_flips import FlipQuery
from desktop.generation.model_slot import ModelSlot
from desktop.generation.other_chains import OtherChains
from desktop.generation.queries import Queries
from desktop.generation.query import Query
from desktop.generation.recipe import Recipe
from desktop.generation.token_ids import TokenIds
from desktop.generation.whole_odds import WholeOdds
from desktop.page.choosing import Coin
from desktop.page.page import Page
from models.engine.events import Event, Scored


class SideQueries(QObject):
    """`busy_changed`: `busy` may have changed.

    asides: reads the writer's own text by itself. boundary: whether that ends where a token would not. token_ids: how
    the text in view splits into tokens. chains: other samplers at one place. whole: the whole vocabulary at one place.
    strings: the odds of strings. flips: extra flips of a coin. ahead: how the text would go on. compared: the model's
    own odds of all tokens, for a second model's.
    """

    busy_changed = Signal()

    def __init__(
        self,
        page: Page,
        slot: ModelSlot,
        *,
        idle: Callable[[], bool],
        paused: Callable[[], bool],
        speed: Callable[[], float],
        parent: QObject | None = None,
    ) -> None:
        """idle: whether the session has nothing to do. paused: whether step mode waits. speed: of the model, in tokens
        per second, 0 where it is not known yet."""
        super().__init__(parent)
        self._page, self._slot, self._idle, self._paused = page, slot, idle, paused
        self.asides = Asides(page, slot, idle=idle, speed=speed, parent=self)
        self.token_ids = TokenIds(page, slot, idle=idle, parent=self)
        self.boundary = EndBoundary(page, slot, idle=idle, may_read=lambda: self.asides.may_read_typing, parent=self)
        self.chains, self.whole = OtherChains(page, slot, self), WholeOdds(page, slot, self)
        self.strings, self.flips, self.ahead, self.compared = (Queries(slot, self) for _ in range(4))
        self._awaited = self.strings, self.flips, self.ahead, self.compared, self.chains, self.whole
        self._unasked = self.asides, self.token_ids, self.boundary
        self._parts = self.asides, *self._awaited, self.token_ids, self.boundary
        for part in self._awaited:
            part.busy_changed.connect(self.busy_changed)

    @property
    def busy(self) -> bool:
        """Whether someone waits for an answer."""
        return any(part.busy for part in self._awaited)

    def ask(self, queries: Queries, query: Callable[[ModelSlot], Query]) -> bool:
        """Ask something of one of these: `strings`, `ahead` or `compared`, from which the answers come. What was asked
        of it before is given up. False where the model is not at rest; strings are asked while step mode waits, too."""
        able = self._idle() or (queries is self.strings and self._paused())
        if able:
            queries.begin(query(self._slot))
            self.busy_changed.emit()
        return able

    def stop(self, queries: Queries) -> None:
        """Give up what is being asked of one of these."""
        queries.give_up()
        self.busy_changed.emit()

    def flip(self, recipe: Recipe, coin: Coin, first: int, count: int) -> bool:
        """Flip a coin of the page so often, from its flip number `first` on; the answer comes from `flips`, and nothing
        is written. False where the model is not at rest, or not the one that the coin is of."""
        model = self._slot.model
        able = model is not None and model.fingerprint == coin.source.fingerprint
        if able and (self._idle() or self._paused()):
            self.flips.begin(FlipQuery(self._page, self._slot, coin, recipe.seed or 0, first, count))
            self.busy_changed.emit()
            return True
        return False

    def give_up(self) -> None:
        """Something that the user asked comes before all of these."""
        for part in (self.asides, self.boundary, *self._awaited):
            part.give_up()

    def child_died(self) -> None:
        """No answer will come."""
        for part in self._parts:
            part.child_died()

    def model_changed(self) -> None:
        """Another model is loaded, or another child runs it."""
        for part in self._unasked:
            part.model_changed()

    def rest(self) -> None:
        """The session has nothing more to do: what was left is asked."""
        for part in (self.asides, self.token_ids):
            part.rest()

    def scored(self, events: Sequence[Scored]) -> None:
        """Take readings and tokens out of events that came together."""
        for part in self._unasked:
            part.scored(events)

    def answer(self, event: Event) -> bool:
        """Handle an event. False where it is an answer to something else."""
        return any(part.answer(event) for part in self._parts)
