"""The steps of the difference of two models along a page that is exported."""

import numpy as np

from desktop.page.contents import Contents
from desktop.page.differences import differences_in
from desktop.page.measures import NOTHING, Measure

_STRETCH = 16_384  # units that are compared at once


class DifferenceSteps:
    """Finds the step at a place; fast where the places ascend. measure: a difference, with its layer."""

    def __init__(self, contents: Contents, measure: Measure) -> None:
        self._contents, self._measure = contents, measure
        self._begin = self._end = 0  # of the stretch that is compared
        self._find(0)

    def at(self, position: int) -> int:
        """The step of the run of tokens that starts at that unit of the page; NOTHING where not both models have read
        it."""
        if not self._begin <= position < self._end:
            self._find(position)
        place = int(self._starts.searchsorted(position, "right")) - 1
        return int(self._steps[place]) if place >= 0 and position < self._ends[place] else NOTHING

    def _find(self, begin: int) -> None:
        self._begin, self._end = begin, begin + _STRETCH
        found = differences_in(self._contents, self._measure.layer, self._begin, self._end)
        self._starts, self._ends = found.starts, found.ends
        self._steps = np.array(self._measure.bounds).searchsorted(found.bits)
