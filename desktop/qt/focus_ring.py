"""Paints the focus of a list whose current row is out of view or missing, and of a widget that paints itself."""

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QColor, QPainter, QPalette
from PySide6.QtWidgets import QAbstractItemView


def paint_frame(painter: QPainter, area: QRect, colour: QColor) -> None:
    """Draw a line around what has the focus."""
    painter.setPen(colour)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRect(area.adjusted(0, 0, -1, -1))


def paint_focus_ring(view: QAbstractItemView) -> None:
    """Draw a line around a list that has the focus if its current row is not in view. Call at the end of its
    paintEvent."""
    viewport = view.viewport()
    seen = view.visualRect(view.currentIndex()).intersects(viewport.rect())
    if not view.hasFocus() or seen:
        return
    painter = QPainter(viewport)
    paint_frame(painter, viewport.rect(), view.palette().color(QPalette.ColorRole.Highlight))
    painter.end()
