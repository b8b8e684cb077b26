"""A table of values: every column is said once, as a title and how a value reads there. Knows nothing of them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar, cast

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, QSize, Qt, Signal
from PySide6.QtGui import QFont, QFontMetrics, QKeyEvent, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QApplication,
    QHeaderView,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTreeView,
    QWidget,
)

from desktop.qt.plain_text import tip
from desktop.qt.visible import visible

T = TypeVar("T")
Index = QModelIndex | QPersistentModelIndex
NOWHERE = QModelIndex()
_ROOM = QSize(14, 8)  # pixels around a cell's words, both sides together


@dataclass(frozen=True, slots=True)
class Column(Generic[T]):
    """words: what stands there. number: right-aligned. wide: takes the room that is left, and some where none is. tip:
    what a tooltip says; several: in lines of its own.
    """

    title: str
    words: Callable[[T], str]
    number: bool = False
    wide: bool = False
    tip: Callable[[T], str] | None = None
    several: bool = False


class ValueRows(QAbstractTableModel, Generic[T]):
    """The values of a table, one a row."""

    def __init__(self, columns: Sequence[Column[T]], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._columns = tuple(columns)
        self.values: tuple[T, ...] = ()
        self.is_marked: Callable[[T], bool] = lambda _value: False  # such a row is bold

    def put(self, values: Sequence[T]) -> None:
        """Show these values: in place where there are as many, so that a selection stays."""
        if len(values) == len(self.values):
            self.values = tuple(values)
            if values:
                self.dataChanged.emit(self.index(0, 0), self.index(len(values) - 1, len(self._columns) - 1))
            return
        self.beginResetModel()
        self.values = tuple(values)
        self.endResetModel()

    def append(self, values: Sequence[T]) -> None:
        if values:
            self.beginInsertRows(NOWHERE, len(self.values), len(self.values) + len(values) - 1)
            self.values += tuple(values)
            self.endInsertRows()

    def rowCount(self, parent: Index = NOWHERE) -> int:
        return 0 if parent.isValid() else len(self.values)

    def columnCount(self, parent: Index = NOWHERE) -> int:
        return 0 if parent.isValid() else len(self._columns)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return self._columns[section].title
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return self._aligned(section)
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        column, value = self._columns[index.column()], self.values[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return visible(column.words(value))
        if role == Qt.ItemDataRole.ToolTipRole:
            return tip((column.tip or column.words)(value), column.several)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return self._aligned(index.column())
        if role == Qt.ItemDataRole.FontRole and self.is_marked(value):
            return _bold(QApplication.font())
        return None

    def _aligned(self, column: int) -> Qt.AlignmentFlag:
        side = Qt.AlignmentFlag.AlignRight if self._columns[column].number else Qt.AlignmentFlag.AlignLeft
        return side | Qt.AlignmentFlag.AlignVCenter


def _bold(font: QFont) -> QFont:
    font.setBold(True)
    return font


_MEASURED = 200  # rows that decide how wide a column is
_WIDEST = 360  # pixels
_LARGEST = 4_000  # pixels; a width that was kept and is more is none
_LEAST = 160  # pixels that a wide column keeps in a narrow window; what is beside it is scrolled to


class Cell(QStyledItemDelegate):
    """Words with room around them."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return super().sizeHint(option, index) + _ROOM


