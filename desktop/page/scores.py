"""Which readings of a score still fit the page: those of the writer's own text that says what was read.

Knows nothing of hashes or history.
"""

from collections.abc import Iterator, Sequence

import numpy as np

from desktop.page import utf16
from desktop.page.chunks import Chunks
from desktop.page.token_table import READ, TokenRows, ends, moved
from models.engine.events import Span


def fitting(chunks: Chunks, offset: int, spans: Sequence[Span], rows: TokenRows) -> Iterator[TokenRows]:
    """The rows, moved to their places on the page, in blocks that are next to each other. rows: those of the spans,
    starts from offset."""
    read = "".join(span.text for span in spans)
    said = utf16.encode(read)
    there = chunks.units(offset, min(len(chunks), offset + (len(said) >> 1)))
    rows = rows[(rows["kind"] == READ) & _matches(rows, said, there) & ~_taken(rows, chunks, offset)]
    if not len(rows):
        return
    gaps = np.flatnonzero(rows["start"][1:] > ends(rows)[:-1]) + 1
    for block in np.split(rows, gaps):
        yield moved(block, offset)


def _matches(rows: TokenRows, said: bytes, there: bytes) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Whether each row's units are on the page."""
    size = min(len(said), len(there)) >> 1
    differs = np.frombuffer(said[: 2 * size], "<u2") != np.frombuffer(there[: 2 * size], "<u2")
    wrong = np.concatenate([[0], np.cumsum(differs)])
    inside = ends(rows) <= size
    first, last = np.minimum(rows["start"], size), np.minimum(ends(rows), size)
    return inside & (wrong[last] == wrong[first])


def _taken(rows: TokenRows, chunks: Chunks, offset: int) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Whether each row's units are, in part, text that a model wrote."""
    if not len(rows):
        return np.zeros(0, np.bool_)
    written = chunks.rows(offset, offset + int(ends(rows)[-1]))
    written = written[written["kind"] != READ]
    before = np.concatenate([written["start"], [np.iinfo(np.int32).max]]) - offset
    behind = ends(written) - offset
    return before[behind.searchsorted(rows["start"], "right")] < ends(rows)
