"""The coin as the chain flips it: fair, repeatable, rightly recorded, and never a masked token."""

import math
from collections import Counter
from collections.abc import Iterable

import numpy as np
import pytest

from models.errors import ModelError
from models.sampling.chain import Chain
from models.sampling.coin import EXTRA_GATE, draw, extra_draws
from models.sampling.extra_flips import RecordedOdds
from models.sampling.knobs import STAGES, Sampling
from models.sampling.statistics import ChainBuffers
from tests.models import by_hand
from tests.models.fixed import Fixed, logits_of

FLIPS = 20_000


def chi_square(tokens: Iterable[int], p: np.ndarray) -> tuple[float, float]:
    """Pearson's statistic over the tokens expected at least 10 times (the rest as one), and what it exceeds once in
    1,000 runs.

    The quantile is Wilson and Hilferty's (PNAS 17, 1931).
    """
    seen = Counter(tokens)
    expected = p * FLIPS
    common = np.flatnonzero(expected >= 10)
    observed = [seen[int(token)] for token in common]
    rest, hoped = FLIPS - sum(observed), FLIPS - expected[common].sum()
    statistic = (
        sum((o - e) ** 2 / e for o, e in zip(observed, expected[common], strict=True)) + (rest - hoped) ** 2 / hoped
    )
    freedom = len(common)
    return float(statistic), freedom * (1 - 2 / (9 * freedom) + 3.0902 * math.sqrt(2 / (9 * freedom))) ** 3


def flips(sampling: Sampling, logits: np.ndarray, seed: int = 2026) -> list[int]:
    chain = Chain(sampling, Fixed(len(logits)), [], seed=seed, take=0)
    return [chain.flip(logits, index).token for index in range(FLIPS)]


def test_twenty_thousand_neutral_flips_pass_a_chi_square_test_and_a_biased_coin_does_not() -> None:
    logits = logits_of(400, 1.5)
    p = by_hand.shares(logits.astype(np.float64), np.ones(400, bool))
    fair, limit = chi_square(flips(Sampling(), logits), p)
    assert fair < limit
    biased, _ = chi_square(flips(Sampling(temperature=1.05), logits), p)
    assert biased > limit


def test_the_draws_lie_evenly_on_the_strip() -> None:
    """Kolmogorov and Smirnov: 1.95 / sqrt(n) is exceeded once in 1,000 runs."""
    draws = np.sort([draw(7, 0, index) for index in range(FLIPS)])
    distance = np.abs(draws - (np.arange(FLIPS) + 0.5) / FLIPS).max()
    assert distance < 1.95 / math.sqrt(FLIPS)


def test_the_same_name_flips_the_same_coin_and_another_take_another() -> None:
    logits = logits_of(50_000, 1.0)
    runs = [
        [Chain(Sampling(), Fixed(50_000), [], 5, take).flip(logits, i).token for i in range(20)] for take in (0, 0, 1)
    ]
    assert runs[0] == runs[1] != runs[2]


# ------------------------------------------------------------------------------------------------ extra flips


SAMPLINGS = [
    Sampling(),
    Sampling(temperature=0.7),
    Sampling(temperature=0),
    Sampling(mirostat=2, mirostat_tau=3),
    Sampling(bias=("id:3=5", "id:5=-inf")),
]


