"""Waits for a process that may die or come to a standstill.

Its time is not limited as long as it works: a slow disk or a driver that compiles takes long. Knows not what it does.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from multiprocessing.context import SpawnProcess

BEAT = 0.02


class CalledOff(Exception):  # noqa: N818 (it was asked for)
    """Nobody wants the answer any more."""


def watched(process: SpawnProcess, wanted: Callable[[], bool], stall: float) -> int | None:
    """Its exit code; None where it did nothing for so many seconds. Raises CalledOff where wanted says false."""
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
    """Grows while the process works: its processor time, and what it has read into memory."""
    import psutil  # not before a process is watched: a window opens without it

    try:
        process = psutil.Process(pid)
        times = process.cpu_times()
        return times.user + times.system + process.memory_info().rss
    except psutil.Error:
        return -1.0
