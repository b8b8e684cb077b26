"""The list of alternatives: its item model, the view, and the painter of a row. Shows the rows of an OddsView, and
beside them the odds of a second model, where there is one: they take the place of those after sampling."""

from typing import Any

from PySide6.QtCore import (
    QAbstractTableModel,
    QEvent,
    QModelIndex,
    QPersistentModelIndex,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import (
    QColor,
    QContextMenuEvent,
    QEnterEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import QListView, QMenu, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from desktop.odds.beside import SecondOdds
from desktop.odds.painting import Lettering, mirrored
from desktop.odds.row_keys import RowKey, row_key
from desktop.odds.rows import EVERYTHING_ELSE, LIKELY_TO_SECOND, PROBABILITY, OddsRow
from desktop.odds.words import NOT_KNOWN
from desktop.qt.focus_ring import paint_focus_ring
from desktop.qt.plain_text import tip
from desktop.qt.visible import lines
from models.sampling.knobs import STAGES, stage_name
from resources.colours import LIGHT, Colours
from resources.language import tr

COLUMNS = TOKEN, MODEL, COIN, CUT_BY = tr("Token"), tr("Model"), tr("After sampling"), tr("Cut by")
FLIPS = tr("Flips")  # the heading in place of MODEL, while extra flips are tallied
ALTERNATIVES = tr("Alternatives")
FIRST, SECOND = tr("First", "model"), tr("Second", "model")  # the headings while two models are compared
SIDE = 10.0  # pixels at both sides of a row
GAP = 8.0  # pixels between columns
RAW_BAR, FINAL_BAR = 7.0, 3.0  # heights of the two bars, in pixels
LOW_BAR = 3.0  # height of both in low rows
SECOND_MARK = 3.0  # width of the mark of a row that is there for a second model, in pixels
TICK = 2.0  # width of the mark of a tally, in pixels
_COMMANDS = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier | Qt.KeyboardModifier.MetaModifier
_AnyIndex = QModelIndex | QPersistentModelIndex


class AlternativesBlock(QAbstractTableModel):
    """The item model: one row an alternative, "everything else" last, but for what is only likely to a second model;
    columns as in COLUMNS."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows: tuple[OddsRow, ...] = ()
        self._own: tuple[OddsRow, ...] = ()  # those of the view; behind them are those of the second model
        self._more: tuple[OddsRow, ...] = ()
        self._second: tuple[SecondOdds, ...] | None = None
        self.odds_changed = False

    def show_rows(self, rows: tuple[OddsRow, ...], odds_changed: bool) -> None:
        """Show these rows. odds_changed: the chain changed the odds, so the column of the odds after sampling is
        shown. Rows with a tally have its column in place of the model's."""
        if rows != self._own or odds_changed != self.odds_changed:
            self._own, self.odds_changed = rows, odds_changed
            self._put((*rows, *self._more))

    def show_second(self, odds: tuple[SecondOdds, ...] | None, more: tuple[OddsRow, ...] = ()) -> None:
        """Show the odds of a second model beside the rows, in their order; None: there is none. more: rows of it, to be
        shown below the others. A tally of extra flips comes before them."""
        if odds != self._second or more != self._more:
            self._second, self._more = odds, more
            self._put((*self._own, *more))

    def _put(self, rows: tuple[OddsRow, ...]) -> None:
        same_number = len(rows) == len(self._rows)
        if not same_number:
            self.beginResetModel()
        self._rows = rows
        if not same_number:
            self.endResetModel()
        elif rows:
            self.dataChanged.emit(self.index(0, 0), self.index(len(rows) - 1, len(COLUMNS) - 1))

    @property
    def compares(self) -> bool:
        """Whether the odds of a second model are shown."""
        return SECOND in self.headings

    def second(self, number: int) -> SecondOdds | None:
        """The second model's odds of a row; None where there are none."""
        return self._second[number] if self._second is not None and number < len(self._second) else None

    def row(self, number: int) -> OddsRow:
        return self._rows[number]

    @property
    def headings(self) -> tuple[str, ...]:
        """The names of the numbers in a row, from its middle to its end."""
        if self._rows and self._rows[0].flips:
            return (COIN if self.odds_changed else PROBABILITY), FLIPS
        if self._second is not None:
            return FIRST, SECOND
        return (MODEL, COIN) if self.odds_changed else (PROBABILITY,)

    def numbers(self, number: int) -> tuple[str, ...]:
        """The numbers of a row under these headings."""
        row, second = self._rows[number], self.second(number)
        texts = {MODEL: row.raw, PROBABILITY: row.raw, COIN: row.cut or row.final, FLIPS: row.flips}
        texts |= {FIRST: row.raw, SECOND: second.words if second else ""}
        return tuple(texts[heading] for heading in self.headings)

    def rowCount(self, parent: _AnyIndex = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: _AnyIndex = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(COLUMNS)

    def data(self, index: _AnyIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        row, second = self._rows[index.row()], self.second(index.row())
        if role == Qt.ItemDataRole.DisplayRole:
            return (row.token, row.raw, row.final, row.cut)[index.column()]
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return ", ".join((row.spoken(), *((second.spoken,) if second else ())))
        if role == Qt.ItemDataRole.ToolTipRole:
            return tip(lines(*_tip(row).split("\n"), second.spoken if second else ""), several=True)
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
    flips = (tr("{share} of the flips").format(share=row.flips),) if row.flips else ()
    why = (LIKELY_TO_SECOND,) if row.second else ()
    return lines(row.token, tr("id {number}").format(number=number), cut if row.cut else kept, *flips, *why)


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
        self.number_width = max(map(self.letters.width, ("> 99.9 %", NOT_KNOWN, MODEL, FLIPS, FIRST, SECOND)))
        stages = (stage_name(cut) for cut in range(1, len(STAGES) + 1))
        self.coin_width = max(self.number_width, *(self.letters.width(text) + 1 for text in (COIN, *stages)))
        self._line = self.letters.height

    def width(self, heading: str) -> float:
        """Pixels of the column of numbers under that heading."""
        return self.coin_width if heading == COIN else self.number_width

    def height(self, low: bool) -> int:
        """Pixels of a row. low: the least height that holds text and bars."""
        return round(self._line + (LOW_BAR + 4 if low else RAW_BAR + 9))

    def set_colours(self, colours: Colours) -> None:
        self._text, self._quiet, self._dim = (QColor(c) for c in (colours.text, colours.quiet, colours.dim))
        self._raw, self._final, self._second = (QColor(c) for c in (colours.raw, colours.final, colours.second))
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
        if row.second:
            self._mark_second(painter, rect)
        line = QRectF(rect.left() + SIDE, rect.top() + (1 if self.low else 3), rect.width() - 2 * SIDE, self._line)
        self._numbers(painter, line, row, self._rows.numbers(index.row()))
        bar = LOW_BAR if self.low else RAW_BAR
        strip = QRectF(line.left(), round(line.bottom()) + 1, line.width(), bar)
        painter.fillRect(QRectF(strip.left(), strip.center().y() - 0.5, strip.width(), 1.0), self._scale)
        second = self._rows.second(index.row())
        if self._rows.compares:
            self._bars_of_two(painter, strip, row.raw_share, second.share if second else 0.0)
        else:
            self._bars(painter, strip, row)

    def _mark_second(self, painter: QPainter, rect: QRectF) -> None:
        """A bar in the second model's colour before the token."""
        bar = QRectF(rect.left() + 4, rect.top() + 3, SECOND_MARK, rect.height() - 6)
        painter.fillRect(mirrored(painter, bar, 2 * rect.center().x()), self._second)

    def _box(self, painter: QPainter, rect: QRectF, colour: QColor) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        painter.drawRoundedRect(rect.adjusted(3.5, 0.5, -3.5, -0.5), 5, 5)

    def _numbers(self, painter: QPainter, line: QRectF, row: OddsRow, numbers: tuple[str, ...]) -> None:
        """The token at the beginning of the line, and its numbers at the end."""
        middle = 2 * line.center().x()
        other = row.id == EVERYTHING_ELSE
        ink = self._dim if row.cut else self._quiet if other else self._text
        painter.setPen(ink)
        for heading, number in reversed(tuple(zip(self._rows.headings, numbers, strict=True))):
            self.letters.end(painter, mirrored(painter, line, middle), number)
            painter.setPen(self._dim if row.cut else ink if self._rows.compares else self._quiet)
            line = line.adjusted(0, 0, -(self.width(heading) + GAP), 0)
        self.letters.token(painter, mirrored(painter, line, middle), row.token, ink, self._dim)

    def _bars_of_two(self, painter: QPainter, strip: QRectF, first: float, second: float) -> None:
        """The first model's bar above the second's."""
        half = (strip.height() - 1) / 2
        above, below = strip.adjusted(0, 0, 0, -half - 1), strip.adjusted(0, half + 1, 0, 0)
        self._bar(painter, above, first, half, self._raw)
        self._bar(painter, below, second, half, self._second)

    def _bars(self, painter: QPainter, strip: QRectF, row: OddsRow) -> None:
        painter.setOpacity(0.55 if row.cut else 1.0)
        self._bar(painter, strip, row.raw_share, strip.height(), self._raw)
        self._bar(painter, strip, row.final_share, 1.5 if self.low else FINAL_BAR, self._final)
        painter.setOpacity(1.0)
        if row.flips:
            self._tick(painter, strip, row.flips_share)

    def _bar(self, painter: QPainter, strip: QRectF, share: float, height: float, colour: QColor) -> None:
        """A bar of that share of the strip's width, at least 1.5 pixels where the share is above 0."""
        if share <= 0:
            return
        width = max(strip.width() * min(share, 1.0), 1.5)
        bar = QRectF(strip.left(), strip.center().y() - height / 2, width, height)
        painter.fillRect(mirrored(painter, bar, 2 * strip.center().x()), colour)

    def _tick(self, painter: QPainter, strip: QRectF, share: float) -> None:
        """A mark across the bars, where the share of the flips is."""
        x = strip.left() + strip.width() * min(share, 1.0)
        tick = QRectF(x - TICK / 2, strip.top() - 1, TICK, strip.height() + 2)
        painter.fillRect(mirrored(painter, tick, 2 * strip.center().x()), self._text)


class AlternativeList(QListView):
    """The list view; where not all rows have room, the chosen token's is in view. `width_changed`: the width of the
    rows has changed. Wishes: `row_selected` to preview that row; `row_chosen` to put it on the page, with whether the
    model goes on. `row_pointed`: the mouse is over that row, -1 for none. `mouse_inside`: whether it is over the list.
    `key_refused` carries a key press that is for the page. `bias_requested`: to favour (true) or ban the token with
    that id."""

    width_changed = Signal()
    row_selected = Signal(int)
    row_chosen = Signal(int, bool)
    row_pointed = Signal(int)
    mouse_inside = Signal(bool)
    key_refused = Signal(QKeyEvent)
    bias_requested = Signal(int, bool)

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
        self._twice = False  # the button is down for the second time of a double click
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
        self._show_whole_rows()

    def _show_whole_rows(self) -> None:
        """Scroll on by a part of a row, so that none is cut at the top."""
        bar, row = self.verticalScrollBar(), max(1, self.sizeHintForRow(0))
        bar.setValue(-(-bar.value() // row) * row)

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
            self._show_whole_rows()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        by_keyboard = event.reason() == QContextMenuEvent.Reason.Keyboard
        index = self.currentIndex() if by_keyboard else self.indexAt(event.pos())
        if index.isValid() and (menu := self.menu_of(index.row())):
            below = self.viewport().mapToGlobal(self.visualRect(index).bottomLeft())
            menu.popup(below if by_keyboard else event.globalPos())

    def menu_of(self, row: int) -> QMenu | None:
        """The menu of a row; None where its token's id is not known."""
        token = self._rows.row(row).id
        if token < 0:
            return None
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction(tr("Favour this token…"), lambda: self.bias_requested.emit(token, True))
        menu.addAction(tr("Ban this token"), lambda: self.bias_requested.emit(token, False))
        return menu

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:  # the menu's row is not previewed, so it is not marked
            super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        super().mouseMoveEvent(event)  # not the signal `entered`, which comes of scrolling, too
        self.row_pointed.emit(self.indexAt(event.position().toPoint()).row())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if not self._twice:  # else it would be a click on the row that has come under the mouse
            super().mouseReleaseEvent(event)
        self._twice = False

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        index = self.indexAt(event.position().toPoint())
        self._twice = True
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
