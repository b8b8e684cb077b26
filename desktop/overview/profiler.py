"""Computes the profiles of the open page's chunks a while after a change. Rows that are in the page's file are read on
a thread; those in memory are summed on the GUI thread, a few milliseconds at a time."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QObject, QTimer, Signal

from desktop.page.chunk import Chunk, Unread, profiled
from desktop.page.edit import Change
from desktop.page.page import Page
from desktop.page.profile import Profile
from desktop.qt.background import Background

DELAY = 200  # milliseconds from a change to the new numbers
BUDGET = 0.003  # seconds of the GUI thread at once
BATCH = 16  # chunks that the thread delivers at once
_LANE = "profiles"


@dataclass(frozen=True, slots=True, eq=False)
class _Wanted:
    """A chunk, where its rows are, its text, and how many units that has; it may grow meanwhile."""

    chunk: Chunk
    unread: Unread
    units: bytearray
    size: int

    @classmethod
    def of(cls, chunk: Chunk, unread: Unread) -> "_Wanted":
        chunk.lent = True
        return cls(chunk, unread, chunk.units, len(chunk))

    def read(self) -> Profile:
        """Read and sum the rows. May take milliseconds."""
        return profiled(self.unread.whole(self.size), bytes(self.units[: 2 * self.size]))


class Profiler(QObject):
    """`profiled`: what `Page.overview` tells may have changed. Does nothing while it is off."""

    profiled = Signal()

    def __init__(self, page: Page, parent: QObject | None = None, delay: int = DELAY) -> None:
        """delay: in milliseconds."""
        super().__init__(parent)
        self._page = page
        self._delay = delay
        self._on = False
        self._background = Background(parent=self)
        self._reading = False
        self._soon = QTimer(self, singleShot=True)
        self._soon.timeout.connect(self._update)

    @property
    def reading(self) -> bool:
        """Whether rows are being read from the page's file."""
        return self._reading

    def set_on(self, on: bool) -> None:
        if on != self._on:
            self._on = on
            if on:
                self._soon.start(0)
            else:
                self.give_up()

    def page_changed(self, change: Change) -> None:
        if change.cause == "file":
            self.give_up()
        if self._on and not self._soon.isActive():
            self._soon.start(0 if change.cause == "file" else self._delay)

    def give_up(self) -> None:
        """Read no more of the page's file, which may be closed: another page comes."""
        self._soon.stop()
        self._background.cancel(_LANE)
        self._reading = False

    def close(self) -> None:
        self.give_up()
        self._on = False
        self._background.close()

    def _update(self) -> None:
        until = time.perf_counter() + BUDGET
        wanted: list[_Wanted] = []
        for chunk in self._page.overview.missing():
            if chunk.unread is not None and chunk.count:
                wanted.append(_Wanted.of(chunk, chunk.unread))
            else:
                chunk.profiled()
                if time.perf_counter() > until:
                    self._soon.start(0)
                    break
        else:
            self._read(wanted)
        self.profiled.emit()

    def _read(self, wanted: Sequence[_Wanted]) -> None:
        """Read on the thread what is wanted, unless it reads already."""
        if wanted and not self._reading:
            self._reading = True
            self._background.stream(_LANE, lambda: _profiles(wanted), self._store, self._ended)

    def _store(self, found: Sequence[tuple[_Wanted, Profile]]) -> None:
        for one, profile in found:
            if one.chunk.unread is one.unread and one.chunk.profile is None:
                one.chunk.profile = profile
        if not self._soon.isActive():
            self._soon.start(self._delay)

    def _ended(self) -> None:
        self._reading = False
        self._soon.start(0)


def _profiles(wanted: Sequence[_Wanted]) -> Iterator[list[tuple[_Wanted, Profile]]]:
    """Read and sum the rows, a batch at a time."""
    for first in range(0, len(wanted), BATCH):
        yield [(one, one.read()) for one in wanted[first : first + BATCH]]
