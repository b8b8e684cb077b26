"""Cores and memory that this process may use: a container may have less than the computer."""

import os
from dataclasses import dataclass
from pathlib import Path

from models.library import cgroups

_NEARLY = 0.05  # of a core: a quota of 1.95 is one of two


@dataclass(frozen=True, slots=True)
class Memory:
    """Bytes. installed: what the computer has, of which `total` may be used."""

    total: int
    available: int
    installed: int


def memory(proc: Path = cgroups.PROC) -> Memory:
    """As it is now."""
    import psutil  # not before it is asked: a window opens without it

    found, room = psutil.virtual_memory(), cgroups.memory_room(proc)
    if room is None:
        return Memory(found.total, found.available, found.total)
    return Memory(min(found.total, room.limit), min(found.available, room.free), found.total)


def physical_cores(proc: Path = cgroups.PROC) -> int:
    """Cores that this process may run on, without their second hardware threads, as many as its share of time is worth:
    threads that wait for each other by spinning lose most of a share that is smaller than their number."""
    import psutil

    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    cores = min(allowed, psutil.cpu_count(logical=False) or allowed)
    quota = cgroups.cpu_quota(proc)
    return max(1, cores if quota is None else min(cores, int(quota + _NEARLY)))
