"""Waits for a process that may die or hang.

Its running time is not limited as long as it works: a slow disk or a driver that compiles may take long.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from multiprocessing.context import SpawnProcess

BEAT = 0.02  # seconds between two checks


class CalledOff(Exception):  # noqa: N818 (the caller asked for it)
    """The result is no longer wanted."""


def watched(process: SpawnProcess, wanted: Callable[[], bool], stall: float) -> int | None:
    """Wait for the process. Returns its exit code, or None if it did no work for `stall` seconds. Raises CalledOff if
    `wanted` returns false.
    """
    worked, since = -1.0, time.monotonic()
    while process.exitcode is None:
        if not wanted():
            raise CalledOff
        process.join(BEAT)
        if (now := _work(process.pid)) != worked:
            worked, since = now, time.monotonic()
        elif time.monotonic() - since > stall:
            return None
    return process.exitcode


def _work(pid: int | None) -> float:
    """A number that grows while the process works: its processor time and its resident memory."""
    import psutil  # not before a process is watched: a window opens without it

    try:
        process = psutil.Process(pid)
        times = process.cpu_times()
        return times.user + times.system + process.memory_info().rss
    except psutil.Error:
        return -1.0
