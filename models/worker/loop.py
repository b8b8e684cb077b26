"""The inference loop: read the prefix, draw a token, append it, repeat. Every job is a generator of events.

It is the runner (runner.py) of every model that gives logits.

Closing the generator cancels the job. While `evaluator` evaluates a token, the loop computes that token's reading and
yields it.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass, field

from models.engine.events import Ended, Evaluated, Event, Healed, ModelFacts, Started
from models.engine.prefix import Piece
from models.engine.requests import Distribution, Generate, Look, Rechain, Score, Vocabulary
from models.errors import ModelError, Stopped
from models.library import memory
from models.sampling.chain import Chain
from models.sampling.stages import Logits
from models.worker import tokens
from models.worker.beginnings import Beginnings
from models.worker.cache import Cache
from models.worker.evaluation_thread import Evaluator
from models.worker.healing import Healer
from models.worker.job_state import JobState
from models.worker.language_model import LanguageModel
from models.worker.queries import Queries
from models.worker.runner import Control
from models.worker.single_stream import SingleStream
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
    _healer: Healer = field(init=False)

    def __post_init__(self) -> None:
        self._cache = Cache(self.model, self.evaluator, self.snapshots)
        self._tokens = Tokens(self.model)
        self._healer = Healer(self.model, self._tokens, Beginnings(self.model))
        self.queries = Queries(self.model, self._cache, self.evaluator, self.clock, self._tokens, self._healer)

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
            logits = yield from self._read_healed(job, pieces, state, control)
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
        try:
            logits = yield from self._read_healed(job, pieces, state, control)
        except Stopped:
            yield self._ended(state)
            return
        text = Text.behind(self._tokens.tail(pieces), state.healing, job.sampling.stop)
        history, only = state.page.ids, state.healing and state.healing.ids
        chain = Chain(job.sampling, self.model, history, draws.seed, draws.take, in_turn=True, healing=only)
        stream = SingleStream(
            job, state, chain, text, self.model, self._cache, self.clock, control, lambda: self._slide(state, control)
        )
        try:
            yield from stream.write(logits)
        except Stopped:
            state.reason = "stopped"
        except Exception as error:  # noqa: BLE001  (the tokens drawn so far are yielded first)
            failure = error
        finally:
            chain.close()
        if spans := text.flush():
            yield stream.sampled(spans, state.used)
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

    def _read_healed(
        self, job: Generate, pieces: tuple[Piece, ...], state: JobState, control: Control
    ) -> Generator[Event, None, Logits]:
        """Read the window, or where the text before it ends inside a token, the window without that end, which becomes
        the state's. Returns the logits behind it.
        """
        if job.replayed:
            state.healing = self._healer.given(job.replayed[0])
            return (yield from self._read(state, control))
        tail = self._healer.tail(pieces, job.sampling)
        if tail is None:
            return (yield from self._read(state, control))
        head = self._job_state(job.job, tail.head, job.n_keep, state.arrived, state.streams, slides=state.slides)
        if self.model.truncates:
            logits = (yield from self._read(state, control)).copy()  # the model's own, which it writes over
            before = self._cache.peek(head.window.ids)
            if before is None or not tail.goes_on(before):
                return logits
        else:
            self._cache.reuse(head.window.ids)
            if not tail.goes_on((yield from self._evaluate(head, head.used, control))):
                return (yield from self._read(state, control))
        state.take_back(head, tail.healing)
        plan = self._cache.reuse(state.window.ids)
        logits = yield from self._evaluate(state, plan.reused, control)
        yield Healed(job.job, tail.text, state.window.ids[:], plan.exact)
        return logits

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
