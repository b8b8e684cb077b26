"""The keys of an editor, beside what Qt's own text widget does with them.

A soft break is a position in the view and not on the page. So a key that moves the caret by a character or a word, or
deletes one, is pressed again if it only crossed a soft break.
"""

from dataclasses import dataclass

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence, QTextCursor
from PySide6.QtWidgets import QPlainTextEdit

from desktop.editor.caret import Caret
from desktop.editor.soft_breaks import SoftBreaks
from desktop.editor.view import PageView
from desktop.page.page import Page

_Key = QKeySequence.StandardKey
_MOVES = (
    _Key.MoveToNextChar,
    _Key.MoveToPreviousChar,
    _Key.MoveToNextWord,
    _Key.MoveToPreviousWord,
    _Key.SelectNextChar,
    _Key.SelectPreviousChar,
    _Key.SelectNextWord,
    _Key.SelectPreviousWord,
)
_MODIFIERS = (  # pressed alone, they do nothing to a text
    Qt.Key.Key_Shift,
    Qt.Key.Key_Control,
    Qt.Key.Key_Alt,
    Qt.Key.Key_AltGr,
    Qt.Key.Key_Meta,
    Qt.Key.Key_CapsLock,
    Qt.Key.Key_NumLock,
)
_DELETES = (_Key.Delete, _Key.DeleteStartOfWord, _Key.DeleteEndOfWord)


@dataclass(frozen=True, slots=True)
class _EndOfPage:
    """Which end of the page a key goes to, and whether it selects on the way."""

    last: bool
    selects: bool

    @property
    def move(self) -> QTextCursor.MoveOperation:
        """The same for a text cursor."""
        return QTextCursor.MoveOperation.End if self.last else QTextCursor.MoveOperation.Start


_ENDS = {
    _Key.MoveToStartOfDocument: _EndOfPage(last=False, selects=False),
    _Key.MoveToEndOfDocument: _EndOfPage(last=True, selects=False),
    _Key.SelectStartOfDocument: _EndOfPage(last=False, selects=True),
    _Key.SelectEndOfDocument: _EndOfPage(last=True, selects=True),
}


class KeyInput(QObject):
    """Handles the keys of one editor."""

    undo_requested = Signal()
    redo_requested = Signal()

    def __init__(self, view: PageView, page: Page) -> None:
        super().__init__(view)
        self._view = view
        self._page = page
        self._escape_used = False  # the Esc pressed now has ended a composition, and does nothing else

    def override(self, event: QKeyEvent) -> bool:
        """Handle a key before shortcuts get it. Returns whether no shortcut may have it."""
        self._escape_used = event.key() == Qt.Key.Key_Escape and self._view.composition.active
        self._finish_composing(event)  # the shortcut's command may change the page
        if self._escape_used:
            event.accept()
        return self._escape_used

    def press(self, event: QKeyEvent) -> None:
        """Handle the press of a key."""
        if event.key() == Qt.Key.Key_Escape and self._escape_used:
            self._escape_used = False
            return
        self._finish_composing(event)
        if event.matches(_Key.Undo):
            self.undo_requested.emit()
        elif event.matches(_Key.Redo):
            self.redo_requested.emit()
        elif event.matches(_Key.InsertLineSeparator):
            self._view.textCursor().insertBlock()  # a page of plain text has one kind of line end
            self._view.caret.ensure_visible()
        elif self._go_to_end(event) or (self._view.filling and self._press_while_filling(event)):
            return
        else:
            self._press(event)

    def _finish_composing(self, event: QKeyEvent) -> None:
        """Commit the preedit: the input method left this key to the editor."""
        if event.key() not in _MODIFIERS:
            self._view.composition.finish()

    def _go_to_end(self, event: QKeyEvent) -> bool:
        """Handle a key that goes to an end of the page. Qt brings only the caret's line into view; this shows the
        margin beyond it, too. Returns whether it was such a key."""
        view, end = self._view, _end_of_page(event)
        if end is None:
            return False
        if end.selects:
            view.fill()
            cursor = view.textCursor()
            cursor.movePosition(end.move, QTextCursor.MoveMode.KeepAnchor)
            view.setTextCursor(cursor)
        else:
            view.set_caret(self._page.length if end.last else 0)
        if end.last:
            view.follow()
        else:
            view.verticalScrollBar().setValue(0)
        return True

    def _press_while_filling(self, event: QKeyEvent) -> bool:
        """Handle a key that needs more of the page than the document holds yet. Returns whether nothing is left to
        do."""
        if event.matches(_Key.SelectAll):
            self._view.selectAll()
            return True
        if self._view.caret.pending:
            self._view.fill()
        return False

    def _press(self, event: QKeyEvent) -> None:
        view, before = self._view, self._view.textCursor().position()
        if len(view.sync.breaks):
            self._press_beside_breaks(event)
        else:
            QPlainTextEdit.keyPressEvent(view, event)
        if view.covered.any and view.textCursor().position() != before:
            view.caret.ensure_visible()

    def _press_beside_breaks(self, event: QKeyEvent) -> None:
        view, moves, deletes = self._view, _is_move(event), _is_delete(event)
        page_state, view_state = self._page_state(), self._view_state()
        QPlainTextEdit.keyPressEvent(view, event)
        if (moves or deletes) and self._page_state() == page_state and self._view_state() != view_state:
            QPlainTextEdit.keyPressEvent(view, event)  # the first press only crossed a soft break
        cursor = view.textCursor()
        if moves and _step_over(cursor, view.sync.breaks):
            view.setTextCursor(cursor)

    def _page_state(self) -> tuple[Caret, int]:
        return Caret.of(self._view.textCursor(), self._view.sync.breaks), self._page.length

    def _view_state(self) -> tuple[int, int, int]:
        cursor = self._view.textCursor()
        return cursor.anchor(), cursor.position(), self._view.sync.document.length


def _end_of_page(event: QKeyEvent) -> _EndOfPage | None:
    """The end of the page that a key goes to; None for any other key."""
    return next((end for key, end in _ENDS.items() if event.matches(key)), None)


def _is_move(event: QKeyEvent) -> bool:
    """Whether a key moves by characters or words, with or without selecting."""
    return any(event.matches(key) for key in _MOVES)


def _is_delete(event: QKeyEvent) -> bool:
    """Whether a key deletes a character or a word beside the caret."""
    return event.key() == Qt.Key.Key_Backspace or any(event.matches(key) for key in _DELETES)


def _step_over(cursor: QTextCursor, breaks: SoftBreaks) -> bool:
    """Move a caret before a soft break behind it, where the next line begins; a selection keeps its other
    end. Returns whether it moved."""
    if not breaks.at(cursor.position()):
        return False
    keep = QTextCursor.MoveMode.KeepAnchor if cursor.hasSelection() else QTextCursor.MoveMode.MoveAnchor
    cursor.setPosition(cursor.position() + 1, keep)
    return True
