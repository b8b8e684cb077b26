"""The strip at the foot of the page that says what its colours mean, while they are on, and what the tokens sum up to.
The tokens of the swatch under the mouse, or chosen by arrow keys, are lit alone."""

from collections.abc import Iterator

from PySide6.QtCore import QEvent, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QAccessible,
    QColor,
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPalette,
    QResizeEvent,
)
from PySide6.QtWidgets import QSizePolicy, QToolButton, QWidget

from desktop.overview.sum_words import short_sum, sum_words
from desktop.page.measures import AUTHOR, AUTHOR_STEP, STALE, Measure
from desktop.page.profile import Total
from desktop.qt import accessible, shades
from desktop.qt.focus_ring import paint_frame
from desktop.qt.plain_text import caption, tip
from resources.colours import LIGHT, Colours
from resources.language import tr

HEIGHT = 20  # pixels; more only where the font is higher
SWATCH = 14  # pixels of a swatch's width
GAP = 5  # pixels between a swatch and its words
APART = 10  # pixels between two parts
SIDE = 10  # pixels at both ends
TITLE, SHORT_TITLE = 120, 56  # pixels to which a long name of a measure is elided where there is little room, and less
STRIPED = tr("striped: outdated")

Part = tuple[int | None, str]  # a step with a swatch or none, and the words


