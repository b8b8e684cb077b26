"""The chain against one of llama.cpp's own samplers: both give the same odds for random settings."""

from __future__ import annotations

import ctypes
import math
import random
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest

from models.errors import ModelError
from models.library.model_files import read_whole
from models.llamacpp.binding import lib
from models.llamacpp.samplers import Native
from models.llamacpp.vocabulary import Vocabulary
from models.sampling.chain import Chain
from models.sampling.knobs import Sampling
from models.sampling.stages import CANDIDATE, Logits
from models.worker.grammars import Grammars
from models.worker.language_model import LanguageModel
from models.worker.spelling import Spelling
from tests.models import grammars
from tests.models.fixed import Fixed, logits_of

SIZE = 396  # the tiny llama's vocabulary
HISTORY = [50, 60, 70, 80, 50, 60, 90, 50, 60]
STEPS = 4  # draws of each setting, so that what a sampler remembers counts


def samplers(s: Sampling, vocabulary: Any, hidden: Sequence[int]) -> Iterator[Any]:
    """As common_sampler_init of llama.cpp's common/sampling.cpp makes them, without its own draw. hidden: tokens that
    are banned, too."""
    pairs = [(int(token.removeprefix("id:")), float(nats)) for token, nats in (entry.split("=") for entry in s.bias)]
    pairs += [(token, -math.inf) for token in hidden]
    yield lib.llama_sampler_init_logit_bias(SIZE, len(pairs), (lib.llama_logit_bias * len(pairs))(*pairs))
    penalties = (s.repeat_penalty, s.frequency_penalty, s.presence_penalty)
    yield lib.llama_sampler_init_penalties(SIZE, s.repeat_last_n, *penalties)
    breakers = (ctypes.c_char_p * len(s.dry_breakers))(*(text.encode() for text in s.dry_breakers))
    dry = (s.dry_multiplier, s.dry_base, s.dry_allowed_length, s.dry_last_n)
    yield lib.llama_sampler_init_dry(vocabulary, *dry, breakers, len(s.dry_breakers))
    yield lib.llama_sampler_init_top_n_sigma(s.top_n_sigma or -1.0)
    yield lib.llama_sampler_init_top_k(s.top_k)
    yield lib.llama_sampler_init_typical(s.typical, 0)
    yield lib.llama_sampler_init_top_p(s.top_p, 0)
    yield lib.llama_sampler_init_min_p(s.min_p, 0)
    yield lib.llama_sampler_init_xtc(s.xtc_probability, s.xtc_threshold, 0, 0)
    yield lib.llama_sampler_init_temp_ext(s.temperature, s.temperature_range, s.temperature_exponent)
    if s.adapts:
        yield lib.llama_sampler_init_adaptive_p(s.adaptive_target, s.adaptive_decay, 1)


@contextmanager
def native_chain(s: Sampling, vocabulary: Any, hidden: Sequence[int] = ()) -> Iterator[Any]:
    chain = lib.llama_sampler_chain_init(lib.llama_sampler_chain_default_params())
    for sampler in samplers(s, vocabulary, hidden):
        lib.llama_sampler_chain_add(chain, sampler)
    for token in HISTORY:
        lib.llama_sampler_accept(chain, token)
    yield chain
    lib.llama_sampler_free(chain)


def native_odds(chain: Any, logits: Logits) -> tuple[np.ndarray, int]:
    """Log-probabilities of all tokens, -inf where cut, and the token that was drawn: the likeliest where none was."""
    rows = np.zeros(len(logits), CANDIDATE)
    rows["id"], rows["logit"] = np.arange(len(logits)), logits
    view = lib.llama_token_data_array(ctypes.cast(rows.ctypes.data, lib.llama_token_data_p), len(rows), -1, False)
    lib.llama_sampler_apply(chain, ctypes.byref(view))
    left = np.ctypeslib.as_array(ctypes.cast(view.data, ctypes.POINTER(ctypes.c_uint8)), (view.size * 12,)).view(
        CANDIDATE
    )
    values = np.full(len(logits), -np.inf)
    values[left["id"]] = left["logit"]
    weights = np.exp(values - values.max())
    with np.errstate(divide="ignore"):
        drawn = left["id"][view.selected] if view.selected >= 0 else values.argmax()
        return np.log(weights / weights.sum()), int(drawn)


