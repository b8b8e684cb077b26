"""The inference loop: read the prefix, draw a token, append it, repeat. Every job is a generator of events.

Closing the generator cancels the job. While `evaluator` evaluates a token, the loop computes that token's reading and
yields it.
"""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Generator
from dataclasses import dataclass, field

from models.engine.events import Ended, EndReason, Evaluated, Event, Sampled, Span, Started
from models.engine.prefix import Piece
from models.engine.requests import Generate
from models.errors import ModelError, Stopped
from models.library import memory
from models.sampling.chain import Chain
from models.sampling.pending_reading import PendingReading
from models.sampling.stages import Logits
from models.worker import tokens
from models.worker.cache import Cache
from models.worker.characters import Characters
from models.worker.evaluation_thread import Evaluator
from models.worker.language_model import LanguageModel
from models.worker.queries import Queries
from models.worker.stop_strings import Stops
from models.worker.tokens import EMPTY, PageTokens, TextOffsets, Tokens, Window


@dataclass(slots=True)
class JobState:
    """The state of one job. arrived, first: when the request and the job's first token came, in seconds by the loop's
    clock. n_keep: first tokens of the page that stay in the window. kept, unseen: code points, see events.Started.
    """

    job: int
    arrived: float
    page: PageTokens
    n_keep: int
    shown: TextOffsets
    window: Window
    kept: int = 0
    unseen: int = 0
    reason: EndReason = "stopped"
    tokens: int = 0
    evaluated: int = 0
    first: float | None = None

    @property
    def used(self) -> int:
        return len(self.window.ids)


@dataclass(slots=True)
class Text:
    """Turns readings into spans that may be shown: whole characters, nothing that may become a stop string. met: a stop
    string was completed.
    """

    characters: Characters
    stops: Stops
    met: bool = False

    def feed(self, drawn: PendingReading, top: int) -> tuple[Span, ...]:
        span = self.characters.feed(drawn.reading(top))
        return self._past_stops(span)

    def flush(self) -> tuple[Span, ...]:
        """All spans held back, once no more readings follow."""
        if self.met:
            return ()
        spans = self._past_stops(self.characters.flush())
        return spans if self.met else spans + self.stops.flush()

    def _past_stops(self, span: Span | None) -> tuple[Span, ...]:
        if span is None:
            return ()
        spans, self.met = self.stops.feed(span)
        return spans


