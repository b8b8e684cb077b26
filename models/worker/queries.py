"""Queries about a prefix, which write nothing: a look, a score, a distribution. Every job is a generator of events.

They are answered in a context of their own (query_context.py), so that the page's context, and what is written next,
stay as they are. Closing the generator cancels the job.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, field, replace
from functools import partial

import numpy as np

from models.engine.events import (
    BiasRead,
    Distributed,
    Ended,
    Evaluated,
    Event,
    Flipped,
    GreedyText,
    Healed,
    Looked,
    Scored,
    Span,
    StringOdds,
    VocabularyRead,
)
from models.engine.prefix import Piece
from models.engine.requests import Distribution, Flips, Greedy, Look, ReadBias, Rechain, Score, Vocabulary
from models.errors import ModelError, Stopped
from models.library import memory
from models.sampling import bias
from models.sampling.chain import Chain
from models.sampling.coin import EXTRA, EXTRA_GATE, extra_draws
from models.sampling.extra_flips import RecordedOdds
from models.sampling.grammar.grammar import Cursor
from models.sampling.knobs import LONGEST_WINDOW, Sampling
from models.sampling.pending_reading import PendingReading
from models.sampling.readings import without_odds
from models.sampling.stages import Logits
from models.worker import string_odds, tokens
from models.worker.cache import Cache
from models.worker.characters import Characters
from models.worker.evaluation_thread import Evaluator
from models.worker.grammars import Grammars
from models.worker.healing import Healer, Healing
from models.worker.language_model import LanguageModel
from models.worker.query_context import QueryContext
from models.worker.query_state import KeptLogits, QueryState
from models.worker.scoring import Scoring, split
from models.worker.spelling import AT_A_TIME
from models.worker.tokens import EMPTY, TextOffsets, Tokens
from resources.language import tr

TOO_LONG = tr("A string of {tokens:,} tokens does not fit into the model's context of {context:,}.")
_SPANS_AN_EVENT = 4  # spans of a score in one event
_SPLIT_AN_EVENT = 256  # the same, without odds
_TOLD_AFTER = 8 * AT_A_TIME  # tokens that are spelt without a break


@dataclass(slots=True)
class Queries:
    """Answers queries on a loaded model, one at a time. page: the cache of the page's context. clock: seconds,
    monotonic. arrived: when the request came, by that clock.
    """

    model: LanguageModel
    page: Cache
    evaluator: Evaluator
    clock: Callable[[], float]
    tokens: Tokens
    healer: Healer
    grammars: Grammars
    context: QueryContext = field(init=False)
    _kept: dict[int, KeptLogits] = field(init=False, default_factory=dict[int, KeptLogits])  # by job, the last ones

    def __post_init__(self) -> None:
        self.context = QueryContext(self.model, self.page, self.evaluator)

    def prepare(self) -> bool:
        """Do a millisecond or two of what strings and the vocabulary will need. Returns whether more is left."""
        spelling = self.healer.spelling
        if not spelling.is_whole:
            spelling.spell_some()
        return not spelling.is_whole

    def look(self, job: Look, pieces: tuple[Piece, ...], arrived: float) -> Iterator[Event]:
        """Yields Started, Evaluated…, Looked, Ended. Raises ModelError."""
        state = self._state(job.job, pieces, job.n_keep, arrived)

        def answer(logits: Logits) -> Iterator[Event]:
            kept = yield from self._healed(job, pieces, state, logits)
            yield Looked(job.job, self._pending(job, kept, job.token).reading(job.top))

        yield from self._answer(state, 0, answer)

    def distribution(self, job: Distribution, pieces: tuple[Piece, ...], arrived: float) -> Iterator[Event]:
        """Yields Started, Evaluated…, Distributed, Ended. Raises ModelError."""
        strings = [string_odds.split(self.model, self.tokens, pieces, text) for text in job.strings]
        more = max(map(len, strings), default=1) - 1
        if not job.whole:
            more = max(more, 1)  # so that the next string, of more tokens, needs no other context
        state = self._state(job.job, pieces, job.n_keep, arrived, more)

        def answer(logits: Logits) -> Iterator[Event]:
            found = tuple(self._odds(state, text, ids, logits) for text, ids in zip(job.strings, strings, strict=True))
            if job.whole:
                kept = yield from self._healed(job, pieces, state, logits)
            else:
                kept = self._keep(job, state, logits)
            whole = self._pending(job, kept).whole(job.whole, job.texts)
            listed = array("i", whole.listed.tolist())
            texts = tuple(self.model.token_bytes(whole.ids[index]) for index in listed)
            odds = whole.ids, whole.raw, whole.final, whole.cut
            yield Distributed(job.job, *odds, texts, whole.entropy, found, whole.effect, listed)

        yield from self._answer(state, more, answer, self._spell(job.job) if strings else ())

    def flips(self, job: Flips, pieces: tuple[Piece, ...], arrived: float) -> Iterator[Event]:
        """Yields Started, Evaluated…, Flipped, Ended. Raises ModelError."""
        state = self._state(job.job, pieces, job.n_keep, arrived)
        draws = partial(extra_draws, job.seed, job.take, job.place, job.first, job.count)
        numbers, gates = draws(EXTRA), draws(EXTRA_GATE)

        def answer(logits: Logits) -> Iterator[Event]:
            healing = self.healer.given(job.state.healed, pieces)
            with closing(self._chain(job, self._behind(job, state, logits, healing))) as chain:
                flips = chain.flip_each(logits, numbers, gates, _recorded(job))
            ids, counts = flips.counts()
            others = np.setdiff1d(np.asarray(job.listed, np.int32), ids)
            named, often = np.append(ids, others), np.append(counts, np.zeros_like(others))
            shares = array("d", flips.shares(named).tolist())
            listed = array("i", named.tolist()), array("i", often.tolist())
            yield Flipped(job.job, *listed, shares, flips.struck, flips.last.reading(1))

        yield from self._answer(state, 0, answer)

    def greedy(self, job: Greedy, pieces: tuple[Piece, ...], arrived: float) -> Iterator[Event]:
        """Yields Started, Evaluated…, GreedyText…, Ended. Raises ModelError."""
        state, text = self._state(job.job, pieces, job.n_keep, arrived, job.length), ""
        characters = Characters.after(self.tokens.tail(pieces))
        try:
            yield from self._read(state, job.length)
            state.first = self.clock()
            grammar = self.grammars.at_end(Sampling(grammar=job.grammar), state.page, job.fed)
            choose = partial(self._most_likely, grammar)
            with closing(self.context.write_behind(state.window.ids, job.length, choose)) as written:
                for token in written:
                    state.tokens += 1
                    if grammar is not None:
                        grammar.accept(token)
                    if span := characters.feed(without_odds(token, self.model.token_bytes(token))):
                        text += span.text
                        yield GreedyText(job.job, text)
            state.reason = "done"
        except Stopped:
            state.reason = "stopped"
        yield state.ended(self.clock())

    def _most_likely(self, grammar: Cursor | None, logits: Logits) -> int | None:
        """The most likely token that is no control token and that the grammar allows; None where it ends the text, or
        there is none, or the logits are no numbers.
        """
        allowed = logits.copy()
        allowed[self.model.control] = -np.inf
        if grammar is not None:
            allowed[~grammar.allowed()] = -np.inf
        token = int(allowed.argmax())
        return None if self.model.ends_text(token) or not np.isfinite(allowed[token]) else token

    def rechain(self, job: Rechain, arrived: float) -> Iterator[Event]:
        """Yields Looked, Ended; only Ended where the logits are not kept any more. Raises ModelError."""
        kept = self._kept.get(job.looked)
        if kept is not None and kept.heals != job.sampling.heals:
            kept = None
        if kept is not None:
            yield Looked(job.job, self._pending(job, kept, job.token).reading(job.top))
        seconds = self.clock() - arrived
        yield Ended(job.job, "not kept" if kept is None else "done", 0, 0, seconds, seconds, 0)

    def vocabulary(self, job: Vocabulary, arrived: float) -> Iterator[Event]:
        """Yields Evaluated…, VocabularyRead, Ended."""
        yield from self._spell(job.job)
        spelling = self.healer.spelling
        yield VocabularyRead(job.job, bytes(spelling.data), spelling.ends[:])
        yield self._done(job.job, arrived)

    def read_bias(self, job: ReadBias, arrived: float) -> Iterator[Event]:
        """Yields BiasRead, Ended."""
        yield BiasRead(job.job, tuple(bias.read(entry, self.model) for entry in job.entries))
        yield self._done(job.job, arrived)

    def _done(self, job: int, arrived: float) -> Ended:
        """The end of a job that has read no prefix."""
        seconds = self.clock() - arrived
        return Ended(job, "done", 0, 0, seconds, seconds, 0)

    def score(self, job: Score, pieces: tuple[Piece, ...], arrived: float) -> Iterator[Event]:
        """Yields Started, then Scored and Evaluated for each part, Ended. Raises ModelError, after yielding every
        reading made.
        """
        state = self._state(job.job, pieces, 0, arrived)
        if not job.odds:
            yield from self._split(job, state)
            return
        if job.since:
            yield from self._score_end(job, state)
            return
        failure: Exception | None = None
        yield state.started(0)
        scoring = Scoring(self.model, state.page, state.window, job.top)
        try:
            for first, rows in self.context.read_each(state.window.ids):
                state.evaluated = first + len(rows)
                yield from _scored(state, scoring, scoring.chunk(first, rows))
                yield Evaluated(job.job, state.evaluated, len(state.window.ids))
            state.reason = "done"
        except Stopped:
            state.reason = "stopped"
        except Exception as error:  # noqa: BLE001  (the readings so far are yielded first)
            failure = error
        yield from _scored(state, scoring, scoring.flush())
        if failure is not None:
            raise failure
        yield state.ended(self.clock())

    def _score_end(self, job: Score, state: QueryState) -> Iterator[Event]:
        """The same for the tokens of the window from code point `since` on: what stands before is read as for a look,
        and is still there for the next query.
        """
        ids = state.window.ids
        first = self._first_since(state, job.since)
        behind = replace(state.window, ids=ids[first - 1 :])
        scoring = Scoring(self.model, state.page, behind, job.top)
        try:
            if first < len(ids):
                logits = yield from self._read(state, len(ids) - first, ids[:first])
                yield from _scored(state, scoring, scoring.chunk(0, logits[np.newaxis]))
                done = 1
                with closing(self.context.read_behind(ids[:first], ids[first:-1])) as parts:
                    for rows in parts:
                        yield from _scored(state, scoring, scoring.chunk(done, rows))
                        done += len(rows)
                        yield Evaluated(job.job, first + done - 1, len(ids))
            state.reason = "done"
        except Stopped:
            state.reason = "stopped"
        yield from _scored(state, scoring, scoring.flush())
        yield state.ended(self.clock())

    def _split(self, job: Score, state: QueryState) -> Iterator[Event]:
        """The tokens of the text from code point `since` on, without odds."""
        yield state.started(0)
        offset, spans = split(self.model, state.page, job.since)
        for first in range(0, len(spans), _SPLIT_AN_EVENT):
            few = spans[first : first + _SPLIT_AN_EVENT]
            yield Scored(state.job, offset, few)
            offset += sum(len(span.text) for span in few)
        state.reason, state.tokens = "done", sum(len(span.readings) for span in spans)
        yield state.ended(self.clock())

    def _first_since(self, state: QueryState, since: int) -> int:
        """The index in the window of the first token, not the very first, that begins at that code point or behind it;
        the window's length where none does.
        """
        shown, ids, page = TextOffsets(self.model, state.page), state.window.ids, state.page.ids
        for index in range(1, len(ids)):
            if shown.code_points(len(page) - len(ids) + index) >= since and not shown.inside_character:
                return index
        return len(ids)

    def _state(self, job: int, pieces: tuple[Piece, ...], n_keep: int, arrived: float, more: int = 0) -> QueryState:
        """more: tokens for which the context has to have room behind the prefix. Raises ModelError."""
        page, facts = self.tokens.of(pieces), self.model.facts
        window = tokens.window(page, facts.bos, facts.context, n_keep)
        if not window.ids:
            raise ModelError(EMPTY)
        if len(window.ids) + more > facts.context:
            window = tokens.window_before(page, more, facts.bos, facts.context, n_keep)
        if not window.ids:
            raise ModelError(TOO_LONG.format(tokens=more + 1, context=facts.context))
        return QueryState(job, arrived, page, window, TextOffsets(self.model, page))

    def _answer(
        self, state: QueryState, more: int, answer: Callable[[Logits], Iterator[Event]], first: Iterable[Event] = ()
    ) -> Iterator[Event]:
        """Read the window, and answer from the logits behind it. first: what has to be done before."""
        try:
            yield from answer((yield from self._read(state, more, first=first)))
            state.reason, state.first = "done", self.clock()
        except Stopped:
            state.reason = "stopped"
        yield state.ended(self.clock())

    def _read(
        self, state: QueryState, more: int = 0, prefix: array[int] | None = None, first: Iterable[Event] = ()
    ) -> Generator[Event, None, Logits]:
        """Read a prefix of the window, by default all of it. more: tokens that will be read behind it. first: events
        that come before its progress.
        """
        ids = state.window.ids if prefix is None else prefix
        reused = self.context.reuse(ids, more)
        yield state.started(reused)
        yield from first
        return (yield from self._evaluate(state, ids, reused))

    def _evaluate(self, state: QueryState, ids: array[int], reused: int) -> Generator[Event, None, Logits]:
        """After the context's `reuse`: read the rest. reused: tokens that need no reading."""
        began, reading = self.clock(), self.context.read(ids)
        state.evaluated += len(ids) - reused
        while True:
            try:
                done = next(reading)
            except StopIteration as end:
                logits: Logits = end.value
                return logits
            if state.evaluated > self.model.facts.batch:
                yield Evaluated(state.job, done, len(ids), done - reused, self.clock() - began)

    def _healed(
        self, job: Look | Distribution, pieces: tuple[Piece, ...], state: QueryState, logits: Logits
    ) -> Generator[Event, None, KeptLogits]:
        """The logits from which the next token is drawn: those behind the window, or where the text before it ends
        inside a token, those behind the window without that end.
        """
        if job.state.healed:
            return self._keep(job, state, logits, self.healer.given(job.state.healed, pieces))
        tail = self.healer.tail(pieces, job.sampling)
        if tail is None:
            return self._keep(job, state, logits)
        head = self._state(job.job, tail.head, job.n_keep, state.arrived)
        before = self.context.peek(head.window.ids)
        logits = logits.copy()  # of the context, which may read on
        if before is None:
            before = yield from self._evaluate(state, head.window.ids, self.context.reuse(head.window.ids))
        if not tail.goes_on(before):
            return self._keep(job, state, logits)
        logits = yield from self._evaluate(state, head.window.ids, self.context.reuse(head.window.ids))
        yield Healed(job.job, tail.text, head.window.ids[:], True)
        return self._keep(job, head, logits, tail.healing)

    def _keep(
        self, job: Look | Distribution, state: QueryState, logits: Logits, healing: Healing | None = None
    ) -> KeptLogits:
        """Keep a copy of the logits for `rechain`, and drop the oldest."""
        kept = self._kept[state.job] = self._behind(job, state, logits.copy(), healing)
        while len(self._kept) > memory.KEPT_LOGITS:
            del self._kept[next(iter(self._kept))]
        return kept

    def _behind(
        self, job: Look | Distribution | Flips, state: QueryState, logits: Logits, healing: Healing | None
    ) -> KeptLogits:
        reach = max(self.model.facts.context, LONGEST_WINDOW)
        fed = self.grammars.end_of(state.page, job.fed) if job.fed else b""
        return KeptLogits(logits, state.page.ids[-reach:], healing, job.sampling.heals, fed)

    def _pending(self, job: Look | Distribution | Rechain, kept: KeptLogits, token: int = -1) -> PendingReading:
        with closing(self._chain(job, kept)) as chain:
            return chain.look(kept.logits, token if token < self.model.vocabulary else -1)

    def _chain(self, job: Look | Distribution | Rechain | Flips, kept: KeptLogits) -> Chain:
        only = kept.healing and kept.healing.ids
        grammar = self.grammars.cursor(job.sampling, kept.fed)
        return Chain(job.sampling, self.model, kept.history, 0, 0, state=job.state, healing=only, grammar=grammar)

    def _spell(self, job: int) -> Iterator[Evaluated]:
        """Spell what is left of the vocabulary; what is written goes on in between."""
        while self.prepare():
            if len(self.healer.spelling.ends) % _TOLD_AFTER == 0:
                yield Evaluated(job, len(self.healer.spelling.ends), self.model.vocabulary)

    def _odds(self, state: QueryState, text: str, ids: array[int], logits: Logits) -> StringOdds:
        """The odds of a string with these tokens behind the window. logits: those behind the window."""
        with closing(self.context.read_behind(state.window.ids, ids[:-1])) as rows:
            return string_odds.odds(self.model, text, ids, logits, rows, self.healer.spelling)


def _recorded(job: Flips) -> RecordedOdds | None:
    if not job.recorded:
        return None
    probability, gate = job.sampling.xtc_probability, job.state.gate
    struck = probability >= 1 if gate is None else gate < probability
    return RecordedOdds(np.array(job.listed, np.int32), np.array(job.recorded, np.float64), struck)


def _scored(state: QueryState, scoring: Scoring, spans: tuple[Span, ...]) -> Iterator[Scored]:
    """Yield the spans a few at a time, so that the reader of the events can do other work in between."""
    for first in range(0, len(spans), _SPANS_AN_EVENT):
        few, offset = spans[first : first + _SPANS_AN_EVENT], scoring.offset
        scoring.offset += sum(len(span.text) for span in few)
        state.tokens += sum(len(span.readings) for span in few)
        yield Scored(state.job, offset, few)
