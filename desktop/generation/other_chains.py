"""Other samplers over the odds at one place of the page: the model looks there once, and each chain after that only
computes with what it kept. The newest chain is asked for as soon as the one before is answered.
"""

from PySide6.QtCore import QObject, Signal

from desktop.generation.model_slot import ModelSlot
from desktop.generation.queries import Queries
from desktop.generation.query import ChainQuery, PlaceLook, Query
from desktop.generation.recipe import Recipe
from desktop.page.choosing import Place
from desktop.page.page import Page
from models.engine.events import Ended, Event
from models.sampling.readings import Reading


class OtherChains(QObject):
    """`answered` carries Place, Reading and the Recipe of the chain; `failed` a sentence. `busy_changed`: `busy`
    may have changed."""

    answered = Signal(object, object, object)
    failed = Signal(str)
    busy_changed = Signal()

    def __init__(self, page: Page, slot: ModelSlot, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._page, self._slot = page, slot
        self._look: PlaceLook | None = None  # the last one, whose numbers the engine keeps
        self._wanted: tuple[Place, Recipe] | None = None  # not asked for yet
        self._queries = Queries(slot, self)
        self._queries.looked.connect(self._looked)
        self._queries.failed.connect(self._failed)

    @property
    def busy(self) -> bool:
        """Whether an answer is awaited."""
        return self._queries.job != 0

    def ask(self, place: Place, recipe: Recipe) -> None:
        """Ask for the odds there after the recipe's chain. What waits gives way; what is being answered does not."""
        if self._slot.model is not None:
            self._wanted = place, recipe
            if not self.busy:
                self._next()

    def give_up(self) -> None:
        """Nothing is wanted any more."""
        self._wanted = None
        self._queries.give_up()
        self.busy_changed.emit()

    def child_died(self) -> None:
        """No answer will come, and nothing is kept."""
        self._wanted = self._look = None
        self._queries.child_died()

    def answer(self, event: Event) -> bool:
        """Handle an event. False where it is another event."""
        query = self._queries.query
        handled = self._queries.answer(event)
        if handled and isinstance(event, Ended) and query is not None:
            self._ended(query, event)
        return handled

    def _next(self) -> None:
        if self._wanted is None:
            self.busy_changed.emit()
            return
        (place, recipe), self._wanted = self._wanted, None
        if self._look is not None and self._look.serves(place, recipe, self._slot.model):
            self._queries.begin(ChainQuery(self._page, self._slot, recipe, self._look))
        else:
            self._look = PlaceLook(self._page, self._slot, recipe, place)
            self._queries.begin(self._look)
        self.busy_changed.emit()

    def _looked(self, query: PlaceLook | ChainQuery, reading: Reading) -> None:
        self.answered.emit(query.place, reading, query.recipe)

    def _ended(self, query: Query, event: Ended) -> None:
        if event.reason == "not kept" and isinstance(query, ChainQuery):
            self._look = None
            self._wanted = self._wanted or (query.place, query.recipe)
        self._next()

    def _failed(self, sentence: str) -> None:
        self._wanted = self._look = None
        self.busy_changed.emit()
        self.failed.emit(sentence)
