"""What keys do beside a soft break, which is a place of the view and not of the page.

A key that moved the caret by a character or a word, or deleted one, and that the page did not notice, only crossed a
soft break: it is pressed again. Knows the caret and the breaks; the widget presses the keys."""

from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent, QKeySequence, QTextCursor

from desktop.editor.soft_breaks import SoftBreaks

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
MODIFIERS = (  # pressed alone, they do nothing to a text
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
class EndOfPage:
    """Which end of the page a key goes to, and whether it selects on the way."""

    last: bool
    selects: bool

    @property
    def move(self) -> QTextCursor.MoveOperation:
        return QTextCursor.MoveOperation.End if self.last else QTextCursor.MoveOperation.Start


_ENDS = {
    _Key.MoveToStartOfDocument: EndOfPage(last=False, selects=False),
    _Key.MoveToEndOfDocument: EndOfPage(last=True, selects=False),
    _Key.SelectStartOfDocument: EndOfPage(last=False, selects=True),
    _Key.SelectEndOfDocument: EndOfPage(last=True, selects=True),
}


def end_of_page(event: QKeyEvent) -> EndOfPage | None:
    """The end of the page that this key goes to; None for any other key."""
    return next((end for key, end in _ENDS.items() if event.matches(key)), None)


def is_move(event: QKeyEvent) -> bool:
    """Whether this key moves by characters or words, with or without selecting."""
    return any(event.matches(key) for key in _MOVES)


def is_delete(event: QKeyEvent) -> bool:
    """Whether this key deletes a character or a word beside the caret."""
    return event.key() == Qt.Key.Key_Backspace or any(event.matches(key) for key in _DELETES)


def stepped_over(cursor: QTextCursor, breaks: SoftBreaks) -> bool:
    """Put a caret that stands before a soft break behind it, where the next line begins; a selection keeps its other
    end."""
    if not breaks.at(cursor.position()):
        return False
    keep = QTextCursor.MoveMode.KeepAnchor if cursor.hasSelection() else QTextCursor.MoveMode.MoveAnchor
    cursor.setPosition(cursor.position() + 1, keep)
    return True
