"""Other chains over kept logits: the same odds as a fresh look and as what is written, for settings of every kind."""

from __future__ import annotations

import math
import random
from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest

from models.engine.events import Distributed, Ended, Looked
from models.engine.prefix import TextPiece
from models.engine.requests import Distribution, Look, Rechain
from models.library.load_options import LoadOptions
from models.sampling.knobs import LONGEST_WINDOW, NEUTRAL, STAGES, Sampling
from models.sampling.place_state import FRESH, PlaceState
from models.sampling.readings import Reading
from models.worker.loop import Loop
from tests.models.asking import NO_PATCH, looping, opened, write

TEXT = "once upon a time the house on the river the house on the "
PIECES = (TextPiece(TEXT),)
CUTS = ("top_k", "top_p", "min_p", "typical", "top_n_sigma", "xtc_probability")
REPEATS = ("repeat_penalty", "presence_penalty", "frequency_penalty", "dry_multiplier")
OFF = [one.name for one in fields(Sampling) if "low" in one.metadata]


def value(chance: random.Random, name: str) -> float:
    """A value of that knob, often one of its ends."""
    about = next(one for one in fields(Sampling) if one.name == name)
    low, high = about.metadata["low"], about.metadata["high"]
    if isinstance(about.default, int):
        return chance.choice((low, high, chance.randint(low, min(high, 60))))
    return chance.choice((low, high, chance.uniform(low, high), chance.uniform(low, min(high, 1.5))))


def settings(chance: random.Random) -> Sampling:
    """One sampler, some, or all."""
    names = chance.sample(OFF, chance.choice((1, 1, 2, 4, len(OFF))))
    values = {name: value(chance, name) for name in names}
    bias = tuple(f"id:{chance.randrange(3, 300)}={chance.uniform(-9, 9):.2f}" for _ in range(chance.choice((0, 0, 3))))
    return Sampling(**values, bias=bias, allow_control=chance.random() < 0.3)  # type: ignore[arg-type]


def rechained(loop: Loop, sampling: Sampling, token: int = -1, top: int = 500, state: PlaceState = FRESH) -> Reading:
    found, ended = loop.rechain(Rechain(9, 1, sampling, top, state, token), 0.0)
    assert isinstance(found, Looked) and isinstance(ended, Ended) and ended.evaluated == 0
    return found.reading


def test_300_settings_give_the_engine_s_own_odds(tiny_llama: Path) -> None:
    """Against the odds with which a token is really drawn, and a whole distribution that is asked for afresh."""
    chance = random.Random(4)
    with opened(tiny_llama, LoadOptions(context=256, threads=1)) as llama, looping(llama) as loop:
        list(loop.look(Look(1, NO_PATCH, NEUTRAL), PIECES, 0.0))
        for _ in range(300):
            sampling = settings(chance)
            drawn = write(loop, TEXT, length=1, sampling=sampling, top=500).spans[0].readings[0]
            found = rechained(loop, sampling, drawn.token, state=PlaceState.of(drawn, sampling))
            assert found.token == drawn.token and found.final == pytest.approx(drawn.final, abs=1e-5), sampling
            assert found.alternatives == drawn.alternatives, sampling
            assert found.effect == drawn.effect is not None, sampling


def test_the_effect_is_the_formula_s(tiny_llama: Path) -> None:
    """Tokens left, their raw probability, and the Kullback-Leibler divergence in 64 bits over the whole vocabulary."""
    chance, kinds = random.Random(8), set[str]()
    with opened(tiny_llama, LoadOptions(context=256, threads=1)) as llama, looping(llama) as loop:
        for sampling in (NEUTRAL, Sampling(allow_control=True), *(settings(chance) for _ in range(60))):
            events = loop.distribution(Distribution(1, NO_PATCH, sampling), PIECES, 0.0)
            found = next(event for event in events if isinstance(event, Distributed))
            raw, final = np.array(found.raw, np.float64), np.array(found.final, np.float64)
            left = np.array([code == 0 for code in found.cut])
            sure = left & (final > -60)
            divergence = float((np.exp(final[sure]) * (final[sure] - raw[sure])).sum()) / math.log(2)
            assert found.effect is not None and found.effect.left == left.sum()
            assert found.effect.held == pytest.approx(np.exp(raw[left]).sum(), abs=1e-5)
            assert found.effect.divergence == pytest.approx(max(divergence, 0), abs=2e-4)
            assert rechained(loop, sampling).effect == found.effect
            kinds |= {STAGES[code - 1] for code in set(found.cut) - {0}}
            if sampling == Sampling(allow_control=True):
                assert found.effect.left == llama.vocabulary and found.effect.divergence == pytest.approx(0, abs=1e-6)
    assert kinds >= {"control", "top-k", "temperature"}


def test_penalties_look_back_behind_the_context(tiny_llama: Path) -> None:
    """The page may be longer than the context: what is kept reaches as far as a penalty does."""
    text = "river " + " house" * 300
    sampling = Sampling(repeat_penalty=1.8, repeat_last_n=LONGEST_WINDOW)
    with opened(tiny_llama, LoadOptions(context=64, threads=1)) as llama, looping(llama) as loop:
        list(loop.look(Look(1, NO_PATCH, NEUTRAL), (TextPiece(text),), 0.0))
        drawn = write(loop, text, length=1, sampling=sampling, top=500).spans[0].readings[0]
        assert rechained(loop, sampling, drawn.token).alternatives == drawn.alternatives


def test_a_token_that_no_vocabulary_has_is_none(tiny_llama: Path) -> None:
    with opened(tiny_llama, LoadOptions(context=64, threads=1)) as llama, looping(llama) as loop:
        list(loop.look(Look(1, NO_PATCH, NEUTRAL), PIECES, 0.0))
        assert rechained(loop, NEUTRAL, llama.vocabulary + 3).is_look
