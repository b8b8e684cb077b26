"""Surprisal to shades: expected tokens have none, and shades increase with surprisal."""

import numpy as np

from desktop.page.surprisal import EXPECTED, SHADES, shade, shades, strength


def test_shades() -> None:
    bits = np.array([0.0, EXPECTED - 0.01, EXPECTED, 2.5, 11.0, 80.0, np.inf, np.nan])
    assert shades(bits).tolist() == [0, 0, 1, 2, 11, 11, 11, 0] == [shade(one) for one in bits.tolist()]
    assert (np.diff(shades(np.linspace(0, 30, 500))) >= 0).all()
    assert not len(shades(np.array([])))


def test_strengths_rise_from_none_to_less_than_all() -> None:
    strengths = [strength(shade) for shade in range(SHADES)]
    assert strengths[0] == 0 and strengths == sorted(strengths) and strengths[-1] < 1
