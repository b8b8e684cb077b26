"""The child process: requests come in by the pipe, events go out, and llama.cpp may die here without taking the page
along.

A thread reads the pipe all the time: it says Stop to whatever runs, and ends the process when the parent is gone.
Knows nothing of how a token is made (loop.py).
"""

from __future__ import annotations

import os
import pickle
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path
from queue import SimpleQueue

from models.engine import backends, prefix, scripted, stepping
from models.engine.ahead import Beside
from models.engine.backend import ModelError, Stopped
from models.engine.loop import Loop
from models.engine.messages import (
    SCRIPTED,
    Ended,
    Event,
    Failed,
    Generate,
    Load,
    Loaded,
    Loading,
    Look,
    Piece,
    Request,
    Score,
    Stop,
    Unloaded,
)
from models.engine.output import redirect
from resources.language import tr

Job = Load | Generate | Look | Score

NO_MODEL = tr("No model is loaded: open one first.")
_TELL_EVERY = 0.03  # seconds between two words on how a load goes
_SWITCH = 0.0005  # seconds until a thread that evaluated gets Python's lock back from one that works out a reading


def main(pipe: Connection[bytes, bytes], log: str) -> None:
    """What the process runs. log: the file that gets stdout and stderr."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C in a terminal goes to the whole group; the parent decides
    redirect(log)
    sys.setswitchinterval(_SWITCH)
    child = Child(lambda event: pipe.send_bytes(pickle.dumps(event, pickle.HIGHEST_PROTOCOL)))
    threading.Thread(target=_listen, args=(pipe, child), name="pipe", daemon=True).start()
    try:
        child.run()
    except (BrokenPipeError, ConnectionError):
        os._exit(0)  # nobody is there to tell


def _listen(pipe: Connection[bytes, bytes], child: Child) -> None:
    """Read requests until the parent says goodbye (None) or is gone; then end at once, whatever runs."""
    try:
        while (request := pickle.loads(pipe.recv_bytes())) is not None:
            child.take(request)
    except (EOFError, OSError):
        pass
    os._exit(0)


@dataclass(slots=True)
class Child:
    """Requests are taken by one thread and answered, in order, by another. tell: sends an event to the parent."""

    tell: Callable[[Event], None]
    _requests: SimpleQueue[tuple[Job, float] | None] = field(default_factory=SimpleQueue)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _running: int = -1
    _unwanted: set[int] = field(default_factory=set[int])
    _pieces: tuple[Piece, ...] = ()
    _loop: Loop | None = None

    def take(self, request: Request) -> None:
        """From the thread that reads the pipe."""
        if isinstance(request, Stop):
            self._stop(request.job)
        else:
            self._requests.put((request, time.monotonic()))

    def finish(self) -> None:
        """Let `run` return when everything taken so far is answered."""
        self._requests.put(None)

    def run(self) -> None:
        """Answer requests, one at a time, until told to finish."""
        while (taken := self._requests.get()) is not None:
            self._answer(*taken)
        self._close()

    def _answer(self, request: Job, arrived: float) -> None:
        self._begin(request.job)
        try:
            for event in self._events(request, arrived):
                self.tell(event)
        except ModelError as error:
            self.tell(Failed(request.job, str(error)))
        except MemoryError:
            self.tell(Failed(request.job, tr("There is not enough memory for this.")))
        finally:
            self._end(request.job)

    def _events(self, request: Job, arrived: float) -> Iterator[Event]:
        if isinstance(request, Load):
            return self._load(request, arrived)
        self._pieces = prefix.apply(request.prefix, self._pieces)  # first of all: the parent counts on it
        if self._loop is None:
            raise ModelError(NO_MODEL)
        if isinstance(request, Generate):
            return self._loop.generate(request, self._pieces, arrived)
        if isinstance(request, Look):
            return self._loop.look(request, self._pieces, arrived)
        return self._loop.score(request, self._pieces, arrived)

    # ------------------------------------------------------------------------------------------ loading

    def _load(self, request: Load, arrived: float) -> Iterator[Event]:
        """Unloaded, Trying… and Loading… (told at once, not yielded: llama.cpp calls back), then Loaded, or Ended where
        stopped.

        The model before stays until the new one is there, unless it fills a graphics card that the new one needs.
        """
        opening = prepare(request)
        if self._loop and self._loop.backend.facts.offloaded:
            self._close()
            self.tell(Unloaded(request.job))
            opening = prepare(request)  # more is free now
        try:
            backend = stepping.load(opening, request, self.tell, self._progress(request.job))
            if request.job in self._unwanted:  # it was stopped where nothing asks: a context is made, a device warmed
                backend.close()
                raise Stopped
        except Stopped:
            yield Ended(request.job, "stopped", 0, 0, 0.0, time.monotonic() - arrived, 0)
            return
        self._close()
        self._loop = Loop(backend, Beside(), time.monotonic)
        yield Loaded(request.job, backend.facts, time.monotonic() - arrived)

    def _progress(self, job: int) -> Callable[[float], bool]:
        told = 0.0

        def progress(fraction: float) -> bool:
            nonlocal told
            if time.monotonic() - told > _TELL_EVERY:
                told = time.monotonic()
                self.tell(Loading(job, fraction))
            return job not in self._unwanted

        return progress

    def _close(self) -> None:
        if self._loop:
            self._loop.ahead.close()
            self._loop.backend.close()
            self._loop = None

    # ------------------------------------------------------------------------------------------ stopping

    def _stop(self, job: int) -> None:
        with self._lock:
            self._unwanted.add(job)
            if job == self._running and self._loop:
                self._loop.backend.ask_stop(True)

    def _begin(self, job: int) -> None:
        with self._lock:
            self._running = job
            if job in self._unwanted and self._loop:
                self._loop.backend.ask_stop(True)

    def _end(self, job: int) -> None:
        with self._lock:
            self._running = -1
            self._unwanted = {later for later in self._unwanted if later > job}
            if self._loop:
                self._loop.backend.ask_stop(False)


def prepare(request: Load) -> stepping.Opening:
    """What a path names, about to be loaded. Raises ModelError."""
    if request.path.startswith(SCRIPTED):
        return scripted.Opening.named(request.path, request.options)
    backends.hand_over(request.backends)
    # Only here: without a GGUF nothing of llama.cpp is loaded, and the scripted backend runs where it is not installed.
    from models.engine import binding, llama

    binding.log_to_stderr()
    return llama.prepare(Path(request.path), request.options)
