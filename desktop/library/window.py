"""The library's window: its pages as tabs. Holds them; knows none of their wishes."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QDialog, QSplitter, QTabWidget, QVBoxLayout, QWidget

from desktop.library.table import Table
from desktop.qt.scrolled import scrolled
from desktop.qt.window_geometry import WindowGeometry, restore
from resources.language import tr


class LibraryWindow(QDialog):
    """Not modal: the page stays at hand. `arranged` carries its geometry (bytes) and, as lines, the widths of
    columns and the places of splitters that the user chose: a moment after either was changed."""

    arranged = Signal(object, object)

    def __init__(self, pages: Mapping[str, QWidget], parent: QWidget | None = None) -> None:
        super().__init__(parent, Qt.WindowType.Window)
        self.setWindowTitle(tr("Models — Inkfall"))
        self.resize(1080, 680)
        self.tabs = QTabWidget(documentMode=True)
        self.tabs.setAccessibleName(tr("Library"))
        self._rooms = {page: scrolled(page, sideways=True) for page in pages.values()}
        for title, page in pages.items():
            self.tabs.addTab(self._rooms[page], title)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.tabs)
        self._moved: set[str] = set()  # splitters that someone moved
        self.arrangement = WindowGeometry(self)
        self.arrangement.changed.connect(self._tell)
        for table in self._tables():
            table.columns_chosen.connect(self.arrangement.touch)
        for splitter in self._splitters():
            splitter.splitterMoved.connect(partial(self._split, splitter.objectName()))

    def arrange(self, geometry: bytes, lines: Sequence[str]) -> None:
        """Stand as it was told by `arranged`."""
        restore(self, geometry)
        known = dict(line.split("=", 1) for line in lines if "=" in line)
        for table in self._tables():
            table.choose_columns(known.get(table.objectName(), ""))
        for splitter in self._splitters():
            sizes = known.get(f"splitter {splitter.objectName()}", "").split()
            if len(sizes) == splitter.count() and all(map(str.isdecimal, sizes)):
                splitter.setSizes([int(size) for size in sizes])
                self._moved.add(splitter.objectName())

    def _tables(self) -> list[Table[Any]]:
        return [table for table in self.findChildren(Table) if table.objectName()]

    def _splitters(self) -> list[QSplitter]:
        return [splitter for splitter in self.findChildren(QSplitter) if splitter.objectName()]

    def _split(self, name: str, *_place: int) -> None:
        self._moved.add(name)
        self.arrangement.touch()

    def _tell(self) -> None:
        chosen = ((table.objectName(), table.chosen_columns) for table in self._tables())
        sizes = ((splitter.objectName(), " ".join(map(str, splitter.sizes()))) for splitter in self._splitters())
        lines = [f"{name}={widths}" for name, widths in chosen if widths]
        lines += [f"splitter {name}={both}" for name, both in sizes if name in self._moved]
        self.arranged.emit(bytes(self.saveGeometry().data()), tuple(lines))

    def show_page(self, page: QWidget | None = None) -> None:
        """Bring the window forward with that page, or with the one that was shown last."""
        if page is not None:
            self.tabs.setCurrentWidget(self._rooms[page])
        self.show()
        self.raise_()
        self.activateWindow()

    def name(self, page: QWidget, title: str) -> None:
        """Give a page's tab another title."""
        self.tabs.setTabText(self.tabs.indexOf(self._rooms[page]), title)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            event.accept()  # no button of it is pressed by a Return that was meant for a list
        else:
            super().keyPressEvent(event)
