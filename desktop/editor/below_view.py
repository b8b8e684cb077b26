"""Notices when the model writes where it cannot be seen: below the visible text, or above it."""

from enum import Enum

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QScrollBar

from desktop.editor.scrolling import Following
from desktop.editor.writing_place import WritingPlace


class Below(Enum):
    """The model's activity out of view."""

    NOTHING = ""
    WRITING = "writing"
    ENDED = "ended"  # it has written there, and the reader has not been there since
    WRITING_ABOVE = "writing above"
    ENDED_ABOVE = "ended above"


class BelowView(QObject):
    """Watches one view. `changed` carries a Below."""

    changed = Signal(object)

    def __init__(self, bar: QScrollBar, following: Following, place: WritingPlace) -> None:
        super().__init__(bar)
        self._following, self._place = following, place
        self._writing = False  # the model writes on the page
        self._ended = False  # it has, out of view
        self._emitted = Below.NOTHING
        following.changed.connect(self._update)
        bar.valueChanged.connect(self._update)
        place.moved.connect(self._update)

    def set_writing(self, writing: bool, busy: bool) -> None:
        """Whether the model writes on the page. busy: it does that, or something else."""
        self._ended = not busy and not writing and (self._ended or self._writing)
        self._writing = writing
        self._update()

    def forget_ended(self) -> None:
        """The writer goes on: the end of what the model wrote is no news any more."""
        if self._ended:
            self._ended = False
            self._update()

    def _update(self) -> None:
        side = self._side() if self._writing or self._ended else 0
        self._ended = self._ended and side != 0
        below = Below.NOTHING
        if self._writing and side:
            below = Below.WRITING if side > 0 else Below.WRITING_ABOVE
        elif self._ended:
            below = Below.ENDED if side > 0 else Below.ENDED_ABOVE
        if below is not self._emitted:
            self._emitted = below
            self.changed.emit(below)

    def _side(self) -> int:
        """Where the model writes: -1 above the view, 1 below it, 0 in view."""
        if self._place.position is None:
            return 0 if self._following.near_end else 1
        return self._place.side()
