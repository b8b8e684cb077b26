"""Lets llama.cpp's waiting threads sleep soon while other programs want the cores. On Linux, with GNU's OpenMP.

llama.cpp's threads wait for each other by spinning for some milliseconds. That is fastest on free cores. Where another
program wants them, a thread that spins keeps its core from the very thread that it waits for, and writing becomes
several times slower. GNU's OpenMP spins for 300,000 turns, but for 100 while it manages more threads than there are
cores (`do_spin` in gcc's libgomp/config/linux/wait.h). More threads that only sleep therefore shorten the spinning, and
no number that the model computes depends on it.
"""

from __future__ import annotations

import contextlib
import ctypes
import functools
import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

from models.llamacpp import openmp

INTERVAL = 0.5  # seconds between two looks
CROWDED = 0.4  # seconds that threads of this process wait for a core, all together, a second. Beside the window: 0.2


class ContentionWatch:
    """Shortens the spinning while threads of this process wait for cores. `look` is called behind each evaluation,
    `rest` when none follows.

    waited: seconds that the process's threads have waited for a core so far. clock: seconds. sleep_soon: makes what
    shortens the spinning while it is entered.
    """

    def __init__(
        self,
        waited: Callable[[], float],
        sleep_soon: Callable[[], AbstractContextManager[object]],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._waited, self._sleep_soon, self._clock = waited, sleep_soon, clock
        self._before = clock(), waited()
        self._entered = contextlib.ExitStack()
        self.crowded = False

    def look(self) -> None:
        now, (then, before) = self._clock(), self._before
        if now - then < INTERVAL:
            return
        waited = self._waited()
        self._before = now, waited
        self._set((waited - before) / (now - then) > CROWDED)

    def rest(self) -> None:
        self._set(False)

    def _set(self, crowded: bool) -> None:
        if crowded and not self.crowded:
            self._entered.enter_context(self._sleep_soon())
        elif self.crowded and not crowded:
            self._entered.close()
        self.crowded = crowded


class SleepSoon:
    """While entered, more threads sleep in that OpenMP library than there are cores."""

    def __init__(self, library: Path) -> None:
        self._gnu, self._nothing = ctypes.CDLL(str(library)), ctypes.CDLL(None).free  # free(NULL) does nothing
        self._begun, self._ended = threading.Event(), threading.Event()

    def __enter__(self) -> None:
        # OpenMP's threads belong to the thread that wanted them, and end with it.
        self._owner = threading.Thread(target=self._own, name="sleepers", daemon=True)
        self._owner.start()
        self._begun.wait()

    def __exit__(self, *_error: object) -> None:
        self._ended.set()
        self._owner.join()

    def _own(self) -> None:
        work = ctypes.cast(self._nothing, ctypes.c_void_p)
        self._gnu.GOMP_parallel(work, None, self._gnu.omp_get_num_procs() + 1, 0)
        self._begun.set()
        self._ended.wait()


def waited(tasks: Path = Path("/proc/self/task")) -> float:
    """Seconds that the process's living threads have waited for a core, from Linux's scheduler. Raises OSError where it
    does not say.
    """
    total = 0
    for thread in tasks.iterdir():
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):  # it has just ended
            total += int((thread / "schedstat").read_bytes().split()[1])
    return total / 1e9


@functools.cache
def watch() -> ContentionWatch | None:
    """The process's watch. None where the spinning cannot be shortened, or the system does not tell who waits."""
    library = openmp.gnu_library()
    if library is None or not Path("/proc/self/schedstat").exists():
        return None
    return ContentionWatch(waited, lambda: SleepSoon(library))


def look() -> None:
    """Look whether other programs want the cores."""
    if found := watch():
        found.look()


def rest() -> None:
    """Nothing is evaluated any more."""
    if found := watch():
        found.rest()
