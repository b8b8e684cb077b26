"""Cuts and final probabilities of llama.cpp's samplers against formulas worked out by hand: each alone, three mixed."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from models.errors import ModelError
from models.llamacpp.binding import lib
from models.llamacpp.samplers import Native, native_stages
from models.sampling.chain import Chain
from models.sampling.knobs import STAGES, Sampling
from models.sampling.readings import Reading
from models.sampling.stages import CANDIDATE, Candidates
from tests.models import by_hand
from tests.models.fixed import Fixed, logits_of

CONTROL = (1, 2, 7)
HISTORY = [50, 60, 70, 80, 50, 60, 90, 50, 60]  # "50 60" was followed by 70 and by 90
ALONE = [
    Sampling(),
    Sampling(allow_control=True),
    Sampling(temperature=0.5),
    Sampling(temperature=1.7),
    Sampling(temperature=0.0),
    Sampling(top_k=1),
    Sampling(top_k=40),
    Sampling(top_k=900),
    Sampling(top_p=0.0),
    Sampling(top_p=0.5),
    Sampling(top_p=0.97),  # nearer to 1, llama.cpp's sum in 32 bits decides about the last token
    Sampling(min_p=0.02),
    Sampling(min_p=1.0),
    Sampling(typical=0.3),
    Sampling(typical=0.9),
    Sampling(top_n_sigma=0.5),
    Sampling(top_n_sigma=2.0),
    Sampling(repeat_penalty=1.3),
    Sampling(repeat_penalty=1.3, repeat_last_n=2),
    Sampling(repeat_penalty=1.3, repeat_last_n=0),
    Sampling(presence_penalty=1.5),
    Sampling(frequency_penalty=-0.7),
    Sampling(dry_multiplier=0.8),
    Sampling(dry_multiplier=2.0, dry_base=3.0, dry_allowed_length=1, dry_last_n=5),
    Sampling(bias=("id:50=3",)),
    Sampling(bias=("id:50=-2.5", "id:60=100", "id:50=-1")),
    Sampling(bias=("id:7=-inf", "id:60=-inf", "id:60=4", "id:391=-inf")),  # control's mask is before it
    Sampling(bias=("id:7=-inf", "id:1=20"), allow_control=True),
    Sampling(bias=("id:50=30", "id:60=-inf"), temperature=0.0),
]
MIXED = [
    Sampling(top_k=40, top_p=0.95, min_p=0.05, temperature=0.8),
    Sampling(
        repeat_penalty=1.2, frequency_penalty=0.3, dry_multiplier=1.0, top_n_sigma=1.5, typical=0.95, temperature=1.3
    ),
    Sampling(presence_penalty=0.5, top_k=200, typical=0.8, top_p=0.9, min_p=0.01, temperature=0.0),
    Sampling(bias=("id:50=4", "id:9=-inf"), repeat_penalty=1.3, dry_multiplier=1.0, temperature=0.7),
    Sampling(bias=("id:50=4", "id:9=-inf", "id:70=-3"), top_k=40, min_p=0.02, presence_penalty=1.0),
]


def read(sampling: Sampling, logits: Any, native: Any, history: Sequence[int] = HISTORY) -> Reading:
    """The reading of a flip, with all tokens as alternatives."""
    chain = Chain(sampling, Fixed(len(logits), CONTROL, native), history, seed=3, take=0)
    reading = chain.flip(logits, 0).reading(len(logits))
    chain.close()
    return reading


def check(reading: Reading, final: by_hand.Vector, cut: bytes) -> None:
    found = reading.alternatives
    ids = np.asarray(found.ids)
    assert bytes(np.frombuffer(cut, np.uint8)[ids]) == found.cut
    assert np.allclose(found.final, final[ids], atol=1e-5)
    assert reading.final == pytest.approx(final[reading.token], abs=1e-5)
    assert [math.isinf(value) for value in found.final] == [code > 0 for code in found.cut]
    kept = [token for token in range(len(final)) if final[token] > -math.inf]
    head = sorted(kept, key=lambda token: (-final[token], token))[:50]
    order = head + sorted(set(kept) - set(head))
    edges = np.concatenate(([0.0], np.cumsum(np.exp(final[order]))))
    place = order.index(reading.token)
    assert reading.low <= reading.draw < reading.high
    assert (reading.low, reading.high) == (
        pytest.approx(edges[place], abs=1e-5),
        pytest.approx(edges[place + 1], abs=1e-5),
    )


@pytest.mark.parametrize("size", [396, 5000])  # llama.cpp sorts more than 1,024 in another way
@pytest.mark.parametrize("sampling", [*ALONE, *MIXED], ids=lambda s: " ".join(s.off_neutral()) or "neutral")
def test_final_odds_and_cuts_are_those_worked_out_by_hand(
    sampling: Sampling, size: int, native_vocabulary: Any
) -> None:
    for seed, spread in ((0, 1.0), (1, 3.0)):
        logits = logits_of(size, spread, seed)
        check(
            read(sampling, logits, native_vocabulary),
            *by_hand.chain(sampling, logits, history=HISTORY, hidden=CONTROL),
        )


@pytest.mark.parametrize("history", [[], [1], [2, 7]])
def test_where_nothing_was_seen_yet_nothing_is_weakened(history: list[int], native_vocabulary: Any) -> None:
    """Nor where only masked tokens were."""
    sampling, logits = Sampling(repeat_penalty=1.5, dry_multiplier=1.0), logits_of(396)
    check(read(sampling, logits, native_vocabulary, history), *by_hand.chain(Sampling(), logits, hidden=CONTROL))


def test_dry_stops_at_a_breaker(native_vocabulary: Any) -> None:
    newline = 5 + ord("\n")  # the tiny llama's byte token, behind <unk> <s> </s> <extra> <unused0>
    history = [50, 60, newline, 70, 80, 50, 60, newline, 70]
    sampling, logits = Sampling(dry_multiplier=1.0, dry_allowed_length=1), logits_of(396)
    limited = by_hand.chain(sampling, logits, history=history, hidden=CONTROL, breakers=[newline])
    unlimited = by_hand.chain(sampling, logits, history=history, hidden=CONTROL)
    check(read(sampling, logits, native_vocabulary, history), *limited)
    assert not np.allclose(limited[0], unlimited[0], atol=1e-3)


def test_a_passage_repeated_for_ever_is_weakened_but_not_cut(native_vocabulary: Any) -> None:
    """DRY's penalty is then greater than 32 bits can hold."""
    reading = read(Sampling(dry_multiplier=5.0, dry_base=4.0), logits_of(396), native_vocabulary, [50] * 300)
    found = reading.alternatives
    final = found.final[list(found.ids).index(50)]
    assert math.isfinite(final) and final < -1e6
    assert found.cut[list(found.ids).index(50)] == 0


