"""The whole distribution at one place of the page, and the bytes of every token, which a model tells once."""

from dataclasses import replace

from PySide6.QtCore import QObject, Signal

from desktop.generation.model_slot import ModelSlot
from desktop.generation.newest_query import NewestQuery
from desktop.generation.queries import Queries
from desktop.generation.query import Query, TokenTexts, WholeQuery
from desktop.generation.recipe import Recipe
from desktop.page.choosing import Place
from desktop.page.page import Page
from models.engine.events import Distributed, Event, ModelFacts, VocabularyRead


class WholeOdds(NewestQuery):
    """`spelt` carries a VocabularyRead. `answered` carries a Place, its Distributed and the Source of those odds."""

    spelt = Signal(object)

    def __init__(self, page: Page, slot: ModelSlot, parent: QObject | None = None) -> None:
        super().__init__(page, slot, parent)
        self._spelt: ModelFacts | None = None  # the model whose tokens were told
        self._spelling = Queries(slot, self)  # goes on where nothing else is wanted any more: it is asked once
        self._spelling.spelt.connect(self._take_bytes)
        self._spelling.busy_changed.connect(self.busy_changed)
        self._queries.distributed.connect(self._distributed)
        self._queries.ended.connect(lambda _words: self._next())

    @property
    def busy(self) -> bool:
        return super().busy or self._spelling.busy

    def ask(self, place: Place, recipe: Recipe) -> None:
        """Ask for the odds of every token there, after the recipe's chain, and first for the tokens' bytes, unless they
        were told."""
        if self._slot.model not in (None, self._spelt) and not self._spelling.busy:
            self._spelling.begin(TokenTexts(self._page, self._slot))
        super().ask(place, recipe)

    def child_died(self) -> None:
        super().child_died()
        self._spelling.child_died()

    def answer(self, event: Event) -> bool:
        return self._spelling.answer(event) or super().answer(event)

    def _query(self, place: Place, recipe: Recipe) -> Query:
        return WholeQuery(self._page, self._slot, recipe, place)

    def _take_bytes(self, event: VocabularyRead) -> None:
        self._spelt = self._slot.model
        self.spelt.emit(event)

    def _distributed(self, query: WholeQuery, event: Distributed) -> None:
        source = self._slot.source("read", query.left_out, query.sampling)
        source = replace(source, healed=query.healed)
        self.answered.emit(query.place, event, source)
