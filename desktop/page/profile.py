"""The surprisal of a chunk in bins of some units: small enough to be held for every chunk of a page. Pure."""

import math
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

from desktop.page.token_table import UNREAD, TokenRows

BIN = 32  # units: some eight tokens

Floats: TypeAlias = np.ndarray[Any, np.dtype[np.float64]]
Counts: TypeAlias = np.ndarray[Any, np.dtype[np.int64]]


@dataclass(frozen=True, slots=True)
class Total:
    """The sum over tokens whose odds are known. bits: of surprisal."""

    bits: float = 0.0
    tokens: int = 0

    def __add__(self, other: "Total") -> "Total":
        return Total(self.bits + other.bits, self.tokens + other.tokens)


@dataclass(frozen=True, slots=True, eq=False)
class Profile:
    """bits, tokens: of the tokens whose runs start in each bin; total: of all."""

    bits: Floats
    tokens: Counts
    total: Total


def profile_of(rows: TokenRows, units: int) -> Profile:
    """The profile of a chunk of that many units. rows: all of its rows, starts from the chunk's beginning."""
    starts, bits = known(rows)
    count = max(1, -(-units // BIN))
    bins = np.minimum(starts // BIN, count - 1)  # a run without text may stand at the end
    summed = np.bincount(bins, bits, count).astype(np.float64)
    counted = np.bincount(bins, minlength=count).astype(np.int64)
    return Profile(summed, counted, Total(float(bits.sum()), len(bits)))


def total_of(rows: TokenRows) -> Total:
    """The total of these rows."""
    _, bits = known(rows)
    return Total(float(bits.sum()), len(bits))


def known(rows: TokenRows) -> tuple[Counts, Floats]:
    """The start of the run and the bits of each token whose odds are known."""
    bits = rows["raw"].astype(np.float64) / -math.log(2)
    there = (rows["kind"] != UNREAD) & (bits > -math.inf)  # neither NaN nor nonsense of a damaged file
    return rows["start"][there].astype(np.int64), bits[there]
