"""The coin: a number in [0, 1) for every token, and the strip from 0 to 1 on which the candidates are laid out.

The number depends on nothing but (seed, take, index), so that any flip can be repeated and shown. The strip begins with
the HEAD most likely candidates, most likely first, and goes on with all others in the order of their ids; it never
depends on how many alternatives somebody wants to see. Knows nothing of logits, stages or models.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np

HEAD = 50  # fixed for ever: another number lays the strip out differently, and the same seed would give another text
BLOCK = 1024  # the rest of the strip is searched block by block

Stream = Literal[0, 1]
TOKEN: Stream = 0  # which token
GATE: Stream = 1  # whether XTC strikes

_WORD = 2**64
Weights = np.ndarray[tuple[int], np.dtype[np.float32]]
Edges = np.ndarray[tuple[int], np.dtype[np.float64]]
Indices = np.ndarray[tuple[int], np.dtype[np.intp]]
Ids = np.ndarray[tuple[int], np.dtype[np.int32]]


def draw(seed: int, take: int, index: int, stream: Stream = TOKEN) -> float:
    """The number in [0, 1) for token `index` of that take, a multiple of 2**-53.

    Philox4x64-10 (Salmon et al., SC 2011) with key (seed, take) and counter (index, 0, 0, stream). Numbers outside 0 …
    2**64 - 1, negative ones too, are taken modulo 2**64.
    """
    key = seed % _WORD | take % _WORD << 64
    counter = index % _WORD | stream << 192
    return (int(np.random.Philox(key=key, counter=counter).random_raw()) >> 11) * 2.0**-53


@dataclass(frozen=True, slots=True)
class Flip:
    """Where a coin fell: the token, and its interval [low, high) of the strip."""

    token: int
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Strip:
    """Candidates on the strip from 0 to 1.

    weights: float32 in order of id, at least one above 0; ids: the id of each, ascending; None where a weight's index
    is its id. hidden: indices that are not on the strip, whatever they weigh. total: the sum of the others. head:
    indices of the HEAD heaviest of the others, heaviest first, ties by id.
    """

    weights: Weights
    total: float
    head: Indices
    ids: Ids | None = None
    hidden: Indices | None = None

    def pick(self, u: float) -> Flip:
        """The candidate whose interval holds u."""
        edges = np.cumsum(self.weights[self.head], dtype=np.float64) / self.total
        if u >= edges[-1]:
            return self._pick_behind(u, float(edges[-1]))
        at = int(np.searchsorted(edges, u, side="right"))
        return self._fall(int(self.head[at]), float(edges[at - 1]) if at else 0.0, float(edges[at]))

    def _pick_behind(self, u: float, start: float) -> Flip:
        """The same for a u behind the head, which ends at `start`."""
        weights = self.weights.copy()
        weights[self.head] = 0
        if self.hidden is not None:
            weights[self.hidden] = 0
        sums = np.add.reduceat(weights, np.arange(0, len(weights), BLOCK)).astype(np.float64)
        edges = np.cumsum(sums)
        if edges[-1] <= 0:  # rounding alone left a gap behind the head: the last one that weighs anything takes it
            return self._last_of_head(u)
        goal = (u - start) * self.total
        block = _reached(edges, goal)
        inner = edges[block] - sums[block] + np.cumsum(weights[block * BLOCK : (block + 1) * BLOCK], dtype=np.float64)
        at = _reached(inner, goal)
        low = start + float(inner[at - 1] if at else edges[block] - sums[block]) / self.total
        high = 1.0 if not (inner[-1] > inner[at] or edges[-1] > edges[block]) else start + float(inner[at]) / self.total
        return self._fall(block * BLOCK + at, min(low, u), max(high, float(np.nextafter(u, 1))))

    def _last_of_head(self, u: float) -> Flip:
        weights = self.weights[self.head].astype(np.float64)
        at = int(np.flatnonzero(weights)[-1])
        return self._fall(int(self.head[at]), min(u, float(weights[:at].sum()) / self.total), 1.0)

    def _fall(self, index: int, low: float, high: float) -> Flip:
        return Flip(index if self.ids is None else int(self.ids[index]), low, high)


def _reached(edges: Edges, goal: float) -> int:
    """Index of the first edge above goal; of the last interval that is not empty where rounding put goal behind all."""
    return int(np.searchsorted(edges, min(goal, float(np.nextafter(edges[-1], -1))), side="right"))
