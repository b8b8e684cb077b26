"""The worker of the child process: queues requests and answers them with events, in their order.

A query does not wait until what is written ends: the runner answers it in parts between its steps (runner.Control).
models/launch/engine_process.py owns the pipe and the process; loop.py runs the inference.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import NoReturn

from models.engine import prefix
from models.engine.events import Ended, Evaluated, Event, Failed, Loaded, Loading, Unloaded
from models.engine.prefix import Piece
from models.engine.requests import (
    ALL_STREAMS,
    Allow,
    Distribution,
    Flips,
    Generate,
    Greedy,
    Load,
    Look,
    Query,
    ReadBias,
    Rechain,
    Request,
    Score,
    Stop,
    Vocabulary,
)
from models.errors import ModelError, Stopped
from models.worker.runner import Control, PreparedRunner, Runner
from resources.language import tr

Aside = Query | Rechain | Vocabulary | ReadBias  # what can be answered between two steps of a generation
Job = Load | Generate | Aside

NO_MODEL = tr("No model is loaded: open one first.")
_PROGRESS_INTERVAL = 0.03  # seconds between two Loading events


@dataclass(slots=True)
class Running:
    """A job that has begun. events: those that are still to come."""

    number: int
    events: Iterator[Event]

    def next(self) -> Event | None:
        """The next event; None where it has ended."""
        try:
            return next(self.events)
        except StopIteration:
            return None
        except ModelError as error:
            return Failed(self.number, str(error))
        except MemoryError:
            return Failed(self.number, tr("There is not enough memory for this."))


@dataclass(slots=True)
class Worker:
    """One thread calls `receive`, another answers the requests. emit: sends an event to the parent, soon. flush: sends
    at once what was emitted so far. prepare: checks the file of a load and plans it; raises ModelError.
    """

    emit: Callable[[Event], None]
    flush: Callable[[], None]
    prepare: Callable[[Load], PreparedRunner]
    _requests: deque[tuple[Job, float]] = field(default_factory=deque[tuple[Job, float]])
    _queued: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _running: int = -1  # the job whose part is being answered
    _unwanted: set[int] = field(default_factory=set[int])
    _unwanted_streams: set[tuple[int, int]] = field(default_factory=set[tuple[int, int]])  # of (job, stream)
    _allowed: dict[int, int | None] = field(default_factory=dict[int, int | None])  # by job, the last Allow of each
    _news: threading.Event = field(default_factory=threading.Event)  # something has come since a held job looked
    _pieces: tuple[Piece, ...] = ()
    _runner: Runner | None = None
    _aside: Running | None = None  # a query that was begun between the steps of a generation

    def receive(self, request: Request) -> None:
        """Queue a request, or stop or allow a job at once. Called by the thread that reads the pipe."""
        if isinstance(request, Stop):
            self._stop(request)
        elif isinstance(request, Allow):
            with self._lock:
                self._allowed[request.job] = request.tokens
        else:
            self._requests.append((request, time.monotonic()))
            self._queued.release()
        self._news.set()

    def run(self) -> NoReturn:
        """Answer requests until the process ends."""
        while True:
            job, self._aside = self._aside or self._take(), None
            self._run(job.number)
            while event := job.next():
                self.emit(event)
            self._forget(job.number)

    def _take(self) -> Running:
        """Wait for a request and begin it. Until it comes, the runner prepares for later ones."""
        while not self._queued.acquire(blocking=False):
            if self._runner is None or not self._runner.prepare():
                self._queued.acquire()
                break
        request, arrived = self._requests.popleft()
        return Running(request.job, self._events(request, arrived))

    def _answer_aside(self, writing: int) -> Iterable[Event]:
        """A part of the query that waits behind the job `writing`; nothing where none does."""
        return self._part_of(self._aside or self._take(), writing) if self._query_waits() else ()

    def _held(self, request: Generate, tokens: int) -> bool:
        """Whether that generation, which has sent so many tokens, is to wait."""
        allowed = self._allowed.get(request.job, request.allowed)
        return allowed is not None and tokens >= allowed

    def _hold(self, request: Generate, tokens: int) -> Iterator[Event]:
        """Wait as long as it is to, and answer queries. Raises Stopped."""
        while self._held(request, tokens):
            self._news.clear()
            if request.job in self._unwanted:
                raise Stopped
            yield from self._answer_aside(request.job)
            if self._held(request, tokens) and not self._query_waits():
                self._news.wait()

    def _query_waits(self) -> bool:
        return self._aside is not None or bool(self._requests and isinstance(self._requests[0][0], Aside))

    def _part_of(self, query: Running, writing: int) -> Iterator[Event]:
        self._aside = query
        self._run(query.number)
        try:
            while event := query.next():
                yield event
                if isinstance(event, Evaluated):  # a chunk is read, and more will be
                    return
            self._aside = None
            with self._lock:
                self._unwanted.discard(query.number)
        finally:
            self._run(writing)

    def _events(self, request: Job, arrived: float) -> Iterator[Event]:
        if isinstance(request, Load):
            yield from self._load(request, arrived)
            return
        if isinstance(request, Generate | Query):
            self._pieces = prefix.apply(request.prefix, self._pieces)  # first: the parent relies on it
        if self._runner is None:
            raise ModelError(NO_MODEL)
        if isinstance(request, Generate):
            yield from self._runner.generate(request, self._pieces, arrived, self._control(request))
        else:
            yield from _answers(self._runner, request, self._pieces, arrived)

    def _control(self, request: Generate) -> Control:
        job = request.job
        return Control(
            lambda stream: (job, stream) in self._unwanted_streams,
            partial(self._answer_aside, job),
            self._query_waits,
            partial(self._held, request),
            partial(self._hold, request),
            self.flush,
        )

    # ------------------------------------------------------------------------------------------ loading

    def _load(self, request: Load, arrived: float) -> Iterator[Event]:
        """Emits Unloaded, Trying… and Loading… (not yielded, because llama.cpp calls back), then yields Loaded, or
        Ended if stopped. Raises ModelError.

        The previous model stays loaded until the new one is, unless it uses device memory, which the new one needs.
        """
        prepared = self.prepare(request)
        if self._runner and self._runner.facts.offloaded:
            self._close()
            self.emit(Unloaded(request.job))
            prepared = self.prepare(request)  # more is free now
        try:
            runner = prepared.open(request, self.emit, self._progress(request.job))
            if request.job in self._unwanted:  # stopped after the last progress call (context, warm-up)
                runner.close()
                raise Stopped
        except Stopped:
            yield Ended(request.job, "stopped", 0, 0, 0.0, time.monotonic() - arrived, 0)
            return
        self._close()
        self._runner = runner
        yield Loaded(request.job, runner.facts)

    def _progress(self, job: int) -> Callable[[float], bool]:
        last_sent = 0.0

        def progress(fraction: float) -> bool:
            nonlocal last_sent
            if time.monotonic() - last_sent > _PROGRESS_INTERVAL:
                last_sent = time.monotonic()
                self.emit(Loading(job, fraction))
            return job not in self._unwanted

        return progress

    def _close(self) -> None:
        if self._runner:
            self._runner.close()
            self._runner = None

    # ------------------------------------------------------------------------------------------ stopping

    def _stop(self, stop: Stop) -> None:
        with self._lock:
            if stop.stream != ALL_STREAMS:
                self._unwanted_streams.add((stop.job, stop.stream))
                return
            self._unwanted.add(stop.job)
            if stop.job == self._running and self._runner:
                self._runner.ask_stop(True)

    def _run(self, job: int) -> None:
        """From here on a part of that job is answered: a Stop of it interrupts the evaluation."""
        with self._lock:
            self._running = job
            if self._runner:
                self._runner.ask_stop(job in self._unwanted)

    def _forget(self, job: int) -> None:
        """The job is over: a Stop of it, or of one before it, means nothing any more."""
        with self._lock:
            self._running = -1
            self._unwanted = {later for later in self._unwanted if later > job}
            self._unwanted_streams = {(later, stream) for later, stream in self._unwanted_streams if later > job}
            self._allowed = {later: tokens for later, tokens in self._allowed.items() if later > job}
            if self._runner:
                self._runner.ask_stop(False)


def _answers(runner: Runner, request: Aside, pieces: tuple[Piece, ...], arrived: float) -> Iterator[Event]:
    """The events of a query. pieces: its prefix."""
    match request:
        case Look():
            return runner.look(request, pieces, arrived)
        case Score():
            return runner.score(request, pieces, arrived)
        case Distribution():
            return runner.distribution(request, pieces, arrived)
        case Flips():
            return runner.flips(request, pieces, arrived)
        case Greedy():
            return runner.greedy(request, pieces, arrived)
        case Rechain():
            return runner.rechain(request, arrived)
        case Vocabulary():
            return runner.vocabulary(request, arrived)
        case ReadBias():
            return runner.read_bias(request, arrived)
