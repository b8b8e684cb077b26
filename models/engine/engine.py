"""The engine as its users hold it: requests go to a child process, events come back, and no call here ever waits for
a pipe.

One thread writes the pipe and starts the child, one reads it, and one checks a file before it is loaded: meanwhile a
Stop still goes through, and what else was asked behind the load waits for it. If the child dies, that is one event; the
next request starts another and loads the model again. How a child is started, and what to load where it died of a load,
is the launcher's affair. No Qt. Knows nothing of what the events mean.
"""

from __future__ import annotations

import contextlib
import pickle
import signal
import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import cast

from models.engine import prefix
from models.engine.events import Died, Ended, Event, Failed, Loaded, Unloaded
from models.engine.launcher_protocol import Child, Launcher
from models.engine.prefix import Patch, Piece
from models.engine.requests import Generate, Load, Look, Request, Score, Stop
from models.errors import ModelError, Stopped
from models.library.load_options import LoadOptions
from models.library.model_ref import ModelRef
from models.sampling.knobs import Sampling
from resources.language import tr
from resources.reasons import reason

_NOTHING = Patch(0, 0, ())
_BRIEFLY = 1.0  # seconds a child is given to end by itself
_MOST_WAITING = 512  # events that nobody has fetched: beyond that none is read, the pipe fills, and the child waits


@dataclass(frozen=True, slots=True)
class Order:
    """A request on its way to the writer, which makes the patch: pieces is the whole prefix. is_checked: false for a
    load whose file nobody has looked at yet.
    """

    request: Request
    pieces: tuple[Piece, ...] | None = None
    is_checked: bool = True


