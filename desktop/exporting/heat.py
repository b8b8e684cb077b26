"""The background colours of surprising tokens on paper. Taken from a snapshot, since the page may change meanwhile."""

import math

import numpy as np
from PySide6.QtGui import QColor

from desktop.exporting.printing import Tint, Tints
from desktop.page.page import Page
from desktop.page.surprisal import shades, strength
from desktop.page.token_table import UNREAD
from resources.colours import LIGHT

MOST = 20_000  # tokens of a page that is coloured; the rows of more would take too long at once
_WARM = QColor(LIGHT.heat)


def tints(page: Page) -> Tints:
    """The coloured ranges of a page; none on a page of more than MOST tokens."""
    rows = page.tokens(0, page.length if page.token_count <= MOST else 0)
    rows = rows[rows["kind"] != UNREAD]
    if not len(rows):
        return lambda _start, _end: []
    first = np.flatnonzero(rows["part"] == 0)  # all tokens of a run have one colour
    bits = -np.add.reduceat(rows["raw"].astype(np.float64), first) / math.log(2)
    starts = rows["start"][first].astype(np.int64)
    ends = starts + rows["length"][first]
    colours = [_colour(one) for one in shades(bits).tolist()]

    def of_range(start: int, end: int) -> list[Tint]:
        low, high = int(ends.searchsorted(start, "right")), int(starts.searchsorted(end, "left"))
        return [
            (max(start, int(starts[place])), min(end, int(ends[place])), colour)
            for place in range(low, high)
            if (colour := colours[place]) is not None
        ]

    return of_range


def _colour(step: int) -> QColor | None:
    """The colour of a shade on white paper; None for shade 0."""
    if not step:
        return None
    share = strength(step)
    parts = (_WARM.red(), _WARM.green(), _WARM.blue())
    return QColor(*(round(255 + (part - 255) * share) for part in parts))