@pytest.mark.parametrize("sampling", SAMPLINGS)
def test_twenty_thousand_extra_flips_pass_a_chi_square_test_against_the_bars(sampling: Sampling) -> None:
    logits = logits_of(400, 1.5)
    chain = Chain(sampling, Fixed(400, range(9)), [], 0, 0)
    draws = extra_draws(2026, 0, 5, 0, FLIPS)
    flips = chain.flip_each(logits, draws, extra_draws(2026, 0, 5, 0, FLIPS, EXTRA_GATE))
    bars = chain.look(logits).whole()
    p = np.zeros(400)
    p[np.asarray(bars.ids)] = np.exp(np.asarray(bars.final, np.float64))
    statistic, limit = chi_square(flips.tokens.tolist(), p) if sampling.temperature else (0.0, 1.0)
    assert statistic < limit
    assert not (set(flips.tokens.tolist()) - set(np.flatnonzero(p).tolist()))
    assert np.abs(flips.shares(np.arange(400, dtype=np.int32)) - p).max() < 1e-6
    ids, counts = flips.counts()
    assert dict(zip(ids.tolist(), counts.tolist(), strict=True)) == Counter(flips.tokens.tolist())
    assert counts.tolist() == sorted(counts.tolist(), reverse=True)


@pytest.mark.parametrize("sampling", SAMPLINGS)
def test_extra_flips_fall_as_written_ones_would_and_change_none(sampling: Sampling) -> None:
    logits, model = logits_of(3_000, 2.0), Fixed(3_000)
    chain, plain = (Chain(sampling, model, [], 3, 0) for _ in range(2))
    numbers = np.array([draw(3, 0, index) for index in range(40)])
    flips = chain.flip_each(logits, numbers, numbers)
    again = [Chain(sampling, model, [], 3, 0).flip(logits, index).token for index in range(40)]
    assert flips.tokens.tolist() == again
    last = Chain(sampling, model, [], 3, 0).flip(logits, 39).reading(10)
    assert flips.last.reading(10) == last or math.isnan(last.gate)
    assert flips.last.reading(10).low == last.low
    written = [[one.flip(logits, index).reading(5).token for index in range(20)] for one in (chain, plain)]
    assert written[0] == written[1]


@pytest.mark.parametrize("sampling", SAMPLINGS)
def test_a_coin_with_the_recorded_odds_falls_as_the_chain_s_own_where_they_are_the_same(sampling: Sampling) -> None:
    logits = logits_of(3_000, 2.0)
    chain = Chain(sampling, Fixed(3_000), [], 3, 0)
    bars = chain.look(logits).reading(10).alternatives
    odds = RecordedOdds(np.asarray(bars.ids, np.int32), np.exp(np.asarray(bars.final, np.float64)))
    numbers = extra_draws(1, 0, 0, 0, 2_000)
    free, pinned = (chain.flip_each(logits, numbers, numbers, recorded) for recorded in (None, odds))
    assert (free.tokens != pinned.tokens).sum() <= 2  # at an edge that rounding has moved
    everything = np.arange(3_000, dtype=np.int32)
    assert np.abs(pinned.shares(everything) - free.shares(everything)).max() < 1e-5


@pytest.mark.parametrize("seed", [-1, 2**64, 10**30])
def test_a_seed_out_of_range_has_its_answer(seed: int) -> None:
    logits = logits_of(300)
    tokens = [Chain(Sampling(), Fixed(300), [], s, 0).flip(logits, 0).token for s in (seed, seed % 2**64)]
    assert tokens[0] == tokens[1]


@pytest.mark.parametrize("top", [0, 1, 10, 64, 300])
def test_the_fall_does_not_depend_on_how_many_alternatives_are_wanted(top: int) -> None:
    logits = logits_of(300)
    reading = Chain(Sampling(), Fixed(300), [], 11, 0).flip(logits, 4).reading(top)
    full = Chain(Sampling(), Fixed(300), [], 11, 0).flip(logits, 4).reading(300)
    assert (reading.token, reading.low, reading.high) == (full.token, full.low, full.high)
    assert reading.token in reading.alternatives.ids
    assert len(reading.alternatives.ids) == max(top, 1)


def test_a_flip_keeps_its_own_copy_of_the_logits() -> None:
    logits = logits_of(300)
    chain = Chain(Sampling(), Fixed(300), [], 1, 0)
    flip, expected = chain.flip(logits, 0), chain.flip(logits, 0).reading(300)
    logits[:] = 0
    chain.flip(logits, 1)
    reading = flip.reading(300)
    assert (reading.raw, reading.entropy, reading.alternatives) == (
        expected.raw,
        expected.entropy,
        expected.alternatives,
    )