def setting(numbers: np.random.Generator) -> Sampling:
    """Each sampler is on in about a third of the settings."""

    def maybe(low: float, high: float, off: float) -> float:
        return round(float(numbers.uniform(low, high)), 3) if numbers.random() < 0.35 else off

    tokens, nats = numbers.integers(SIZE, size=5).tolist(), numbers.normal(0, 4, 5).round(2).tolist()
    entries = tuple(f"id:{token}={'-inf' if value < -5 else value}" for token, value in zip(tokens, nats, strict=True))
    sigma = maybe(0.3, 3, 0)
    return Sampling(
        temperature=maybe(0.3, 2, 1) if numbers.random() < 0.9 else 0.0,
        temperature_range=maybe(0, 2, 0),
        temperature_exponent=maybe(0.2, 3, 1),
        top_k=int(maybe(1, 300, 0)),
        top_p=maybe(0.1, 0.95, 1),
        min_p=maybe(0.001, 0.3, 0),
        typical=1.0 if sigma else maybe(0.1, 0.95, 1),  # behind -inf llama.cpp's typical gives NaN
        top_n_sigma=sigma,
        xtc_probability=1.0 if numbers.random() < 0.3 else 0.0,
        xtc_threshold=round(float(numbers.uniform(0.01, 0.3)), 3),
        repeat_penalty=maybe(0.8, 1.6, 1),
        presence_penalty=maybe(-1, 1, 0),
        frequency_penalty=maybe(-1, 1, 0),
        repeat_last_n=int(numbers.integers(1, 12)),
        dry_multiplier=maybe(0.1, 2, 0),
        dry_allowed_length=int(numbers.integers(1, 3)),
        dry_breakers=("\n", "a") if numbers.random() < 0.5 else (),
        adaptive_target=maybe(0, 1, -1),
        adaptive_decay=round(float(numbers.uniform(0, 0.99)), 3),
        bias=entries if numbers.random() < 0.5 else (),
        allow_control=True,
    )


@pytest.mark.parametrize("part", range(10))
def test_the_odds_of_random_settings_are_llama_cpps_own(part: int, native_vocabulary: Any) -> None:
    """300 settings, mixed over all samplers but mirostat (test_mirostat.py), some draws each."""
    numbers = np.random.default_rng(part)
    for number in range(30):
        sampling = setting(numbers)
        if any("-inf" in entry for entry in sampling.bias):
            sampling = replace(sampling, typical=1.0)  # as behind top-n-sigma
        chain = Chain(sampling, Fixed(SIZE, (), native_vocabulary), HISTORY, seed=1, take=0)
        with native_chain(sampling, native_vocabulary) as native:
            for step in range(STEPS):
                logits = logits_of(SIZE, float(numbers.uniform(0.5, 4)), seed=100 * number + step)
                expected, drawn = native_odds(native, logits)
                found = chain.flip(logits, step, drawn).reading(SIZE).alternatives
                final = np.full(SIZE, np.nan)
                final[np.asarray(found.ids)] = found.final
                assert np.allclose(np.exp(final), np.exp(expected), atol=1e-6), sampling
                assert np.allclose(final, expected, atol=1e-4, rtol=1e-5), sampling
                chain.accept(drawn)
                lib.llama_sampler_accept(native, drawn)
        chain.close()