@pytest.mark.parametrize("size", [40, 396, 5000])
@pytest.mark.parametrize("threshold", [0.0, 0.02, 0.05, 0.1, 0.5])
def test_xtc_strikes_when_its_gate_says_so(threshold: float, size: int, native_vocabulary: Any) -> None:
    """The gate is a draw of its own, and recorded."""
    logits = logits_of(size, 2.5)
    sampling = Sampling(xtc_probability=0.5, xtc_threshold=threshold)
    chain = Chain(sampling, Fixed(size, CONTROL, native_vocabulary), HISTORY, seed=5, take=0)
    outcomes = set[bool]()
    for index in range(12):
        reading = chain.flip(logits, index).reading(size)
        check(reading, *by_hand.chain(sampling, logits, hidden=CONTROL, xtc_strikes=reading.gate < 0.5))
        assert reading.gate != reading.draw
        outcomes.add(reading.gate < 0.5)
    chain.close()
    assert outcomes == {True, False}


def test_xtc_strikes_as_often_as_it_should(native_vocabulary: Any) -> None:
    logits = np.array([3, 3, 0, 0], np.float32)  # where it strikes, the first token is cut
    chain = Chain(Sampling(xtc_probability=0.4), Fixed(4, (), native_vocabulary), [], seed=5, take=0)
    cuts = sum(
        chain.flip(logits, index).reading(4).alternatives.cut.count(1 + STAGES.index("xtc")) for index in range(2000)
    )
    chain.close()
    assert 730 < cuts < 870  # 800, plus or minus three standard deviations


@pytest.mark.parametrize(("probability", "strikes"), [(0.9, False), (1.0, True)])
def test_a_look_shows_xtc_only_where_it_is_sure_to_strike(
    probability: float, strikes: bool, native_vocabulary: Any
) -> None:
    logits = logits_of(396, 2.5)
    sampling = Sampling(xtc_probability=probability)
    chain = Chain(sampling, Fixed(396, CONTROL, native_vocabulary), [], seed=5, take=0)
    found = chain.look(logits).reading(396).alternatives
    chain.close()
    final, cut = by_hand.chain(sampling, logits, hidden=CONTROL, xtc_strikes=strikes)
    assert found.cut == bytes(cut[token] for token in found.ids)
    assert np.allclose(found.final, final[np.asarray(found.ids)], atol=1e-5)


def test_typical_holds_where_probabilities_are_lost_in_32_bits(native_vocabulary: Any) -> None:
    """llama.cpp's own gives NaN there, and cuts in the order of the logits."""
    logits = logits_of(396, 1.0)
    logits[100:200] = -500
    sampling = Sampling(typical=0.5)
    check(read(sampling, logits, native_vocabulary), *by_hand.chain(sampling, logits, hidden=CONTROL))


