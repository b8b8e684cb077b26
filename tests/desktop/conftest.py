"""Fakes and makers that the desktop's rooms share in their tests."""

from array import array
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import pytest

from models.engine.events import Ended, Event, Loaded, ModelFacts, Sampled, Span, Started
from models.engine.prefix import Piece
from models.engine.requests import ALL_STREAMS, Draws
from models.sampling.readings import Alternatives, Reading

FACTS = ModelFacts(
    path="scripted:",
    name="Fixed odds",
    fingerprint="f",
    architecture="script",
    parameters=0,
    size=0,
    vocabulary=1000,
    layers=0,
    context=512,
    trained_context=512,
    threads=1,
    offloaded=0,
    device="CPU",
    bos=-1,
    batch=32,
)


def reading_of(text: str, token: int | None = None) -> Reading:
    """A reading of a token that spells that text; its id is the length of its bytes unless given."""
    data = text.encode()
    number = len(data) if token is None else token
    others = Alternatives(
        array("i", [number, 0]), array("f", [-0.5, -2.0]), array("f", [-0.5, -2.0]), b"\0\0", (data, b"x")
    )
    return Reading(number, data, -0.5, 1, 1.5, -0.5, 0.25, 0.0, 0.6, others)


def span_of(text: str, token: int | None = None) -> Span:
    return Span(text, (reading_of(text, token),))


@dataclass
class FakeEngine:
    """Records what is asked of it; answers what the test puts into it."""

    asked: list[tuple[str, int, dict[str, Any]]] = field(default_factory=list)
    waiting: list[Event] = field(default_factory=list)
    begun: set[int] = field(default_factory=set)
    killed: bool = False
    closed: bool = False

    def _ask(self, kind: str, **about: Any) -> int:
        job = len(self.asked) + 1
        self.asked.append((kind, job, about))
        return job

    def load(self, path: str, options: object, mapped: int = 0) -> int:
        return self._ask("load", path=path, options=options)

    def generate_streams(self, pieces: Sequence[Piece], sampling: object, draws: Sequence[Draws], **about: Any) -> int:
        """Recorded with the draws of the first stream by their names, too."""
        of_first = asdict(draws[0])
        return self._ask("generate", pieces=tuple(pieces), sampling=sampling, draws=tuple(draws), **of_first, **about)

    def look(self, pieces: Sequence[Piece], sampling: object, **about: Any) -> int:
        return self._ask("look", pieces=tuple(pieces), sampling=sampling, **about)

    def score(self, pieces: Sequence[Piece], **about: Any) -> int:
        return self._ask("score", pieces=tuple(pieces), **about)

    def flips(self, pieces: Sequence[Piece], sampling: object, seed: int, take: int, **about: Any) -> int:
        return self._ask("flips", pieces=tuple(pieces), sampling=sampling, seed=seed, take=take, **about)

    def stop(self, job: int, stream: int = ALL_STREAMS) -> None:
        self._ask("stop", job=job, **({} if stream == ALL_STREAMS else {"stream": stream}))

    def allow(self, job: int, tokens: int | None) -> None:
        self._ask("allow", job=job, tokens=tokens)

    def kill(self) -> None:
        self.killed = True

    def close(self) -> None:
        self.closed = True

    def events(self, most: int | None = None) -> list[Event]:
        count = len(self.waiting) if most is None else most
        events, self.waiting = self.waiting[:count], self.waiting[count:]
        return events

    def last(self, kind: str) -> tuple[int, dict[str, Any]]:
        """Job and arguments of the newest request of that kind."""
        return next((job, about) for name, job, about in reversed(self.asked) if name == kind)

    def kinds(self) -> list[str]:
        return [kind for kind, _, _ in self.asked]

    # what a child would answer

    def loaded(self) -> None:
        self.waiting.append(Loaded(self.last("load")[0], FACTS))

    def wrote(self, *texts: str, job: int | None = None, stream: int = 0) -> None:
        number = self.last("generate")[0] if job is None else job
        spans = tuple(span_of(text) for text in texts)
        self.started(number)
        self.waiting.append(Sampled(number, spans, 10, 0, 0, stream=stream))

    def started(self, job: int, **about: Any) -> None:
        """Once for each job. about: fields of Started that are not usual."""
        if job not in self.begun:
            self.begun.add(job)
            draws = next(about["draws"] for _, number, about in self.asked if number == job)
            usual = {"streams": len(draws), "room": -1 if len(draws) == 1 else 1_000}
            self.waiting.append(Started(job, array("i", [1]), 0, 0, 0, True, **(usual | about)))

    def slid(self, text: str, dropped: int, unseen: int, kept: int) -> None:
        """A token after a slide of the window."""
        self.waiting.append(Sampled(self.last("generate")[0], (span_of(text),), 10, dropped, unseen, kept))

    def ended(self, reason: Any = "length", job: int | None = None, **about: Any) -> None:
        """about: fields of Ended that are not usual."""
        number = self.last("generate")[0] if job is None else job
        self.waiting.append(Ended(number, reason, 1, 1, 0.01, 0.02, 10, **about))


@pytest.fixture
def engine() -> FakeEngine:
    return FakeEngine()


@pytest.fixture
def make_span() -> Callable[..., Span]:
    return span_of
