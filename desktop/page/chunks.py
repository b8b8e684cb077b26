"""The text of a page and the tokens on it, in chunks, so that a change costs the same on a page of any length.

A list of chunks and the running sum of their lengths: `searchsorted` finds the chunk, and inside it the token. Changes
go through `splice`, or `exchange` for whole chunks. Positions are UTF-16 units.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

from desktop.page import hashing, utf16
from desktop.page.chunk import Chunk
from desktop.page.token_table import NONE, TokenRows, any_generated, ends, joined, moved

_Column: TypeAlias = np.ndarray[Any, np.dtype[np.int32]]


@dataclass(frozen=True, slots=True)
class Limits:
    """The largest size of a chunk; tests use small ones to meet the edges."""

    units: int = 16_384
    tokens: int = 2_048


class Chunks:
    """Text and token rows. There is always a chunk; a chunk is empty only if all text is."""

    def __init__(self, limits: Limits = Limits(), chunks: list[Chunk] | None = None) -> None:
        self.limits = limits
        self._chunks = chunks or [Chunk()]
        self._bases: np.ndarray[Any, np.dtype[np.int64]] | None = None
        self._heads: hashing.Words = np.zeros(1, np.uint64)
        self._hashed = 0  # number of chunks from the first on whose successor's head in _heads is right
        self._summed: list[Chunk] = []

    # -------------------------------------------------------------------------------------------- reading

    def __len__(self) -> int:
        """Units of text."""
        return int(self.bases[-1])

    @property
    def bases(self) -> np.ndarray[Any, np.dtype[np.int64]]:
        """Where each chunk starts, and at the end the length of the text."""
        if self._bases is None:
            self._bases = np.zeros(len(self._chunks) + 1, np.int64)
            np.cumsum([len(chunk) for chunk in self._chunks], out=self._bases[1:])
        return self._bases

    def _chunk_at(self, position: int) -> int:
        """The chunk that holds the unit at position; the last one at the end."""
        return min(int(self.bases.searchsorted(position, "right")), len(self._chunks)) - 1

    def over(self, start: int, end: int) -> Iterator[tuple[Chunk, int]]:
        """The chunks that [start, end) reaches into, with their bases."""
        if end <= start:
            return
        index = self._chunk_at(start)
        while index < len(self._chunks) and self.bases[index] < end:
            yield self._chunks[index], int(self.bases[index])
            index += 1

    def units(self, start: int, end: int) -> bytes:
        """The units of [start, end), two bytes each."""
        parts = [
            chunk.units[2 * max(0, start - base) : 2 * max(0, end - base)] for chunk, base in self.over(start, end)
        ]
        return b"".join(parts)

    def text(self, start: int, end: int) -> str:
        """The text of [start, end); halves of surrogate pairs survive."""
        return utf16.decode(self.units(start, end))

    def rows(self, start: int, end: int) -> TokenRows:
        """The rows of every run that reaches into [start, end), starts from the beginning of the page."""
        tables: list[TokenRows] = []
        for chunk, base in self.over(start, end):
            first, last = chunk.overlapping(max(0, start - base), end - base)
            if last > first:
                tables.append(moved(chunk.rows[first:last], base))
        return joined(tables)

    def touched(self, start: int, end: int) -> TokenRows:
        """The rows of the runs that a change of [start, end) would dissolve: as `rows`, and where start = end, the run
        around it."""
        rows = self.rows(max(0, start - 1), end + 1)
        return rows[(rows["start"] < end) & (ends(rows) > start)]

    def generated(self, start: int, end: int) -> bool:
        """Whether a generated token is among `touched(start, end)`."""
        for chunk, base in self.over(max(0, start - 1), end + 1):
            first, last = chunk.overlapping(start - base, end - base)
            if any_generated(chunk.rows[first:last]):
                return True
        return False

    def count(self, start: int) -> int:
        """How many rows start at or after that position."""
        index = self._chunk_at(start)
        chunk, inside = self._chunks[index], start - int(self.bases[index])
        first = int(chunk.rows["start"].searchsorted(np.int32(inside), "left")) if inside else 0
        return chunk.count - first + sum(c.count for c in self._chunks[index + 1 :])

    @property
    def parts(self) -> list[Chunk]:
        """The chunks themselves, in order: for the page's file."""
        return self._chunks

    def tally(self, start: int, end: int) -> tuple[int, int]:
        """How many tokens start in [start, end), and how many of its units none of them covers. The rows of chunks that
        lie inside are not read."""
        tokens = bare = 0
        for chunk, base in self.over(start, end):
            low, high = max(0, start - base), min(len(chunk), end - base)
            if high - low == len(chunk):
                tokens += chunk.count
                bare += len(chunk) - chunk.covered
                continue
            rows = chunk.rows
            rows = rows[slice(*rows["start"].searchsorted(np.array([low, high], np.int32), "left"))]
            firsts = rows[rows["part"] == 0]
            tokens += len(rows)
            bare += high - low - int((np.minimum(ends(firsts), np.int32(high)) - firsts["start"]).sum())
        return tokens, bare

    # -------------------------------------------------------------------------------------------- writing

    def splice(
        self, position: int, removed: int, units: bytes = b"", rows: TokenRows = NONE
    ) -> tuple[bytes, TokenRows]:
        """Replace [position, position + removed) by units and rows (starts relative to position; their runs may reach
        beyond the units on both sides). Runs that are touched lose their rows. Returns the units and rows removed, in
        the same form."""
        low, high = _hull(position, removed, len(units) >> 1, rows)
        if low == high == len(self) and self._filled(len(units) >> 1, len(rows)):
            self._replace(len(self._chunks), len(self._chunks), [Chunk()])
            index = len(self._chunks) - 1
        else:
            index = self._gather(low, high)
        base = int(self.bases[index])
        chunk = self._chunks[index]
        gone = chunk.splice(position - base, removed, units, rows, (low - base, high - base))
        self.bases[index + 1 :] += (len(units) >> 1) - removed
        self._hashed = min(self._hashed, index)
        self._settle(index)
        return gone

    def exchange(
        self, position: int, removed: int, chunks: "Chunks", rows: TokenRows = NONE
    ) -> tuple["Chunks", TokenRows]:
        """As `splice`, with whole chunks in both directions: rows are copied or read only at the edges. rows, and those
        returned: of runs that reach across an edge of the chunks, or lie outside."""
        end, inserted = position + removed, len(chunks)
        low, high = _hull(position, removed, inserted, rows)
        before = moved(self._dissolve(low, position), low - position)
        behind = moved(self._dissolve(end, high), end - position)
        gone = self._swap(position, end, chunks._chunks if inserted else [])
        for across, edge in _by_edge(rows, inserted):
            self.splice(position + edge, 0, b"", across)
        return Chunks(self.limits, gone), joined([part for part in (before, behind) if len(part)])

    def _dissolve(self, low: int, high: int) -> TokenRows:
        """Remove the rows of every run that reaches into [low, high), or, where low = high, around it. Returns them,
        relative to low."""
        at_edge = low == self.bases[self.bases.searchsorted(low)]
        if (low == high and at_edge) or not len(self.touched(low, high)):
            return NONE
        index = self._gather(low, high)
        base = int(self.bases[index])
        self._hashed = min(self._hashed, index)
        return self._chunks[index].splice(low - base, 0, b"", NONE, (low - base, high - base))[1]

    def _swap(self, start: int, end: int, chunks: list[Chunk]) -> list[Chunk]:
        """Replace [start, end), across whose edges no run reaches, by chunks. Returns the chunks removed."""
        if not len(self):
            self._replace(0, len(self._chunks), chunks or [Chunk()])
            return []
        first, last = self._split(start), self._split(end)
        gone = self._chunks[first:last]
        self._replace(first, last, chunks)
        if not self._chunks:
            self._replace(0, 0, [Chunk()])
        self._mend(first + len(chunks))
        self._mend(first)
        return gone

    def _mend(self, index: int) -> None:
        """Merge the chunk at index with the one before it where both are small."""
        if 0 < index < len(self._chunks) and self._small(self._chunks[index - 1], self._chunks[index]):
            self._merge(index - 1, index)

    def _filled(self, units: int, tokens: int) -> bool:
        """Whether what is appended begins a new chunk: the last one is full, and the file need not store it again."""
        last = self._chunks[-1]
        grown = len(last) + units > self.limits.units or last.count + tokens > self.limits.tokens
        return grown and len(last) > 0

    def _gather(self, low: int, high: int) -> int:
        """Merge the chunks that [low, high] reaches into; returns the index. Insertions between two chunks go to the
        left one."""
        first = self._chunk_at(low)
        if low == high and first and low == self.bases[first]:
            first -= 1
        last = max(first, int(self.bases[1:].searchsorted(high, "left")))
        if last > first:
            self._merge(first, min(last, len(self._chunks) - 1))
        return first

    def _merge(self, first: int, last: int) -> None:
        chunks = self._chunks[first : last + 1]
        base = self.bases[first]
        tables = [moved(c.rows, int(b - base)) for c, b in zip(chunks, self.bases[first:], strict=False) if c.count]
        self._replace(first, last + 1, [Chunk(b"".join(c.units for c in chunks), joined(tables))])

    def _replace(self, first: int, last: int, chunks: list[Chunk]) -> None:
        self._chunks[first:last] = chunks
        if self._bases is not None:
            edges = np.cumsum([self._bases[first], *(len(chunk) for chunk in chunks)])
            behind = self._bases[last + 1 :] + (edges[-1] - self._bases[last])
            self._bases = np.concatenate((self._bases[:first], edges, behind))
        self._hashed = min(self._hashed, first)

    def _settle(self, index: int) -> None:
        """Divide a chunk that grew too large; merge one that shrank with a neighbour."""
        chunk = self._chunks[index]
        if len(chunk) > self.limits.units or chunk.count > self.limits.tokens:
            self._replace(index, index + 1, list(self._divided(chunk)))
        elif self._small(chunk, chunk) and len(self._chunks) > 1:
            other = index - 1 if index else index + 1
            if self._small(chunk, self._chunks[other]):
                self._merge(min(index, other), max(index, other))
            elif not len(chunk):
                self._replace(index, index + 1, [])

    def fit(self, index: int) -> None:
        """Divide a chunk that is too large; merge it with the next one where both are small."""
        chunk = self._chunks[index]
        if len(chunk) > self.limits.units or chunk.count > self.limits.tokens:
            self._replace(index, index + 1, list(self._divided(chunk)))
        else:
            self._mend(index + 1)

    def _small(self, one: Chunk, other: Chunk) -> bool:
        return len(one) + len(other) < self.limits.units // 2 and one.count + other.count < self.limits.tokens // 2

    def _divided(self, chunk: Chunk) -> Iterator[Chunk]:
        starts, lasts = np.ascontiguousarray(chunk.rows["start"]), ends(chunk.rows)
        start = row = 0
        while start < len(chunk):
            end = self._edge(starts, lasts, start, row, len(chunk))
            until = int(starts.searchsorted(np.int32(end), "left"))
            yield chunk.part(start, end, row, until)
            start, row = end, until

    def _edge(self, starts: _Column, lasts: _Column, start: int, row: int, size: int) -> int:
        """Where a part that begins at start, with that row, ends: half full, never inside a run."""
        units, tokens = self.limits.units, self.limits.tokens
        if size - start <= units * 5 // 8 and len(starts) - row <= tokens * 5 // 8:
            return size
        end = min(size, start + max(1, units // 2))
        middle = row + max(1, tokens // 2)
        if middle < len(starts) and starts[middle] > start:
            end = min(end, int(starts[middle]))
        across = int(lasts.searchsorted(np.int32(end), "right"))
        if across == len(starts) or starts[across] >= end:
            return end
        return int(starts[across]) if starts[across] > start else int(lasts[across])

    # -------------------------------------------------------------------------------------------- tails

    def cut(self, position: int) -> "Chunks":
        """Remove [position, end) and return it. No run may reach across position."""
        index = self._split(position)
        tail = self._chunks[index:]
        self._replace(index, len(self._chunks), [] if index else [Chunk()])
        return Chunks(self.limits, tail)

    def extend(self, tail: "Chunks") -> None:
        """Append a tail; takes over its chunks."""
        chunks = tail._chunks if len(tail) else []
        if not chunks:
            return
        first = len(self._chunks) if len(self) else 0
        self._replace(first, len(self._chunks), chunks)
        self._mend(first)

    def _split(self, position: int) -> int:
        """Make position the edge of a chunk; returns the index of the chunk after it."""
        if position >= len(self):
            return len(self._chunks) if len(self) else 0
        index = self._chunk_at(position)
        inside = position - int(self.bases[index])
        if inside:
            chunk = self._chunks[index]
            self._replace(index, index + 1, [chunk.before(inside), chunk.after(inside)])
            index += 1
        return index

    def copy(self, start: int) -> "Chunks":
        """A copy of [start, end). No run may reach across start."""
        over = self.over(start, len(self))
        return Chunks(
            self.limits, [chunk.after(start - base) if start > base else chunk.twin() for chunk, base in over]
        )

    def tables(self, end: int, start: int = 0) -> Iterator[tuple[int, bytes, TokenRows]]:
        """(base, units, rows) of each chunk in [start, end); rows relative to base, without runs that end after `end`.
        No run may reach across start."""
        for chunk, base in self.over(start, end):
            rows, first = chunk.rows, max(0, start - base)
            if first:
                rows = moved(rows[rows["start"].searchsorted(np.int32(first), "left") :], -first)
            if base + len(chunk) > end:
                rows = rows[ends(rows) <= end - base - first]
            yield base + first, bytes(chunk.units[2 * first : 2 * (end - base)]), rows

    # -------------------------------------------------------------------------------------------- hashes

    def hashes(self, positions: np.ndarray[Any, np.dtype[np.int64]]) -> hashing.Words:
        """The hash of text and tokens before each position; positions ascend."""
        result = np.zeros(len(positions), np.uint64)
        where = np.minimum(self.bases.searchsorted(positions, "right"), len(self._chunks)) - 1
        if not len(where):
            return result
        self._hash_up_to(int(where[-1]))
        indices: list[int] = where.tolist()
        for index in dict.fromkeys(indices):  # the first call of numpy.unique loads modules for 50 ms
            mine = where == index
            chunk, base = self._chunks[index], self.bases[index]
            inside = chunk.hashes((positions[mine] - base).astype(np.int32))
            result[mine] = self._heads[index] + inside * np.uint64(hashing.power(int(base)))
            self._remember(chunk)
        return result

    def head(self, base: int) -> int:
        """The hash of text and tokens before the chunk that begins there; no row is read for it."""
        index = self._chunk_at(base)
        self._hash_up_to(index)
        return int(self._heads[index])

    def heads(self, start: int, end: int) -> list[int]:
        """The same before each chunk that [start, end) reaches into."""
        if end <= start:
            return []
        first, last = self._chunk_at(start), self._chunk_at(end - 1)
        self._hash_up_to(last)
        heads: list[int] = self._heads[first : last + 1].tolist()
        return heads

    def _hash_up_to(self, index: int) -> None:
        """Compute the hashes before each chunk, up to the chunk with that index."""
        if index <= self._hashed:
            return
        if len(self._heads) <= index:
            self._heads = np.concatenate([self._heads, np.zeros(index + 64 - len(self._heads), np.uint64)])
        between = slice(self._hashed, index)
        totals = np.array([chunk.total for chunk in self._chunks[between]], np.uint64)
        for chunk in self._chunks[between]:
            if chunk not in self._summed:
                chunk.forget_sums()
        totals *= hashing.powers_of(self.bases[between])
        totals[:1] += self._heads[self._hashed : self._hashed + 1]
        self._heads[self._hashed + 1 : index + 1] = np.cumsum(totals)
        self._hashed = index

    def _remember(self, chunk: Chunk) -> None:
        """Let only the chunks last used keep their running sums: they take 8 bytes a unit."""
        if chunk in self._summed:
            return
        self._summed.append(chunk)
        if len(self._summed) > 8:
            self._summed.pop(0).forget_sums()


def chunks_of(units: bytes, limits: Limits) -> Chunks:
    """Chunks of a long text without tokens."""
    step = max(1, limits.units // 2) * 2
    return Chunks(limits, [Chunk(units[first : first + step]) for first in range(0, len(units), step)])


def fitted(chunks: list[Chunk], limits: Limits) -> Chunks:
    """The same text in chunks of a fitting size: large ones are divided, small ones merged."""
    store = Chunks(limits, [chunk for chunk in chunks if len(chunk)])
    for index in reversed(range(len(store.parts))):
        store.fit(index)
    return store


def _by_edge(rows: TokenRows, inserted: int) -> list[tuple[TokenRows, int]]:
    """(rows, edge): the rows across or before the first edge of `inserted` units, and those at the last edge; each
    relative to its edge."""
    first = int(rows["start"].searchsorted(np.int32(0), "left"))
    return [(part, edge) for part, edge in ((rows[:first], 0), (moved(rows[first:], -inserted), inserted)) if len(part)]


def _hull(position: int, removed: int, inserted: int, rows: TokenRows) -> tuple[int, int]:
    """First and last unit, before a splice, of what it touches: what it removes and what its rows will cover."""
    if not len(rows):
        return position, position + removed
    low = min(0, int(rows["start"][0]))
    high = max(inserted, int(ends(rows)[-1]))
    return position + low, position + removed + high - inserted
