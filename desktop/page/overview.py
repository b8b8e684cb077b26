"""Surprisal along the whole page, from the profiles of its chunks (profile.py). Reads the rows of two chunks at most,
and counts outdated readings without their rows (outdated.py).

A chunk whose rows are still in the page's file has no profile until somebody computes it (`missing`)."""

from collections.abc import Sequence

import numpy as np

from desktop.page import queries
from desktop.page.chunk import Chunk
from desktop.page.chunks import Chunks
from desktop.page.profile import BIN, Counts, Floats, Profile, Total, total_of
from desktop.page.token_table import ends, moved


class Overview:
    """What profiles tell of a page. Positions are UTF-16 units from the page's beginning."""

    def __init__(self, chunks: Chunks) -> None:
        self._chunks = chunks

    def missing(self) -> list[Chunk]:
        """The chunks without a profile."""
        return [chunk for chunk in self._chunks.parts if chunk.profile is None]

    def total(self, start: int, end: int) -> Total | None:
        """The total of the tokens whose runs lie in [start, end); None while a chunk inside has no profile."""
        total = Total()
        for chunk, base, head in self._over(start, end):
            if start <= base and base + len(chunk) <= end:
                if chunk.profile is None:
                    return None
                total += chunk.profile.total + Total(outdated=int(self._outdated(chunk.profile, base, head).sum()))
            else:
                rows = chunk.rows
                rows = moved(rows[(rows["start"] >= start - base) & (ends(rows) <= end - base)], base)
                total += total_of(rows, queries.stale(self._chunks, rows))
        return total

    def along(self, count: int, start: int = 0, end: int | None = None) -> tuple[Floats, Counts, Counts]:
        """Bits, tokens, and outdated ones among them, of each of `count` equal parts of [start, end), by default the
        page. A bin belongs to the part in which it begins; chunks without a profile have no tokens."""
        end = len(self._chunks) if end is None else end
        parts = self._over(start, end)
        known = [(chunk.profile, base, head) for chunk, base, head in parts if chunk.profile is not None]
        if not known:
            return np.zeros(count), np.zeros(count, np.int64), np.zeros(count, np.int64)
        starts = np.concatenate([base + BIN * np.arange(len(one.bits)) for one, base, _ in known])
        inside = (starts >= start) & (starts < end)
        places = (starts[inside] - start) * count // (end - start)

        def summed(bins: Sequence[Floats | Counts]) -> Floats:
            return np.bincount(places, np.concatenate(bins)[inside], count).astype(np.float64)

        tokens = summed([one.tokens for one, *_ in known]).astype(np.int64)
        outdated = summed([self._outdated(*one) for one in known]).astype(np.int64)
        return summed([one.bits for one, *_ in known]), tokens, outdated

    def _over(self, start: int, end: int) -> list[tuple[Chunk, int, int]]:
        """The chunks that [start, end) reaches into, their bases, and the hash of the page before each, 0 where nobody
        needs it: text alone is not hashed."""
        parts = list(self._chunks.over(start, end))
        needed = any(chunk.profile is not None and chunk.profile.total.tokens for chunk, _ in parts)
        heads = self._chunks.heads(start, end) if needed else [0] * len(parts)
        return [(chunk, base, head) for (chunk, base), head in zip(parts, heads, strict=True)]

    @staticmethod
    def _outdated(profile: Profile, base: int, head: int) -> Counts:
        """The outdated tokens in each bin of a chunk."""
        return profile.bindings.outdated(head, base) if profile.total.tokens else profile.tokens
