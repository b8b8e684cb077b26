"""Many small changes as few large ones: new chunks replace all text from the first change to the last; they hold the
text between the changes too, with its tokens.

A change then costs what it inserts, not a search for its place, and undo puts the former chunks back as they were.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from desktop.page import utf16
from desktop.page.chunk import Chunk
from desktop.page.chunks import Chunks, Limits, fitted
from desktop.page.edit import Cause, Change, Edit, Operation
from desktop.page.forks import Content, Fork
from desktop.page.offset_map import OffsetMap, Positions
from desktop.page.token_table import TokenRows


@dataclass(frozen=True, slots=True, eq=False)
class Replacements:
    """Ranges [start, end), ascending, without overlaps, and the text that replaces each. text: takes the number of a
    range."""

    starts: Positions
    ends: Positions
    text: Callable[[int], str]

    @classmethod
    def of(cls, changes: Sequence[tuple[int, int, str]]) -> "Replacements":
        """From (start, units removed, text)."""
        table = np.array([change[:2] for change in changes], np.int64).reshape(-1, 2)
        return cls(table[:, 0], table.sum(axis=1), lambda number: changes[number][2])

    def places(self, first: int, last: int) -> tuple[OffsetMap, list[bytes]]:
        """The ranges with the numbers [first, last), and the units that replace each."""
        texts = [utf16.encode(self.text(number)) for number in range(first, last)]
        starts, ends = self.starts[first:last], self.ends[first:last]
        grown = np.array([len(text) >> 1 for text in texts], np.int64) - (ends - starts)
        return OffsetMap(starts, ends, np.concatenate([np.zeros(1, np.int64), np.cumsum(grown)])), texts


def edits(chunks: Chunks, replacements: Replacements, apart: int | None) -> Iterator[Edit]:
    """The edits that do all replacements, one a chunk, to be applied in that order: last places first. Made one by one,
    since there may be very many. apart: a position that no edit may span unless a replacement does.

    Each holds as long as nothing changes before its end, and is to be `anchored` before it is applied.
    """
    last, size = len(replacements.starts), len(chunks)
    if last and replacements.starts[-1] == size:  # at the end of the page: after every fork there
        last -= 1
        yield Edit(size, 0, utf16.encode(replacements.text(last)))
    where = chunks.bases[:-1].searchsorted(replacements.starts[:last], "right") - 1
    parted = np.zeros(last, np.bool_) if apart is None else replacements.starts[:last] >= apart
    edges = np.flatnonzero((np.diff(where, prepend=-1) > 0) | (np.diff(parted, prepend=False))).tolist()
    for first, end in reversed(list(pairwise([*edges, last]))):
        yield _edit_of_chunk(chunks, replacements, (first, end), apart)


def anchored(edit: Edit, forks: list[Fork]) -> Edit:
    """The edit with anchors for the forks that stand among its changes."""
    if edit.places is None:
        return edit
    start, end, after = edit.start, edit.start + edit.removed, edit.places.after
    return replace(edit, anchors=tuple((f.id, after(f.position) - start) for f in forks if start <= f.position <= end))


def merged(edits: Sequence[Edit], limits: Limits) -> Iterator[Edit]:
    """Fewer edits that do the same: neighbours are merged. Last places first."""
    group: list[Edit] = []
    for edit in edits:
        if group and not (edit.passage and group[-1].passage and edit.start + edit.removed == group[-1].start):
            yield _merged(group, limits)
            group = []
        group.append(edit)
    if group:
        yield _merged(group, limits)


def in_order(operations: Sequence[Operation]) -> OffsetMap | None:
    """The places of all changes, in positions before any of them; None unless the operations are edits whose places
    ascend or descend."""
    edits = [operation for operation in operations if isinstance(operation, Edit)]
    if len(edits) < len(operations):
        return None
    if all(other.start + other.removed <= one.start for one, other in pairwise(edits)):
        return _joined([_places(edit, 0) for edit in reversed(edits)])
    if all(one.start + one.inserted <= other.start for one, other in pairwise(edits)):
        gained = np.cumsum([0, *(edit.inserted - edit.removed for edit in edits)]).tolist()
        return _joined([_places(edit, before) for edit, before in zip(edits, gained, strict=False)])
    return None


def change_of(places: OffsetMap, cause: Cause) -> Change:
    """One change for many that were made together. places: all of them."""
    start, removed = int(places.starts[0]), int(places.ends[-1] - places.starts[0])
    return Change(start, removed, removed + int(places.gained[-1]), cause, places)


def _places(edit: Edit, gained: int) -> OffsetMap:
    """The places of an edit. gained: units that earlier edits added before it."""
    if edit.places is None:
        return OffsetMap.of([(edit.start - gained, edit.removed, edit.inserted)])
    return replace(edit.places, starts=edit.places.starts - gained, ends=edit.places.ends - gained)


def _joined(each: Sequence[OffsetMap]) -> OffsetMap:
    gained = np.concatenate([np.zeros(1, np.int64), *(np.diff(places.gained) for places in each)]).cumsum()
    starts, ends = (np.concatenate([getattr(places, name) for places in each]) for name in ("starts", "ends"))
    return OffsetMap(starts, ends, gained)


def _merged(group: list[Edit], limits: Limits) -> Edit:
    if len(group) == 1:
        return group[0]
    chunks = [chunk for edit in reversed(group) if edit.passage for chunk in edit.passage.chunks.parts if len(chunk)]
    removed = sum(edit.removed for edit in group)
    return Edit(group[-1].start, removed, b"", passage=Content(Chunks(limits, chunks)), places=in_order(group))


def _edit_of_chunk(chunks: Chunks, replacements: Replacements, numbers: tuple[int, int], apart: int | None) -> Edit:
    """The replacements [first, last) that begin in one chunk, as one edit: of the whole chunk, unless another
    replacement or `apart` is in the way."""
    places, texts = replacements.places(*numbers)
    start, end = int(places.starts[0]), int(places.ends[-1])
    chunk, base = next(chunks.over(start, start + 1))
    before = int(replacements.ends[numbers[0] - 1]) if numbers[0] else 0
    if before <= base and not (apart is not None and base < apart <= start):
        start = base
    edge = base + len(chunk)
    if end <= edge < len(chunks) and not (apart is not None and end <= apart < edge):
        end = edge
    if start == end:  # all insert at one position
        return Edit(start, 0, b"".join(texts))
    rebuild = _ChunkRebuild(places, texts, start, end)
    fresh = [rebuild.rebuilt(chunk, base) for chunk, base in chunks.over(start, end)]
    passage = Content(fitted(fresh, chunks.limits))
    return Edit(start, end - start, b"", passage=passage, places=places)


@dataclass(slots=True, eq=False)
class _ChunkRebuild:
    """Makes new chunks of the old ones in [first, last) and the texts that replace parts of them. done: units made."""

    places: OffsetMap
    texts: list[bytes]
    first: int
    last: int
    done: int = 0

    def rebuilt(self, chunk: Chunk, base: int) -> Chunk:
        """The new chunk for the part of the old one that lies in [first, last). base: where the old one starts."""
        low, high = max(base, self.first), min(base + len(chunk), self.last)
        units = b"".join(self._units(chunk.units, base, low, high))
        rows = self._rows(chunk, base, low, high)
        self.done += len(units) >> 1
        return Chunk(units, rows)

    def _units(self, units: bytearray, base: int, low: int, high: int) -> Iterator[bytes | bytearray]:
        """The units of [low, high) with their changes. A change belongs to the chunk that it starts in; what it removes
        may reach into the next ones."""
        starts, ends = self.places.starts, self.places.ends
        first = int(starts.searchsorted(low))
        last = len(starts) if high == self.last else int(starts.searchsorted(high))
        at = min(max(low, int(ends[first - 1])), high) if first else low
        between = zip(starts[first:last].tolist(), ends[first:last].tolist(), self.texts[first:last], strict=True)
        for start, end, text in between:
            yield units[2 * (at - base) : 2 * (start - base)]
            yield text
            at = min(end, high)
        yield units[2 * (at - base) : 2 * (high - base)]

    def _rows(self, chunk: Chunk, base: int, low: int, high: int) -> TokenRows:
        rows = chunk.rows[slice(*chunk.overlapping(low - base, high - base))]
        starts = rows["start"].astype(np.int64) + base
        stay = self.places.unchanged(starts, starts + rows["length"])
        remaining = rows[stay]
        remaining["start"] = self.places.moved(starts[stay]) - (self.first + self.done)
        return remaining
