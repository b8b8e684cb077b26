"""Counts the statistics of a stretch of the page on a thread, which reads what is in the page's file."""

from collections.abc import Sequence

from PySide6.QtCore import QObject, Signal

from desktop.page.page import Page
from desktop.page.statistics import reports
from desktop.page.top_odds import TopOdds
from desktop.qt.background import Background

_LANE = "selection"


class SelectionReader(QObject):
    """`reported` carries Report after Report on the stretch that was asked for last, the last one with `done`."""

    reported = Signal(object)

    def __init__(self, page: Page, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._page = page
        self._background = Background(parent=self)

    def read(self, start: int, end: int, classes: Sequence[int]) -> None:
        """Count [start, end). classes: the highest ranks of the classes between the first and the last, ascending."""
        lent, tops = self._page.lend(start, end), TopOdds.of(self._page.alternatives)
        self._background.stream(_LANE, lambda: reports(lent, tops, (1, *classes)), self.reported.emit, lambda: None)

    def give_up(self) -> None:
        """Read no more of the page's file, which may be closed."""
        self._background.cancel(_LANE)

    def close(self) -> None:
        self._background.close()
