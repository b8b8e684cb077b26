"""The colours of surprise on paper, as in an exported page: a snapshot, since the page may change meanwhile."""

import math

import numpy as np
from PySide6.QtGui import QColor

from desktop.exporting.printing import Tint, Tints
from desktop.page.page import Page
from desktop.page.surprisal import shades, strength
from desktop.page.token_table import UNREAD
from resources.colours import LIGHT

MOST = 20_000  # tokens; the readings of a longer page would take too long to look up at once
_WARM = QColor(LIGHT.heat)


def tints(page: Page) -> Tints:
    """What stands on a coloured ground; nothing on a page of more than MOST tokens."""
    rows = page.tokens(0, page.length if page.token_count <= MOST else 0)
    rows = rows[rows["kind"] != UNREAD]
    if not len(rows):
        return lambda _start, _end: []
    first = np.flatnonzero(rows["part"] == 0)  # a run is coloured as one
    bits = -np.add.reduceat(rows["raw"].astype(np.float64), first) / math.log(2)
    starts = rows["start"][first].astype(np.int64)
    ends = starts + rows["length"][first]
    grounds = [_ground(one) for one in shades(bits).tolist()]

    def of_range(start: int, end: int) -> list[Tint]:
        low, high = int(ends.searchsorted(start, "right")), int(starts.searchsorted(end, "left"))
        return [
            (max(start, int(starts[place])), min(end, int(ends[place])), ground)
            for place in range(low, high)
            if (ground := grounds[place]) is not None
        ]

    return of_range


def _ground(step: int) -> QColor | None:
    """The colour on white paper; None for what was expected."""
    if not step:
        return None
    share = strength(step)
    parts = (_WARM.red(), _WARM.green(), _WARM.blue())
    return QColor(*(round(255 + (part - 255) * share) for part in parts))
