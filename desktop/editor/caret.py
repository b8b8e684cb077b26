"""Where the caret and the selection go when the page changes by another hand. Page positions; knows no Qt but the
cursor it reads."""

from dataclasses import dataclass

from PySide6.QtGui import QTextCursor

from desktop.editor.soft_breaks import SoftBreaks
from desktop.page.offset_map import OffsetMap


@dataclass(frozen=True, slots=True)
class Caret:
    """Both ends of a selection (the same twice where nothing is selected), and which of them moves with the keys:
    `position`."""

    anchor: int
    position: int

    @classmethod
    def of(cls, cursor: QTextCursor, breaks: SoftBreaks) -> "Caret":
        return cls(breaks.page(cursor.anchor()), breaks.page(cursor.position()))

    def after(self, start: int, removed: int, inserted: int, *, along: bool = False) -> "Caret":
        """Where both stand after `removed` units at start gave way to `inserted` ones.

        Text that comes at an edge of a selection stays out of it: a stream does not grow what is selected. along: a
        caret that stands just behind what gave way stands behind what came, so that a writer who waits at the end of
        the page writes on there; else text that comes exactly at the caret comes behind it."""
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
        """As `after`, where many places changed together."""
        lower = min(self.anchor, self.position) if self.anchor != self.position else -1
        return Caret(*(places.after(place, along=place == lower) for place in (self.anchor, self.position)))
