"""A text document whose long paragraphs stand in several blocks, split at soft breaks.

Every change of the document by the program goes through here, so that its length and the positions of its soft breaks
(`SoftBreaks`) stay true. Positions are the view's: UTF-16 units, soft breaks counted. Has no page and no widget.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import numpy as np
from PySide6.QtGui import QTextBlock, QTextCursor, QTextDocument, QTextLayout

from desktop.editor.long_paragraphs import LIMIT, cuts
from desktop.editor.replacement_chars import SEPARATOR
from desktop.editor.soft_breaks import Positions, SoftBreaks
from desktop.page import utf16

LAST_LINES = 200  # units left in the last block of a split paragraph, so that a growing end is not split at every line
_GIANT = 4  # limits: a longer block is not laid out to find its lines


class SplitDocument:
    """One text document, its length, and its soft breaks. limit: units in one block."""

    def __init__(self, document: QTextDocument, limit: int = LIMIT) -> None:
        self.breaks = SoftBreaks()
        self.limit = limit
        self._document = document
        self._length = self.count_units()
        self._changing = False

    @property
    def changing(self) -> bool:
        """Whether the program changes the document now: such a change is not the user's."""
        return self._changing

    @property
    def length(self) -> int:
        """Units of the document, soft breaks among them, as of the last change that was recorded here."""
        return self._length

    def count_units(self) -> int:
        """Units that the document has now."""
        return self._document.characterCount() - 1

    # -------------------------------------------------------------------------------------------- reading

    def raw(self, start: int, end: int) -> str:
        """The document's own text, block separators as U+2029. Qt's strings lose surrogates without a partner."""
        cursor = QTextCursor(self._document)
        cursor.setPosition(start)
        cursor.setPosition(end, QTextCursor.MoveMode.KeepAnchor)
        return cursor.selectedText()

    def raw_with_halves(self, start: int, end: int) -> str:
        """As `raw`, with surrogates without a partner."""
        text = self.raw(start, end)
        if utf16.length(text) == end - start:
            return text
        units = "".join(self._document.characterAt(position) for position in range(start, end))
        return utf16.decode(utf16.encode(units))

    def text(self) -> str:
        """The text without its soft breaks, block separators as line feeds."""
        units = np.frombuffer(utf16.encode(self.raw(0, self._length)), np.uint16)
        return utf16.decode(np.delete(units, self.breaks.positions).tobytes()).replace(SEPARATOR, "\n")

    # -------------------------------------------------------------------------------------------- changing the text

    def replace(self, first: int, last: int, text: str, soft: Positions) -> int:
        """Replace [first, last) by a text; soft: which of its units are soft breaks. Returns the units added."""
        with self._change():
            self._replace(first, last, text)
        added = self.count_units() - self._length + last - first
        self.record(first, last - first, added)
        self.breaks.add(soft + first)
        return added

    def record(self, start: int, removed: int, added: int) -> None:
        """Note a change that the document has already: `removed` units at start became `added` ones."""
        self.breaks.replaced(start, removed, added)
        self._length += added - removed

    def clear(self) -> None:
        """Empty the document."""
        with self._change():
            self._document.clear()
        self._length = 0
        self.breaks.clear()

    def lay_out_again(self) -> None:
        """Make Qt lay out every line of the document again."""
        with self._change():
            self._document.markContentsDirty(0, self._document.characterCount())

    def compose(self, cursor: QTextCursor, text: str, formats: Sequence[QTextLayout.FormatRange]) -> None:
        """Show an input method's preedit at a cursor; an empty text shows none."""
        layout = cursor.block().layout()
        with self._change():
            cursor.beginEditBlock()
            layout.setPreeditArea(cursor.positionInBlock() if text else -1, text)
            layout.setFormats(formats)
            cursor.endEditBlock()

    # -------------------------------------------------------------------------------------------- soft breaks

    def split_long(self, start: int, end: int) -> None:
        """Split every block that meets [start, end] and is too long, and remove soft breaks beside empty blocks."""
        block = self._document.findBlock(min(start, self._length))
        while block.isValid() and block.position() <= end:
            number = block.blockNumber()
            if block.length() == 1 and self._join_empty(block):
                block = self._document.findBlockByNumber(max(0, number - 1))
                end -= 1
                continue
            if block.length() - 1 > self.limit and not block.layout().preeditAreaText():
                end += self.split(block)
            block = block.next()

    def split(self, block: QTextBlock) -> int:
        """Split a block at starts of visual lines, so that the picture stays; a giant one at blanks. Returns the number
        of soft breaks added."""
        offsets: list[int] = []
        if block.length() <= _GIANT * self.limit:
            self._document.documentLayout().blockBoundingRect(block)  # lays it out, if it was not
            offsets = self._line_starts(block)
        offsets = offsets or cuts(block.text(), self.limit)
        self.cut(np.array(offsets, np.int64) + block.position())
        return len(offsets)

    def cut(self, positions: Positions) -> None:
        """Insert a soft break before each of these positions (ascending)."""
        if not len(positions):
            return
        with self._change():
            cursor = QTextCursor(self._document)
            cursor.beginEditBlock()
            for position in reversed(positions.tolist()):
                cursor.setPosition(position)
                cursor.insertBlock()
            cursor.endEditBlock()
        self.breaks.make_room(positions)
        self._length += len(positions)

    def cut_at(self, position: int) -> None:
        """Insert one soft break before this position."""
        self.cut(np.array([position], np.int64))

    def join(self, position: int) -> None:
        """Remove the soft break at this position."""
        with self._change():
            self._replace(position, position + 1, "")
        self.record(position, 1, 0)

    def _join_empty(self, empty: QTextBlock) -> bool:
        """Remove a soft break beside an empty block, which would show as an empty line that the page does not have.
        Returns whether there was one."""
        for separator in (empty.position() - 1, empty.position()):
            if self.breaks.at(separator):
                self.join(separator)
                return True
        return False

    def _line_starts(self, block: QTextBlock) -> list[int]:
        layout, length = block.layout(), block.length() - 1
        starts: list[int] = []
        last = 0
        for number in range(1, layout.lineCount()):
            start = layout.lineAt(number).textStart()
            if start - last >= self.limit // 2 and length - start >= min(LAST_LINES, self.limit // 4):
                starts.append(start)
                last = start
        return starts

    def _replace(self, start: int, end: int, text: str) -> None:
        cursor = QTextCursor(self._document)
        cursor.setPosition(start)
        cursor.setPosition(end, QTextCursor.MoveMode.KeepAnchor)
        cursor.insertText(text)

    @contextmanager
    def _change(self) -> Iterator[None]:
        before, self._changing = self._changing, True
        try:
            yield
        finally:
            self._changing = before
