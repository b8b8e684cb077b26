"""A generation that is being written: where it stands, and what the model believes to stand before it.

Turns the engine's spans into text and rows. Knows nothing of undo or branches beyond the step it grows.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from desktop.page import hashing, utf16
from desktop.page.alternatives import AlternativesTable
from desktop.page.edit import Edit
from desktop.page.history import Step
from desktop.page.sources import Source
from desktop.page.token_table import GENERATED, ROW, UNREAD, TokenRows
from models.engine.events import Span

_COPIED = ("raw", "rank", "entropy", "final", "draw", "low", "high")


@dataclass(slots=True)
class Prefix:
    """The text and tokens before the next token, as the model read them: their hash and their length in units.

    It runs on with what is generated, not with what the writer does to the page meanwhile; so a token whose prefix was
    changed under way is stale from the start.
    """

    hash: int
    units: int


@dataclass(slots=True, eq=False)
class Awaited:
    """A generation of which nothing has come yet. at: where it is to begin, in the text as it was just after the step
    `behind`, None for the oldest text; fork: where it is to replace the branch that is shown."""

    source: Source
    at: int
    behind: Step | None
    fork: int | None
    prefix: Prefix


@dataclass(slots=True, eq=False)
class Generation:
    """The open generation. fork: where it began. end: its end in the text as it was just after its step; recorded:
    growth is an edit of the step (else the step is a switch of branches, which takes all of the new branch with it)."""

    source: Source
    step: Step
    fork: int
    end: int
    recorded: bool
    prefix: Prefix

    def slide(self, window: int) -> None:
        """The model no longer sees that many tokens of the prefix."""
        if window != self.source.window:
            self.source = replace(self.source, window=window)

    def record(self, inverse: Edit) -> None:
        """Growth becomes part of the step, which is undone as it was just after it."""
        inverse = replace(inverse, start=self.end - inverse.inserted)
        last = self.step.operations[-1] if self.step.operations else None
        adjoins = isinstance(last, Edit) and last.start + last.removed == inverse.start
        if isinstance(last, Edit) and adjoins and not inverse.inserted and not len(inverse.rows):
            self.step.operations[-1] = replace(last, removed=last.removed + inverse.removed)
        else:
            self.step.operations.append(inverse)


def rows_of(spans: Sequence[Span], kind: int, source: int, table: AlternativesTable, fingerprint: str) -> TokenRows:
    """The rows of spans that follow one another, starts from the first one's; their bounds are still to be filled
    in."""
    counts = [1 if _is_plain(span) else len(span.readings) for span in spans]
    lengths = [utf16.length(span.text) for span in spans]
    rows: TokenRows = np.zeros(sum(counts), ROW)
    rows["source"], rows["row"], rows["id"] = source, -1, -1
    rows["kind"] = np.repeat([UNREAD if _is_plain(span) else kind for span in spans], counts)
    rows["length"] = np.repeat(lengths, counts)
    rows["start"] = np.repeat(np.cumsum(lengths) - lengths, counts)
    rows["parts"] = np.repeat(counts, counts)
    rows["part"] = [part for count in counts for part in range(count)]
    readings = [reading for span in spans if not _is_plain(span) for reading in span.readings]
    if readings:
        told = rows["kind"] == kind
        rows["row"][told] = table.add(readings, fingerprint)
        rows["id"][told] = [reading.token for reading in readings]
        for name in _COPIED:
            rows[name][told] = [getattr(reading, name) for reading in readings]
    return rows


def _is_plain(span: Span) -> bool:
    """Text that is to be kept without a reading: no token spells it."""
    return span.cut or not span.readings


def bind(rows: TokenRows, units: bytes, prefix: Prefix) -> None:
    """Write into each row the hash of what stood before its run, and run the prefix on to the end of the units."""
    worth = hashing.token_worth(rows["id"], rows["part"])
    worth[rows["kind"] != GENERATED] = 0
    of_units = hashing.sums_of_units(units)
    of_tokens = hashing.sums_of_tokens(worth, rows["start"], len(units) >> 1)
    first: np.ndarray[Any, np.dtype[np.int64]] = rows["start"].searchsorted(rows["start"], "left")
    scale = np.uint64(hashing.power(prefix.units))
    before = np.full(1, prefix.hash, np.uint64)
    rows["bound"] = before + scale * (of_units[rows["start"]] + of_tokens[first])
    prefix.hash = int((before + scale * (of_units[-1:] + of_tokens[-1:]))[0])
    prefix.units += len(units) >> 1


def unbind(units: bytes, rows: TokenRows, prefix: Prefix) -> None:
    """Take one run of generated tokens, and its units, off the end of the prefix again."""
    prefix.units -= len(units) >> 1
    worth = int(hashing.sums_of_units(units)[-1]) + sum(map(int, hashing.token_worth(rows["id"], rows["part"])))
    prefix.hash = (prefix.hash - hashing.power(prefix.units) * worth) & hashing.MASK
