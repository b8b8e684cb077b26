"""The launcher: starts the engine's child, checks files and backends before a load, and decides what to load after a
death.

models/engine/launcher_protocol.py documents the methods.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from models.engine.engine import Engine
from models.engine.events import Event, Loaded
from models.engine.launcher_protocol import Child
from models.engine.requests import Load
from models.errors import Stopped
from models.launch import engine_process, stream_fallback
from models.launch.child_process import ChildProcess
from models.launch.launch_cache import LaunchCache
from models.launch.offload_fallback import OffloadTrial
from models.launch.process_outcome import ProcessOutcome
from models.library import memory
from models.llamacpp import huge_pages


def start_child(log: Path) -> ChildProcess:
    """Start a child process that writes its output to `log`. Raises OSError."""
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # the child's numpy must not spin beside llama.cpp
    with huge_pages.asked_for():
        return ChildProcess(engine_process.main, str(log), name="inkfall engine", log=log)


class ChildLauncher:
    """Starts and judges one child at a time."""

    def __init__(
        self,
        log: Path,
        notes: Path | None = None,
        start: Callable[[Path], Child] = start_child,
        now: Callable[[], float] = time.time,
    ) -> None:
        """log: the file for the child's output. notes: the file of the launch cache, None to check and remember
        nothing. now: seconds since 1970.
        """
        self._log = log
        self._notes = notes
        self._start = start
        self._now = now
        self._trial = OffloadTrial()
        self._streams = memory.STREAMS  # that the loaded model writes at once

    def start(self) -> Child:
        return self._start(self._log)

    def check(self, load: Load, wanted: Callable[[], bool]) -> Load:
        if self._notes is None:
            return load
        load = stream_fallback.remembered(replace(load, notes=str(self._notes)), self._now())
        if load.model.is_scripted:
            return load
        from models.launch import backend_choice, preflight  # not before a model is opened: a window opens without them

        load = replace(load, backends=backend_choice.settle(wanted))
        log = self._log.with_suffix(".check.log")
        try:
            preflight.check(Path(load.model.text), LaunchCache(self._notes), log, wanted, load.backends)
        except preflight.CalledOff as off:
            raise Stopped from off
        return load

    def renewed(self, load: Load) -> Load:
        if self._notes is None or load.model.is_scripted:
            return load
        from models.launch import backend_choice

        return replace(load, backends=backend_choice.settle())

    def load_sent(self, load: Load) -> None:  # noqa: ARG002  (the child reports what it tries)
        self._trial = OffloadTrial()

    def event_received(self, event: Event) -> None:
        self._trial = self._trial.after(event)
        if isinstance(event, Loaded):
            self._streams = event.model.streams

    def blame_nothing(self) -> None:
        self._trial = self._trial.called_off()

    def load_after_death(self, load: Load, loading: bool, child: Child, streams: int) -> Load | None:
        outcome = ProcessOutcome(child.exit_code, self._log)
        if self._is_of_a_backend(child.pid, outcome) and loading:
            return load
        lower = self._trial.lower(load, outcome.cause)
        if lower or loading or self._trial.off or outcome.lost_file or outcome.raised:
            return lower
        return self._with_fewer_streams(load, streams)

    def _with_fewer_streams(self, load: Load, streams: int) -> Load | None:
        """The load after a death with that many streams asked for; None if it wrote no more than one."""
        fewer = stream_fallback.fewer(min(streams, self._streams))
        if fewer is None:
            return None
        load = replace(load, streams=fewer)
        stream_fallback.remember(load, self._now())
        return load

    def _is_of_a_backend(self, pid: int | None, outcome: ProcessOutcome) -> bool:
        """Whether one of llama.cpp's backends killed the child; that backend is left out from now on."""
        if self._notes is None or pid is None:
            return False
        from models.launch import backend_choice

        return backend_choice.blame(pid, outcome)

    def death_message(self, child: Child) -> str:
        return ProcessOutcome(child.exit_code, self._log).sentence


def engine(log: Path, notes: Path | None = None) -> Engine:
    """An engine whose child writes its output to `log`; notes: as in ChildLauncher. The first request starts the
    child.
    """
    return Engine(ChildLauncher(log, notes))
