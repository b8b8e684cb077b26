"""A question about the page that writes nothing: a look, a score, the odds of a string or of all tokens. No Qt.

Its answers are about the page as it was when asked; where the page has changed since, they are dropped.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import replace

from desktop.generation import end_reason
from desktop.generation.model_slot import ModelSlot
from desktop.generation.recipe import Recipe
from desktop.generation.sent_prefix import SentPrefix, prefix_for
from desktop.page import utf16
from desktop.page.choosing import Chosen, Place
from desktop.page.grammar_place import fed_at, fed_at_end, fed_behind
from desktop.page.page import Page
from desktop.page.sources import Source
from desktop.page.token_table import GENERATED
from models.engine.events import Ended, ModelFacts, Scored, Span
from models.engine.prefix import TextPiece
from models.sampling.knobs import LONGEST_WINDOW, NEUTRAL, Sampling
from models.sampling.place_state import FRESH, PlaceState

FARTHEST = Sampling(repeat_last_n=LONGEST_WINDOW, dry_last_n=LONGEST_WINDOW)  # reaches back as far as any chain
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
    """The odds of the next token at a position of the page. position: that position, in units. recipe: whose chain
    they have gone through."""

    def __init__(self, page: Page, slot: ModelSlot, recipe: Recipe, at: int | None = None) -> None:
        """at: the position; None: the end of the page."""
        fed = fed_at_end(page, page.length if at is None else at, recipe.sampling)
        prefix = prefix_for(page, slot.model, recipe.sampling, recipe.n_keep, at, fed)
        job = slot.engine.look(prefix.pieces, recipe.sampling, top=recipe.top, n_keep=recipe.n_keep, fed=fed)
        super().__init__(page, prefix, job)
        self.recipe = recipe
        self.sees_like_writing = at is None
        self.position = page.length if at is None else at

    def outcome(self, event: Ended) -> str:  # noqa: ARG002
        return end_reason.healed("", self.healed)


class PlaceLook(Query):
    """The odds of the token at a place of the page, or of the next one there, under other samplers. The engine keeps
    what it computed, for ChainQuery."""

    sees_like_writing = False

    def __init__(self, page: Page, slot: ModelSlot, recipe: Recipe, place: Place) -> None:
        self.fed = fed_at(page, place, recipe.sampling)
        prefix = prefix_for(page, slot.model, FARTHEST, recipe.n_keep, place.start, self.fed)
        self.token = -1 if place.token is None else max(place.token, -1)
        job = slot.engine.look(
            prefix.with_tokens(tokens_before(page, place)),
            at_place(recipe, place).sampling,
            top=recipe.top,
            n_keep=recipe.n_keep,
            state=place.state,
            token=self.token,
            fed=self.fed,
        )
        super().__init__(page, prefix, job)
        self.place, self.recipe, self.model = place, recipe, slot.model

    def serves(self, place: Place, recipe: Recipe, model: ModelFacts | None) -> bool:
        """Whether another chain there needs no other look."""
        same = (self.place, self.recipe.n_keep, self.model) == (place, recipe.n_keep, model)
        return same and self.is_current and fed_at(self._page, place, recipe.sampling) == self.fed


def at_place(recipe: Recipe, place: Place) -> Recipe:
    """The recipe for odds there. Where a token stands, the text before it is not healed: it was read as it is."""
    return recipe if place.token is None else replace(recipe, sampling=replace(recipe.sampling, no_healing=True))


def tokens_before(page: Page, place: Place) -> list[int]:
    """The ids of the tokens of the place's character before its own."""
    run = page.readings_at(place.start)[: place.part] if place.part else ()
    return [max(one.reading.token, 0) for one in run]


class ChainQuery(Query):
    """The odds that another chain gives where a look was."""

    sees_like_writing = False

    def __init__(self, page: Page, slot: ModelSlot, recipe: Recipe, look: PlaceLook) -> None:
        place = look.place
        job = slot.engine.rechain(look.job, at_place(recipe, place).sampling, recipe.top, place.state, look.token)
        super().__init__(page, look.prefix, job)
        self.place, self.recipe = place, recipe


