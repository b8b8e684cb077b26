"""Short functions that send a request to a loop or an engine and collect its events."""

from __future__ import annotations

import time
from array import array
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from models.engine.engine import Engine
from models.engine.events import Died, Ended, Event, Failed, Loaded, Sampled, Scored, Span, Started
from models.engine.prefix import Patch, Piece, TextPiece, TokenPiece
from models.engine.requests import Draws, Generate, Replayed, Score
from models.launch.in_process import open_model
from models.library.load_options import LoadOptions
from models.llamacpp.model import LlamaModel
from models.sampling.knobs import NEUTRAL, Sampling
from models.worker.evaluation_thread import T, ThreadWorker
from models.worker.language_model import LanguageModel
from models.worker.loop import Loop
from models.worker.runner import Control

NO_PATCH = Patch(0, 0, ())
PATIENCE = 60.0  # seconds until a test gives up on an answer


def always(_fraction: float) -> bool:
    """The progress of a load that is never cancelled."""
    return True


@contextmanager
def opened(path: Path, options: LoadOptions | None = None) -> Iterator[LlamaModel]:
    """llama.cpp with that model."""
    backend = open_model(path, options or LoadOptions(), always)
    try:
        yield backend
    finally:
        backend.close()


class InlineWorker:
    """No thread: the work is done when its result is asked for."""

    def start(self, work: Callable[[], T]) -> Callable[[], T]:
        return work

    def close(self) -> None:
        """Nothing is held."""


@contextmanager
def looping(backend: LanguageModel, beside: bool = False) -> Iterator[Loop]:
    ahead = ThreadWorker() if beside else InlineWorker()
    try:
        yield Loop(backend, ahead, time.monotonic)
    finally:
        ahead.close()


@dataclass(frozen=True, slots=True)
class Answer:
    """All events of one job."""

    events: tuple[Event, ...]

    @property
    def spans(self) -> tuple[Span, ...]:
        return tuple(span for event in self.events if isinstance(event, Sampled | Scored) for span in event.spans)

    @property
    def text(self) -> str:
        return "".join(span.text for span in self.spans)

    @property
    def ids(self) -> array[int]:
        return array("i", [reading.token for span in self.spans for reading in span.readings])

    @property
    def started(self) -> Started:
        return next(event for event in self.events if isinstance(event, Started))

    @property
    def ended(self) -> Ended:
        last = self.events[-1]
        assert isinstance(last, Ended), last
        return last

    @property
    def piece(self) -> TokenPiece:
        return TokenPiece(self.ids)

    def stream(self, number: int) -> Answer:
        """The events of one stream, with what comes before all."""
        return Answer(tuple(event for event in self.events if getattr(event, "stream", number) == number))


def write(
    loop: Loop,
    *pieces: Piece | str,
    length: int | None = 16,
    seed: int = 7,
    take: int = 0,
    first: int = 0,
    top: int = 5,
    sampling: Sampling = NEUTRAL,
    n_keep: int = 0,
) -> Answer:
    """Generate behind the pieces."""
    job = Generate(1, NO_PATCH, sampling, length, (Draws(seed, take, first),), top, n_keep)
    return Answer(tuple(loop.generate(job, as_pieces(pieces), time.monotonic())))


def write_streams(
    loop: Loop,
    *pieces: Piece | str,
    draws: Sequence[Draws],
    length: int | None = 16,
    top: int = 5,
    sampling: Sampling = NEUTRAL,
    control: Control = Control(),  # noqa: B008  (never changes)
    replayed: Sequence[Replayed] = (),
) -> Answer:
    """Generate several streams behind the pieces."""
    job = Generate(1, NO_PATCH, sampling, length, tuple(draws), top, replayed=tuple(replayed))
    return Answer(tuple(loop.generate(job, as_pieces(pieces), time.monotonic(), control)))


def scored(loop: Loop, *pieces: Piece | str) -> Answer:
    return Answer(tuple(loop.queries.score(Score(1, NO_PATCH, 5), as_pieces(pieces), time.monotonic())))


def as_pieces(pieces: Sequence[Piece | str]) -> tuple[Piece, ...]:
    return tuple(TextPiece(piece) if isinstance(piece, str) else piece for piece in pieces)


def answer(engine: Engine, job: int, enough: Callable[[Event], bool] | None = None) -> Answer:
    """All events of a job until it is over (or the child is), or until one is `enough`."""
    got: list[Event] = []
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        for event in engine.wait(1.0):
            got.append(event)
            over = isinstance(event, Loaded | Ended | Failed) and event.job == job and not getattr(event, "left", 0)
            if over or isinstance(event, Died) or (enough and enough(event)):
                return Answer(tuple(got))
    raise AssertionError(f"no end of job {job} in {PATIENCE} s: {got[-3:]}")
