"""The worker of the child process: queues requests and answers them one at a time with events.

models/launch/engine_process.py owns the pipe and the process; loop.py runs the inference.
"""

from __future__ import annotations

import threading
import time
from array import array
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import accumulate
from queue import SimpleQueue
from typing import NoReturn

from models.engine import prefix
from models.engine.events import Ended, Event, Failed, Loaded, Loading, Unloaded, VocabularyRead
from models.engine.prefix import Piece
from models.engine.requests import (
    ALL_STREAMS,
    Distribution,
    Generate,
    Load,
    Look,
    Query,
    Request,
    Score,
    Stop,
    Vocabulary,
)
from models.errors import ModelError, Stopped
from models.worker.evaluation_thread import ThreadWorker
from models.worker.language_model import LanguageModel, PreparedModel, Progress
from models.worker.loop import Loop
from resources.language import tr

Job = Load | Generate | Query | Vocabulary

NO_MODEL = tr("No model is loaded: open one first.")
_PROGRESS_INTERVAL = 0.03  # seconds between two Loading events


@dataclass(slots=True)
class Worker:
    """One thread calls `receive`, another answers the requests in order. emit: sends an event to the parent. prepare:
    checks the file of a load and plans it. load: loads it with as many layers on devices as work. Both raise
    ModelError; load raises Stopped if its progress returns false.
    """

    emit: Callable[[Event], None]
    prepare: Callable[[Load], PreparedModel]
    load: Callable[[PreparedModel, Load, Callable[[Event], None], Progress], LanguageModel]
    _requests: SimpleQueue[tuple[Job, float]] = field(default_factory=SimpleQueue)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _running: int = -1
    _unwanted: set[int] = field(default_factory=set[int])
    _unwanted_streams: set[tuple[int, int]] = field(default_factory=set[tuple[int, int]])  # of (job, stream)
    _pieces: tuple[Piece, ...] = ()
    _loop: Loop | None = None

    def receive(self, request: Request) -> None:
        """Queue a request, or stop a job at once. Called by the thread that reads the pipe."""
        if isinstance(request, Stop):
            self._stop(request)
        else:
            self._requests.put((request, time.monotonic()))

    def run(self) -> NoReturn:
        """Answer requests, one at a time, until the process ends."""
        while True:
            self._answer(*self._requests.get())

    def _answer(self, request: Job, arrived: float) -> None:
        self._begin(request.job)
        try:
            for event in self._events(request, arrived):
                self.emit(event)
        except ModelError as error:
            self.emit(Failed(request.job, str(error)))
        except MemoryError:
            self.emit(Failed(request.job, tr("There is not enough memory for this.")))
        finally:
            self._end(request.job)

    def _events(self, request: Job, arrived: float) -> Iterator[Event]:
        if isinstance(request, Load):
            return self._load(request, arrived)
        if isinstance(request, Vocabulary):
            return self._vocabulary(request, arrived)
        self._pieces = prefix.apply(request.prefix, self._pieces)  # first: the parent relies on it
        if self._loop is None:
            raise ModelError(NO_MODEL)
        queries = self._loop.queries
        match request:
            case Generate():
                return self._loop.generate(
                    request, self._pieces, arrived, lambda stream: (request.job, stream) in self._unwanted_streams
                )
            case Look():
                return queries.look(request, self._pieces, arrived)
            case Score():
                return queries.score(request, self._pieces, arrived)
            case Distribution():
                return queries.distribution(request, self._pieces, arrived)

    def _vocabulary(self, request: Vocabulary, arrived: float) -> Iterator[Event]:
        """Yields VocabularyRead, Ended. Raises ModelError."""
        if self._loop is None:
            raise ModelError(NO_MODEL)
        model = self._loop.model
        texts = [model.token_bytes(token) for token in range(model.vocabulary)]
        yield VocabularyRead(request.job, b"".join(texts), array("q", accumulate(map(len, texts))))
        seconds = time.monotonic() - arrived
        yield Ended(request.job, "done", 0, 0, seconds, seconds, 0)

    # ------------------------------------------------------------------------------------------ loading

    def _load(self, request: Load, arrived: float) -> Iterator[Event]:
        """Emits Unloaded, Trying… and Loading… (not yielded, because llama.cpp calls back), then yields Loaded, or
        Ended if stopped. Raises ModelError.

        The previous model stays loaded until the new one is, unless it uses device memory, which the new one needs.
        """
        prepared = self.prepare(request)
        if self._loop and self._loop.model.facts.offloaded:
            self._close()
            self.emit(Unloaded(request.job))
            prepared = self.prepare(request)  # more is free now
        try:
            model = self.load(prepared, request, self.emit, self._progress(request.job))
            if request.job in self._unwanted:  # stopped after the last progress call (context, warm-up)
                model.close()
                raise Stopped
        except Stopped:
            yield Ended(request.job, "stopped", 0, 0, 0.0, time.monotonic() - arrived, 0)
            return
        self._close()
        self._loop = Loop(model, ThreadWorker(), time.monotonic)
        yield Loaded(request.job, model.facts)

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
        if self._loop:
            self._loop.evaluator.close()
            self._loop.model.close()
            self._loop = None

    # ------------------------------------------------------------------------------------------ stopping

    def _stop(self, stop: Stop) -> None:
        with self._lock:
            if stop.stream != ALL_STREAMS:
                self._unwanted_streams.add((stop.job, stop.stream))
                return
            self._unwanted.add(stop.job)
            if stop.job == self._running and self._loop:
                self._loop.model.ask_stop(True)

    def _begin(self, job: int) -> None:
        with self._lock:
            self._running = job
            if job in self._unwanted and self._loop:
                self._loop.model.ask_stop(True)

    def _end(self, job: int) -> None:
        with self._lock:
            self._running = -1
            self._unwanted = {later for later in self._unwanted if later > job}
            self._unwanted_streams = {(later, stream) for later, stream in self._unwanted_streams if later > job}
            if self._loop:
                self._loop.model.ask_stop(False)
