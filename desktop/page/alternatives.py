"""What else a token might have been: the ten most likely, 130 bytes a token, and the bytes of every token that was ever
met.

Append-only blocks: nothing is ever moved, so a million tokens cost no pause. What the page's file has may be let go of,
and is read again when it is wanted. Knows nothing of where a token stands, nor of files.
"""

from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, Protocol, TypeAlias

import numpy as np

from models.engine.limits import KEPT_ALTERNATIVES
from models.sampling.readings import Alternatives, Reading

WIDTH = KEPT_ALTERNATIVES.high
BLOCK = 512  # rows: 67 KB, which a file gives in well under a millisecond
RECENT = 32  # blocks that stay in memory though the file has them
NAMES = 65_536  # of one model; more are let go of once the file has them

Ints: TypeAlias = np.ndarray[Any, np.dtype[np.int32]]
Floats: TypeAlias = np.ndarray[Any, np.dtype[np.float32]]
Bytes: TypeAlias = np.ndarray[Any, np.dtype[np.uint8]]


@dataclass(frozen=True, slots=True, eq=False)
class AlternativeRows:
    """Some rows of alternatives, from the row with the number `first` on: ids (-1 where a place is free), raw and final
    log-probabilities, who cut. All of shape (rows, 10)."""

    first: int
    ids: Ints
    raw: Floats
    final: Floats
    cut: Bytes

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def arrays(self) -> tuple[np.ndarray[Any, Any], ...]:
        """All four."""
        return self.ids, self.raw, self.final, self.cut

    @property
    def nbytes(self) -> int:
        """Bytes of all four."""
        return sum(array.nbytes for array in self.arrays)

    def part(self, start: int, end: int) -> "AlternativeRows":
        """A copy of the rows with the numbers [start, end)."""
        cut = slice(start - self.first, end - self.first)
        arrays = (self.ids[cut].copy(), self.raw[cut].copy(), self.final[cut].copy(), self.cut[cut].copy())
        return AlternativeRows(start, *arrays)

    def followed_by(self, others: "Sequence[AlternativeRows]") -> "AlternativeRows":
        """These rows and those that stand behind them, as one."""
        columns = zip(*(part.arrays for part in (self, *others)), strict=True)
        return AlternativeRows(self.first, *map(np.concatenate, columns))


class Kept(Protocol):
    """What the page's file gives of alternatives. Nothing it can no longer read comes back."""

    def alternatives(self, first: int, count: int) -> AlternativeRows | None:
        """The rows [first, first + count)."""
        ...

    def names(self, fingerprint: str, tokens: Sequence[int]) -> dict[int, bytes]:
        """The bytes of those tokens."""
        ...

    def every_name(self) -> list[tuple[str, int, bytes]]:
        """Fingerprint, token, bytes: all there are."""
        ...


def empty_rows(first: int, count: int) -> AlternativeRows:
    """That many rows with nothing in them."""
    shape = (count, WIDTH)
    zeros = np.zeros(shape, np.float32)
    return AlternativeRows(first, np.full(shape, -1, np.int32), zeros, zeros.copy(), np.zeros(shape, np.uint8))


