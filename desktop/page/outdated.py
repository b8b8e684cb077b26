"""Which readings of a chunk are outdated, wherever the chunk stands, without its rows. Pure.

A reading is outdated where the page before it has another hash than the one it is bound to (hashing.py). An edit
changes the hash before every chunk behind it: readings that were current there are outdated at once, and only those
that were outdated where the chunk stood first have to be compared again. So current readings take no memory.
"""

from typing import Any, TypeAlias

import numpy as np

from desktop.page import hashing

Counts: TypeAlias = np.ndarray[Any, np.dtype[np.int64]]


class Bindings:
    """bins: of each token, ascending; of `count`. inside: the hash of what stands before it in its chunk. bound: the
    hash of the page that its reading is bound to."""

    __slots__ = ("_bins", "_bound", "_found", "_home", "_home_outdated", "_inside", "_stood", "_tokens")

    def __init__(self, bins: Counts, count: int, inside: hashing.Words, bound: hashing.Words) -> None:
        self._bins, self._inside, self._bound = bins, inside, bound
        self._tokens = self._found = self._home_outdated = self._count(bins, count)
        self._home: tuple[int, int] | None = None  # where it was asked for first
        self._stood: tuple[int, int] | None = None  # where it was asked for last

    def outdated(self, head: int, base: int) -> Counts:
        """How many tokens of each bin are outdated where the chunk begins at base. head: the page's hash before it."""
        stood = head, base
        if stood != self._stood:
            self._found, self._stood = self._compared(stood), stood
        return self._found

    def _compared(self, stood: tuple[int, int]) -> Counts:
        if stood == self._home:
            return self._home_outdated
        if not len(self._inside):
            return self._tokens
        head, base = stood
        current = self._inside * np.uint64(hashing.power(base)) + np.uint64(head) == self._bound
        outdated = self._tokens - self._count(self._bins[current], len(self._tokens))
        if self._home is None:
            self._home, self._home_outdated = stood, outdated
            self._bins, self._inside, self._bound = self._bins[~current], self._inside[~current], self._bound[~current]
        return outdated

    @staticmethod
    def _count(bins: Counts, count: int) -> Counts:
        return np.bincount(bins, minlength=count).astype(np.int64)
