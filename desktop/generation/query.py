"""A question about the page that writes nothing: a look, a score or the odds of a string. No Qt.

Its answers are about the page as it was when asked; where the page has changed since, they are dropped.
"""

from collections.abc import Sequence

from desktop.generation import end_reason
from desktop.generation.model_slot import ModelSlot
from desktop.generation.recipe import Recipe
from desktop.generation.sent_prefix import SentPrefix, prefix_for
from desktop.page import utf16
from desktop.page.page import Page
from desktop.page.sources import Source
from models.engine.events import Ended, Scored, Span
from models.sampling.knobs import NEUTRAL

BEYOND = 24  # units behind a part that are sent with it


class Query:
    """job: its number. left_out: tokens of the page that the context has no room for. sees_like_writing: the model sees
    the same part of the page as when it writes at the end."""

    sees_like_writing = True

    def __init__(self, page: Page, prefix: SentPrefix, job: int) -> None:
        self.prefix, self.job = prefix, job
        self.left_out = 0
        self.healed = ""  # the typed text that the next token has to begin with
        self._page = page

    @property
    def is_current(self) -> bool:
        """Whether what was asked about is on the page as it was."""
        return self.prefix.is_current

    def outcome(self, event: Ended) -> str:  # noqa: ARG002
        """The sentence for the status bar; empty for none."""
        return ""


class Look(Query):
    """The odds of the next token at a position of the page. position: that position, in units."""

    def __init__(self, page: Page, slot: ModelSlot, recipe: Recipe, at: int | None = None) -> None:
        """at: the position; None: the end of the page."""
        prefix = prefix_for(page, slot.model, recipe.sampling, recipe.n_keep, at)
        job = slot.engine.look(prefix.pieces, recipe.sampling, top=recipe.top, n_keep=recipe.n_keep)
        super().__init__(page, prefix, job)
        self.sees_like_writing = at is None
        self.position = page.length if at is None else at

    def outcome(self, event: Ended) -> str:  # noqa: ARG002
        return end_reason.healed("", self.healed)


class StringQuery(Query):
    """The odds that a string comes next at a position of the page, in units. text: the string."""

    sees_like_writing = False

    def __init__(self, page: Page, slot: ModelSlot, recipe: Recipe, text: str, at: int) -> None:
        prefix = prefix_for(page, slot.model, NEUTRAL, recipe.n_keep, at)
        job = slot.engine.distribution(prefix.pieces, NEUTRAL, (text,), n_keep=recipe.n_keep, whole=False)
        super().__init__(page, prefix, job)
        self.text = text


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
            spans = [span for event in events for span in event.spans]
            self._add(self.prefix.position(events[0].offset), spans, self._slot.source("read", self.left_out))

    def _add(self, offset: int, spans: Sequence[Span], source: Source) -> None:
        self._page.add_readings(offset, spans, source)

    def outcome(self, event: Ended) -> str:
        return end_reason.read(event.tokens, self.left_out) if event.reason == "done" else ""


class PartScore(Score):
    """The odds of the tokens in a part of the page. The text behind it is sent as far as a word may reach, so that the
    last token is the one that stands there."""

    def __init__(self, page: Page, slot: ModelSlot, recipe: Recipe, start: int, end: int) -> None:
        """start, end: of the part, in units."""
        sent = min(end + BEYOND, page.length)
        prefix = prefix_for(page, slot.model, NEUTRAL, 0, sent)
        job = slot.engine.score(prefix.pieces, top=recipe.top, since=prefix.code_points(start))
        Query.__init__(self, page, prefix, job)
        self.sees_like_writing = False
        self._slot, self._until = slot, end

    def _add(self, offset: int, spans: Sequence[Span], source: Source) -> None:
        wanted, begins = list[Span](), offset
        for span in spans:
            if begins >= self._until:
                break
            wanted.append(span)
            begins += utf16.length(span.text)
        super()._add(offset, wanted, source)

    def outcome(self, event: Ended) -> str:  # noqa: ARG002
        return ""


class LayerScore(Score):
    """The same as readings of the model's own layer of the page: over all text, whoever wrote it."""

    def _add(self, offset: int, spans: Sequence[Span], source: Source) -> None:
        name = self._slot.model.name if self._slot.model else ""
        self._page.layers.add(offset, spans, source, name)
