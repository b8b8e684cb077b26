"""Queries while the model writes: answered between two steps, and what is written is the same as without them."""

from __future__ import annotations

import itertools
import math
import threading
from array import array
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import TypeVar

import pytest

from models.engine.events import (
    Ended,
    Evaluated,
    Event,
    Failed,
    Loaded,
    Looked,
    Sampled,
    Scored,
    VocabularyRead,
)
from models.engine.prefix import Patch, Piece, TextPiece, TokenPiece, difference, joined
from models.engine.requests import Draws, Generate, Load, Look, Rechain, Request, Score, Stop, Vocabulary
from models.launch import runners
from models.library.load_options import LoadOptions
from models.library.model_ref import ModelRef
from models.sampling.knobs import NEUTRAL, Sampling
from models.sampling.place_state import PlaceState
from models.sampling.readings import Reading
from models.worker.worker import Worker
from tests.models import tiny_kinds

PAGE = (TextPiece("once upon a time the river 한 " * 12),)
OTHER = (TextPiece("the house on the river " * 9),)
WILD = Sampling(temperature=2, ignore_eos=True)
PATIENCE = 30.0  # seconds


E = TypeVar("E", bound=Event)


class ClosedError(Exception):
    """Ends the answering thread."""


class Child:
    """A worker with its two threads, and the parent's side of the prefix."""

    def __init__(self, path: Path | str) -> None:
        self.events: SimpleQueue[Event] = SimpleQueue()
        self.got: list[Event] = []
        self._held: tuple[Piece, ...] = ()
        self._jobs = 0
        self.worker = Worker(self._emit, lambda: None, runners.prepare)
        self._closing = False
        self._thread = threading.Thread(target=self._answer)
        self._thread.start()
        self.ask(lambda job: Load(job, ModelRef.of(path), LoadOptions(context=512, threads=1)))
        self.until(Loaded)

    def close(self) -> None:
        """End the threads, whatever is under way."""
        self._closing = True
        self.ask(Vocabulary)
        self._thread.join()
        self.worker._close()

    def _answer(self) -> None:
        with suppress(ClosedError):
            self.worker.run()

    def _emit(self, event: Event) -> None:
        if self._closing:
            raise ClosedError
        self.events.put(event)

    def ask(self, make: Callable[[int], Request]) -> int:
        self._jobs += 1
        self.worker.receive(make(self._jobs))
        return self._jobs

    def generate(self, length: int | None, streams: int = 1, pieces: Sequence[Piece] = PAGE) -> int:
        patch = self.patch(pieces)
        draws = tuple(Draws(7, take) for take in range(streams))
        return self.ask(lambda job: Generate(job, patch, WILD, length, draws, 5))

    def look(self, pieces: Sequence[Piece] = OTHER, sampling: Sampling = NEUTRAL) -> int:
        patch = self.patch(pieces)
        return self.ask(lambda job: Look(job, patch, sampling, 5))

    def score(self, pieces: Sequence[Piece] = OTHER) -> int:
        patch = self.patch(pieces)
        return self.ask(lambda job: Score(job, patch, 5))

    def patch(self, pieces: Sequence[Piece]) -> Patch:
        held, self._held = self._held, joined(tuple(pieces))
        return difference(held, self._held)

    def until(self, kind: type[E], job: int = 0) -> E:
        """The next event of that kind (of that job); all that come until then are in `got`."""
        while True:
            try:
                event = self.events.get(timeout=PATIENCE)
            except Empty:
                raise AssertionError(f"no {kind.__name__} after {self.got[-3:]}") from None
            self.got.append(event)
            assert not isinstance(event, Failed) or kind is Failed, event
            if isinstance(event, kind) and job in (0, getattr(event, "job", 0)):
                return event

    def ended(self, job: int) -> Ended:
        while (event := self.until(Ended, job)).left:
            pass
        return event

    def of(self, job: int, kind: type[E]) -> list[E]:
        return [event for event in self.got if isinstance(event, kind) and getattr(event, "job", 0) == job]

    def written(self, job: int) -> dict[int, list[Reading]]:
        found: dict[int, list[Reading]] = {}
        for event in self.got:
            if isinstance(event, Sampled) and event.job == job:
                found.setdefault(event.stream, []).extend(r for span in event.spans for r in span.readings)
        return found