class WholeQuery(Query):
    """The odds of every token at a position of the page, in units."""

    sees_like_writing = False

    def __init__(
        self,
        page: Page,
        slot: ModelSlot,
        recipe: Recipe,
        at: int,
        *,
        before: Sequence[int] = (),
        state: PlaceState = FRESH,
        fed: int = 0,
        tokens_of: ModelFacts | None = None,
    ) -> None:
        """recipe: whose chain they go through. before: ids of tokens that stand there already, of those that spell one
        character. state: what was recorded there. fed: as in requests.Look. tokens_of: the model whose tokens are sent
        as they are, where it has the same ones as the slot's; None: the slot's."""
        reader = slot.model
        if reader is not None and tokens_of is not None:
            reader = replace(reader, fingerprint=tokens_of.fingerprint)
        prefix = prefix_for(page, reader, recipe.sampling, recipe.n_keep, at, fed)
        pieces = prefix.with_tokens(before)
        job = slot.engine.distribution(pieces, recipe.sampling, n_keep=recipe.n_keep, state=state, fed=fed)
        super().__init__(page, prefix, job)


class StringQuery(Query):
    """The odds that strings come next at a position of the page, in units. Without any, the page is read up to there,
    so that the next answer comes at once."""

    sees_like_writing = False

    def __init__(self, page: Page, slot: ModelSlot, recipe: Recipe, texts: Sequence[str], at: int) -> None:
        prefix = prefix_for(page, slot.model, NEUTRAL, recipe.n_keep, at)
        job = slot.engine.distribution(prefix.pieces, NEUTRAL, texts, n_keep=recipe.n_keep, whole=False)
        super().__init__(page, prefix, job)


class AheadQuery(Query):
    """The greedy continuation behind a token that could be put at a place of the page. It keeps to the grammar that
    writing on there would keep to."""

    sees_like_writing = False

    def __init__(
        self,
        page: Page,
        slot: ModelSlot,
        recipe: Recipe,
        place: Place,
        what: Chosen,
        tokens: Sequence[int],
        length: int,
    ) -> None:
        """tokens: its id, behind those of the same character. length: tokens of the continuation, at most."""
        n_keep, grammar = recipe.n_keep, recipe.sampling.grammar
        fed = fed_behind(page, place, what, recipe.sampling)
        prefix = prefix_for(page, slot.model, NEUTRAL, n_keep, place.start, fed)
        super().__init__(page, prefix, slot.engine.greedy(prefix.with_tokens(tokens), length, n_keep, grammar, fed))


class TokenTexts(Query):
    """The bytes of all tokens of the slot's model; a question about no page."""

    def __init__(self, page: Page, slot: ModelSlot) -> None:
        super().__init__(page, prefix_for(page, None, NEUTRAL, 0, 0), slot.engine.vocabulary())


class Score(Query):
    """The odds of every token on the page: of as many at its end as the context holds, whatever `n_keep` says."""

    _first: int | None = None  # where what was read begins

    def __init__(self, page: Page, slot: ModelSlot, recipe: Recipe) -> None:
        prefix = prefix_for(page, slot.model, NEUTRAL, 0)
        super().__init__(page, prefix, slot.engine.score(prefix.pieces, top=recipe.top))
        self.sees_like_writing = recipe.n_keep == 0
        self._slot = slot

    def read(self, events: Sequence[Scored]) -> None:
        """Give the page these readings; each event begins where the one before it ended."""
        if self.is_current:
            spans = [span for event in events for span in event.spans]
            start = self.prefix.position(events[0].offset)
            self._first = start if self._first is None else self._first
            self._add(start, spans, self._slot.source("read", self.left_out))

    def _add(self, offset: int, spans: Sequence[Span], source: Source) -> None:
        self._page.add_readings(offset, spans, source)

    def outcome(self, event: Ended) -> str:
        return end_reason.read(event.tokens, self.left_out, self._outdated) if event.reason == "done" else ""

    @property
    def _outdated(self) -> int:
        """How many tokens that a model wrote, among those that were read, have outdated odds on the page."""
        if self._first is None or not self.is_current:
            return 0
        rows = self._page.tokens(self._first, self._page.length)
        return int(((rows["kind"] == GENERATED) & self._page.stale(rows)).sum())


