"""The colours of the steps of a measure in a theme: of fills behind letters, and of bars, which need deeper ones. Also
the stripes of what is outdated."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QBrush, QColor, QImage

from desktop.page.measures import STRENGTHS, Measure
from resources.colours import Colours

STRIPE = 3  # pixels of a stripe, and of the gap behind it
_DEEPER = 0.45  # how far a bar's colour goes from the fill's to that of the letters


def fills(colours: Colours, measure: Measure) -> list[QColor]:
    """The colour of each step, weakest first, to be laid over the paper."""
    return [_shade(QColor(getattr(colours, measure.colour)), strength) for strength in STRENGTHS]


def bars(colours: Colours, measure: Measure) -> list[QColor]:
    """The same for bars, which stand out from the paper at every step."""
    strongest = _mixed(QColor(getattr(colours, measure.colour)), QColor(colours.text), _DEEPER)
    return [_shade(strongest, (1 + strength) / 2) for strength in STRENGTHS]


def striped(shade: QColor) -> QBrush:
    """Diagonal stripes of a colour, with gaps as broad."""
    size = 2 * STRIPE
    stripes = QImage(size, size, QImage.Format.Format_ARGB32_Premultiplied)
    stripes.fill(Qt.GlobalColor.transparent)
    for x in range(size):
        for y in range(size):
            if (x + y) % size < STRIPE:
                stripes.setPixelColor(x, y, shade)
    brush = QBrush()
    brush.setTextureImage(stripes)
    return brush


def _shade(colour: QColor, strength: float) -> QColor:
    shade = QColor(colour)
    shade.setAlphaF(strength)
    return shade


def _mixed(colour: QColor, other: QColor, share: float) -> QColor:
    """A colour on the way to another one. share: how far, 0 to 1."""
    pairs = zip((colour.red(), colour.green(), colour.blue()), (other.red(), other.green(), other.blue()), strict=True)
    return QColor(*(round(one + (two - one) * share) for one, two in pairs))
