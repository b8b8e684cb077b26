"""Places the ids of the tokens of a line below it, in rows, so that none covers another. No Qt.

An id is often wider than its token. So neighbours take different rows, an id may move a little to the right of where
its token begins, and one that finds no room is left out: a mark shows that.
"""

from collections.abc import Sequence
from dataclasses import dataclass

GAP = 3.0  # pixels between two ids of a row
HIDDEN = -1  # the row of an id that has no room


@dataclass(frozen=True, slots=True)
class Wanted:
    """An id of a token whose box is at [left, right) of the line. width: of the id. All in pixels."""

    left: float
    right: float
    width: float


@dataclass(frozen=True, slots=True)
class Placed:
    """The row of an id, 0 at the top, and where it begins; HIDDEN where it has no room."""

    row: int
    left: float


def place(ids: Sequence[Wanted], rows: int, end: float) -> list[Placed]:
    """Place the ids of one line, ordered by where their boxes begin. end: where a row ends, in pixels."""
    free = [float("-inf")] * rows  # where each row's free part begins
    placed: list[Placed] = []
    for one in ids:
        row, left = _best(one, free, end)
        if row != HIDDEN:
            free[row] = left + one.width + GAP
        placed.append(Placed(row, left))
    return placed


def _best(one: Wanted, free: Sequence[float], end: float) -> tuple[int, float]:
    """The row for the id, and where it begins: the first row where it stands as wanted or below its box alone, else the
    first where it begins below its box."""
    wanted = min(one.left, end - one.width)  # the last id of a line ends with the row
    worse: tuple[int, float] = HIDDEN, one.left
    for row, begins in enumerate(free):
        left = max(wanted, begins)
        if left == wanted or left + one.width <= one.right:
            return row, left
        if worse[0] == HIDDEN and left < one.right and left + one.width <= end:
            worse = row, left
    return worse
