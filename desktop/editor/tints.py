"""Paints the colour of one token: a fill behind its letters, or a bar below them. Stale readings are striped."""

from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QBrush, QColor, QPainter

from desktop.editor.lines import Line
from desktop.page.measures import MEASURES, Measure
from desktop.qt import shades
from resources.colours import LIGHT, Colours

_BELOW = 2.5  # pixels from the foot of the letters to a bar
_LOWEST = 1.0  # pixels of the lowest bar; each step adds as much


@dataclass(frozen=True, slots=True)
class Tinting:
    """How tokens are coloured. measure: by what, None: not at all. underlined: bars below the letters instead of fills.
    band: the only step that is coloured, None: every step."""

    measure: Measure | None = None
    underlined: bool = False
    band: int | None = None


PLAIN = Tinting()


class Tints:
    """The brushes of every measure in one theme."""

    def __init__(self) -> None:
        self.set_colours(LIGHT)

    def set_colours(self, colours: Colours) -> None:
        self._fills = {one.colour: [*map(_brushes, shades.fills(colours, one))] for one in MEASURES.values()}
        self._bars = {one.colour: [*map(_brushes, shades.bars(colours, one))] for one in MEASURES.values()}

    def paint(self, painter: QPainter, tinting: Tinting, line: Line, box: QRectF, step: int, stale: bool) -> None:
        """Paint one box of a token on a line."""
        assert tinting.measure is not None
        if tinting.underlined:
            top = min(line.baseline + _BELOW, line.top + line.height - _LOWEST)
            height = min((step + 1) * _LOWEST, line.top + line.height - top)
            box = QRectF(box.left(), top, max(1.0, box.width() - 1), height)  # a gap between the bars of two tokens
        if stale:
            painter.setBrushOrigin(QPointF(0, line.top))  # stripes keep their place when the text is scrolled
        brushes = self._bars if tinting.underlined else self._fills
        painter.fillRect(box, brushes[tinting.measure.colour][step][stale])


def _brushes(shade: QColor) -> tuple[QBrush, QBrush]:
    """A plain brush, and a striped one."""
    return QBrush(shade), shades.striped(shade)
