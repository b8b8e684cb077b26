"""Child processes: each a fresh Python, with the pipe to it and the way it ended.

multiprocessing starts its resource tracker, a second Python, with the first child. Our children share no memory and no
semaphores, and in a packaged program the tracker costs as much as the child's own start, so it is disabled. A child
never imports from the working folder, nor from folders named by Python's environment variables.
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

SAFE = ("-E", "-P")  # Python's flags for safe import paths; a packaged Python needs none


class ChildProcess:
    """A running process and the parent's end of the pipe to it. Any thread may call. No method raises if the process
    has already ended.
    """

    def __init__(self, target: Callable[..., None], *arguments: object, name: str, log: Path | None = None) -> None:
        """Start the process, which runs target(pipe, *arguments), a module-level function. log: the file it writes to,
        if any. Raises OSError.
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
        """How it ended; a process that still runs counts as hung."""
        return ProcessOutcome(self.exit_code, self._log)

    def join(self, seconds: float | None = None) -> None:
        """Wait until it has ended, `seconds` at most (None: without a limit)."""
        self._process.join(seconds)

    def wait(self, wanted: Callable[[], bool], stall: float) -> ProcessOutcome:
        """Wait until it has ended, or has done no work for `stall` seconds. wanted: polled, false to stop waiting.
        Raises watchdog.CalledOff.
        """
        watchdog.watched(self._process, wanted, stall)
        return self.outcome

    def kill(self) -> None:
        self._process.kill()

    def end(self, patience: float = 0.0) -> ProcessOutcome:
        """End it: wait `patience` seconds for it to end by itself, then kill it. Closes the pipe."""
        if patience:
            self._process.join(patience)
        self._process.kill()
        self._process.join()
        self.pipe.close()
        return self.outcome


def _spawning() -> SpawnContext:
    if sys.platform != "win32":  # Windows has no tracker
        _disable_tracker()
    return multiprocessing.get_context("spawn")


def _disable_tracker() -> None:
    from multiprocessing import resource_tracker

    tracker = resource_tracker._resource_tracker  # pyright: ignore[reportPrivateUsage, reportAttributeAccessIssue, reportUnknownMemberType, reportUnknownVariableType]
    if getattr(tracker, "_fd", 0) is None:  # not started: its messages go to the null device
        tracker._fd = os.open(os.devnull, os.O_WRONLY)  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType]


def safely(command: list[str]) -> list[str]:
    """A Python command with the flags SAFE after the program's name."""
    return command if hasattr(sys, "frozen") else [command[0], *SAFE, *command[1:]]


def _start_safely() -> None:
    """Add SAFE to multiprocessing's `python -c`, which would import from the working folder first."""
    original = spawn.get_command_line

    def command_line(**arguments: object) -> list[str]:
        return safely(original(**arguments))

    spawn.get_command_line = command_line


_start_safely()


def redirect(log: str) -> None:
    """Redirect file descriptors 1 and 2 to the file `log`, so that it also gets what llama.cpp writes while it aborts.
    A symbolic link is not followed.
    """
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | NO_LINK
    try:
        file = os.open(log, flags, 0o600)
    except OSError:
        file = os.open(os.devnull, os.O_WRONLY)
    os.dup2(file, 1)
    os.dup2(file, 2)
    os.close(file)
