"""Sizes and counts in words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.library.words import number, size


@pytest.mark.parametrize(
    ("count", "words"),
    [
        (0, "0 bytes"),
        (1, "1 byte"),
        (999, "999 bytes"),
        (1_000, "1.0 kB"),
        (9_949, "9.9 kB"),
        (9_950, "10 kB"),
        (999_499, "999 kB"),
        (999_500, "1.0 MB"),
        (253_113_024, "253 MB"),
        (4_920_000_000, "4.9 GB"),
        (263_000_000_000, "263 GB"),
        (10**16, "10,000 TB"),
    ],
)
def test_sizes(count: int, words: str) -> None:
    assert size(count) == words


def test_numbers() -> None:
    assert number(260_032) == "260 thousand"
    assert number(268_098_176) == "268 million"
    assert number(8_030_261_248) == "8.0 billion"
    assert number(671_000_000_000) == "671 billion"


@given(st.integers(1_000, 10**15))
def test_sizes_are_rounded_closely(count: int) -> None:
    value, unit = size(count).split(" ")
    rounded = float(value.replace(",", "")) * 1000 ** (["bytes", "kB", "MB", "GB", "TB"].index(unit))
    assert abs(rounded - count) <= 0.051 * count
