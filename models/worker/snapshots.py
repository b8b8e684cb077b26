"""Snapshots of a model's state, for models that cannot drop a part of what they read (recurrent and hybrid ones).

Such a model goes back to a place by the state that it had there. States are large, so they are kept within a budget.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

State: TypeAlias = np.ndarray[tuple[int], np.dtype[np.uint8]]


@dataclass(frozen=True, slots=True)
class _Snapshot:
    state: State
    starting_point: bool


class Snapshots:
    """States by the number of tokens that were read. budget: bytes that they take together.

    Where they would take more, borders of chunks go before starting points of generations, and old ones before new
    ones.
    """

    def __init__(self, budget: int) -> None:
        self._budget = budget
        self._found: dict[int, _Snapshot] = {}  # the one used last at the end
        self.bytes = 0

    def __iter__(self) -> Iterator[int]:
        """The numbers of tokens, the one used longest ago first."""
        return iter(self._found)

    def save(self, tokens: int, state: State, *, starting_point: bool = False) -> None:
        """Keep the state behind so many tokens. A state larger than the whole budget is not kept."""
        former = self._drop(tokens)
        if state.nbytes > self._budget:
            return
        starting_point = starting_point or bool(former and former.starting_point)
        self._found[tokens] = _Snapshot(state, starting_point)
        self.bytes += state.nbytes
        while self.bytes > self._budget:
            self._drop(self._least_wanted())

    def state(self, tokens: int) -> State:
        """The state behind so many tokens, which counts as used now. KeyError where there is none."""
        snapshot = self._found[tokens] = self._found.pop(tokens)
        return snapshot.state

    def nearest(self, tokens: int, chunk: int) -> int:
        """The place to go back to for the first `tokens`: just there, or the last border of a chunk that is kept, or a
        starting point where that saves the reading of a whole chunk or more; 0 where nothing is kept.
        """
        if tokens in self._found:
            return tokens
        places = [place for place in self._found if place <= tokens]
        border = max((place for place in places if place % chunk == 0), default=0)
        return max((place for place in places if place >= border + chunk), default=border)

    def truncate(self, tokens: int) -> None:
        """Forget the states behind more tokens than that."""
        for place in [place for place in self._found if place > tokens]:
            self._drop(place)

    def _drop(self, tokens: int) -> _Snapshot | None:
        snapshot = self._found.pop(tokens, None)
        self.bytes -= snapshot.state.nbytes if snapshot else 0
        return snapshot

    def _least_wanted(self) -> int:
        newest = next(reversed(self._found))
        older = [place for place in self._found if place != newest]
        borders = (place for place in older if not self._found[place].starting_point)
        return next(borders, next(iter(older), newest))
