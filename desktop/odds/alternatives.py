"""The list of alternatives: its rows for Qt, the list itself, and how a row is painted. Knows views (OddsView's rows),
no readings."""

from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QAccessible, QColor, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QListView, QSizePolicy, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from desktop.odds.painting import Lettering, mirrored
from desktop.odds.rows import EVERYTHING_ELSE, PROBABILITY, OddsRow
from desktop.qt.focus_ring import paint_focus_ring
from desktop.qt.plain_text import tip
from desktop.qt.visible import lines
from models.sampling.knobs import STAGES, stage_name
from resources.colours import LIGHT, Colours
from resources.language import tr

COLUMNS = TOKEN, MODEL, COIN, CUT_BY = tr("Token"), tr("Model"), tr("After sampling"), tr("Cut by")
ALTERNATIVES = tr("Alternatives")
SIDE = 10.0  # pixels at both sides of a row
GAP = 8.0
RAW_BAR, FINAL_BAR = 7.0, 3.0  # the heights of the two bars
LOW_BAR = 3.0  # of both where rows are low
_AnyIndex = QModelIndex | QPersistentModelIndex


class AlternativeRows(QAbstractTableModel):
    """One row an alternative, "everything else" last; columns as in COLUMNS."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows: tuple[OddsRow, ...] = ()
        self.bent = False

    def show_rows(self, rows: tuple[OddsRow, ...], bent: bool) -> None:
        """bent: the chain changed the odds, so the coin's column says something of its own."""
        if rows == self._rows and bent == self.bent:
            return
        same_number = len(rows) == len(self._rows)
        if not same_number:
            self.beginResetModel()
        self._rows, self.bent = rows, bent
        if not same_number:
            self.endResetModel()
        elif rows:
            self.dataChanged.emit(self.index(0, 0), self.index(len(rows) - 1, len(COLUMNS) - 1))

    def row(self, number: int) -> OddsRow:
        return self._rows[number]

    def rowCount(self, parent: _AnyIndex = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: _AnyIndex = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(COLUMNS)

    def data(self, index: _AnyIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        row = self._rows[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return (row.token, row.raw, row.final, row.cut)[index.column()]
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return row.spoken()
        if role == Qt.ItemDataRole.ToolTipRole:
            return tip(_tip(row), several=True)
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if role == Qt.ItemDataRole.DisplayRole and orientation == Qt.Orientation.Horizontal:
            return COLUMNS[section]
        return None


def _tip(row: OddsRow) -> str:
    if row.id == EVERYTHING_ELSE:
        return tr("All tokens of the vocabulary that are not listed, together.")
    cut = tr("model {raw}, cut by {stage}").format(raw=row.raw, stage=row.cut)
    kept = tr("model {raw}, after sampling {final}").format(raw=row.raw, final=row.final)
    return lines(row.token, tr("id {number}").format(number=row.id), cut if row.cut else kept)


class RowPainter(QStyledItemDelegate):
    """Token and numbers above, both bars below on one 0–1 scale: the model's belief broad and grey, the coin narrow and
    coloured over it."""

    def __init__(self, rows: AlternativeRows, parent: QWidget) -> None:
        super().__init__(parent)
        self._rows = rows
        self.low = False  # rows take as little height as they can
        self.set_colours(LIGHT)
        self.measure(parent)

    def measure(self, widget: QWidget) -> None:
        """Take the sizes from the widget's font."""
        self.letters = Lettering(widget.font())
        self.number_width = max(map(self.letters.width, ("> 99.9 %", MODEL)))
        stages = (stage_name(cut) for cut in range(1, len(STAGES) + 1))
        self.coin_width = max(self.number_width, *(self.letters.width(said) + 1 for said in (COIN, *stages)))
        self._line = self.letters.height

    def height(self, low: bool) -> int:
        """Of a row, in pixels. low: as little as its text and bars can do with."""
        return round(self._line + (LOW_BAR + 4 if low else RAW_BAR + 9))

    def set_colours(self, colours: Colours) -> None:
        self._text, self._quiet, self._dim = (QColor(c) for c in (colours.text, colours.quiet, colours.dim))
        self._raw, self._final = QColor(colours.raw), QColor(colours.final)
        self._selected = QColor(colours.selected)
        self._outline = QPen(QColor(colours.outline), 1.4)
        self._scale = QColor(colours.rest)

    def sizeHint(self, option: QStyleOptionViewItem, index: _AnyIndex) -> QSize:  # noqa: ARG002
        return QSize(60, self.height(self.low))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _AnyIndex) -> None:
        row = self._rows.row(index.row())
        rect = QRectF(option.rect)  # type: ignore[attr-defined]
        state = option.state  # type: ignore[attr-defined]
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if state & QStyle.StateFlag.State_HasFocus:
            self._box(painter, rect, self._selected)
        if row.chosen:
            painter.setPen(self._outline)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(rect.adjusted(3.5, 0.5, -3.5, -0.5), 5, 5)
        line = QRectF(rect.left() + SIDE, rect.top() + (1 if self.low else 3), rect.width() - 2 * SIDE, self._line)
        self._numbers(painter, line, row)
        bar = LOW_BAR if self.low else RAW_BAR
        self._bars(painter, QRectF(line.left(), round(line.bottom()) + 1, line.width(), bar), row)

    def _box(self, painter: QPainter, rect: QRectF, colour: QColor) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        painter.drawRoundedRect(rect.adjusted(3.5, 0.5, -3.5, -0.5), 5, 5)

    def _numbers(self, painter: QPainter, line: QRectF, row: OddsRow) -> None:
        """The token first; at the end what the model believed and, where the chain changed the odds, what the coin
        has."""
        middle = 2 * line.center().x()
        width, coin = self.number_width, self.coin_width
        other = row.id == EVERYTHING_ELSE
        ink = self._dim if row.cut else self._quiet if other else self._text
        left = line.adjusted(0, 0, -(width + GAP) - (coin + GAP if self._rows.bent else 0), 0)
        self.letters.token(painter, mirrored(painter, left, middle), row.token, ink, self._dim)
        painter.setPen(ink)
        if self._rows.bent:
            self.letters.end(painter, line, row.cut or row.final)
            painter.setPen(self._dim if row.cut else self._quiet)
            line = mirrored(painter, line.adjusted(0, 0, -(coin + GAP), 0), middle)
        self.letters.end(painter, line, row.raw)

    def _bars(self, painter: QPainter, strip: QRectF, row: OddsRow) -> None:
        painter.fillRect(QRectF(strip.left(), strip.center().y() - 0.5, strip.width(), 1.0), self._scale)
        painter.setOpacity(0.55 if row.cut else 1.0)
        self._bar(painter, strip, row.raw_share, strip.height(), self._raw)
        self._bar(painter, strip, row.final_share, 1.5 if self.low else FINAL_BAR, self._final)
        painter.setOpacity(1.0)

    def _bar(self, painter: QPainter, strip: QRectF, share: float, height: float, colour: QColor) -> None:
        """A bar of that share of the strip; what is more than nothing stays visible."""
        if share <= 0:
            return
        width = max(strip.width() * min(share, 1.0), 1.5)
        bar = QRectF(strip.left(), strip.center().y() - height / 2, width, height)
        painter.fillRect(mirrored(painter, bar, 2 * strip.center().x()), colour)


class AlternativeList(QListView):
    """The rows under the arrow keys; where not all have room, that of the chosen token is in view. `width_changed`: the
    room for a row is another."""

    width_changed = Signal()

    def __init__(self, rows: AlternativeRows, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setModel(rows)
        self.painter_of_rows = RowPainter(rows, self)
        self.setItemDelegate(self.painter_of_rows)
        self.setUniformItemSizes(True)
        self.setFrameShape(QListView.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setAccessibleName(ALTERNATIVES)
        self._rows = rows
        rows.modelReset.connect(self._show_chosen)
        rows.dataChanged.connect(lambda *_: self._show_chosen())

    def set_low(self, low: bool) -> None:
        """Whether rows take as little height as they can."""
        if low != self.painter_of_rows.low:
            self.painter_of_rows.low = low
            self.doItemsLayout()
            self._show_chosen()

    def _show_chosen(self) -> None:
        """Bring the row of the token that was chosen into view, as little below the top as can be; not while someone
        goes through the rows."""
        if self.hasFocus():
            return
        chosen = next((number for number in range(self._rows.rowCount()) if self._rows.row(number).chosen), 0)
        self.scrollToTop()
        self.scrollTo(self._rows.index(chosen, 0))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.width_changed.emit()
        if event.size().height() != event.oldSize().height():
            self._show_chosen()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        paint_focus_ring(self)


class Captions(QWidget):
    """The names of the columns, above the list's."""

    accessible_role = QAccessible.Role.StaticText

    def __init__(self, view: AlternativeList, rows: AlternativeRows, parent: QWidget | None = None) -> None:
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
        return ", ".join((ALTERNATIVES, *((MODEL, COIN) if self._rows.bent else (PROBABILITY,))))

    def sizeHint(self) -> QSize:
        return QSize(100, self.fontMetrics().height() + 6)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002
        painter = QPainter(self)
        painter.setPen(self._ink)
        widths = self._view.painter_of_rows
        shift = self.width() - self._view.viewport().width() if self.isRightToLeft() else 0  # the scroll bar's side
        line = QRectF(SIDE + shift, 0, self._view.viewport().width() - 2 * SIDE, self.height())
        taken = (
            widths.coin_width + widths.number_width if self._rows.bent else widths.letters.width(PROBABILITY)
        ) + GAP
        middle = 2 * line.center().x()
        room = line.adjusted(0, 0, -taken - (GAP if self._rows.bent else 0), 0)
        widths.letters.begin(painter, mirrored(painter, room, middle), ALTERNATIVES)
        if self._rows.bent:
            widths.letters.end(painter, line, COIN)
            line = mirrored(painter, line.adjusted(0, 0, -widths.coin_width - GAP, 0), middle)
        widths.letters.end(painter, line, MODEL if self._rows.bent else PROBABILITY)
        painter.end()
