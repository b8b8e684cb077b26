"""The line at the top of a view: held through changes of size and font, and restored when a page is opened again.

Positions are the page's.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from PySide6.QtGui import QTextCursor
from PySide6.QtWidgets import QPlainTextEdit

from desktop.editor.lines import line_holding, line_start
from desktop.editor.scrolling import Following, lay_out_view, line_number, top_line
from desktop.editor.split_document import SplitDocument


class ScrollAnchor:
    """The top line of one view. A position that was scrolled to is remembered while its line stays at the top, so that
    the view does not drift through many changes of width."""

    def __init__(self, view: QPlainTextEdit, document: SplitDocument, following: Following) -> None:
        self._view = view
        self._document = document
        self._following = following
        self._position = 0  # as last scrolled to

    @property
    def top(self) -> int:
        """Where the line at the top starts, or the position in it that was scrolled to."""
        block, number = top_line(self._view)
        start = end = block.position()
        if lines := block.layout().lineCount():
            start = line_start(block, number)
            end = line_start(block, number + 1) if number + 1 < lines else block.position() + block.length() - 1
        page = self._document.breaks.page
        return self._position if page(start) <= self._position < page(end) else page(start)

    def scroll_to(self, position: int) -> None:
        """Scroll so that the line with this position is at the top."""
        cursor = self._cursor(position)
        self._view.verticalScrollBar().setValue(line_number(cursor))
        self._position = position

    def begin_line_at(self, position: int) -> None:
        """Inside a long paragraph, make a line start at this position, as it did when the position was at the top:
        where its lines start depends on its soft breaks, which are not saved."""
        cursor = self._cursor(position)
        block, breaks = cursor.block(), self._document.breaks
        if not (breaks.at(block.position() - 1) or breaks.at(block.position() + block.length() - 1)):
            return
        line = line_holding(cursor)
        if line.isValid() and line.textStart() != cursor.positionInBlock():
            self._document.cut_at(cursor.position())

    def reveal(self, position: int) -> None:
        """Scroll, if need be, so that this position is in view."""
        cursor = self._cursor(position)
        rect, viewport = self._view.cursorRect(cursor), self._view.viewport()
        if rect.top() >= 0 and rect.bottom() <= viewport.height():
            return
        above = round(viewport.height() / 3 / max(1, rect.height()))
        self._view.verticalScrollBar().setValue(max(0, line_number(cursor) - above))

    @contextmanager
    def preserved(self) -> Iterator[None]:
        """While font or size change: afterwards the view is at the end if it follows the end, else it has the same line
        at the top."""
        top = self.top
        with self._following.suspended():
            yield
            if self._following.active:
                lay_out_view(self._view)
                self._following.scroll_to_end()
            else:
                self.scroll_to(top)

    def _cursor(self, position: int) -> QTextCursor:
        document = self._view.document()
        cursor = QTextCursor(document)
        cursor.setPosition(self._document.breaks.view(position))
        document.documentLayout().blockBoundingRect(cursor.block())  # lays it out, if it was not
        return cursor