class PartScore(Score):
    """The odds of the tokens in a part of the page. The text behind it is sent as far as a word may reach, so that the
    last token is the one that stands there."""

    def __init__(self, page: Page, slot: ModelSlot, recipe: Recipe, start: int, end: int, *, odds: bool = True) -> None:
        """start, end: of the part, in units. odds: as in requests.Score."""
        sent = min(end + BEYOND, page.length)
        prefix = prefix_for(page, slot.model, NEUTRAL, 0, sent)
        job = slot.engine.score(prefix.pieces, top=recipe.top, since=prefix.code_points(start), odds=odds)
        Query.__init__(self, page, prefix, job)
        self.sees_like_writing = False
        self._slot, self._until = slot, end

    def _add(self, offset: int, spans: Sequence[Span], source: Source) -> None:
        super()._add(offset, self._within(offset, spans), source)

    def _within(self, offset: int, spans: Sequence[Span]) -> list[Span]:
        """The spans that begin in the part. offset: of the first."""
        wanted, begins = list[Span](), offset
        for span in spans:
            if begins >= self._until:
                break
            wanted.append(span)
            begins += utf16.length(span.text)
        return wanted

    def outcome(self, event: Ended) -> str:  # noqa: ARG002
        return ""


class SplitQuery(PartScore):
    """How a part of the page splits into tokens, without odds. found: gets where the tokens begin, and them."""

    def __init__(
        self, page: Page, slot: ModelSlot, start: int, end: int, found: Callable[[int, Sequence[Span]], None]
    ) -> None:
        super().__init__(page, slot, Recipe(), start, end, odds=False)
        self._found = found

    def _add(self, offset: int, spans: Sequence[Span], source: Source) -> None:  # noqa: ARG002
        self._found(offset, self._within(offset, spans))


class JoinedSplit(Score):
    """How the end of the page splits into tokens if all of it is read as text. across: where the last token begins, in
    units, if a border lies inside it; else None."""

    def __init__(self, page: Page, slot: ModelSlot, start: int, border: int) -> None:
        """start: from there on it is sent, in units."""
        text = utf16.whole(page.text(start, page.length))
        job = slot.engine.score((TextPiece(text),), odds=False)
        Query.__init__(self, page, prefix_for(page, slot.model, NEUTRAL, 0), job)
        self.sees_like_writing = False
        self.across: int | None = None
        self._text, self._start, self._border = text, start, border

    def read(self, events: Sequence[Scored]) -> None:
        for event in events:
            begins = event.offset
            for span in event.spans:
                start = self._start + utf16.length(self._text[:begins])
                begins += len(span.text)
                if start < self._border and begins == len(self._text):
                    self.across = start

    def outcome(self, event: Ended) -> str:  # noqa: ARG002
        return ""


class PartBits(PartScore):
    """The same for a part of the page, and not put on the page. tokens: start and end in units of each run of tokens
    that spells whole characters, and its bits, as far as they came."""

    def __init__(self, page: Page, slot: ModelSlot, recipe: Recipe, start: int, end: int) -> None:
        super().__init__(page, slot, recipe, start, end)
        self.tokens: list[tuple[int, int, float]] = []

    def _add(self, offset: int, spans: Sequence[Span], source: Source) -> None:  # noqa: ARG002
        for span in spans:
            end = offset + utf16.length(span.text)
            if not span.cut and end > offset:
                self.tokens.append((offset, end, -sum(one.raw for one in span.readings) / math.log(2)))
            offset = end


class LayerScore(Score):
    """The same as readings of the model's own layer of the page: over all text, whoever wrote it. name: of the model,
    for a layer that is new."""

    def __init__(self, page: Page, slot: ModelSlot, recipe: Recipe, name: str = "") -> None:
        super().__init__(page, slot, recipe)
        self._name = name

    def _add(self, offset: int, spans: Sequence[Span], source: Source) -> None:
        self._page.layers.add(offset, spans, source, self._name)

    @property
    def _outdated(self) -> int:
        return 0  # a layer has odds for all text
