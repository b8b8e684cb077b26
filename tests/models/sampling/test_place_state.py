"""What a reading tells of its place, for each sampler, and what odds that are asked for there tell again."""

import math
from dataclasses import replace

import pytest

from models.sampling.adaptive_p import AdaptiveP
from models.sampling.knobs import NEUTRAL, Sampling
from models.sampling.mirostat import Mirostat
from models.sampling.place_state import PlaceState
from models.sampling.readings import Reading, without_odds


def test_each_sampler_takes_its_own_state() -> None:
    reading = written_by(5.0)
    assert PlaceState.of(reading, Sampling(mirostat=2)) == PlaceState(mu=5.0)
    assert PlaceState.of(reading, Sampling(adaptive_target=0.4)) == PlaceState(adaptive=5.0)
    assert PlaceState.of(reading, NEUTRAL, "ce") == PlaceState(healed="ce")
    told = PlaceState(mu=3.0, gate=0.2).told(reading, Sampling(adaptive_target=0.4))
    assert math.isnan(told.learned) and math.isnan(told.gate)
    told = PlaceState(mu=3.0, gate=0.2).told(reading, Sampling(mirostat=1, xtc_probability=0.3))
    assert (told.learned, told.gate) == (3.0, 0.2)


def written_by(learned: float) -> Reading:
    return replace(without_odds(7, b"x"), learned=learned)


def test_what_goes_with_the_place_stays_with_another_token() -> None:
    reading = replace(written_by(2.5), gate=0.25)
    for other in (reading.before, reading.drawn_again(replace(written_by(9.0), token=8, gate=0.9))):
        assert (other.learned, other.gate) == (2.5, 0.25)


@pytest.mark.parametrize("version", [1, 2])
def test_mirostat_has_learned_nothing_at_its_beginning(version: int) -> None:
    sampling = Sampling(mirostat=version, mirostat_tau=4.0)
    begun, told = Mirostat(sampling, 100), Mirostat(sampling, 100, 3.0)
    assert math.isnan(begun.learned) and told.learned == 3.0
    begun.learn(0.5)
    assert begun.learned == begun.mu != 8.0


def test_adaptive_p_goes_on_from_its_mean() -> None:
    """Whatever its decay is now."""
    sampling = Sampling(adaptive_target=0.4, adaptive_decay=0.5)
    assert math.isnan(AdaptiveP(sampling).learned)
    told = AdaptiveP(replace(sampling, adaptive_decay=0.9), 0.1)
    assert told.learned == pytest.approx(0.1) and told.target == pytest.approx(0.7)
