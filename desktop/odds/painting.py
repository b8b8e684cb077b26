"""Draws texts of one font, which are shaped once and drawn often; tokens with their invisible characters in a quieter
ink.

The panel draws the same words and numbers up to 60 times a second, and shaping them would be most of the cost.
"""

import re

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QStaticText, QTextLayout

_SIGNS = re.compile(r"([␣⇥↵␍␡⍽\u2400-\u241f]+(?:×\d+)?|<(?:0x|U\+)[0-9A-F]{2,6}>)")
MOST_SHAPED = 4_000  # shaped texts in memory


def mirrored(painter: QPainter, place: QRectF, width: float) -> QRectF:
    """The place as it is; where the painter writes from right to left, mirrored within that width."""
    if painter.layoutDirection() != Qt.LayoutDirection.RightToLeft:
        return place
    return QRectF(width - place.right(), place.top(), place.width(), place.height())


class Lettering:
    """Draws texts in one font; `height`, widths and places in pixels. Begin and end of a place are its left and right
    side, or right and left where the painter writes from right to left; a text itself runs as its letters do."""

    def __init__(self, font: QFont) -> None:
        self.font = QFont(font)
        self._metrics = QFontMetricsF(self.font)
        self.height = self._metrics.height()
        self._ascent = self._metrics.ascent()
        self._shaped: dict[str, tuple[QStaticText, float, float]] = {}

    @property
    def shaped_count(self) -> int:
        """Texts that are in memory, shaped."""
        return len(self._shaped)

    def width(self, text: str) -> float:
        return self._shape(text)[1]

    def elided(self, text: str, width: float) -> str:
        """The text where it fits, else its beginning and an ellipsis."""
        if self.width(text) <= width:
            return text
        return self._metrics.elidedText(text, Qt.TextElideMode.ElideRight, width)

    def begin(self, painter: QPainter, place: QRectF, text: str) -> None:
        """Draw the text at the beginning of the place, vertically centred, elided where it does not fit."""
        shown = self.elided(text, place.width())
        from_right = painter.layoutDirection() == Qt.LayoutDirection.RightToLeft
        (self.right if from_right else self.left)(painter, place, shown)

    def end(self, painter: QPainter, place: QRectF, text: str) -> None:
        """Draw the text at the end of the place, vertically centred."""
        from_right = painter.layoutDirection() == Qt.LayoutDirection.RightToLeft
        (self.left if from_right else self.right)(painter, place, text)

    def left(self, painter: QPainter, place: QRectF, text: str) -> None:
        """Draw the text at the left of the place, in both directions of writing."""
        self._draw(painter, place, place.left(), text)

    def right(self, painter: QPainter, place: QRectF, text: str) -> None:
        """Draw the text at the right of the place, in both directions of writing."""
        self._draw(painter, place, place.right() - self.width(text), text)

    def token(self, painter: QPainter, place: QRectF, token: str, ink: QColor, quiet: QColor) -> None:
        """Draw a token at the beginning of the place; the signs for white space and bytes in the quiet ink."""
        shown = self.elided(token, place.width())
        parts = _SIGNS.split(shown)
        x = place.left()
        if painter.layoutDirection() == Qt.LayoutDirection.RightToLeft:
            x = place.right() - sum(map(self.width, filter(None, parts)))
        for number, part in enumerate(parts):
            if part:
                painter.setPen(quiet if number % 2 else ink)
                self._draw(painter, place, x, part)
                x += self.width(part)

    def _draw(self, painter: QPainter, place: QRectF, x: float, text: str) -> None:
        shaped, _, ascent = self._shape(text)
        baseline = place.top() + (place.height() - self.height) / 2 + self._ascent
        painter.drawStaticText(QPointF(x, baseline - ascent), shaped)

    def _shape(self, text: str) -> tuple[QStaticText, float, float]:
        """The shaped text, its width, and the height of its top above the baseline (a fallback font's differs)."""
        known = self._shaped.get(text)
        if known is None:
            if len(self._shaped) >= MOST_SHAPED:
                self._shaped.clear()
            shaped = QStaticText(text)
            shaped.setTextFormat(Qt.TextFormat.PlainText)
            shaped.setPerformanceHint(QStaticText.PerformanceHint.AggressiveCaching)
            shaped.prepare(font=self.font)
            known = self._shaped[text] = (shaped, self._metrics.horizontalAdvance(text), self._rise(text))
        return known

    def _rise(self, text: str) -> float:
        if text.isascii():
            return self._ascent
        layout = QTextLayout(text, self.font)
        layout.beginLayout()
        line = layout.createLine()
        layout.endLayout()
        return line.ascent() if line.isValid() else self._ascent
