"""The inference loop: read the prefix, draw a token, append it, repeat. Every job is a generator of events.

It is the runner (runner.py) of every model that gives logits.

Closing the generator cancels the job. While `evaluator` evaluates a token, the loop yields that token's reading.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import partial

from models.engine.events import Ended, Evaluated, Event, Healed, ModelFacts, Started
from models.engine.prefix import Piece
from models.engine.requests import (
    Distribution,
    Flips,
    Generate,
    Greedy,
    Look,
    ReadBias,
    Rechain,
    Score,
    Vocabulary,
)
from models.errors import BrokenNumbersError, ModelError, Stopped
from models.library import memory
from models.sampling.chain import Chain
from models.sampling.stages import Logits
from models.sampling.statistics import ChainBuffers
from models.worker import tokens
from models.worker.banned_strings import BannedStrings
from models.worker.cache import Cache
from models.worker.drawing import Drawing
from models.worker.evaluation_thread import Evaluator
from models.worker.grammars import Grammars
from models.worker.healing import Healer
from models.worker.job_state import JobState
from models.worker.language_model import LanguageModel
from models.worker.queries import Queries
from models.worker.replay_check import check_replayed
from models.worker.runner import Control
from models.worker.single_stream import SingleStream
from models.worker.spelling import Spelling
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
    _shares: bool = field(init=False, default=False)  # it was found that the model can share its cache
    _healer: Healer = field(init=False)
    _grammars: Grammars = field(init=False)

    def __post_init__(self) -> None:
        self._cache = Cache(self.model, self.evaluator, self.snapshots)
        self._tokens = Tokens(self.model)
        self._healer = Healer(self.model, self._tokens, Spelling(self.model))
        self._grammars = Grammars(self.model, self._healer.spelling, self.clock)
        shared = self._tokens, self._healer, self._grammars
        self.queries = Queries(self.model, self._cache, self.evaluator, self.clock, *shared)

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
        check_replayed(job.replayed, self.facts)
        if len(job.draws) == 1 and not (job.replayed and job.replayed[0].steps):
            yield from self._generate_one(job, pieces, arrived, control)
        elif self._writes_together():
            yield from self._generate_streams(job, pieces, arrived, control)
        else:
            yield from self._generate_in_turn(job, pieces, arrived, control)

    def look(self, job: Look, pieces: tuple[Piece, ...], arrived: float) -> Iterator[Event]:
        return self._query(self.queries.look(job, pieces, arrived))

    def score(self, job: Score, pieces: tuple[Piece, ...], arrived: float) -> Iterator[Event]:
        return self._query(self.queries.score(job, pieces, arrived))

    def distribution(self, job: Distribution, pieces: tuple[Piece, ...], arrived: float) -> Iterator[Event]:
        return self._query(self.queries.distribution(job, pieces, arrived))

    def flips(self, job: Flips, pieces: tuple[Piece, ...], arrived: float) -> Iterator[Event]:
        return self._query(self.queries.flips(job, pieces, arrived))

    def greedy(self, job: Greedy, pieces: tuple[Piece, ...], arrived: float) -> Iterator[Event]:
        return self._query(self.queries.greedy(job, pieces, arrived))

    def rechain(self, job: Rechain, arrived: float) -> Iterator[Event]:
        return self.queries.rechain(job, arrived)

    def vocabulary(self, job: Vocabulary, arrived: float) -> Iterator[Event]:
        return self.queries.vocabulary(job, arrived)

    def read_bias(self, job: ReadBias, arrived: float) -> Iterator[Event]:
        return self.queries.read_bias(job, arrived)

    def prepare(self) -> bool:
        return self.queries.prepare()

    def ask_stop(self, wanted: bool) -> None:
        self.model.ask_stop(wanted)

    def close(self) -> None:
        self.evaluator.close()
        self.model.close()

    def _query(self, events: Iterator[Event]) -> Iterator[Event]:
        try:
            yield from events
        except BrokenNumbersError:
            self.queries.context.drop()
            raise

    # ------------------------------------------------------------------------------------------ kinds of generation

    def _writes_together(self) -> bool:
        """Whether the model can write several streams at once."""
        facts = self.model.facts
        if facts.streams > 1 and not self._shares:
            with suppress(Stopped):
                self._shares = self.evaluator.start(self.model.shares)()
                self.model.facts = facts if self._shares else replace(facts, streams=1)
        return self.model.facts.streams > 1

    def _generate_streams(
        self, job: Generate, pieces: tuple[Piece, ...], arrived: float, control: Control
    ) -> Generator[Event, None, None]:
        at_once = min(len(job.draws), self.model.facts.streams)
        state = self._job_state(job.job, pieces, job.n_keep, arrived, at_once)
        streams = Streams(
            job,
            state,
            self.model,
            self._cache,
            self.evaluator,
            self.clock,
            control,
            self._tokens.tail(pieces),
            lambda: self._go_back(state, control),
            self._grammars,
        )
        try:
            logits = yield from self._read_healed(job, pieces, state, control, streams.room)
        except Stopped:
            yield from streams.none("stopped")
        else:
            yield from streams.write(logits)

    def _generate_in_turn(
        self, job: Generate, pieces: tuple[Piece, ...], arrived: float, control: Control
    ) -> Generator[Event, None, None]:
        """Several streams one after the other, each as if it were asked for alone."""
        stopped = False
        for number in range(len(job.draws)):
            state = self._job_state(job.job, pieces, job.n_keep, arrived)
            state.stream, state.left = number, len(job.draws) - 1 - number
            alone = replace(job, draws=job.draws[number:][:1], replayed=job.replayed[number:][:1])
            failure = None if stopped else (yield from self._write_one(alone, state, pieces, control))
            if isinstance(failure, ModelError):
                state.reason, state.sentence = "failed", str(failure)
            elif failure is not None:
                raise failure
            stopped = state.reason == "stopped" and not control.unwanted(number)
            yield self._ended(state)

    def _generate_one(
        self, job: Generate, pieces: tuple[Piece, ...], arrived: float, control: Control
    ) -> Generator[Event, None, None]:
        """A single stream: its window slides."""
        state = self._job_state(job.job, pieces, job.n_keep, arrived)
        failure = yield from self._write_one(job, state, pieces, control)
        if failure is not None:
            raise failure
        yield self._ended(state)

    def _write_one(
        self, job: Generate, state: JobState, pieces: tuple[Piece, ...], control: Control
    ) -> Generator[Event, None, Exception | None]:
        """All events of a single stream but the last. Returns what failed behind its last token."""
        (draws,) = job.draws
        failure: Exception | None = None
        try:
            logits = yield from self._read_healed(job, pieces, state, control)
        except Stopped:
            state.reason = "stopped"
            return None
        except Exception as error:  # noqa: BLE001  (in turn, it is the failure of this stream alone)
            return error
        healing, history = state.healing, state.page.ids
        text = Text.behind(self._tokens.tail(pieces), healing, job.sampling.stop)
        only = healing and healing.ids
        try:
            grammar = self._grammars.at_end(job.sampling, state.page, job.fed)
        except ModelError as error:  # in turn, it is the failure of each stream
            return error
        buffers = ChainBuffers(self.model.vocabulary, self.model.team(1))
        chain = Chain(
            job.sampling, self.model, history, draws.seed, draws.take, buffers=buffers, healing=only, grammar=grammar
        )
        drawing = Drawing(
            chain,
            self.model,
            draws,
            banned=BannedStrings.of(job.sampling.banned),
            page=state.page,
            ends=job.sampling.ends,
            healing=healing,
            replayed=job.replayed[0] if job.replayed else None,
        )
        slide = partial(self._slide, state, control)
        stream = SingleStream(
            job,
            state,
            chain,
            drawing,
            text,
            self.model,
            self._cache,
            self.evaluator,
            self.clock,
            control,
            slide,
        )
        try:
            yield from stream.write(logits)
        except Stopped:
            state.reason = "stopped"
        except Exception as error:  # noqa: BLE001  (the tokens drawn so far are yielded first)
            failure = error
        finally:
            chain.close()
        if isinstance(failure, BrokenNumbersError):
            self._cache.wipe()
        if spans := text.flush():
            yield stream.sampled(spans, state.used)
        if text.met:
            state.reason = "stop string"
        return failure

    # ------------------------------------------------------------------------------------------ reading the prefix

    def _job_state(
        self, job: int, pieces: tuple[Piece, ...], n_keep: int, arrived: float, streams: int = 0
    ) -> JobState:
        """streams: how many write at once; 0 for a single one, whose window slides."""
        page, facts = self._tokens.of(pieces), self.model.facts
        room = min(streams * LEAST_ROOM, facts.context // 2)
        window = tokens.window(page, facts.bos, facts.context - room, n_keep)
        if not window.ids:
            raise ModelError(EMPTY)
        shown = TextOffsets(self.model, page)
        kept = shown.code_points(window.kept)
        unseen = shown.code_points(window.start)
        return JobState(job, arrived, page, n_keep, shown, window, kept, unseen, max(streams, 1))

    def _read_healed(
        self, job: Generate, pieces: tuple[Piece, ...], state: JobState, control: Control, room: int = -1
    ) -> Generator[Event, None, Logits]:
        """Read the window, or where the text before it ends inside a token, the window without that end, which becomes
        the state's. Returns the logits behind it. room: as in Started, which comes once a job.
        """
        if job.replayed:
            (first, *_) = job.replayed
            state.healing = self._healer.given(first.healed, pieces)
            return (yield from self._read(state, control, room))
        tail = self._healer.tail(pieces, job.sampling)
        if tail is None:
            return (yield from self._read(state, control, room))
        streams = state.streams if state.streams > 1 else 0
        head = self._job_state(job.job, tail.head, job.n_keep, state.arrived, streams)
        if self.model.truncates and self._writes_together():
            logits = (yield from self._read(state, control, room)).copy()  # the model's own, which it writes over
            before = self._cache.peek(head.window.ids)
            if before is None or not tail.goes_on(before):
                return logits
        else:
            self._cache.reuse(head.window.ids)
            if not tail.goes_on((yield from self._evaluate(head, head.used, control))):
                return (yield from self._read(state, control, room))
        state.take_back(head, tail.healing)
        plan = self._cache.reuse(state.window.ids)
        logits = yield from self._evaluate(state, plan.reused, control)
        if not state.stream:
            yield Healed(job.job, tail.text, state.window.ids[:], plan.exact)
        return logits

    def _read(self, state: JobState, control: Control, room: int = -1) -> Generator[Event, None, Logits]:
        """Read the window; returns the logits after it. room: as in Started."""
        window, plan = state.window, self._cache.reuse(state.window.ids)
        if not state.stream:
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
        return (yield from self._go_back(state, control))

    def _go_back(self, state: JobState, control: Control) -> Generator[Event, None, Logits]:
        """Read what the cache lacks of the window; returns the logits after it."""
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
            state.stream,
            state.left,
            state.sentence,
        )
