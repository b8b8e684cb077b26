"""Probabilities and bits as text."""

import math
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop.odds import words


@pytest.mark.parametrize(
    ("share", "expected"),
    [
        (0.0, "0 %"),
        (1e-12, "< 0.01 %"),
        (0.000_1, "0.01 %"),
        (0.004_2, "0.42 %"),
        (0.009_99, "1.0 %"),
        (0.123_4, "12.3 %"),
        (0.999, "99.9 %"),
        (0.999_99, "> 99.9 %"),
        (1.0, "100 %"),
        (math.nan, words.NOT_KNOWN),
    ],
)
def test_a_share_in_percent(share: float, expected: str) -> None:
    assert words.percent(share) == expected


@pytest.mark.parametrize(
    ("share", "expected"),
    [
        (0.123_4, "12.3 %"),
        (0.000_1, "0.01 %"),
        (0.000_099_9, "0.010 %"),
        (0.000_021, "0.0021 %"),
        (2.1e-6, "0.00021 %"),
        (2.1e-7, "0.000021 %"),
        (2.1e-9, "2.1×10⁻⁷ %"),
        (1e-300, "1.0×10⁻²⁹⁸ %"),
        (0.0, "0 %"),
        (math.nan, words.NOT_KNOWN),
    ],
)
def test_small_shares_in_percent_can_be_compared(share: float, expected: str) -> None:
    assert words.fine_percent(share) == expected


@pytest.mark.parametrize(
    ("share", "expected"),
    [
        (0.5, ""),
        (0.05, "1 in 20"),
        (0.000_025, "1 in 40,000"),
        (0.000_024_6, "1 in 41,000"),
        (0.0, ""),
        (1e-20, "less than 1 in a trillion"),
    ],
)
def test_rare_tokens_as_one_in_n(share: float, expected: str) -> None:
    assert words.one_in(share) == expected


def test_rank_entropy_choices_and_surprisal() -> None:
    assert words.rank(7, 262_144) == "7 of 262,144"
    assert words.rank(7, 0) == "7"
    assert words.bits(-0.0) == "0.00 bits"
    assert words.bits(3.14159) == "3.14 bits"
    assert words.choices(10.0) == "1,024"
    assert words.choices(0.0) == "1.0"
    assert words.surprisal(math.log(0.25)) == "2.00 bits"


def test_a_draw_has_enough_digits_to_differ_from_the_ends_of_its_interval() -> None:
    assert words.drawn(0.5, 0.4, 0.6) == "0.500"
    low, high = 0.123_456, 0.123_458
    assert words.drawn(0.123_457, low, high) not in words.interval(low, high).split(" to ")


@given(st.floats(allow_nan=True, allow_infinity=True))
def test_no_number_is_shown_as_nan_or_infinity(number: float) -> None:
    expected = [
        words.percent(words.probability(number)),
        words.one_in(words.probability(number)),
        words.bits(number),
        words.surprisal(number),
        words.choices(number),
        words.drawn(number, 0.1, number),
        words.interval(number, 0.5),
    ]
    assert not [one for one in expected if re.search("nan|inf", one)]


@given(st.floats(0, 1), st.floats(0, 1))
def test_a_greater_share_never_reads_as_a_smaller_one(one: float, other: float) -> None:
    def number(share: float) -> float:
        expected = words.percent(share)
        shown = float(expected.strip("<> %"))
        return shown - 0.005 if "<" in expected else shown + 0.05 if ">" in expected else shown

    if one < other:
        assert number(one) <= number(other)
