"""The list of alternatives: its item model, the view, and the painter of a row. Shows the rows of an OddsView."""

from typing import Any

from PySide6.QtCore import QAbstractTableModel, QEvent, QModelIndex, QPersistentModelIndex, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QAccessible,
    QColor,
    QEnterEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import QListView, QSizePolicy, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from desktop.odds.painting import Lettering, mirrored
from desktop.odds.row_keys import RowKey, row_key
from desktop.odds.rows import EVERYTHING_ELSE, PROBABILITY, OddsRow
from desktop.odds.words import NOT_KNOWN
from desktop.qt.focus_ring import paint_focus_ring
from desktop.qt.plain_text import tip
from desktop.qt.visible import lines
from models.sampling.knobs import STAGES, stage_name
from resources.colours import LIGHT, Colours
from resources.language import tr

COLUMNS = TOKEN, MODEL, COIN, CUT_BY = tr("Token"), tr("Model"), tr("After sampling"), tr("Cut by")
ALTERNATIVES = tr("Alternatives")
SIDE = 10.0  # pixels at both sides of a row
GAP = 8.0  # pixels between columns
RAW_BAR, FINAL_BAR = 7.0, 3.0  # heights of the two bars, in pixels
LOW_BAR = 3.0  # height of both in low rows
_COMMANDS = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier | Qt.KeyboardModifier.MetaModifier
_AnyIndex = QModelIndex | QPersistentModelIndex


class AlternativesBlock(QAbstractTableModel):
    """The item model: one row an alternative, "everything else" last; columns as in COLUMNS."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows: tuple[OddsRow, ...] = ()
        self.odds_changed = False

    def show_rows(self, rows: tuple[OddsRow, ...], odds_changed: bool) -> None:
        """Show these rows. odds_changed: the chain changed the odds, so the column of the odds after sampling is
        shown."""
        if rows == self._rows and odds_changed == self.odds_changed:
            return
        same_number = len(rows) == len(self._rows)
        if not same_number:
            self.beginResetModel()
        self._rows, self.odds_changed = rows, odds_changed
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
    cut = tr("cut by {stage}; before that {raw}").format(raw=row.raw, stage=row.cut)
    kept = tr("model {raw}, after sampling {final}").format(raw=row.raw, final=row.final)
    number = row.id if row.id >= 0 else NOT_KNOWN
    return lines(row.token, tr("id {number}").format(number=number), cut if row.cut else kept)


class AlternativePainter(QStyledItemDelegate):
    """Paints a row: token and numbers above, two bars below on one scale from 0 to 1; raw broad and grey, final narrow
    and coloured over it."""

    def __init__(self, rows: AlternativesBlock, parent: QWidget) -> None:
        super().__init__(parent)
        self._rows = rows
        self.low = False  # whether rows have the least height
        self.set_colours(LIGHT)
        self.measure(parent)

    def measure(self, widget: QWidget) -> None:
        """Compute the sizes from the widget's font."""
        self.letters = Lettering(widget.font())
        self.number_width = max(map(self.letters.width, ("> 99.9 %", NOT_KNOWN, MODEL)))
        stages = (stage_name(cut) for cut in range(1, len(STAGES) + 1))
        self.coin_width = max(self.number_width, *(self.letters.width(text) + 1 for text in (COIN, *stages)))
        self._line = self.letters.height

    def height(self, low: bool) -> int:
        """Pixels of a row. low: the least height that holds text and bars."""
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
        if state & (QStyle.StateFlag.State_HasFocus | QStyle.StateFlag.State_Selected):
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
        """The token at the beginning of the line; at its end the raw probability and, where the chain changed the odds,
        the final one."""
        middle = 2 * line.center().x()
        width, coin = self.number_width, self.coin_width
        other = row.id == EVERYTHING_ELSE
        ink = self._dim if row.cut else self._quiet if other else self._text
        left = line.adjusted(0, 0, -(width + GAP) - (coin + GAP if self._rows.odds_changed else 0), 0)
        self.letters.token(painter, mirrored(painter, left, middle), row.token, ink, self._dim)
        painter.setPen(ink)
        if self._rows.odds_changed:
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
        """A bar of that share of the strip's width, at least 1.5 pixels where the share is above 0."""
        if share <= 0:
            return
        width = max(strip.width() * min(share, 1.0), 1.5)
        bar = QRectF(strip.left(), strip.center().y() - height / 2, width, height)
        painter.fillRect(mirrored(painter, bar, 2 * strip.center().x()), colour)