class AlternativesTable:
    """Rows of ten alternatives, by number, and token bytes by model fingerprint and id."""

    def __init__(self, kept: Kept | None = None, count: int = 0) -> None:
        """kept: where the first `count` rows are, and the names; asked when they are wanted."""
        self._blocks: dict[int, AlternativeRows] = {}  # by number // BLOCK
        self._count = count
        self._kept = kept
        self._saved = count  # rows that the file has
        self._names: dict[str, dict[int, bytes]] = {}
        self._fresh: list[tuple[str, int, bytes]] = []  # names that nobody took yet

    def __len__(self) -> int:
        return self._count

    # -------------------------------------------------------------------------------------------- growing

    def add(self, readings: Sequence[Reading], fingerprint: str) -> range:
        """Keep the alternatives of each reading; returns their row numbers."""
        names = self._names.setdefault(fingerprint, {})
        first = self._count
        for reading in readings:
            self._add(reading)
            found = dict(zip(reading.alternatives.ids, reading.alternatives.texts, strict=True))
            if reading.token >= 0:
                found[reading.token] = reading.bytes
            for token, spelt in found.items():
                if token not in names:  # a difference of the two would walk all names
                    names[token] = spelt
                    self._fresh.append((fingerprint, token, spelt))
        return range(first, self._count)

    def _add(self, reading: Reading) -> None:
        block, row = self._block(self._count // BLOCK), self._count % BLOCK
        found = reading.alternatives
        kept = list(range(min(WIDTH, len(found.ids))))
        if len(found.ids) > WIDTH and reading.token not in found.ids[:WIDTH] and reading.token in found.ids:
            kept[-1] = found.ids.index(reading.token)  # the chosen one is always among them
        block.ids[row, : len(kept)] = [found.ids[i] for i in kept]
        block.raw[row, : len(kept)] = [found.raw[i] for i in kept]
        block.final[row, : len(kept)] = [found.final[i] for i in kept]
        block.cut[row, : len(kept)] = [found.cut[i] for i in kept]
        self._count += 1

    # -------------------------------------------------------------------------------------------- reading

    def at(self, row: int, fingerprint: str) -> Alternatives:
        """The alternatives kept under that number, most likely first; none where the file has lost them, or there is no
        such number."""
        if not 0 <= row < self._count:
            return Alternatives(array("i"), array("f"), array("f"), b"", ())
        block, place = self._block(row // BLOCK), row % BLOCK
        ids = block.ids[place]
        size = int((ids >= 0).sum())
        tokens: list[int] = ids[:size].tolist()
        names = self._named(fingerprint, tokens)
        return Alternatives(
            array("i", tokens),
            array("f", block.raw[place, :size].tolist()),
            array("f", block.final[place, :size].tolist()),
            block.cut[place, :size].tobytes(),
            tuple(names.get(token, b"") for token in tokens),
        )

    def bytes_of(self, token: int, fingerprint: str) -> bytes:
        """What the token spells in that model's vocabulary."""
        return self._named(fingerprint, [token]).get(token, b"")

    def rows(self, first: int, end: int) -> list[AlternativeRows]:
        """The rows [first, end), whole blocks as they are (they never change again), parts of blocks copied."""
        numbers = range(first // BLOCK, -(-end // BLOCK)) if first < end else ()
        return [self._rows(number, first, end) for number in numbers]

    def _rows(self, number: int, first: int, end: int) -> AlternativeRows:
        start, last = max(first, number * BLOCK), min(end, (number + 1) * BLOCK)
        block = self._block(number)
        return block if last - start == BLOCK else block.part(start, last)

    def _block(self, number: int) -> AlternativeRows:
        block = self._blocks.pop(number, None) or self._read(number)
        self._blocks[number] = block  # the one last looked at stands last
        return block

    def _read(self, number: int) -> AlternativeRows:
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
        """The names that came since this was last asked: fingerprint, token, bytes."""
        fresh, self._fresh = self._fresh, []
        return fresh

    @property
    def kept(self) -> tuple[Kept | None, int]:
        """The file that has the rows before that number."""
        return self._kept, self._saved

    def names_here(self) -> list[tuple[str, int, bytes]]:
        """All names that are in memory, taken or not."""
        self._fresh = []
        return [(model, token, spelt) for model, names in self._names.items() for token, spelt in names.items()]

    def saved(self, count: int, kept: Kept) -> None:
        """The file has the first `count` rows, and every name that was taken before."""
        self._saved, self._kept = count, kept
        self._forget(RECENT)
        for names in self._names.values():
            if len(names) > NAMES and not self._fresh:
                names.clear()

    def _forget(self, remaining: int) -> None:
        """Let go of blocks that the file has whole, those first that nobody looked at for longest."""
        whole = [number for number in self._blocks if (number + 1) * BLOCK <= self._saved]
        for number in islice(whole, max(0, len(self._blocks) - remaining)):
            del self._blocks[number]
