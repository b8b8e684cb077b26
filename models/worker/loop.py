"""The inference loop: read the prefix, draw a token, append it, repeat. Every job is a generator of events.

It is the runner (runner.py) of every model that gives logits.

Closing the generator cancels the job. While `evaluator` evaluates a token, the loop computes that token's reading and
yields it.
"""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass, field

from models.engine.events import Ended, Evaluated, Event, ModelFacts, Sampled, Span, Started
from models.engine.prefix import Piece
from models.engine.requests import Distribution, Generate, Look, Rechain, Score, Vocabulary
from models.errors import ModelError, Stopped
from models.library import memory
from models.sampling.chain import Chain
from models.sampling.stages import Logits
from models.worker import tokens
from models.worker.cache import Cache
from models.worker.characters import Characters
from models.worker.evaluation_thread import Evaluator
from models.worker.job_state import JobState
from models.worker.language_model import LanguageModel
from models.worker.queries import Queries
from models.worker.runner import Control
from models.worker.stop_strings import Stops
from models.worker.stream_text import Text
from models.worker.streams import Streams
from models.worker.tokens import EMPTY, TextOffsets, Tokens

LEAST_ROOM = 16  # tokens that several streams find free in the context, each: a longer page is cut before they begin


@dataclass(slots=True)
class Loop:
    """Runs jobs on a loaded model; runner.py documents the methods. clock: seconds, monotonic. snapshots: bytes for the
    states of a model that cannot truncate its cache. queries: answers what writes nothing."""

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

    @property
    def facts(self) -> ModelFacts:
        return self.model.facts

    def generate(
        self,
        job: Generate,
        pieces: tuple[Piece, ...],
        arrived: float,
        control: Control = Control(),  # noqa: B008  (never changes)
    ) -> Generator[Event, None, None]:
        if len(job.draws) > 1 or (job.replayed and job.replayed[0].steps):
            yield from self._generate_streams(job, pieces, arrived, control)
        else:
            yield from self._generate_one(job, pieces, arrived, control)

    def look(self, job: Look, pieces: tuple[Piece, ...], arrived: float) -> Iterator[Event]:
        return self.queries.look(job, pieces, arrived)

    def score(self, job: Score, pieces: tuple[Piece, ...], arrived: float) -> Iterator[Event]:
        return self.queries.score(job, pieces, arrived)

    def distribution(self, job: Distribution, pieces: tuple[Piece, ...], arrived: float) -> Iterator[Event]:
        return self.queries.distribution(job, pieces, arrived)

    def rechain(self, job: Rechain, arrived: float) -> Iterator[Event]:
        return self.queries.rechain(job, arrived)

    def vocabulary(self, job: Vocabulary, arrived: float) -> Iterator[Event]:
        return self.queries.vocabulary(job, arrived)

    def ask_stop(self, wanted: bool) -> None:
        self.model.ask_stop(wanted)

    def close(self) -> None:
        self.evaluator.close()
        self.model.close()

    # ------------------------------------------------------------------------------------------ kinds of generation

    def _generate_streams(
        self, job: Generate, pieces: tuple[Piece, ...], arrived: float, control: Control
    ) -> Generator[Event, None, None]:
        at_once = min(len(job.draws), self.model.facts.streams)
        state = self._job_state(job.job, pieces, job.n_keep, arrived, at_once, slides=False)
        streams = Streams(
            job, state, self.model, self._cache, self.evaluator, self.clock, control, self._tokens.tail(pieces)
        )
        try:
            logits = yield from self._read(state, control)
        except Stopped:
            yield from streams.none("stopped")
        else:
            yield from streams.write(logits)

    def _generate_one(
        self, job: Generate, pieces: tuple[Piece, ...], arrived: float, control: Control
    ) -> Generator[Event, None, None]:
        """A single stream: its window slides."""
        (draws,) = job.draws
        state = self._job_state(job.job, pieces, job.n_keep, arrived)
        failure: Exception | None = None
        text = Text(Characters.after(self._tokens.tail(pieces)), Stops(job.sampling.stop))
        chain = Chain(job.sampling, self.model, state.page.ids, draws.seed, draws.take, in_turn=True)
        try:
            yield from self._write(job, state, chain, text, control)
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

    def _job_state(
        self, job: int, pieces: tuple[Piece, ...], n_keep: int, arrived: float, streams: int = 1, *, slides: bool = True
    ) -> JobState:
        page, facts = self._tokens.of(pieces), self.model.facts
        room = 0 if slides else min(streams * LEAST_ROOM, facts.context // 2)
        window = tokens.window(page, facts.bos, facts.context - room, n_keep)
        if not window.ids:
            raise ModelError(EMPTY)
        shown = TextOffsets(self.model, page)
        kept = shown.code_points(window.kept)
        return JobState(
            job, arrived, page, n_keep, shown, window, kept, shown.code_points(window.start), streams, slides
        )

    def _read(self, state: JobState, control: Control) -> Generator[Event, None, Logits]:
        """Read the window; returns the logits after it."""
        window, plan = state.window, self._cache.reuse(state.window.ids)
        room = state.room(self.model.facts.context)
        yield Started(
            state.job,
            window.ids[:],
            window.dropped,
            state.unseen,
            plan.reused,
            plan.exact,
            state.kept,
            state.streams,
            room,
        )
        state.evaluated = state.used - plan.reused
        return (yield from self._evaluate(state, plan.reused, control))

    def _evaluate(self, state: JobState, reused: int, control: Control) -> Generator[Event, None, Logits]:
        reading, began = self._cache.read(state.window.ids), self.clock()
        while True:
            try:
                done = next(reading)
            except StopIteration as end:
                logits: Logits = end.value
                return logits
            if state.used - reused > self.model.facts.batch:
                yield Evaluated(state.job, done, state.used, done - reused, self.clock() - began)
            yield from control.aside()

    # ------------------------------------------------------------------------------------------ writing after it

    def _write(
        self, job: Generate, state: JobState, chain: Chain, text: Text, control: Control
    ) -> Generator[Event, None, None]:
        logits, first = (yield from self._read(state, control)), job.draws[0].first
        pending: Callable[[], Logits] | None = None
        try:
            for index in range(first, first + (sys.maxsize if job.length is None else job.length)):
                again = job.replayed[0].ids[state.tokens] if job.replayed else -1
                flip = chain.flip(logits, index, again)
                if again < 0 and self.model.ends_text(flip.token) and not job.sampling.ignore_eos:
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
                    logits = finish() if finish else (yield from self._slide(state, control))
                    yield from control.aside()
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

    def _slide(self, state: JobState, control: Control) -> Generator[Event, None, Logits]:
        """Drop the oldest tokens of a full context in one large step and read the rest again."""
        facts, first_time = self.model.facts, not state.window.dropped
        state.window = tokens.window(state.page, facts.bos, facts.context, state.n_keep)
        if first_time:
            state.kept = state.shown.code_points(state.window.kept)
        state.unseen = state.shown.code_points(state.window.start)
        plan = self._cache.reuse(state.window.ids)
        return (yield from self._evaluate(state, plan.reused, control))

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
