"""How child processes are started: each a fresh Python, and no other beside it; and where they write what nobody is to
see.

multiprocessing starts a second Python with the first child, which tidies up shared memory and semaphores that a process
leaves behind. Ours share none, and in a packaged program it costs as much as the child's own start.

What a process imports is never looked for in the working folder, nor where variables of the user's shell say.
"""

from __future__ import annotations

import multiprocessing
import os
import sys
from multiprocessing import spawn
from multiprocessing.context import SpawnContext

from models.library.atomic_file import NO_LINK

SAFE = ("-E", "-P")  # Python's own flags for that; a packaged Python needs none


def spawning() -> SpawnContext:
    """The context to start processes with."""
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
