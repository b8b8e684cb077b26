"""The coin: draws a number in [0, 1) for each token, and finds the candidate whose interval of the strip holds it.

The number depends only on (seed, take, index, stream), so any flip can be repeated and shown. Extra flips of a coin
draw from streams of their own. The strip from 0 to 1 holds the HEAD most likely candidates first, most likely first,
then all others by id; it does not depend on how many alternatives are shown.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np

HEAD = 50  # never change it: another layout of the strip would give another text for the same seed
BLOCK = 1024  # candidates; the rest of the strip is searched block by block

Stream = Literal[0, 1, 2, 3]
TOKEN: Stream = 0  # which token
GATE: Stream = 1  # whether XTC strikes
EXTRA: Stream = 2  # which token, of an extra flip that writes nothing
EXTRA_GATE: Stream = 3  # whether XTC strikes then

_WORD = 2**64
Weights = np.ndarray[tuple[int], np.dtype[np.float32]]
Edges = np.ndarray[tuple[int], np.dtype[np.float64]]
Indices = np.ndarray[tuple[int], np.dtype[np.intp]]
Ids = np.ndarray[tuple[int], np.dtype[np.int32]]
Numbers = np.ndarray[tuple[int], np.dtype[np.float64]]  # drawn, in [0, 1)


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
    counter = index % _WORD | retry % _WORD << 64 | stream << 192
    return float(_numbers(seed, take, counter, 1)[0])


def extra_draws(seed: int, take: int, place: int, first: int, count: int, stream: Stream = EXTRA) -> Numbers:
    """The numbers in [0, 1) of `count` extra flips at one place, from flip `first` on, float64[count].

    As `draw`, with counter (flip, place, 0, stream): no generation draws any of them. place: names the place, modulo
    2**64.
    """
    counter = first % _WORD | place % _WORD << 64 | stream << 192
    return _numbers(seed, take, counter, count)


def draws(seed: int, take: int, first: int, count: int, stream: Stream = TOKEN) -> list[float]:
    """What `draw` gives for `count` tokens from index `first` on, at the cost of one."""
    return _numbers(seed, take, first % _WORD | stream << 192, count).tolist()


def _numbers(seed: int, take: int, counter: int, count: int) -> Numbers:
    words = np.random.Philox(key=_key(seed, take), counter=counter).random_raw(4 * count)  # a block has four words
    return np.multiply(words[::4] >> np.uint64(11), 2.0**-53, dtype=np.float64)


def _key(seed: int, take: int) -> int:
    return seed % _WORD | take % _WORD << 64


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
        edges = self._edges_of_head()
        if u >= edges[-1]:
            return self._pick_after_head(u, float(edges[-1]))
        at = int(np.searchsorted(edges, u, side="right"))
        return self._flip(int(self.head[at]), float(edges[at - 1]) if at else 0.0, float(edges[at]))

    def pick_each(self, numbers: Numbers) -> Ids:
        """The tokens that `pick` gives for each of these numbers, int32[numbers]."""
        edges = self._edges_of_head()
        found, behind = np.empty(len(numbers), np.intp), numbers >= edges[-1]
        found[~behind] = self.head[np.searchsorted(edges, numbers[~behind], side="right")]
        if behind.any():
            found[behind] = self._each_after_head(numbers[behind], float(edges[-1]))
        return (found if self.ids is None else self.ids[found]).astype(np.int32)

    def _edges_of_head(self) -> Edges:
        return np.cumsum(self.weights[self.head], dtype=np.float64) / self.total

    def _pick_after_head(self, u: float, start: float) -> Flip:
        """`pick` for a u at or after `start`, where the head ends."""
        tail = self._tail()
        edges = tail.edges
        if edges[-1] <= 0:  # rounding left a gap after the head: it goes to the last candidate with a weight above 0
            return self._last_of_head(u)
        goal = (u - start) * self.total
        block = int(_interval_at(edges, goal))
        inner = tail.inner(block)
        at = int(_interval_at(inner, goal))
        low = start + float(inner[at - 1] if at else edges[block] - tail.sums[block]) / self.total
        high = 1.0 if not (inner[-1] > inner[at] or edges[-1] > edges[block]) else start + float(inner[at]) / self.total
        return self._flip(block * BLOCK + at, min(low, u), max(high, float(np.nextafter(u, 1))))

    def _each_after_head(self, numbers: Numbers, start: float) -> Indices:
        """The indices of the candidates that `_pick_after_head` finds for each."""
        tail = self._tail()
        if tail.edges[-1] <= 0:
            return np.full(len(numbers), self.head[self._last_in_head()])
        goals = (numbers - start) * self.total
        blocks = _interval_at(tail.edges, goals)
        found = np.empty(len(numbers), np.intp)
        for block in np.unique(blocks).tolist():
            here = blocks == block
            found[here] = block * BLOCK + _interval_at(tail.inner(block), goals[here])
        return found

    def _tail(self) -> "_Tail":
        weights = self.weights.copy()
        weights[self.head] = 0
        if self.hidden is not None:
            weights[self.hidden] = 0
        sums = np.add.reduceat(weights, np.arange(0, len(weights), BLOCK)).astype(np.float64)
        return _Tail(weights, sums, np.cumsum(sums))

    def _last_of_head(self, u: float) -> Flip:
        at = self._last_in_head()
        low = float(self.weights[self.head[:at]].astype(np.float64).sum()) / self.total
        return self._flip(int(self.head[at]), min(u, low), 1.0)

    def _last_in_head(self) -> int:
        return int(np.flatnonzero(self.weights[self.head])[-1])

    def _flip(self, index: int, low: float, high: float) -> Flip:
        return Flip(index if self.ids is None else int(self.ids[index]), low, high)


@dataclass(frozen=True, slots=True)
class _Tail:
    """What is on the strip behind the head. weights: float32[candidates], 0 for the others. sums, edges: of its blocks,
    float64: the weight of each, and of all up to its end."""

    weights: Weights
    sums: Edges
    edges: Edges

    def inner(self, block: int) -> Edges:
        """The weight of the tail up to the end of each candidate in the block."""
        inside = self.weights[block * BLOCK : (block + 1) * BLOCK]
        return self.edges[block] - self.sums[block] + np.cumsum(inside, dtype=np.float64)


def _interval_at(edges: Edges, goals: float | Numbers) -> Indices:
    """Index of the first edge above each goal. Where rounding put it past all edges: of the last non-empty interval."""
    return np.searchsorted(edges, np.minimum(goals, np.nextafter(edges[-1], -1)), side="right")
