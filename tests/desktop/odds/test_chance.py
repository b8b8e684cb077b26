"""What chance allows: exact binomials against sums of fractions, and against simulated fair coins."""

import math
from fractions import Fraction

import numpy as np
import pytest

from desktop.odds.chance import LEVEL, allowed, largest


def by_hand(shares: list[Fraction], flips: int, level: Fraction) -> Fraction:
    """The least of the possible deviations above which all rows together have at most that probability."""
    found = [
        (abs(Fraction(count, flips) - share), math.comb(flips, count) * share**count * (1 - share) ** (flips - count))
        for share in shares
        for count in range(flips + 1)
    ]
    bounds = sorted({deviation for deviation, _ in found})
    return next(bound for bound in bounds if sum(p for deviation, p in found if deviation > bound) <= level)


@pytest.mark.parametrize("flips", [1, 7, 40, 100])
@pytest.mark.parametrize("shares", [(1, 2, 1), (7, 1), (1, 1, 1, 1, 1), (90, 1, 1)])
def test_the_bound_is_exact(flips: int, shares: tuple[int, ...]) -> None:
    exact = [Fraction(share, sum(shares)) for share in shares]
    assert allowed(tuple(map(float, exact)), flips) == pytest.approx(
        float(by_hand(exact, flips, Fraction(1, 20))), abs=1e-12
    )


@pytest.mark.parametrize("flips", [100, 1_000])
@pytest.mark.parametrize("shares", [(0.5, 0.3, 0.2), (0.97, 0.02, 0.01), (0.1,) * 10])
def test_fair_coins_stay_below_it(shares: tuple[float, ...], flips: int) -> None:
    """At most LEVEL of 4,000 coins go above, but for 4 standard deviations of that share."""
    counts = np.random.default_rng(1).multinomial(flips, shares, 4_000)
    bound = allowed(shares, flips)
    above = sum(largest(row.tolist(), shares, flips) > bound + 1e-12 for row in counts) / 4_000
    assert above < LEVEL + 4 * math.sqrt(LEVEL * (1 - LEVEL) / 4_000)


def test_a_biased_coin_goes_above_it() -> None:
    shares = (0.5, 0.3, 0.2)
    counts = np.random.default_rng(2).multinomial(10_000, (0.46, 0.34, 0.2))
    assert largest(counts.tolist(), shares, 10_000) > allowed(shares, 10_000)


def test_it_narrows_with_the_square_root_of_the_flips() -> None:
    few, many = allowed((0.5, 0.5), 1_000), allowed((0.5, 0.5), 100_000)
    assert few / many == pytest.approx(10, rel=0.05)


def test_what_is_certain_has_no_deviation() -> None:
    assert allowed((1.0, 0.0), 100) == 0.0
    assert largest([100, 0], [1.0, 0.0], 100) == 0.0
    assert largest([60, 40], [0.5, 0.5], 100) == pytest.approx(0.1)
