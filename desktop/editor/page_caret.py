"""The caret and the selection of one view, in page positions."""

from collections.abc import Iterator
from contextlib import contextmanager

from PySide6.QtCore import QObject, QRect, Signal
from PySide6.QtGui import QTextCursor
from PySide6.QtWidgets import QPlainTextEdit

from desktop.editor.caret import Caret
from desktop.editor.composing import Composition
from desktop.editor.document_sync import DocumentSync
from desktop.editor.scrolling import Covered
from desktop.editor.spacing import spacing_of


class PageCaret(QObject):
    """The caret of a view, also while the document does not hold that part of the page.

    moved carries the page position of the caret, once a change of the document is complete; placed the same, where no
    change of the page by others moved it: the user has put it there, or has typed."""

    moved = Signal(int)
    placed = Signal(int)

    def __init__(self, view: QPlainTextEdit, sync: DocumentSync, composition: Composition, covered: Covered) -> None:
        super().__init__(view)
        self._view = view
        self._sync = sync
        self._composition = composition
        self._covered = covered
        self._emitted = 0  # as `moved` carried it last
        self._changing = False
        self._pending: Caret | None = None
        view.cursorPositionChanged.connect(self._on_cursor_moved)

    @property
    def pending(self) -> bool:
        """Whether the caret or the other end of the selection is where the document does not hold the page yet."""
        return self._pending is not None

    def current(self) -> Caret:
        """The caret's position and anchor."""
        return self._pending or Caret.of(self._view.textCursor(), self._sync.breaks)

    def put(self, caret: Caret, *, after: bool = True) -> None:
        """Put the caret there, or as near as the document allows. after: behind a soft break that stands just there,
        else before it."""
        cursor, breaks = self._view.textCursor(), self._sync.breaks
        if Caret.of(cursor, breaks) != caret:
            cursor.setPosition(breaks.view(caret.anchor, after=caret.anchor <= caret.position))
            cursor.setPosition(breaks.view(caret.position, after=after), QTextCursor.MoveMode.KeepAnchor)
            self._view.setTextCursor(cursor)
        held = breaks.holds(caret.anchor) and breaks.holds(caret.position)
        self._pending = None if held else caret

    def postpone(self, caret: Caret) -> None:
        """The caret is there as soon as the document shows the page again."""
        self._pending = caret

    @contextmanager
    def changing(self) -> Iterator[None]:
        """While the program changes the document or moves the caret: `moved` is emitted afterwards, and what an input
        method composes is at the caret again."""
        before, self._changing = self._changing, True
        try:
            with self._composition.suspended():
                yield
        finally:
            self._changing = before
        self._emit_moved()

    # -------------------------------------------------------------------------------------------- in the viewport

    def ensure_visible(self) -> None:
        """Scroll, if need be, so that the caret is in view and not covered by what floats over the view."""
        view, bar = self._view, self._view.verticalScrollBar()
        view.ensureCursorVisible()
        above = self._covered.head() - view.cursorRect().top()
        if above > 0:
            bar.setValue(bar.value() - self._lines(above))
        below = view.cursorRect().bottom() - (view.viewport().height() - self._covered.foot())
        if below > 0:
            bar.setValue(bar.value() + self._lines(below))

    def rect(self) -> QRect:
        """The rectangle of the caret, in pixels of the view."""
        return self._view.cursorRect().translated(self._view.viewport().pos())

    def selection_rect(self) -> QRect:
        """The rectangle around both ends of the selection, in pixels of the view."""
        cursor = self._view.textCursor()
        cursor.setPosition(cursor.anchor())
        return self.rect() | self._view.cursorRect(cursor).translated(self._view.viewport().pos())

    def _lines(self, pixels: int) -> int:
        """How many lines are as high as that, rounded up."""
        return -(-pixels // max(1, round(spacing_of(self._view.document()).pitch)))

    # -------------------------------------------------------------------------------------------- moved

    def _on_cursor_moved(self) -> None:
        if not self._changing:
            if not self._sync.behind:
                self._pending = None  # the user moved it
            self._composition.follow_caret()
        self._emit_moved()
        if not self._changing:
            self.placed.emit(self._emitted)

    def _emit_moved(self) -> None:
        position = self.current().position
        if not self._changing and position != self._emitted:
            self._emitted = position
            self.moved.emit(position)
