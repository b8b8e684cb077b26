"""The readings of one model in a layer: a table that only grows, and an index by what stood before each run.

A run (the shortest run of tokens whose bytes are whole characters) is found by two hashes: of the page before it
(hashing.py) and of its own units. So no edit moves anything here: a run is found wherever the page before it, and its
own text, are what the model read, after an undo and on another branch too. What fits nowhere is not found. The index is
in memory, the rows where layer_blocks.py has them.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import numpy as np

from desktop.page import hashing
from desktop.page.hashing import Words
from desktop.page.layer_blocks import LAYER_ROW, LayerBlocks, LayerPieces, LayerRows, Places, SavedLayer
from desktop.page.token_table import NOTHING, READ, ROW, TokenRows

LONGEST = 1_024  # units of a run: longer ones are not stored
_FRESH = 4_096  # runs of the small index, at least
SHARED = tuple(name for name in LAYER_ROW.names or () if name in (ROW.names or ()))  # columns


class LayerTable:
    """Rows by number, in the order in which they were added; a newer run hides the older ones that it overlaps."""

    def __init__(self, stay: bool = False) -> None:
        """stay: as in LayerBlocks."""
        self._blocks = LayerBlocks(stay)
        self._longest = 0  # units of a run
        # The index: (bounds, ascending, and for each the number of the run's first row), the old runs and the new ones.
        self._old = self._new = _index_of(np.zeros(0, LAYER_ROW), 0)

    def __len__(self) -> int:
        """Rows."""
        return len(self._blocks)

    # -------------------------------------------------------------------------------------------- growing

    def add(self, rows: LayerRows) -> None:
        """Append rows, whole runs. What is no run (of a damaged file) takes its numbers and is never found."""
        first = len(self._blocks)
        self._blocks.add(rows)
        self._learn(rows, first)

    def begin(self, rows: LayerRows, file: SavedLayer) -> None:
        """Begin with these rows, all that the file has: they are read there when they are wanted."""
        self._blocks.begin(rows, file)
        self._learn(rows, 0)

    def _learn(self, rows: LayerRows, first: int) -> None:
        """Put the runs among these rows into the index. first: the number of the first row."""
        index = _index_of(rows, first)
        if len(index[0]):
            self._longest = max(self._longest, int(rows["length"][index[1] - first].max()))
        self._new = _merged(self._new, index)
        if len(self._new[0]) > max(_FRESH, len(self._old[0]) // 8):
            self._old, self._new = _merged(self._old, self._new), _index_of(rows[:0], 0)

    def parts(self, first: int, end: int) -> Iterator[LayerPieces]:
        """The rows [first, end) in order, a block at a time; nothing changes them any more."""
        return self._blocks.parts(first, end)

    def saved(self, count: int, file: SavedLayer) -> None:
        """Note that the file has the first `count` rows: they may leave memory."""
        self._blocks.saved(count, file)

    def at(self, numbers: Places) -> LayerRows:
        """The rows with these numbers, as they are stored; zeros where the file has lost them."""
        return self._blocks.at(numbers)

    # -------------------------------------------------------------------------------------------- finding

    @property
    def reach(self) -> int:
        """Units before and after a range that `find` needs to know."""
        return 2 * self._longest

    def find(self, bounds: Words, units: bytes, low: int) -> TokenRows:
        """The rows of the runs that stand in a stretch of the page, in order, starts from the page's beginning.

        bounds: for each position of the stretch, from `low` on, the hash of the page before it. units: of the stretch,
        and `reach` more, as far as the page goes. Right for runs `reach` away from the edges of the stretch, or at an
        edge of the page.
        """
        places, numbers, firsts = self._fitting(bounds, units)
        ends = places + firsts["length"]
        newest = _newest(places, numbers, ends, len(units) >> 1)
        order = np.argsort(places[newest], kind="stable")
        places, numbers, parts = places[newest][order], numbers[newest][order], firsts["parts"][newest][order]
        stored = self._rows_of(numbers, parts.astype(np.int64))
        rows: TokenRows = np.zeros(len(stored), ROW)
        for name in SHARED:
            rows[name] = stored[name]
        rows["start"], rows["kind"] = np.repeat(places + low, parts), READ
        rows["draw"] = rows["low"] = rows["high"] = np.nan
        rows["gate"] = rows["learned"] = NOTHING
        return rows

    def fitting(self, bounds: Words, units: bytes) -> Places:
        """The numbers of the first rows of all runs that stand in a stretch of the page, those too that newer ones hide
        there. bounds, units: as for `find`."""
        return self._fitting(bounds, units)[1]

    def rows_of(self, firsts: Places) -> LayerRows:
        """All rows, as they are stored, of the runs with these numbers of their first rows."""
        return self._rows_of(firsts, self.at(firsts)["parts"].astype(np.int64))

    def _rows_of(self, firsts: Places, parts: Places) -> LayerRows:
        behind = np.arange(int(parts.sum())) - np.repeat(np.cumsum(parts) - parts, parts)
        return self.at(np.repeat(firsts, parts) + behind)

    def _fitting(self, bounds: Words, units: bytes) -> tuple[Places, Places, LayerRows]:
        """The runs that stand in a stretch: places in it, numbers of their first rows, and these rows."""
        places, numbers = self._candidates(bounds)
        firsts = self.at(numbers)
        ends = places + firsts["length"]
        sums = hashing.sums_of_units(units)
        size = len(sums) - 1
        spelt = sums[np.minimum(ends, size)] - sums[places]
        fits = (ends <= size) & (spelt == firsts["spells"] * hashing.powers(len(sums))[places])
        fits &= firsts["length"] > 0  # of lost rows it is 0
        return places[fits], numbers[fits], firsts[fits]

    def _candidates(self, bounds: Words) -> tuple[Places, Places]:
        """Places in the stretch, and the numbers of the runs that were read where the page before them was the same."""
        found: list[tuple[Places, Places]] = []
        order = np.argsort(bounds)  # in a long index, numbers in order are found in half the time
        bounds = bounds[order]
        for keys, numbers in (self._old, self._new):
            if not len(keys):
                continue
            left = keys.searchsorted(bounds, "left")
            there = np.flatnonzero(keys[np.minimum(left, len(keys) - 1)] == bounds)
            left, places = left[there], order[there]
            counts = keys.searchsorted(bounds[there], "right") - left
            behind = np.arange(int(counts.sum())) - np.repeat(np.cumsum(counts) - counts, counts)
            found.append((np.repeat(places, counts), numbers[np.repeat(left, counts) + behind]))
        none = np.zeros(0, np.int64)
        return tuple(map(np.concatenate, zip((none, none), *found, strict=True)))  # pyright: ignore[reportReturnType]


@dataclass(slots=True, eq=False)
class Layer:
    """The readings of one model. fingerprint: of its file. name: for the user."""

    fingerprint: str
    name: str
    table: LayerTable = field(default_factory=LayerTable)


# ------------------------------------------------------------------------------------------------ the index

_Index: TypeAlias = tuple[Words, Places]


def _index_of(rows: LayerRows, first: int) -> _Index:
    """The hashes before the runs among the rows, ascending, and the numbers of their first rows. first: the number of
    the first row."""
    places = np.flatnonzero(_begin(rows))
    bounds = np.ascontiguousarray(rows["bound"][places])
    order = np.argsort(bounds, kind="stable")
    return bounds[order], places[order] + first


def _begin(rows: LayerRows) -> "np.ndarray[Any, np.dtype[np.bool_]]":
    """For each row: whether a run begins there whose rows all follow it. A damaged file may hold any numbers."""
    parts, part, length = rows["parts"].astype(np.int64), rows["part"].astype(np.int64), rows["length"]
    place = np.arange(len(rows))
    begins = (part == 0) & (parts > 0) & (place + parts <= len(rows)) & (length > 0) & (length <= LONGEST)
    if not (parts[begins] > 1).any():
        return begins
    follows = part[1:] == part[:-1] + 1
    for name in ("bound", "spells", "length", "parts"):
        follows &= rows[name][1:] == rows[name][:-1]
    behind = np.concatenate([[0], np.cumsum(~follows)])  # places up to each where a row does not follow its neighbour
    last = np.minimum(place + np.maximum(parts, 1) - 1, len(rows) - 1)
    return begins & (behind[last] == behind[place])


def _merged(one: _Index, other: _Index) -> _Index:
    """Both, in order."""
    at = one[0].searchsorted(other[0], "right")
    return np.insert(one[0], at, other[0]), np.insert(one[1], at, other[1])


def _newest(places: Places, numbers: Places, ends: Places, size: int) -> "np.ndarray[Any, np.dtype[np.bool_]]":
    """For each run [place, end) of a stretch of that size: whether no newer run overlaps it."""
    lengths = ends - places
    first = np.cumsum(lengths) - lengths
    covered = np.arange(int(lengths.sum())) + np.repeat(places - first, lengths)
    mine = np.repeat(numbers, lengths)
    newest: Places = np.full(size + 1, -1, np.int64)
    order = np.argsort(mine, kind="stable")  # of several assignments to one place the last one stays
    newest[covered[order]] = mine[order]
    hidden = np.concatenate([[0], np.cumsum(newest[covered] != mine)])
    return hidden[first + lengths] == hidden[first]
