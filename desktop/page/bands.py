"""Where the page has which step of a measure: what is painted on the screen and on paper. Pure."""

from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

from desktop.page.differences import differences
from desktop.page.measures import AUTHOR, AUTHOR_STEP, DIFFERENCE, NOTHING, Measure, steps
from desktop.page.page import Page
from desktop.page.token_table import UNREAD

Column: TypeAlias = np.ndarray[Any, np.dtype[np.int64]]


@dataclass(frozen=True, slots=True, eq=False)
class Bands:
    """Stretches of the page, ascending, that do not overlap. starts, ends: units. steps: of each, 0 to STEPS - 1.
    stale: whether the text before it is not what the model read."""

    starts: Column
    ends: Column
    steps: Column
    stale: np.ndarray[Any, np.dtype[np.bool_]]

    def only(self, step: int) -> "Bands":
        """Those with that step."""
        mine = self.steps == step
        return Bands(self.starts[mine], self.ends[mine], self.steps[mine], self.stale[mine])

    def joined(self) -> "Bands":
        """Those that touch and have the same step as one: they are painted faster."""
        if not len(self.starts):
            return self
        apart = self.starts[1:] != self.ends[:-1]
        apart |= (self.steps[1:] != self.steps[:-1]) | (self.stale[1:] != self.stale[:-1])
        first = np.flatnonzero(np.concatenate(([True], apart)))
        last = np.concatenate((first[1:] - 1, [len(self.starts) - 1]))
        return Bands(self.starts[first], self.ends[last], self.steps[first], self.stale[first])


def bands(page: Page, measure: Measure, start: int, end: int) -> Bands:
    """The bands that reach into [start, end)."""
    if measure.name == AUTHOR:
        return _written(page, start, end)
    if measure.name == DIFFERENCE:
        return _differing(page, measure, start, end)
    rows = page.tokens(start, end)
    rows = rows[rows["kind"] != UNREAD]
    first, found = steps(measure, rows)
    known = found != NOTHING
    runs = rows[first[known]]
    starts = runs["start"].astype(np.int64)
    return Bands(starts, starts + runs["length"], found[known], page.stale(runs))


def _differing(page: Page, measure: Measure, start: int, end: int) -> Bands:
    found = differences(page, measure.layer, start, end)
    return Bands(found.starts, found.ends, np.array(measure.bounds).searchsorted(found.bits), found.stale)


def _written(page: Page, start: int, end: int) -> Bands:
    ranges = np.array(page.generated_ranges(start, end), np.int64).reshape(-1, 2)
    count = len(ranges)
    return Bands(ranges[:, 0], ranges[:, 1], np.full(count, AUTHOR_STEP, np.int64), np.zeros(count, np.bool_))
