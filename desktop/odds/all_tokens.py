"""Every token of the vocabulary with its odds at the place that is shown: sorted, filtered, and copied as CSV."""

from collections.abc import Iterable
from typing import Any

import numpy as np
from PySide6.QtCore import QAbstractTableModel, QEvent, QModelIndex, QPersistentModelIndex, Qt, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QEnterEvent,
    QFocusEvent,
    QGuiApplication,
    QHideEvent,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QHeaderView,
    QLineEdit,
    QMenu,
    QPushButton,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from desktop.odds import words
from desktop.odds.row_keys import RowKey, row_key
from desktop.odds.visible import visible
from desktop.odds.vocabulary_listing import Column, Indices, Kept, Listing, as_csv
from desktop.qt.background import Background
from desktop.qt.plain_text import Label, tip
from models.sampling.knobs import stage_name
from resources.language import tr, tr_count

TITLES = {
    Column.TOKEN: tr("Token"),
    Column.RAW: tr("Model"),
    Column.FINAL: tr("After sampling"),
    Column.RANK: tr("Rank"),
    Column.CUT: tr("Cut by"),
    Column.ID: tr("Token id"),
}
WIDEST = {
    Column.TOKEN: "␣the",  # at least; it takes all the width that the others leave
    Column.RAW: "2.1×10⁻¹¹ %",
    Column.FINAL: "2.1×10⁻¹¹ %",
    Column.RANK: "262,144",
    Column.ID: "262144",
}
CELL = 12  # pixels at both sides of a cell, together
ROOMY = 2  # times the least width of the tokens' column, with which the ids come into view
FALLS = (Column.RAW, Column.FINAL, Column.CUT)  # at the first click the largest come first
LEAST_ROWS = 3  # tokens that stay in view in a low window
GAP = 4  # pixels
_NOTHING = np.zeros(0, np.int64)
_NOWHERE = QModelIndex()
_AnyIndex = QModelIndex | QPersistentModelIndex


