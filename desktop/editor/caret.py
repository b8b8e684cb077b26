"""Where the caret and the selection go when the page changes by another hand. Page positions; knows no Qt but the
cursor it reads."""

from dataclasses import dataclass

from PySide6.QtGui import QTextCursor

from desktop.editor.positions import SoftBreaks


@dataclass(frozen=True, slots=True)
class Caret:
    """Both ends of a selection (the same twice where nothing is selected), and which of them moves with the keys:
    `position`."""

    anchor: int
    position: int

    @classmethod
    def of(cls, cursor: QTextCursor, breaks: SoftBreaks) -> "Caret":
        return cls(breaks.page(cursor.anchor()), breaks.page(cursor.position()))

    def after(self, start: int, removed: int, inserted: int) -> "Caret":
        """Where both stand after `removed` units at start gave way to `inserted` ones.

        Text that comes exactly at the caret comes behind it, and text at an edge of the selection stays out of it: a
        stream neither pushes the caret along nor grows what is selected."""
        lower = min(self.anchor, self.position) if self.anchor != self.position else -1

        def moved(place: int) -> int:
            if place == start and removed == 0:
                return place + inserted if place == lower else place
            if place <= start:
                return place
            return place + inserted - removed if place >= start + removed else start

        return Caret(moved(self.anchor), moved(self.position))
