"""Surprisal to shades: expected tokens have none, and shades increase with surprisal."""

import math

from desktop.page.surprisal import EXPECTED, SHADES, shade, strength


def test_shades() -> None:
    bits = [0.0, EXPECTED - 0.01, EXPECTED, 2.5, 11.0, 80.0, math.inf, math.nan]
    assert [shade(one) for one in bits] == [0, 0, 1, 2, 11, 11, 11, 0]
    rising = [shade(step / 16) for step in range(500)]
    assert rising == sorted(rising)


def test_strengths_rise_from_none_to_less_than_all() -> None:
    strengths = [strength(shade) for shade in range(SHADES)]
    assert strengths[0] == 0 and strengths == sorted(strengths) and strengths[-1] < 1
