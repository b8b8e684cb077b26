"""The measures by which the page's tokens are coloured, and the five steps of each. Pure."""

import math
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from desktop.page.token_table import TokenRows
from models.sampling.readings import Reading
from resources.language import tr

STEPS = 5
STRENGTHS = (0.12, 0.32, 0.54, 0.77, 1.0)  # the opacity of each step; no colour means that nothing is known
NOTHING = -1  # the step of a token whose measure is not known
AUTHOR = "author"
DIFFERENCE = "difference"  # of surprisal: a second model's less the page's
AUTHOR_STEP = 2  # the step of the model's words, which have no number
NO_ODDS = tr("no colour: no odds")
STALE = tr("striped: outdated, as earlier text was edited")
RANK_CLASSES = 10, 100, 1_000  # the highest ranks of the steps between the first and the last, unless the user chooses


@dataclass(frozen=True, slots=True)
class Measure:
    """One measure. name: in the settings. title: with the mnemonic of its menu. legend: what the numbers are. colour:
    the field of Colours with its strongest step. bounds: the four numbers between the steps, ascending; a number on a
    bound is in the lower step. labels: what each step means, weakest first. brief: the same in little room, "" for a
    step between two that have words; empty: there is nothing briefer. no_colour: what a token without colour means.
    layer: of a difference, the fingerprint of the second model."""

    name: str
    title: str
    legend: str
    colour: str
    bounds: tuple[float, ...]
    labels: tuple[str, ...]
    no_colour: str = NO_ODDS
    brief: tuple[str, ...] = ()
    layer: str = ""


MEASURES = {
    one.name: one
    for one in (
        Measure(
            "probability",
            tr("&Probability"),
            tr("Probability"),
            "probability",
            (0.001, 0.01, 0.1, 0.5),
            (tr("up to 0.1 %"), tr("1 %"), tr("10 %"), tr("50 %"), tr("likelier")),
            brief=(tr("0.1 %"), tr("1 %"), tr("10 %"), tr("50 %"), tr("likelier")),
        ),
        Measure(
            "surprisal",
            tr("&Surprisal"),
            tr("Surprisal"),
            "heat",
            (1.0, 4.0, 8.0, 12.0),
            (tr("1 bit: 1 in 2"), tr("4 bits: 1 in 16"), "8: 256", "12: 4,096", tr("rarer")),
        ),
        Measure(
            "rank",
            tr("&Rank"),
            tr("Rank"),
            "rank",
            (1, *RANK_CLASSES),
            (tr("1, the likeliest"), tr("up to {rank}").format(rank="10"), "100", "1,000", tr("beyond")),
            brief=("1", "10", "100", "1,000", tr("beyond")),
        ),
        Measure(
            "entropy",
            tr("&Entropy"),
            tr("Entropy: as open as a choice of"),
            "entropy",
            (1.0, 2.0, 4.0, 6.0),
            (tr("up to 2"), tr("4"), tr("16"), tr("64 tokens"), tr("more")),
            brief=("2", "4", "16", "64", tr("more")),
        ),
        Measure(
            AUTHOR,
            tr("&Author"),
            tr("Author"),
            "author",
            (),
            (tr("written by a model"),),
            tr("no colour: written by you"),
        ),
        Measure(
            DIFFERENCE,
            tr("&Difference of two models"),
            tr("For the second model"),
            "difference",
            (-4.0, -1.0, 1.0, 4.0),
            (tr("likelier by 4 bits"), tr("by 1 bit"), tr("alike"), tr("rarer by 1 bit"), tr("by 4 bits")),
            tr("no colour: not read by both"),
            (tr("more likely"), "", tr("alike"), "", tr("rarer")),
        ),
    )
}


def with_rank_classes(classes: Sequence[int]) -> Measure:
    """The measure of ranks with other steps. classes: three ranks, in any order."""
    low, middle, high = sorted(classes)
    first, _, _, _, last = MEASURES["rank"].labels
    labels = (first, tr("up to {rank}").format(rank=f"{low:,}"), f"{middle:,}", f"{high:,}", last)
    brief = "1", f"{low:,}", f"{middle:,}", f"{high:,}", last
    return replace(MEASURES["rank"], bounds=(1, low, middle, high), labels=labels, brief=brief)


def with_layer(fingerprint: str, model: str) -> Measure:
    """The difference between that model, which has read the page into a layer, and the page's own readings."""
    legend = tr("For {model}").format(model=model)
    return replace(MEASURES[DIFFERENCE], legend=legend, layer=fingerprint)


def step_of(measure: Measure, readings: Sequence[Reading]) -> int:
    """As `steps`, of the readings of one run."""
    if measure.name in ("rank", "entropy"):
        value = max((float(getattr(one, measure.name)) for one in readings), key=lambda one: (math.isnan(one), one))
    else:
        nats = sum(one.raw for one in readings)
        value = math.exp(nats) if measure.name == "probability" else -nats / math.log(2)
    if math.isnan(value) or (measure.name == "rank" and value <= 0):
        return NOTHING
    return bisect_left(measure.bounds, value)


Steps = np.ndarray[Any, np.dtype[np.int64]]


def steps(measure: Measure, rows: TokenRows) -> tuple[Steps, Steps]:
    """The index of the first row of each run, and the run's step: 0 to STEPS - 1, or NOTHING where the measure is not
    known. measure: one that has bounds, and is no difference.

    A run of several tokens has one step: that of its joint probability, or of its highest rank or entropy."""
    first = np.flatnonzero(np.diff(rows["start"], prepend=-1))  # a run is painted as one
    if not len(first):
        return first, first
    name = measure.name
    if name in ("rank", "entropy"):
        values = np.maximum.reduceat(rows[name].astype(np.float64), first)
    else:
        nats = np.add.reduceat(rows["raw"].astype(np.float64), first)
        values = np.exp(nats) if name == "probability" else -nats / math.log(2)
    found = np.searchsorted(np.array(measure.bounds), values).astype(np.int64)
    unknown = np.isnan(values) | (values <= 0) if name == "rank" else np.isnan(values)
    return first, np.where(unknown, NOTHING, found)
