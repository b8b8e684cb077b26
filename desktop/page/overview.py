"""Surprisal along the whole page, from the profiles of its chunks (profile.py). Reads the rows of two chunks at most.

A chunk whose rows are still in the page's file has no profile until somebody computes it (`missing`)."""

import numpy as np

from desktop.page.chunk import Chunk
from desktop.page.chunks import Chunks
from desktop.page.profile import BIN, Counts, Floats, Total, total_of


class Overview:
    """What profiles tell of a page. Positions are UTF-16 units from the page's beginning."""

    def __init__(self, chunks: Chunks) -> None:
        self._chunks = chunks

    def missing(self) -> list[Chunk]:
        """The chunks without a profile."""
        return [chunk for chunk in self._chunks.parts if chunk.profile is None]

    def total(self, start: int, end: int) -> Total | None:
        """The total of the tokens whose runs start in [start, end); None while a chunk inside has no profile."""
        total = Total()
        for chunk, base in self._chunks.over(start, end):
            if start <= base and base + len(chunk) <= end:
                if chunk.profile is None:
                    return None
                total += chunk.profile.total
            else:
                rows = chunk.rows
                first, last = rows["start"].searchsorted(np.array([start - base, end - base], np.int32), "left")
                total += total_of(rows[first:last])
        return total

    def along(self, count: int) -> tuple[Floats, Counts]:
        """Bits and tokens of each of `count` equal parts of the page, from its start. A bin belongs to the part in
        which it begins; chunks without a profile have no tokens."""
        chunks = self._chunks
        known = [(chunk.profile, base) for chunk, base in chunks.over(0, len(chunks)) if chunk.profile is not None]
        if not known:
            return np.zeros(count), np.zeros(count, np.int64)
        starts = np.concatenate([base + BIN * np.arange(len(one.bits)) for one, base in known])
        parts = np.minimum(starts * count // len(chunks), count - 1)
        bits = np.bincount(parts, np.concatenate([one.bits for one, _ in known]), count)
        tokens = np.bincount(parts, np.concatenate([one.tokens for one, _ in known]), count)
        return bits.astype(np.float64), tokens.astype(np.int64)
