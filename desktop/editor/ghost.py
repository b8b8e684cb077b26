"""Paints text that is not on the page over it: the alternative that is previewed, and what would follow it.

Each is a card with a dashed edge and a ground of its own. No letter of the page moves: what a card lies on is hidden,
with all of a letter that it would cut, and with the rest of such a word where that is short.
"""

from collections.abc import Iterable, Sequence

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from desktop.editor.lines import Line
from desktop.editor.painting import CORNER, edge_line, token_box
from desktop.editor.soft_breaks import SoftBreaks
from desktop.page import utf16
from desktop.page.page import Page
from resources.colours import Colours

SIDE = 2.0  # pixels between a card and the edges of the page
INSIDE = 1.5  # pixels of a card's edge that may lie on a letter
PAD = 2.0  # pixels between a card's side and its text
REST = 12  # letters of a cut word that are hidden at most; a script without blanks has longer ones
_BLANK = " ".encode("utf-16-le")


class GhostPainter:
    def __init__(self, page: Page, breaks: SoftBreaks, colours: Colours) -> None:
        self._page, self._breaks = page, breaks
        self.set_colours(colours)

    def set_colours(self, colours: Colours) -> None:
        self._paper, self._ground = QColor(colours.paper), QColor(colours.pinned)
        self._ink, self._quiet = QColor(colours.ink), QColor(colours.placeholder)
        self._edge = QPen(QColor(colours.pinned_edge), 1.0, Qt.PenStyle.DashLine)

    def paint(self, painter: QPainter, lines: Sequence[Line], ghost: tuple[int, int, str], ahead: str) -> None:
        """Paint the text over what it would replace, or from a position on, and the one ahead beside it."""
        first, last = self._breaks.view(ghost[0]), self._breaks.view(ghost[1], after=False)
        line = edge_line(lines, first) or (lines[-1] if first == lines[-1].end else None)
        if line is None:
            return
        text, width = _fitted(painter, ghost[2])
        old = next(iter(line.boxes(first, last)), QRectF(line.x(first), line.top, 0, line.text_height))
        card = _inside(painter, _from_edge(line, old, max(width, old.width())))
        self._hide(painter, line, card, range(first, last))
        if ahead:
            self._paint_ahead(painter, lines, line, card, ahead)
        self._paint_card(painter, line, card, self._ground, self._ink, text)

    def _paint_ahead(self, painter: QPainter, lines: Sequence[Line], line: Line, card: QRectF, text: str) -> None:
        """Paint a text on a card beside the ghost's; where there is no room, below it, or above it at the foot of the
        page."""
        text, width = _fitted(painter, text)
        left = card.left() - width if line.from_right else card.right()
        place = QRectF(left, card.top(), width, card.height())
        if place != _inside(painter, place):
            text, width = _fitted(painter, text.lstrip())
            place = _inside(painter, _from_edge(line, card, width))
            below = place.bottom() + line.height <= painter.viewport().height()
            place.translate(0, line.height if below else -line.height)
        over = next((one for one in lines if one.top <= place.center().y() < one.top + one.height), None)
        if over is not None:
            self._hide(painter, over, place, range(0))
        self._paint_card(painter, line, place, self._paper, self._quiet, text)

    def _paint_card(self, painter: QPainter, line: Line, card: QRectF, ground: QColor, ink: QColor, text: str) -> None:
        """line: whose letters those of the text are like; the card may lie on another."""
        painter.setBrush(ground)
        painter.setPen(self._edge)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.drawRoundedRect(token_box(card, line), CORNER, CORNER)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        painter.setPen(ink)
        direction = Qt.LayoutDirection.RightToLeft if line.from_right else Qt.LayoutDirection.LeftToRight
        painter.setLayoutDirection(direction)  # on which side its first blank is
        width = painter.fontMetrics().horizontalAdvance(text)
        left = card.right() - width - PAD if line.from_right else card.left() + PAD
        painter.drawText(QPointF(left, line.baseline + card.top() - line.top), text)

    def _hide(self, painter: QPainter, line: Line, card: QRectF, old: range) -> None:
        """Hide what is under a card of that line, with the letters and words that it cuts. old: the view positions that
        it stands for, beside which the text is to be seen."""
        painter.fillRect(card, self._paper)
        inside = card.adjusted(INSIDE, 0, -INSIDE, 0)
        letters = range(line.start, line.end)
        cut = {at for at in letters if any(box.intersects(inside) for box in line.boxes(at, at + 1))}
        for at in self._with_rests(line, cut, old):
            for box in line.boxes(at, at + 1):
                painter.fillRect(box, self._paper)

    def _with_rests(self, line: Line, cut: set[int], old: range) -> Iterable[int]:
        """These positions of a line, and those of the words that they are in, but for the old ones and long words."""
        text = self._page.text(self._breaks.page(line.start), self._breaks.page(line.end))
        units = utf16.encode(text)
        hidden = set(cut)
        for at in cut.difference(old):
            for way in (1, -1):
                rest = list[int]()
                place = at + way
                while line.start <= place < line.end and place not in old and not _is_blank(units, place - line.start):
                    rest.append(place)
                    place += way
                hidden.update(rest if len(rest) <= REST and not _is_blank(units, at - line.start) else ())
        return hidden


def _is_blank(units: bytes, at: int) -> bool:
    return units[2 * at : 2 * at + 2] == _BLANK


def _fitted(painter: QPainter, text: str) -> tuple[str, float]:
    """A text that is no wider than the page, and the width of its card."""
    metrics, most = painter.fontMetrics(), painter.viewport().width() - 2 * (SIDE + PAD)
    text = metrics.elidedText(text, Qt.TextElideMode.ElideRight, int(most))
    return text, metrics.horizontalAdvance(text) + 2 * PAD


def _from_edge(line: Line, box: QRectF, width: float) -> QRectF:
    """The box as wide as that, from where its text begins."""
    left = box.right() - width if line.from_right else box.left()
    return QRectF(left, box.top(), width, box.height())


def _inside(painter: QPainter, card: QRectF) -> QRectF:
    """The card moved from the sides into the page."""
    right = painter.viewport().width() - SIDE - card.width()
    return QRectF(max(min(card.left(), right), SIDE), card.top(), card.width(), card.height())
