"""Starts the engine's child process so that the program outlives whatever llama.cpp does: files are checked first,
backends are tried first, and a child that died of a device is followed by one that uses less of it.

See models/engine/launcher.py for what each method promises.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from multiprocessing.connection import Connection
from pathlib import Path
from typing import cast

from models.engine.engine import Engine
from models.engine.events import Event
from models.engine.launcher import Running
from models.engine.requests import Load
from models.errors import Stopped
from models.launch import engine_process, process_outcome
from models.launch.child_process import spawning
from models.launch.launch_cache import LaunchCache
from models.launch.offload_fallback import OffloadTrial


def start_child(log: Path) -> Running:
    """Start a child process; it writes its output to `log`. Raises OSError."""
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # the child's numpy must not spin beside llama.cpp
    context = spawning()
    ours, theirs = context.Pipe()
    process = context.Process(target=engine_process.main, args=(theirs, str(log)), name="inkfall engine", daemon=True)
    process.start()
    theirs.close()
    return Running(process, cast("Connection[bytes, bytes]", ours))


class ChildLauncher:
    """One child at a time."""

    def __init__(self, log: Path, notes: Path | None = None, start: Callable[[Path], Running] = start_child) -> None:
        """log: where the child's output goes. notes: a file for what worked on this machine, None to check and remember
        nothing.
        """
        self._log = log
        self._notes = notes
        self._start = start
        self._trial = OffloadTrial()

    def start(self) -> Running:
        return self._start(self._log)

    def check(self, load: Load, wanted: Callable[[], bool]) -> Load:
        if self._notes is None:
            return load
        load = replace(load, notes=str(self._notes))
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

    def again(self, load: Load) -> Load:
        if self._notes is None or load.model.is_scripted:
            return load
        from models.launch import backend_choice

        return replace(load, backends=backend_choice.settle())

    def begins(self, load: Load) -> None:  # noqa: ARG002  (the child tells which one it tries)
        self._trial = OffloadTrial()

    def saw(self, event: Event) -> None:
        self._trial = self._trial.after(event)

    def give_up(self) -> None:
        self._trial = self._trial.called_off()

    def after_death(self, load: Load, loading: bool, pid: int | None, exit_code: int | None) -> Load | None:
        if self._is_of_a_backend(pid, exit_code) and loading:
            return load
        return self._trial.lower(load, process_outcome.cause(exit_code, self._log))

    def _is_of_a_backend(self, pid: int | None, exit_code: int | None) -> bool:
        """Whether the child died of one of llama.cpp's backends, which is left out from now on."""
        if self._notes is None or pid is None:
            return False
        from models.launch import backend_choice

        return backend_choice.blame(pid, exit_code)

    def obituary(self, exit_code: int | None) -> str:
        return process_outcome.sentence(exit_code, self._log)


def engine(log: Path, notes: Path | None = None) -> Engine:
    """An engine whose child writes its output to `log`; `notes` as in ChildLauncher. Nothing is started before the
    first request.
    """
    return Engine(ChildLauncher(log, notes))
