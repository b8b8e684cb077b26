"""Maps positions in a text to positions after many small changes of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

Positions: TypeAlias = np.ndarray[Any, np.dtype[np.int64]]


@dataclass(frozen=True, slots=True, eq=False)
class OffsetMap:
    """Many changes of one text. starts, ends: the ranges replaced, ascending, without overlaps, in positions before any
    change. gained: the units added by all changes before each, and by all of them; one number more. In UTF-16 units."""

    starts: Positions
    ends: Positions
    gained: Positions

    @classmethod
    def of(cls, changes: Sequence[tuple[int, int, int]]) -> "OffsetMap":
        """From (start, units removed, units inserted)."""
        table = np.array(changes, np.int64).reshape(-1, 3)
        gained = np.concatenate([np.zeros(1, np.int64), np.cumsum(table[:, 2] - table[:, 1])])
        return cls(table[:, 0], table[:, 0] + table[:, 1], gained)

    def after(self, position: int, along: bool = True) -> int:
        """A position after the changes; one inside what is removed goes to its start. along: an insertion exactly there
        pushes it right."""
        before = int(self.ends.searchsorted(position, "right") if along else self.starts.searchsorted(position))
        around = before if along else before - 1
        if 0 <= around < len(self.starts) and self.starts[around] < position < self.ends[around]:
            return int(self.starts[around] + self.gained[around])
        return int(position + self.gained[before])

    def touched(self, start: int, end: int) -> bool:
        """Whether a change removes part of [start, end) or inserts into it."""
        return not bool(self.unchanged(np.array([start], np.int64), np.array([end], np.int64))[0])

    def unchanged(self, starts: Positions, ends: Positions) -> np.ndarray[Any, np.dtype[np.bool_]]:
        """For each range: whether no change touches it."""
        next_ = self.ends.searchsorted(starts, "right")
        last = len(self.starts) - 1
        return (next_ > last) | (self.starts[np.minimum(next_, last)] >= ends)

    def moved(self, starts: Positions) -> Positions:
        """Where unchanged ranges start after the changes."""
        return starts + self.gained[self.ends.searchsorted(starts, "right")]
