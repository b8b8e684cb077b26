"""The list of alternatives: what the mouse and the keys do in it, and the menu of a row."""

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QEnterEvent, QHideEvent, QKeyEvent, QMouseEvent, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QListView, QMenu, QWidget

from desktop.odds.alternatives import ALTERNATIVES, AlternativePainter, AlternativesBlock
from desktop.odds.row_keys import RowKey, row_key
from desktop.qt.focus_ring import paint_focus_ring
from resources.language import tr

_COMMANDS = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier | Qt.KeyboardModifier.MetaModifier


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
            self.scrollTo(self.currentIndex())  # it may have been the current one before
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
        self._point_at_nothing()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._point_at_nothing()  # where another tab takes its place, the mouse leaves without an event

    def _point_at_nothing(self) -> None:
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
