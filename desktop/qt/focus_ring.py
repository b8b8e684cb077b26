"""What has the keys is seen, also in a list whose chosen row is out of sight or not there."""

from PySide6.QtGui import QPainter, QPalette
from PySide6.QtWidgets import QAbstractItemView


def paint_focus_ring(view: QAbstractItemView) -> None:
    """Draw a line around the rows of a list that has the keys, where its current row does not show it. For the end of
    its paintEvent."""
    viewport = view.viewport()
    seen = view.visualRect(view.currentIndex()).intersects(viewport.rect())
    if not view.hasFocus() or seen:
        return
    painter = QPainter(viewport)
    painter.setPen(view.palette().color(QPalette.ColorRole.Highlight))
    painter.drawRect(viewport.rect().adjusted(0, 0, -1, -1))
    painter.end()
