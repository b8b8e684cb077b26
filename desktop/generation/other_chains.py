"""Other samplers over the odds at one place of the page: the model looks there once, and each chain after that only
computes with what it kept.
"""

from PySide6.QtCore import QObject

from desktop.generation.model_slot import ModelSlot
from desktop.generation.newest_query import NewestQuery
from desktop.generation.query import ChainQuery, PlaceLook, Query
from desktop.generation.recipe import Recipe
from desktop.page.choosing import Place
from desktop.page.page import Page
from models.engine.events import Ended, Event
from models.sampling.readings import Reading


class OtherChains(NewestQuery):
    """`answered` carries Place, Reading and the Recipe of the chain."""

    def __init__(self, page: Page, slot: ModelSlot, parent: QObject | None = None) -> None:
        super().__init__(page, slot, parent)
        self._look: PlaceLook | None = None  # the last one, whose numbers the engine keeps
        self._queries.looked.connect(self._looked)

    def child_died(self) -> None:
        """No answer will come, and nothing is kept."""
        super().child_died()
        self._look = None

    def answer(self, event: Event) -> bool:
        query = self._queries.query
        handled = super().answer(event)
        if handled and isinstance(event, Ended) and query is not None:
            self._ended(query, event)
        return handled

    def _query(self, place: Place, recipe: Recipe) -> Query:
        if self._look is not None and self._look.serves(place, recipe, self._slot.model):
            return ChainQuery(self._page, self._slot, recipe, self._look)
        self._look = PlaceLook(self._page, self._slot, recipe, place)
        return self._look

    def _looked(self, query: PlaceLook | ChainQuery, reading: Reading) -> None:
        self.answered.emit(query.place, reading, query.recipe)

    def _ended(self, query: Query, event: Ended) -> None:
        if event.reason == "not kept" and isinstance(query, ChainQuery):
            self._look = None
            self._wanted = self._wanted or (query.place, query.recipe)
        self._next()

    def _fail(self, sentence: str) -> None:
        self._look = None
        super()._fail(sentence)
