"""The log-probability of the most likely token at each place, from the table of alternatives, for another thread."""

from dataclasses import dataclass

import numpy as np

from desktop.page.alternatives import BLOCK, FREE, AlternativesBlock, AlternativesTable, SavedAlternatives
from desktop.page.profile import Floats


@dataclass(frozen=True, slots=True, eq=False)
class TopOdds:
    """saved: the file, which has the rows before `first`. blocks: the rows from there on, by number // BLOCK."""

    saved: SavedAlternatives | None
    first: int
    blocks: dict[int, AlternativesBlock]

    @classmethod
    def of(cls, table: AlternativesTable) -> "TopOdds":
        """Those of a table as it is now."""
        saved, first = table.kept
        return cls(saved, first, {block.first // BLOCK: block for block in table.rows(first, len(table))})

    def raw(self, numbers: np.ndarray) -> Floats:
        """The highest raw log-probability (nats) in each of these rows; NaN where there is none, or it is lost. May
        take milliseconds for each BLOCK of rows."""
        found = np.full(len(numbers), np.nan)
        for number in dict.fromkeys((numbers[numbers >= 0] // BLOCK).tolist()):
            for block in self._blocks(number):
                mine = (numbers >= block.first) & (numbers < block.first + len(block))
                found[mine] = _tops(block)[numbers[mine] - block.first]
        return found

    def _blocks(self, number: int) -> list[AlternativesBlock]:
        """What there is of the rows [number * BLOCK, (number + 1) * BLOCK)."""
        start, end = number * BLOCK, (number + 1) * BLOCK
        read = None
        if start < self.first and self.saved is not None:
            read = self.saved.alternatives(start, min(end, self.first) - start)
        return [block for block in (read, self.blocks.get(number)) if block is not None]


def _tops(block: AlternativesBlock) -> Floats:
    raw = block.raw.astype(np.float64)
    raw[block.ids == FREE] = -np.inf
    tops = raw.max(axis=1)
    tops[np.isneginf(tops)] = np.nan
    return tops
