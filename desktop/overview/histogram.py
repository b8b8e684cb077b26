"""Paints how many tokens are in each class: of the model's words and of one's own, side by side."""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QRectF, QSize, Qt
from PySide6.QtGui import QAccessible, QColor, QHelpEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from desktop.qt.plain_text import show_tip
from resources.colours import LIGHT, Colours
from resources.language import tr

BARS_HEIGHT = 46  # pixels
GAP = 3  # pixels between two classes
LEAST = 1.5  # pixels of the lowest bar that stands for a token


class Histogram(QWidget):
    """One histogram. A bar's height is the share of its author's tokens; bars of one author alone are broader.

    It is never mirrored, as every scale of numbers.
    """

    accessible_role = QAccessible.Role.Chart

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._title = ""
        self._names: Sequence[str] = ()
        self._ticks: Sequence[str] = ()
        self._groups: tuple[Sequence[int], Sequence[int]] = (), ()
        self._colours = LIGHT
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def set_colours(self, colours: Colours) -> None:
        self._colours = colours
        self.update()

    def show_counts(
        self, title: str, names: Sequence[str], ticks: Sequence[str], model: Sequence[int], own: Sequence[int]
    ) -> None:
        """names: of the classes. ticks: shorter ones for below the bars, some empty. model, own: tokens in each."""
        self._title, self._names, self._ticks, self._groups = title, names, ticks, (model, own)
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(200, BARS_HEIGHT + 2 * self.fontMetrics().height() + 6)

    def minimumSizeHint(self) -> QSize:
        return QSize(120, self.sizeHint().height())

    # -------------------------------------------------------------------------------------------- in words

    def accessible_name(self) -> str:
        return self._title

    def accessible_value(self) -> str:
        """Every class that is not empty."""
        return "; ".join(self._words(place) for place in range(len(self._names)) if self._counts(place) != (0, 0))

    def _counts(self, place: int) -> tuple[int, int]:
        model, own = self._groups
        return model[place], own[place]

    def _words(self, place: int) -> str:
        model, own = self._counts(place)
        sentence = tr("{name}: model {model:,}, yours {own:,}")
        return sentence.format(name=self._names[place], model=model, own=own)

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            place = int(event.pos().x() // self._step) if self._names else -1
            show_tip(event.globalPos(), self._words(place) if 0 <= place < len(self._names) else "", self)
            return True
        return super().event(event)

    # -------------------------------------------------------------------------------------------- painting

    @property
    def _step(self) -> float:
        """Pixels from class to class."""
        return self.width() / max(1, len(self._names))

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002
        painter, colours = QPainter(self), self._colours
        line = self.fontMetrics().height()
        foot = line + 2 + BARS_HEIGHT
        painter.setPen(QColor(colours.quiet))
        side = Qt.AlignmentFlag.AlignRight if self.isRightToLeft() else Qt.AlignmentFlag.AlignLeft
        painter.drawText(QRectF(0, 0, self.width(), line), side.value, self._title)
        shares = [[count / max(1, sum(group)) for count in group] for group in self._groups]
        most = max((max(one, default=0.0) for one in shares), default=0.0) or 1.0
        authors = [number for number, group in enumerate(self._groups) if any(group)]
        for place, tick in enumerate(self._ticks):
            left, width = place * self._step, self._step - GAP
            for column, number in enumerate(authors):
                height = max(LEAST, BARS_HEIGHT * shares[number][place] / most) if self._groups[number][place] else 0.0
                broad = width / len(authors)
                bar = QRectF(left + column * broad, foot - height, broad - 0.5, height)
                paint_bar(painter, bar, colours, number == 0)
            painter.setPen(QColor(colours.quiet))
            painter.drawText(QRectF(left, foot + 2, width, line), Qt.AlignmentFlag.AlignHCenter.value, tick)
        painter.setPen(QColor(colours.line))
        painter.drawLine(0, foot, self.width(), foot)
        painter.end()


def paint_bar(painter: QPainter, bar: QRectF, colours: Colours, is_model: bool) -> None:
    """Paint a bar: the model's are full, one's own are outlined, so that they differ without their colours."""
    if is_model:
        painter.fillRect(bar, QColor(colours.ink))
    elif bar.height() > 0:
        painter.setPen(QColor(colours.text))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(bar.adjusted(0.5, 0.5, -0.5, -0.5))
