"""A question about the page that writes nothing: a look or a score. No Qt.

Its answers are about the page as it was when asked; where the page has changed since, they are dropped.
"""

from collections.abc import Sequence

from desktop.generation import end_reason
from desktop.generation.model_slot import ModelSlot
from desktop.generation.recipe import Recipe
from desktop.generation.sent_prefix import SentPrefix, prefix_for, version_of
from desktop.page.page import Page
from models.engine.events import Ended, Scored
from models.sampling.knobs import NEUTRAL


class Query:
    """job: its number. left_out: tokens of the page that the context has no room for. sees_like_writing: the context
    holds the same part of the page as when the model writes."""

    sees_like_writing = True

    def __init__(self, page: Page, prefix: SentPrefix, job: int) -> None:
        self.prefix, self.job = prefix, job
        self.left_out = 0
        self._page = page

    @property
    def is_current(self) -> bool:
        """Whether the page is the one that was asked about."""
        return version_of(self._page) == self.prefix.version

    def outcome(self, event: Ended) -> str:  # noqa: ARG002
        """The sentence for the status bar; empty for none."""
        return ""


class Look(Query):
    """The odds of the next token at the end of the page."""

    def __init__(self, page: Page, slot: ModelSlot, recipe: Recipe) -> None:
        prefix = prefix_for(page, slot.model, recipe.sampling, recipe.n_keep)
        job = slot.engine.look(prefix.pieces, recipe.sampling, top=recipe.top, n_keep=recipe.n_keep)
        super().__init__(page, prefix, job)


class Score(Query):
    """The odds of every token on the page: of as many at its end as the context holds, whatever `n_keep` says."""

    def __init__(self, page: Page, slot: ModelSlot, recipe: Recipe) -> None:
        prefix = prefix_for(page, slot.model, NEUTRAL, 0)
        super().__init__(page, prefix, slot.engine.score(prefix.pieces, top=recipe.top))
        self.sees_like_writing = recipe.n_keep == 0
        self._slot = slot

    def read(self, events: Sequence[Scored]) -> None:
        """Give the page these readings; each event begins where the one before it ended."""
        if self.is_current:
            source = self._slot.source("read", self.left_out)
            spans = [span for event in events for span in event.spans]
            self._page.add_readings(self.prefix.position(events[0].offset), spans, source)

    def outcome(self, event: Ended) -> str:
        return end_reason.read(event.tokens, self.left_out) if event.reason == "done" else ""
