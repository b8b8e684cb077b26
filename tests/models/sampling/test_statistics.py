"""Numbers over the vocabulary against float64 and plain sorting."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from models.errors import ModelError
from models.sampling.statistics import Distribution, entropy, most_likely, read
from tests.models.fixed import Fixed, logits_of

small = st.sampled_from([-np.inf, -2.0, 0.0, 0.5, 7.0])
vectors = st.sampled_from([1, 5, 63, 64, 1000, 6400, 6437]).flatmap(
    lambda size: arrays.arrays(np.float32, size, elements=small, fill=st.just(np.float32(-2)))
)


@given(vectors, st.integers(1, 70))
def test_most_likely_equals_sorting(logits: np.ndarray, count: int) -> None:
    expected = sorted(range(len(logits)), key=lambda index: (-logits[index], index))[:count]
    assert most_likely(logits, count).tolist() == expected


@pytest.mark.parametrize("size", [300, 6437, 50_257, 262_144])
def test_most_likely_of_real_looking_logits(size: int) -> None:
    logits = logits_of(size)
    assert most_likely(logits, 64).tolist() == np.argsort(-logits, kind="stable")[:64].tolist()


@pytest.mark.parametrize("spread", [0.0, 1e-3, 1.0, 8.0, 40.0])
def test_a_reading_equals_float64(spread: float) -> None:
    logits = logits_of(262_144, spread) + np.float32(11)
    token = int(np.argsort(logits)[-7])
    exact = logits.astype(np.float64) - logits.max()
    exact -= math.log(np.exp(exact).sum())
    reading = read(logits, token, 20, Fixed(262_144))
    assert reading.raw == pytest.approx(exact[token], abs=1e-5)
    assert reading.rank == (1 if spread == 0 else 7)
    assert reading.entropy == pytest.approx(-(np.exp(exact) * exact).sum() / math.log(2), abs=1e-4)
    found = reading.alternatives
    assert np.allclose(found.raw, exact[np.asarray(found.ids)], atol=1e-5)
    assert found.final == found.raw
    assert token in found.ids
    assert found.cut == bytes(20)
    assert found.texts == tuple(b"%d " % i for i in found.ids)
    assert math.isnan(reading.draw) and math.isnan(reading.low) and math.isnan(reading.high)


def test_equal_logits_have_the_greatest_entropy() -> None:
    reading = read(np.zeros(4096, np.float32), 4095, 3, Fixed(4096))
    assert (reading.entropy, reading.rank) == (pytest.approx(12.0, abs=1e-5), 1)
    assert list(reading.alternatives.ids) == [0, 1, 4095]


def test_certainty_has_none() -> None:
    logits = np.full(100, -np.inf, np.float32)
    logits[3] = 5
    reading = read(logits, 3, 2, Fixed(100))
    assert (reading.raw, reading.entropy, reading.rank) == (0.0, 0.0, 1)
    assert list(reading.alternatives.raw) == [0.0, -math.inf]


def test_the_chosen_token_takes_the_last_place_when_it_ranks_behind() -> None:
    logits = np.arange(100, dtype=np.float32)
    assert list(read(logits, 0, 3, Fixed(100)).alternatives.ids) == [99, 98, 0]
    assert list(read(logits, 98, 3, Fixed(100)).alternatives.ids) == [99, 98, 97]
    assert list(read(logits, 5, 0, Fixed(100)).alternatives.ids) == [5]
    assert len(read(logits, 5, 1000, Fixed(100)).alternatives.ids) == 100


@pytest.mark.parametrize("bad", [np.nan, np.inf])
@pytest.mark.parametrize("size", [100, 20_000])
@pytest.mark.parametrize("where", [slice(0, 1), slice(70, 90), slice(None)])
def test_a_broken_model_raises(bad: float, size: int, where: slice) -> None:
    logits = logits_of(size)
    logits[where] = bad
    with pytest.raises(ModelError, match="no usable numbers"):
        read(logits, 1, 3, Fixed(size))


def test_excluded_tokens_do_not_spoil_the_entropy() -> None:
    belief = Distribution(np.array([0, 0, -np.inf, -np.inf], np.float32))
    assert entropy(belief.shifted, *belief.weigh()) == pytest.approx(1.0)
