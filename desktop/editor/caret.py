"""Computes where caret and selection go when the program changes the page. Positions are the page's."""

from dataclasses import dataclass

from PySide6.QtGui import QTextCursor

from desktop.editor.soft_breaks import SoftBreaks
from desktop.page.offset_map import OffsetMap


@dataclass(frozen=True, slots=True)
class Caret:
    """Both ends of a selection; the same twice if nothing is selected. The keys move `position`."""

    anchor: int
    position: int

    @classmethod
    def of(cls, cursor: QTextCursor, breaks: SoftBreaks) -> "Caret":
        """The caret of a view's text cursor."""
        return cls(breaks.page(cursor.anchor()), breaks.page(cursor.position()))

    @property
    def selection(self) -> tuple[int, int]:
        """Start and end of the selection; the same twice if nothing is selected."""
        return min(self.anchor, self.position), max(self.anchor, self.position)

    def after(self, start: int, removed: int, inserted: int, *, along: bool = False) -> "Caret":
        """The caret after `removed` units at start were replaced by `inserted` ones.

        Text inserted at an edge of a selection stays outside it: a stream does not grow a selection. along: a caret
        just behind the removed text is put behind the inserted text, so that a writer who waits at the end of the page
        goes on writing there; else text inserted exactly at the caret comes behind it."""
        if along and self.anchor == self.position == start + removed:
            return Caret(start + inserted, start + inserted)
        lower = min(self.anchor, self.position) if self.anchor != self.position else -1

        def moved(place: int) -> int:
            if place == start and removed == 0:
                return place + inserted if place == lower else place
            if place <= start:
                return place
            return place + inserted - removed if place >= start + removed else start

        return Caret(moved(self.anchor), moved(self.position))

    def among(self, places: OffsetMap) -> "Caret":
        """As `after`, for a change of many places at once."""
        lower = min(self.anchor, self.position) if self.anchor != self.position else -1
        return Caret(*(places.after(place, along=place == lower) for place in (self.anchor, self.position)))
