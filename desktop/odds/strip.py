"""The coin: the strip from 0 to 1, divided among the most likely tokens, and the number that was drawn."""

import math

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QAccessible, QColor, QPainter, QPainterPath, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from desktop.odds.alternatives import SIDE
from desktop.odds.painting import Lettering
from desktop.odds.rows import OddsView, Segment
from desktop.odds.string_words import Asked, places
from desktop.qt.plain_text import tip
from resources.colours import LIGHT, Colours
from resources.language import tr

ABOUT = tr(
    "Each token's share of the bar is its probability after sampling, the most likely first.\n"
    "A random number between 0 and 1 is drawn, and the token where it lands is written."
)
HEIGHT = 22  # pixels: of the strip
LEAST_LABEL = 44  # pixels of a segment from which on a token that does not fit is shown elided
BROAD = 8  # pixels of a segment from which on the draw is a line across it
TICK = 3.0  # pixels of that line above and below a label that it would cross
MARK = 6  # pixels: height of the arrow above the strip
ASKED, LEAST_ASKED = 4.0, 3.0  # pixels: height, and least width, of the mark of a string that was asked about


class CoinStrip(QWidget):
    """Shows a view's strip and draw. Never mirrored: a scale of numbers runs from left to right in every script."""

    accessible_role = QAccessible.Role.Chart

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._view: OddsView | None = None
        self._asked: tuple[Asked, ...] = ()
        self.setAccessibleName(tr("Random draw"))
        self.setToolTip(tip(ABOUT, several=True))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._letters = Lettering(self.font())
        self.set_colours(LIGHT)

    def set_colours(self, colours: Colours) -> None:
        self._text, self._quiet, self._rest = (QColor(c) for c in (colours.text, colours.quiet, colours.rest))
        self._final, self._on_final = QColor(colours.final), QColor(colours.on_final)
        self._tints = tuple(QColor(c) for c in colours.strip)
        self._seam = QPen(QColor(colours.ground), 1)
        self.update()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._letters = Lettering(self.font())

    def show_view(self, view: OddsView) -> None:
        self._view = view
        self.update()

    def show_asked(self, asked: tuple[Asked, ...]) -> None:
        """Mark the strings that were asked about."""
        self._asked = asked
        self.update()

    @property
    def marks(self) -> tuple[tuple[float, float], ...]:
        """The parts of the strip that are marked, from low to high."""
        return places(self._asked, self._view.strip) if self._view and not self._view.part else ()

    def accessible_name(self) -> str:
        return self.accessibleName()

    def accessible_value(self) -> str:
        """The draw and where it fell."""
        if self._view is None or math.isnan(self._view.draw):
            return (self._view and self._view.draw_note) or tr("Nothing was drawn here.")
        chosen = self._landed(self._view)
        if chosen is None:
            return tr("{draw} was drawn.").format(draw=f"{self._view.draw:.4f}")
        words = tr("{draw} was drawn, in the share of {token} from {low} to {high}.")
        low, high, draw = (f"{number:.4f}" for number in (chosen.low, chosen.high, self._view.draw))
        return words.format(draw=draw, token=chosen.token, low=low, high=high)

    def _landed(self, view: OddsView) -> Segment | None:
        """The token's segment in which the draw is; None where it is not known which."""
        return next((one for one in view.strip if one.token and one.low <= view.draw < one.high), None)

    def sizeHint(self) -> QSize:
        return QSize(280, MARK + HEIGHT + self.fontMetrics().height() + 6)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002
        if self._view is None:
            return
        painter = QPainter(self)
        painter.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        strip = QRectF(SIDE, MARK + 1, self.width() - 2 * SIDE, HEIGHT)
        self._paint_segments(painter, strip, self._view.strip)
        self._paint_marks(painter, strip)
        self._paint_ends(painter, strip, self._view)
        self._paint_line(painter, strip, self._view)
        painter.end()

    def _paint_segments(self, painter: QPainter, strip: QRectF, segments: tuple[Segment, ...]) -> None:
        shape = QPainterPath()
        shape.addRoundedRect(strip, 4, 4)
        painter.setClipPath(shape)
        for segment in segments:
            if not segment.chosen:
                self._paint_segment(painter, self._place(strip, segment), segment, self._colour(segment))
        for segment in segments:
            if segment.chosen:  # last, so that a sliver is not painted over
                self._paint_segment(painter, self._place(strip, segment, least=2.5), segment, self._final)
        painter.setClipping(False)

    def _colour(self, segment: Segment) -> QColor:
        return self._rest if segment.order < 0 else self._tints[segment.order % len(self._tints)]

    def _place(self, strip: QRectF, segment: Segment, least: float = 0.0) -> QRectF:
        left = strip.left() + strip.width() * segment.low
        width = max(strip.width() * (segment.high - segment.low), least)
        return QRectF(min(left, strip.right() - width), strip.top(), width, strip.height())

    def _paint_segment(self, painter: QPainter, place: QRectF, segment: Segment, colour: QColor) -> None:
        painter.fillRect(place, colour)
        if place.width() > 3 and place.left() > SIDE + 1:
            painter.setPen(self._seam)
            painter.drawLine(place.topLeft(), place.bottomLeft())
        if self._labelled(place, segment):
            ink = self._on_final if segment.chosen else self._text
            self._letters.token(painter, place.adjusted(5, 0, -3, 0), segment.token, ink, ink)

    def _paint_marks(self, painter: QPainter, strip: QRectF) -> None:
        """A bar along the foot of the strip, on a seam that parts it from every colour of a segment."""
        for low, high in self.marks:
            width = max(strip.width() * (high - low), LEAST_ASKED)
            left = min(strip.left() + strip.width() * low, strip.right() - width)
            mark = QRectF(left, strip.bottom() - ASKED, width, ASKED)
            painter.fillRect(mark.adjusted(-1, -1, 1, 0), self._seam.color())
            painter.fillRect(mark, self._text)

    def _paint_ends(self, painter: QPainter, strip: QRectF, view: OddsView) -> None:
        """0 and 1 under the ends; the draw as an arrow above and its number below, or between them the note that it is
        not known."""
        below = QRectF(strip.left(), strip.bottom() + 2, strip.width(), self._letters.height)
        painter.setPen(self._quiet)
        draw = view.draw
        number = "" if math.isnan(draw) else f"{draw:.3f}"
        width, room = self._letters.width(number), self._letters.width("0") + 6
        x = strip.left() + strip.width() * (0.0 if math.isnan(draw) else draw)
        left = min(max(x - width / 2, strip.left()), strip.right() - width)
        if not number or left > strip.left() + room:
            self._letters.left(painter, below, "0")
        if not number or left + width < strip.right() - room:
            self._letters.right(painter, below, "1")
        if view.draw_note:
            self._paint_note(painter, below.adjusted(room, 0, -room, 0), view.draw_note)
        if number:
            self._paint_draw(painter, strip, x)
            self._letters.right(painter, below.adjusted(0, 0, left + width - strip.right(), 0), number)

    def _paint_note(self, painter: QPainter, place: QRectF, note: str) -> None:
        shown = self._letters.elided(note, place.width())
        self._letters.left(painter, place.adjusted((place.width() - self._letters.width(shown)) / 2, 0, 0, 0), shown)

    def _paint_draw(self, painter: QPainter, strip: QRectF, x: float) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._text)
        top = strip.top() - MARK
        painter.drawPolygon(QPolygonF([QPointF(x - 4.5, top), QPointF(x + 4.5, top), QPointF(x, strip.top())]))
        painter.setPen(self._text)

    def _paint_line(self, painter: QPainter, strip: QRectF, view: OddsView) -> None:
        """The draw as a line across the chosen segment, where that is broad enough to show both."""
        chosen = self._landed(view)
        if chosen is None or not chosen.chosen or (chosen.high - chosen.low) * strip.width() < BROAD:
            return
        x = strip.left() + strip.width() * view.draw
        painter.setPen(QPen(self._on_final, 1.4))
        tick = TICK if self._on_label(x, self._place(strip, chosen), chosen) else strip.height() / 2
        painter.drawLine(QPointF(x, strip.top()), QPointF(x, strip.top() + tick))
        painter.drawLine(QPointF(x, strip.bottom() - tick), QPointF(x, strip.bottom()))

    def _labelled(self, place: QRectF, segment: Segment) -> bool:
        """Whether a segment's token is shown on it."""
        return bool(segment.token) and place.width() > min(self._letters.width(segment.token) + 8, LEAST_LABEL)

    def _on_label(self, x: float, place: QRectF, segment: Segment) -> bool:
        """Whether an x is on the segment's token."""
        right = min(place.right(), place.left() + 7 + self._letters.width(segment.token))
        return self._labelled(place, segment) and place.left() + 3 < x < right
