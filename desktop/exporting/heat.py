"""The background colours of a measure on paper. Taken from a snapshot, since the page may change meanwhile."""

from PySide6.QtGui import QColor

from desktop.exporting.printing import Tint, Tints
from desktop.page.bands import bands
from desktop.page.measures import Measure
from desktop.page.page import Page
from desktop.qt import shades
from resources.colours import LIGHT

MOST = 20_000  # tokens of a page that is coloured; the rows of more would take too long at once


def tints(page: Page, measure: Measure | None) -> Tints:
    """The coloured ranges of a page; none on a page of more than MOST tokens, or without a measure."""
    if measure is None or page.token_count > MOST:
        return lambda _start, _end: []
    found = bands(page, measure, 0, page.length)
    colours = [_on_white(shade) for shade in shades.fills(LIGHT, measure)]

    def of_range(start: int, end: int) -> list[Tint]:
        low, high = int(found.ends.searchsorted(start, "right")), int(found.starts.searchsorted(end, "left"))
        return [
            (max(start, int(found.starts[place])), min(end, int(found.ends[place])), colours[int(found.steps[place])])
            for place in range(low, high)
        ]

    return of_range


def _on_white(shade: QColor) -> QColor:
    """The opaque colour of a shade that is laid over white paper."""
    share = shade.alphaF()
    return QColor(*(round(255 + (part - 255) * share) for part in (shade.red(), shade.green(), shade.blue())))
