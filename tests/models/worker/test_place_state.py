"""Odds that are asked for again where a generation drew: with the recorded state they are those that it had."""

from __future__ import annotations

import math
from array import array
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from models.engine.events import Distributed, Event, Flipped, Looked
from models.engine.prefix import Piece, TokenPiece
from models.engine.requests import Distribution, Flips, Look, Rechain
from models.library.load_options import LoadOptions
from models.sampling.knobs import NEUTRAL, Sampling
from models.sampling.place_state import FRESH, PlaceState
from models.sampling.readings import Reading
from models.worker.loop import Loop
from tests.models.asking import NO_PATCH, as_pieces, looping, opened, write

TEXT = "once upon a time the house on the river"
STEERED = {
    "mirostat 1": Sampling(mirostat=1, mirostat_tau=3.0, mirostat_eta=0.4, ignore_eos=True),
    "mirostat 2": Sampling(mirostat=2, mirostat_tau=2.0, mirostat_eta=0.4, ignore_eos=True),
    "adaptive-p": Sampling(min_p=0.02, adaptive_target=0.3, adaptive_decay=0.6, ignore_eos=True),
    "xtc": Sampling(xtc_probability=0.5, xtc_threshold=0.02, ignore_eos=True),
    "xtc behind dynamic temperature": Sampling(
        xtc_probability=0.5, xtc_threshold=0.02, temperature_range=0.6, repeat_penalty=1.3, ignore_eos=True
    ),
}


@pytest.fixture(params=STEERED)
def sampling(request: pytest.FixtureRequest) -> Sampling:
    return STEERED[request.param]


@pytest.fixture
def loop(tiny_llama: Path) -> Iterator[Loop]:
    with opened(tiny_llama, LoadOptions(context=256, threads=1)) as model, looping(model) as loop:
        yield loop


def written(loop: Loop, sampling: Sampling) -> tuple[Reading, ...]:
    answer = write(loop, TEXT, length=16, sampling=sampling, top=10)
    return tuple(reading for span in answer.spans for reading in span.readings)


def before(readings: tuple[Reading, ...], count: int) -> tuple[Piece, ...]:
    """The prefix of the token with that number."""
    return (*as_pieces([TEXT]), TokenPiece(array("i", [one.token for one in readings[:count]])))


def only(events: Iterator[Event], kind: type) -> Event:
    return next(event for event in events if isinstance(event, kind))


def looked(loop: Loop, pieces: tuple[Piece, ...], sampling: Sampling, state: PlaceState, token: int) -> Reading:
    event = only(loop.look(Look(1, NO_PATCH, sampling, 10, 0, state, token), pieces, 0.0), Looked)
    assert isinstance(event, Looked)
    return event.reading


def same(one: Reading, other: Reading) -> bool:
    """Whether the same alternatives were cut and the others are as likely: the text was read in other batches."""
    ones = zip(one.alternatives.ids, one.alternatives.cut, np.exp(one.alternatives.final), strict=True)
    found = {token: (cut, share) for token, cut, share in ones}
    others = zip(other.alternatives.ids, other.alternatives.cut, np.exp(other.alternatives.final), strict=True)
    pairs = [(found[token], (cut, share)) for token, cut, share in others if token in found]
    return len(pairs) >= 8 and all(a[0] == b[0] and abs(a[1] - b[1]) < 1e-3 for a, b in pairs)


def test_looks_and_other_chains_are_the_engine_s_own(loop: Loop, sampling: Sampling) -> None:
    readings, unlike = written(loop, sampling), 0
    for count, reading in enumerate(readings):
        state, pieces = PlaceState.of(reading, sampling), before(readings, count)
        found = looked(loop, pieces, sampling, state, reading.token)
        assert same(reading, found) and found.final == pytest.approx(reading.final, abs=0.01)
        assert PlaceState.of(found, sampling) == state  # a token chosen among these odds keeps it
        unlike += not same(reading, looked(loop, pieces, sampling, FRESH, reading.token))
        looked(loop, pieces, NEUTRAL, FRESH, reading.token)
        again = only(loop.rechain(Rechain(2, 1, sampling, 10, state, reading.token), 0.0), Looked)
        assert isinstance(again, Looked) and same(reading, again.reading)
    assert unlike > 2  # the state matters


def test_the_list_of_all_tokens_is_the_engine_s_own(loop: Loop, sampling: Sampling) -> None:
    readings = written(loop, sampling)
    for count, reading in enumerate(readings[:8]):
        job = Distribution(3, NO_PATCH, sampling, texts=10, state=PlaceState.of(reading, sampling))
        event = only(loop.distribution(job, before(readings, count), 0.0), Distributed)
        assert isinstance(event, Distributed)
        final, cut = dict(zip(event.ids, event.final, strict=True)), dict(zip(event.ids, event.cut, strict=True))
        recorded = reading.alternatives
        assert [cut[token] for token in recorded.ids] == list(recorded.cut)
        assert np.exp([final[token] for token in recorded.ids]) == pytest.approx(np.exp(recorded.final), abs=1e-3)


def test_the_first_token_of_a_generation_has_learned_nothing(loop: Loop, sampling: Sampling) -> None:
    readings = written(loop, sampling)
    steered = sampling.mirostat or sampling.adapts
    assert math.isnan(readings[0].learned)
    assert all(math.isfinite(reading.learned) == bool(steered) for reading in readings[1:])
    assert all(math.isfinite(reading.gate) == (sampling.xtc_probability > 0) for reading in readings)


def test_flips_take_the_side_of_the_gate_that_was_recorded(loop: Loop) -> None:
    """With a gate of 0 the recorded odds are those where XTC applied."""
    sampling = STEERED["xtc"]
    readings = written(loop, sampling)
    count, struck = next((n, one) for n, one in enumerate(readings) if one.gate < 0.5)
    listed, final = tuple(struck.alternatives.ids), np.exp(struck.alternatives.final)
    assert (final == 0).any()
    for reading in (struck, struck.instead(int(np.argmax(final)))):  # as drawn, and with another one in its place
        job = Flips(
            4,
            NO_PATCH,
            sampling,
            9,
            count=4_000,
            listed=listed,
            recorded=tuple(final),
            state=PlaceState.of(reading, sampling),
        )
        event = only(loop.flips(job, before(readings, count), 0.0), Flipped)
        assert isinstance(event, Flipped)
        shares = dict(zip(event.ids, event.shares, strict=True))
        calm = looked(loop, before(readings, count), replace(sampling, xtc_probability=0), FRESH, -1)
        free = dict(zip(calm.alternatives.ids, np.exp(calm.alternatives.final), strict=True))
        for token, share in zip(listed, final, strict=True):
            if token in free:
                assert shares[token] == pytest.approx(0.5 * share + 0.5 * free[token], abs=2e-3)