class TokenRows(QAbstractTableModel):
    """The item model: nothing is kept for a row; its cells are made when they are seen."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.listing: Listing | None = None
        self.order: Indices = _NOTHING
        self._tokens: Indices = _NOTHING  # the ids of the rows, in order
        self.column, self.falling = Column.RAW, True
        self.text, self.kept = "", Kept.ALL

    def show_listing(self, listing: Listing | None) -> None:
        self.listing = listing
        self.list_again()

    def list_again(self) -> None:
        """List the rows as the order and the filter are now. A row that is selected or pointed at remains so only where
        all rows list the tokens that they listed before."""
        listing = self.listing
        order = listing.rows(self.column, self.falling, self.text, self.kept) if listing else _NOTHING
        tokens = listing.ids[order] if listing else _NOTHING
        same = np.array_equal(tokens, self._tokens)
        if not same:
            self.beginResetModel()
        self.order, self._tokens = order, tokens
        if not same:
            self.endResetModel()
        elif len(order):
            self.dataChanged.emit(self.index(0, 0), self.index(len(order) - 1, len(Column) - 1))

    def _arrow(self, section: int) -> str:
        """Behind the heading of the column that the rows are sorted by. Qt's own would lie over its last letter."""
        column = Column.FINAL if self.column is Column.CUT else self.column  # which shows the stages, too
        return "" if section != column else " ▾" if self.falling else " ▴"

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        self.column, self.falling = Column(column), order == Qt.SortOrder.DescendingOrder
        self.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, len(Column) - 1)
        self.list_again()

    def rowCount(self, parent: _AnyIndex = _NOWHERE) -> int:
        return 0 if parent.isValid() else len(self.order)

    def columnCount(self, parent: _AnyIndex = _NOWHERE) -> int:
        return 0 if parent.isValid() else len(Column)

    def data(self, index: _AnyIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if self.listing is None or not index.isValid():
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return self._cell(self.listing, int(self.order[index.row()]), Column(index.column()))
        return _alignment(index.column()) if role == Qt.ItemDataRole.TextAlignmentRole else None

    def _cell(self, listing: Listing, row: int, column: Column) -> str:
        match column:
            case Column.TOKEN:
                return visible(listing.texts.of(int(listing.ids[row])))
            case Column.RAW:
                return words.fine_percent(words.probability(float(listing.raw[row])))
            case Column.FINAL:
                share = words.fine_percent(words.probability(float(listing.final[row])))
                return self._cell(listing, row, Column.CUT) or share
            case Column.RANK:
                return f"{listing.ranks[row]:,}"
            case Column.CUT:
                return stage_name(int(listing.cut[row]))
            case Column.ID:
                return str(listing.ids[row])

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return f"{heading(Column(section))}{self._arrow(section)}"
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.TextAlignmentRole:
            return _alignment(section)
        return None


def heading(column: Column) -> str:
    """The title over a column; in two lines over the probabilities, which are narrower than theirs."""
    return TITLES[column].replace(" ", "\n") if column is Column.FINAL else TITLES[column]


def _alignment(column: int) -> int:
    """Texts begin at the beginning of their column, and numbers end at its end."""
    texts = column in (Column.TOKEN, Column.CUT)
    side = Qt.AlignmentFlag.AlignLeading if texts else Qt.AlignmentFlag.AlignTrailing
    return int(side | Qt.AlignmentFlag.AlignVCenter)


class TokenTable(QTableView):
    """`row_chosen`, a wish: put the token of that row of the listing on the page, and whether the model goes on.
    `row_pointed`: the mouse is over that row of the listing, else it is the current one and the keys are the table's;
    -1 for none. `mouse_inside`: whether it is over the table. `copy_requested`, a wish: copy the selected rows.
    `letters_typed`: what was typed and is no key of the table."""

    row_chosen = Signal(int, bool)
    row_pointed = Signal(int)
    mouse_inside = Signal(bool)
    copy_requested = Signal()
    letters_typed = Signal(str)

    def __init__(self, rows: TokenRows) -> None:
        super().__init__()
        self._rows = rows
        self._under_mouse = QPersistentModelIndex()
        self.setModel(rows)
        self.setMouseTracking(True)
        self.setSelectionBehavior(QTableView.SelectionBehavior.SelectRows)
        self.setAccessibleName(tr("All tokens"))
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.setVerticalScrollMode(QTableView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollMode(QTableView.ScrollMode.ScrollPerPixel)
        self.verticalHeader().hide()
        self.setColumnHidden(int(Column.CUT), True)  # the stages are in the column of the odds after sampling
        head = self.horizontalHeader()
        head.setHighlightSections(False)
        head.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        head.setSortIndicator(int(Column.RAW), Qt.SortOrder.DescendingOrder)
        head.setSectionsClickable(True)
        head.sectionClicked.connect(self._sort_by)
        self.measure()

    def measure(self) -> None:
        """Compute heights and widths from the font."""
        height = self.fontMetrics().height() + 4
        rows = self.verticalHeader()
        rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)  # all alike, so that no row is ever measured
        rows.setMinimumSectionSize(height)
        rows.setDefaultSectionSize(height)
        for column in WIDEST:
            self._set_width(column, WIDEST[column])
        self._share_width()

    def show_stages(self, stages: Iterable[str]) -> None:
        """Make room for the names of these stages, which cut tokens."""
        self._set_width(Column.FINAL, WIDEST[Column.FINAL], *stages)
        self._share_width()

    def _set_width(self, column: Column, *texts: str) -> None:
        lines = [*texts, *f"{heading(column)} ▾".splitlines()]
        self.setColumnWidth(int(column), max(map(self.fontMetrics().horizontalAdvance, lines)) + CELL)

    def _share_width(self) -> None:
        """Give the tokens what the other columns leave; where that is too little, the ids are out of view."""
        others = sum(self.columnWidth(int(column)) for column in (Column.RAW, Column.FINAL, Column.RANK))
        left = self.viewport().width() - others
        least = self.fontMetrics().horizontalAdvance(WIDEST[Column.TOKEN]) + CELL
        ids = self.columnWidth(int(Column.ID))
        self.setColumnWidth(int(Column.TOKEN), max(least, left - ids if left - ids >= ROOMY * least else left))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self._share_width()

    def _sort_by(self, section: int) -> None:
        column = Column(section)
        falling = not self._rows.falling if column is self._rows.column else column in FALLS
        order = Qt.SortOrder.DescendingOrder if falling else Qt.SortOrder.AscendingOrder
        self.horizontalHeader().setSortIndicator(section, order)
        self.sortByColumn(section, order)
        self.scrollToTop()

    def event(self, event: QEvent) -> bool:
        """Ctrl+C and Ctrl+A are the list's own here, not the page's."""
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            own = (QKeySequence.StandardKey.Copy, QKeySequence.StandardKey.SelectAll)
            if any(map(event.matches, own)):
                event.accept()
                return True
        return super().event(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        index = self.indexAt(event.position().toPoint())
        if index.isValid() and event.button() == Qt.MouseButton.LeftButton:
            self._choose(index.row(), not event.modifiers() & Qt.KeyboardModifier.ShiftModifier)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = row_key(event)
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy_requested.emit()
        elif isinstance(key, RowKey) and key is not RowKey.OTHER:
            self._choose(self.currentIndex().row(), key is RowKey.GO_ON)
        else:
            super().keyPressEvent(event)

    def keyboardSearch(self, search: str) -> None:
        """Qt would go through all rows for one that begins so, which takes a second where there is none."""
        if search.isprintable():
            self.letters_typed.emit(search)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        by_keyboard = event.reason() == QContextMenuEvent.Reason.Keyboard
        below = self.viewport().mapToGlobal(self.visualRect(self.currentIndex()).bottomLeft())
        self.menu().popup(below if by_keyboard else event.globalPos())

    def menu(self) -> QMenu:
        """The columns to sort by: keys do not reach their headings."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for column in Column:
            action = menu.addAction(tr("Sort by “{column}”").format(column=TITLES[column]))
            action.setCheckable(True)
            action.setChecked(column is self._rows.column)
            action.triggered.connect(lambda _checked, column=column: self._sort_by(int(column)))
        return menu

    def _choose(self, row: int, write_on: bool) -> None:
        if 0 <= row < len(self._rows.order):
            self._under_mouse = QPersistentModelIndex()  # the mouse that still lies there previews nothing more
            self.row_chosen.emit(int(self._rows.order[row]), write_on)

    # -------------------------------------------------------------------------------------------- pointed at

    def point(self) -> None:
        """Say again which row is pointed at: other rows are listed."""
        index = self._under_mouse if self._under_mouse.isValid() else QPersistentModelIndex(self.currentIndex())
        row = index.row() if self._under_mouse.isValid() or self.hasFocus() else -1
        self.row_pointed.emit(int(self._rows.order[row]) if 0 <= row < len(self._rows.order) else -1)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        super().mouseMoveEvent(event)  # not the signal `entered`, which comes of scrolling, too
        self._point_at(self.indexAt(event.position().toPoint()))

    def _point_at(self, index: QModelIndex) -> None:
        if self._under_mouse != index:
            self._under_mouse = QPersistentModelIndex(index)
            self.point()

    def currentChanged(self, current: _AnyIndex, previous: _AnyIndex) -> None:
        super().currentChanged(current, previous)
        self.point()

    def enterEvent(self, event: QEnterEvent) -> None:
        super().enterEvent(event)
        self.mouse_inside.emit(True)

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self._leave()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._leave()  # where another tab takes its place, the mouse leaves without an event

    def _leave(self) -> None:
        self._under_mouse = QPersistentModelIndex()
        self.point()
        self.mouse_inside.emit(False)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.point()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.point()


class Filter(QLineEdit):
    """The field that narrows the list. `down_pressed`: the key for the list below."""

    down_pressed = Signal()

    def __init__(self) -> None:
        super().__init__(placeholderText=tr("Tokens with this text…"), clearButtonEnabled=True)
        self.setAccessibleName(tr("Tokens with this text"))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Down:
            self.down_pressed.emit()
        else:
            super().keyPressEvent(event)


class AllTokens(QWidget):
    """`token_chosen`, a wish, `token_pointed` and `mouse_inside` are TokenTable's. `copied` carries a sentence."""

    copied = Signal(str)
    token_chosen = Signal(int, bool)
    token_pointed = Signal(int)
    mouse_inside = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._background = Background((), self)
        self.rows = TokenRows(self)
        self.table = TokenTable(self.rows)
        self.table.row_chosen.connect(self.token_chosen)
        self.table.row_pointed.connect(self.token_pointed)
        self.table.mouse_inside.connect(self.mouse_inside)
        self.table.copy_requested.connect(lambda: self._copy(self._selected()))
        self.table.letters_typed.connect(self._search)
        self.filter = Filter()
        self.filter.down_pressed.connect(self._go_down)
        self.filter.textChanged.connect(self._narrow)
        self.kept = QComboBox()
        self.kept.addItems([tr("All", "tokens"), tr("Left", "tokens"), tr("Cut", "tokens")])
        self.kept.currentIndexChanged.connect(self._narrow)
        self.count = Label()
        self.count.setObjectName("quiet")
        self.copy_button = QPushButton(tr("Copy as CSV"))
        self.copy_button.setToolTip(
            tip(tr("Copies every row of the list. Ctrl+C in the list copies the selected rows."))
        )
        self.copy_button.clicked.connect(lambda: self._copy(self.rows.order))
        self._lay_out()
        self._say()

    def _lay_out(self) -> None:
        head, foot = QHBoxLayout(), QHBoxLayout()
        head.addWidget(self.filter, 1)
        shown = Label(tr("Show:"))
        shown.setBuddy(self.kept)
        head.addWidget(shown)
        head.addWidget(self.kept)
        foot.addWidget(self.count, 1)
        foot.addWidget(self.copy_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, GAP, 8, GAP)
        column.setSpacing(GAP)
        column.addLayout(head)
        column.addWidget(self.table, 1)
        column.addLayout(foot)

    @property
    def least_height(self) -> int:
        """Pixels that show LEAST_ROWS tokens."""
        table = self.table
        boxes = (self.filter, table.horizontalHeader(), table.horizontalScrollBar(), self.copy_button)
        rows = LEAST_ROWS * table.verticalHeader().defaultSectionSize() + 2 * table.frameWidth()
        return sum(box.sizeHint().height() for box in boxes) + rows + 4 * GAP

    def show_listing(self, listing: Listing | None) -> None:
        """Show these odds; None: none are known yet."""
        self.rows.show_listing(listing)
        self.table.show_stages({stage_name(cut) for cut in set(listing.cut.tolist())} if listing else ())
        self.table.setEnabled(listing is not None)
        self.table.point()
        self._say()

    def set_current(self, current: bool) -> None:
        """Set whether the odds are those of the place that is shown; else they are greyed."""
        self.table.setEnabled(current and self.rows.listing is not None)

    def _narrow(self) -> None:
        self.rows.text, self.rows.kept = self.filter.text(), Kept(self.kept.currentIndex())
        self.rows.list_again()
        self.table.scrollToTop()
        self.table.point()
        self._say()

    def _go_down(self) -> None:
        """From the filter to the first row."""
        if self.rows.rowCount():
            self.table.setFocus()
            self.table.setCurrentIndex(self.rows.index(0, 0))

    def _search(self, letters: str) -> None:
        """Go on typing in the filter."""
        self.filter.setFocus()
        self.filter.insert(letters)

    def _say(self) -> None:
        shown = len(self.rows.order)
        self.count.setText(
            tr("Asking…")
            if self.rows.listing is None
            else tr_count("{count:,} token", "{count:,} tokens", shown).format(count=shown)
        )
        self.copy_button.setEnabled(shown > 0)

    def _selected(self) -> Indices:
        """The selected rows of the listing, in the order in which they are listed."""
        chosen = self.table.selectionModel().selection()
        spans = sorted((one.top(), one.bottom() + 1) for one in map(chosen.at, range(chosen.count())))
        parts = [self.rows.order[top:end] for top, end in spans]
        return np.concatenate(parts) if parts else _NOTHING

    def _copy(self, rows: Indices) -> None:
        """Put the rows on the clipboard, made on another thread: all of a large vocabulary take a second."""
        listing = self.rows.listing
        if listing is not None and len(rows):
            some = rows.tolist()
            self._background.run("copy", lambda: as_csv(listing, some), lambda text: self._put(text, len(some)))

    def _put(self, text: str, count: int) -> None:
        QGuiApplication.clipboard().setText(text)
        words = tr_count("Copied {count:,} token.", "Copied {count:,} tokens.", count)
        self.copied.emit(words.format(count=count))

    def close_all(self) -> None:
        """End the thread."""
        self._background.close()
