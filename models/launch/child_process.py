"""Child processes: a fresh Python each, the pipe to it, and what became of it.

multiprocessing starts a second Python with the first child, which tidies up shared memory and semaphores that a process
leaves behind. Ours share none, and in a packaged program it costs as much as the child's own start; so it is done
without. What a process imports is never looked for in the working folder, nor where variables of the user's shell say.
"""

from __future__ import annotations

import multiprocessing
import os
import sys
from collections.abc import Callable
from multiprocessing import spawn
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnContext
from pathlib import Path
from typing import Any, cast

from models.launch import watchdog
from models.launch.process_outcome import ProcessOutcome
from models.library.atomic_file import NO_LINK

SAFE = ("-E", "-P")  # Python's own flags for that; a packaged Python needs none


class ChildProcess:
    """A running process and the parent's end of the pipe to it. Any thread may call; nothing here raises because the
    process is gone already."""

    def __init__(self, target: Callable[..., None], *arguments: object, name: str, log: Path | None = None) -> None:
        """Start it. It runs target(pipe, *arguments), a function at the top of a module. log: the file that it writes
        to, where it does. Raises OSError.
        """
        context = _spawning()
        ours, theirs = context.Pipe()
        self._process = context.Process(target=target, args=(theirs, *arguments), name=name, daemon=True)
        self._log = log
        self.pipe = cast("Connection[Any, Any]", ours)
        try:
            self._process.start()
        except BaseException:
            ours.close()
            raise
        finally:
            theirs.close()

    @property
    def pid(self) -> int | None:
        return self._process.pid

    @property
    def exit_code(self) -> int | None:
        """None while it runs."""
        return self._process.exitcode

    @property
    def outcome(self) -> ProcessOutcome:
        """What became of it; a process that still runs counts as one that hung."""
        return ProcessOutcome(self.exit_code, self._log)

    def join(self, seconds: float | None = None) -> None:
        """Wait until it has ended, or that long."""
        self._process.join(seconds)

    def wait(self, wanted: Callable[[], bool], stall: float) -> ProcessOutcome:
        """Wait until it has ended, or has done no work for `stall` seconds. wanted: false to give up. Raises
        watchdog.CalledOff.
        """
        watchdog.watched(self._process, wanted, stall)
        return self.outcome

    def kill(self) -> None:
        self._process.kill()

    def end(self, patience: float = 0.0) -> ProcessOutcome:
        """Have it gone: it may end by itself for `patience` seconds, then it is killed. The pipe is closed."""
        if patience:
            self._process.join(patience)
        self._process.kill()
        self._process.join()
        self.pipe.close()
        return self.outcome


def _spawning() -> SpawnContext:
    if sys.platform != "win32":  # where there is no such process
        _do_without_tracker()
    return multiprocessing.get_context("spawn")


def _do_without_tracker() -> None:
    from multiprocessing import resource_tracker

    tracker = resource_tracker._resource_tracker  # pyright: ignore[reportPrivateUsage, reportAttributeAccessIssue, reportUnknownMemberType, reportUnknownVariableType]
    if getattr(tracker, "_fd", 0) is None:  # not started: what it is told goes nowhere
        tracker._fd = os.open(os.devnull, os.O_WRONLY)  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType]


def safely(command: list[str]) -> list[str]:
    """That command of Python's, with SAFE put behind its name."""
    return command if hasattr(sys, "frozen") else [command[0], *SAFE, *command[1:]]


def _start_safely() -> None:
    """multiprocessing begins each process with `python -c`, which looks into the working folder first."""
    usual = spawn.get_command_line

    def command_line(**given: object) -> list[str]:
        return safely(usual(**given))

    spawn.get_command_line = command_line


_start_safely()


def redirect(log: str) -> None:
    """Python's and llama.cpp's output into the file, from the file descriptors up: llama.cpp writes there even as it
    aborts. What a link there leads to is left alone.
    """
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | NO_LINK
    try:
        file = os.open(log, flags, 0o600)
    except OSError:
        file = os.open(os.devnull, os.O_WRONLY)
    os.dup2(file, 1)
    os.dup2(file, 2)
    os.close(file)
