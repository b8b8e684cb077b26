"""Many small changes of one stretch of text, as arrays: where each thing in it stands afterwards.

Knows nothing of text or chunks.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

Positions: TypeAlias = np.ndarray[Any, np.dtype[np.int64]]


@dataclass(frozen=True, slots=True, eq=False)
class OffsetMap:
    """starts, ends: what gives way, ascending, none upon another, as counted before any of them. gained: how many units
    longer the text is for all before each, and for all of them: one number more."""

    starts: Positions
    ends: Positions
    gained: Positions

    @classmethod
    def of(cls, changes: Sequence[tuple[int, int, int]]) -> "OffsetMap":
        """Of (start, removed, inserted)."""
        table = np.array(changes, np.int64).reshape(-1, 3)
        gained = np.concatenate([np.zeros(1, np.int64), np.cumsum(table[:, 2] - table[:, 1])])
        return cls(table[:, 0], table[:, 0] + table[:, 1], gained)

    def after(self, position: int, along: bool = True) -> int:
        """Where a position stands afterwards; one inside what goes, where that was. along: what comes in just there
        comes before it."""
        before = int(self.ends.searchsorted(position, "right") if along else self.starts.searchsorted(position))
        around = before if along else before - 1
        if 0 <= around < len(self.starts) and self.starts[around] < position < self.ends[around]:
            return int(self.starts[around] + self.gained[around])
        return int(position + self.gained[before])

    def touched(self, start: int, end: int) -> bool:
        """Whether [start, end) is not as it was, or something came into it."""
        return not bool(self.leave(np.array([start], np.int64), np.array([end], np.int64))[0])

    def leave(self, starts: Positions, ends: Positions) -> np.ndarray[Any, np.dtype[np.bool_]]:
        """Of each range: whether it stays whole."""
        next_ = self.ends.searchsorted(starts, "right")
        last = len(self.starts) - 1
        return (next_ > last) | (self.starts[np.minimum(next_, last)] >= ends)

    def moved(self, starts: Positions) -> Positions:
        """Where ranges that stay whole start afterwards."""
        return starts + self.gained[self.ends.searchsorted(starts, "right")]
