"""The divergence of two distributions, against the published formula in exact fractions."""

from __future__ import annotations

import math
from array import array

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.sampling.divergence import by_id, kl_bits


def logs(shares: list[float]) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    with np.errstate(divide="ignore"):
        return np.log(np.array(shares, np.float64))


def by_hand(first: list[float], second: list[float]) -> float:
    pairs = [(p, q) for p, q in zip(first, second, strict=True) if p > 0]
    return math.inf if any(q == 0 for _, q in pairs) else math.fsum(p * math.log2(p / q) for p, q in pairs)


def shares(weights: list[int]) -> list[float]:
    return [weight / sum(weights) for weight in weights]


WEIGHTS = st.lists(st.tuples(st.integers(0, 50), st.integers(0, 50)), min_size=1, max_size=30).filter(
    lambda pairs: sum(p for p, _ in pairs) > 0 and sum(q for _, q in pairs) > 0
)


@given(WEIGHTS)
def test_the_formula(pairs: list[tuple[int, int]]) -> None:
    first, second = shares([p for p, _ in pairs]), shares([q for _, q in pairs])
    assert kl_bits(logs(first), logs(second)) == pytest.approx(by_hand(first, second), abs=1e-9)


@pytest.mark.parametrize(
    ("first", "second", "bits"),
    [
        ([1.0, 0.0], [0.5, 0.5], 1.0),
        ([0.5, 0.5], [0.25, 0.75], 1 - 0.5 * math.log2(3)),
        ([0.5, 0.5], [1.0, 0.0], math.inf),
        ([1.0, 0.0], [1.0, 0.0], 0.0),
        ([1.0], [1.0], 0.0),
    ],
)
def test_known_values(first: list[float], second: list[float], bits: float) -> None:
    assert kl_bits(logs(first), logs(second)) == pytest.approx(bits)


def test_equal_distributions_are_never_below_zero_apart() -> None:
    chance = np.random.default_rng(1)
    for _ in range(20):
        logits = chance.normal(0, 3, 50_000)
        raw = (logits - np.log(np.exp(logits).sum())).astype(np.float32).astype(np.float64)
        assert kl_bits(raw, raw) == 0.0
        assert 0.0 <= kl_bits(raw, np.nextafter(raw, 0)) < 1e-9


def test_what_is_not_known_stays_not_known() -> None:
    known = logs([0.5, 0.5])
    for first, second in ((np.array([np.nan, -1.0]), known), (known, np.array([np.nan, -1.0]))):
        assert math.isnan(kl_bits(first, second))
    assert math.isnan(kl_bits(np.array([np.nan, -1.0]), logs([1.0, 0.0])))


def test_by_id() -> None:
    assert by_id(array("i", [2, 0, 1]), array("f", [-0.5, -1.5, -3.0])).tolist() == [-1.5, -3.0, -0.5]
