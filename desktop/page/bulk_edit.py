"""Many small changes as few large ones: where one chunk after another is changed, all from the first change to the last
gives way to new chunks, which hold what lay between the changes too, with its tokens.

So each change costs what it brings, not a search for its place; and undo hands the former chunks back as they were.
Knows nothing of undo steps.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from desktop.page import utf16
from desktop.page.chunk import Chunk
from desktop.page.chunks import Chunks, Limits, fitted
from desktop.page.edit import Edit, Operation
from desktop.page.forks import Content, Fork
from desktop.page.offset_map import OffsetMap, Positions
from desktop.page.token_table import TokenRows


@dataclass(frozen=True, slots=True, eq=False)
class Many:
    """Changes, ascending, none upon another: [start, end) of each gives way to its text."""

    starts: Positions
    ends: Positions
    text: Callable[[int], str]

    @classmethod
    def of(cls, changes: Sequence[tuple[int, int, str]]) -> "Many":
        """Of (start, units removed, text)."""
        table = np.array([change[:2] for change in changes], np.int64).reshape(-1, 2)
        return cls(table[:, 0], table.sum(axis=1), lambda number: changes[number][2])

    def places(self, first: int, last: int) -> tuple[OffsetMap, list[bytes]]:
        """Those with the numbers [first, last), and what comes there."""
        texts = [utf16.encode(self.text(number)) for number in range(first, last)]
        starts, ends = self.starts[first:last], self.ends[first:last]
        grown = np.array([len(text) >> 1 for text in texts], np.int64) - (ends - starts)
        return OffsetMap(starts, ends, np.concatenate([np.zeros(1, np.int64), np.cumsum(grown)])), texts


def edits(chunks: Chunks, many: Many, apart: int | None) -> Iterator[Edit]:
    """What does all the changes, an edit for each chunk, the last one first, to be applied in that order; made one by
    one, since there may be very many. apart: a position that no edit may reach across but by a change that does.

    Each holds as long as nothing changes before its end, and wants its forks `anchored`.
    """
    last, size = len(many.starts), len(chunks)
    if last and many.starts[-1] == size:  # it goes on behind all, and so behind every fork there
        last -= 1
        yield Edit(size, 0, utf16.encode(many.text(last)))
    where = chunks.bases[:-1].searchsorted(many.starts[:last], "right") - 1
    parted = np.zeros(last, np.bool_) if apart is None else many.starts[:last] >= apart
    edges = np.flatnonzero((np.diff(where, prepend=-1) > 0) | (np.diff(parted, prepend=False))).tolist()
    for first, end in reversed(list(pairwise([*edges, last]))):
        yield _together(chunks, many, (first, end), apart)


def anchored(edit: Edit, forks: list[Fork]) -> Edit:
    """The edit with the places of forks among its changes."""
    if edit.places is None:
        return edit
    start, end, after = edit.start, edit.start + edit.removed, edit.places.after
    return replace(edit, anchors=tuple((f.id, after(f.position) - start) for f in forks if start <= f.position <= end))


def merged(edits: Sequence[Edit], limits: Limits) -> Iterator[Edit]:
    """Fewer that do the same: neighbours as one. Last ones first."""
    group: list[Edit] = []
    for edit in edits:
        if group and not (edit.passage and group[-1].passage and edit.start + edit.removed == group[-1].start):
            yield _merged(group, limits)
            group = []
        group.append(edit)
    if group:
        yield _merged(group, limits)


def in_order(operations: Sequence[Operation]) -> OffsetMap | None:
    """All changes of operations, as counted before any of them, where they are edits that are done from the last place
    to the first or the other way; else None."""
    edits = [operation for operation in operations if isinstance(operation, Edit)]
    if len(edits) < len(operations):
        return None
    if all(other.start + other.removed <= one.start for one, other in pairwise(edits)):
        return _joined([_places(edit, 0) for edit in reversed(edits)])
    if all(one.start + one.inserted <= other.start for one, other in pairwise(edits)):
        gained = np.cumsum([0, *(edit.inserted - edit.removed for edit in edits)]).tolist()
        return _joined([_places(edit, before) for edit, before in zip(edits, gained, strict=False)])
    return None


def _places(edit: Edit, gained: int) -> OffsetMap:
    """Of an edit of a text that had gained so much before it."""
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


def _together(chunks: Chunks, many: Many, numbers: tuple[int, int], apart: int | None) -> Edit:
    """Changes that begin in one chunk, as one edit: of all of that chunk, where nothing else is concerned by it."""
    places, texts = many.places(*numbers)
    start, end = int(places.starts[0]), int(places.ends[-1])
    chunk, base = next(chunks.over(start, start + 1))
    before = int(many.ends[numbers[0] - 1]) if numbers[0] else 0
    if before <= base and not (apart is not None and base < apart <= start):
        start = base
    edge = base + len(chunk)
    if end <= edge < len(chunks) and not (apart is not None and end <= apart < edge):
        end = edge
    if start == end:  # all of them come in at one place
        return Edit(start, 0, b"".join(texts))
    weaving = _Weaving(places, texts, start, end)
    fresh = [weaving.woven(chunk, base) for chunk, base in chunks.over(start, end)]
    passage = Content(fitted(fresh, chunks.limits))
    return Edit(start, end - start, b"", passage=passage, places=places)


@dataclass(slots=True, eq=False)
class _Weaving:
    """Makes new chunks of the old ones in [first, last) and what is changed in them. done: units made so far."""

    places: OffsetMap
    texts: list[bytes]
    first: int
    last: int
    done: int = 0

    def woven(self, chunk: Chunk, base: int) -> Chunk:
        """What becomes of the chunk, as far as it lies in there."""
        low, high = max(base, self.first), min(base + len(chunk), self.last)
        units = b"".join(self._units(chunk.units, base, low, high))
        rows = self._rows(chunk, base, low, high)
        self.done += len(units) >> 1
        return Chunk(units, rows)

    def _units(self, units: bytearray, base: int, low: int, high: int) -> Iterator[bytes | bytearray]:
        """A change belongs to the chunk that it starts in; what it removes may reach into the next ones."""
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
        stay = self.places.leave(starts, starts + rows["length"])
        kept = rows[stay]
        kept["start"] = self.places.moved(starts[stay]) - (self.first + self.done)
        return kept