def test_the_chains_temperature_is_llama_cpps(native_vocabulary: Any) -> None:
    """Temperature is the one stage that the chain works out itself: bit for bit what the native one gives."""
    logits = logits_of(396)
    rows = np.zeros(396, CANDIDATE)
    rows["id"], rows["logit"] = np.arange(396), logits
    native = Native("temperature", lib.llama_sampler_init_temp(0.7))
    native.apply(Candidates(rows))
    native.close()
    assert (rows["logit"] == logits / np.float32(0.7)).all()


def test_the_chains_bias_is_llama_cpps(native_vocabulary: Any) -> None:
    """For random entries, the same token several times among them; a token that -inf bans is not on the strip."""
    numbers = np.random.default_rng(4)
    for seed in range(40):
        logits = logits_of(396, seed=seed)
        tokens = numbers.integers(396, size=20)
        nats = np.where(numbers.random(20) < 0.3, -np.inf, numbers.normal(0, 5, 20)).astype(np.float32)
        entries = tuple(f"id:{token}={value!r}" for token, value in zip(tokens, nats.tolist(), strict=True))
        rows = np.zeros(396, CANDIDATE)
        rows["id"], rows["logit"] = np.arange(396), logits
        pairs = (lib.llama_logit_bias * 20)(*zip(tokens.tolist(), nats.tolist(), strict=True))
        native = Native("bias", lib.llama_sampler_init_logit_bias(396, 20, pairs))
        native.apply(Candidates(rows))
        native.close()
        sampling = Sampling(bias=entries, allow_control=True)
        found = read(sampling, logits, native_vocabulary).alternatives
        shares = np.exp(rows["logit"].astype(np.float64) - rows["logit"].max())
        with np.errstate(divide="ignore"):
            final = np.log(shares / shares.sum())
        assert np.allclose(found.final, final[np.asarray(found.ids)], atol=1e-5)
        banned = {token for token, code in zip(found.ids, found.cut, strict=True) if code}
        assert banned == set(tokens[np.isinf(nats)].tolist())


def test_a_bias_may_name_a_token_by_its_text() -> None:
    """Fixed has a token for each character."""
    sampling, by_id = Sampling(bias=("A=-inf", "==2", "id:67=1")), Sampling(bias=("id:65=-inf", "id:61=2", "id:67=1"))
    logits = logits_of(396)
    assert read(sampling, logits, None).alternatives == read(by_id, logits, None).alternatives
    assert read(sampling, logits, None).alternatives != read(Sampling(), logits, None).alternatives


@pytest.mark.parametrize(
    ("entries", "sentence"),
    [
        (("the=1",), r"^“the” is 3 tokens of this model: only one token"),
        (("id:396=1",), r"^The model has no token 396 to favour or ban: it has 396\.$"),
        (tuple(f"id:{token}=-inf" for token in range(396)), "^Every token that may be drawn is banned"),
        (("A",), "^A bias is TEXT=NUMBER or id:123=NUMBER, not “A”"),
    ],
)
def test_a_bias_that_no_token_can_take_is_refused_with_a_sentence(entries: tuple[str, ...], sentence: str) -> None:
    with pytest.raises(ModelError, match=sentence):
        read(Sampling(bias=entries), logits_of(396), None)


def test_neutral_settings_make_no_stage_and_mirostat_leaves_only_those_against_repetition(
    native_vocabulary: Any,
) -> None:
    every = Sampling(
        repeat_penalty=1.1,
        dry_multiplier=1,
        top_n_sigma=1,
        top_k=9,
        typical=0.9,
        top_p=0.9,
        min_p=0.1,
        xtc_probability=0.5,
    )
    stages = native_stages(every, native_vocabulary)
    assert tuple(stage.name for stage in stages) == STAGES[1:9]
    steered = native_stages(Sampling(mirostat=2, top_k=9, repeat_penalty=1.1), native_vocabulary)
    assert [stage.name for stage in steered] == ["penalties"]
    assert native_stages(Sampling(), native_vocabulary) == []
    for stage in [*stages, *steered]:
        stage.close()
        stage.close()  # twice does nothing


def test_drawn_tokens_count_as_seen(native_vocabulary: Any) -> None:
    logits = logits_of(396)
    sampling = Sampling(frequency_penalty=1.0)
    chain = Chain(sampling, Fixed(396, (), native_vocabulary), [50], seed=0, take=0)
    for token in (60, 60):
        chain.accept(token)
    reading = chain.look(logits).reading(396)
    chain.close()
    final, _ = by_hand.chain(sampling, logits, history=[50, 60, 60])
    assert np.allclose(reading.alternatives.final, final[np.asarray(reading.alternatives.ids)], atol=1e-5)
