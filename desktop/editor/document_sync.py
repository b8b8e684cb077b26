"""A text document kept equal to the page, both ways.

What the user does to the document becomes a `Written` for the page; what the page tells becomes a change of the
document. Long paragraphs stand in several blocks (`SoftBreaks`), and some characters have stand-ins. A document is
filled in slices: it holds one part of the page, [first, last), which grows to both sides (`open_at`, `fill`). Knows no
widget, no caret, no undo."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
from PySide6.QtGui import QTextBlock, QTextCursor, QTextDocument, QTextLayout

from desktop.editor.long_paragraphs import LIMIT, broken, cuts
from desktop.editor.replacement_chars import SEPARATOR, shown
from desktop.editor.soft_breaks import Positions, SoftBreaks
from desktop.page import utf16
from desktop.page.page import Page

LAST_LINES = 200  # units left in the last block of a split paragraph, so that a growing end is not split at every line
SLICE = 262_144  # units that are put into the document in one go: 10 ms, and their first painting 15
_GIANT = 4  # limits: a longer block is not laid out to find its lines


@dataclass(frozen=True, slots=True)
class Written:
    """What the user did: `removed` units of the page at `start` became `text`."""

    start: int
    removed: int
    text: str


class DocumentSync:
    """The document, the page it shows, and the soft breaks between them."""

    def __init__(self, document: QTextDocument, page: Page, limit: int = LIMIT, slice_: int = SLICE) -> None:
        self.breaks = SoftBreaks()
        self.slice = slice_
        self._document = document
        self._page = page
        self._limit = limit
        self._length = self._units()
        self._changing = False

    @property
    def changing(self) -> bool:
        """Whether the document is being changed from here: such a change is not the user's."""
        return self._changing

    @property
    def length(self) -> int:
        """Units of the view, soft breaks among them."""
        return self._length

    def raw(self, start: int, end: int) -> str:
        """The view's own text, block separators as U+2029."""
        cursor = QTextCursor(self._document)
        cursor.setPosition(start)
        cursor.setPosition(end, QTextCursor.MoveMode.KeepAnchor)
        return cursor.selectedText()

    def _units_of(self, start: int, end: int) -> str:
        """As `raw`, with halves of characters that lost the other, which Qt's strings lose on the way."""
        text = self.raw(start, end)
        if utf16.length(text) == end - start:
            return text
        each = "".join(self._document.characterAt(at) for at in range(start, end))
        return utf16.decode(utf16.encode(each))

    def text(self) -> str:
        """The view's text without its soft breaks: always `shown` of what it holds of the page."""
        units = np.frombuffer(utf16.encode(self.raw(0, self._length)), np.uint16)
        return utf16.decode(np.delete(units, self.breaks.positions).tobytes()).replace(SEPARATOR, "\n")

    @property
    def partial(self) -> bool:
        """Whether the document does not hold all of the page yet."""
        return self.breaks.first > 0 or self.breaks.last < self._page.length

    # ---------------------------------------------------------------------------------------- from the page to the view

    def show(self, start: int, removed: int, inserted: str) -> tuple[int, int]:
        """The page changed: change the document, where it holds the place. Returns the range of the view that is
        new."""
        start, removed, inserted = self._whole_characters(start, removed, inserted)
        breaks, units = self.breaks, utf16.length(inserted)
        more = breaks.last < self._page.length - units + removed  # before the change
        if start + removed <= breaks.first and breaks.first:
            breaks.first += units - removed
            breaks.last += units - removed
            return 0, 0
        if start >= breaks.last and more:
            return self._length, self._length
        cut_first, cut_last = max(start, breaks.first), min(start + removed, breaks.last)
        if start >= breaks.first:
            return self._put(cut_first, cut_last, inserted)
        shown_ = self._put(cut_first, cut_last, "")
        breaks.first += start + units - cut_first
        breaks.last += start + units - cut_first
        return shown_

    def _put(self, start: int, end: int, inserted: str) -> tuple[int, int]:
        """Replace [start, end) of the page, which the document holds, there by a text."""
        first = self.breaks.view(start)
        last = max(first, self.breaks.view(end, after=False)) if end > start else first
        text, soft = broken(shown(inserted), self._limit)
        added = self._into(first, last, text, soft)
        self.breaks.last += added - len(soft) - (end - start)
        return first, first + added

    def _into(self, first: int, last: int, text: str, soft: Positions) -> int:
        """Put a text, of which those units are soft breaks, in the place of the view's [first, last). Returns its
        units."""
        with self._change():
            self._replace(first, last, text)
        added = self._units() - self._length + last - first
        self._length += added - (last - first)
        self.breaks.replaced(first, last - first, added)
        self.breaks.add(soft + first)
        return added

    # ---------------------------------------------------------------------------------------- a page too long to be put
    # into the document in one go

    def open_at(self, position: int) -> None:
        """Hold the slice of the page around a position and nothing else; `fill` brings the rest."""
        with self._change():
            self._document.clear()
        self._length = 0
        self.breaks.clear()
        start = self._parting(position - self.slice // 2)
        self.breaks.first = self.breaks.last = start
        self._append(self._parting(max(start, position) + self.slice // 2))

    def fill(self) -> None:
        """Hold one more slice of the page, on the side where less is missing."""
        missing_before, missing_behind = self.breaks.first, self._page.length - self.breaks.last
        if missing_behind and (missing_behind <= missing_before or not missing_before):
            self._append(self._parting(self.breaks.last + self.slice))
        elif missing_before:
            self._prepend(self._parting(self.breaks.first - self.slice))

    def _append(self, end: int) -> None:
        start, at = self.breaks.last, self._length
        text, soft = broken(shown(self._page.text(start, end)), self._limit)
        if self._joins(start):
            text, soft = "\n" + text, np.insert(soft + 1, 0, 0)
        self._into(at, at, text, soft)
        self.breaks.last = end
        self._mend(start, at)

    def _prepend(self, start: int) -> None:
        end = self.breaks.first
        text, soft = broken(shown(self._page.text(start, end)), self._limit)
        if self._joins(end):
            soft = np.append(soft, utf16.length(text))
            text += "\n"
        added = self._into(0, 0, text, soft)
        self.breaks.first = start
        self._mend(end, added)

    def _joins(self, seam: int) -> bool:
        """Whether a paragraph goes on across a seam, so that a soft break is needed there."""
        return self._length > 0 and self._page.text(seam - 1, seam) != "\n"

    def _mend(self, seam: int, view: int) -> None:
        """At a seam between two slices: halves of a character are shown as one, and no empty line stays that the page
        does not have."""
        if 0 < seam < self._page.length:
            self.show(seam, 0, "")
        self.split_long(max(0, view - 1), min(view + 1, self._length))

    def _parting(self, near: int) -> int:
        """A good place for a seam, there or a little behind: where a paragraph starts, else a word."""
        if near <= 0:
            return 0
        text = self._page.text(near, near + self.slice // 4)
        for mark in "\n ":
            found = text.find(mark)
            if found >= 0:
                return near + utf16.length(text[: found + 1])
        return min(near, self._page.length)

    def _whole_characters(self, start: int, removed: int, inserted: str) -> tuple[int, int, str]:
        """Widened by a unit where an edge of the change may have parted or joined the halves of a character, which
        look different alone."""
        end = start + utf16.length(inserted)
        left = "\ud800" <= self._page.text(start - 1, start) <= "\udbff"
        right = "\udc00" <= self._page.text(end, end + 1) <= "\udfff"
        if not (left or right):
            return start, removed, inserted
        start, end = start - left, end + right
        return start, removed + left + right, self._page.text(start, end)

    def _replace(self, start: int, end: int, text: str) -> None:
        cursor = QTextCursor(self._document)
        cursor.setPosition(start)
        cursor.setPosition(end, QTextCursor.MoveMode.KeepAnchor)
        cursor.insertText(text)

    # ---------------------------------------------------------------------------------------- from the view to the page

    def written(self, position: int, removed: int, added: int) -> Written | None:
        """The document changed by the user's hand, as Qt reports it: what that means for the page, or None if the text
        is as it was.

        Qt counts the last separator in changes of the whole document, and reports an input method's preedit and changes
        of format as replacements by the same text: the counts are clamped, and equal edges taken off."""
        length = self._units()
        added = min(added, length - position)
        removed = min(removed, self._length - position)
        if self._length + added - removed != length:  # never seen; the whole text always agrees
            position, removed, added = 0, self._length, length
        new = self._units_of(position, position + added)
        head, tail = self._equal_edges(position, removed, new)
        position, removed, added = position + head, removed - head - tail, added - head - tail
        new = _part(new, head, head + added)
        start = self.breaks.page(position)
        page_removed = removed - self.breaks.count(position, position + removed)
        self.breaks.replaced(position, removed, added)
        self.breaks.last += added - page_removed
        self._length = length
        if not page_removed and not added:
            return None
        return Written(start, page_removed, new.replace(SEPARATOR, "\n"))

    def _equal_edges(self, position: int, removed: int, new: str) -> tuple[int, int]:
        """How many units at the start, and how many behind that at the end, are the same as what stood there."""
        added = utf16.length(new)
        shorter = min(removed, added)
        if not shorter:
            return 0, 0
        units = np.frombuffer(utf16.encode(new), np.uint16)
        old = np.frombuffer(utf16.encode(self._old(position, shorter)), np.uint16)
        head = _same(old, units[:shorter])
        rest = shorter - head
        if not rest:
            return head, 0
        old = np.frombuffer(utf16.encode(self._old(position + removed - rest, rest)), np.uint16)
        return head, _same(old[::-1], units[added - rest :][::-1])

    def _old(self, position: int, removed: int) -> str:
        """What the view held there before the change, made from the page, which does not know of it yet."""
        if not removed:
            return ""
        start = self.breaks.page(position)
        end = start + removed - self.breaks.count(position, position + removed)
        text = self._shown(start, end).replace("\n", SEPARATOR)
        soft = self.breaks.within(position, position + removed)
        if not len(soft):
            return text
        units = np.frombuffer(utf16.encode(text), np.uint16)
        return utf16.decode(np.insert(units, soft - np.arange(len(soft)), ord(SEPARATOR)).tobytes())

    def _shown(self, start: int, end: int) -> str:
        """What is shown of the page's [start, end): of a character that an edge parts, its half."""
        first, last = start - self._parts(start), end + self._parts(end)
        text = shown(self._page.text(first, last))
        return text if (first, last) == (start, end) else _part(text, start - first, end - first)

    def _parts(self, position: int) -> bool:
        """Whether a position of the page stands between the two halves of a character."""
        return utf16.is_pair(self._page.text(position - 1, position), self._page.text(position, position + 1))

    def mend_halves(self, start: int, end: int) -> bool:
        """Show what the user made of characters in the view's [start, end], where one was parted or joined: the
        document holds lone halves there. Returns whether there were any."""
        start, end = max(0, start - 1), min(end + 1, self._length)
        if start >= end or utf16.length(self.raw(start, end)) == end - start:
            return False
        first, last = self.breaks.page(start), self.breaks.page(end)
        self.show(first, last - first, self._page.text(first, last))
        return True

    # -------------------------------------------------------------------------------------------- soft breaks

    def split_long(self, start: int, end: int) -> None:
        """Split every block of the view's [start, end] that is too long, and take away soft breaks beside which nothing
        is left."""
        block = self._document.findBlock(min(start, self._length))
        while block.isValid() and block.position() <= end:
            number = block.blockNumber()
            if block.length() == 1 and self._close(block):
                block = self._document.findBlockByNumber(max(0, number - 1))
                end -= 1
                continue
            if block.length() - 1 > self._limit and not block.layout().preeditAreaText():
                end += self.split(block)
            block = block.next()

    def split(self, block: QTextBlock) -> int:
        """Split a block at starts of visual lines, so that the picture stays; a giant, at blanks. Returns how often."""
        offsets: list[int] = []
        if block.length() <= _GIANT * self._limit:
            self._document.documentLayout().blockBoundingRect(block)  # lays it out, if it was not
            offsets = self._line_starts(block)
        offsets = offsets or cuts(block.text(), self._limit)
        self.cut(np.array(offsets, np.int64) + block.position())
        return len(offsets)

    def cut(self, positions: Positions) -> None:
        """Put soft breaks in before these view positions (ascending)."""
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
        """Put one soft break in before this view position."""
        self.cut(np.array([position], np.int64))

    def lay_out_again(self) -> None:
        """Have every line of the document set anew."""
        with self._change():
            self._document.markContentsDirty(0, self._document.characterCount())

    def compose(self, place: QTextCursor, text: str, formats: Sequence[QTextLayout.FormatRange]) -> None:
        """Show what an input method composes at a place of the document; none where the text is empty."""
        layout = place.block().layout()
        with self._change():
            place.beginEditBlock()
            layout.setPreeditArea(place.positionInBlock() if text else -1, text)
            layout.setFormats(formats)
            place.endEditBlock()

    def join(self, position: int) -> None:
        """Take the soft break at this view position away."""
        with self._change():
            self._replace(position, position + 1, "")
        self.breaks.replaced(position, 1, 0)
        self._length -= 1

    def _close(self, empty: QTextBlock) -> bool:
        """Take away a soft break beside an empty block, which would show as an empty line that the page does not
        have."""
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
            if start - last >= self._limit // 2 and length - start >= min(LAST_LINES, self._limit // 4):
                starts.append(start)
                last = start
        return starts

    # -------------------------------------------------------------------------------------------- the document

    def _units(self) -> int:
        return self._document.characterCount() - 1

    @contextmanager
    def _change(self) -> Iterator[None]:
        before, self._changing = self._changing, True
        try:
            yield
        finally:
            self._changing = before


def _same(first: np.ndarray, second: np.ndarray) -> int:
    different = np.nonzero(first != second)[0]
    return int(different[0]) if len(different) else len(first)


def _part(text: str, start: int, end: int) -> str:
    """Some units of a text."""
    return text[start:end] if text.isascii() else utf16.decode(utf16.encode(text)[2 * start : 2 * end])
