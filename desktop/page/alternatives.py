"""The alternatives of every token on a page (the ten most likely, 130 bytes a token), and the bytes of every token met.

Stored in append-only blocks: nothing is ever moved, so a million tokens cost no pause. Blocks that the page's file has
may leave memory; they are read again when they are wanted. A token whose id is not known is stored under a negative
number that is made from its bytes.
"""

import zlib
from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, Protocol, TypeAlias

import numpy as np

from models.engine.limits import KEPT_ALTERNATIVES
from models.sampling.readings import UNKNOWN_ID, Alternatives, Reading

WIDTH = KEPT_ALTERNATIVES.high
BLOCK = 512  # rows: 67 KB, which a file gives in well under a millisecond
RECENT = 32  # blocks that stay in memory although the file has them
NAMES = 65_536  # names of one model; with more, all leave memory once the file has them
FREE = -1  # in place of an id: no alternative
_SPELLINGS = 2**31 - 3  # numbers for tokens without a known id: UNKNOWN_ID - 1 and those below it, as int32

Ints: TypeAlias = np.ndarray[Any, np.dtype[np.int32]]
Floats: TypeAlias = np.ndarray[Any, np.dtype[np.float32]]
Bytes: TypeAlias = np.ndarray[Any, np.dtype[np.uint8]]


@dataclass(frozen=True, slots=True, eq=False)
class AlternativesBlock:
    """Rows of alternatives, from row number `first` on: ids (FREE where a place is free), raw, final and cut as in
    readings.Alternatives. All of shape (rows, 10)."""

    first: int
    ids: Ints
    raw: Floats
    final: Floats
    cut: Bytes

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def arrays(self) -> tuple[np.ndarray[Any, Any], ...]:
        """The four arrays."""
        return self.ids, self.raw, self.final, self.cut

    @property
    def nbytes(self) -> int:
        """Bytes of the four arrays."""
        return sum(array.nbytes for array in self.arrays)

    def part(self, start: int, end: int) -> "AlternativesBlock":
        """A copy of the rows with the numbers [start, end)."""
        cut = slice(start - self.first, end - self.first)
        arrays = (self.ids[cut].copy(), self.raw[cut].copy(), self.final[cut].copy(), self.cut[cut].copy())
        return AlternativesBlock(start, *arrays)

    def followed_by(self, others: "Sequence[AlternativesBlock]") -> "AlternativesBlock":
        """These rows and the next ones, as one block."""
        columns = zip(*(part.arrays for part in (self, *others)), strict=True)
        return AlternativesBlock(self.first, *map(np.concatenate, columns))


class SavedAlternatives(Protocol):
    """The alternatives and names in the page's file. What it can no longer read is left out."""

    def alternatives(self, first: int, count: int) -> AlternativesBlock | None:
        """The rows [first, first + count); None where they cannot be read."""
        ...

    def names(self, fingerprint: str, tokens: Sequence[int]) -> dict[int, bytes]:
        """The bytes of those tokens."""
        ...

    def every_name(self) -> list[tuple[str, int, bytes]]:
        """(fingerprint, token, bytes) of every name."""
        ...


def empty_rows(first: int, count: int) -> AlternativesBlock:
    """That many empty rows."""
    shape = (count, WIDTH)
    zeros = np.zeros(shape, np.float32)
    return AlternativesBlock(first, np.full(shape, FREE, np.int32), zeros, zeros.copy(), np.zeros(shape, np.uint8))


def known_id(stored: int) -> int:
    """The id of a token that is stored under that number: readings.UNKNOWN_ID where its id is not known."""
    return stored if stored >= FREE else UNKNOWN_ID