@pytest.mark.parametrize("size", [396, 262_144])
def test_the_dynamic_temperature_is_llama_cpps(size: int) -> None:
    """Over a whole vocabulary too, where 32-bit sums depend on their order."""
    for seed, (spread, exponent) in enumerate([(0.3, 1.0), (1.0, 1.0), (2.5, 0.4), (6.0, 3.0)]):
        logits = logits_of(size, spread, seed)
        sampling = Sampling(temperature=1.1, temperature_range=0.9, temperature_exponent=exponent, allow_control=True)
        native = Native("temperature", lib.llama_sampler_init_temp_ext(1.1, 0.9, exponent))
        expected, _ = native_odds(native._sampler, logits)
        native.close()
        found = Chain(sampling, Fixed(size), (), seed=1, take=0).look(logits).reading(size).alternatives
        assert np.allclose(found.final, expected[np.asarray(found.ids)], atol=1e-5)


class Spelt(Fixed):
    """Tokens that show as in a real vocabulary, without its control tokens."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        super().__init__(vocabulary.size, vocabulary.control(), vocabulary.pointer)
        self.token_bytes, self.ends_text = vocabulary.token_bytes, vocabulary.ends_text

    def fits(self, before: bytes, token: int) -> bool:
        """Whether the text stays text, which llama.cpp does not check: it also ends inside a character."""
        whole = before == before.decode(errors="ignore").encode()
        return whole if self.ends_text(token) else grammars.is_text(before + self.token_bytes(token))


@contextmanager
def native_grammar(text: str, vocabulary: Any) -> Iterator[Any]:
    """llama.cpp applies it before the chain; the tokens of the prefix are not for it."""
    sampler = lib.llama_sampler_init_grammar(vocabulary, text.encode(), b"root")
    yield sampler
    lib.llama_sampler_free(sampler)


@pytest.mark.parametrize("part", range(5))
def test_the_odds_of_random_settings_with_a_grammar_are_llama_cpps_own(
    part: int, native_vocabulary: Any, tiny_llama: Path
) -> None:
    """150 settings more, each with a random grammar, over the tiny llama's own tokens."""
    numbers, chance, compared = np.random.default_rng(100 + part), random.Random(part), 0
    model = Spelt(Vocabulary(native_vocabulary, read_whole(str(tiny_llama))))
    spelt = cast("LanguageModel", model)
    made = Grammars(spelt, Spelling(spelt), lambda: 0.0)
    for number in range(30):
        rules = grammars.grammar(chance)
        sampling = replace(setting(numbers), typical=1.0, grammar=rules, allow_control=False)
        cursor = made.cursor(sampling, b"")
        chain = Chain(sampling, model, HISTORY, seed=1, take=0, grammar=cursor)
        with (
            native_chain(sampling, native_vocabulary, model.control) as native,
            native_grammar(rules, native_vocabulary) as grammar,
        ):
            text = b""
            for step in range(STEPS):
                logits = logits_of(SIZE, float(numbers.uniform(0.5, 4)), seed=100 * number + step)
                allowed = native_allowed(grammar, logits)
                allowed[[token for token in range(SIZE) if not model.fits(text, token)]] = -np.inf
                if not np.isfinite(allowed[list(set(range(SIZE)) - set(model.control))]).any():
                    with pytest.raises(ModelError, match="grammar allows no token"):
                        chain.flip(logits, step)
                    break
                expected, drawn = native_odds(native, allowed)
                found = chain.flip(logits, step, drawn).reading(SIZE).alternatives
                final = np.full(SIZE, np.nan)
                final[np.asarray(found.ids)] = found.final
                assert np.allclose(np.exp(final), np.exp(expected), atol=1e-6), sampling
                compared += 1
                if model.ends_text(drawn):
                    break
                chain.accept(drawn)
                lib.llama_sampler_accept(native, drawn)
                lib.llama_sampler_accept(grammar, drawn)
                text += model.token_bytes(drawn)
        chain.close()
    assert compared > 60


def native_allowed(grammar: Any, logits: Logits) -> Logits:
    """The logits, -inf where the grammar allows no token."""
    rows = np.zeros(len(logits), CANDIDATE)
    rows["id"], rows["logit"] = np.arange(len(logits)), logits
    view = lib.llama_token_data_array(ctypes.cast(rows.ctypes.data, lib.llama_token_data_p), len(rows), -1, False)
    lib.llama_sampler_apply(grammar, ctypes.byref(view))
    return rows["logit"].copy()
