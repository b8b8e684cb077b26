"""The step of each run, against a naive oracle; measures are complete and their words are whole."""

import math
from array import array
from itertools import groupby

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop.page.measures import AUTHOR, DIFFERENCE, MEASURES, NOTHING, STEPS, STRENGTHS, step_of, steps
from desktop.page.token_table import ROW
from models.sampling.readings import Alternatives, Reading

NUMBERS = st.floats(-30, 0, width=32)
TOKENS = st.tuples(
    st.booleans(), NUMBERS | st.just(math.nan), st.integers(0, 5000), st.floats(0, 18, width=32) | st.just(math.nan)
)
BOUNDED = [name for name in MEASURES if name != AUTHOR]
COUNTED = [name for name in BOUNDED if name != DIFFERENCE]


def naive(name: str, run: list[np.void]) -> int:
    """The step of a run, one token after the other."""
    numbers = [float(token["raw" if name in ("probability", "surprisal") else name]) for token in run]
    if any(map(math.isnan, numbers)):
        return NOTHING
    value = sum(numbers) if name in ("probability", "surprisal") else max(numbers)
    if name == "rank" and value == 0:
        return NOTHING
    if name == "probability":
        value = math.exp(value)
    elif name == "surprisal":
        value = -value / math.log(2)
    return sum(value > bound for bound in MEASURES[name].bounds)


@pytest.mark.parametrize("name", COUNTED)
@given(tokens=st.lists(TOKENS, max_size=12))
def test_every_run_has_the_step_of_a_naive_count(name: str, tokens: list[tuple[bool, float, int, float]]) -> None:
    rows = np.zeros(len(tokens), ROW)
    start = 0
    for row, (begins, raw, rank, entropy) in zip(rows, tokens, strict=True):
        start += begins
        row["start"], row["raw"], row["rank"], row["entropy"] = start, raw, rank, entropy
    firsts, found = steps(MEASURES[name], rows)
    runs = [list(run) for _, run in groupby(rows, key=lambda row: int(row["start"]))]
    assert rows["start"][firsts].tolist() == [int(run[0]["start"]) for run in runs]
    assert found.tolist() == [naive(name, run) for run in runs]
    assert found.tolist() == [step_of(MEASURES[name], [as_reading(token) for token in run]) for run in runs]


def as_reading(token: np.void) -> Reading:
    """The reading of a row, without alternatives."""
    none = Alternatives(array("i"), array("f"), array("f"), b"", ())
    raw = float(token["raw"])
    return Reading(1, b"", raw, int(token["rank"]), float(token["entropy"]), raw, 0.5, 0.0, 1.0, none)


@pytest.mark.parametrize(("rank", "step"), [(1, 0), (2, 1), (10, 1), (11, 2), (100, 2), (101, 3), (1000, 3), (1001, 4)])
def test_the_classes_of_ranks(rank: int, step: int) -> None:
    rows = np.zeros(1, ROW)
    rows["rank"] = rank
    assert steps(MEASURES["rank"], rows)[1].tolist() == [step]


@pytest.mark.parametrize("name", BOUNDED)
def test_a_measure_has_a_label_for_each_step(name: str) -> None:
    measure = MEASURES[name]
    assert len(measure.labels) == STEPS == len(measure.bounds) + 1 == len(STRENGTHS)
    assert list(measure.bounds) == sorted(set(measure.bounds)) and list(STRENGTHS) == sorted(set(STRENGTHS))
