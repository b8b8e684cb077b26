"""The whole distribution at one place of the page, and the bytes of every token, which a model tells once.

The newest place and settings are asked for as soon as those before are answered.
"""

from PySide6.QtCore import QObject, Signal

from desktop.generation.model_slot import ModelSlot
from desktop.generation.queries import Queries
from desktop.generation.query import WholeQuery
from desktop.generation.recipe import Recipe
from desktop.page.choosing import Place
from desktop.page.page import Page
from models.engine.events import Distributed, Ended, Event, Failed, ModelFacts, VocabularyRead


class WholeOdds(QObject):
    """`spelt` carries a VocabularyRead. `answered` carries a Place, its Distributed and the Source of those odds.
    `failed` carries a sentence. `busy_changed`: `busy` may have changed."""

    spelt = Signal(object)
    answered = Signal(object, object, object)
    failed = Signal(str)
    busy_changed = Signal()

    def __init__(self, page: Page, slot: ModelSlot, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._page, self._slot = page, slot
        self._wanted: tuple[Place, Recipe] | None = None
        self._spelt: ModelFacts | None = None  # the model whose tokens were told
        self._spelling = 0  # the job that asks for them
        self._queries = Queries(slot, self)
        self._queries.distributed.connect(self._distributed)
        self._queries.ended.connect(lambda _words: self._next())
        self._queries.failed.connect(self._failed)

    @property
    def busy(self) -> bool:
        """Whether an answer is awaited."""
        return self._queries.job != 0 or self._spelling != 0

    def ask(self, place: Place, recipe: Recipe) -> None:
        """Ask for the odds of every token there, after the recipe's chain, and first for the tokens' bytes, unless they
        were told."""
        if self._slot.model is None:
            return
        if self._spelt != self._slot.model and not self._spelling:
            self._spelling = self._slot.engine.vocabulary()
        self._wanted = place, recipe
        if not self._queries.job:
            self._next()

    def give_up(self) -> None:
        """No odds are wanted any more."""
        self._wanted = None
        self._queries.give_up()
        self.busy_changed.emit()

    def child_died(self) -> None:
        """No answer will come."""
        self._wanted, self._spelling = None, 0
        self._queries.child_died()

    def answer(self, event: Event) -> bool:
        """Handle an event. False where it is another event."""
        if self._spelling and getattr(event, "job", 0) == self._spelling:
            if isinstance(event, VocabularyRead):
                self._spelt = self._slot.model
                self.spelt.emit(event)
            elif isinstance(event, Ended | Failed):
                self._spelling = 0
                self.busy_changed.emit()
            return True
        return self._queries.answer(event)

    def _next(self) -> None:
        if self._wanted is not None:
            (place, recipe), self._wanted = self._wanted, None
            self._queries.begin(WholeQuery(self._page, self._slot, recipe, place))
        self.busy_changed.emit()

    def _distributed(self, query: WholeQuery, event: Distributed) -> None:
        source = self._slot.source("read", query.left_out, query.sampling)
        self.answered.emit(query.place, event, source)

    def _failed(self, sentence: str) -> None:
        self._wanted = None
        self.busy_changed.emit()
        self.failed.emit(sentence)
