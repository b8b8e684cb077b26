"""Extra flips of the coin at a place: those of its chain and its own draws, and no writing notices them."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from models.engine.events import Ended, Flipped, Looked, Started
from models.engine.prefix import Piece, TextPiece
from models.engine.requests import Flips, Look, Rechain
from models.errors import ModelError
from models.library.load_options import LoadOptions
from models.llamacpp.model import LlamaModel
from models.sampling.chain import Chain
from models.sampling.coin import EXTRA, EXTRA_GATE, extra_draws
from models.sampling.knobs import NEUTRAL, Sampling
from models.sampling.place_state import PlaceState
from models.scripted.model import ScriptedModel
from models.worker.loop import Loop
from tests.models.asking import NO_PATCH, always, as_pieces, looping, opened, write

TEXT = "once upon a time the house"
WILD = Sampling(temperature=2, ignore_eos=True)
XTC = Sampling(temperature=1.5, xtc_probability=0.4, xtc_threshold=0.02)


@pytest.fixture
def model(tiny_llama: Path) -> Iterator[LlamaModel]:
    with opened(tiny_llama, LoadOptions(context=256, threads=1)) as model:
        yield model


def flipped(
    loop: Loop, *pieces: Piece | str, sampling: Sampling = NEUTRAL, first: int = 0, count: int = 1, **others: object
) -> Flipped:
    job = Flips(3, NO_PATCH, sampling, 9, 1, 77, first, count, **others)  # type: ignore[arg-type]
    events = list(loop.flips(job, as_pieces(pieces), 0.0))
    started, found, ended = events[0], events[-2], events[-1]
    assert isinstance(started, Started) and isinstance(found, Flipped) and isinstance(ended, Ended)
    assert ended.reason == "done"
    return found


def counts(found: Flipped) -> Counter[int]:
    return Counter({token: count for token, count in zip(found.ids, found.counts, strict=True) if count})


SAMPLINGS = [NEUTRAL, Sampling(top_k=5), Sampling(repeat_penalty=1.5), Sampling(mirostat=2, mirostat_tau=2), XTC]


@pytest.mark.parametrize("sampling", SAMPLINGS)
def test_they_fall_as_the_chain_says_for_their_draws(model: LlamaModel, sampling: Sampling) -> None:
    with looping(model) as loop:
        found = flipped(loop, TEXT, sampling=sampling, count=300)
        history = model.tokenize(TEXT, True)
        logits = loop.queries.context._logits
        assert logits is not None
        draws = extra_draws(9, 1, 77, 0, 300)
        gates = extra_draws(9, 1, 77, 0, 300, EXTRA_GATE)
        with closing(Chain(sampling, model, history, 0, 0)) as chain:
            results = [chain._apply(logits, gate)[1].strip.pick(u) for u, gate in zip(draws, gates, strict=True)]
        assert counts(found) == Counter(flip.token for flip in results)
        assert (found.last.token, found.last.low, found.last.high) == (
            results[-1].token,
            results[-1].low,
            results[-1].high,
        )
        assert found.last.draw == draws[-1]
        assert found.struck == (int((gates < 0.4).sum()) if sampling is XTC else 0)
        assert math.isnan(found.last.gate) if sampling is not XTC else found.last.gate == gates[-1]


def test_one_after_the_other_they_are_the_flips_of_one_request(model: LlamaModel) -> None:
    with looping(model) as loop:
        together = flipped(loop, TEXT, first=5, count=20)
        single = [flipped(loop, TEXT, first=5 + number) for number in range(20)]
        assert counts(together) == Counter(one.last.token for one in single)
        assert list(together.last.alternatives.ids) == [together.last.token]
        assert together.last == single[-1].last
        assert [one.last.draw for one in single] == extra_draws(9, 1, 77, 5, 20, EXTRA).tolist()


@pytest.mark.parametrize("sampling", [NEUTRAL, XTC])
def test_twenty_thousand_converge_to_the_shares(model: LlamaModel, sampling: Sampling) -> None:
    """Each count within 4.5 standard deviations: once in 150,000 for a normal number."""
    with looping(model) as loop:
        found = flipped(loop, TEXT, sampling=sampling, count=20_000, listed=tuple(range(model.vocabulary)))
    shares, seen = np.asarray(found.shares), np.asarray(found.counts)
    assert shares.sum() == pytest.approx(1, abs=1e-4) and seen.sum() == 20_000
    expected = 20_000 * shares
    common = expected >= 20
    deviations = (seen[common] - expected[common]) / np.sqrt(expected[common] * (1 - shares[common]))
    assert common.sum() > 5 and np.abs(deviations).max() < 4.5


def test_the_shares_are_those_of_a_look(model: LlamaModel) -> None:
    sampling = Sampling(temperature=0.8, top_k=7)
    with looping(model) as loop:
        looked = next(
            event
            for event in loop.look(Look(1, NO_PATCH, sampling, 12), as_pieces([TEXT]), 0.0)
            if isinstance(event, Looked)
        )
        listed = looked.reading.alternatives
        found = flipped(loop, TEXT, sampling=sampling, count=3, listed=tuple(listed.ids))
    shares = dict(zip(found.ids, found.shares, strict=True))
    assert set(listed.ids) <= set(found.ids) and sum(found.counts) == 3
    assert [shares[token] for token in listed.ids] == pytest.approx(np.exp(listed.final).tolist(), abs=1e-6)


@pytest.mark.parametrize("sampling", [NEUTRAL, Sampling(top_k=6), XTC])
def test_the_coin_has_the_odds_that_were_recorded(model: LlamaModel, sampling: Sampling) -> None:
    """Six tokens with odds of their own; all others share the rest as the chain says."""
    recorded = (0.4, 0.2, 0.1, 0.05, 0.0, 0.05)
    with looping(model) as loop:
        free = flipped(loop, TEXT, sampling=sampling, count=10, listed=tuple(range(model.vocabulary)))
        listed = tuple(free.ids[:6])
        found = flipped(
            loop, TEXT, sampling=sampling, count=20_000, listed=listed, recorded=recorded, state=PlaceState(gate=0.9)
        )
    chance = sampling.xtc_probability  # of a flip where XTC applies: those odds were not recorded
    shares = dict(zip(found.ids, found.shares, strict=True))
    rest = [token for token in shares if token not in listed]
    expected = 20_000 * np.array([shares[token] for token in listed])
    seen = np.array([counts(found)[token] for token in listed])
    if not chance:
        assert [shares[token] for token in listed] == pytest.approx(
            recorded if rest else np.array(recorded) / 0.8, abs=1e-6
        )
    assert np.abs(seen - expected).max() < 4.5 * math.sqrt(20_000 * 0.25)
    assert (found.struck > 0) == (chance > 0)


def test_a_token_that_the_chain_hides_keeps_its_recorded_share(model: LlamaModel) -> None:
    """As a control token in the odds of the writer's own text."""
    with looping(model) as loop:
        found = flipped(
            loop, TEXT, sampling=Sampling(bias=("id:7=-inf",)), count=2_000, listed=(7, 9), recorded=(0.3, 0.2)
        )
    assert found.shares[found.ids.index(7)] == pytest.approx(0.3, abs=1e-6)
    assert abs(counts(found)[7] - 600) < 4.5 * math.sqrt(2_000 * 0.3 * 0.7)


