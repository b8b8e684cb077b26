"""Many small changes as few large ones: where one chunk after another is changed, all from the first change to the last
gives way to new chunks, which hold what lay between the changes too, with its tokens.

So each change costs what it brings, not a search for its place; and undo hands the former chunks back as they were.
Knows nothing of undo steps.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from desktop.page import utf16
from desktop.page.chunk import Chunk
from desktop.page.chunks import Chunks, fitted
from desktop.page.edit import Edit
from desktop.page.forks import Content, Fork
from desktop.page.places import Places
from desktop.page.rows import TokenRows

FEW = 3  # changes of one chunk that are still made one by one

Written = tuple[int, int, str]  # start, units removed, text


def edits(chunks: Chunks, changes: Sequence[Written], apart: int | None) -> Iterator[Edit]:
    """What does all the changes (in order, none upon another), to be applied as they come: the last places first.
    apart: a position that no edit may reach across but by a change that does. Each holds as long as nothing changes
    before its end, and wants its forks `anchored`."""
    for group in reversed(list(_groups(chunks, changes, apart))):
        if len(group) > FEW and group[-1][0] + group[-1][1] > group[0][0]:
            yield _together(chunks, group)
        else:
            yield from (Edit(start, removed, utf16.encode(text)) for start, removed, text in reversed(group))


def _groups(chunks: Chunks, changes: Sequence[Written], apart: int | None) -> Iterator[list[Written]]:
    """Changes of chunks that stand side by side and are changed in several places each; others by themselves."""
    if not changes:
        return
    starts = np.array([change[0] for change in changes], np.int64)
    where = chunks.bases[:-1].searchsorted(starts, "right") - 1
    held: list[int] = where.tolist()
    many = {chunk: count > FEW for chunk, count in Counter(held).items()}
    size, group = len(chunks), [changes[0]]
    for (before, one), (after, other) in pairwise(zip(where.tolist(), changes, strict=True)):
        parted = apart is not None and one[0] + one[1] <= apart <= other[0]
        beside = many[before] and many[after] and after <= before + 1
        if parted or not beside or other[0] == size:
            yield group
            group = []
        group.append(other)
    yield group


def anchored(edit: Edit, forks: list[Fork]) -> Edit:
    """The edit with the places of forks among its changes."""
    if edit.places is None:
        return edit
    start, end, after = edit.start, edit.start + edit.removed, edit.places.after
    return replace(edit, anchors=tuple((f.id, after(f.position) - start) for f in forks if start <= f.position <= end))


def _together(chunks: Chunks, changes: list[Written]) -> Edit:
    """All these changes as one edit."""
    texts = [utf16.encode(text) for _, _, text in changes]
    sizes = [(start, removed, len(text) >> 1) for (start, removed, _), text in zip(changes, texts, strict=True)]
    weaving = _Weaving(Places.of(sizes), texts)
    start, end = weaving.first, weaving.last
    fresh = [weaving.woven(chunk, base) for chunk, base in chunks.over(start, end)]
    passage = Content(fitted(fresh, chunks.limits))
    return Edit(start, end - start, b"", passage=passage, places=weaving.places)


@dataclass(slots=True, eq=False)
class _Weaving:
    """Makes new chunks of old ones and what is changed in them, first to last. done: units made so far."""

    places: Places
    texts: list[bytes]
    done: int = 0

    @property
    def first(self) -> int:
        return int(self.places.starts[0])

    @property
    def last(self) -> int:
        return int(self.places.ends[-1])

    def woven(self, chunk: Chunk, base: int) -> Chunk:
        """What becomes of the chunk, as far as it lies between the first change and the last."""
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
