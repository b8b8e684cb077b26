"""Weights in huge pages: a copy in memory of the process, where memory is plenty. On Linux, without graphics devices.

A token reads all weights once. In pages of 4 KB the processor spends a tenth of that time on finding the pages, in a
virtual machine more, and a mapped file has no larger ones on most systems. glibc (2.35 and later) asks the system for
pages of 2 MB where GLIBC_TUNABLES says so when a process starts.
"""

from __future__ import annotations

import contextlib
import os
import sys
import threading
from collections.abc import Generator, Mapping
from pathlib import Path

from models.library.memory import Need

VARIABLE, TUNABLE = "GLIBC_TUNABLES", "glibc.malloc.hugetlb"
SYSTEM = Path("/sys/kernel/mm/transparent_hugepage/enabled")
LEAST = 32 * 2**20  # bytes of weights; for less it makes no difference
SHARE = 4  # the weights take at most this part of the free memory: else they stay a mapped file, which can leave it

_lock = threading.Lock()  # two engines may start a child at once


@contextlib.contextmanager
def asked_for() -> Generator[None]:
    """A process that is started in this block gets its large memory in huge pages, where the system has them."""
    with _lock:
        before = os.environ.get(VARIABLE)
        os.environ[VARIABLE] = with_tunable(before or "")
        try:
            yield
        finally:
            if before is None:
                os.environ.pop(VARIABLE, None)
            else:
                os.environ[VARIABLE] = before


def with_tunable(tunables: str) -> str:
    """The tunables with ours, unless the user has set it."""
    if TUNABLE in tunables:
        return tunables
    return ":".join(filter(None, (tunables, f"{TUNABLE}=1")))


def available(environment: Mapping[str, str] = os.environ, system: Path = SYSTEM) -> bool:
    """Whether this process gets huge pages."""
    if not sys.platform.startswith("linux") or f"{TUNABLE}=1" not in environment.get(VARIABLE, ""):
        return False
    with contextlib.suppress(OSError, ValueError, AttributeError):
        _, _, version = os.confstr("CS_GNU_LIBC_VERSION").partition(" ")  # pyright: ignore[reportOptionalMemberAccess]
        return tuple(map(int, version.split("."))) >= (2, 35) and "[never]" not in system.read_text()
    return False


def worth(need: Need, free: int) -> bool:
    """Whether the weights are copied. need: of the computer's memory; free: bytes of it."""
    return LEAST <= need.weights <= free // SHARE and need.total <= free
