"""Rows of what is likely to a second model only."""

import math
from collections.abc import Callable

import numpy as np

from desktop.odds.second_likeliest import likeliest, rows_of
from models.sampling.readings import Reading
from tests.desktop.odds.conftest import Known


def test_only_what_is_missing_comes_and_the_likeliest_first(reading: Callable[..., Reading], story: Known) -> None:
    shown = reading(story, chosen=2)
    listed = shown.alternatives.ids
    first = np.full(max(max(listed) + 1, 60), math.log(0.001))
    second = np.full(len(first), -20.0)
    wanted = [token for token in range(len(first)) if token not in listed][:7]
    for place, token in enumerate([*wanted, listed[0]]):
        second[token] = -1.0 - 0.1 * place
    first[wanted[1]] = math.log(0.25)
    second[wanted[2]] = -0.5
    nameless = wanted[3]
    found = likeliest(shown, first, second, lambda token: b"" if token == nameless else f"<{token}>".encode())
    assert [one.token for one in found] == [wanted[2], wanted[0], wanted[1], wanted[4], wanted[5]]
    assert found[2].rank == 1 and found[0].rank == 2 and found[2].alternatives.texts[-1] == found[2].bytes
    assert found[2].chosen == len(shown.alternatives.ids) - 1
    row = rows_of(found)[2]
    assert (row.raw, row.second, row.cut) == ("25.0 %", True, "") and "second model" in row.spoken()
