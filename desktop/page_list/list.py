"""The list of pages as a widget: rows, keys, and a sentence where it is empty.

One row is highlighted: the open page's, or, among hits and in the trash, the current row. The arrow keys move the
current row, which has a frame where it is not the highlighted one.
"""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QHideEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPalette, QShowEvent
from PySide6.QtWidgets import QAbstractItemView, QApplication, QListView, QWidget

from desktop.page_list.page_store import Entry
from desktop.page_list.painting import SIDE, PagePainter
from desktop.page_list.rows import PageRows, entry_of
from desktop.page_list.search import Hit
from desktop.qt.focus_ring import paint_focus_ring
from desktop.qt.visible import visible
from resources.language import tr

_MINUTE = 60_000  # milliseconds


class PageList(QListView):
    """chosen: an Entry or Hit that was clicked, or on which Enter was pressed (in the trash: double-clicked). removed:
    an Entry on which Delete was pressed. menu_requested: an Entry or Hit, and a position on the screen.
    highlight_changed: the Entry or Hit that is highlighted now, or None."""

    chosen = Signal(object)
    removed = Signal(object)
    menu_requested = Signal(object, QPoint)
    highlight_changed = Signal(object)

    def __init__(self, now: Callable[[], float], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.rows = PageRows(now, self)
        self.placeholder = ""  # shown where there are no rows
        self.active = False  # whether the list or a widget of its panel has the focus
        self.setModel(self.rows)
        self.setItemDelegate(PagePainter(self.rows, lambda: self.active, lambda: self.highlighted_row, self))
        self.setAccessibleName(tr("Pages"))
        self.setUniformItemSizes(True)
        self.viewport().setBackgroundRole(QPalette.ColorRole.Window)  # a part of its panel, not a field
        self.setMouseTracking(True)
        self.setFrameShape(QListView.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setEditTriggers(QAbstractItemView.EditTrigger.EditKeyPressed)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(self._ask_for_menu)
        self.clicked.connect(lambda index: self._on_click(self.rows.values[index.row()], once=True))
        self.doubleClicked.connect(lambda index: self._on_click(self.rows.values[index.row()], once=False))
        self.selectionModel().currentChanged.connect(lambda *_: self._emit_highlight())
        self._minute = QTimer(self, interval=_MINUTE)  # "5 minutes ago" grows old
        self._minute.timeout.connect(self.viewport().update)

    @property
    def current(self) -> Entry | Hit | None:
        row = self.currentIndex().row()
        return self.rows.values[row] if 0 <= row < len(self.rows.values) else None

    @property
    def highlighted_row(self) -> int:
        """The one row that is highlighted; -1 where there is none."""
        return self.rows.row_of(self.rows.opened) if self.rows.are_pages else self.currentIndex().row()

    @property
    def highlighted(self) -> Entry | Hit | None:
        row = self.highlighted_row
        return self.rows.values[row] if 0 <= row < len(self.rows.values) else None

    def _emit_highlight(self) -> None:
        self.viewport().update()
        self.highlight_changed.emit(self.highlighted)

    @property
    def typing(self) -> bool:
        """Whether a title is being typed."""
        return self.state() == QAbstractItemView.State.EditingState

    def set_entries(self, entries: list[Entry]) -> None:
        """Show these pages; the current row and the scroll position stay, where they can."""
        current = self._current_path()
        wanted = (current if self.active else self.rows.opened) or current
        top = self.verticalScrollBar().value()
        row = max(0, self.currentIndex().row())
        self.rows.set_values(entries)
        self.select(self.rows.row_of(wanted), row)
        self.verticalScrollBar().setValue(top)
        self._emit_highlight()

    def set_opened(self, opened: Path | None) -> None:
        """Mark that page as open; its row becomes the current one."""
        self.rows.set_opened(opened)
        self.select_opened()
        self._emit_highlight()

    def select_opened(self) -> None:
        """Make the open page's row the current one, but not among hits or in the trash, nor while a title is typed."""
        row = self.rows.row_of(self.rows.opened)
        if row >= 0 and self.rows.are_pages and not self.typing:
            self.select(row)

    def select(self, row: int, fallback: int = 0) -> None:
        """Make that row the current one; where it is -1, the fallback or the last row."""
        row = row if row >= 0 else min(fallback, len(self.rows.values) - 1)
        self.setCurrentIndex(self.rows.index(row))

    def _current_path(self) -> Path | None:
        return entry_of(self.current).path if self.current else None

    # -------------------------------------------------------------------------------------------- mouse and keys

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Only the left button selects: opening the menu of another row leaves the current row."""
        if event.button() == Qt.MouseButton.LeftButton:
            super().mousePressEvent(event)

    def _on_click(self, value: Entry | Hit, once: bool) -> None:
        if once != entry_of(value).trashed:  # a click in the trash only selects
            self.chosen.emit(value)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        current = None if self.typing else self.current  # Enter in the title editor comes here too
        plain = not event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        if current is not None and plain and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.chosen.emit(current)
        elif isinstance(current, Entry) and plain and event.key() == Qt.Key.Key_Delete:
            self.removed.emit(current)
        elif current is not None and event.key() == Qt.Key.Key_Menu:
            self._ask_for_menu(self.visualRect(self.currentIndex()).center())
        else:
            super().keyPressEvent(event)

    def _ask_for_menu(self, place: QPoint) -> None:
        index = self.indexAt(place)
        if index.isValid():
            self.menu_requested.emit(self.rows.values[index.row()], self.viewport().mapToGlobal(place))

    # -------------------------------------------------------------------------------------------- painting

    def paintEvent(self, event: QPaintEvent) -> None:
        focus = QApplication.focusWidget()
        self.active = focus is not None and (self.parentWidget() or self).isAncestorOf(focus)
        super().paintEvent(event)
        paint_focus_ring(self)
        if not self.rows.values and self.placeholder:
            painter = QPainter(self.viewport())
            painter.setPen(self.palette().color(QPalette.ColorRole.PlaceholderText))
            room = self.viewport().rect().adjusted(SIDE, 2 * SIDE, -SIDE, -SIDE)
            flags = Qt.TextFlag.TextWordWrap | Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop
            painter.drawText(room, flags, self.placeholder)
            painter.end()

    def set_placeholder(self, sentence: str) -> None:
        """Show that sentence where there are no rows, also as the accessible description."""
        self.placeholder = visible(sentence)
        self.setAccessibleDescription(self.placeholder)
        self.viewport().update()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._minute.start()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._minute.stop()
