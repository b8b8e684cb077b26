"""Keeps a text document and its page equal, in both directions.

A change of the page becomes a change of the document; the user's change of the document becomes a `UserEdit` of the
page. The document shows replacement characters for what Qt would lose (replacement_chars.py) and splits long paragraphs
(`SplitDocument`). It is filled in slices: it holds one part of the page, [first, last), which grows at both ends
(`open_at`, `add_slice`). Has no widget, no caret and no undo.
"""

from dataclasses import dataclass

import numpy as np
from PySide6.QtGui import QTextDocument

from desktop.editor.long_paragraphs import LIMIT, cut_paragraphs
from desktop.editor.replacement_chars import SEPARATOR, shown
from desktop.editor.split_document import SplitDocument
from desktop.page import utf16
from desktop.page.page import Page

SLICE = 262_144  # units that are put into the document in one go: 10 ms, and their first painting 15


@dataclass(frozen=True, slots=True)
class UserEdit:
    """An edit by the user: `removed` units of the page at `start` became `text`."""

    start: int
    removed: int
    text: str


class DocumentSync:
    """A document, the page it shows, and the soft breaks between them.

    behind: the page has changes that the document does not have yet. limit: units in one block; slice_: units that are
    put into the document in one go."""

    def __init__(self, document: QTextDocument, page: Page, limit: int = LIMIT, slice_: int = SLICE) -> None:
        self.document = SplitDocument(document, limit)
        self.breaks = self.document.breaks
        self.slice = slice_
        self.behind = False
        self._page = page
        self._limit = limit

    @property
    def partial(self) -> bool:
        """Whether the document does not hold all of the page yet."""
        return self.breaks.first > 0 or self.breaks.last < self._page.length

    # ------------------------------------------------------------------------------------ from the page to the document

    def show(self, start: int, removed: int, inserted: str) -> tuple[int, int]:
        """Apply a change of the page to the document, as far as the document holds the place. Returns the range of the
        view that is new."""
        start, removed, inserted = self._whole_characters(start, removed, inserted)
        breaks, units = self.breaks, utf16.length(inserted)
        end_missing = breaks.last < self._page.length - units + removed  # before the change
        if start + removed <= breaks.first and breaks.first:
            breaks.first += units - removed
            breaks.last += units - removed
            return 0, 0
        if start >= breaks.last and end_missing:
            return self.document.length, self.document.length
        cut_first, cut_last = max(start, breaks.first), min(start + removed, breaks.last)
        if start >= breaks.first:
            return self._replace(cut_first, cut_last, inserted)
        new = self._replace(cut_first, cut_last, "")
        breaks.first += start + units - cut_first
        breaks.last += start + units - cut_first
        return new

    def _replace(self, start: int, end: int, inserted: str) -> tuple[int, int]:
        """Replace the page's [start, end), which the document holds, by a text in the document."""
        first = self.breaks.view(start)
        last = max(first, self.breaks.view(end, after=False)) if end > start else first
        text, soft = cut_paragraphs(shown(inserted), self._limit)
        added = self.document.replace(first, last, text, soft)
        self.breaks.last += added - len(soft) - (end - start)
        return first, first + added

    def _whole_characters(self, start: int, removed: int, inserted: str) -> tuple[int, int, str]:
        """The change, widened by a unit where an edge of it may have split or joined the halves of a character, which
        look different alone."""
        end = start + utf16.length(inserted)
        left = "\ud800" <= self._page.text(start - 1, start) <= "\udbff"
        right = "\udc00" <= self._page.text(end, end + 1) <= "\udfff"
        if not (left or right):
            return start, removed, inserted
        start, end = start - left, end + right
        return start, removed + left + right, self._page.text(start, end)

    # -------------------------------------------------------------- a page too long to be put into the document at once

    def open_at(self, position: int) -> None:
        """Hold only the slice of the page around a position; `add_slice` brings the rest."""
        self.document.clear()
        start = self._seam_near(position - self.slice // 2)
        self.breaks.first = self.breaks.last = start
        self._append(self._seam_near(max(start, position) + self.slice // 2))

    def add_slice(self) -> None:
        """Hold one more slice of the page, on the side where less is missing."""
        missing_before, missing_behind = self.breaks.first, self._page.length - self.breaks.last
        if missing_behind and (missing_behind <= missing_before or not missing_before):
            self._append(self._seam_near(self.breaks.last + self.slice))
        elif missing_before:
            self._prepend(self._seam_near(self.breaks.first - self.slice))

    def _append(self, end: int) -> None:
        start, at = self.breaks.last, self.document.length
        text, soft = cut_paragraphs(shown(self._page.text(start, end)), self._limit)
        if self._splits_paragraph(start):
            text, soft = "\n" + text, np.insert(soft + 1, 0, 0)
        self.document.replace(at, at, text, soft)
        self.breaks.last = end
        self._mend_seam(start, at)

    def _prepend(self, start: int) -> None:
        end = self.breaks.first
        text, soft = cut_paragraphs(shown(self._page.text(start, end)), self._limit)
        if self._splits_paragraph(end):
            soft = np.append(soft, utf16.length(text))
            text += "\n"
        added = self.document.replace(0, 0, text, soft)
        self.breaks.first = start
        self._mend_seam(end, added)

    def _splits_paragraph(self, seam: int) -> bool:
        """Whether a seam between two slices is inside a paragraph, so that it needs a soft break."""
        return self.document.length > 0 and self._page.text(seam - 1, seam) != "\n"

    def _mend_seam(self, seam: int, view: int) -> None:
        """Show halves of a character at a seam as one, and remove an empty line there that the page does not have."""
        if 0 < seam < self._page.length:
            self.show(seam, 0, "")
        self.document.split_long(max(0, view - 1), min(view + 1, self.document.length))

    def _seam_near(self, position: int) -> int:
        """A good position for a seam, there or a little behind: the start of a paragraph, else of a word."""
        if position <= 0:
            return 0
        text = self._page.text(position, position + self.slice // 4)
        for mark in "\n ":
            found = text.find(mark)
            if found >= 0:
                return position + utf16.length(text[: found + 1])
        return min(position, self._page.length)

    # ------------------------------------------------------------------------------------ from the document to the page

    def read_user_edit(self, position: int, removed: int, added: int) -> UserEdit | None:
        """Convert a change of the document by the user, as Qt reports it, to an edit of the page; None if no text
        changed.

        Qt counts the last separator in changes of the whole document, and reports an input method's preedit and changes
        of format as replacements by the same text. So the counts are clamped, and equal edges are taken off."""
        before, length = self.document.length, self.document.count_units()
        added = min(added, length - position)
        removed = min(removed, before - position)
        if before + added - removed != length:  # never seen; the whole text always agrees
            position, removed, added = 0, before, length
        new = self.document.raw_with_halves(position, position + added)
        head, tail = self._equal_edges(position, removed, new)
        position, removed, added = position + head, removed - head - tail, added - head - tail
        new = _units(new, head, head + added)
        start = self.breaks.page(position)
        page_removed = removed - self.breaks.count(position, position + removed)
        self.document.record(position, removed, added)
        self.breaks.last += added - page_removed
        if not page_removed and not added:
            return None
        return UserEdit(start, page_removed, new.replace(SEPARATOR, "\n"))

    def mend_characters(self, start: int, end: int) -> bool:
        """Show characters in the view's [start, end] again that the user's edit split or joined: the document holds
        lone halves there. Returns whether there were any."""
        start, end = max(0, start - 1), min(end + 1, self.document.length)
        if start >= end or utf16.length(self.document.raw(start, end)) == end - start:
            return False
        first, last = self.breaks.page(start), self.breaks.page(end)
        self.show(first, last - first, self._page.text(first, last))
        return True

    def _equal_edges(self, position: int, removed: int, new: str) -> tuple[int, int]:
        """How many units at the start, and how many behind that at the end, are the same as before the change."""
        added = utf16.length(new)
        shorter = min(removed, added)
        if not shorter:
            return 0, 0
        units = np.frombuffer(utf16.encode(new), np.uint16)
        old = np.frombuffer(utf16.encode(self._old_text(position, shorter)), np.uint16)
        head = _equal_units(old, units[:shorter])
        rest = shorter - head
        if not rest:
            return head, 0
        old = np.frombuffer(utf16.encode(self._old_text(position + removed - rest, rest)), np.uint16)
        return head, _equal_units(old[::-1], units[added - rest :][::-1])

    def _old_text(self, position: int, removed: int) -> str:
        """The document's text there before the user's change, made from the page, which does not have the change
        yet."""
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
        """The document's text for the page's [start, end): half of a character that an edge splits."""
        first, last = start - self._splits_character(start), end + self._splits_character(end)
        text = shown(self._page.text(first, last))
        return text if (first, last) == (start, end) else _units(text, start - first, end - first)

    def _splits_character(self, position: int) -> bool:
        """Whether a position of the page is between the two halves of a character."""
        return utf16.is_pair(self._page.text(position - 1, position), self._page.text(position, position + 1))


def _equal_units(first: np.ndarray, second: np.ndarray) -> int:
    different = np.nonzero(first != second)[0]
    return int(different[0]) if len(different) else len(first)


def _units(text: str, start: int, end: int) -> str:
    """The UTF-16 units [start, end) of a text."""
    return text[start:end] if text.isascii() else utf16.decode(utf16.encode(text)[2 * start : 2 * end])