class Table(QTreeView, Generic[T]):
    """Shows values; one is current. `current_changed` carries it, or None; `chosen` one that was double-clicked or
    entered; `end_reached` when the last row comes into view.
    """

    current_changed = Signal(object)
    chosen = Signal(object)
    end_reached = Signal()
    columns_chosen = Signal()  # someone has made a column wider or narrower

    def __init__(self, name: str, columns: Sequence[Column[T]], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.rows: ValueRows[T] = ValueRows(columns, self)
        self.setModel(self.rows)
        self.setItemDelegate(Cell(self))
        self.setAccessibleName(name)
        self.setRootIsDecorated(False)
        self.setUniformRowHeights(True)
        self.setAllColumnsShowFocus(True)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self._columns = tuple(columns)
        self._chosen: dict[int, int] = {}  # widths that someone chose, by the columns' places
        self._fitting = False
        self._needed = 0  # pixels that the words of a wide last column take
        self._size_columns()
        self.selectionModel().currentRowChanged.connect(lambda *_: self._tell())
        self.rows.modelReset.connect(self._tell)
        self.rows.dataChanged.connect(lambda *_: self._tell())
        self.doubleClicked.connect(lambda index: self.chosen.emit(self.rows.values[index.row()]))
        self.verticalScrollBar().valueChanged.connect(self._scrolled)

    def _size_columns(self) -> None:
        header = self.header()
        header.setStretchLastSection(False)
        header.setSectionsMovable(False)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        header.sectionResized.connect(self._resized)
        self._fit_columns()

    def _fit_columns(self) -> None:
        """As wide as their words. Qt's own way asks for the size of every cell several times over."""
        advance, bold = self.fontMetrics().horizontalAdvance, QFontMetrics(_bold(self.font())).horizontalAdvance
        self._fitting = True
        for place, column in enumerate(self._columns):
            if place in self._chosen:
                self.setColumnWidth(place, self._chosen[place])
                continue
            last = place == len(self._columns) - 1
            if column.wide and not last:
                continue
            said = [
                (bold if self.rows.is_marked(value) else advance)(column.words(value))
                for value in self.rows.values[:_MEASURED]
            ]
            width = max(advance(column.title), *said, 0) + 2 * _ROOM.width()
            if column.wide:
                self._needed = min(width, _LARGEST)
            else:
                self.setColumnWidth(place, min(_WIDEST, width))
        self._fitting = False
        self._fill()

    def _fill(self) -> None:
        """The wide column takes what the others leave, unless someone chose its width. As the last it is never narrower
        than its words: nothing stands behind it, and it is scrolled to."""
        self._fitting = True
        for place, column in enumerate(self._columns):
            if column.wide and place not in self._chosen:
                others = self.header().length() - self.columnWidth(place)
                needed = self._needed if place == len(self._columns) - 1 else 0
                self.setColumnWidth(place, max(_LEAST, needed, self.viewport().width() - others))
        self._fitting = False

    def _resized(self, place: int, _before: int, width: int) -> None:
        if self._fitting:
            return
        if QApplication.mouseButtons() & Qt.MouseButton.LeftButton:  # by someone's hand
            self._chosen[place] = width
            self.columns_chosen.emit()
        if not self._columns[place].wide:
            self._fill()

    @property
    def chosen_columns(self) -> str:
        """The widths that someone chose, as `choose_columns` takes them."""
        return " ".join(f"{place}:{width}" for place, width in sorted(self._chosen.items()))

    def choose_columns(self, widths: str) -> None:
        """Widths as they were chosen before; what does not fit is left out."""
        pairs = (one.partition(":") for one in widths.split())
        numbers = {int(place): int(width) for place, _, width in pairs if place.isdecimal() and width.isdecimal()}
        here = range(len(self._columns))
        self._chosen = {place: width for place, width in numbers.items() if place in here and width < _LARGEST}
        self._fit_columns()

    @property
    def current(self) -> T | None:
        row = self.currentIndex().row()
        return self.rows.values[row] if 0 <= row < len(self.rows.values) else None

    def put(self, values: Sequence[T]) -> None:
        """Show these values, in place where there are as many."""
        self.rows.put(values)
        self._fit_columns()

    def reread(self) -> None:
        """The same values read otherwise now."""
        self._fit_columns()
        self.viewport().update()

    def append(self, values: Sequence[T]) -> None:
        """Show these too."""
        self.rows.append(values)
        self._fit_columns()

    def select(self, row: int) -> None:
        self.setCurrentIndex(self.rows.index(row, 0))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.current is not None:
            self.chosen.emit(self.current)
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fill()

    def _tell(self) -> None:
        self.current_changed.emit(cast(object, self.current))

    def _scrolled(self, value: int) -> None:
        if value == self.verticalScrollBar().maximum():
            self.end_reached.emit()
