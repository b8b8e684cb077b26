"""One chunk of the page: units of text and the rows of the tokens on them.

Positions are units from the chunk's start. A run of tokens never crosses the edge of a chunk. Hashes are computed on
demand and cached until the chunk changes. The rows may still be in the page's file; they are read at first use.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from desktop.page import hashing
from desktop.page.profile import Profile, profile_of
from desktop.page.token_table import GENERATED, NONE, ROW, TokenRows, are_whole, ends, moved


@dataclass(frozen=True, slots=True)
class Unread:
    """Rows that are still in a file. read: returns them, from any thread; fewer or none where they can no longer be
    read. count, covered, total: the chunk's properties of these names, known without the rows."""

    read: Callable[[], TokenRows]
    count: int
    covered: int
    total: int

    def whole(self, units: int) -> TokenRows:
        """The rows of a chunk of that many units; none where they are not all there, or damaged."""
        rows = self.read()
        return rows if len(rows) == self.count and are_whole(rows, 0, units) else NONE


@dataclass(frozen=True, slots=True, eq=False)
class RunningSums:
    """What a chunk's units add to the hash before each position, and its generated tokens before each row, as if
    nothing stood before the chunk."""

    of_units: hashing.Words
    of_tokens: hashing.Words

    @classmethod
    def of(cls, rows: TokenRows, units: bytes | bytearray) -> "RunningSums":
        values = hashing.token_values(rows["id"], rows["part"])
        values[rows["kind"] != GENERATED] = 0
        of_tokens = hashing.sums_of_tokens(values, rows["start"], len(units) // 2)
        return cls(hashing.sums_of_units(units), of_tokens)

    def before(self, rows: TokenRows, positions: np.ndarray[tuple[int], np.dtype[np.int32]]) -> hashing.Words:
        """The hash before each position. rows: those of the sums."""
        return self.of_units[positions] + self.of_tokens[rows["start"].searchsorted(positions, "left")]


def profiled(rows: TokenRows, units: bytes | bytearray, sums: RunningSums | None = None) -> Profile:
    """The profile of a chunk with these rows and units, from any thread. sums: where they are known."""
    if not len(rows):  # of text alone nothing has to be summed
        return profile_of(rows, len(units) >> 1, np.zeros(0, np.uint64))
    inside = (sums or RunningSums.of(rows, units)).before(rows, rows["start"])
    return profile_of(rows, len(units) >> 1, inside)


class Chunk:
    """Text as UTF-16 units (two bytes each) and a table of rows with room to grow. Owns the rows it is given.

    number, saved_units, saved_rows: its number in the page's file (0: none), and how many units and rows the file has;
    a change anywhere but at the very end resets them to 0. lent: another thread reads units and rows, which may grow
    but are copied before any other change. shared: a twin has the same units and rows; copied before any change. used:
    its rows were used since this was last reset. profile: its surprisal (profile.py), None until it is computed, and
    after a change.
    """

    __slots__ = (
        "_covered",
        "_sums",
        "_table",
        "_token_sums",
        "_total",
        "_unread",
        "count",
        "lent",
        "number",
        "profile",
        "saved_rows",
        "saved_units",
        "shared",
        "units",
        "used",
    )

    def __init__(self, units: bytes | bytearray = b"", rows: TokenRows = NONE) -> None:
        self.units = bytearray(units)
        self._table = rows
        self._unread: Unread | None = None
        self.count = len(rows)
        self.lent = self.shared = self.used = False
        self._clear_cache()
        self._mark_unsaved()

    def __len__(self) -> int:
        """Units of text."""
        return len(self.units) >> 1

    @property
    def rows(self) -> TokenRows:
        """The rows, in order. A view: copy it before the chunk changes."""
        if self._unread is not None:
            self._read(self._unread)
        self.used = True
        return self._table[: self.count]

    # -------------------------------------------------------------------------------------------- its file

    @property
    def unread(self) -> Unread | None:
        """Where its rows are, until they are read; then None."""
        return self._unread

    def unload(self, unread: Unread) -> None:
        """Drop the rows from memory; they are read from the file at the next use."""
        self._table, self._unread = NONE, unread
        self.count, self._covered, self._total = unread.count, unread.covered, unread.total
        self.forget_sums()

    def _read(self, unread: Unread) -> None:
        self._unread = None
        self._table = unread.whole(len(self))
        if len(self._table) != self.count:  # damaged: the text stays
            self.count, self._covered, self.profile = 0, 0, None

    def mark_saved(self, number: int) -> None:
        """Note that the file gets all of it now, under that number."""
        self.number, self.saved_units, self.saved_rows = number, len(self), self.count

    def _mark_unsaved(self) -> None:
        """Note that the file does not have the chunk as it is now."""
        self.number = self.saved_units = self.saved_rows = 0

    def _unshare(self) -> None:
        """Copy units and rows that another thread or a twin uses."""
        if self.lent or self.shared:
            self.units, self._table = bytearray(self.units), self.rows.copy()
            self.lent = self.shared = False

    def twin(self) -> "Chunk":
        """A copy that shares units and rows until one of the two changes."""
        twin = Chunk(b"", self.rows)
        twin.units, self.shared, twin.shared = self.units, True, True
        twin._covered, twin._total, twin.profile = self._covered, self._total, self.profile
        return twin

    # -------------------------------------------------------------------------------------------- reading and writing

    @property
    def covered(self) -> int:
        """Units that its tokens cover."""
        if self._covered is None:
            rows = self.rows
            self._covered = int(rows["length"][rows["part"] == 0].sum())
        return self._covered

    def profiled(self) -> Profile:
        """Its profile, computed now if it is not known."""
        if self.profile is None:
            self.profile = profiled(self.rows, self.units, self._sums)
        return self.profile

    def overlapping(self, start: int, end: int) -> tuple[int, int]:
        """The index range of the rows whose runs reach into [start, end), or, where start = end, around it."""
        rows = self.rows
        # numpy copies a whole column to int64 for a plain Python int
        first = int(ends(rows).searchsorted(np.int32(start), "right"))
        last = int(rows["start"].searchsorted(np.int32(end), "left"))
        return first, max(first, last)

    def splice(
        self, position: int, removed: int, units: bytes, rows: TokenRows, touched: tuple[int, int]
    ) -> tuple[bytes, TokenRows]:
        """Replace `removed` units at position by units, and every run that reaches into `touched` by rows.

        Returns the units and rows removed. All rows are relative to position.
        """
        first, last = self.overlapping(*touched)
        if removed or first < max(self.count, self.saved_rows) or (units and position < len(self)):
            self._mark_unsaved()
            self._unshare()
        elif self.shared:
            self._unshare()
        gone = moved(self.rows[first:last], -position)
        cut = slice(2 * position, 2 * (position + removed))
        old = bytes(self.units[cut])
        self.units[cut] = units
        self._replace_rows(first, last, moved(rows, position), (len(units) >> 1) - removed)
        self._clear_cache()
        return old, gone

    def _replace_rows(self, first: int, last: int, rows: TokenRows, shift: int) -> None:
        behind = self.count - last
        count = first + len(rows) + behind
        if count > len(self._table):
            table = np.zeros(max(count, 2 * len(self._table), 16), ROW)
            table[: self.count] = self.rows
            self._table = table
        table = self._table
        if shift:
            table["start"][last : self.count] += shift
        if behind and first + len(rows) != last:
            table[first + len(rows) : count] = table[last : self.count].copy()
        table[first : first + len(rows)] = rows
        self.count = count

    def part(self, start: int, end: int, first: int, last: int) -> "Chunk":
        """A copy of the units [start, end) with their rows, which have the indices [first, last)."""
        return Chunk(self.units[2 * start : 2 * end], moved(self.rows[first:last], -start))

    def before(self, position: int) -> "Chunk":
        """A copy of all before that position. No run may reach across it."""
        return self.part(0, position, 0, int(self.rows["start"].searchsorted(np.int32(position), "left")))

    def after(self, position: int) -> "Chunk":
        """A copy of all after that position. No run may reach across it."""
        first = int(self.rows["start"].searchsorted(np.int32(position), "left"))
        return self.part(position, len(self), first, self.count)

    # -------------------------------------------------------------------------------------------- hashes

    def _clear_cache(self) -> None:
        self._covered: int | None = None
        self._total: int | None = None
        self._sums: RunningSums | None = None
        self.profile: Profile | None = None

    @property
    def total(self) -> int:
        """The hash of the chunk's text and tokens."""
        if self._total is None:
            sums = self._running_sums()
            self._total = (int(sums.of_units[len(self)]) + int(sums.of_tokens[self.count])) & hashing.MASK
        return self._total

    def hashes(self, positions: np.ndarray[tuple[int], np.dtype[np.int32]]) -> hashing.Words:
        """The hash of the text and tokens before each position."""
        return self._running_sums().before(self.rows, positions)

    def _running_sums(self) -> RunningSums:
        if self._sums is None:
            self._sums = RunningSums.of(self.rows, self.units)
        return self._sums

    def forget_sums(self) -> None:
        """Free the running sums (8 bytes a unit); the total stays."""
        self._sums = None
