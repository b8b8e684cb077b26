"""Converts positions between the view and the page.

Qt lays out a whole block at every change of it, so a long paragraph of the page is shown as several blocks. The
separators between them, the soft breaks, stand in the view only. For a moment after a large text was put on the page,
the view holds only a part of the page. Positions are UTF-16 units. No Qt.
"""

import numpy as np
from numpy.typing import NDArray

Positions = NDArray[np.int64]


class SoftBreaks:
    """The view positions of the separators that the page does not have, ascending.

    first, last: the view holds [first, last) of the page. A page position outside converts to the nearer end of the
    view."""

    def __init__(self) -> None:
        self._at: Positions = np.zeros(0, np.int64)
        self.first = 0
        self.last = 0

    def __len__(self) -> int:
        return len(self._at)

    @property
    def positions(self) -> Positions:
        """View positions of all soft breaks (a copy)."""
        return self._at.copy()

    def page(self, view: int) -> int:
        """The page position of a view position; both sides of a soft break are the same page position."""
        return self.first + view - self._before(view)

    def holds(self, page: int) -> bool:
        """Whether the view holds this page position (both ends of the held part included)."""
        return self.first <= page <= self.last

    def view(self, page: int, *, after: bool = True) -> int:
        """The view position of a page position. after: the side behind a soft break that stands there, else the side
        before it."""
        held = min(max(page, self.first), self.last) - self.first
        in_page = self._at - np.arange(len(self._at))
        return held + int(in_page.searchsorted(np.int64(held), "right" if after else "left"))

    def views(self, pages: Positions, *, after: bool) -> Positions:
        """As `view`, for an array of positions."""
        held = pages.astype(np.int64).clip(self.first, self.last) - self.first
        in_page = self._at - np.arange(len(self._at))
        return held + in_page.searchsorted(held, "right" if after else "left")

    def count(self, start: int, end: int) -> int:
        """How many soft breaks stand in [start, end) of the view."""
        return self._before(end) - self._before(start)

    def within(self, start: int, end: int) -> Positions:
        """The soft breaks in [start, end) of the view, relative to start."""
        return self._at[self._before(start) : self._before(end)] - start

    def at(self, view: int) -> bool:
        """Whether the character at this view position is a soft break."""
        return self.count(view, view + 1) == 1

    def replaced(self, start: int, removed: int, added: int) -> None:
        """Follow a change of the view: `removed` units were replaced by `added` ones without a soft break. Soft breaks
        inside are dropped, those behind move."""
        first, last = self._before(start), self._before(start + removed)
        self._at = np.concatenate([self._at[:first], self._at[last:] + (added - removed)])

    def clear(self) -> None:
        """Drop all soft breaks."""
        self._at = np.zeros(0, np.int64)

    def add(self, positions: Positions) -> None:
        """Record that the characters at these view positions are soft breaks. They are ascending, the view counts them
        already, and no other soft break stands between them."""
        if len(positions):
            self._at = np.insert(self._at, self._before(int(positions[0])), positions)

    def make_room(self, cuts: Positions) -> Positions:
        """Follow the insertion of soft breaks before these view positions (ascending, as they were before it). Returns
        the positions of the new soft breaks."""
        added = self._at.searchsorted(cuts, "left")
        moved = self._at + cuts.searchsorted(self._at, "right")
        placed = cuts + np.arange(len(cuts))
        self._at = np.insert(moved, added, placed)
        return placed

    def _before(self, view: int) -> int:
        return int(self._at.searchsorted(np.int64(view), "left"))