class AlternativeList(QListView):
    """The list view; where not all rows have room, the chosen token's is in view. `width_changed`: the width of the
    rows has changed. Wishes: `row_selected` to preview that row; `row_chosen` to put it on the page, with whether the
    model goes on. `row_pointed`: the mouse is over that row, -1 for none. `mouse_inside`: whether it is over the list.
    `key_refused` carries a key press that is for the page."""

    width_changed = Signal()
    row_selected = Signal(int)
    row_chosen = Signal(int, bool)
    row_pointed = Signal(int)
    mouse_inside = Signal(bool)
    key_refused = Signal(QKeyEvent)

    def __init__(self, rows: AlternativesBlock, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setModel(rows)
        self.painter_of_rows = AlternativePainter(rows, self)
        self.setItemDelegate(self.painter_of_rows)
        self.setUniformItemSizes(True)
        self.setFrameShape(QListView.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setAccessibleName(ALTERNATIVES)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # a click leaves the focus on the page
        self.setMouseTracking(True)
        self.entered.connect(lambda index: self.row_pointed.emit(index.row()))
        self.clicked.connect(lambda index: self.row_selected.emit(index.row()))
        self._rows = rows
        rows.modelReset.connect(self._show_chosen)
        rows.dataChanged.connect(lambda *_: self._show_chosen())

    def set_low(self, low: bool) -> None:
        """Set whether rows have the least height."""
        if low != self.painter_of_rows.low:
            self.painter_of_rows.low = low
            self.doItemsLayout()
            self._show_chosen()

    def _show_chosen(self) -> None:
        """Scroll the chosen token's row into view, as near to the top as possible; not while the list has the focus."""
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

    # -------------------------------------------------------------------------------------------- what the user does

    def mark(self, row: int | None) -> None:
        """Mark that row as the one that is previewed, and bring it into view; None: no row."""
        if row is None:
            self.clearSelection()
        else:
            self.setCurrentIndex(self._rows.index(row, 0))

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        index = self.indexAt(event.position().toPoint())
        if index.isValid() and event.button() == Qt.MouseButton.LeftButton:
            self.row_chosen.emit(index.row(), not event.modifiers() & Qt.KeyboardModifier.ShiftModifier)

    def enterEvent(self, event: QEnterEvent) -> None:
        super().enterEvent(event)
        self.mouse_inside.emit(True)

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self.row_pointed.emit(-1)
        self.mouse_inside.emit(False)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows and digits preview a row, Enter puts it on the page; what types a text is for the page."""
        row, key = self.currentIndex().row(), row_key(event)
        if isinstance(key, int):
            self.row_selected.emit(key)
        elif key is not RowKey.OTHER:
            self.row_chosen.emit(row, key is RowKey.GO_ON)
        elif event.text().isprintable() and event.text() and not event.modifiers() & _COMMANDS:
            self.key_refused.emit(event)
        else:
            super().keyPressEvent(event)
            if self.currentIndex().row() != row:
                self.row_selected.emit(self.currentIndex().row())


class Captions(QWidget):
    """The names of the columns, above the list."""

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
        return ", ".join((ALTERNATIVES, *((MODEL, COIN) if self._rows.odds_changed else (PROBABILITY,))))

    def sizeHint(self) -> QSize:
        return QSize(100, self.fontMetrics().height() + 6)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002
        painter = QPainter(self)
        painter.setPen(self._ink)
        widths = self._view.painter_of_rows
        shift = self.width() - self._view.viewport().width() if self.isRightToLeft() else 0  # the scroll bar's side
        line = QRectF(SIDE + shift, 0, self._view.viewport().width() - 2 * SIDE, self.height())
        taken = (
            widths.coin_width + widths.number_width if self._rows.odds_changed else widths.letters.width(PROBABILITY)
        ) + GAP
        middle = 2 * line.center().x()
        room = line.adjusted(0, 0, -taken - (GAP if self._rows.odds_changed else 0), 0)
        widths.letters.begin(painter, mirrored(painter, room, middle), ALTERNATIVES)
        if self._rows.odds_changed:
            widths.letters.end(painter, line, COIN)
            line = mirrored(painter, line.adjusted(0, 0, -widths.coin_width - GAP, 0), middle)
        widths.letters.end(painter, line, MODEL if self._rows.odds_changed else PROBABILITY)
        painter.end()
