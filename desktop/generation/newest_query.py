"""Asks about one place of the page, again and again with other settings: the newest is asked for as soon as the one
before is answered.
"""

from PySide6.QtCore import QObject, Signal

from desktop.generation.model_slot import ModelSlot
from desktop.generation.queries import Queries
from desktop.generation.query import Query
from desktop.generation.recipe import Recipe
from desktop.page.choosing import Place
from desktop.page.page import Page
from models.engine.events import Event


class NewestQuery(QObject):
    """`answered`: see the classes made of this one. `failed` carries a sentence. `busy_changed`: `busy` may have
    changed."""

    answered = Signal(object, object, object)
    failed = Signal(str)
    busy_changed = Signal()

    def __init__(self, page: Page, slot: ModelSlot, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._page, self._slot = page, slot
        self._wanted: tuple[Place, Recipe] | None = None  # not asked for yet
        self._queries = Queries(slot, self)
        self._queries.failed.connect(self._fail)

    @property
    def busy(self) -> bool:
        """Whether an answer is awaited."""
        return self._queries.busy

    def ask(self, place: Place, recipe: Recipe) -> None:
        """Ask for the odds there after the recipe's chain. What waits gives way; what is being answered does not."""
        if self._slot.model is not None:
            self._wanted = place, recipe
            if not self._queries.busy:
                self._next()

    def give_up(self) -> None:
        """Nothing is wanted any more."""
        self._wanted = None
        self._queries.give_up()
        self.busy_changed.emit()

    def child_died(self) -> None:
        """No answer will come."""
        self._wanted = None
        self._queries.child_died()

    def answer(self, event: Event) -> bool:
        """Handle an event. False where it is another event."""
        return self._queries.answer(event)

    def _next(self) -> None:
        if self._wanted is not None:
            (place, recipe), self._wanted = self._wanted, None
            self._queries.begin(self._query(place, recipe))
        self.busy_changed.emit()

    def _query(self, place: Place, recipe: Recipe) -> Query:
        """Ask the engine about that place."""
        raise NotImplementedError

    def _fail(self, sentence: str) -> None:
        self._wanted = None
        self.busy_changed.emit()
        self.failed.emit(sentence)
