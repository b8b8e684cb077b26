"""Mirostat in the chain against a hand-written one that follows llama.cpp's sampler step by step."""

import math

import numpy as np
import pytest

from models.sampling.chain import Chain
from models.sampling.knobs import STAGES, Sampling
from models.sampling.mirostat import Mirostat
from tests.models import by_hand
from tests.models.fixed import Fixed, logits_of

SIZE = 600
CUT = 1 + STAGES.index("mirostat")


class Reference:
    """llama_sampler_mirostat(_v2)_apply of llama.cpp, over a sorted list and in float64."""

    def __init__(self, sampling: Sampling) -> None:
        self.sampling = sampling
        self.mu = 2 * sampling.mirostat_tau

    def survivors(self, p: np.ndarray) -> list[int]:
        ranked = np.argsort(-p, kind="stable")
        if self.sampling.mirostat == 2:
            kept = [int(token) for token in ranked if -math.log2(p[token]) <= self.mu]
            return kept or [int(ranked[0])]
        ts = [math.log((i + 2) / (i + 1)) for i in range(99)]
        bs = [math.log(p[ranked[i]] / p[ranked[i + 1]]) for i in range(99)]
        s_hat = sum(t * b for t, b in zip(ts, bs, strict=True)) / sum(t * t for t in ts)
        epsilon = s_hat - 1
        k = ((epsilon * 2**self.mu) / (1 - SIZE**-epsilon)) ** (1 / s_hat)
        return [int(token) for token in ranked[: max(int(k), 1)]]

    def learn(self, probability: float) -> None:
        self.mu -= self.sampling.mirostat_eta * (-math.log2(probability) - self.sampling.mirostat_tau)


@pytest.mark.parametrize("version", [1, 2])
@pytest.mark.parametrize(("target", "rate"), [(1.5, 0.1), (5.0, 0.1), (3.0, 1.0)])
def test_sixty_flips_follow_the_reference(version: int, target: float, rate: float) -> None:
    sampling = Sampling(mirostat=version, mirostat_tau=target, mirostat_eta=rate, temperature=1.2)
    chain, reference = Chain(sampling, Fixed(SIZE), [], seed=9, take=0), Reference(sampling)
    for index in range(60):
        logits = logits_of(SIZE, 2.5, seed=index)
        p = by_hand.shares(logits.astype(np.float64) / 1.2, np.ones(SIZE, bool))
        kept = reference.survivors(p)
        reading = chain.flip(logits, index).reading(SIZE)
        found = reading.alternatives
        assert {token for token, cut in zip(found.ids, found.cut, strict=True) if not cut} == set(kept)
        assert set(found.cut) <= {0, CUT}
        assert reading.final == pytest.approx(math.log(p[reading.token] / p[kept].sum()), abs=1e-5)
        reference.learn(math.exp(reading.final))


@pytest.mark.parametrize("version", [1, 2])
def test_the_surprise_of_drawn_tokens_settles_at_the_target(version: int) -> None:
    sampling = Sampling(mirostat=version, mirostat_tau=3.0)
    chain = Chain(sampling, Fixed(SIZE), [], seed=1, take=0)
    surprises = [-chain.flip(logits_of(SIZE, 1.0, seed=i), i).reading(1).final / math.log(2) for i in range(400)]
    assert np.mean(surprises[100:]) == pytest.approx(3.0, abs=0.25)


@pytest.mark.parametrize("version", [1, 2])
def test_a_look_learns_nothing(version: int) -> None:
    logits = logits_of(SIZE)
    chains = [Chain(Sampling(mirostat=version), Fixed(SIZE), [], seed=1, take=0) for _ in range(2)]
    for _ in range(5):
        chains[0].look(logits)
    falls = [[chain.flip(logits, index).reading(1).final for index in range(10)] for chain in chains]
    assert falls[0] == falls[1]


@pytest.mark.parametrize(
    ("weights", "mu", "kept"),
    [
        ([1.0], 10.0, [0]),
        ([1.0, 0.0, 0.0], 10.0, [0]),  # one weight: no exponent can be estimated
        ([1.0, 1.0, 1.0, 1.0], 0.0, [0, 1, 2, 3]),  # all alike: nothing to choose by
        ([1.0, 0.5, 1 / 3, 0.25], 1.5, [0, 1]),  # exponent 1, where the formula has a limit: 2^1.5 / log(4) = 2.04
        ([1.0, 0.5, 0.25, 0.125], -90.0, [0]),
        ([1.0, 0.5, 0.25, 0.125], 900.0, [0, 1, 2, 3]),
    ],
)
def test_version_1_has_an_answer_where_its_formula_has_none(weights: list[float], mu: float, kept: list[int]) -> None:
    mirostat = Mirostat(Sampling(mirostat=1), len(weights))
    mirostat.mu = mu
    assert mirostat.survivors(np.array(weights, np.float32), sum(weights)).tolist() == kept


def test_version_2_keeps_the_best_when_nothing_is_below_the_limit() -> None:
    mirostat = Mirostat(Sampling(mirostat=2), 4)
    mirostat.mu = -5.0
    assert mirostat.survivors(np.array([0.5, 1.0, 1.0, 0.5], np.float32), 3.0).tolist() == [1]
