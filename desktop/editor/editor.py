"""The editor: the view of the page, in the user's hands.

What the user does to the text, it tells the page. Undo and redo are wishes: the one history is the page's. Knows
neither the engine nor the generation.
"""

from dataclasses import replace

from PySide6.QtCore import QEvent, QMimeData, QPoint, Qt, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDragMoveEvent,
    QDropEvent,
    QFocusEvent,
    QInputMethodEvent,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QTextCursor,
    QWheelEvent,
)
from PySide6.QtWidgets import QApplication, QWidget

from desktop.editor import keys, mouse, transfer
from desktop.editor.caret import Caret
from desktop.editor.document_sync import SLICE
from desktop.editor.long_paragraphs import LIMIT
from desktop.editor.pointing import Pointing
from desktop.editor.view import PageView
from desktop.page import utf16
from desktop.page.page import Page

_NOTCH = 120  # what a step of the wheel counts
_MOST_TYPED = 2  # units: a longer change is no key press


class Editor(PageView):
    """Shows one page and lets the user change it. Positions in signals are the page's: UTF-16 units."""

    token_hovered = Signal(object)  # the position of the token under the mouse, or None
    token_chosen = Signal(int)  # where the token starts whose word was double-clicked
    undo_requested = Signal()
    redo_requested = Signal()
    zoom_requested = Signal(int)  # steps, larger text first
    menu_requested = Signal(QPoint)  # a place of the screen

    _ended_composing = False  # by the press of Esc that comes next

    def __init__(self, page: Page, parent: QWidget | None = None, limit: int = LIMIT, slice_: int = SLICE) -> None:
        super().__init__(page, parent, limit, slice_)
        self._clicks = mouse.Clicks()
        self.viewport().setAttribute(Qt.WidgetAttribute.WA_NoMousePropagation)  # `event` would send it back, endlessly
        self.pointing = Pointing(self, page, self.mirror.breaks)
        self.pointing.hovered.connect(self._on_hovered)
        self.verticalScrollBar().valueChanged.connect(self.pointing.leave)
        self.document().contentsChange.connect(self._on_contents_change)

    # ---------------------------------------------------------------------------------------- the user changed the text

    def _on_contents_change(self, position: int, removed: int, added: int) -> None:
        if self.mirror.changing:
            return
        written = self.mirror.written(position, removed, added)
        if written is None:
            return
        self._unchecked = _spanning(self._unchecked, position, position + added)
        self._mark(self._marks.after(written.start, written.removed, utf16.length(written.text)))
        typed = self._composition.busy or written.removed + len(written.text) <= _MOST_TYPED
        self._writing = True
        try:
            self._page.write(written.start, written.removed, written.text, joins=typed and "\n" not in written.text)
        finally:
            self._writing = False
        self._soon.start()
        self.viewport().update()

    # -------------------------------------------------------------------------------------------- caret and keys

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self._ended_composing:
            self._ended_composing = False
            return
        self._finish_before(event)
        if event.matches(QKeySequence.StandardKey.Undo):
            self.undo_requested.emit()
        elif event.matches(QKeySequence.StandardKey.Redo):
            self.redo_requested.emit()
        elif event.matches(QKeySequence.StandardKey.InsertLineSeparator):
            self.textCursor().insertBlock()  # a page of plain text knows one kind of line end
            self.show_caret()
        elif self._went_to_an_end(event) or (self.filling and self._pressed_while_filling(event)):
            return
        else:
            self._press(event)

    def _press(self, event: QKeyEvent) -> None:
        before = self.textCursor().position()
        if len(self.mirror.breaks):
            self._press_beside_breaks(event)
        else:
            super().keyPressEvent(event)
        if (self.covered() or self.covered_above()) and self.textCursor().position() != before:
            self.show_caret()

    def _finish_before(self, event: QKeyEvent) -> None:
        """A key that the input method leaves to the editor ends its composition."""
        if event.key() not in keys.MODIFIERS:
            self._composition.finish()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self._composition.finish()
        super().focusOutEvent(event)

    def _pressed_while_filling(self, event: QKeyEvent) -> bool:
        """Keys that mean all of the page, while the document does not hold it. A key for a caret that it does not hold
        waits for it."""
        if event.matches(QKeySequence.StandardKey.SelectAll):
            self.selectAll()
            return True
        if self._awaited:
            self.fill()
        return False

    def _went_to_an_end(self, event: QKeyEvent) -> bool:
        """Keys that go to an end of the page. Qt brings the caret's line into view and no more; these show all there
        is, with the margin beyond it."""
        end = keys.end_of_page(event)
        if end is None:
            return False
        if end.selects:
            self.fill()
            cursor = self.textCursor()
            cursor.movePosition(end.move, QTextCursor.MoveMode.KeepAnchor)
            self.setTextCursor(cursor)
        else:
            self.set_caret(self._page.length if end.last else 0)
        if end.last:
            self.follow()
        else:
            self.verticalScrollBar().setValue(0)
        return True

    def _press_beside_breaks(self, event: QKeyEvent) -> None:
        moves, deletes = keys.is_move(event), keys.is_delete(event)
        page, view = self._page_state(), self._view_state()
        super().keyPressEvent(event)
        if (moves or deletes) and self._page_state() == page and self._view_state() != view:
            super().keyPressEvent(event)  # the first press only crossed a soft break
        cursor = self.textCursor()
        if moves and keys.stepped_over(cursor, self.mirror.breaks):
            self.setTextCursor(cursor)

    def _page_state(self) -> tuple[Caret, int]:
        return Caret.of(self.textCursor(), self.mirror.breaks), self._page.length

    def _view_state(self) -> tuple[int, int, int]:
        cursor = self.textCursor()
        return cursor.anchor(), cursor.position(), self.mirror.length

    def inputMethodEvent(self, event: QInputMethodEvent) -> None:
        if self._awaited:
            self.fill()
        self._composition.take(event, super().inputMethodEvent)

    # -------------------------------------------------------------------------------------------- mouse

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._composition.finish()
        if event.button() == Qt.MouseButton.LeftButton and self._clicks.is_third(event):
            self._select_paragraph()
            return
        super().mousePressEvent(mouse.on_letters(self, event))

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self._composition.finish()
        self._clicks.doubled(event)
        super().mouseDoubleClickEvent(mouse.on_letters(self, event))
        token = self.pointing.token_under(event.position())
        if event.button() == Qt.MouseButton.LeftButton and token is not None:
            self.token_chosen.emit(token[0])

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if event.buttons():
            self._composition.finish()
        super().mouseMoveEvent(mouse.on_letters(self, event) if event.buttons() else event)
        self.pointing.move(event.position())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._composition.finish()
        super().mouseReleaseEvent(mouse.on_letters(self, event))

    def viewportEvent(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Leave:
            self.pointing.leave()
        return super().viewportEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            steps = event.angleDelta().y() // _NOTCH
            if steps:
                self.zoom_requested.emit(steps)
            event.accept()
            return
        before = self.verticalScrollBar().value()
        super().wheelEvent(event)
        if self.verticalScrollBar().value() < before:
            self._following.turn_away()

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            self._ended_composing = event.key() == Qt.Key.Key_Escape and self._composition.active
            self._finish_before(event)  # a command may follow
            if self._ended_composing:  # that is all that this press of Esc does
                event.accept()
                return True
        inside = mouse.in_viewport(self, event)  # what happens beside the column belongs to the text as well
        if inside is None:
            return super().event(event)
        QApplication.sendEvent(self.viewport(), inside)
        return True

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        self.menu_requested.emit(event.globalPos())

    def _select_paragraph(self) -> None:
        cursor, breaks = self.textCursor(), self.mirror.breaks
        first = last = cursor.block()
        while breaks.at(first.position() - 1):
            first = first.previous()
        while breaks.at(last.position() + last.length() - 1):
            last = last.next()
        cursor.setPosition(first.position())
        cursor.setPosition(last.position() + last.length() - 1, QTextCursor.MoveMode.KeepAnchor)
        self.setTextCursor(cursor)

    def _on_hovered(self, token: tuple[int, int] | None) -> None:
        for changed in (self._marks.hovered, token):
            self._repaint(changed)
        self._marks = replace(self._marks, hovered=token)
        self.token_hovered.emit(token[0] if token else None)

    # -------------------------------------------------------------------------------------------- text in and out

    def cut(self) -> None:
        self._composition.finish()
        if self._awaited:
            self.fill()
        super().cut()

    def createMimeDataFromSelection(self) -> QMimeData:
        return transfer.taken(self._page, *self.page_selection())

    def canInsertFromMimeData(self, source: QMimeData) -> bool:
        return transfer.accepts(source)

    def insertFromMimeData(self, source: QMimeData) -> None:
        if transfer.accepts(source):
            self._composition.finish()
            self.set_caret(transfer.put(self._page, *self.page_selection(), source).end)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        self._composition.finish()
        if transfer.names_files(event.mimeData()):
            event.ignore()  # and the window is asked
        else:
            super().dragEnterEvent(event)

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        if transfer.names_files(event.mimeData()):
            event.ignore()
        else:
            super().dragMoveEvent(event)

    def dropEvent(self, event: QDropEvent) -> None:
        self._composition.finish()
        super().dragLeaveEvent(QDragLeaveEvent())  # takes away the caret that showed where the text would go
        if transfer.names_files(event.mimeData()) or not transfer.accepts(event.mimeData()):
            event.ignore()
            return
        target = self.mirror.breaks.page(self.cursorForPosition(event.position().toPoint()).position())
        start, end = self.page_selection()
        ours = event.source() in (self, self.viewport()) and event.dropAction() == Qt.DropAction.MoveAction
        event.setDropAction(Qt.DropAction.CopyAction)  # text moved within the page is taken away here, not by the drag
        event.accept()
        if ours and start <= target <= end:
            return
        if ours:
            placed = transfer.moved(self._page, start, end, target)
        else:
            placed = transfer.put(self._page, target, target, event.mimeData())
        self.select(placed.start, placed.end)


def _spanning(known: tuple[int, int] | None, start: int, end: int) -> tuple[int, int]:
    return (start, end) if known is None else (min(known[0], start), max(known[1], end))
