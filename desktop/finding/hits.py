"""The hits of a search on the page; they move when the page changes.

Positions are UTF-16 units, in arrays: a million hits follow a change as fast as one. No Qt.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from desktop.page.edit import Change
from desktop.page.offset_map import OffsetMap, Positions


@dataclass(slots=True, eq=False)
class Hits:
    """The hits, first to last. starts, ends: positions, ascending, not overlapping. numbers: the index of
    each hit among all that the search found."""

    starts: Positions
    ends: Positions
    numbers: Positions

    @classmethod
    def of(cls, starts: Positions, ends: Positions) -> "Hits":
        """All hits of a search."""
        return cls(starts, ends, np.arange(len(starts)))

    @classmethod
    def none(cls) -> "Hits":
        """No hits."""
        return cls.of(np.zeros(0, np.int64), np.zeros(0, np.int64))

    def __len__(self) -> int:
        return len(self.starts)

    def span(self, index: int) -> tuple[int, int]:
        """Start and end of a hit."""
        return int(self.starts[index]), int(self.ends[index])

    def behind(self, position: int) -> int:
        """The index of the first hit that starts at a position or behind it."""
        return int(self.starts.searchsorted(position))

    def at(self, position: int) -> int | None:
        """The index of the hit that starts at a position, or None."""
        index = self.behind(position)
        return index if index < len(self) and self.starts[index] == position else None

    def reaching_into(self, start: int, end: int) -> list[tuple[int, int]]:
        """Start and end of every hit that overlaps [start, end)."""
        low, high = int(self.ends.searchsorted(start, "right")), int(self.starts.searchsorted(end))
        return list(zip(self.starts[low:high].tolist(), self.ends[low:high].tolist(), strict=True))

    def follow(self, change: Change, whole_words: bool = False) -> None:
        """Move with a change of the page, and drop hits that it touched. whole_words: text inserted right beside a hit
        touches it, too."""
        if change.places is not None:
            self._follow_places(change.places)
            return
        start, end, beside = change.start, change.start + change.removed, int(whole_words)
        first = int(self.ends.searchsorted(start - beside, "right"))
        last = max(first, int(self.starts.searchsorted(end + beside)))
        if last > first:
            self.retain(np.r_[0:first, last : len(self)])
        self.starts[first:] += change.units - change.removed
        self.ends[first:] += change.units - change.removed

    def retain(self, which: np.ndarray[Any, Any]) -> None:
        """Drop all other hits. which: indexes or a mask."""
        self.starts, self.ends, self.numbers = self.starts[which], self.ends[which], self.numbers[which]

    def _follow_places(self, places: OffsetMap) -> None:
        self.retain(places.unchanged(self.starts, self.ends))
        lengths = self.ends - self.starts
        self.starts = places.moved(self.starts)
        self.ends = self.starts + lengths
