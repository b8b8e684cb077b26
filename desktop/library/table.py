"""A table of values of one type: each column is declared once, as a title and a function from a value to its text."""

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
_ROOM = QSize(14, 8)  # pixels around the text of a cell, both sides together


@dataclass(frozen=True, slots=True)
class Column(Generic[T]):
    """One column. words: the text of a value. number: right-aligned. wide: takes the width that the others leave. tip:
    the tooltip of a value, `words` by default; several: the tooltip has several lines.
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
        self.is_marked: Callable[[T], bool] = lambda _value: False  # a marked row is bold

    def put(self, values: Sequence[T]) -> None:
        """Show these values. If there are as many as before, the selection stays."""
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


_MEASURED = 200  # rows whose text is measured for a column's width
_WIDEST = 360  # pixels of a column, unless the user makes it wider
_LARGEST = 4_000  # pixels; larger widths in the settings are ignored
_LEAST = 160  # pixels of a wide column in a narrow window; the table scrolls sideways then


class Cell(QStyledItemDelegate):
    """Text with a margin around it."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return super().sizeHint(option, index) + _ROOM


class Table(QTreeView, Generic[T]):
    """Shows values, one a row; one is current. `current_changed` carries it, or None; `chosen` carries a value that was
    double-clicked or entered; `end_reached`: the last row came into view; `columns_chosen`: the user changed a width.
    """

    current_changed = Signal(object)
    chosen = Signal(object)
    end_reached = Signal()
    columns_chosen = Signal()

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
        self._chosen: dict[int, int] = {}  # widths that the user chose, in pixels, by column index
        self._fitting = False
        self._needed = 0  # pixels that the text of a wide last column takes
        self._size_columns()
        self.selectionModel().currentRowChanged.connect(lambda *_: self._emit_current())
        self.rows.modelReset.connect(self._emit_current)
        self.rows.dataChanged.connect(lambda *_: self._emit_current())
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
        """Make columns as wide as their text. (Qt's own resize mode measures every cell several times.)"""
        advance, bold = self.fontMetrics().horizontalAdvance, QFontMetrics(_bold(self.font())).horizontalAdvance
        self._fitting = True
        for index, column in enumerate(self._columns):
            if index in self._chosen:
                self.setColumnWidth(index, self._chosen[index])
                continue
            last = index == len(self._columns) - 1
            if column.wide and not last:
                continue
            widths = [
                (bold if self.rows.is_marked(value) else advance)(column.words(value))
                for value in self.rows.values[:_MEASURED]
            ]
            width = max(advance(column.title), *widths, 0) + 2 * _ROOM.width()
            if column.wide:
                self._needed = min(width, _LARGEST)
            else:
                self.setColumnWidth(index, min(_WIDEST, width))
        self._fitting = False
        self._fill()

    def _fill(self) -> None:
        """Give the wide column what the others leave, unless the user chose its width. As the last column it is never
        narrower than its text: the table scrolls sideways then."""
        self._fitting = True
        for index, column in enumerate(self._columns):
            if column.wide and index not in self._chosen:
                others = self.header().length() - self.columnWidth(index)
                needed = self._needed if index == len(self._columns) - 1 else 0
                self.setColumnWidth(index, max(_LEAST, needed, self.viewport().width() - others))
        self._fitting = False

    def _resized(self, index: int, _before: int, width: int) -> None:
        if self._fitting:
            return
        if QApplication.mouseButtons() & Qt.MouseButton.LeftButton:  # the user drags
            self._chosen[index] = width
            self.columns_chosen.emit()
        if not self._columns[index].wide:
            self._fill()

    @property
    def chosen_columns(self) -> str:
        """The widths that the user chose, as `choose_columns` takes them: "index:pixels index:pixels"."""
        return " ".join(f"{index}:{width}" for index, width in sorted(self._chosen.items()))

    def choose_columns(self, widths: str) -> None:
        """Restore widths from `chosen_columns`; ignores what is malformed or too large."""
        pairs = (one.partition(":") for one in widths.split())
        numbers = {int(index): int(width) for index, _, width in pairs if index.isdecimal() and width.isdecimal()}
        known = range(len(self._columns))
        self._chosen = {index: width for index, width in numbers.items() if index in known and width < _LARGEST}
        self._fit_columns()

    @property
    def current(self) -> T | None:
        row = self.currentIndex().row()
        return self.rows.values[row] if 0 <= row < len(self.rows.values) else None

    def put(self, values: Sequence[T]) -> None:
        """Show these values. If there are as many as before, the selection stays."""
        self.rows.put(values)
        self._fit_columns()

    def reread(self) -> None:
        """Show the same values again, whose texts have changed."""
        self._fit_columns()
        self.viewport().update()

    def append(self, values: Sequence[T]) -> None:
        """Show these values too, below the others."""
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

    def _emit_current(self) -> None:
        self.current_changed.emit(cast(object, self.current))

    def _scrolled(self, value: int) -> None:
        if value == self.verticalScrollBar().maximum():
            self.end_reached.emit()
