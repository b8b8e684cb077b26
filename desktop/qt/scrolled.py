"""Puts a widget into a frame that scrolls if there is less room than it needs."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QScrollArea, QWidget


def scrolled(inside: QWidget, sideways: bool = False) -> QScrollArea:
    """Return a scroll area with the widget, which fills it and scrolls below its minimum size. sideways: scroll in both
    directions, else only vertically."""
    area = QScrollArea(widgetResizable=True)
    if not sideways:
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    area.setWidget(inside)
    return area
