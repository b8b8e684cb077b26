"""Layers: what models say about the text of a page, each in tokens of its own, whoever wrote the text.

A layer changes neither text nor history, and is no part of what a model reads. layer_table.py says how its readings are
found again after edits, undo and a change of the branch.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from desktop.page import hashing, queries, utf16
from desktop.page.chunks import Chunks
from desktop.page.core import PageCore
from desktop.page.edit import Change
from desktop.page.layer_blocks import LAYER_ROW, LayerRows
from desktop.page.layer_table import LONGEST, SHARED, Layer
from desktop.page.scores import same_text
from desktop.page.sources import Source
from desktop.page.span_rows import rows_of
from desktop.page.token_reading import TokenReading
from desktop.page.token_table import NONE, READ, TokenRows, ends
from models.engine.events import Span


class Layers:
    """The layers of one page, by their models' fingerprints. Positions are UTF-16 units from the page's beginning."""

    def __init__(self, core: PageCore) -> None:
        self._core = core

    def __iter__(self) -> Iterator[Layer]:
        return iter(tuple(self._core.layers.values()))

    def __len__(self) -> int:
        return len(self._core.layers)

    def add(self, offset: int, spans: Sequence[Span], source: Source, name: str) -> int:
        """Add readings of the text from offset on, typed or generated, to the layer of the source's model, where the
        page still has the text that was read. name: of the model, for a layer that is new. Returns the number of tokens
        added: those that the layer has from that source are not added again. No undo step.

        Call it only while `prefix_hash` of the prefix that was sent is unchanged.
        """
        core, length = self._core, sum(utf16.length(span.text) for span in spans)
        present = self.rows(source.fingerprint, offset, offset + length)
        index = core.sources.index(source)
        present = present[(present["source"] == index) & (present["part"] == 0)]
        known = set(zip(present["start"].tolist(), present["length"].tolist(), strict=True))
        read = self._readable(offset, spans, known)
        if not read:
            return 0
        rows = rows_of([span for _, span in read], READ, index, core.alternatives, source.fingerprint)
        layer = core.layers.setdefault(source.fingerprint, Layer(source.fingerprint, name))
        layer.table.add(self._stored(rows, offset, [start for start, _ in read], spans))
        core.tell(Change(offset, 0, 0, "read"))
        return len(rows)

    def _readable(self, offset: int, spans: Sequence[Span], known: set[tuple[int, int]]) -> list[tuple[int, Span]]:
        """(start from offset, span) of the spans with readings that are on the page and not known."""
        chunks = self._core.chunks
        lengths = np.array([utf16.length(span.text) for span in spans], np.int64)
        lasts = np.cumsum(lengths)
        read = utf16.encode("".join(span.text for span in spans))
        present = chunks.units(offset, min(len(chunks), offset + (len(read) >> 1)))
        fits = same_text(lasts - lengths, lasts, read, present) & (lengths > 0) & (lengths <= LONGEST)
        found = zip((lasts - lengths).tolist(), lengths.tolist(), spans, fits.tolist(), strict=True)
        return [
            (start, span)
            for start, length, span, fit in found
            if fit and span.readings and not span.cut and (offset + start, length) not in known
        ]

    def _stored(self, rows: TokenRows, offset: int, starts: Sequence[int], spans: Sequence[Span]) -> LayerRows:
        """The rows as a layer stores them. starts: of their runs, from offset. spans: all that were read."""
        stored: LayerRows = np.zeros(len(rows), LAYER_ROW)
        for column in SHARED:
            stored[column] = rows[column]
        firsts = rows["part"] == 0
        places, parts = np.array(starts, np.int64), rows["parts"][firsts]
        read = utf16.encode("".join(span.text for span in spans))
        spells = hashing.of_stretches(read, places, rows["length"][firsts].astype(np.int64))
        stored["bound"] = np.repeat(self._core.chunks.hashes(places + offset), parts)
        stored["spells"] = np.repeat(spells, parts)
        return stored

    def remove(self, fingerprint: str) -> None:
        """Remove the layer of that model, if there is one."""
        if self._core.layers.pop(fingerprint, None) is not None:
            self._core.tell(Change(0, 0, 0, "read"))

    # -------------------------------------------------------------------------------------------- reading

    def rows(self, fingerprint: str, start: int, end: int) -> TokenRows:
        """The rows of all runs of the layer that reach into [start, end), in the form of `Page.tokens`; none where
        there is no such layer. Where readings of different splits overlap, the newest one is there."""
        layer = self._core.layers.get(fingerprint)
        return NONE if layer is None else rows_in(layer, self._core.chunks, start, end)

    def readings_at(self, position: int, fingerprint: str) -> tuple[TokenReading, ...]:
        """The reading of each token of the layer's run that covers the unit at position; empty where there is none."""
        core, rows = self._core, self.rows(fingerprint, position, position + 1)
        stale: np.ndarray[Any, np.dtype[np.bool_]] = np.zeros(len(rows), np.bool_)
        return queries.token_readings(core.chunks, rows, stale, core.sources, core.alternatives)


def rows_in(layer: Layer, chunks: Chunks, start: int, end: int) -> TokenRows:
    """As Layers.rows, on a text of any page."""
    start, end = max(0, start), min(end, len(chunks))
    if start >= end:
        return NONE
    reach = layer.table.reach
    low, high = max(0, start - reach), min(len(chunks), end + reach)
    bounds = chunks.hashes(np.arange(low, high, dtype=np.int64))
    rows = layer.table.find(bounds, chunks.units(low, min(len(chunks), high + reach)), low)
    return rows[(rows["start"] < end) & (ends(rows) > start)]
