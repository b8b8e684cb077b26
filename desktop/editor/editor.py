"""The editor: a view of the page that the user writes in.

What the user changes in the document becomes an edit of the page. Undo and redo are wishes, since the history is the
page's. Imports neither the engine nor the generation.
"""

from PySide6.QtCore import QEvent, QMimeData, QPoint, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QDragEnterEvent,
    QDragMoveEvent,
    QDropEvent,
    QFocusEvent,
    QInputMethodEvent,
    QKeyEvent,
    QMouseEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QApplication, QPlainTextEdit, QWidget

from desktop.editor import transfer
from desktop.editor.document_sync import SLICE
from desktop.editor.drag_drop import DropTarget
from desktop.editor.keys import KeyInput
from desktop.editor.long_paragraphs import LIMIT
from desktop.editor.mouse import MouseInput, in_viewport
from desktop.editor.view import PageView
from desktop.page import utf16
from desktop.page.page import Page

_MOST_TYPED = 2  # units: a longer change is no key press


class Editor(PageView):
    """Shows one page and lets the user change it. Positions in signals are the page's: UTF-16 units.

    token_hovered carries the position of the token under the mouse, or None; token_chosen where the token starts that
    was double-clicked; end_chosen where the model ended the text, when the mark there was clicked; zoom_requested
    steps, positive for larger text; menu_requested a point of the screen."""

    token_hovered = Signal(object)
    token_chosen = Signal(int)
    end_chosen = Signal(int)
    undo_requested = Signal()
    redo_requested = Signal()
    zoom_requested = Signal(int)
    menu_requested = Signal(QPoint)

    def __init__(self, page: Page, parent: QWidget | None = None, limit: int = LIMIT, slice_: int = SLICE) -> None:
        super().__init__(page, parent, limit, slice_)
        self.setReadOnly(False)
        self._keys = KeyInput(self, page)
        self._keys.undo_requested.connect(self.undo_requested)
        self._keys.redo_requested.connect(self.redo_requested)
        self.mouse = MouseInput(self, page)
        self.mouse.token_hovered.connect(self.token_hovered)
        self.mouse.token_chosen.connect(self.token_chosen)
        self.mouse.end_chosen.connect(self.end_chosen)
        self.mouse.zoom_requested.connect(self.zoom_requested)
        self._drops = DropTarget(self, page)
        self.document().contentsChange.connect(self._on_contents_change)

    def finish_composing(self) -> None:
        """Commit what an input method composes at the caret."""
        self.composition.finish()

    def _on_contents_change(self, position: int, removed: int, added: int) -> None:
        """Write what the user changed in the document to the page."""
        if self.sync.document.changing:
            return
        edit = self.sync.read_user_edit(position, removed, added)
        if edit is None:
            return
        self._blocks.note_edit(position, position + added)
        self.marks.follow_edit(edit.start, edit.removed, utf16.length(edit.text))
        typed = self.composition.busy or edit.removed + len(edit.text) <= _MOST_TYPED
        self._own_change = True
        try:
            self._page.write(edit.start, edit.removed, edit.text, joins=typed and "\n" not in edit.text)
        finally:
            self._own_change = False
        self._blocks.start()
        self.viewport().update()

    # -------------------------------------------------------------------------------------------- keys

    def keyPressEvent(self, event: QKeyEvent) -> None:
        self._keys.press(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self.composition.finish()
        super().focusOutEvent(event)

    def inputMethodEvent(self, event: QInputMethodEvent) -> None:
        if self.caret.pending:
            self.fill()
        self.composition.handle(event, lambda part: QPlainTextEdit.inputMethodEvent(self, part))

    # -------------------------------------------------------------------------------------------- mouse

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.mouse.press(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self.mouse.double_click(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self.mouse.move(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self.mouse.release(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        self.mouse.wheel(event)

    def viewportEvent(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Leave:
            self.mouse.leave()
        return super().viewportEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        self.menu_requested.emit(event.globalPos())

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.ShortcutOverride and self._keys.override(event):
            return True
        inside = in_viewport(self, event)  # what happens beside the column belongs to the text as well
        if inside is None:
            return super().event(event)
        QApplication.sendEvent(self.viewport(), inside)
        return True

    # -------------------------------------------------------------------------------------------- text in and out

    def cut(self) -> None:
        self.composition.finish()
        if self.caret.pending:
            self.fill()
        super().cut()

    def canInsertFromMimeData(self, source: QMimeData) -> bool:
        return transfer.accepts(source)

    def insertFromMimeData(self, source: QMimeData) -> None:
        if transfer.accepts(source):
            self.composition.finish()
            self.set_caret(transfer.insert(self._page, *self.page_selection(), source).end)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        self._drops.enter(event)

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        self._drops.move(event)

    def dropEvent(self, event: QDropEvent) -> None:
        self._drops.drop(event)
