"""The library's window: its pages as tabs. Holds them; knows none of their wishes."""

from collections.abc import Mapping

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QDialog, QTabWidget, QVBoxLayout, QWidget

from resources.language import tr


class LibraryWindow(QDialog):
    """Not modal: the page stays at hand."""

    def __init__(self, pages: Mapping[str, QWidget], parent: QWidget | None = None) -> None:
        super().__init__(parent, Qt.WindowType.Window)
        self.setWindowTitle(tr("Models — Inkfall"))
        self.resize(1080, 680)
        self.tabs = QTabWidget(documentMode=True)
        self.tabs.setAccessibleName(tr("Library"))
        for title, page in pages.items():
            self.tabs.addTab(page, title)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.tabs)

    def show_page(self, page: QWidget) -> None:
        """Bring the window forward with that page."""
        self.tabs.setCurrentWidget(page)
        self.show()
        self.raise_()
        self.activateWindow()

    def name(self, page: QWidget, title: str) -> None:
        """Give a page's tab another title."""
        self.tabs.setTabText(self.tabs.indexOf(page), title)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            event.accept()  # no button of it is pressed by a Return that was meant for a list
        else:
            super().keyPressEvent(event)
