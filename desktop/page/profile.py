"""The surprisal of a chunk in bins of some units: small enough to be held for every chunk of a page. Pure."""

import math
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

from desktop.page.hashing import Words
from desktop.page.outdated import Bindings, Counts
from desktop.page.token_table import UNREAD, Flags, TokenRows

BIN = 32  # units: some eight tokens

Floats: TypeAlias = np.ndarray[Any, np.dtype[np.float64]]


@dataclass(frozen=True, slots=True)
class Total:
    """The sum over tokens whose odds are known. bits: of surprisal. outdated: tokens that were read before the text
    before them changed; they are in the other numbers."""

    bits: float = 0.0
    tokens: int = 0
    outdated: int = 0

    def __add__(self, other: "Total") -> "Total":
        return Total(self.bits + other.bits, self.tokens + other.tokens, self.outdated + other.outdated)


@dataclass(frozen=True, slots=True, eq=False)
class Profile:
    """bits, tokens: of the tokens whose runs start in each bin; total: of all, none of them outdated. bindings: tell
    which are."""

    bits: Floats
    tokens: Counts
    total: Total
    bindings: Bindings


def profile_of(rows: TokenRows, units: int, inside: Words) -> Profile:
    """The profile of a chunk of that many units. rows: all of its rows, starts from the chunk's beginning. inside: the
    hash of what stands before each in the chunk."""
    bits, there = known(rows)
    rows, inside, bits = rows[there], inside[there], bits[there]
    starts = rows["start"].astype(np.int64)
    count = max(1, -(-units // BIN))
    bins = np.minimum(starts // BIN, count - 1)  # a run without text may stand at the end
    summed = np.bincount(bins, bits, count).astype(np.float64)
    counted = np.bincount(bins, minlength=count).astype(np.int64)
    bindings = Bindings(bins, count, inside, rows["bound"].copy())
    return Profile(summed, counted, Total(float(bits.sum()), len(bits)), bindings)


def total_of(rows: TokenRows, stale: Flags) -> Total:
    """The total of these rows. stale: of each, as Page.stale."""
    bits, there = known(rows)
    return Total(float(bits[there].sum()), int(there.sum()), int(stale[there].sum()))


def known(rows: TokenRows) -> tuple[Floats, Flags]:
    """The bits of each token, and whether they are known."""
    bits = rows["raw"].astype(np.float64) / -math.log(2)
    there = (rows["kind"] != UNREAD) & (bits > -math.inf)  # neither NaN nor nonsense of a damaged file
    return bits, there