# ------------------------------------------------------------------------------------------------ the mask


@pytest.mark.parametrize(
    "sampling", [Sampling(), Sampling(temperature=2.0), Sampling(temperature=0), Sampling(mirostat=2)]
)
@pytest.mark.parametrize("lead", [0.0, 5.0, 60.0, 300.0])
def test_masked_tokens_are_never_drawn_and_shown_as_cut(sampling: Sampling, lead: float) -> None:
    """Even where the model believes in nothing else; raw odds know no mask."""
    logits = logits_of(2000)
    control = list(range(0, 2000, 3))
    logits[control] += np.float32(lead)
    chain = Chain(sampling, Fixed(2000, control), [], 1, 0)
    for index in range(30):
        reading = chain.flip(logits, index).reading(2000)
        final, cut = by_hand.chain(Sampling(temperature=sampling.temperature), logits, hidden=control)
        ids = np.asarray(reading.alternatives.ids)
        assert reading.token % 3
        assert {code for i, code in zip(ids, reading.alternatives.cut, strict=True) if i % 3 == 0} == {1}
        if not sampling.mirostat:
            assert np.allclose(reading.alternatives.final, final[ids], atol=2e-5)
            assert bytes(cut[i] for i in ids) == reading.alternatives.cut
        raw, _ = by_hand.chain(Sampling(allow_control=True), logits)
        assert np.allclose(reading.alternatives.raw, raw[ids], atol=2e-5)


def test_control_tokens_may_be_allowed() -> None:
    logits = logits_of(300)
    logits[7] = 40
    for allowed in (True, False):
        chain = Chain(Sampling(allow_control=allowed), Fixed(300, [7]), [], 1, 0)
        assert (chain.flip(logits, 0).token == 7) == allowed


def test_where_nothing_may_be_drawn_it_says_so() -> None:
    with pytest.raises(ModelError, match="allow control tokens"):
        Chain(Sampling(), Fixed(300, range(300)), [], 1, 0).flip(logits_of(300), 0)


@pytest.mark.parametrize(
    "sampling", [Sampling(), Sampling(temperature=0.5), Sampling(temperature=0), Sampling(mirostat=1)]
)
def test_nan_logits_raise(sampling: Sampling) -> None:
    with pytest.raises(ModelError, match="no usable numbers"):
        Chain(sampling, Fixed(300), [], 1, 0).flip(np.full(300, np.nan, np.float32), 0)


# ------------------------------------------------------------------------------------------------ ends of the scale


def test_temperature_0_takes_the_most_likely_and_of_equals_the_first() -> None:
    logits = logits_of(300)
    logits[[5, 9]] = 30
    reading = Chain(Sampling(temperature=0), Fixed(300), [], 1, 0).flip(logits, 3).reading(3)
    assert (reading.token, reading.final, reading.low, reading.high) == (5, 0.0, 0.0, 1.0)
    assert reading.alternatives.cut == bytes([0, 1 + STAGES.index("temperature"), 1 + STAGES.index("temperature")])


def test_a_temperature_next_to_0_is_as_good_as_0() -> None:
    logits = logits_of(300)
    reading = Chain(Sampling(temperature=1e-40), Fixed(300), [], 1, 0).flip(logits, 3).reading(300)
    assert reading.token == logits.argmax()
    assert np.isfinite(reading.alternatives.final).all()


def test_a_setting_out_of_bounds_raises() -> None:
    with pytest.raises(ModelError, match="Top-p must lie between 0 and 1, not 2"):
        Chain(Sampling(top_p=2.0), Fixed(300), [], 1, 0)


