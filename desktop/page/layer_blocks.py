"""The rows of a layer in blocks: those that the page's file has leave memory, and are read again when they are wanted.

Rows have numbers, in the order in which they were added, and never change.
"""

import zlib
from collections.abc import Callable, Iterator
from functools import partial
from itertools import islice, pairwise
from typing import Any, TypeAlias

import numpy as np

LayerRows: TypeAlias = np.ndarray[Any, np.dtype[np.void]]
Places: TypeAlias = np.ndarray[Any, np.dtype[np.int64]]
# Reads the rows [first, first + count) of a layer from its file, on any thread; zeros where they cannot be read.
SavedLayer: TypeAlias = Callable[[int, int], LayerRows]
LayerPieces: TypeAlias = LayerRows | Callable[[], LayerRows]  # rows, or what reads them

BLOCK = 4_096  # rows: nothing is moved when the table grows, and one is read in a millisecond
RECENT = 32  # blocks that stay in memory although the file has them

# As in token_table.ROW, without what readings of a text lack: a draw and its interval. "bound" is the hash of the page
# before the run, "spells" that of its units.
LAYER_ROW = np.dtype(
    [
        ("bound", "<u8"),
        ("spells", "<u8"),
        ("length", "<i4"),
        ("id", "<i4"),
        ("raw", "<f4"),
        ("rank", "<i4"),
        ("entropy", "<f4"),
        ("final", "<f4"),
        ("source", "<i4"),
        ("row", "<i4"),
        ("part", "<u2"),
        ("parts", "<u2"),
    ],
    align=True,
)


class LayerBlocks:
    """Rows by number."""

    def __init__(self, stay: bool = False) -> None:
        """stay: all rows stay in memory, because the file has lost some."""
        self._stay = stay
        self._here: dict[int, LayerRows] = {}  # by number // BLOCK, the one last used is last
        self._sums: dict[int, int] = {}  # of blocks that were in memory: the file must give the same rows again
        self._count = 0
        self._saved = 0  # rows that the file has
        self._file: SavedLayer | None = None

    def __len__(self) -> int:
        """Rows."""
        return self._count

    # -------------------------------------------------------------------------------------------- growing

    def begin(self, rows: LayerRows, file: SavedLayer) -> None:
        """Begin with these rows, all that the file has; none of them stays in memory."""
        self._count = self._saved = len(rows)
        self._file = file
        for number, first in enumerate(range(0, len(rows), BLOCK)):
            self._sums[number] = _sum_of(rows[first : first + BLOCK])

    def add(self, rows: LayerRows) -> None:
        """Append rows."""
        done = 0
        while done < len(rows):
            block, place = self._block(self._count // BLOCK), self._count % BLOCK
            size = min(BLOCK - place, len(rows) - done)
            block[place : place + size] = rows[done : done + size]
            self._count += size
            done += size

    def saved(self, count: int, file: SavedLayer) -> None:
        """Note that the file has the first `count` rows."""
        if not self._stay:
            self._saved, self._file = count, file
            self._forget(RECENT)

    # -------------------------------------------------------------------------------------------- reading

    def at(self, numbers: Places) -> LayerRows:
        """The rows with these numbers; zeros where they are lost."""
        rows = np.zeros(len(numbers), LAYER_ROW)
        order = np.argsort(numbers // BLOCK, kind="stable")
        blocks = (numbers // BLOCK)[order]
        edges = [*np.flatnonzero(np.diff(blocks, prepend=-1)).tolist(), len(order)]
        for first, last in pairwise(edges):
            mine = order[first:last]
            rows[mine] = self._block(int(blocks[first]))[numbers[mine] % BLOCK]
        return rows

    def parts(self, first: int, end: int) -> Iterator[LayerPieces]:
        """The rows [first, end) in order, a block at a time: views of those in memory, and what reads the others."""
        while first < end:
            number, place = divmod(first, BLOCK)
            size = min(BLOCK - place, end - first)
            block, file = self._here.get(number), self._file
            if block is None and file is not None and first + size <= self._saved:
                yield partial(file, first, size)
            else:
                block = self._block(number) if block is None else block
                yield block[place : place + size]
            first += size

    # -------------------------------------------------------------------------------------------- memory

    def _block(self, number: int) -> LayerRows:
        block = self._here.pop(number, None)
        if block is None:
            block = self._read(number)
        self._here[number] = block
        return block

    def _read(self, number: int) -> LayerRows:
        if len(self._here) >= 2 * RECENT:
            self._forget(RECENT)
        block: LayerRows = np.zeros(BLOCK, LAYER_ROW)
        count = min(self._saved, (number + 1) * BLOCK) - number * BLOCK
        if self._file is not None and count > 0:
            rows = self._file(number * BLOCK, count)
            if _sum_of(rows) == self._sums.get(number):  # else the file has other rows by now
                block[:count] = rows
        return block

    def _forget(self, remaining: int) -> None:
        """Drop blocks that the file has in full, least recently used first, until that many remain."""
        in_file = [number for number in self._here if (number + 1) * BLOCK <= self._saved]
        for number in islice(in_file, max(0, len(self._here) - remaining)):
            self._sums[number] = _sum_of(self._here.pop(number))


def _sum_of(rows: LayerRows) -> int:
    return zlib.crc32(np.ascontiguousarray(rows["bound"]).tobytes())
