"""The cores and the memory that this process may use, which in a container may be less than the computer's."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from models.library import cgroups

_NEARLY = 0.05  # of a core: a quota of 1.95 counts as two
_FEW_CORES = 2
FRAME = 16  # milliseconds between two changes of a page that is written
LONG_FRAME = 80  # where cores are few: a frame takes time from the model's threads (docs/performance.md)


@dataclass(frozen=True, slots=True)
class Memory:
    """Bytes. installed: of the computer. total: that this process may use. available: of those, free now."""

    total: int
    available: int
    installed: int


def memory(proc: Path = cgroups.PROC) -> Memory:
    """The memory as it is now. proc: for tests."""
    import psutil  # imported late: the window opens without it

    found, room = psutil.virtual_memory(), cgroups.memory_room(proc)
    if room is None:
        return Memory(found.total, found.available, found.total)
    return Memory(min(found.total, room.limit), min(found.available, room.free), found.total)


def logical_cores(proc: Path = cgroups.PROC) -> int:
    """The logical cores that this process may use, at most its quota of processor time. Imports nothing."""
    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    quota = cgroups.cpu_quota(proc)
    return max(1, allowed if quota is None else min(allowed, int(quota + _NEARLY)))


def has_few_cores(cores: Callable[[], int] = logical_cores) -> bool:
    """Whether what a window draws takes time from the model's threads, since these have no core to themselves."""
    return cores() <= _FEW_CORES


def frame(cores: Callable[[], int] = logical_cores) -> int:
    """The milliseconds between two changes of a page that is written."""
    return LONG_FRAME if has_few_cores(cores) else FRAME


def physical_cores(proc: Path = cgroups.PROC) -> int:
    """The physical cores that this process may use, at most its quota of processor time: threads that wait for each
    other by spinning waste a quota smaller than their number.
    """
    import psutil

    allowed = logical_cores(proc)
    return min(allowed, psutil.cpu_count(logical=False) or allowed)


def on_battery() -> bool:
    """Whether the computer runs on its battery, as far as the system tells."""
    import psutil

    sensors = getattr(psutil, "sensors_battery", None)  # not on every system
    found = sensors() if sensors else None
    return found is not None and found.power_plugged is False