@dataclass(slots=True)
class Loop:
    """Runs jobs on a loaded model, one at a time. clock: seconds, monotonic. snapshots: bytes for the states of a model
    that cannot truncate its cache. queries: answers what writes nothing."""

    model: LanguageModel
    evaluator: Evaluator
    clock: Callable[[], float]
    snapshots: int = memory.SNAPSHOTS
    queries: Queries = field(init=False)
    _cache: Cache = field(init=False)
    _tokens: Tokens = field(init=False)

    def __post_init__(self) -> None:
        self._cache = Cache(self.model, self.evaluator, self.snapshots)
        self._tokens = Tokens(self.model)
        self.queries = Queries(self.model, self._cache, self.evaluator, self.clock, self._tokens)

    def generate(self, job: Generate, pieces: tuple[Piece, ...], arrived: float) -> Generator[Event, None, None]:
        """Yields Started, Evaluated…, Sampled…, Ended. Raises ModelError, after yielding every token that was drawn.
        arrived: when the request came, by the loop's clock.
        """
        state = self._job_state(job.job, pieces, job.n_keep, arrived)
        failure: Exception | None = None
        text = Text(Characters.after(self._tokens.tail(pieces)), Stops(job.sampling.stop))
        chain = Chain(job.sampling, self.model, state.page.ids, job.seed, job.take)
        try:
            yield from self._write(job, state, chain, text)
        except Stopped:
            state.reason = "stopped"
        except Exception as error:  # noqa: BLE001  (the tokens drawn so far are yielded first)
            failure = error
        finally:
            chain.close()
        if spans := text.flush():
            yield self._sampled(state, spans)
        if failure is not None:
            raise failure
        if text.met:
            state.reason = "stop string"
        yield self._ended(state)

    # ------------------------------------------------------------------------------------------ reading the prefix

    def _job_state(self, job: int, pieces: tuple[Piece, ...], n_keep: int, arrived: float) -> JobState:
        page = self._tokens.of(pieces)
        window = tokens.window(page, self.model.facts.bos, self.model.facts.context, n_keep)
        if not window.ids:
            raise ModelError(EMPTY)
        shown = TextOffsets(self.model, page)
        kept = shown.code_points(window.kept)
        return JobState(job, arrived, page, n_keep, shown, window, kept, shown.code_points(window.start))

    def _read(self, state: JobState) -> Generator[Event, None, Logits]:
        """Read the window; returns the logits after it."""
        window, plan = state.window, self._cache.reuse(state.window.ids)
        yield Started(state.job, window.ids[:], window.dropped, state.unseen, plan.reused, plan.exact, state.kept)
        state.evaluated = state.used - plan.reused
        return (yield from self._evaluate(state, plan.reused))

    def _evaluate(self, state: JobState, reused: int) -> Generator[Event, None, Logits]:
        reading, began = self._cache.read(state.window.ids), self.clock()
        while True:
            try:
                done = next(reading)
            except StopIteration as end:
                logits: Logits = end.value
                return logits
            if state.used - reused > self.model.facts.batch:
                yield Evaluated(state.job, done, state.used, done - reused, self.clock() - began)

    # ------------------------------------------------------------------------------------------ writing after it

    def _write(self, job: Generate, state: JobState, chain: Chain, text: Text) -> Generator[Event, None, None]:
        logits = yield from self._read(state)
        pending: Callable[[], Logits] | None = None
        try:
            for index in range(job.first, job.first + (sys.maxsize if job.length is None else job.length)):
                flip = chain.flip(logits, index)
                if self.model.ends_text(flip.token) and not job.sampling.ignore_eos:
                    state.reason = "end of text"
                    return
                self._append(state, chain, flip.token)
                pending = None if state.tokens == job.length else self._start_evaluation(state)
                if spans := text.feed(flip, job.top):
                    yield self._sampled(state, spans)
                if text.met:
                    return
                if state.tokens != job.length:
                    finish, pending = pending, None
                    logits = finish() if finish else (yield from self._slide(state))
            state.reason = "length"
        finally:
            if pending:
                _wait_for(pending)

    def _append(self, state: JobState, chain: Chain, token: int) -> None:
        chain.accept(token)
        state.page.ids.append(token)
        state.window.ids.append(token)
        state.tokens += 1
        state.first = state.first or self.clock()
        self._cache.written = token

    def _start_evaluation(self, state: JobState) -> Callable[[], Logits] | None:
        """Start to evaluate the token just appended; None if the window must slide first."""
        if state.used > self.model.facts.context:
            return None
        return self._cache.start(state.window.ids[-1:])

    def _slide(self, state: JobState) -> Generator[Event, None, Logits]:
        """Drop the oldest tokens of a full context in one large step and read the rest again."""
        facts, first_time = self.model.facts, not state.window.dropped
        state.window = tokens.window(state.page, facts.bos, facts.context, state.n_keep)
        if first_time:
            state.kept = state.shown.code_points(state.window.kept)
        state.unseen = state.shown.code_points(state.window.start)
        plan = self._cache.reuse(state.window.ids)
        return (yield from self._evaluate(state, plan.reused))

    # ------------------------------------------------------------------------------------------ events

    def _sampled(self, state: JobState, spans: tuple[Span, ...]) -> Sampled:
        used = min(state.used, self.model.facts.context)
        return Sampled(state.job, spans, used, state.window.dropped, state.unseen, state.kept)

    def _ended(self, state: JobState) -> Ended:
        now = self.clock()
        return Ended(
            state.job,
            state.reason,
            state.tokens,
            state.evaluated,
            (state.first or now) - state.arrived,
            now - state.arrived,
            min(state.used, self.model.facts.context),
        )


def _wait_for(pending: Callable[[], Logits]) -> None:
    """Wait for the running evaluation and ignore its result: it must end before the next one starts."""
    with contextlib.suppress(Exception):
        pending()