class Legend(QWidget):
    """The legend of one measure; hidden while there is none.

    band_hovered carries the step of the swatch under the mouse, or chosen by keys; None for none. sum_clicked: the user
    wants to know more of what the tokens sum up to."""

    band_hovered = Signal(object)
    sum_clicked = Signal()

    accessible_role = QAccessible.Role.StaticText

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._colours = LIGHT
        self._measure: Measure | None = None
        self._underlined = False
        self._sums = "", ""  # the sum in full and in short
        self._band: int | None = None
        self.setObjectName("legend")
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.sum = QToolButton(self, autoRaise=True)
        self.sum.setObjectName("sum")
        self.sum.setAccessibleName(tr("Sum"))
        self.sum.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # a click leaves the focus on the page
        self.sum.clicked.connect(self.sum_clicked)
        self.hide()

    def show_measure(self, measure: Measure | None, underlined: bool = False) -> None:
        """Show what the colours of a measure mean; None hides the strip. underlined: they are bars below the text."""
        self._measure, self._underlined = measure, underlined
        self._hover(None)
        self.setToolTip(tip(self.accessible_name()))
        self.setVisible(measure is not None)
        self._place_sum()

    def show_total(self, total: Total | None, selected: bool) -> None:
        """Show the sum of the page's tokens, or of those selected. None: it is not known yet."""
        sums = sum_words(total, selected), short_sum(total)
        if sums != self._sums:
            self._sums = sums
            self.sum.setToolTip(tip(tr("{sum}. The Selection panel has more.").format(sum=sums[0])))
            self.sum.setAccessibleName(sums[0] or tr("Sum"))
            self._place_sum()

    def set_colours(self, colours: Colours) -> None:
        self._colours = colours
        self.update()

    def accessible_name(self) -> str:
        """The legend in one sentence."""
        if self._measure is None:
            return ""
        parts = [words for step, words in parts_of(self._measure) if step is not None]
        sentence = tr("Colours, weakest first. {measure}: {steps}; {no_colour}; {stale}.")
        return sentence.format(
            measure=self._measure.legend, steps=", ".join(parts), no_colour=self._measure.no_colour, stale=STALE
        )

    def accessible_value(self) -> str:
        """The sum, behind the step that is lit alone."""
        lit = [tr("only {step} is lit").format(step=words) for step, words in self._parts if step == self._band]
        return " · ".join([*(lit if self._band is not None else []), *filter(None, self._sums[:1])])

    def sizeHint(self) -> QSize:
        return QSize(0, max(HEIGHT, self.fontMetrics().height() + 4))

    # -------------------------------------------------------------------------------------------- the sum

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place_sum()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.StyleChange, QEvent.Type.FontChange):
            self._place_sum()

    def _place_sum(self) -> None:
        """Put the sum at the far end, in full, or in short, where the measure's name and the swatches leave room."""
        parts = self._parts
        needed = [self._elided_name(parts), *(one for one in parts if one[0] is not None)] if parts else []
        fits, room = False, self.width() - 2 * SIDE - APART - self._width(needed)
        for words in self._sums:
            self.sum.setText(caption(words))
            width = self.sum.sizeHint().width()
            if fits := width <= room and bool(words):
                self.sum.setGeometry(
                    SIDE if self.isRightToLeft() else self.width() - SIDE - width, 1, width, self.height() - 1
                )
                break
        self.sum.setVisible(fits)
        self.update()

    @property
    def _room(self) -> int:
        """Pixels for the parts."""
        return self.width() - 2 * SIDE - (0 if self.sum.isHidden() else self.sum.width() + APART)

    # -------------------------------------------------------------------------------------------- the band

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        x = round(self.width() - event.position().x() if self.isRightToLeft() else event.position().x())
        self._hover(next((part[0] for part, at, width in self._placed_parts() if at <= x < at + width), None))

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self._hover(None)

    def _hover(self, band: int | None) -> None:
        if band != self._band:
            self._band = band
            self.band_hovered.emit(band)
            accessible.changed(self)
            self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows light the swatch beside the one that is lit; beyond the last one, none."""
        by = {Qt.Key.Key_Right: 1, Qt.Key.Key_Left: -1}.get(Qt.Key(event.key()), 0)
        if not by:
            super().keyPressEvent(event)
            return
        steps = [None, *(step for step, _ in self._parts if step is not None)]
        self._hover(steps[(steps.index(self._band) + (-by if self.isRightToLeft() else by)) % len(steps)])

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self._hover(None)
        self.update()

    # -------------------------------------------------------------------------------------------- painting

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(self._colours.paper))
        painter.setPen(QColor(self._colours.line))
        painter.drawLine(0, 0, self.width(), 0)
        for part, at, width in self._placed_parts():
            self._paint_part(painter, part, at, width)
        if self.hasFocus():
            paint_frame(painter, self.rect(), QColor(self._colours.accent))
        painter.end()

    def _paint_part(self, painter: QPainter, part: Part, at: int, width: int) -> None:
        step, words = part
        assert self._measure is not None
        text = at
        if step is not None:
            self._paint_swatch(painter, at, step)
            text = at + SWATCH + GAP
        painter.setPen(self.palette().color(QPalette.ColorRole.WindowText))
        place = self._placed(text, at + width - text, 0, self.height())
        words = self.fontMetrics().elidedText(words, Qt.TextElideMode.ElideRight, round(place.width()))
        side = Qt.AlignmentFlag.AlignRight if self.isRightToLeft() else Qt.AlignmentFlag.AlignLeft
        painter.drawText(place, (side | Qt.AlignmentFlag.AlignVCenter).value, words)

    def _paint_swatch(self, painter: QPainter, at: int, step: int) -> None:
        assert self._measure is not None
        painter.setPen(QColor(self._colours.text if step == self._band else self._colours.edge))
        painter.setBrush(
            Qt.BrushStyle.NoBrush if self._underlined else shades.fills(self._colours, self._measure)[step]
        )
        frame = self._placed(at + 0.5, SWATCH - 1, (self.height() - 11) / 2, 11)
        painter.drawRect(frame)
        if self._underlined:
            bar = frame.adjusted(1.5, 10 - 2 * (step + 1) + 0.5, -0.5, -0.5)
            painter.fillRect(bar, shades.bars(self._colours, self._measure)[step])

    def _placed(self, left: float, width: float, top: float, height: float) -> QRectF:
        """A rectangle at that many pixels from the side where a line begins."""
        return QRectF(self.width() - left - width if self.isRightToLeft() else left, top, width, height)

    def _placed_parts(self) -> Iterator[tuple[Part, int, int]]:
        """The parts that there is room for, with the left and the width of each."""
        room = self._room
        parts = self._fitting(self._parts, room)
        most = room if self._width(parts) <= room else room // len(parts)  # of one part, which is elided to it
        at = SIDE
        for part in parts:
            width = min(self._width([part]), most)
            yield part, at, width
            at += width + APART

    @property
    def _parts(self) -> list[Part]:
        return [] if self._measure is None else parts_of(self._measure)

    def _fitting(self, parts: list[Part], room: int) -> list[Part]:
        """The parts that there is room for."""
        ways = self._tightened(parts)
        return next((way for way in ways if self._width(way) <= room), ways[-1])

    def _tightened(self, parts: list[Part]) -> list[list[Part]]:
        """The parts, and ever less of them: what a missing colour and stripes mean goes first, then the second half of
        the measure's name ("Entropy: as open as a choice of"), the end of a long name, the second of two numbers
        ("4 bits: 1 in 16"), more of the name, the numbers of a difference, and the name."""
        if not parts:
            return [parts]
        swatches = [one for one in parts if one[0] is not None]
        short = [(step, _first_half(words)) for step, words in swatches]
        bare = [parts[: len(parts) - hidden] for hidden in range(len(parts) - 1 - len(swatches))]
        assert self._measure is not None
        words = self._measure.brief or [words for _, words in short]
        brief = [(step, word) for (step, _), word in zip(swatches, words, strict=True)]
        elided, stub = self._elided_name(parts), self._elided_name(parts, SHORT_TITLE)
        return [
            *bare,
            [parts[0], *swatches],
            [(None, _first_half(parts[0][1])), *swatches],
            [elided, *swatches],
            [elided, *short],
            [stub, *short],
            [elided, *brief],
            [stub, *brief],
            brief,
        ]

    def _elided_name(self, parts: list[Part], most: int = TITLE) -> Part:
        """The measure's name in little room. most: pixels."""
        return None, self.fontMetrics().elidedText(_first_half(parts[0][1]), Qt.TextElideMode.ElideRight, most)

    def _width(self, parts: list[Part]) -> int:
        metrics = self.fontMetrics()
        widths = [metrics.horizontalAdvance(words) + (0 if step is None else SWATCH + GAP) for step, words in parts]
        return sum(widths) + APART * (len(widths) - 1) + len(widths)  # a pixel each, for rounding


def parts_of(measure: Measure) -> list[Part]:
    """The legend of a measure from its first words to its last."""
    numbers = [AUTHOR_STEP] if measure.name == AUTHOR else range(len(measure.labels))
    swatches: list[Part] = [*zip(numbers, measure.labels, strict=True)]
    striped = [] if measure.name == AUTHOR else [(None, STRIPED)]  # who wrote a text is never outdated
    return [(None, measure.legend), *swatches, (None, measure.no_colour), *striped]


def _first_half(words: str) -> str:
    """What stands before a colon."""
    return words.partition(": ")[0]
