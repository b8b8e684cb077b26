"""The hash of all that stands before the next token of a generation, as the model has read it.

Each row is bound to that hash: a reading is stale where the page before it has another one.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from desktop.page import hashing
from desktop.page.token_table import GENERATED, TokenRows


@dataclass(slots=True)
class PrefixHash:
    """The hash of text and tokens before the next token, and their length in units.

    It follows what is generated, not what the writer does to the page meanwhile. So a token whose prefix was edited
    while the model read it is stale from the start.
    """

    hash: int
    units: int

    def advance(self, rows: TokenRows, units: bytes) -> None:
        """Write into each row the hash of what stands before its run, and go on to the end of the units."""
        values = hashing.token_values(rows["id"], rows["part"])
        values[rows["kind"] != GENERATED] = 0
        of_units = hashing.sums_of_units(units)
        of_tokens = hashing.sums_of_tokens(values, rows["start"], len(units) >> 1)
        first: np.ndarray[Any, np.dtype[np.int64]] = rows["start"].searchsorted(rows["start"], "left")
        scale = np.uint64(hashing.power(self.units))
        before = np.full(1, self.hash, np.uint64)
        rows["bound"] = before + scale * (of_units[rows["start"]] + of_tokens[first])
        self.hash = int((before + scale * (of_units[-1:] + of_tokens[-1:]))[0])
        self.units += len(units) >> 1

    def retreat(self, rows: TokenRows, units: bytes) -> None:
        """Go back to before the last run of generated tokens, which has these rows and units."""
        self.units -= len(units) >> 1
        value = int(hashing.sums_of_units(units)[-1]) + sum(map(int, hashing.token_values(rows["id"], rows["part"])))
        self.hash = (self.hash - hashing.power(self.units) * value) & hashing.MASK
