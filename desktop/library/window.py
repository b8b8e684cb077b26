"""The library's window: one tab for each part. Connects none of their signals."""

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
    """The window, not modal, so that the page can be used meanwhile.

    `arranged` carries its geometry (bytes, Qt's own format) and a tuple of lines `name=values` with the column widths
    and splitter sizes that the user chose, in pixels. It comes 400 ms after the last change of either."""

    arranged = Signal(object, object)

    def __init__(self, tabs: Mapping[str, QWidget], parent: QWidget | None = None) -> None:
        super().__init__(parent, Qt.WindowType.Window)
        self.setWindowTitle(tr("Models — Inkfall"))
        self.resize(1080, 680)
        self.tabs = QTabWidget(documentMode=True)
        self.tabs.setAccessibleName(tr("Library"))
        self._areas = {tab: scrolled(tab, sideways=True) for tab in tabs.values()}
        for title, tab in tabs.items():
            self.tabs.addTab(self._areas[tab], title)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.tabs)
        self._moved: set[str] = set()  # names of the splitters that the user moved
        self.arrangement = WindowGeometry(self)
        self.arrangement.changed.connect(self._emit_arranged)
        for table in self._tables():
            table.columns_chosen.connect(self.arrangement.touch)
        for splitter in self._splitters():
            splitter.splitterMoved.connect(partial(self._splitter_moved, splitter.objectName()))

    def arrange(self, geometry: bytes, lines: Sequence[str]) -> None:
        """Restore what `arranged` carried."""
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

    def _splitter_moved(self, name: str, *_place: int) -> None:
        self._moved.add(name)
        self.arrangement.touch()

    def _emit_arranged(self) -> None:
        chosen = ((table.objectName(), table.chosen_columns) for table in self._tables())
        sizes = ((splitter.objectName(), " ".join(map(str, splitter.sizes()))) for splitter in self._splitters())
        lines = [f"{name}={widths}" for name, widths in chosen if widths]
        lines += [f"splitter {name}={pixels}" for name, pixels in sizes if name in self._moved]
        self.arranged.emit(bytes(self.saveGeometry().data()), tuple(lines))

    def show_tab(self, tab: QWidget | None = None) -> None:
        """Show and raise the window, with that tab or the one that was shown last."""
        if tab is not None:
            self.tabs.setCurrentWidget(self._areas[tab])
        self.show()
        self.raise_()
        self.activateWindow()

    def set_title(self, tab: QWidget, title: str) -> None:
        """Set the title of a tab."""
        self.tabs.setTabText(self.tabs.indexOf(self._areas[tab]), title)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            event.accept()  # else a Return that was meant for a list would press the default button
        else:
            super().keyPressEvent(event)
