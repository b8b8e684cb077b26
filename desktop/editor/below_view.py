"""Notices when the model writes below the visible text."""

from enum import Enum

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QScrollBar

from desktop.editor.scrolling import Following


class Below(Enum):
    """The model's activity below the visible text."""

    NOTHING = ""
    WRITING = "writing"
    ENDED = "ended"  # it has written there, and the reader has not been there since


class BelowView(QObject):
    """Watches one view. `changed` carries a Below."""

    changed = Signal(object)

    def __init__(self, bar: QScrollBar, following: Following) -> None:
        super().__init__(bar)
        self._following = following
        self._writing = False  # the model writes at the end of the page
        self._ended = False  # it has, out of view
        self._emitted = Below.NOTHING
        following.changed.connect(self._update)
        bar.valueChanged.connect(self._update)

    def set_writing(self, writing: bool, busy: bool) -> None:
        """Whether the model writes at the end of the page. busy: it does that, or something else."""
        self._ended = not busy and not writing and (self._ended or self._writing)
        self._writing = writing
        self._update()

    def forget_ended(self) -> None:
        """The writer goes on: the end of what the model wrote is no news any more."""
        if self._ended:
            self._ended = False
            self._update()

    def _update(self) -> None:
        self._ended = self._ended and not self._following.near_end
        out_of_view = self._writing and not self._following.near_end
        below = Below.WRITING if out_of_view else Below.ENDED if self._ended else Below.NOTHING
        if below is not self._emitted:
            self._emitted = below
            self.changed.emit(below)
