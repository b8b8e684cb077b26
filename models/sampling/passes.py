"""Passes over the logits of a whole vocabulary in C (passes.c), where the set-up could compile them.

They find what statistics.py finds with numpy, in half the time, and in a quarter with llama.cpp's two threads. Their
exponents differ from numpy's in the last bits, so ModelFacts.build names the two apart.
"""

from __future__ import annotations

import ctypes
import functools
from pathlib import Path

import numpy as np

from models.sampling.coin import Indices, Weights
from models.sampling.compile_passes import LIBRARY
from models.sampling.stages import Logits

MOST = 256  # ids that `most_likely` can find


class Passes:
    """The functions of the library. All arrays are float32, contiguous and not empty. parallel: it can use several
    threads. Raises OSError without the file, AttributeError where it is another library.
    """

    def __init__(self, library: Path) -> None:
        loaded = ctypes.CDLL(str(library))
        pointer, number = ctypes.c_void_p, ctypes.c_int32
        self.parallel = bool(loaded.inkfall_parallel())
        self._most_likely, self._weigh = loaded.inkfall_most_likely, loaded.inkfall_weigh
        self._distribution = loaded.inkfall_distribution
        self._most_likely.argtypes = (pointer, number, number, number, pointer)
        self._weigh.argtypes = (pointer, number, number, pointer, pointer)
        self._distribution.argtypes = (pointer, number, number, number, pointer, pointer, pointer, pointer)
        self._weigh.restype = None

    def most_likely(self, logits: Logits, count: int) -> Indices | None:
        """Indices of the `count` highest values, 1 to MOST, highest first, ties by index; None where one is NaN."""
        found = np.empty(count, np.int32)
        number = self._most_likely(logits.ctypes.data, len(logits), count, 1, found.ctypes.data)
        return None if number < 0 else found[:number].astype(np.intp)

    def weigh(self, shifted: Weights, weights: Weights) -> tuple[float, float]:
        """Write exp(shifted), where shifted is at most 0. Returns its sum, and that of its products with shifted. What
        is below the smallest normal number is 0.
        """
        sums = np.empty(2)
        self._weigh(shifted.ctypes.data, len(shifted), 1, weights.ctypes.data, sums.ctypes.data)
        total, product = sums.tolist()
        return total, product

    def distribution(
        self, logits: Logits, count: int, shifted: Weights, weights: Weights, threads: int = 1
    ) -> tuple[Indices, float, float] | None:
        """Both at once: write the logits minus the highest, and their exponents. threads: that share the work; the
        numbers do not depend on it. Returns what `most_likely` and `weigh` do; None where a logit is NaN or the highest
        is not finite.
        """
        found, sums = np.empty(count, np.int32), np.empty(2)
        arrays = found.ctypes.data, shifted.ctypes.data, weights.ctypes.data, sums.ctypes.data
        number = self._distribution(logits.ctypes.data, len(logits), count, threads, *arrays)
        if number < 0:
            return None
        total, product = sums.tolist()
        return found[:number].astype(np.intp), total, product


@functools.cache
def compiled() -> Passes | None:
    """The passes, or None where the set-up could not compile them."""
    try:
        return Passes(LIBRARY)
    except (OSError, AttributeError):
        return None


def usable(values: Weights) -> bool:
    """Whether the passes can take this array."""
    return len(values) > 0 and values.dtype == np.float32 and values.ndim == 1 and values.flags.c_contiguous


def named() -> str:
    """Who computes the odds, for ModelFacts.build."""
    return "odds in C" if compiled() else "odds by numpy"
