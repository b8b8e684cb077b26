"""Tokens drawn with their invisible characters in a quieter ink. Knows painters and text, nothing of odds."""

import re

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter

_SIGNS = re.compile(r"([␣⇥↵␍␡⍽\u2400-\u241f]+(?:×\d+)?|<(?:0x|U\+)[0-9A-F]{2,6}>)")
LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


def draw_token(painter: QPainter, place: QRectF, token: str, ink: QColor, quiet: QColor) -> None:
    """The token in the current font, elided where it is too long, its signs for white space and bytes in the quiet
    ink."""
    metrics = QFontMetricsF(painter.font())
    if metrics.horizontalAdvance(token) > place.width():
        token = metrics.elidedText(token, Qt.TextElideMode.ElideRight, place.width())
    x = place.left()
    baseline = place.top() + (place.height() + metrics.ascent() - metrics.descent()) / 2
    for number, part in enumerate(_SIGNS.split(token)):
        if part:
            painter.setPen(quiet if number % 2 else ink)
            painter.drawText(QPointF(x, baseline), part)
            x += metrics.horizontalAdvance(part)
