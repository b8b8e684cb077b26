"""The plot of surprisal at the foot of the page: above, a line along the whole page; below it, a bar for each token in
view, or selected. A click goes there, and a drag selects. Arrow keys go from token to token; a mark shows the caret."""

import math
from collections.abc import Iterator

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QAccessible,
    QBrush,
    QColor,
    QFocusEvent,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import QSizePolicy, QToolButton, QWidget

from desktop.page.columns import Columns
from desktop.page.measures import MEASURES
from desktop.page.profile import Counts, Floats
from desktop.qt import shades
from desktop.qt.focus_ring import paint_frame
from desktop.qt.plain_text import show_tip, tip
from resources.colours import LIGHT, Colours
from resources.language import tr

HEIGHT = 80  # pixels
LINE = 20  # of them for the line along the page
SIDE = 10  # pixels at both ends
GAP = 8  # pixels between the bars and the button
TOP = 16.0  # bits of surprisal of the highest bar
SMOOTH = 9  # parts of the page over which the line is smoothed
RULES = 4.0, 8.0, 12.0  # bits at which a rule is drawn
_DRAG = 4  # pixels from which on a press is a drag
_NONE = np.zeros(0, np.int64)


class Plot(QWidget):
    """go_requested carries a position of the page, select_requested start and end of a stretch; read_requested: the
    model is to read text that has no odds. step_requested: the caret is to go to the next token (1) or the one before
    (-1). page_requested: the keys are to go to the page."""

    go_requested = Signal(int)
    step_requested = Signal(int)
    page_requested = Signal()
    select_requested = Signal(int, int)
    read_requested = Signal()

    accessible_role = QAccessible.Role.Chart

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._columns = Columns(_NONE, _NONE, np.zeros(0), np.zeros(0), np.zeros(0, np.bool_))
        self._edges: Floats = np.zeros(1)  # the left of each column and the right of the last, 0 to 1
        self._line: Floats = np.zeros(0)
        self._line_stale = np.zeros(0, np.bool_)  # of each point
        self._length = self._caret = 0
        self._pressed: QPointF | None = None
        self._dragged = False
        self._at = QPointF()
        self._colours = LIGHT
        self.setObjectName("plot")
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.read = QToolButton(self)
        self.read.setObjectName("small")
        self.read.setText(tr("Read it"))
        self.read.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # a click leaves the focus on the page
        self.read.setToolTip(tip(tr("The model reads the text that has no odds yet.")))
        self.read.clicked.connect(self.read_requested)
        self.read.hide()
        self.hide()

    def set_colours(self, colours: Colours) -> None:
        self._colours = colours
        self.update()

    def show_columns(self, columns: Columns) -> None:
        """Show the bars of a stretch."""
        self._columns = columns
        self._edges = np.concatenate(([0.0], np.cumsum(columns.widths))) / max(1.0, float(columns.widths.sum()))
        self.read.setVisible(bool(np.isnan(columns.bits).any()))
        self.update()

    def show_line(self, bits: Floats, tokens: Counts, outdated: Counts, length: int) -> None:
        """Show the line along a page of that many units: bits, tokens, and outdated ones among them, of equal parts."""
        self._length, self._line_stale = length, outdated > 0
        if len(bits):
            window = np.ones(min(SMOOTH, len(bits)))
            bits, weights = np.convolve(bits, window, "same"), np.convolve(tokens, window, "same")
        else:
            weights = tokens.astype(np.float64)
        self._line = np.divide(bits, weights, out=np.full(len(bits), np.nan), where=weights > 0)
        self.update()

    def show_caret(self, position: int) -> None:
        """Mark where the page's caret stands."""
        self._caret = position
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(0, HEIGHT)

    # -------------------------------------------------------------------------------------------- in words

    def accessible_name(self) -> str:
        return tr("Surprisal along the text")

    def accessible_value(self) -> str:
        """The mean and the highest of what is shown."""
        known = self._columns.bits[~np.isnan(self._columns.bits)]
        if not len(known):
            return tr("no odds")
        sentence = tr("{bits:.1f} bits on average, at most {most:.1f}")
        return sentence.format(bits=float(known.mean()), most=float(known.max()))

    def tip_at(self, x: float, y: float) -> str:
        """What the plot has at a point of it."""
        column = self._column_at(x)
        if y < LINE or column is None:
            return tr("Surprisal along the whole page")
        bits = float(self._columns.bits[column])
        if math.isnan(bits):
            return tr("no odds yet")
        return tr("{bits:.1f} bits").format(bits=bits)

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            show_tip(event.globalPos(), self.tip_at(event.pos().x(), event.pos().y()), self)
            return True
        return super().event(event)

    # -------------------------------------------------------------------------------------------- keys

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = {Qt.Key.Key_Right: 1, Qt.Key.Key_Left: -1}.get(Qt.Key(event.key()), 0)
        if step:
            self.step_requested.emit(step)
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.page_requested.emit()
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.update()

    # -------------------------------------------------------------------------------------------- the mouse

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._pressed, self._at, self._dragged = event.position(), event.position(), False

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._pressed is not None:
            self._at = event.position()
            self._dragged = self._dragged or abs(self._at.x() - self._pressed.x()) >= _DRAG
            self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        pressed, self._pressed = self._pressed, None
        if pressed is None or event.button() != Qt.MouseButton.LeftButton:
            return
        self.update()
        in_line = pressed.y() < LINE
        if not self._dragged:
            self.go_requested.emit(self._place(pressed.x(), in_line)[0])
        else:
            low, high = sorted((pressed.x(), event.position().x()))
            self.select_requested.emit(self._place(low, in_line)[0], self._place(high, in_line)[1])

    def _place(self, x: float, in_line: bool) -> tuple[int, int]:
        """Start and end on the page of what is at this x, in the line or in the bars."""
        column = self._column_at(x)
        if in_line or column is None:
            place = round(_share(x, self._width) * self._length)
            return place, place
        return int(self._columns.starts[column]), int(self._columns.ends[column])

    def _column_at(self, x: float) -> int | None:
        if not len(self._columns):
            return None
        return min(int(self._edges.searchsorted(_share(x, self._bars_width), "right")) - 1, len(self._columns) - 1)

    @property
    def _width(self) -> float:
        """Pixels between both sides."""
        return max(1.0, self.width() - 2.0 * SIDE)

    @property
    def _bars_width(self) -> float:
        """Pixels of the bars, which end before the button where that is shown."""
        return max(1.0, self._width - (0 if self.read.isHidden() else self.read.width() + GAP))

    # -------------------------------------------------------------------------------------------- painting

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        hint = self.read.sizeHint()
        top = LINE + (HEIGHT - LINE - hint.height()) // 2
        self.read.setGeometry(self.width() - SIDE - hint.width(), top, hint.width(), hint.height())

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002
        painter, colours = QPainter(self), self._colours
        painter.fillRect(self.rect(), QColor(colours.paper))
        painter.setPen(QColor(colours.line))
        painter.drawLine(0, 0, self.width(), 0)
        painter.drawLine(SIDE, LINE, self.width() - SIDE, LINE)
        self._paint_line(painter)
        self._paint_bars(painter)
        self._paint_caret(painter)
        if self._pressed is not None and self._dragged:
            low, high = sorted((self._pressed.x(), self._at.x()))
            top, height = (0, LINE) if self._pressed.y() < LINE else (LINE, HEIGHT - LINE)
            shade = QColor(colours.accent)
            shade.setAlphaF(0.25)
            painter.fillRect(QRectF(low, top, high - low, height), shade)
        painter.end()

    def _paint_line(self, painter: QPainter) -> None:
        """The line of the page, and the stretch of the bars below it."""
        if self._length and len(self._columns):
            low, high = (int(place) / self._length for place in (self._columns.starts[0], self._columns.ends[-1]))
            stretch = QRectF(SIDE + low * self._width, 1, max(2.0, (high - low) * self._width), LINE - 1)
            painter.fillRect(stretch, QColor(self._colours.selection))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        pens = [QPen(shades.bars(self._colours, MEASURES["surprisal"])[-1], 1.2) for _ in range(2)]
        pens[True].setStyle(Qt.PenStyle.DotLine)
        for stale, points in self._lines():
            painter.setPen(pens[stale])
            painter.drawPolyline(points)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)

    def _lines(self) -> Iterator[tuple[bool, list[QPointF]]]:
        """The pieces of the line, and whether each is of outdated readings. A piece ends where nothing is known."""
        step = self._width / max(1, len(self._line))
        points: list[QPointF] = []
        before = False
        for place, (bits, stale) in enumerate(zip(self._line.tolist(), self._line_stale.tolist(), strict=True)):
            if points and (math.isnan(bits) or stale != before):
                yield before, points
                points = [] if math.isnan(bits) else points[-1:]
            if not math.isnan(bits):
                points.append(QPointF(SIDE + (place + 0.5) * step, LINE - 2 - (LINE - 5) * min(1.0, bits / (TOP / 2))))
            before = stale
        yield before, points

    def _paint_caret(self, painter: QPainter) -> None:
        """A mark where the caret stands, in the line and among the bars, and the focus."""
        painter.setPen(QColor(self._colours.text))
        in_line, in_bars = self._caret_marks()
        if in_line is not None:
            painter.drawLine(in_line, 1, in_line, LINE - 1)
        if in_bars is not None:
            painter.drawLine(in_bars, LINE + 1, in_bars, HEIGHT - 2)
        if self.hasFocus():
            paint_frame(painter, self.rect(), QColor(self._colours.accent))

    def _caret_marks(self) -> tuple[int | None, int | None]:
        """The x of the caret in the line and among the bars; None where it is not shown there."""
        columns, in_bars = self._columns, None
        in_line = round(SIDE + self._width * min(1.0, self._caret / self._length)) if self._length else None
        if len(columns) and columns.starts[0] <= self._caret <= columns.ends[-1]:
            places = np.concatenate((columns.starts, columns.ends[-1:]))
            in_bars = round(SIDE + self._bars_width * float(np.interp(self._caret, places, self._edges)))
        return in_line, in_bars

    def _paint_bars(self, painter: QPainter) -> None:
        room, foot = HEIGHT - LINE - 4, HEIGHT - 1
        painter.setPen(QPen(QColor(self._colours.line), 1, Qt.PenStyle.DotLine))
        for bits in RULES:
            y = foot - room * bits / TOP
            painter.drawLine(QPointF(SIDE, y), QPointF(SIDE + self._bars_width, y))
        hatched = QBrush(QColor(self._colours.edge), Qt.BrushStyle.BDiagPattern)
        colours = shades.bars(self._colours, MEASURES["surprisal"])
        striped = [QBrush(colour, Qt.BrushStyle.Dense4Pattern) for colour in colours]
        steps = np.array(MEASURES["surprisal"].bounds).searchsorted(self._columns.bits)
        lefts = SIDE + self._edges * self._bars_width
        rows = zip(
            lefts[:-1].tolist(),
            np.diff(lefts).tolist(),
            self._columns.bits.tolist(),
            steps.tolist(),
            self._columns.stale.tolist(),
            strict=True,
        )
        for left, width, bits, step, stale in rows:
            gap = 1.0 if width > 3 else 0.0
            if math.isnan(bits):
                painter.fillRect(QRectF(left, foot - room, width, room), hatched)
                continue
            height = max(1.0, room * min(1.0, bits / TOP))
            brush = striped[step] if stale else colours[step]
            painter.fillRect(QRectF(left, foot - height, max(0.5, width - gap), height), brush)


def _share(x: float, width: float) -> float:
    """Where an x lies in what begins at SIDE and is that wide, 0 to 1."""
    return min(max((x - SIDE) / width, 0.0), 1.0)
