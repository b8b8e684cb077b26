"""Paints the focus of a list whose current row is out of view or missing."""

from PySide6.QtGui import QPainter, QPalette
from PySide6.QtWidgets import QAbstractItemView


def paint_focus_ring(view: QAbstractItemView) -> None:
    """Draw a line around a list that has the focus if its current row is not in view. Call at the end of its
    paintEvent."""
    viewport = view.viewport()
    seen = view.visualRect(view.currentIndex()).intersects(viewport.rect())
    if not view.hasFocus() or seen:
        return
    painter = QPainter(viewport)
    painter.setPen(view.palette().color(QPalette.ColorRole.Highlight))
    painter.drawRect(viewport.rect().adjusted(0, 0, -1, -1))
    painter.end()
