"""Readings that lack fields, as those of a runner that does not know everything (models/sampling/readings.py)."""

from __future__ import annotations  # array[float] can be written in an annotation, not evaluated, before Python 3.12

import math
from array import array
from collections.abc import Callable, Sequence
from dataclasses import replace

from models.sampling.readings import UNKNOWN_ID, Alternatives, Reading

NONE_KNOWN = Alternatives(array("i"), array("f"), array("f"), b"", ())


def _alternatives(reading: Reading, **changes: object) -> Reading:
    return replace(reading, alternatives=replace(reading.alternatives, **changes))  # type: ignore[arg-type]


def _nothing(reading: Reading) -> array[float]:
    return array("f", [math.nan] * len(reading.alternatives.ids))


def _without_chosen(reading: Reading) -> Reading:
    found, chosen = reading.alternatives, reading.chosen
    kept = [place for place in range(len(found.ids)) if place != chosen]
    return _alternatives(
        reading,
        ids=array("i", [found.ids[i] for i in kept]),
        raw=array("f", [found.raw[i] for i in kept]),
        final=array("f", [found.final[i] for i in kept]),
        cut=bytes(found.cut[i] for i in kept),
        texts=tuple(found.texts[i] for i in kept),
    )


# What may be absent, and how to take it out of a reading that has everything.
ABSENT: dict[str, Callable[[Reading], Reading]] = {
    "chosen alternative": _without_chosen,
    "id": lambda one: replace(one, token=UNKNOWN_ID),
    "raw": lambda one: replace(one, raw=math.nan),
    "rank": lambda one: replace(one, rank=0),
    "entropy": lambda one: replace(one, entropy=math.nan),
    "final": lambda one: replace(one, final=math.nan),
    "draw": lambda one: replace(one, draw=math.nan),
    "low": lambda one: replace(one, low=math.nan),
    "high": lambda one: replace(one, high=math.nan),
    "effect": lambda one: replace(one, effect=None),
    "alternatives' ids": lambda one: _alternatives(one, ids=array("i", [UNKNOWN_ID] * len(one.alternatives.ids))),
    "alternatives' raw": lambda one: _alternatives(one, raw=_nothing(one)),
    "alternatives' final": lambda one: _alternatives(one, final=_nothing(one), cut=bytes(len(one.alternatives.ids))),
    "alternatives": lambda one: replace(one, alternatives=NONE_KNOWN),
}
EACH = [(name,) for name in ABSENT]
ALL = tuple(ABSENT)
SERVED = ("id", "rank", "entropy", "final", "draw", "low", "high", "effect", "alternatives' ids", "alternatives' final")
CASES = [(), *EACH, SERVED, ALL]  # none absent, one at a time, what an endpoint leaves out, everything


def without(reading: Reading, names: Sequence[str]) -> Reading:
    """The reading without those fields."""
    for name in ABSENT:
        reading = ABSENT[name](reading) if name in names else reading
    return reading


def title(names: Sequence[str]) -> str:
    """A name for a parametrised test."""
    return "nothing" if not names else "everything" if names == ALL else "served" if names == SERVED else names[0]
