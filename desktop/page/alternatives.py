"""What else a token might have been: the ten most likely, 130 bytes a token, and the bytes of every token that was ever
met.

Append-only blocks: nothing is ever moved, so a million tokens cost no pause. Knows nothing of where a token stands.
"""

from array import array
from collections.abc import Sequence
from typing import Any

import numpy as np

from models.engine.messages import Alternatives, Reading

WIDTH = 10
_BLOCK = 4_096


class _Block:
    """The alternatives of 4,096 tokens; a free place has id -1."""

    __slots__ = ("cut", "final", "ids", "raw")

    def __init__(self) -> None:
        shape = (_BLOCK, WIDTH)
        self.ids: np.ndarray[Any, np.dtype[np.int32]] = np.full(shape, -1, np.int32)
        self.raw: np.ndarray[Any, np.dtype[np.float32]] = np.zeros(shape, np.float32)
        self.final: np.ndarray[Any, np.dtype[np.float32]] = np.zeros(shape, np.float32)
        self.cut: np.ndarray[Any, np.dtype[np.uint8]] = np.zeros(shape, np.uint8)


class AlternativesTable:
    """Rows of ten alternatives, by number, and token bytes by model fingerprint and id."""

    def __init__(self) -> None:
        self._blocks: list[_Block] = []
        self._count = 0
        self.names: dict[str, dict[int, bytes]] = {}

    def __len__(self) -> int:
        return self._count

    def add(self, readings: Sequence[Reading], fingerprint: str) -> range:
        """Keep the alternatives of each reading; returns their row numbers."""
        names = self.names.setdefault(fingerprint, {})
        first = self._count
        for reading in readings:
            self._add(reading)
            names.update(zip(reading.alternatives.ids, reading.alternatives.texts, strict=True))
            if reading.token >= 0:
                names[reading.token] = reading.bytes
        return range(first, self._count)

    def _add(self, reading: Reading) -> None:
        if self._count == len(self._blocks) * _BLOCK:
            self._blocks.append(_Block())
        block, row = self._blocks[-1], self._count % _BLOCK
        found = reading.alternatives
        kept = list(range(min(WIDTH, len(found.ids))))
        if len(found.ids) > WIDTH and reading.token not in found.ids[:WIDTH] and reading.token in found.ids:
            kept[-1] = found.ids.index(reading.token)  # the chosen one is always among them
        block.ids[row, : len(kept)] = [found.ids[i] for i in kept]
        block.raw[row, : len(kept)] = [found.raw[i] for i in kept]
        block.final[row, : len(kept)] = [found.final[i] for i in kept]
        block.cut[row, : len(kept)] = [found.cut[i] for i in kept]
        self._count += 1

    def at(self, row: int, fingerprint: str) -> Alternatives:
        """The alternatives kept under that number, most likely first."""
        block, place = self._blocks[row // _BLOCK], row % _BLOCK
        ids = block.ids[place]
        size = int((ids >= 0).sum())
        names = self.names[fingerprint]
        return Alternatives(
            array("i", ids[:size].tolist()),
            array("f", block.raw[place, :size].tolist()),
            array("f", block.final[place, :size].tolist()),
            block.cut[place, :size].tobytes(),
            tuple(names[int(token)] for token in ids[:size]),
        )

    def bytes_of(self, token: int, fingerprint: str) -> bytes:
        """What the token spells in that model's vocabulary."""
        return self.names[fingerprint][token]
