"""How text that no model has read splits into tokens: ids without odds, for showing.

No part of the page: nothing of it is saved, and no model gets these ids. It moves with the text; the tokens that an
edit touches are forgotten, and so is all of it where another page or model comes.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from desktop.page import utf16
from desktop.page.edit import Change
from models.engine.events import Span

MOST = 20_000  # runs in memory; with more, all but the newest are forgotten


@dataclass(frozen=True, slots=True)
class SplitRun:
    """The shortest run of tokens whose bytes are whole characters: id and bytes of each. Positions are the page's, in
    UTF-16 units."""

    start: int
    end: int
    tokens: tuple[tuple[int, bytes], ...]


class TokenSplit:
    """The runs that are known, ascending, without overlaps; MOST of them, about."""

    def __init__(self) -> None:
        self._runs: list[SplitRun] = []

    def put(self, offset: int, spans: Sequence[Span]) -> None:
        """Take over the tokens of the text from offset on, in place of those known there. The spans' readings have only
        their tokens."""
        found: list[SplitRun] = []
        start = end = offset
        for span in spans:
            start, end = end, end + utf16.length(span.text)
            tokens = tuple((reading.token, reading.bytes) for reading in span.readings)
            found.append(SplitRun(start, end, tokens))
        if len(self._runs) > MOST:
            self.clear()
        self._runs[self._index_behind(offset) : self._index_before(end)] = found

    def clear(self) -> None:
        """Forget all."""
        self._runs.clear()

    def follow(self, change: Change) -> None:
        """Move with a change of the page. Tokens that touch it are forgotten."""
        if change.places is not None or change.cause == "file":
            self.clear()
        elif change.removed or change.units:
            written = change.cause == "generation"  # a model's tokens never join those beside them
            first = (bisect_right if written else bisect_left)(self._runs, change.start, key=_end)
            last = (bisect_left if written else bisect_right)(self._runs, change.start + change.removed, key=_start)
            by = change.units - change.removed
            behind = [SplitRun(run.start + by, run.end + by, run.tokens) for run in self._runs[max(first, last) :]]
            self._runs[first:] = behind

    def between(self, start: int, end: int) -> list[SplitRun]:
        """The runs that reach into [start, end)."""
        return self._runs[self._index_behind(start) : self._index_before(end)]

    def _index_behind(self, position: int) -> int:
        """The index of the first run that ends behind a position."""
        return bisect_right(self._runs, position, key=_end)

    def _index_before(self, position: int) -> int:
        """The index of the first run that begins at a position, or behind it."""
        return bisect_left(self._runs, position, key=_start)


def _start(run: SplitRun) -> int:
    return run.start


def _end(run: SplitRun) -> int:
    return run.end
