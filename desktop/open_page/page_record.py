"""The data that the open page's file gets: the page's contents, its view and its facts.

Words are counted elsewhere while the page is open, and here when it leaves before that was done. Has no file.
"""

import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial

from PySide6.QtCore import QObject, QTimer

from desktop.page.contents import Contents
from desktop.page.edit import Change
from desktop.page.listeners import report
from desktop.page.page import Page
from desktop.pagefile import titles
from desktop.pagefile.delta import Delta
from desktop.pagefile.tracker import Tracker
from desktop.pagefile.values import Facts, View

FIRST_LINE_WITHIN = 400  # UTF-16 units from the page's start in which its first line is looked for
QUICK = 200_000  # UTF-16 units of text whose words are counted in a few milliseconds
LONGEST_LINE = 120  # characters of the first line that facts hold


class PageRecord(QObject):
    """Reads the open page for its file. last_view: the view when it could last be read. model: the name of the model
    that writes from now on."""

    def __init__(
        self,
        page: Page,
        view: Callable[[], View],
        count: Callable[[str], tuple[int, int]],
        clock: Callable[[], float] = time.time,
        parent: QObject | None = None,
    ) -> None:
        """view: caret and scroll position of the page in its window. count: words and characters of a text. clock:
        seconds since 1970."""
        super().__init__(parent)
        self._page, self._view, self._count, self._clock = page, view, count, clock
        self._facts = Facts()
        self._counted = True  # whether the facts' counts are those of the page as it is
        self.last_view = View()
        self.model = ""

    # -------------------------------------------------------------------------------------------- facts

    @property
    def title(self) -> str:
        return self._facts.title

    @property
    def name(self) -> str:
        """The page's title, or else the beginning of its text; "" where it has neither."""
        return titles.name_of(self.facts())

    @property
    def untouched(self) -> bool:
        return self._page.untouched

    def facts(self) -> Facts:
        """The open page's entry for a list of pages."""
        page = self._page
        lines = page.text(0, FIRST_LINE_WITHIN).splitlines()
        line = next((line.strip() for line in lines if line.strip()), "")
        return replace(self._facts, line=line[:LONGEST_LINE], tokens=page.token_count)

    def begin(self, facts: Facts) -> None:
        """Another page is open, with these facts."""
        self._facts = facts

    def begin_new(self, title: str) -> None:
        """A new page with that title is open."""
        now = self._clock()
        self._facts = Facts(title=title, created=now, modified=now)

    def rename(self, title: str) -> None:
        self._facts = replace(self._facts, title=title)

    def page_changed(self, change: Change) -> None:
        """The page's text or tokens changed, other than by opening it."""
        self._counted = False
        if change.cause != "read":  # what the model read changes nothing that was written
            self._facts = replace(self._facts, modified=self._clock())
        if change.cause == "generation":
            self._facts = replace(self._facts, model=self.model)

    def branch_grew(self) -> None:
        """A model wrote on a branch that is not shown."""
        self._facts = replace(self._facts, modified=self._clock(), model=self.model)

    # -------------------------------------------------------------------------------------------- words

    def set_counts(self, words: int, characters: int) -> None:
        """The page was counted as it is now."""
        self._counted = True
        self._facts = replace(self._facts, words=words, characters=characters)

    def discard_counts(self) -> None:
        """The counts in the facts are not the page's."""
        self._counted = False

    def count_words(self) -> None:
        """Count the words that are not counted yet, unless that would take long: the page leaves."""
        if not self._counted and self._page.length <= QUICK:
            self.set_counts(*self._count(self._page.text()))
        self._counted = True

    # -------------------------------------------------------------------------------------------- for the file

    def snapshot(self) -> tuple[Contents, View, Facts]:
        return self._page.contents, self._current_view(), self.facts()

    def delta(self, tracker: Tracker) -> Delta | None:
        """The changes of the page since the tracker's last delta; None without any. If the tracker raises (a bug), the
        whole page is taken again."""
        snapshot = self.snapshot()
        try:
            return tracker.take(*snapshot)
        except Exception as error:  # noqa: BLE001  (it surfaces when the page is safe)
            self._surface(error)
            tracker.forget()
            return tracker.take(*snapshot)

    def _current_view(self) -> View:
        """The view; the last one that could be read where the window raises, by a bug of ours."""
        try:
            self.last_view = self._view()
        except Exception as error:  # noqa: BLE001  (saving never depends on the view)
            self._surface(error)
        return self.last_view

    def _surface(self, error: Exception) -> None:
        """Raise it in the event loop, after the current work: the page is saved first."""
        QTimer.singleShot(0, self, partial(report, [error]))