def test_the_rest_is_shared_as_the_chain_says(model: LlamaModel) -> None:
    with looping(model) as loop:
        everything = tuple(range(model.vocabulary))
        free = flipped(loop, TEXT, listed=everything)
        now = dict(zip(free.ids, free.shares, strict=True))
        best = max(now, key=now.__getitem__)
        found = flipped(loop, TEXT, count=400, listed=(best,), recorded=(0.5,))
    shares = dict(zip(found.ids, found.shares, strict=True))
    assert shares[best] == pytest.approx(0.5, abs=1e-6)
    others = [token for token in found.ids if token != best]
    assert [shares[token] for token in others] == pytest.approx(
        [now[token] * 0.5 / (1 - now[best]) for token in others], rel=1e-3
    )


def test_where_the_listed_tokens_have_everything_no_other_comes(model: LlamaModel) -> None:
    with looping(model) as loop:
        found = flipped(loop, TEXT, count=500, listed=(7, 9, 11), recorded=(0.3, 0.7, 0.000_001))
    assert set(counts(found)) <= {7, 9, 11} and found.shares[found.ids.index(7)] == pytest.approx(0.3, abs=1e-5)


def test_writing_goes_on_as_without_them_and_looks_stay_kept(model: LlamaModel) -> None:
    with looping(model) as loop:
        wanted = write(loop, TEXT, length=30, sampling=WILD)
    with looping(model) as loop:
        first = write(loop, TEXT, length=12, sampling=WILD)
        looked = list(loop.look(Look(50, NO_PATCH, NEUTRAL, 5), as_pieces([TEXT, first.piece]), 0.0))
        for number in range(40):
            flipped(loop, TEXT, first.piece, first=number, sampling=WILD)
        kept = list(loop.rechain(Rechain(51, 50, NEUTRAL, 5), 0.0))
        rest = write(loop, TEXT, first.piece, length=18, first=12, sampling=WILD)
    assert first.ids + rest.ids == wanted.ids
    assert isinstance(kept[0], Looked) and isinstance(looked[-2], Looked) and kept[0].reading == looked[-2].reading


def test_a_hundred_at_one_place_read_it_once(model: LlamaModel) -> None:
    job = Flips(3, NO_PATCH, NEUTRAL, 1)
    with looping(model) as loop:
        evaluated = [list(loop.flips(job, as_pieces([TEXT]), 0.0))[-1] for _ in range(3)]
    assert [event.evaluated for event in evaluated if isinstance(event, Ended)][1:] == [0, 0]


def test_where_no_token_may_be_drawn_there_is_a_sentence(model: LlamaModel) -> None:
    banned = Sampling(bias=tuple(f"id:{token}=-inf" for token in range(model.vocabulary)))
    with looping(model) as loop, pytest.raises(ModelError):
        flipped(loop, TEXT, sampling=banned)


def test_scripted_odds_flip_too() -> None:
    with looping(ScriptedModel("scripted:", LoadOptions(), always)) as loop:
        found = flipped(loop, TextPiece("The lamp"), count=1_000)
    assert sum(found.counts) == 1_000 and found.last.bytes