def test_a_look_draws_nothing() -> None:
    reading = Chain(Sampling(temperature=0.7), Fixed(300, [4]), [], 1, 0).look(logits_of(300)).reading(10)
    assert (reading.token, reading.bytes, reading.rank) == (-1, b"", 0)
    assert all(math.isnan(value) for value in (reading.draw, reading.low, reading.high, reading.gate, reading.raw))
    assert len(reading.alternatives.ids) == 10


@pytest.mark.parametrize("size", [1, 2, 50, 51, 65])
@pytest.mark.parametrize(
    "sampling", [Sampling(), Sampling(temperature=0.3), Sampling(mirostat=2), Sampling(mirostat=1)]
)
def test_small_vocabularies_have_all_their_tokens(size: int, sampling: Sampling) -> None:
    chain = Chain(sampling, Fixed(size), [], 1, 0)
    readings = [chain.flip(np.zeros(size, np.float32), index).reading(size) for index in range(20)]
    assert all(sorted(reading.alternatives.ids) == list(range(size)) for reading in readings)
    assert all(reading.low <= reading.draw < reading.high for reading in readings)


def test_closing_twice_does_nothing() -> None:
    chain = Chain(Sampling(), Fixed(30), [], 1, 0)
    chain.close()
    chain.close()


IN_TURN = [
    Sampling(),
    Sampling(temperature=0.7),
    Sampling(temperature=1.3, top_k=40, repeat_penalty=1.2),
    Sampling(top_p=0.9, mirostat=2),
    Sampling(temperature=0),
]


@pytest.mark.parametrize("sampling", IN_TURN)
def test_readings_made_in_turn_are_those_of_arrays_of_their_own(sampling: Sampling) -> None:
    model = Fixed(3_000)
    chains = [Chain(sampling, model, [], 7, 0, buffers=own) for own in (None, ChainBuffers(model.vocabulary))]
    for index in range(30):
        logits = logits_of(3_000, seed=index)
        readings = [chain.flip(logits, index).reading(12) for chain in chains]
        assert readings[0] == readings[1]
        for chain in chains:
            chain.accept(readings[0].token)


EFFECTS = {
    "neutral": Sampling(),
    "every token": Sampling(allow_control=True),
    "warm": Sampling(temperature=1.7),
    "cold": Sampling(temperature=0.3, allow_control=True),
    "bias": Sampling(bias=("id:3=6", "id:4=-inf"), temperature=0.8),
    "one left": Sampling(temperature=0.0),
    "adaptive-p": Sampling(adaptive_target=0.4),
    "mirostat": Sampling(mirostat=2, mirostat_tau=2.0),
    "dynamic": Sampling(temperature=1.0, temperature_range=0.5),
}


@pytest.mark.parametrize("name", EFFECTS)
@pytest.mark.parametrize("impossible", [False, True])
def test_each_draw_tells_the_effect_of_the_chain(name: str, impossible: bool) -> None:
    """As the formula says in 64 bits, over every token; also where the model gives some tokens a logit of -inf."""
    model, logits = Fixed(4_000, control=(0, 1, 17)), logits_of(4_000, 3.0)
    if impossible:
        logits[[5, 40, 3_999]] = -np.inf
    for buffers in (None, ChainBuffers(len(logits))):
        chain = Chain(EFFECTS[name], model, [9, 9, 4], seed=1, take=0, buffers=buffers)
        pending = chain.flip(logits, 0)
        found, whole = pending.reading(10).effect, pending.whole()
        raw, final = np.array(whole.raw, np.float64), np.array(whole.final, np.float64)
        left = np.array([code == 0 for code in whole.cut])
        some = final > -np.inf
        assert found is not None and found.left == left.sum()
        assert found.held == pytest.approx(np.exp(raw[left]).sum(), abs=2e-6)
        bits = (np.exp(final[some]) * (final[some] - raw[some])).sum() / math.log(2)
        assert found.divergence == pytest.approx(bits, abs=3e-5)
