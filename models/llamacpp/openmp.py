"""llama.cpp's own threads, as the passes over a vocabulary use them (models/sampling/passes.py).

Behind an evaluation, OpenMP's threads wait for the next parallel work of the thread that called it, by spinning. Work
in OpenMP that follows there, for as many threads, has them at once. That holds where llama.cpp and the passes use one
and the same OpenMP. Another team of threads beside it would be worse than none: GNU's OpenMP no longer spins where more
threads wait than there are cores, and an evaluation takes twice as long.
"""

from __future__ import annotations

import functools
import sys
from collections.abc import Iterable
from pathlib import Path

from models.llamacpp.binding import lib
from models.sampling import passes

RUNTIMES = ("libgomp", "libomp", "libiomp")
LOADED = Path("/proc/self/maps")


@functools.cache
def is_shared() -> bool:
    """Whether llama.cpp and the passes share the threads of one OpenMP. Known on Linux only."""
    fast = passes.compiled()
    return fast is not None and fast.parallel and _only_runtime() is not None


def gnu_library() -> Path | None:
    """GNU's OpenMP, where llama.cpp certainly uses it. Known on Linux only."""
    found = _only_runtime()
    return found if found and found.name.startswith("libgomp") else None


def _only_runtime() -> Path | None:
    """The OpenMP library that llama.cpp uses, where it is the only one in this process. Known on Linux only."""
    if sys.platform != "linux" or b"OPENMP = 1" not in lib.llama_print_system_info():
        return None
    found = runtimes(LOADED.read_text(errors="replace").splitlines())
    return Path(found.pop()) if len(found) == 1 else None


def runtimes(maps: Iterable[str]) -> set[str]:
    """The OpenMP libraries among what is mapped into a process. maps: lines of Linux's table of them."""
    paths = (line.split(maxsplit=5)[5] for line in maps if line.count("/"))
    return {path for path in paths if path.rpartition("/")[2].startswith(RUNTIMES)}
