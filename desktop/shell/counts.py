"""How many words and characters the page has: counted off the GUI thread, a tenth of a second after it changed; a very
long page, a second after."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np
from PySide6.QtCore import QObject, QTimer, Signal

from desktop.page.edit import Change
from desktop.qt.background import Background

LANE = "counts"
SOONEST, LATEST = 100, 1_000  # milliseconds from a change until the page is counted
LONG = 1_000  # characters of the page for each millisecond of that
JOINING = "'’-"  # part of a word where letters stand on both sides
SLICE = 1 << 20  # code points that are counted in one go
_JOINS, _WORD = 1, 2


@dataclass(frozen=True, slots=True)
class Counted:
    """characters: code points, blanks and line ends among them."""

    words: int
    characters: int


def count(text: str) -> Counted:
    """A word begins and ends with a letter or digit. Lets other threads run meanwhile."""
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
    """What each code point is to words."""
    import regex  # not before a page is counted: a window opens without it

    all_ = np.arange(0x110000, dtype="<u4").tobytes().decode("utf-32-le", "surrogatepass")
    kinds = np.zeros(len(all_), np.uint8)
    for found in regex.finditer(r"\w+", all_, concurrent=True):
        kinds[found.start() : found.end()] = _WORD
    kinds[[ord(sign) for sign in JOINING]] = _JOINS
    return kinds


class Counts(QObject):
    """`counted` carries Counted."""

    counted = Signal(object)

    def __init__(
        self, text: Callable[[], Callable[[], str]], parent: QObject | None = None, delay: int | None = None
    ) -> None:
        """text: the page's, as it is now; called on the GUI thread, and what it returns on another. delay: in
        milliseconds; else it depends on how long the page is."""
        super().__init__(parent)
        self._text = text
        self._delay = delay
        self._characters = 0  # as last counted
        self._background = Background(parent=self)
        self._soon = QTimer(self, singleShot=True)
        self._soon.timeout.connect(self._count)

    def touch(self) -> None:
        """The text has changed."""
        if not self._soon.isActive():
            wait = min(max(SOONEST, self._characters // LONG), LATEST)
            self._soon.start(wait if self._delay is None else self._delay)

    def page_changed(self, change: Change) -> None:
        if change.cause == "file":  # another page: the former one's numbers are no longer wanted
            self._background.cancel(LANE)
            self._soon.start(0)
            return
        if change.removed or change.units:  # not where only readings came
            self.touch()

    def close(self) -> None:
        self._soon.stop()
        self._background.close()

    def _count(self) -> None:
        text = self._text()
        self._background.run(LANE, lambda: count(text()), self._tell)

    def _tell(self, counted: Counted) -> None:
        self._characters = counted.characters
        self.counted.emit(counted)
