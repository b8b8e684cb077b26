"""The names of the columns above the list of alternatives."""

from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QAccessible, QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from desktop.odds.alternative_list import AlternativeList
from desktop.odds.alternatives import ALTERNATIVES, GAP, SIDE, AlternativesBlock
from desktop.odds.painting import mirrored
from resources.colours import LIGHT, Colours
from resources.language import tr


class Captions(QWidget):
    """Paints them over the numbers of the rows."""

    accessible_role = QAccessible.Role.StaticText

    def __init__(self, view: AlternativeList, rows: AlternativesBlock, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._view, self._rows = view, rows
        self._ink = QColor(LIGHT.quiet)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)  # whole, however low the window is
        view.width_changed.connect(self.update)

    def set_colours(self, colours: Colours) -> None:
        self._ink = QColor(colours.quiet)
        self.update()

    def accessible_name(self) -> str:
        return tr("Columns")

    def accessible_value(self) -> str:
        return ", ".join((ALTERNATIVES, *self._rows.headings))

    def sizeHint(self) -> QSize:
        return QSize(100, self.fontMetrics().height() + 6)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002
        painter = QPainter(self)
        painter.setPen(self._ink)
        widths = self._view.painter_of_rows
        shift = self.width() - self._view.viewport().width() if self.isRightToLeft() else 0  # the scroll bar's side
        line = QRectF(SIDE + shift, 0, self._view.viewport().width() - 2 * SIDE, self.height())
        middle = 2 * line.center().x()
        for heading in reversed(self._rows.headings):
            widths.letters.end(painter, mirrored(painter, line, middle), heading)
            taken = max(widths.width(heading), widths.letters.width(heading))
            line = line.adjusted(0, 0, -taken - GAP, 0)
        widths.letters.begin(painter, mirrored(painter, line, middle), ALTERNATIVES)
        painter.end()
