"""The engine as its users hold it: requests go to a child process, events come back, and no call here ever waits for
a pipe.

One thread writes the pipe and starts the child, one reads it. If the child dies, that is one event; the next request
starts another and loads the model again. If it dies of a load with layers on a device, another one tries fewer
(trials.py). No Qt. Knows nothing of what the events mean.
"""

from __future__ import annotations

import contextlib
import os
import pickle
import signal
import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from pathlib import Path
from typing import cast

from models.engine import birth, death, prefix
from models.engine.messages import (
    SCRIPTED,
    Died,
    Ended,
    Event,
    Failed,
    Generate,
    Load,
    Loaded,
    LoadOptions,
    Look,
    Patch,
    Piece,
    Request,
    Score,
    Stop,
    Unloaded,
)
from models.engine.notes import Notes
from models.engine.sampling import Sampling
from models.engine.spawning import spawning
from models.engine.trials import Trial
from resources.language import tr
from resources.reasons import reason

_NOTHING = Patch(0, 0, ())
_BRIEFLY = 1.0  # seconds a child is given to end by itself
_MOST_WAITING = 512  # events that nobody has fetched: beyond that none is read, the pipe fills, and the child waits


@dataclass(frozen=True, slots=True)
class Running:
    """A child process and our end of its pipe."""

    process: SpawnProcess
    pipe: Connection[bytes, bytes]


@dataclass(frozen=True, slots=True)
class Order:
    """A request on its way to the writer, which makes the patch: pieces is the whole prefix."""

    request: Request
    pieces: tuple[Piece, ...] | None = None


def start_child(log: Path) -> Running:
    """Start a child process; it writes its output to `log`."""
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # the child's numpy must not spin beside llama.cpp
    context = spawning()
    ours, theirs = context.Pipe()
    process = context.Process(target=birth.main, args=(theirs, str(log)), name="inkfall engine", daemon=True)
    process.start()
    theirs.close()
    return Running(process, cast("Connection[bytes, bytes]", ours))


