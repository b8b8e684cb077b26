"""One chunk of the page: some units of text and the tokens that lie on them.

Positions are units from the chunk's start. A run of tokens never crosses the edge of a chunk. Hashes are computed when
asked for and kept until the chunk changes. Knows nothing of the other chunks.
"""

import numpy as np

from desktop.page import hashing
from desktop.page.rows import GENERATED, NONE, ROW, TokenRows, ends, moved


class Chunk:
    """Text as UTF-16 units (two bytes each) and a table of rows with room to grow. Takes the rows it is given as its
    own."""

    __slots__ = ("_covered", "_sums", "_table", "_token_sums", "_total", "count", "units")

    def __init__(self, units: bytes | bytearray = b"", rows: TokenRows = NONE) -> None:
        self.units = bytearray(units)
        self._table = rows
        self.count = len(rows)
        self._forget()

    def __len__(self) -> int:
        """Units of text."""
        return len(self.units) >> 1

    @property
    def rows(self) -> TokenRows:
        """The rows, in order. A view: copy it before the chunk changes."""
        return self._table[: self.count]

    @property
    def covered(self) -> int:
        """Units that its tokens cover."""
        if self._covered is None:
            rows = self.rows
            self._covered = int(rows["length"][rows["part"] == 0].sum())
        return self._covered

    def overlapping(self, start: int, end: int) -> tuple[int, int]:
        """The rows of runs that reach into [start, end); of the run around start where both are one."""
        rows = self.rows
        # numpy copies a whole column to int64 for a plain Python int
        first = int(ends(rows).searchsorted(np.int32(start), "right"))
        last = int(rows["start"].searchsorted(np.int32(end), "left"))
        return first, max(first, last)

    def splice(
        self, position: int, removed: int, units: bytes, rows: TokenRows, touched: tuple[int, int]
    ) -> tuple[bytes, TokenRows]:
        """Replace units, drop every run that reaches into `touched`, and put rows (relative to position) in their
        place.

        Returns what was removed, rows relative to position.
        """
        first, last = self.overlapping(*touched)
        gone = moved(self.rows[first:last], -position)
        cut = slice(2 * position, 2 * (position + removed))
        old = bytes(self.units[cut])
        self.units[cut] = units
        self._replace_rows(first, last, moved(rows, position), (len(units) >> 1) - removed)
        self._forget()
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
        """A copy of the units [start, end) with the rows [first, last), which are those that lie there."""
        return Chunk(self.units[2 * start : 2 * end], moved(self.rows[first:last], -start))

    def before(self, position: int) -> "Chunk":
        """A copy of all before that position. No run may reach across it."""
        return self.part(0, position, 0, int(self.rows["start"].searchsorted(np.int32(position), "left")))

    def behind(self, position: int) -> "Chunk":
        """A copy of all behind that position. No run may reach across it."""
        first = int(self.rows["start"].searchsorted(np.int32(position), "left"))
        return self.part(position, len(self), first, self.count)

    # -------------------------------------------------------------------------------------------- hashes

    def _forget(self) -> None:
        self._covered: int | None = None
        self._total: int | None = None
        self._sums: hashing.Words | None = None
        self._token_sums: hashing.Words | None = None

    @property
    def total(self) -> int:
        """The hash of the whole chunk."""
        if self._total is None:
            self._sum_up()
            size = len(self)
            assert self._sums is not None and self._token_sums is not None
            self._total = (int(self._sums[size]) + int(self._token_sums[self.count])) & hashing.MASK
        return self._total

    def hashes(self, positions: np.ndarray[tuple[int], np.dtype[np.int32]]) -> hashing.Words:
        """The hash of the text and tokens before each position."""
        if self._sums is None or self._token_sums is None:
            self._sum_up()
        assert self._sums is not None and self._token_sums is not None
        before = self.rows["start"].searchsorted(positions, "left")
        return self._sums[positions] + self._token_sums[before]

    def _sum_up(self) -> None:
        rows = self.rows
        worth = hashing.token_worth(rows["id"], rows["part"])
        worth[rows["kind"] != GENERATED] = 0
        self._sums = hashing.sums_of_units(self.units)
        self._token_sums = hashing.sums_of_tokens(worth, rows["start"], len(self))

    def forget_sums(self) -> None:
        """Give the memory of the running sums back; the total stays."""
        self._sums = self._token_sums = None
