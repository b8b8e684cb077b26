"""The seam between engines: a runner that knows no logits is one class, and the worker asks it as any other."""

from __future__ import annotations

import math
import threading
import time
from array import array
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest

from models.engine.events import Ended, Event, Failed, Loaded, ModelFacts, Sampled, Span, Started, Trying
from models.engine.prefix import Patch, Piece, TextPiece, difference
from models.engine.requests import (
    Distribution,
    Draws,
    Flips,
    Generate,
    Greedy,
    Load,
    Look,
    ReadBias,
    Rechain,
    Request,
    Score,
    Vocabulary,
)
from models.errors import ModelError
from models.library.model_ref import ModelRef
from models.sampling.knobs import NEUTRAL
from models.sampling.readings import Alternatives, Reading
from models.worker.language_model import Progress
from models.worker.runner import Control
from models.worker.worker import Worker

FACTS = ModelFacts("told:", "told", "told", "", 0, 0, 0, 0, 512, 512, 0, 0, "elsewhere", -1, 64)
UNKNOWN = math.nan
NONE = Alternatives(array("i"), array("f"), array("f"), b"", ())


@dataclass(slots=True)
class ToldRunner:
    """Writes one word again and again, and knows no more of it than its odds."""

    facts: ModelFacts = FACTS
    stopped: bool = False
    closed: bool = False
    prepared: int = 0
    prefixes: list[tuple[Piece, ...]] = field(default_factory=list[tuple[Piece, ...]])

    def generate(self, job: Generate, pieces: tuple[Piece, ...], arrived: float, control: Control) -> Iterator[Event]:
        self.prefixes.append(pieces)
        yield Started(job.job, array("i"), 0, 0, 0, False)
        count = 0
        while count < (job.length or 0) and not self.stopped:
            count += 1
            reading = Reading(-1, b" word", -1.5, 0, UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN, NONE)
            yield Sampled(job.job, (Span(" word", (reading,)),), count, 0, 0)
            yield from control.aside()
        yield Ended(job.job, "length", count, 0, 0.0, time.monotonic() - arrived, count)

    def look(self, job: Look, pieces: tuple[Piece, ...], arrived: float) -> Iterator[Event]:
        self.prefixes.append(pieces)
        yield Ended(job.job, "done", 0, 0, 0.0, time.monotonic() - arrived, 0)

    def score(self, job: Score, pieces: tuple[Piece, ...], arrived: float) -> Iterator[Event]:
        raise ModelError("it tells no odds of a text of yours")

    def distribution(self, job: Distribution, pieces: tuple[Piece, ...], arrived: float) -> Iterator[Event]:
        raise ModelError("it tells no whole distribution")

    def flips(self, job: Flips, pieces: tuple[Piece, ...], arrived: float) -> Iterator[Event]:
        raise ModelError("it flips its own coin")

    def greedy(self, job: Greedy, pieces: tuple[Piece, ...], arrived: float) -> Iterator[Event]:
        raise ModelError("it tells no logits")

    def rechain(self, job: Rechain, arrived: float) -> Iterator[Event]:
        raise ModelError("it tells no logits")

    def vocabulary(self, job: Vocabulary, arrived: float) -> Iterator[Event]:
        raise ModelError("it tells no vocabulary")

    def read_bias(self, job: ReadBias, arrived: float) -> Iterator[Event]:
        raise ModelError("it tells no tokens")

    def prepare(self) -> bool:
        self.prepared += 1
        return self.prepared < 3

    def ask_stop(self, wanted: bool) -> None:
        self.stopped = wanted

    def close(self) -> None:
        self.closed = True


@dataclass(slots=True)
class PreparedTold:
    runner: ToldRunner

    def open(self, request: Load, emit: Callable[[Trying], None], progress: Progress) -> ToldRunner:
        return self.runner


class ClosedError(Exception):
    """Ends the worker."""


def answered(*requests: Request) -> tuple[ToldRunner, list[Event]]:
    """The events that a worker sends for these requests."""
    runner, got = ToldRunner(), list[Event]()

    def emit(event: Event) -> None:
        got.append(event)
        if isinstance(event, Ended | Failed) and event.job == requests[-1].job:
            raise ClosedError

    worker = Worker(emit, lambda: None, lambda _load: PreparedTold(runner))
    for request in requests:
        worker.receive(request)
    try:
        worker.run()
    except ClosedError:
        return runner, got


def generate(job: int, patch: Patch, length: int) -> Generate:
    return Generate(job, patch, NEUTRAL, length, (Draws(1),))


def test_it_writes_and_answers_between_its_words() -> None:
    first, second = (TextPiece("Say"),), (TextPiece("Say it"),)
    runner, got = answered(
        Load(1, ModelRef.of("told.gguf")),
        generate(2, difference((), first), 5),
        Look(3, difference(first, second), NEUTRAL),
        Vocabulary(4),
        generate(5, difference(second, second), 0),
    )
    assert isinstance(got[0], Loaded) and got[0].model is FACTS
    kinds = [(type(event), getattr(event, "job", 0)) for event in got[1:]]
    assert kinds[:3] == [(Started, 2), (Sampled, 2), (Ended, 3)]
    assert kinds.count((Sampled, 2)) == 5 and (Ended, 2) in kinds
    assert (Failed, 4) in kinds
    assert runner.prefixes == [first, second, second]


def test_it_prepares_while_nothing_waits() -> None:
    """And still listens: the request comes from another thread, after the last part."""
    runner, got = ToldRunner(), list[Event]()

    def emit(event: Event) -> None:
        got.append(event)
        if isinstance(event, Failed):
            raise ClosedError

    worker = Worker(emit, lambda: None, lambda _load: PreparedTold(runner))
    worker.receive(Load(1, ModelRef.of("told.gguf")))
    asking = threading.Timer(0.05, worker.receive, (Vocabulary(2),))
    asking.start()
    with pytest.raises(ClosedError):
        worker.run()
    assert runner.prepared == 3 and [type(event) for event in got] == [Loaded, Failed]


def test_what_it_cannot_do_is_a_sentence() -> None:
    patch = difference((), (TextPiece("Say"),))
    nothing = difference((TextPiece("Say"),), (TextPiece("Say"),))
    _, got = answered(Load(1, ModelRef.of("told.gguf")), Score(2, patch), Distribution(3, nothing, NEUTRAL))
    assert got[-2:] == [Failed(2, "it tells no odds of a text of yours"), Failed(3, "it tells no whole distribution")]


def test_another_load_closes_it() -> None:
    loads = Load(1, ModelRef.of("a.gguf")), Load(2, ModelRef.of("b.gguf"))
    runner, got = answered(*loads, Vocabulary(3), ReadBias(4, ()))
    assert runner.closed and [type(event) for event in got] == [Loaded, Loaded, Failed, Failed]
