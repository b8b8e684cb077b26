"""The small mark where the model ended the text: a hollow square behind the last letter, or below the line between two
letters, so that it covers none."""

from collections.abc import Sequence

from PySide6.QtCore import QPoint, QRectF
from PySide6.QtGui import QPainter, QPen

from desktop.editor.lines import Line

SIDE = 6  # pixels of the square
APART = 5  # pixels between the last letter and the square: the caret stands there
BELOW = 3  # pixels below the letters where text follows
REACH = 4  # pixels within which the mouse points at it


def box(lines: Sequence[Line], view: int) -> QRectF | None:
    """The mark's square at a view position; None where that is on none of the lines, or a composition stands there."""
    line = next(
        (line for line in lines if line.start <= view < line.end or (view == line.end and line.closes_block)), None
    )
    if line is None or line.preedit is not None:
        return None
    x, baseline = round(line.x(view)) + 0.5, round(line.baseline) - 0.5
    if view < line.end:
        return QRectF(x - SIDE / 2, baseline + BELOW, SIDE, SIDE / 2)
    return QRectF(x - APART - SIDE if line.from_right else x + APART, baseline - SIDE, SIDE, SIDE)


def paint(painter: QPainter, square: QRectF, pen: QPen) -> None:
    painter.setPen(pen)
    painter.drawRect(square)


def is_at(square: QRectF | None, point: QPoint) -> bool:
    """Whether the mouse at that point of the viewport points at the mark."""
    return square is not None and square.adjusted(-REACH, -REACH, REACH, REACH).contains(point.toPointF())


def after(position: int | None, start: int, removed: int, inserted: int) -> int | None:
    """The mark's position after a change of the page; None where text changed there: the model ended another one."""
    if position is None or not (removed or inserted) or start + removed < position:
        return None if position is None else position + inserted - removed
    return position if start > position else None
