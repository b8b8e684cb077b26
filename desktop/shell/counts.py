"""How many words and characters the page has: counted off the GUI thread, a second after it changed at the latest."""

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QObject, QTimer, Signal

from desktop.background import Background
from desktop.page.edit import Change

LANE = "counts"
DELAY = 1_000  # milliseconds
WORD = r"\w(?:[\w'’-]*\w)?"


@dataclass(frozen=True, slots=True)
class Counted:
    """characters: code points, blanks and line ends among them."""

    words: int
    characters: int


def count(text: str) -> Counted:
    """A word begins and ends with a letter or digit. Lets other threads run meanwhile."""
    import regex  # not before a page is counted: a window opens without it

    return Counted(sum(1 for _ in regex.finditer(WORD, text, concurrent=True)), len(text))


class Counts(QObject):
    """`counted` carries Counted."""

    counted = Signal(object)

    def __init__(self, text: Callable[[], str], parent: QObject | None = None, delay: int = DELAY) -> None:
        """text: the page's, as it is now; called on the GUI thread. delay: in milliseconds."""
        super().__init__(parent)
        self._text = text
        self._delay = delay
        self._background = Background(parent=self)
        self._soon = QTimer(self, singleShot=True)
        self._soon.timeout.connect(self._count)

    def touch(self) -> None:
        """The text has changed."""
        if not self._soon.isActive():
            self._soon.start(self._delay)

    def page_changed(self, change: Change) -> None:
        if change.cause == "file":  # another page: the former one's numbers are no longer wanted
            self._background.cancel(LANE)
            self._soon.start(0)
            return
        if change.removed or change.inserted:  # not where only readings came
            self.touch()

    def close(self) -> None:
        self._soon.stop()
        self._background.close()

    def _count(self) -> None:
        text = self._text()
        self._background.run(LANE, lambda: count(text), self.counted.emit)
