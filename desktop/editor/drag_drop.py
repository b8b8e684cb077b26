"""Drag and drop of text on an editor."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDragMoveEvent, QDropEvent
from PySide6.QtWidgets import QPlainTextEdit

from desktop.editor import transfer
from desktop.editor.view import PageView
from desktop.page.page import Page


class DropTarget:
    """Handles what is dragged over one editor. Files are ignored: Qt offers them to the window then, which opens
    them."""

    def __init__(self, view: PageView, page: Page) -> None:
        self._view = view
        self._page = page

    def enter(self, event: QDragEnterEvent) -> None:
        self._view.composition.finish()
        if transfer.names_files(event.mimeData()):
            event.ignore()
        else:
            QPlainTextEdit.dragEnterEvent(self._view, event)

    def move(self, event: QDragMoveEvent) -> None:
        if transfer.names_files(event.mimeData()):
            event.ignore()
        else:
            QPlainTextEdit.dragMoveEvent(self._view, event)

    def drop(self, event: QDropEvent) -> None:
        view = self._view
        view.composition.finish()
        QPlainTextEdit.dragLeaveEvent(view, QDragLeaveEvent())  # removes the caret that shows where the text would go
        if transfer.names_files(event.mimeData()) or not transfer.accepts(event.mimeData()):
            event.ignore()
            return
        target = view.sync.breaks.page(view.cursorForPosition(event.position().toPoint()).position())
        start, end = view.page_selection()
        ours = event.source() in (view, view.viewport()) and event.dropAction() == Qt.DropAction.MoveAction
        event.setDropAction(Qt.DropAction.CopyAction)  # text moved within the page is removed here, not by the drag
        event.accept()
        if ours and start <= target <= end:
            return
        if ours:
            placed = transfer.move(self._page, start, end, target)
        else:
            placed = transfer.insert(self._page, target, target, event.mimeData())
        view.select(placed.start, placed.end)
