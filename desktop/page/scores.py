"""Finds the readings of a score that still fit the page: those of the writer's own text, where it is what was read."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from desktop.page import utf16
from desktop.page.chunks import Chunks
from desktop.page.token_table import READ, TokenRows, ends, moved
from models.engine.events import Span


def fitting(chunks: Chunks, offset: int, spans: Sequence[Span], rows: TokenRows) -> Iterator[TokenRows]:
    """The rows that fit, moved to their places on the page, in blocks without gaps. rows: those of the spans, starts
    from offset."""
    read = utf16.encode("".join(span.text for span in spans))
    present = chunks.units(offset, min(len(chunks), offset + (len(read) >> 1)))
    same = same_text(rows["start"], ends(rows), read, present)
    rows = rows[(rows["kind"] == READ) & same & ~_generated(rows, chunks, offset)]
    if not len(rows):
        return
    gaps = np.flatnonzero(rows["start"][1:] > ends(rows)[:-1]) + 1
    for block in np.split(rows, gaps):
        yield moved(block, offset)


def same_text(
    starts: np.ndarray[Any, Any], lasts: np.ndarray[Any, Any], read: bytes, present: bytes
) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """For each range [start, last): whether its units, among those read, equal the units present on the page."""
    size = min(len(read), len(present)) >> 1
    differs = np.frombuffer(read[: 2 * size], "<u2") != np.frombuffer(present[: 2 * size], "<u2")
    wrong = np.concatenate([[0], np.cumsum(differs)])
    return (lasts <= size) & (wrong[np.minimum(lasts, size)] == wrong[np.minimum(starts, size)])


def _generated(rows: TokenRows, chunks: Chunks, offset: int) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """For each row: whether a model wrote part of its units."""
    if not len(rows):
        return np.zeros(0, np.bool_)
    written = chunks.rows(offset, offset + int(ends(rows)[-1]))
    written = written[written["kind"] != READ]
    starts = np.concatenate([written["start"], [np.iinfo(np.int32).max]]) - offset
    lasts = ends(written) - offset
    return starts[lasts.searchsorted(rows["start"], "right")] < ends(rows)
