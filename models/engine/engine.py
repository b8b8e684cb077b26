"""The parent's handle on the engine's child process: sends requests and collects events without waiting for the pipe.

One thread writes the pipe and starts the child, one reads it, and one checks a file before it is loaded. During the
check a Stop still passes, and requests made after the load wait for it. If the child dies, the handle emits Died; the
next request starts another child and loads the model again. The launcher decides how a child is started and what to
load after a load killed one.
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
from models.engine.requests import (
    ALL_STREAMS,
    Allow,
    Distribution,
    Draws,
    Flips,
    Generate,
    Greedy,
    Load,
    Look,
    Query,
    ReadBias,
    Rechain,
    Replayed,
    Request,
    Score,
    Stop,
    Vocabulary,
)
from models.errors import ModelError, Stopped
from models.library.load_options import LoadOptions
from models.library.model_ref import ModelRef
from models.sampling.knobs import Sampling
from models.sampling.place_state import FRESH, PlaceState
from resources.language import tr
from resources.reasons import reason

_EMPTY_PATCH = Patch(0, 0, ())
_GRACE_SECONDS = 1.0  # time for a child to end by itself
_MAX_EVENTS = 512  # events not yet fetched; beyond that the pipe is not read, so it fills and the child waits


@dataclass(frozen=True, slots=True)
class Order:
    """A request queued for the writer. pieces: the whole prefix, of which the writer makes the patch. is_checked: false
    for a load whose file has not been checked.
    """

    request: Request
    pieces: tuple[Piece, ...] | None = None
    is_checked: bool = True


class Engine:
    """A handle on the engine. Every method but `wait` and `close` returns at once. Any thread may call any of them."""

    def __init__(self, launcher: Launcher) -> None:
        """Starts the writer's thread; the first request starts the child."""
        self._launcher = launcher
        guard = threading.RLock()  # of everything below
        self._changed = threading.Condition(guard)  # told where events come and go
        self._ordered = threading.Condition(guard)  # told where orders come: the writer sleeps while events come
        self._orders: deque[Order] = deque()
        self._events: deque[Event] = deque()
        self._jobs = 0
        self._child: Child | None = None
        self._loading: Load | None = None  # asked for, not yet answered
        self._loaded: Load | None = None
        self._sent_during_load: deque[Order] = deque()
        self._checking: Load | None = None  # the load whose file is being checked
        self._check_wanted = False
        self._check: threading.Thread | None = None
        self._waiting_for_check: deque[Order] = deque()  # requested after that load
        self._deaths = 0  # children whose death ended every job
        self._streams = 0  # that the child was last asked to write at once, until they ended
        self._closing = False
        self._reader: threading.Thread | None = None
        self._writer = threading.Thread(target=self._write, name="engine writer", daemon=True)
        self._writer.start()

    # ------------------------------------------------------------------------------------------ requests

    def load(self, model: str | Path | ModelRef, options: LoadOptions | None = None, mapped: int = 0) -> int:
        """Load a model (see requests.Load). Events: Unloaded if the previous model was freed, Trying… and Loading…,
        then Loaded, Failed, or Ended if stopped. Returns the job's number.
        """
        load = Load(0, ModelRef.of(model), options or LoadOptions(), mapped=mapped)
        return self._ask(lambda job: Order(replace(load, job=job), is_checked=False))

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
        """Continue the text of the pieces (see requests.Generate). Events: Started, Evaluated…, Sampled…, Ended, or
        Failed. Returns the job's number.
        """
        return self.generate_streams(pieces, sampling, length, [Draws(seed, take, first)], top, n_keep)

    def generate_streams(
        self,
        pieces: Sequence[Piece],
        sampling: Sampling,
        length: int | None,
        draws: Sequence[Draws],
        top: int = 10,
        n_keep: int = 0,
        replayed: Sequence[Replayed] = (),
        allowed: int | None = None,
        fed: int = 0,
    ) -> int:
        """Continue the text of the pieces several times at once (see requests.Generate). Events: as `generate`, each
        with the number of its stream, and one Ended a stream. Returns the job's number. Raises ValueError without
        draws.
        """
        held, all_draws, again = tuple(pieces), tuple(draws), tuple(replayed)
        if not all_draws:
            raise ValueError("a generation has at least one stream")
        return self._ask(
            lambda job: Order(
                Generate(job, _EMPTY_PATCH, sampling, length, all_draws, top, n_keep, again, allowed, fed), held
            )
        )

    def look(
        self,
        pieces: Sequence[Piece],
        sampling: Sampling,
        top: int = 10,
        n_keep: int = 0,
        state: PlaceState = FRESH,
        token: int = -1,
        fed: int = 0,
    ) -> int:
        """Ask for the odds of the next token after the pieces (see requests.Look). Events: Started, Evaluated…, Looked,
        Ended, or Failed. Returns the job's number.
        """
        held = tuple(pieces)
        return self._ask(lambda job: Order(Look(job, _EMPTY_PATCH, sampling, top, n_keep, state, token, fed), held))

    def rechain(
        self, looked: int, sampling: Sampling, top: int = 10, state: PlaceState = FRESH, token: int = -1
    ) -> int:
        """Ask for the odds that another sampler chain gives where that job looked (see requests.Rechain). Events:
        Looked, Ended, or Failed. Returns the job's number.
        """
        return self._ask(lambda job: Order(Rechain(job, looked, sampling, top, state, token)))

    def score(self, pieces: Sequence[Piece], top: int = 10, since: int = 0, odds: bool = True) -> int:
        """Ask for the readings of the pieces themselves (see requests.Score). Events: Started, Scored and Evaluated…,
        Ended, or Failed. Returns the job's number.
        """
        held = tuple(pieces)
        return self._ask(lambda job: Order(Score(job, _EMPTY_PATCH, top, since, odds), held))

    def distribution(
        self,
        pieces: Sequence[Piece],
        sampling: Sampling,
        strings: Sequence[str] = (),
        texts: int = 0,
        n_keep: int = 0,
        whole: bool = True,
        state: PlaceState = FRESH,
        fed: int = 0,
    ) -> int:
        """Ask for the whole distribution of the next token after the pieces, and the odds of strings there (see
        requests.Distribution). Events: Started, Evaluated…, Distributed, Ended, or Failed. Returns the job's number.
        """
        held, asked = tuple(pieces), tuple(strings)
        request = Distribution(0, _EMPTY_PATCH, sampling, asked, texts, n_keep, state, whole, fed)
        return self._ask(lambda job: Order(replace(request, job=job), held))

    def flips(
        self,
        pieces: Sequence[Piece],
        sampling: Sampling,
        seed: int,
        take: int = 0,
        place: int = 0,
        first: int = 0,
        count: int = 1,
        listed: Sequence[int] = (),
        recorded: Sequence[float] = (),
        n_keep: int = 0,
        state: PlaceState = FRESH,
        fed: int = 0,
    ) -> int:
        """Flip the coin of the next token after the pieces, and write nothing (see requests.Flips). Events: Started,
        Evaluated…, Flipped, Ended, or Failed. Returns the job's number.
        """
        held = tuple(pieces)
        odds = tuple(listed), tuple(recorded)
        flips = Flips(0, _EMPTY_PATCH, sampling, seed, take, place, first, count, *odds, n_keep, state, fed)
        return self._ask(lambda job: Order(replace(flips, job=job), held))

    def greedy(self, pieces: Sequence[Piece], length: int, n_keep: int = 0, grammar: str = "", fed: int = 0) -> int:
        """Ask for the greedy continuation of the pieces (see requests.Greedy). Events: Started, Evaluated…,
        GreedyText…, Ended, or Failed. Returns the job's number.
        """
        held = tuple(pieces)
        return self._ask(lambda job: Order(Greedy(job, _EMPTY_PATCH, length, n_keep, grammar, fed), held))

    def vocabulary(self) -> int:
        """Ask for the bytes of every token. Events: Evaluated…, VocabularyRead, Ended, or Failed. Returns the job's
        number.
        """
        return self._ask(lambda job: Order(Vocabulary(job)))

    def read_bias(self, entries: Sequence[str]) -> int:
        """Ask which tokens the entries of a logit bias mean. Events: BiasRead, Ended, or Failed. Returns the job's
        number.
        """
        asked = tuple(entries)
        return self._ask(lambda job: Order(ReadBias(job, asked)))

    def stop(self, job: int, stream: int = ALL_STREAMS) -> None:
        """Stop a job, or one stream of it, as soon as possible; it then ends with Ended. Does nothing if it is over."""
        self._tell(Stop(job, stream))

    def allow(self, job: int, tokens: int | None) -> None:
        """Let a generation that was asked for with `allowed` go on (see requests.Allow). Does nothing if it is
        over.
        """
        self._tell(Allow(job, tokens))

    def _tell(self, request: Stop | Allow) -> None:
        with self._changed:
            self._orders.append(Order(request))
            self._ordered.notify_all()

    # ------------------------------------------------------------------------------------------ events

    def events(self, most: int | None = None) -> list[Event]:
        """Fetch the events that have come, in order. most: at most this many; None for all."""
        with self._changed:
            return self._drain(most)

    def wait(self, timeout: float | None = None) -> list[Event]:
        """The same, but wait for at least one event, `timeout` seconds at most."""
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
        """The child's process id; None if no child runs."""
        child = self._child
        return child.pid if child else None

    def kill(self) -> None:
        """Kill the child at once. Died follows; make no request before it."""
        child = self._child
        if child:
            self._launcher.blame_nothing()
            child.kill()

    def close(self) -> None:
        """End the child and the threads: ask the child to end, kill it after a second. A second call does nothing."""
        with self._changed:
            self._closing = True
            self._changed.notify_all()
            self._ordered.notify_all()
        self._writer.join(_GRACE_SECONDS)
        child, reader = self._child, self._reader
        if child:
            child.join(_GRACE_SECONDS)
            child.kill()
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
            self._ordered.notify_all()
            return self._jobs

    def _write(self) -> None:
        """The writer's thread: sends orders to the pipe, one at a time, until the handle is closed."""
        _block_interrupts()
        holder: Child | None = None
        held: tuple[Piece, ...] = ()  # the prefix that this child has
        while order := self._next_order():
            if self._waits_for_check(order):
                continue
            if isinstance(order.request, Load) and not order.is_checked:
                if self._child is None and not self._loaded:
                    with contextlib.suppress(OSError):  # _has_child tries again, and reports a failure
                        self._start_child(order)  # the child starts up while the file is checked
                self._start_check(order)
                continue
            if self._child is None and isinstance(order.request, Stop | Allow):
                continue
            if not self._has_child(order):
                continue
            if self._child is not holder:
                held, holder = (), self._child
            request = order.request
            if order.pieces is not None and isinstance(request, Generate | Query):
                wanted = prefix.joined(order.pieces)
                request = replace(request, prefix=prefix.difference(held, wanted))
                held = wanted
            self._remember(order)
            self._send(request)
        self._send(None)

    def _has_child(self, order: Order) -> bool:
        """Start a child if none runs. Returns false if that fails: the request is dropped and Died emitted."""
        try:
            if self._child is None:
                self._start_child(order)
        except OSError as error:  # no memory or no process is left
            why = reason(error, str(error))
            self._emit(Died(tr("The engine cannot be started: {reason}.").format(reason=why)))
            return False
        return True

    def _remember(self, order: Order) -> None:
        """Remember what is sent while a model loads: it is sent again if another child takes over."""
        with self._changed:
            if isinstance(order.request, Stop):
                if self._loading and order.request.job == self._loading.job:
                    self._launcher.blame_nothing()
            elif self._loading:
                self._sent_during_load.append(order)

    def _waits_for_check(self, order: Order) -> bool:
        """Whether the order needs nothing more now: it waits for the load whose file is being checked, or stops that
        load.
        """
        with self._changed:
            if self._checking is None:
                return False
            request = order.request
            if isinstance(request, Stop):
                if request.job == self._checking.job:
                    self._check_wanted = False
                    return True
                if all(held.request.job != request.job for held in self._waiting_for_check):
                    return False
            self._waiting_for_check.append(order)
            return True

    def _start_check(self, order: Order) -> None:
        """Check the file in a thread of its own; then the load and the requests after it are sent."""
        load = cast("Load", order.request)
        with self._changed:
            self._checking, self._check_wanted, deaths = load, True, self._deaths
        self._check = threading.Thread(target=self._check_file, args=(load, deaths), name="engine check", daemon=True)
        self._check.start()

    def _check_file(self, load: Load, deaths: int) -> None:
        """The checking thread."""
        _block_interrupts()

        def is_wanted() -> bool:
            """False once the load was stopped, or the child died meanwhile, which ended every job."""
            return not self._closing and self._check_wanted and self._deaths == deaths

        checked: list[Order] = []
        try:
            checked.append(Order(self._launcher.check(load, is_wanted)))
            if not is_wanted():
                raise Stopped
        except ModelError as error:
            self._emit(Failed(load.job, str(error)))
        except Stopped:
            checked.clear()
            self._emit(Ended(load.job, "stopped", 0, 0, 0.0, 0.0, 0))
        finally:
            with self._changed:
                self._orders.extendleft(reversed([*checked, *self._waiting_for_check]))
                self._checking = None
                self._waiting_for_check.clear()
                self._ordered.notify_all()

    def _emit(self, event: Event) -> None:
        with self._changed:
            self._events.append(event)
            self._changed.notify_all()

    def _next_order(self) -> Order | None:
        with self._ordered:
            self._ordered.wait_for(lambda: self._orders or self._closing)
            return None if self._closing else self._orders.popleft()

    def _start_child(self, order: Order) -> None:
        """Start a child and reload the model of the last one, unless the order loads another. Raises OSError."""
        child = self._launcher.start()
        with self._changed:
            self._child = child
            self._reader = threading.Thread(target=self._read, args=(child,), name="engine reader", daemon=True)
            self._reader.start()
            former, retry = self._loaded, self._loading or self._loaded
        if isinstance(order.request, Load):
            if former:
                self._emit(Unloaded(order.request.job))
        elif retry:
            self._send(self._launcher.renewed(retry))

    def _send(self, request: Request | None) -> None:
        child = self._child
        if child is None:
            return
        if isinstance(request, Load):
            with self._changed:
                self._loading = request
            self._launcher.load_sent(request)
        if isinstance(request, Generate):
            self._streams = len(request.draws)
        try:
            child.pipe.send_bytes(pickle.dumps(request, pickle.HIGHEST_PROTOCOL))
        except OSError:  # the child is dying: the reader sees its end and emits Died
            child.kill()

    # ------------------------------------------------------------------------------------------ reading

    def _read(self, child: Child) -> None:
        """A reader's thread: receives events until the pipe ends, then handles the child's death."""
        with contextlib.suppress(EOFError, OSError):
            while True:
                events: list[Event] = pickle.loads(child.pipe.recv_bytes())
                for event in events:
                    self._receive(event)
        child.end(_GRACE_SECONDS)  # a pipe may close a moment before its process ends
        self._child_died(child)

    def _receive(self, event: Event) -> None:
        with self._changed:
            self._changed.wait_for(lambda: len(self._events) < _MAX_EVENTS or self._closing)
            if self._loading and isinstance(event, Loaded | Failed | Ended) and event.job == self._loading.job:
                if isinstance(event, Loaded):
                    self._loaded = self._loading
                self._loading = None
                self._sent_during_load.clear()
            if isinstance(event, Failed) or (isinstance(event, Ended) and not event.left):
                self._streams = 0
            self._launcher.event_received(event)
            self._events.append(event)
            self._changed.notify_all()

    def _child_died(self, child: Child) -> None:
        """End every job with Died, unless the child died of a load that may work without one of llama.cpp's backends or
        with fewer layers. Not tried again: a load that crashed on the CPU, and one that was killed if there is a
        previous model.
        """
        with self._changed:
            loading, load = self._loading, self._loading or self._loaded
        judged = load if not self._closing else None  # it ends because it was told to, whatever it was doing
        retry = judged and self._launcher.load_after_death(judged, bool(loading), child, self._streams)
        with self._changed:
            self._child, self._streams = None, 0
            is_retried = self._retry(retry)
            if not is_retried:
                self._deaths += 1
                self._orders.clear()
                self._waiting_for_check.clear()
                self._sent_during_load.clear()
                if self._loaded or child.exit_code != -getattr(signal, "SIGKILL", 9):
                    self._loading = None
            if not self._closing and not is_retried:
                self._events.append(Died(self._launcher.death_message(child)))
            self._changed.notify_all()
            self._ordered.notify_all()

    def _retry(self, retry: Load | None) -> bool:
        """Queue the load and the requests sent after it again, if the child died while loading. If it died of the first
        evaluation, the next request loads the model in this way. Returns whether the load was queued.
        """
        if retry is None:
            return False
        if self._loading:
            self._orders.extendleft(reversed([Order(retry, is_checked=False), *self._sent_during_load]))
            self._loading = None
            self._sent_during_load.clear()
            return True
        self._loaded = retry
        return False


def _block_interrupts() -> None:
    """Block SIGINT in this thread: a child inherits the mask, so Ctrl+C, which reaches every process of a terminal,
    does not end it.
    """
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