class Engine:
    """A handle on the engine. Every method returns at once, but `wait` and `close`. Any thread may call any of them."""

    def __init__(self, launcher: Launcher) -> None:
        """The child is started by the first request."""
        self._launcher = launcher
        self._changed = threading.Condition()  # guards everything below
        self._orders: deque[Order] = deque()
        self._events: deque[Event] = deque()
        self._jobs = 0
        self._child: Child | None = None
        self._loading: Load | None = None  # asked for, not yet answered
        self._loaded: Load | None = None
        self._behind: deque[Order] = deque()  # sent while a model loads
        self._checking: Load | None = None  # its file is being looked at
        self._check_wanted = False
        self._check: threading.Thread | None = None
        self._held: deque[Order] = deque()  # asked for behind that load
        self._deaths = 0  # of which the user was told
        self._closing = False
        self._reader: threading.Thread | None = None
        self._writer = threading.Thread(target=self._write, name="engine writer", daemon=True)
        self._writer.start()

    # ------------------------------------------------------------------------------------------ requests

    def load(self, model: str | Path | ModelRef, options: LoadOptions | None = None) -> int:
        """Load a model. Answers: Unloaded where the model before is gone, Trying… and Loading…, then Loaded, Failed, or
        Ended where stopped. Returns the job's number.
        """
        return self._ask(lambda job: Order(Load(job, ModelRef.of(model), options or LoadOptions()), is_checked=False))

    def generate(
        self,
        pieces: Sequence[Piece],
        sampling: Sampling,
        length: int | None,
        seed: int,
        take: int = 0,
        first: int = 0,
        top: int = 10,
        n_keep: int = 0,
    ) -> int:
        """Write on behind the pieces (see requests.Generate). Answers: Started, Evaluated…, Sampled…, Ended, or
        Failed.
        """
        held = tuple(pieces)
        return self._ask(
            lambda job: Order(Generate(job, _NOTHING, sampling, length, seed, take, first, top, n_keep), held)
        )

    def look(self, pieces: Sequence[Piece], sampling: Sampling, top: int = 10, n_keep: int = 0) -> int:
        """The distribution behind the pieces. Answers: Started, Evaluated…, Looked, Ended, or Failed."""
        held = tuple(pieces)
        return self._ask(lambda job: Order(Look(job, _NOTHING, sampling, top, n_keep), held))

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
        return running.pid if running else None

    def kill(self) -> None:
        """End the child at once, whatever it does; Died follows, and only after that should something be asked."""
        running = self._child
        if running:
            self._launcher.give_up()
            running.kill()

    def close(self) -> None:
        """End the child and the threads. It is asked, given a second, then killed. Calling it twice does nothing."""
        with self._changed:
            self._closing = True
            self._changed.notify_all()
        self._writer.join(_BRIEFLY)
        running, reader = self._child, self._reader
        if running:
            running.join(_BRIEFLY)
            running.kill()
        self._writer.join()
        if self._check:
            self._check.join()
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
        holder: Child | None = None
        held: tuple[Piece, ...] = ()  # the prefix that this child has
        while order := self._next_order():
            if self._waits_for_check(order):
                continue
            if isinstance(order.request, Load) and not order.is_checked:
                if self._child is None and not self._loaded:
                    with contextlib.suppress(OSError):  # if it still cannot be started below, that is told
                        self._begin_child(order)  # it gets ready while the file is looked at
                self._begin_check(order)
                continue
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
                    self._launcher.give_up()
            elif self._loading:
                self._behind.append(order)

    def _waits_for_check(self, order: Order) -> bool:
        """Whether the order is dealt with for now: it stands behind a load whose file is being looked at, or stops
        it.
        """
        with self._changed:
            if self._checking is None:
                return False
            request = order.request
            if isinstance(request, Stop):
                if request.job == self._checking.job:
                    self._check_wanted = False
                    return True
                if all(held.request.job != request.job for held in self._held):
                    return False
            self._held.append(order)
            return True

    def _begin_check(self, order: Order) -> None:
        """Look at the file in a thread of its own, then send the load, and what was asked behind it."""
        load = cast("Load", order.request)
        with self._changed:
            self._checking, self._check_wanted, deaths = load, True, self._deaths
        self._check = threading.Thread(target=self._check_file, args=(load, deaths), name="engine check", daemon=True)
        self._check.start()

    def _check_file(self, load: Load, deaths: int) -> None:
        """The thread that checks."""
        _deaf_to_interrupts()

        def is_wanted() -> bool:
            """Not where the child, with whatever model it had, has died since: that is told as the end of every job."""
            return not self._closing and self._check_wanted and self._deaths == deaths

        checked: list[Order] = []
        try:
            checked.append(Order(self._launcher.check(load, is_wanted)))
            if not is_wanted():
                raise Stopped
        except ModelError as error:
            self._tell(Failed(load.job, str(error)))
        except Stopped:
            checked.clear()
            self._tell(Ended(load.job, "stopped", 0, 0, 0.0, 0.0, 0))
        finally:
            with self._changed:
                self._orders.extendleft(reversed([*checked, *self._held]))
                self._checking = None
                self._held.clear()
                self._changed.notify_all()

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
        running = self._launcher.start()
        with self._changed:
            self._child = running
            self._reader = threading.Thread(target=self._read, args=(running,), name="engine reader", daemon=True)
            self._reader.start()
            former, again = self._loaded, self._loading or self._loaded
        if isinstance(order.request, Load):
            if former:
                self._tell(Unloaded(order.request.job))
        elif again:
            self._send(self._launcher.again(again))

    def _send(self, request: Request | None) -> None:
        running = self._child
        if running is None:
            return
        if isinstance(request, Load):
            with self._changed:
                self._loading = request
            self._launcher.begins(request)
        try:
            running.pipe.send_bytes(pickle.dumps(request, pickle.HIGHEST_PROTOCOL))
        except OSError:  # it is dying: the reader sees its end, and tells
            running.kill()

    # ------------------------------------------------------------------------------------------ reading

    def _read(self, running: Child) -> None:
        """A reader's thread: events from the pipe until its end, then why it ended."""
        with contextlib.suppress(EOFError, OSError):
            while True:
                event: Event = pickle.loads(running.pipe.recv_bytes())
                self._take(event)
        running.end(_BRIEFLY)  # a pipe may close a moment before its process is gone
        self._bury(running)

    def _take(self, event: Event) -> None:
        with self._changed:
            self._changed.wait_for(lambda: len(self._events) < _MOST_WAITING or self._closing)
            if self._loading and isinstance(event, Loaded | Failed | Ended) and event.job == self._loading.job:
                if isinstance(event, Loaded):
                    self._loaded = self._loading
                self._loading = None
                self._behind.clear()
            self._launcher.saw(event)
            self._events.append(event)
            self._changed.notify_all()

    def _bury(self, running: Child) -> None:
        """The child is gone and every job with it, unless it died of a load that may go better without a backend of
        llama.cpp's, or with fewer layers. A load that crashed it on the CPU is not tried again, nor one that was
        killed where there is a model before it.
        """
        with self._changed:
            loading, load = self._loading, self._loading or self._loaded
        again = load and self._launcher.after_death(load, bool(loading), running)
        with self._changed:
            self._child = None
            retried = self._retried(again)
            if not retried:
                self._deaths += 1
                self._orders.clear()
                self._held.clear()
                self._behind.clear()
                if self._loaded or running.exit_code != -getattr(signal, "SIGKILL", 9):
                    self._loading = None
            if not self._closing and not retried:
                self._events.append(Died(self._launcher.obituary(running)))
            self._changed.notify_all()

    def _retried(self, again: Load | None) -> bool:
        """Ask for that load and for what was sent behind it, where the child died of loading. Where it died of the
        first use instead, the next request loads the model so.
        """
        if again is None:
            return False
        if self._loading:
            self._orders.extendleft(reversed([Order(again, is_checked=False), *self._behind]))
            self._loading = None
            self._behind.clear()
            return True
        self._loaded = again
        return False


def _deaf_to_interrupts() -> None:
    """Ctrl+C reaches every process of a terminal: a child inherits this from the thread that starts it, and ignores
    it from its first instruction on.
    """
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
