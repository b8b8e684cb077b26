"""Where the view stands in its page: the line at the top, held through changes of size and font, and put back when a
page is opened again. Page positions."""

from collections.abc import Iterator
from contextlib import contextmanager

from PySide6.QtGui import QTextCursor
from PySide6.QtWidgets import QPlainTextEdit

from desktop.editor.document_sync import DocumentSync
from desktop.editor.lines import line_holding, line_start
from desktop.editor.scrolling import Following, lay_out_view, line_number, top_line


class ScrollAnchor:
    """The top line of one view. A position that was put there is remembered while its line stays at the top: through
    many widths, one after the other, the view does not drift."""

    def __init__(self, editor: QPlainTextEdit, mirror: DocumentSync, following: Following) -> None:
        self._editor = editor
        self._mirror = mirror
        self._following = following
        self._put = 0

    @property
    def top(self) -> int:
        """Where the line at the top starts, or the place in it that was put there."""
        block, number = top_line(self._editor)
        start = end = block.position()
        if lines := block.layout().lineCount():
            start = line_start(block, number)
            end = line_start(block, number + 1) if number + 1 < lines else block.position() + block.length() - 1
        breaks = self._mirror.breaks
        return self._put if breaks.page(start) <= self._put < breaks.page(end) else breaks.page(start)

    def put(self, position: int) -> None:
        """Scroll so that the line with this position is at the top."""
        cursor = self._cursor(position)
        self._editor.verticalScrollBar().setValue(line_number(cursor))
        self._put = position

    def begin_line_at(self, position: int) -> None:
        """Inside a long paragraph, have a line start there, as it did when that place was at the top: where its lines
        start depends on its soft breaks, which are not kept."""
        cursor = self._cursor(position)
        block, breaks = cursor.block(), self._mirror.breaks
        if not (breaks.at(block.position() - 1) or breaks.at(block.position() + block.length() - 1)):
            return
        line = line_holding(cursor)
        if line.isValid() and line.textStart() != cursor.positionInBlock():
            self._mirror.cut_at(cursor.position())

    def show(self, position: int) -> None:
        """Scroll, if need be, so that this position is in view."""
        cursor = self._cursor(position)
        rect, viewport = self._editor.cursorRect(cursor), self._editor.viewport()
        if rect.top() >= 0 and rect.bottom() <= viewport.height():
            return
        above = round(viewport.height() / 3 / max(1, rect.height()))
        self._editor.verticalScrollBar().setValue(max(0, line_number(cursor) - above))

    @contextmanager
    def kept(self) -> Iterator[None]:
        """While the looks change: at the end where the view follows it, else with the same line at the top."""
        top = self.top
        with self._following.held():
            yield
            if self._following.active:
                lay_out_view(self._editor)
                self._following.settle()
            else:
                self.put(top)

    def _cursor(self, position: int) -> QTextCursor:
        cursor = QTextCursor(self._editor.document())
        cursor.setPosition(self._mirror.breaks.view(position))
        self._editor.document().documentLayout().blockBoundingRect(cursor.block())  # lays it out, if it was not
        return cursor