Start = Callable[[Path | str], Child]


@pytest.fixture
def start() -> Iterator[Start]:
    started: list[Child] = []

    def begin(path: Path | str) -> Child:
        started.append(Child(path))
        return started[-1]

    yield begin
    for child in started:
        child.close()


@pytest.fixture(params=["llama", "gemma3", "mamba", "jamba"])
def child(request: pytest.FixtureRequest, tmp_path: Path, start: Start) -> Child:
    return start(tiny_kinds.writing(tmp_path, request.param))


def numbers(written: dict[int, list[Reading]]) -> dict[int, list[tuple[int, float, float]]]:
    return {stream: [(r.token, r.raw, r.draw) for r in readings] for stream, readings in written.items()}


@pytest.mark.parametrize("streams", [1, 5])
def test_looks_and_scores_come_while_the_model_writes_and_change_nothing(child: Child, streams: int) -> None:
    plain = child.generate(60, streams)
    child.ended(plain)
    looked = child.look()
    child.ended(looked)
    scored = child.score()
    child.ended(scored)

    again = child.generate(60, streams)
    first, second, third = child.look(), child.score(), child.look(PAGE)
    child.ended(again)
    for job in (first, second, third):
        if not child.of(job, Ended):
            child.ended(job)
    assert numbers(child.written(again)) == numbers(child.written(plain))
    assert [r.reading for r in child.of(first, Looked)] == [r.reading for r in child.of(looked, Looked)]
    assert child.of(first, Looked)
    spans = [span for event in child.of(second, Scored) for span in event.spans]
    assert spans == [span for event in child.of(scored, Scored) for span in event.spans] and spans


def test_a_query_waits_for_one_step_at_most(start: Start) -> None:
    """An endless generation is asked for, then a look: its answer comes while tokens still do."""
    child = start("scripted:?rate=200")
    writing = child.generate(None, pieces=[TextPiece("The old")])
    child.until(Sampled, writing)
    job = child.look([TextPiece("The old lighthouse")])
    child.ended(job)
    position = child.got.index(child.of(job, Looked)[0])
    child.until(Sampled, writing)
    assert any(isinstance(event, Sampled) for event in child.got[position:])
    child.worker.receive(Stop(writing))
    assert child.ended(writing).reason == "stopped"


def test_a_score_and_the_writing_take_turns(start: Start, tmp_path: Path) -> None:
    child = start(tiny_kinds.writing(tmp_path, "llama"))
    writing = child.generate(None)
    child.until(Sampled, writing)
    job = child.score((TextPiece("the house on the river " * 60),))
    child.ended(job)
    parts = [child.got.index(event) for event in child.of(job, Evaluated)]
    assert len(parts) >= 4
    for before, after in itertools.pairwise(parts):
        assert any(isinstance(event, Sampled) for event in child.got[before:after])
    child.worker.receive(Stop(writing))
    child.ended(writing)


@pytest.mark.parametrize("streams", [1, 3])
def test_stopping_one_leaves_the_other(child: Child, streams: int) -> None:
    writing = child.generate(None, streams)
    child.until(Sampled, writing)
    long = (TextPiece("the house on the river " * 60),)
    job = child.score(long)
    child.until(Evaluated, job)
    child.worker.receive(Stop(job))
    assert child.ended(job).reason == "stopped"
    child.until(Sampled, writing)
    job = child.score(long)
    child.until(Evaluated, job)
    child.worker.receive(Stop(writing))
    child.until(Ended, job)
    assert child.of(job, Ended)[-1].reason == "done"
    ends = child.of(writing, Ended)
    while not ends or ends[-1].left:
        child.until(Ended, writing)
        ends = child.of(writing, Ended)
    assert {end.reason for end in ends} == {"stopped"}
    assert {stream: len(readings) for stream, readings in child.written(writing).items()} == {
        end.stream: end.tokens for end in ends
    }