class AlternativesTable:
    """Rows of ten alternatives, by number, and token bytes by model fingerprint and id."""

    def __init__(self, kept: SavedAlternatives | None = None, count: int = 0) -> None:
        """kept: the file with the first `count` rows, and the names; read when they are wanted."""
        self._blocks: dict[int, AlternativesBlock] = {}  # by number // BLOCK
        self._count = count
        self._kept = kept
        self._saved = count  # rows that the file has
        self._names: dict[str, dict[int, bytes]] = {}
        self._fresh: list[tuple[str, int, bytes]] = []  # names since `take_names`

    def __len__(self) -> int:
        return self._count

    # -------------------------------------------------------------------------------------------- growing

    def add(self, readings: Sequence[Reading], fingerprint: str) -> range:
        """Store the alternatives of each reading, and the names in them; returns the row numbers."""
        names = self._names.setdefault(fingerprint, {})
        first = self._count
        for reading in readings:
            found = reading.alternatives
            if not reading.is_look:
                self._name(reading.token, reading.bytes, fingerprint)
            ids = [
                token if token >= 0 and token in names else self._name(token, spelt, fingerprint)
                for token, spelt in zip(found.ids, found.texts, strict=True)
            ]
            self._add(reading, ids)
        return range(first, self._count)

    def _name(self, token: int, spelt: bytes, fingerprint: str) -> int:
        """Store the bytes of a token; returns the number that it is stored under."""
        stored = self.stored_id(token, spelt, fingerprint)
        names = self._names[fingerprint]
        if stored not in names:
            names[stored] = spelt
            self._fresh.append((fingerprint, stored, spelt))
        return stored

    def stored_id(self, token: int, spelt: bytes, fingerprint: str) -> int:
        """The number under which that model's token is stored: its id, or one of these bytes alone."""
        if token >= 0:
            return token
        number = zlib.crc32(spelt) % _SPELLINGS
        while self._named(fingerprint, [stored := UNKNOWN_ID - 1 - number]).get(stored, spelt) != spelt:
            number = (number + 1) % _SPELLINGS  # other bytes have it
        return stored

    def _add(self, reading: Reading, ids: Sequence[int]) -> None:
        block, row = self._block(self._count // BLOCK), self._count % BLOCK
        found, chosen = reading.alternatives, reading.chosen
        stored = list(range(min(WIDTH, len(ids))))
        if chosen is not None and chosen >= WIDTH:
            stored[-1] = chosen  # it is never the one that is left out
        size = len(stored)
        block.ids[row, :size] = [ids[i] for i in stored]
        block.raw[row, :size] = [found.raw[i] for i in stored]
        block.final[row, :size] = [found.final[i] for i in stored]
        block.cut[row, :size] = [found.cut[i] for i in stored]
        self._count += 1

    # -------------------------------------------------------------------------------------------- reading

    def at(self, row: int, fingerprint: str) -> Alternatives:
        """The alternatives in that row, most likely first; empty where the file has lost them, or there is no such
        row."""
        if not 0 <= row < self._count:
            return Alternatives(array("i"), array("f"), array("f"), b"", ())
        block, place = self._block(row // BLOCK), row % BLOCK
        ids = block.ids[place]
        size = int((ids != FREE).sum())
        tokens: list[int] = ids[:size].tolist()
        names = self._named(fingerprint, tokens)
        return Alternatives(
            array("i", map(known_id, tokens)),
            array("f", block.raw[place, :size].tolist()),
            array("f", block.final[place, :size].tolist()),
            block.cut[place, :size].tobytes(),
            tuple(names.get(token, b"") for token in tokens),
        )

    def bytes_of(self, token: int, fingerprint: str) -> bytes:
        """The bytes of the token that is stored under that number; empty where they are not known."""
        return self._named(fingerprint, [token]).get(token, b"")

    def rows(self, first: int, end: int) -> list[AlternativesBlock]:
        """The rows [first, end): whole blocks as they are (they never change again), parts of blocks copied."""
        numbers = range(first // BLOCK, -(-end // BLOCK)) if first < end else ()
        return [self._rows(number, first, end) for number in numbers]

    def _rows(self, number: int, first: int, end: int) -> AlternativesBlock:
        start, last = max(first, number * BLOCK), min(end, (number + 1) * BLOCK)
        block = self._block(number)
        return block if last - start == BLOCK else block.part(start, last)

    def _block(self, number: int) -> AlternativesBlock:
        block = self._blocks.pop(number, None) or self._read(number)
        self._blocks[number] = block  # the block last used is last
        return block

    def _read(self, number: int) -> AlternativesBlock:
        if len(self._blocks) >= 2 * RECENT:
            self._forget(RECENT)
        block = empty_rows(number * BLOCK, BLOCK)
        count = min(self._saved, (number + 1) * BLOCK) - number * BLOCK
        found = self._kept.alternatives(number * BLOCK, count) if self._kept and count > 0 else None
        if found is not None:
            for mine, read in zip(block.arrays, found.arrays, strict=True):
                mine[: len(found)] = read
        return block

    def _named(self, fingerprint: str, tokens: Iterable[int]) -> dict[int, bytes]:
        names = self._names.setdefault(fingerprint, {})
        missing = [token for token in tokens if token not in names]
        if missing and self._kept is not None:
            names.update(self._kept.names(fingerprint, missing))
        return names

    # -------------------------------------------------------------------------------------------- its file

    def take_names(self) -> list[tuple[str, int, bytes]]:
        """(fingerprint, token, bytes) of the names added since the last call."""
        fresh, self._fresh = self._fresh, []
        return fresh

    @property
    def kept(self) -> tuple[SavedAlternatives | None, int]:
        """The file, and the number of rows from 0 on that it has."""
        return self._kept, self._saved

    def names_here(self) -> list[tuple[str, int, bytes]]:
        """(fingerprint, token, bytes) of all names in memory; all count as taken."""
        self._fresh = []
        return [(model, token, spelt) for model, names in self._names.items() for token, spelt in names.items()]

    def saved(self, count: int, kept: SavedAlternatives) -> None:
        """Note that the file has the first `count` rows, and every name taken before."""
        self._saved, self._kept = count, kept
        self._forget(RECENT)
        for names in self._names.values():
            if len(names) > NAMES and not self._fresh:
                names.clear()

    def _forget(self, remaining: int) -> None:
        """Drop blocks that the file has in full, least recently used first, until that many remain."""
        in_file = [number for number in self._blocks if (number + 1) * BLOCK <= self._saved]
        for number in islice(in_file, max(0, len(self._blocks) - remaining)):
            del self._blocks[number]
