"""The strip at the foot of the page that says what its colours mean, while they are on."""

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QAccessible, QColor, QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QSizePolicy, QWidget

from desktop.page.measures import AUTHOR, AUTHOR_STEP, MEASURES, STRENGTHS, Measure
from desktop.qt.plain_text import tip
from resources.colours import LIGHT, Colours
from resources.language import tr

HEIGHT = 20  # pixels; more only where the font is higher
SWATCH = 14  # pixels of a swatch's width
GAP = 5  # pixels between a swatch and its words
APART = 14  # pixels between two parts
SIDE = 10  # pixels at both ends

Part = tuple[int | None, str]  # a step with a swatch or none, and the words


class Legend(QWidget):
    """The legend of one measure; hidden while there is none."""

    accessible_role = QAccessible.Role.StaticText

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._colours = LIGHT
        self._measure: Measure | None = None
        self.setObjectName("legend")
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.hide()

    def show_measure(self, name: str) -> None:
        """Show what the colours of a measure mean; an empty name hides the strip."""
        self._measure = MEASURES.get(name)
        self.setToolTip(tip(self.accessible_name()))
        self.setVisible(self._measure is not None)
        self.update()

    def set_colours(self, colours: Colours) -> None:
        self._colours = colours
        self.update()

    def accessible_name(self) -> str:
        """The legend in one sentence."""
        if self._measure is None:
            return ""
        parts = [words for step, words in parts_of(self._measure) if step is not None]
        sentence = tr("Colours, weakest first. {measure}: {steps}; {no_colour}.")
        return sentence.format(measure=self._measure.legend, steps=", ".join(parts), no_colour=self._measure.no_colour)

    def accessible_value(self) -> str:
        return ""

    def sizeHint(self) -> QSize:
        return QSize(0, max(HEIGHT, self.fontMetrics().height() + 4))

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002
        if self._measure is None:
            return
        painter = QPainter(self)
        colours = self._colours
        painter.fillRect(self.rect(), QColor(colours.paper))
        painter.setPen(QColor(colours.line))
        painter.drawLine(0, 0, self.width(), 0)
        room = self.width() - 2 * SIDE
        parts = self._fitting(parts_of(self._measure), room)
        most = room if self._width(parts) <= room else room // len(parts)  # of one part, which is elided to it
        at = SIDE
        for part in parts:
            width = min(self._width([part]), most)
            self._paint_part(painter, part, at, width)
            at += width + APART
        painter.end()

    def _paint_part(self, painter: QPainter, part: Part, at: int, width: int) -> None:
        step, words = part
        assert self._measure is not None
        text = at
        if step is not None:
            shade = QColor(getattr(self._colours, self._measure.colour))
            shade.setAlphaF(STRENGTHS[step])
            painter.setPen(QColor(self._colours.edge))
            painter.setBrush(shade)
            painter.drawRect(self._placed(at + 0.5, SWATCH - 1, (self.height() - 11) / 2, 11))
            text = at + SWATCH + GAP
        painter.setPen(self.palette().color(QPalette.ColorRole.WindowText))
        place = self._placed(text, at + width - text, 0, self.height())
        words = self.fontMetrics().elidedText(words, Qt.TextElideMode.ElideRight, round(place.width()))
        side = Qt.AlignmentFlag.AlignRight if self.isRightToLeft() else Qt.AlignmentFlag.AlignLeft
        painter.drawText(place, (side | Qt.AlignmentFlag.AlignVCenter).value, words)

    def _placed(self, left: float, width: float, top: float, height: float) -> QRectF:
        """A rectangle at that many pixels from the side where a line begins."""
        return QRectF(self.width() - left - width if self.isRightToLeft() else left, top, width, height)

    def _fitting(self, parts: list[Part], room: int) -> list[Part]:
        """The parts that there is room for: first those without a swatch go, from the last on."""
        while self._width(parts) > room and (bare := [one for one in parts if one[0] is None]):
            parts = [one for one in parts if one is not bare[-1]]
        return parts

    def _width(self, parts: list[Part]) -> int:
        metrics = self.fontMetrics()
        widths = [metrics.horizontalAdvance(words) + (0 if step is None else SWATCH + GAP) for step, words in parts]
        return sum(widths) + APART * (len(widths) - 1) + len(widths)  # a pixel each, for rounding


def parts_of(measure: Measure) -> list[Part]:
    """The legend of a measure from its first words to its last."""
    numbers = [AUTHOR_STEP] if measure.name == AUTHOR else range(len(measure.labels))
    swatches: list[Part] = [*zip(numbers, measure.labels, strict=True)]
    return [(None, measure.legend), *swatches, (None, measure.no_colour)]
