"""What can be asked of the tokens on a page: runs, readings, staleness, the ranges that a model wrote.

All positions are UTF-16 units from the page's beginning. Nothing here changes a page.
"""

from typing import Any

import numpy as np

from desktop.page.alternatives import AlternativesTable
from desktop.page.chunks import Chunks
from desktop.page.sources import Sources
from desktop.page.token_reading import TokenReading, readings_of
from desktop.page.token_table import READ, UNREAD, Flags, TokenRows, ends, stale_rows


def rows(chunks: Chunks, start: int, end: int) -> TokenRows:
    """A copy of the rows of all runs that reach into [start, end)."""
    return chunks.rows(max(0, start), min(end, len(chunks)))


def run_at(chunks: Chunks, position: int) -> tuple[int, int] | None:
    """Start and end of the run that covers the unit at position; None where no token covers it."""
    found = rows(chunks, position, position + 1)
    return (int(found["start"][0]), int(ends(found)[0])) if len(found) else None


def readings_at(
    chunks: Chunks, sources: Sources, alternatives: AlternativesTable, position: int
) -> tuple[TokenReading, ...]:
    """The reading of each token of the run that covers the unit at position; empty where there is none."""
    found = rows(chunks, position, position + 1)
    found = found[found["kind"] != UNREAD]
    return token_readings(chunks, found, stale(chunks, found), sources, alternatives)


def token_readings(
    chunks: Chunks,
    run: TokenRows,
    stale: np.ndarray[Any, np.dtype[np.bool_]],
    sources: Sources,
    alternatives: AlternativesTable,
) -> tuple[TokenReading, ...]:
    """The readings of the rows of one run. stale: of each row."""
    if not len(run):
        return ()
    start, length = int(run["start"][0]), int(run["length"][0])
    text = chunks.text(start, start + length)
    names = ("source", "part", "parts")
    columns = zip(*(run[name].tolist() for name in names), stale.tolist(), strict=True)
    return tuple(
        TokenReading(reading, sources[source], is_stale, start, length, text, part, parts)
        for reading, (source, part, parts, is_stale) in zip(
            readings_of(run, sources, alternatives), columns, strict=True
        )
    )


def stale(chunks: Chunks, found: TokenRows) -> Flags:
    """For each row, in the order of `rows`: whether the page before its run differs from what the model read."""
    bounds = chunks.hashes(found["start"].astype(np.int64))
    return stale_rows(found, bounds)


def generated_ranges(chunks: Chunks, start: int, end: int) -> list[tuple[int, int]]:
    """The ranges within [start, end) that a model wrote, neighbours merged."""
    found = rows(chunks, start, end)
    found = found[found["kind"] != READ]
    if not len(found):
        return []
    gaps = np.flatnonzero(found["start"][1:] > ends(found)[:-1])
    firsts = np.maximum(found["start"][np.concatenate([[0], gaps + 1])], start)
    lasts = np.minimum(ends(found)[np.concatenate([gaps, [len(found) - 1]])], end)
    return list(zip(firsts.tolist(), lasts.tolist(), strict=True))
