"""The protocol of a runner: what answers the requests of one loaded model with events. It is the seam between engines.

loop.py is the runner of models that give logits: llama.cpp and the scripted odds (language_model.py). A model that
another program draws from is another room with a class of these methods, and one line in models/launch/runners.py. What
such a runner cannot know is absent from its readings (sampling/readings.py).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Protocol

from models.engine.events import Event, ModelFacts, Trying
from models.engine.prefix import Piece
from models.engine.requests import (
    Distribution,
    Flips,
    Generate,
    Greedy,
    Load,
    Look,
    ReadBias,
    Rechain,
    Score,
    Vocabulary,
)
from models.worker.language_model import Progress


def _never(_stream: int) -> bool:
    return False


def _nothing() -> Iterable[Event]:
    return ()


def _nobody() -> bool:
    return False


def _goes_on(_tokens: int) -> bool:
    return False


def _all_sent() -> None: ...


def _at_once(_tokens: int) -> Iterable[Event]:
    return ()


@dataclass(frozen=True, slots=True)
class Control:
    """What a runner asks while it writes. unwanted: whether a stream is to stop. aside: answers a part of a query that
    waits, at most one chunk; called between two steps, where nothing is being evaluated, and its events are passed on.
    waits: whether a query waits; held: whether a stream that has sent so many tokens is to wait (requests.Allow); any
    thread may ask either. hold: waits as long as it is to, and answers queries meanwhile; raises Stopped. flush: sends
    what was yielded so far, which otherwise may wait for a moment.
    """

    unwanted: Callable[[int], bool] = _never
    aside: Callable[[], Iterable[Event]] = _nothing
    waits: Callable[[], bool] = _nobody
    held: Callable[[int], bool] = _goes_on
    hold: Callable[[int], Iterable[Event]] = _at_once
    flush: Callable[[], None] = _all_sent


class Runner(Protocol):
    """A loaded model. Every method but the last three yields the events of a job, whose last is Ended, and raises
    ModelError. pieces: the prefix. arrived: when the request came, in seconds by time.monotonic. One job runs at a
    time, except that a query may run in parts in between (Control.aside).
    """

    @property
    def facts(self) -> ModelFacts: ...

    def generate(self, job: Generate, pieces: tuple[Piece, ...], arrived: float, control: Control) -> Iterator[Event]:
        """Yields Started, Evaluated…, Sampled…, and Ended for each stream. Every token that was drawn is yielded before
        an exception.
        """
        ...

    def look(self, job: Look, pieces: tuple[Piece, ...], arrived: float) -> Iterator[Event]:
        """Yields Started, Evaluated…, Looked, Ended."""
        ...

    def score(self, job: Score, pieces: tuple[Piece, ...], arrived: float) -> Iterator[Event]:
        """Yields Started, then Scored and Evaluated for each part, Ended."""
        ...

    def distribution(self, job: Distribution, pieces: tuple[Piece, ...], arrived: float) -> Iterator[Event]:
        """Yields Started, Evaluated…, Distributed, Ended."""
        ...

    def flips(self, job: Flips, pieces: tuple[Piece, ...], arrived: float) -> Iterator[Event]:
        """Yields Started, Evaluated…, Flipped, Ended."""
        ...

    def greedy(self, job: Greedy, pieces: tuple[Piece, ...], arrived: float) -> Iterator[Event]:
        """Yields Started, Evaluated…, GreedyText…, Ended."""
        ...

    def rechain(self, job: Rechain, arrived: float) -> Iterator[Event]:
        """Yields Looked, Ended; only Ended where the logits are not kept any more."""
        ...

    def vocabulary(self, job: Vocabulary, arrived: float) -> Iterator[Event]:
        """Yields Evaluated…, VocabularyRead, Ended."""
        ...

    def read_bias(self, job: ReadBias, arrived: float) -> Iterator[Event]:
        """Yields BiasRead, Ended."""
        ...

    def prepare(self) -> bool:
        """Do a small part, of some milliseconds, of what later requests need; called while none waits. Returns whether
        more is left.
        """
        ...

    def ask_stop(self, wanted: bool) -> None:
        """From any thread. wanted: true ends the running job soon, and every later one, as stopped; false ends that."""
        ...

    def close(self) -> None:
        """Free the model. A second call does nothing."""
        ...


class PreparedRunner(Protocol):
    """A model that is checked and about to be loaded."""

    def open(self, request: Load, emit: Callable[[Trying], None], progress: Progress) -> Runner:
        """Load it. emit: sends the attempts. Raises ModelError, or Stopped if progress returns false."""
        ...