class Engine:
    """A handle on the engine. Every method returns at once, but `wait` and `close`. Any thread may call any of them."""

    def __init__(
        self, log_path: Path, start: Callable[[Path], Running] = start_child, notes: Path | None = None
    ) -> None:
        """log_path: where the child's output goes. notes: a file for what worked on this machine, None to forget it.
        The child is started by the first request.
        """
        self._log = log_path
        self._start = start
        self._notes = notes
        self._changed = threading.Condition()  # guards everything below
        self._orders: deque[Order] = deque()
        self._events: deque[Event] = deque()
        self._jobs = 0
        self._child: Running | None = None
        self._loading: Load | None = None  # asked for, not yet answered
        self._loaded: Load | None = None
        self._trial = Trial()
        self._behind: deque[Order] = deque()  # sent while a model loads
        self._deaths = 0  # of which the user was told
        self._closing = False
        self._reader: threading.Thread | None = None
        self._writer = threading.Thread(target=self._write, name="engine writer", daemon=True)
        self._writer.start()

    # ------------------------------------------------------------------------------------------ requests

    def load(self, path: str | Path, options: LoadOptions | None = None) -> int:
        """Load a model. Answers: Unloaded where the model before is gone, Trying… and Loading…, then Loaded, Failed, or
        Ended where stopped. Returns the job's number.
        """
        notes = str(self._notes or "")
        return self._ask(lambda job: Order(Load(job, str(path), options or LoadOptions(), notes)))

    def generate(
        self,
        pieces: Sequence[Piece],
        sampling: Sampling,
        length: int | None,
        seed: int,
        take: int = 0,
        first: int = 0,
        top: int = 10,
        keep: int = 0,
    ) -> int:
        """Write on behind the pieces (see messages.Generate). Answers: Started, Evaluated…, Sampled…, Ended, or
        Failed.
        """
        held = tuple(pieces)
        return self._ask(
            lambda job: Order(Generate(job, _NOTHING, sampling, length, seed, take, first, top, keep), held)
        )

    def look(self, pieces: Sequence[Piece], sampling: Sampling, top: int = 10, keep: int = 0) -> int:
        """The distribution behind the pieces. Answers: Started, Evaluated…, Looked, Ended, or Failed."""
        held = tuple(pieces)
        return self._ask(lambda job: Order(Look(job, _NOTHING, sampling, top, keep), held))

    def score(self, pieces: Sequence[Piece], top: int = 10) -> int:
        """Readings of the pieces themselves. Answers: Started, Scored and Evaluated…, Ended, or Failed."""
        held = tuple(pieces)
        return self._ask(lambda job: Order(Score(job, _NOTHING, top), held))

    def stop(self, job: int) -> None:
        """Stop that job as soon as can be; it answers with Ended. Harmless where it is over."""
        with self._changed:
            self._orders.append(Order(Stop(job)))
            self._changed.notify_all()

    # ------------------------------------------------------------------------------------------ events

    def events(self, most: int | None = None) -> list[Event]:
        """What came and was not fetched yet, in order; so many at most, where given."""
        with self._changed:
            return self._drain(most)

    def wait(self, timeout: float | None = None) -> list[Event]:
        """The same, but wait until there is at least one event, or `timeout` seconds."""
        with self._changed:
            self._changed.wait_for(lambda: self._events or self._closing, timeout)
            return self._drain()

    def _drain(self, most: int | None = None) -> list[Event]:
        count = len(self._events) if most is None else min(most, len(self._events))
        drained = [self._events.popleft() for _ in range(count)]
        self._changed.notify_all()
        return drained

    # ------------------------------------------------------------------------------------------ the child

    @property
    def pid(self) -> int | None:
        """The child's process id; None where there is none."""
        running = self._child
        return running.process.pid if running else None

    @property
    def alive(self) -> bool:
        """A child is there (it may be dying, and nobody has noticed)."""
        return self._child is not None

    def kill(self) -> None:
        """End the child at once, whatever it does; Died follows, and only after that should something be asked."""
        running = self._child
        if running:
            with self._changed:
                self._trial = self._trial.called_off()
            running.process.kill()

    def close(self) -> None:
        """End the child and the threads. It is asked, given a second, then killed. Calling it twice does nothing."""
        with self._changed:
            self._closing = True
            self._changed.notify_all()
        self._writer.join(_BRIEFLY)
        running, reader = self._child, self._reader
        if running:
            running.process.join(_BRIEFLY)
            running.process.kill()
        self._writer.join()
        if reader:
            reader.join()

    # ------------------------------------------------------------------------------------------ writing

    def _ask(self, order: Callable[[int], Order]) -> int:
        with self._changed:
            self._jobs += 1
            self._orders.append(order(self._jobs))
            self._changed.notify_all()
            return self._jobs

    def _write(self) -> None:
        """The writer's thread: orders to the pipe, one after the other, until closing."""
        _deaf_to_interrupts()
        holder: Running | None = None
        held: tuple[Piece, ...] = ()  # the prefix that this child has
        while order := self._next_order():
            if isinstance(order.request, Load):
                if self._child is None and not self._loaded:
                    with contextlib.suppress(OSError):  # if it still cannot be started below, that is told
                        self._begin_child(order)  # it gets ready while the file is looked at
                if (load := self._settled(order.request)) is None:
                    continue
                order = replace(order, request=load)
            if self._child is None and isinstance(order.request, Stop):
                continue
            if not self._has_child(order):
                continue
            if self._child is not holder:
                held, holder = (), self._child
            request = order.request
            if order.pieces is not None and not isinstance(request, Load | Stop):
                wanted = prefix.joined(order.pieces)
                request = replace(request, prefix=prefix.difference(held, wanted))
                held = wanted
            self._remember(order)
            self._send(request)
        self._send(None)

    def _has_child(self, order: Order) -> bool:
        """Start one where there is none. Where that cannot be the request is lost, and this thread is not."""
        try:
            if self._child is None:
                self._begin_child(order)
        except OSError as error:  # no memory or no process is left
            why = reason(error, str(error))
            self._tell(Died(tr("The engine cannot be started: {reason}.").format(reason=why)))
            return False
        return True

    def _remember(self, order: Order) -> None:
        """What is sent while a model loads has to be sent again where another child takes over."""
        with self._changed:
            if isinstance(order.request, Stop):
                if self._loading and order.request.job == self._loading.job:
                    self._trial = self._trial.called_off()
            elif self._loading:
                self._behind.append(order)

    def _settled(self, load: Load) -> Load | None:
        """The load with the backends that it may use; None where the file may not be loaded: one that is not known is
        first tried in a process of its own.
        """
        if self._notes is None or load.path.startswith(SCRIPTED):
            return load
        from models.engine import backends, preflight  # not before a model is opened: a window opens without them

        log, deaths = self._log.with_suffix(".check.log"), self._deaths

        def wanted() -> bool:
            return self._is_wanted(load.job, deaths)

        verdicts = backends.settle(wanted)
        try:
            preflight.check(Path(load.path), Notes(self._notes), log, wanted, verdicts)
            return replace(load, backends=verdicts)
        except preflight.Unsound as error:
            self._tell(Failed(load.job, str(error)))
        except preflight.CalledOff:
            self._tell(Ended(load.job, "stopped", 0, 0, 0.0, 0.0, 0))
        return None

    def _is_wanted(self, job: int, deaths: int) -> bool:
        """Not where the child, with whatever model it had, has died since: that is told as the end of every job."""
        with self._changed:
            stopped = any(isinstance(order.request, Stop) and order.request.job == job for order in self._orders)
            return not (self._closing or stopped or self._deaths != deaths)

    def _tell(self, event: Event) -> None:
        with self._changed:
            self._events.append(event)
            self._changed.notify_all()

    def _next_order(self) -> Order | None:
        with self._changed:
            self._changed.wait_for(lambda: self._orders or self._closing)
            return None if self._closing else self._orders.popleft()

    def _begin_child(self, order: Order) -> None:
        """Start a child, with the model that the last one had unless another is asked for."""
        running = self._start(self._log)
        with self._changed:
            self._child = running
            self._reader = threading.Thread(target=self._read, args=(running,), name="engine reader", daemon=True)
            self._reader.start()
            former, again = self._loaded, self._loading or self._loaded
        if isinstance(order.request, Load):
            if former:
                self._tell(Unloaded(order.request.job))
        elif again:
            self._send(self._with_backends(again))

    def _with_backends(self, load: Load) -> Load:
        """The child before may have died of one."""
        if self._notes is None or load.path.startswith(SCRIPTED):
            return load
        from models.engine import backends

        return replace(load, backends=backends.settle())

    def _send(self, request: Request | None) -> None:
        running = self._child
        if running is None:
            return
        if isinstance(request, Load):
            with self._changed:
                self._loading, self._trial = request, Trial()
        try:
            running.pipe.send_bytes(pickle.dumps(request, pickle.HIGHEST_PROTOCOL))
        except OSError:  # it is dying: the reader sees its end, and tells
            running.process.kill()

    # ------------------------------------------------------------------------------------------ reading

    def _read(self, running: Running) -> None:
        """A reader's thread: events from the pipe until its end, then why it ended."""
        with contextlib.suppress(EOFError, OSError):
            while True:
                event: Event = pickle.loads(running.pipe.recv_bytes())
                self._take(event)
        running.process.join(_BRIEFLY)  # a pipe may close a moment before its process is gone
        running.process.kill()
        running.process.join()
        self._bury(running)

    def _take(self, event: Event) -> None:
        with self._changed:
            self._changed.wait_for(lambda: len(self._events) < _MOST_WAITING or self._closing)
            if self._loading and isinstance(event, Loaded | Failed | Ended) and event.job == self._loading.job:
                if isinstance(event, Loaded):
                    self._loaded = self._loading
                self._loading = None
                self._behind.clear()
            self._trial = self._trial.after(event)
            self._events.append(event)
            self._changed.notify_all()

    def _bury(self, running: Running) -> None:
        """The child is gone and every job with it, unless it died of a load that may go better without a backend of
        llama.cpp's, or with fewer layers. A load that crashed it on the CPU is not tried again, nor one that was
        killed where there is a model before it.
        """
        exit_code = running.process.exitcode
        running.pipe.close()
        blamed = self._blamed(running.process.pid, exit_code)
        with self._changed:
            self._child = None
            retried = self._retried(death.cause(exit_code, self._log), blamed)
            if not retried:
                self._deaths += 1
                self._orders.clear()
                self._behind.clear()
                if self._loaded or exit_code != -getattr(signal, "SIGKILL", 9):
                    self._loading = None
            if not self._closing and not retried:
                self._events.append(Died(death.sentence(exit_code, self._log)))
            self._changed.notify_all()

    def _blamed(self, pid: int | None, exit_code: int | None) -> bool:
        """Whether the child died of one of llama.cpp's backends, which is left out from now on."""
        if self._notes is None or pid is None or not (self._loading or self._loaded):
            return False
        from models.engine import backends

        return backends.blame(pid, exit_code)

    def _retried(self, why: str, blamed: bool) -> bool:
        """Ask for the load again, with fewer layers or without the backend that is to blame, and for what was sent
        behind it. Where the child died of the first use instead, the next request does so.
        """
        if self._loading and (load := self._loading if blamed else self._trial.lower(self._loading, why)):
            self._orders.extendleft(reversed([Order(load), *self._behind]))
            self._loading = None
            self._behind.clear()
            return True
        if self._loaded and not self._loading and (load := self._trial.lower(self._loaded, why)):
            self._loaded = load
        return False


def _deaf_to_interrupts() -> None:
    """Ctrl+C reaches every process of a terminal: a child inherits this from the thread that starts it, and ignores
    it from its first instruction on.
    """
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
