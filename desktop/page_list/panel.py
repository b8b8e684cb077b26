"""The panel of pages: a search field, the list, and the trash. Emits what the user asks for; changes no page."""

import time
from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QEvent, QObject, QPoint, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QMenu, QToolButton, QVBoxLayout, QWidget

from desktop.page_list.list import PageList
from desktop.page_list.page_store import Entry
from desktop.page_list.rows import entry_of
from desktop.page_list.search import Hit
from desktop.qt.accessible import name_clear_button
from desktop.qt.plain_text import tip
from resources.language import tr

SEARCH_DELAY = 250  # milliseconds after the last key before the search begins
NO_PAGES = tr("No pages yet.")
NO_TRASH = tr("The trash is empty.")


class PagesPanel(QWidget):
    """Signals carry a page as its path, and a position in UTF-16 units, -1 for where the page was left. titled: the
    name of what the panel shows, the pages or the trash. shown: the panel became visible."""

    open_requested = Signal(object, int)
    new_requested = Signal()
    duplicate_requested = Signal(object)
    rename_requested = Signal(object, str)
    trash_requested = Signal(object)
    titled = Signal(str)
    forget_requested = Signal(object)
    restore_requested = Signal(object)
    delete_requested = Signal(object)
    show_in_folder_requested = Signal(object)
    search_requested = Signal(str)
    shown = Signal()

    def __init__(self, now: Callable[[], float] = time.time, parent: QWidget | None = None) -> None:
        """now: seconds since 1970."""
        super().__init__(parent)
        self._pages: list[Entry] = []
        self._trashed: list[Entry] = []
        self._outdated = False  # whether entries changed while a title was being typed
        self.field = QLineEdit()
        self.field.setClearButtonEnabled(True)
        name_clear_button(self.field)
        self.field.setPlaceholderText(tr("Search all pages"))
        self.field.setAccessibleName(tr("Search all pages"))
        self.list = PageList(now)
        self.new = _button(tr("New"), tr("Starts a new page; this one is kept."))
        self.trash = _button(
            tr("Trash"), tr("Shows the pages that were moved to the trash, or the others."), checkable=True
        )
        self.trash.setObjectName("section")
        self.more = _button(tr("Actions"), tr("What can be done with the highlighted page."))
        self._search_timer = QTimer(self, interval=SEARCH_DELAY, singleShot=True)
        self._search_timer.timeout.connect(self._search)
        self._lay_out()
        self._connect()
        self.set_entries([])

    def _lay_out(self) -> None:
        top, bottom = QHBoxLayout(), QHBoxLayout()
        top.addWidget(self.field, 1)
        top.addWidget(self.new)
        bottom.addWidget(self.trash)
        bottom.addStretch()
        bottom.addWidget(self.more)
        for row in (top, bottom):
            row.setContentsMargins(8, 6, 8, 6)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(top)
        column.addWidget(self.list, 1)
        column.addLayout(bottom)

    def _connect(self) -> None:
        self.field.textChanged.connect(lambda _words: self._search_timer.start())
        self.field.returnPressed.connect(self._enter)
        self.field.installEventFilter(self)
        self.new.clicked.connect(self.new_requested)
        self.trash.toggled.connect(lambda _on: self._show_entries())
        self.more.clicked.connect(self._open_menu_below)
        rows = self.list
        rows.chosen.connect(self._open)
        rows.removed.connect(self._remove)
        rows.menu_requested.connect(lambda value, place: self.menu(value).popup(place))
        rows.rows.renamed.connect(self.rename_requested)
        rows.highlight_changed.connect(lambda value: self.more.setEnabled(value is not None))
        rows.itemDelegate().closeEditor.connect(lambda *_: QTimer.singleShot(0, self, self._typing_ended))

    def sizeHint(self) -> QSize:
        return QSize(264, 400)

    def neighbour(self) -> QWidget:
        """The list, for lost_focus.py."""
        return self.list

    # -------------------------------------------------------------------------------------------- what is shown

    def set_entries(self, entries: Sequence[Entry]) -> None:
        """Show these pages, some of which are in the trash."""
        self._pages = [entry for entry in entries if not entry.trashed]
        self._trashed = [entry for entry in entries if entry.trashed]
        for entries_of_kind in (self._pages, self._trashed):
            entries_of_kind.sort(key=lambda entry: entry.modified, reverse=True)
        self._name_trash()
        if self.searching:
            self.list.rows.retain({entry.path for entry in self._pages})
        else:
            self._show_entries()

    def update_entry(self, entry: Entry) -> None:
        """Update the row of a page that was saved and is not in the trash."""
        pages = [entry, *(other for other in self._pages if other.path != entry.path)]
        self._pages = sorted(pages, key=lambda page: page.modified, reverse=True)
        if not self.searching and not self.trash.isChecked():
            if self.list.typing:
                self._outdated = True
            else:
                self.list.rows.update_entry(entry)
                if not self.list.active:
                    self.list.select_opened()
                self.more.setEnabled(self.list.highlighted is not None)

    def set_opened(self, opened: Path | None) -> None:
        """Mark that page as open."""
        self.list.set_opened(opened)

    def _show_entries(self) -> None:
        if self.list.typing:
            self._outdated = True
            return
        trash = self.trash.isChecked()
        self._name_trash()
        self.list.set_placeholder(NO_TRASH if trash else NO_PAGES)
        self._title()
        self.list.set_entries(self._trashed if trash else self._pages)
        self.more.setEnabled(self.list.highlighted is not None)

    def _title(self) -> None:
        """Name the list by what it shows; hits are never in the trash."""
        trash = self.trash.isChecked() and not self.searching
        self.list.setAccessibleName(tr("Pages in the trash") if trash else tr("Pages"))
        self.titled.emit(tr("Trash") if trash else tr("Pages"))

    def _name_trash(self) -> None:
        count = len(self._trashed)
        trash = tr("Trash ({count:,})").format(count=count) if count else tr("Trash")
        self.trash.setText(tr("‹ Pages") if self.trash.isChecked() else trash)
        self.trash.setAccessibleName(tr("Back to the pages") if self.trash.isChecked() else trash)

    def _typing_ended(self) -> None:
        """A title is no longer being typed: show what changed meanwhile."""
        if self._outdated and not self.list.typing:
            self._outdated = False
            self._show_entries()

    # -------------------------------------------------------------------------------------------- searching

    @property
    def searching(self) -> bool:
        """Whether the list shows hits in place of pages."""
        return bool(self.field.text().strip())

    def begin_search(self) -> None:
        """Give the search field the focus."""
        self.field.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.field.selectAll()

    def start_hits(self) -> None:
        """A search has begun; its hits follow."""
        self.list.set_placeholder(tr("Searching…"))
        self.list.rows.set_values([])

    def add_hits(self, hits: Sequence[Hit]) -> None:
        first = not self.list.rows.values
        self.list.rows.append(hits)
        if first and hits:
            self.list.select(0)

    def end_hits(self, sentence: str = "") -> None:
        """The search has ended. sentence: shown as a tooltip of the list."""
        nothing_found = tr("Nothing found for “{words}”.").format(words=self.field.text().strip())
        self.list.set_placeholder("" if self.list.rows.values else nothing_found)
        self.list.setToolTip(tip(sentence))

    def _search(self) -> None:
        self._search_timer.stop()
        self.trash.setEnabled(not self.searching)
        self.list.setToolTip("")
        self._title()
        self.search_requested.emit(self.field.text().strip())
        if not self.searching:
            self._show_entries()

    # -------------------------------------------------------------------------------------------- mouse and keys

    def menu(self, value: Entry | Hit) -> QMenu:
        """The context menu of that row."""
        entry, menu = entry_of(value), QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        if entry.trashed:
            menu.addAction(tr("Restore"), lambda: self.restore_requested.emit(entry.path))
            menu.addAction(tr("Delete permanently…"), lambda: self.delete_requested.emit(entry.path))
        else:
            menu.addAction(tr("Open") + "\tEnter", lambda: self._open(value))
            menu.addAction(tr("Rename") + "\tF2", lambda: self._rename(value)).setEnabled(
                isinstance(value, Entry) and entry.facts is not None
            )
            menu.addAction(tr("Duplicate"), lambda: self.duplicate_requested.emit(entry.path))
            title = tr("Remove from the list") if entry.elsewhere else tr("Move to trash")
            menu.addAction(f"{title}\tDel", lambda: self._remove(value))
        menu.addSeparator()
        menu.addAction(tr("Show in folder"), lambda: self.show_in_folder_requested.emit(entry.path))
        return menu

    def _open_menu_below(self) -> None:
        if (value := self.list.highlighted) is not None:
            self.menu(value).popup(self.more.mapToGlobal(QPoint(0, self.more.height())))

    def _rename(self, value: Entry | Hit) -> None:
        self.list.select(self.list.rows.row_of(entry_of(value).path))
        self.list.edit(self.list.currentIndex())

    def _open(self, value: Entry | Hit) -> None:
        if entry_of(value).trashed:
            self.restore_requested.emit(entry_of(value).path)
        else:
            self.open_requested.emit(entry_of(value).path, value.position if isinstance(value, Hit) else -1)

    def _remove(self, value: Entry | Hit) -> None:
        entry = entry_of(value)
        if entry.trashed:
            self.delete_requested.emit(entry.path)
        elif entry.elsewhere:
            self.forget_requested.emit(entry.path)
        else:
            self.trash_requested.emit(entry.path)

    def _enter(self) -> None:
        """Enter in the field: search at once, or open the current hit."""
        if self._search_timer.isActive():
            self._search()
        elif self.list.current is not None:
            self._open(self.list.current)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Arrow keys in the field move the current row, Esc empties the field."""
        if event.type() in (QEvent.Type.FocusIn, QEvent.Type.FocusOut):
            self.list.viewport().update()  # the highlighted row is quieter without the focus
        if watched is self.field and isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            if event.key() in (Qt.Key.Key_Down, Qt.Key.Key_Up, Qt.Key.Key_PageDown, Qt.Key.Key_PageUp):
                self.list.keyPressEvent(event)
                return True
            if event.key() == Qt.Key.Key_Escape and self.field.text():
                self.field.clear()
                return True
        return super().eventFilter(watched, event)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.shown.emit()


def _button(title: str, about: str, checkable: bool = False) -> QToolButton:
    button = QToolButton()
    button.setText(title)
    button.setToolTip(tip(about))
    button.setCheckable(checkable)
    button.setAutoRaise(True)
    button.setAccessibleName(title)
    button.setAccessibleDescription(about)
    return button
