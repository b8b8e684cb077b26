"""Where something was found on the page, and how that moves when the page changes. As arrays: a million hits follow a
change as fast as one. Positions are UTF-16 units. No Qt."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from desktop.page.edit import Change
from desktop.page.offset_map import OffsetMap, Positions


@dataclass(slots=True, eq=False)
class Hits:
    """starts, ends: ascending, none upon another. numbers: which each was, of those that were found together."""

    starts: Positions
    ends: Positions
    numbers: Positions

    @classmethod
    def of(cls, starts: Positions, ends: Positions) -> "Hits":
        return cls(starts, ends, np.arange(len(starts)))

    @classmethod
    def none(cls) -> "Hits":
        return cls.of(np.zeros(0, np.int64), np.zeros(0, np.int64))

    def __len__(self) -> int:
        return len(self.starts)

    def span(self, place: int) -> tuple[int, int]:
        return int(self.starts[place]), int(self.ends[place])

    def behind(self, position: int) -> int:
        """The place of the first that starts there or behind it."""
        return int(self.starts.searchsorted(position))

    def at(self, position: int) -> int | None:
        """The place of the one that starts there."""
        place = self.behind(position)
        return place if place < len(self) and self.starts[place] == position else None

    def reaching_into(self, start: int, end: int) -> list[tuple[int, int]]:
        """Those that reach into [start, end)."""
        low, high = int(self.ends.searchsorted(start, "right")), int(self.starts.searchsorted(end))
        return list(zip(self.starts[low:high].tolist(), self.ends[low:high].tolist(), strict=True))

    def follow(self, change: Change, whole: bool = False) -> None:
        """Move with a change of the page; a hit that it touched is none any more. whole: of whole words, which what
        comes right beside them touches too."""
        if change.places is not None:
            self._follow_places(change.places)
            return
        start, end, beside = change.start, change.start + change.removed, int(whole)
        first = int(self.ends.searchsorted(start - beside, "right"))
        last = max(first, int(self.starts.searchsorted(end + beside)))
        if last > first:
            self.retain(np.r_[0:first, last : len(self)])
        self.starts[first:] += change.units - change.removed
        self.ends[first:] += change.units - change.removed

    def retain(self, which: np.ndarray[Any, Any]) -> None:
        """Those alone, by their places or as a mask."""
        self.starts, self.ends, self.numbers = self.starts[which], self.ends[which], self.numbers[which]

    def _follow_places(self, places: OffsetMap) -> None:
        self.retain(places.unchanged(self.starts, self.ends))
        lengths = self.ends - self.starts
        self.starts = places.moved(self.starts)
        self.ends = self.starts + lengths


def moved(position: int, change: Change, along: bool = True) -> int:
    """Where a place stands after a change; one inside what gave way, where that was. along: what comes in just there
    comes before it."""
    if change.places is not None:
        return change.places.after(position, along)
    end = change.start + change.removed
    if position > end or (position == end and (along or change.removed)):
        return position + change.units - change.removed
    return min(position, change.start)
