"""Counts the words and characters of the page off the GUI thread, 0.1 to 1 second after a change."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np
from PySide6.QtCore import QObject, QTimer, Signal

from desktop.page.edit import Change
from desktop.qt.background import Background

LANE = "counts"
SOONEST, LATEST = 100, 1_000  # least and most milliseconds from a change to the count
WRITING = 500  # least milliseconds while the model writes: each count lays the status bar out again
LONG = 1_000  # characters of the page that add a millisecond to the delay
JOINING = "'’-"  # part of a word between letters
SLICE = 1 << 20  # code points that are counted at once
_JOINS, _WORD = 1, 2


@dataclass(frozen=True, slots=True)
class Counted:
    """The counts. characters: code points, spaces and line ends included."""

    words: int
    characters: int


def count(text: str) -> Counted:
    """Count the words and characters of a text. A word begins and ends with a letter or digit. Releases the GIL."""
    words, inside = 0, False
    for start in range(0, len(text), SLICE):
        points = np.frombuffer(text[start : start + SLICE].encode("utf-32-le", "surrogatepass"), "<u4")
        kinds = _kinds()[points]
        letters = np.r_[inside, kinds[kinds != _JOINS] == _WORD]
        words += int(np.count_nonzero(letters[1:] > letters[:-1]))
        inside = bool(letters[-1])
    return Counted(words, len(text))


@cache
def _kinds() -> np.ndarray[tuple[int], np.dtype[np.uint8]]:
    """The kind of each code point: part of a word, joining, or neither."""
    import regex  # here, to keep the start fast

    all_ = np.arange(0x110000, dtype="<u4").tobytes().decode("utf-32-le", "surrogatepass")
    kinds = np.zeros(len(all_), np.uint8)
    for found in regex.finditer(r"\w+", all_, concurrent=True):
        kinds[found.start() : found.end()] = _WORD
    kinds[[ord(sign) for sign in JOINING]] = _JOINS
    return kinds


class Counts(QObject):
    """Counts the page after changes. `counted` carries Counted."""

    counted = Signal(object)

    def __init__(
        self, text: Callable[[], Callable[[], str]], parent: QObject | None = None, delay: int | None = None
    ) -> None:
        """text: takes a snapshot on the GUI thread; the function it returns gives the text on another thread. delay:
        from a change to the count, in milliseconds; None: depends on the length of the page."""
        super().__init__(parent)
        self._text = text
        self._delay = delay
        self._characters = 0  # as last counted
        self._background = Background(parent=self)
        self._soon = QTimer(self, singleShot=True)
        self._soon.timeout.connect(self._count)

    def touch(self, least: int = SOONEST) -> None:
        """The text has changed. least: milliseconds until it is counted."""
        if not self._soon.isActive():
            wait = min(max(least, self._characters // LONG), LATEST)
            self._soon.start(wait if self._delay is None else self._delay)

    def page_changed(self, change: Change) -> None:
        if change.cause == "file":  # another page: drop the counts of the former one
            self._background.cancel(LANE)
            self._soon.start(0)
            return
        if change.removed or change.units:  # the text changed, not only its readings
            self.touch(WRITING if change.cause == "generation" else SOONEST)

    def close(self) -> None:
        self._soon.stop()
        self._background.close()

    def _count(self) -> None:
        text = self._text()
        self._background.run(LANE, lambda: count(text()), self._show_counted)

    def _show_counted(self, counted: Counted) -> None:
        self._characters = counted.characters
        self.counted.emit(counted)
