"""Lettering: texts of one font, shaped once and drawn often; tokens with their invisible characters in a quieter ink.

The panel says the same words and numbers again and again, 60 times a second: shaping them is most of what painting
would cost. Knows painters and text, nothing of odds."""

import re

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QStaticText, QTextLayout

_SIGNS = re.compile(r"([␣⇥↵␍␡⍽\u2400-\u241f]+(?:×\d+)?|<(?:0x|U\+)[0-9A-F]{2,6}>)")
_MOST = 4_000  # shaped texts that are kept


def mirrored(painter: QPainter, place: QRectF, width: float) -> QRectF:
    """The place as it is; where the painter writes from right to left, as far from the other side of that width."""
    if painter.layoutDirection() != Qt.LayoutDirection.RightToLeft:
        return place
    return QRectF(width - place.right(), place.top(), place.width(), place.height())


class Lettering:
    """Draws texts in one font; `height`, widths and places in pixels. Begin and end of a place are its left and right,
    or the other way round where the painter writes from right to left; a text itself runs as its letters do."""

    def __init__(self, font: QFont) -> None:
        self.font = QFont(font)
        self._metrics = QFontMetricsF(self.font)
        self.height = self._metrics.height()
        self._ascent = self._metrics.ascent()
        self._shaped: dict[str, tuple[QStaticText, float, float]] = {}

    def width(self, text: str) -> float:
        return self._shape(text)[1]

    def elided(self, text: str, width: float) -> str:
        """The text where it fits, else its beginning and an ellipsis."""
        if self.width(text) <= width:
            return text
        return self._metrics.elidedText(text, Qt.TextElideMode.ElideRight, width)

    def begin(self, painter: QPainter, place: QRectF, text: str) -> None:
        """Where the place begins, in the middle of its height, elided where it does not fit."""
        shown = self.elided(text, place.width())
        from_right = painter.layoutDirection() == Qt.LayoutDirection.RightToLeft
        (self.right if from_right else self.left)(painter, place, shown)

    def end(self, painter: QPainter, place: QRectF, text: str) -> None:
        """Where the place ends, in the middle of its height."""
        from_right = painter.layoutDirection() == Qt.LayoutDirection.RightToLeft
        (self.left if from_right else self.right)(painter, place, text)

    def left(self, painter: QPainter, place: QRectF, text: str) -> None:
        """At the left of the place, whatever is written from where."""
        self._draw(painter, place, place.left(), text)

    def right(self, painter: QPainter, place: QRectF, text: str) -> None:
        """At the right of the place, whatever is written from where."""
        self._draw(painter, place, place.right() - self.width(text), text)

    def token(self, painter: QPainter, place: QRectF, token: str, ink: QColor, quiet: QColor) -> None:
        """Where the place begins; the signs for white space and bytes in the quiet ink."""
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
        """The text ready to be drawn, its width, and how far its top lies above the baseline (a fallback font's
        differs)."""
        known = self._shaped.get(text)
        if known is None:
            if len(self._shaped) >= _MOST:
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
