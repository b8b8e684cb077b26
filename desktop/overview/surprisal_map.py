"""A narrow map of the page's surprisal beside the scroll bar. A click or a drag goes there."""

import math
from collections.abc import Iterator

import numpy as np
from PySide6.QtCore import QEvent, QObject, QRectF, Qt, Signal
from PySide6.QtGui import QAccessible, QColor, QImage, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractScrollArea, QWidget

from desktop.overview.sum_words import with_outdated
from desktop.page.measures import MEASURES
from desktop.page.profile import BIN, Counts, Floats
from desktop.qt import shades
from desktop.qt.plain_text import tip
from resources.colours import LIGHT, Colours
from resources.language import tr

WIDTH = 6  # pixels
FULL = 8.0  # mean bits of surprisal that have the full colour
FAINTEST = 0.1  # opacity of what was expected
_MOVES = (QEvent.Type.Resize, QEvent.Type.Move, QEvent.Type.Show, QEvent.Type.LayoutRequest)


class SurprisalMap(QWidget):
    """Lies over the margin of a view, beside its scroll bar, so that no text moves. go_requested carries a position of
    the page."""

    go_requested = Signal(int)

    accessible_role = QAccessible.Role.Chart

    def __init__(self, view: QAbstractScrollArea) -> None:
        super().__init__(view)
        self._bar = view.verticalScrollBar()
        self._picture = QImage()
        self._numbers: tuple[Floats, Counts, Counts] = np.zeros(0), np.zeros(0, np.int64), np.zeros(0, np.int64)
        self._length = 0
        self._view = 0, 0
        self._colours = LIGHT
        self.setObjectName("map")
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setToolTip(
            tip(tr("Surprisal along the whole page: deeper means more, striped means outdated. A click goes there."))
        )
        holder = self._bar.parentWidget()  # Qt moves what holds the bar, and only after the view was resized
        for watched in (view, self._bar, holder or self._bar):
            watched.installEventFilter(self)
        self._place()
        self.hide()

    def set_colours(self, colours: Colours) -> None:
        self._colours = colours
        self._paint_picture()

    @property
    def parts(self) -> int:
        """How many parts of the page it can show: one a pixel, and none without a bin of its own."""
        return max(1, min(self.height(), -(-self._length // BIN)))

    def set_length(self, length: int) -> None:
        """The units of the page."""
        self._length = length

    def show_numbers(self, bits: Floats, tokens: Counts, outdated: Counts) -> None:
        """Show bits, tokens, and outdated ones among them, of each of `parts` equal parts of the page."""
        self._numbers = bits, tokens, outdated
        self._paint_picture()

    def show_view(self, start: int, end: int) -> None:
        """The range of the page in view."""
        if (start, end) != self._view:
            self._view = start, end
            self.update()

    # -------------------------------------------------------------------------------------------- in words

    def accessible_name(self) -> str:
        return tr("Map of surprisal")

    def accessible_value(self) -> str:
        bits, tokens, outdated = self._numbers
        if not tokens.sum():
            return tr("no odds")
        words = tr("{bits:.1f} bits a token").format(bits=float(bits.sum() / tokens.sum()))
        return with_outdated(words, int(outdated.sum()))

    # -------------------------------------------------------------------------------------------- its place

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        if event.type() in _MOVES:
            self._place()
        return False

    def _place(self) -> None:
        """Stand beside the scroll bar, which a style may put at either side."""
        view, bar = self.parentWidget(), self._bar
        assert view is not None
        place = bar.mapTo(view, bar.rect().topLeft())
        left = place.x() + bar.width() if place.x() < view.width() // 2 else place.x() - WIDTH
        self.setGeometry(left, place.y(), WIDTH, bar.height())
        self.raise_()

    # -------------------------------------------------------------------------------------------- the mouse

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._go(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._go(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        event.accept()

    def _go(self, event: QMouseEvent) -> None:
        share = min(max(event.position().y() / max(1, self.height()), 0.0), 1.0)
        self.go_requested.emit(round(share * self._length))

    # -------------------------------------------------------------------------------------------- painting

    def _paint_picture(self) -> None:
        """One pixel for each part, in a column."""
        bits, tokens, _ = self._numbers
        strongest = shades.bars(self._colours, MEASURES["surprisal"])[-1]
        means = np.divide(bits, tokens, out=np.zeros(len(bits)), where=tokens > 0)
        alphas = np.clip(means / FULL, FAINTEST, 1.0) * (tokens > 0)
        pixels = np.zeros((max(1, len(bits)), 4), np.uint8)
        pixels[: len(bits), :3] = strongest.blue(), strongest.green(), strongest.red()
        pixels[: len(bits), 3] = (255 * alphas).astype(np.uint8)
        self._picture = QImage(pixels.tobytes(), 1, len(pixels), 4, QImage.Format.Format_ARGB32).copy()
        self.update()

    def _outdated(self) -> Iterator[tuple[float, float]]:
        """Top and bottom of each stretch of parts with outdated readings."""
        edges = np.flatnonzero(np.diff(self._numbers[2] > 0, prepend=False, append=False)).tolist()
        height = self.height() / max(1, len(self._numbers[2]))
        for first, last in zip(edges[::2], edges[1::2], strict=True):
            yield first * height, last * height

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(self._colours.paper))
        painter.drawImage(QRectF(self.rect()), self._picture, QRectF(self._picture.rect()))
        stripes = shades.striped(QColor(self._colours.paper))
        for top, bottom in self._outdated():
            painter.fillRect(QRectF(0, top, self.width(), bottom - top), stripes)
        start, end = self._view
        if 0 < end - start < self._length:  # a mark of all of it would be one more line beside the page
            top, bottom = (place / self._length * self.height() for place in self._view)
            painter.setPen(QColor(self._colours.quiet))
            painter.drawLine(0, math.floor(top), 0, math.ceil(bottom))
        painter.end()
