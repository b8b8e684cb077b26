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
CROWDED = 0.25  # seconds a second that some thread waits for a core. Beside the window: at most 0.14
FREE = 0.18  # the same, below which the cores count as free again
MOST = 64  # threads that are started to sleep: a container may allow few on a machine of many cores


class ContentionWatch:
    """Shortens the spinning while threads of this process wait for cores. `look` is called behind each evaluation,
    `rest` when none follows. Where the system refuses something, it gives up for good.

    waited: by thread, the seconds that it has waited for a core so far. clock: seconds. sleep_soon: makes what shortens
    the spinning while it is entered.
    """

    def __init__(
        self,
        waited: Callable[[], dict[str, float]],
        sleep_soon: Callable[[], AbstractContextManager[object]],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._waited, self._sleep_soon, self._clock = waited, sleep_soon, clock
        self._before = clock(), waited()
        self._entered = contextlib.ExitStack()
        self._gave_up = False
        self.crowded = False

    def look(self) -> None:
        now, (then, before) = self._clock(), self._before
        if now - then < INTERVAL or self._gave_up:
            return
        try:
            waited = self._waited()
            self._before = now, waited
            longest = max((found - before.get(thread, found) for thread, found in waited.items()), default=0.0)
            self._set(longest / (now - then) > (FREE if self.crowded else CROWDED))
        except (OSError, RuntimeError):  # no evaluation may fail of this
            self._gave_up = True

    def rest(self) -> None:
        self._set(False)

    def _set(self, crowded: bool) -> None:
        if crowded and not self.crowded:
            self._entered.enter_context(self._sleep_soon())
        elif self.crowded and not crowded:
            self._entered.close()
        self.crowded = crowded


class SleepSoon:
    """While entered, more threads sleep in OpenMP than there are cores. gnu: its library, as `loaded` gives it."""

    def __init__(self, gnu: ctypes.CDLL) -> None:
        self._gnu, self._nothing = gnu, ctypes.CDLL(None).free  # free(NULL) does nothing
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
        try:
            self._gnu.GOMP_parallel(work, None, sleepers(self._gnu), 0)
        finally:
            self._begun.set()
        self._ended.wait()


def loaded(library: Path) -> ctypes.CDLL | None:
    """That library of GNU's OpenMP, which is loaded already; None where more threads than cores cannot be had."""
    try:
        gnu = ctypes.CDLL(str(library))
        return gnu if hasattr(gnu, "GOMP_parallel") and sleepers(gnu) <= MOST else None
    except (OSError, AttributeError):
        return None


def sleepers(gnu: ctypes.CDLL) -> int:
    """The size of a team of threads that makes them more than the cores, beside llama.cpp's own of two at least."""
    return int(gnu.omp_get_num_procs())


def waited(tasks: Path = Path("/proc/self/task")) -> dict[str, float]:
    """By thread of the process, the seconds that it has waited for a core, from Linux's scheduler. Raises OSError where
    it does not say.
    """
    found: dict[str, float] = {}
    for thread in tasks.iterdir():
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):  # it has just ended
            found[thread.name] = int((thread / "schedstat").read_bytes().split()[1]) / 1e9
    return found


@functools.cache
def watch() -> ContentionWatch | None:
    """The process's watch. None where the spinning cannot be shortened, or the system does not tell who waits."""
    library = openmp.gnu_library()
    gnu = loaded(library) if library else None
    if gnu is None or not Path("/proc/self/schedstat").exists():
        return None
    return ContentionWatch(waited, lambda: SleepSoon(gnu))


def look() -> None:
    """Look whether other programs want the cores."""
    if found := watch():
        found.look()


def rest() -> None:
    """Nothing is evaluated any more."""
    if found := watch():
        found.rest()
