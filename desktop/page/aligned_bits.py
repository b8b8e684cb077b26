"""The bits that two models gave to the same characters, where their tokens do not begin and end at the same places.

A stretch of text between two neighbouring places where both have a token border is the least part that can be compared:
inside it, at least one of the two says nothing of its own. No Qt.
"""

import math
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

from desktop.page.token_table import TokenRows

Places: TypeAlias = np.ndarray[Any, np.dtype[np.int64]]
Bits: TypeAlias = np.ndarray[Any, np.dtype[np.float64]]


@dataclass(frozen=True, slots=True)
class Tokens:
    """Tokens of one model in a text, in order, without overlaps; there may be gaps between them. starts, ends: offsets
    in one unit (bytes, characters), the same for both models; each token has at least one. bits: the surprisal of each,
    −log2 of its probability given all text before it; NaN where it is not known."""

    starts: Places
    ends: Places
    bits: Bits

    @classmethod
    def of(cls, tokens: list[tuple[int, int, float]]) -> "Tokens":
        """(start, end, bits) of each token."""
        starts, ends, bits = zip(*tokens, strict=True) if tokens else ((), (), ())
        return cls(np.array(starts, np.int64), np.array(ends, np.int64), np.array(bits, np.float64))

    @classmethod
    def of_rows(cls, rows: TokenRows) -> "Tokens":
        """Those of a page or a layer (whole runs, in order): each run of tokens that spells whole characters is one
        here, in UTF-16 units."""
        firsts = np.flatnonzero(rows["part"] == 0)
        bits = -rows["raw"].astype(np.float64) / math.log(2)
        starts = rows["start"][firsts].astype(np.int64)
        summed = np.add.reduceat(bits, firsts) if len(firsts) else np.zeros(0)
        return cls(starts, starts + rows["length"][firsts], summed)


@dataclass(frozen=True, slots=True)
class Aligned:
    """Stretches of text in order: [starts, ends), and the bits that each model gave to all of its characters."""

    starts: Places
    ends: Places
    first: Bits
    second: Bits

    def at(self, offset: int) -> "tuple[int, int, float, float] | None":
        """(start, end, bits of the first, bits of the second) of the stretch that holds that offset; None where it lies
        in none."""
        place = int(self.ends.searchsorted(offset, "right"))
        if place == len(self.ends) or self.starts[place] > offset:
            return None
        return int(self.starts[place]), int(self.ends[place]), float(self.first[place]), float(self.second[place])


def align(first: Tokens, second: Tokens) -> Aligned:
    """The least stretches at whose ends both have a token border, and which the tokens of both cover whole.

    The bits of a stretch are a sum over its tokens, as the probability of a text is the product of its tokens'
    probabilities: log2 p(a b) = log2 p(a) + log2 p(b given a).
    """
    borders: Places = np.intersect1d(_borders(first), _borders(second))
    starts, ends = borders[:-1], borders[1:]
    whole = np.ones(len(starts), np.bool_)
    sums: list[Bits] = []
    for tokens in (first, second):
        low, high = tokens.starts.searchsorted(starts), tokens.starts.searchsorted(ends)
        covered = np.concatenate([[0], np.cumsum(tokens.ends - tokens.starts)])
        whole &= covered[high] - covered[low] == ends - starts
        sums.append(_sums(tokens.bits, low, high))
    return Aligned(starts[whole], ends[whole], sums[0][whole], sums[1][whole])


def _borders(tokens: Tokens) -> Places:
    return np.union1d(tokens.starts, tokens.ends)


def _sums(bits: Bits, low: Places, high: Places) -> Bits:
    """The sum of bits[low:high] for each pair; a sum is NaN only where one of its own numbers is."""
    known = np.nan_to_num(bits, nan=0.0, posinf=0.0)
    total, unknown, infinite = (
        np.concatenate([[0], np.cumsum(one)]) for one in (known, np.isnan(bits), np.isposinf(bits))
    )
    found: Bits = total[high] - total[low]
    found[infinite[high] > infinite[low]] = np.inf
    found[unknown[high] > unknown[low]] = np.nan
    return found
