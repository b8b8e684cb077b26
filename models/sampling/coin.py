"""The coin: draws a number in [0, 1) for each token, and finds the candidate whose interval of the strip holds it.

The number depends only on (seed, take, index, stream), so any flip can be repeated and shown. The strip from 0 to 1
holds the HEAD most likely candidates first, most likely first, then all others by id; it does not depend on how many
alternatives are shown.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np

HEAD = 50  # never change it: another layout of the strip would give another text for the same seed
BLOCK = 1024  # candidates; the rest of the strip is searched block by block

Stream = Literal[0, 1]
TOKEN: Stream = 0  # which token
GATE: Stream = 1  # whether XTC strikes

_WORD = 2**64
Weights = np.ndarray[tuple[int], np.dtype[np.float32]]
Edges = np.ndarray[tuple[int], np.dtype[np.float64]]
Indices = np.ndarray[tuple[int], np.dtype[np.intp]]
Ids = np.ndarray[tuple[int], np.dtype[np.int32]]


@dataclass(frozen=True, slots=True)
class Retry:
    """Which draw at its place chose a token: number counts those before it, whose tokens were taken back because a
    banned string began with them. banned: the tokens that were therefore kept from being drawn.
    """

    number: int = 0
    banned: tuple[int, ...] = ()


FIRST_TRY = Retry()


def draw(seed: int, take: int, index: int, stream: Stream = TOKEN, retry: int = 0) -> float:
    """The number in [0, 1) for token `index` of a take, a multiple of 2**-53. retry: see Retry.number.

    Philox4x64-10 (Salmon et al., SC 2011) with key (seed, take) and counter (index, retry, 0, stream). Numbers outside
    0 … 2**64 - 1, negative ones too, are taken modulo 2**64.
    """
    key = seed % _WORD | take % _WORD << 64
    counter = index % _WORD | retry % _WORD << 64 | stream << 192
    return (int(np.random.Philox(key=key, counter=counter).random_raw()) >> 11) * 2.0**-53


@dataclass(frozen=True, slots=True)
class Flip:
    """The result of one flip: the token, and its interval [low, high) of the strip."""

    token: int
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Strip:
    """The candidates, laid out from 0 to 1 in proportion to their weights.

    weights: float32[candidates] in order of id, at least one above 0. ids: the id of each, ascending; None where a
    weight's index is its id. hidden: indices that are not on the strip, whatever their weight. total: the sum of the
    weights not hidden. head: indices of the HEAD heaviest of those, heaviest first, ties by id.
    """

    weights: Weights
    total: float
    head: Indices
    ids: Ids | None = None
    hidden: Indices | None = None

    def pick(self, u: float) -> Flip:
        """The candidate whose interval holds u, a number in [0, 1)."""
        edges = np.cumsum(self.weights[self.head], dtype=np.float64) / self.total
        if u >= edges[-1]:
            return self._pick_after_head(u, float(edges[-1]))
        at = int(np.searchsorted(edges, u, side="right"))
        return self._flip(int(self.head[at]), float(edges[at - 1]) if at else 0.0, float(edges[at]))

    def _pick_after_head(self, u: float, start: float) -> Flip:
        """The same for a u at or after `start`, where the head ends."""
        weights = self.weights.copy()
        weights[self.head] = 0
        if self.hidden is not None:
            weights[self.hidden] = 0
        sums = np.add.reduceat(weights, np.arange(0, len(weights), BLOCK)).astype(np.float64)
        edges = np.cumsum(sums)
        if edges[-1] <= 0:  # rounding left a gap after the head: it goes to the last candidate with a weight above 0
            return self._last_of_head(u)
        goal = (u - start) * self.total
        block = _interval_at(edges, goal)
        inner = edges[block] - sums[block] + np.cumsum(weights[block * BLOCK : (block + 1) * BLOCK], dtype=np.float64)
        at = _interval_at(inner, goal)
        low = start + float(inner[at - 1] if at else edges[block] - sums[block]) / self.total
        high = 1.0 if not (inner[-1] > inner[at] or edges[-1] > edges[block]) else start + float(inner[at]) / self.total
        return self._flip(block * BLOCK + at, min(low, u), max(high, float(np.nextafter(u, 1))))

    def _last_of_head(self, u: float) -> Flip:
        weights = self.weights[self.head].astype(np.float64)
        at = int(np.flatnonzero(weights)[-1])
        return self._flip(int(self.head[at]), min(u, float(weights[:at].sum()) / self.total), 1.0)

    def _flip(self, index: int, low: float, high: float) -> Flip:
        return Flip(index if self.ids is None else int(self.ids[index]), low, high)


def _interval_at(edges: Edges, goal: float) -> int:
    """Index of the first edge above goal. Where rounding put goal past all edges: of the last non-empty interval."""
    return int(np.searchsorted(edges, min(goal, float(np.nextafter(edges[-1], -1))), side="right"))