def test_a_query_that_was_stopped_before_it_began_ends_as_stopped(start: Start) -> None:
    child = start("scripted:?rate=100")
    writing = child.generate(20, pieces=[TextPiece("The old")])
    child.until(Sampled, writing)
    job = child._jobs + 1
    child.worker.receive(Stop(job))
    assert child.look([TextPiece("The old lighthouse")]) == job
    assert child.ended(job).reason == "stopped"
    assert child.ended(writing).tokens == 20


def test_a_query_behind_another_request_waits_for_it(start: Start) -> None:
    """The next generation is asked for before the look: the order of requests stays."""
    child = start("scripted:?rate=500")
    first = child.generate(30, pieces=[TextPiece("The old")])
    second = child.generate(5, pieces=[TextPiece("The old lighthouse")])
    look = child.look([TextPiece("The old")])
    child.ended(first)
    assert not child.of(look, Looked)
    if not child.of(second, Ended):
        child.ended(second)
    if not child.of(look, Ended):
        child.ended(look)
    assert child.of(look, Looked)


def test_the_vocabulary_while_the_model_writes(child: Child) -> None:
    writing = child.generate(None)
    child.until(Sampled, writing)
    child.ask(Vocabulary)
    child.until(VocabularyRead)
    child.until(Sampled, writing)
    child.worker.receive(Stop(writing))
    child.ended(writing)


# ------------------------------------------------------------------------------------------------ other chains

CHAINS = [
    Sampling(top_k=3),
    Sampling(temperature=0.3, min_p=0.1),
    Sampling(repeat_penalty=1.7, repeat_last_n=64),
    Sampling(dry_multiplier=0.8),
    Sampling(mirostat=2),
]


def test_another_chain_over_kept_logits_gives_what_a_look_with_it_gives(child: Child) -> None:
    looked = child.look()
    child.ended(looked)
    for sampling in CHAINS:
        job = child.ask(lambda job, sampling=sampling: Rechain(job, looked, sampling, 5))
        assert child.ended(job).reason == "done"
        fresh = child.look(sampling=sampling)
        child.ended(fresh)
        assert child.of(job, Looked)[0].reading == child.of(fresh, Looked)[0].reading


def test_the_last_32_looks_are_kept(child: Child) -> None:
    jobs = [child.look((TextPiece("the house on the river " * (1 + number % 3)),)) for number in range(33)]
    for job in jobs:
        child.ended(job)
    old = child.ask(lambda job: Rechain(job, jobs[0], NEUTRAL))
    assert child.ended(old).reason == "not kept" and not child.of(old, Looked)
    kept = child.ask(lambda job: Rechain(job, jobs[1], NEUTRAL))
    assert child.ended(kept).reason == "done" and child.of(kept, Looked)


def test_mirostat_goes_on_from_the_state_it_is_told(start: Start, tmp_path: Path) -> None:
    """The state behind n tokens is that which follows from the odds that each had after the chain; it is recorded."""
    child = start(tiny_kinds.writing(tmp_path, "llama"))
    sampling = Sampling(mirostat=2, mirostat_tau=2.0, ignore_eos=True)
    patch = child.patch(PAGE)
    writing = child.ask(lambda job: Generate(job, patch, sampling, 12, (Draws(3),), 5))
    child.ended(writing)
    readings = child.written(writing)[0]
    for count in (1, 6, 11):
        mu = 2 * sampling.mirostat_tau
        for reading in readings[:count]:
            mu -= sampling.mirostat_eta * (-reading.final / math.log(2) - sampling.mirostat_tau)
        assert readings[count].learned == pytest.approx(mu, abs=1e-5)
        before = (*PAGE, TokenPiece(array("i", [reading.token for reading in readings[:count]])))
        patch = child.patch(before)
        look = child.ask(lambda job, patch=patch, mu=mu: Look(job, patch, sampling, 5, 0, PlaceState(mu)))
        child.ended(look)
        there = child.of(look, Looked)[0].reading.alternatives
        then = readings[count].alternatives
        cut_there = {token for token, cut in zip(there.ids, there.cut, strict=True) if cut}
        cut_then = {token for token, cut in zip(then.ids, then.cut, strict=True) if cut}
        assert cut_there & set(then.ids) == cut_then & set(there.ids)
