"""Rows and text of a stretch of the page as they are now, for another thread. Nothing is copied (snapshot.py)."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from desktop.page import hashing
from desktop.page.chunk import Chunk, RunningSums, Unread
from desktop.page.chunks import Chunks
from desktop.page.token_table import Flags, TokenRows, ends, moved, stale_rows


@dataclass(frozen=True, slots=True, eq=False)
class LentRows:
    """One chunk's part of a stretch. base: the chunk's start. head: the hash of the page before it. rows: in memory, or
    where they are in the page's file. units, size: its text and how many units that has; it may grow meanwhile. start,
    end: the stretch, on the page."""

    base: int
    head: int
    rows: TokenRows | Unread
    units: bytearray
    size: int
    start: int
    end: int

    def read(self) -> tuple[TokenRows, Flags, bytes]:
        """The rows of the runs that lie inside the stretch, starts from the page's beginning; which of them are stale,
        as in Page.stale; and the units from the chunk's start. May take milliseconds."""
        units = bytes(self.units[: 2 * self.size])
        rows = self.rows.whole(self.size) if isinstance(self.rows, Unread) else self.rows
        stale = self._stale(rows, units)
        rows = moved(rows, self.base)
        inside = (rows["start"] >= self.start) & (ends(rows) <= self.end)
        return rows[inside], stale[inside], units

    def _stale(self, rows: TokenRows, units: bytes) -> Flags:
        """rows: all of the chunk's, starts from its beginning."""
        before = RunningSums.of(rows, units).before(rows, rows["start"])
        return stale_rows(rows, np.uint64(self.head) + before * np.uint64(hashing.power(self.base)))


def lend(chunks: Chunks, start: int, end: int) -> list[LentRows]:
    """The stretch [start, end), chunk by chunk."""
    return list(_lent(chunks, start, end))


def _lent(chunks: Chunks, start: int, end: int) -> Iterator[LentRows]:
    for chunk, base in chunks.over(start, end):
        yield LentRows(base, chunks.head(base), _rows(chunk), chunk.units, len(chunk), start, end)


def _rows(chunk: Chunk) -> TokenRows | Unread:
    chunk.lent = True
    if chunk.unread is not None and chunk.count:
        return chunk.unread
    return chunk.rows


def byte_sums(units: bytes) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """How many bytes of UTF-8 stand before each unit, and before the end. Half of a surrogate pair counts as two."""
    points = np.frombuffer(units, "<u2")
    sizes = 1 + (points >= 0x80).astype(np.int64) + ((points >= 0x800) & ~((points >= 0xD800) & (points < 0xE000)))
    return np.concatenate(([0], np.cumsum(sizes)))
