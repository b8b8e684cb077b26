"""Tokens per second over the last second."""

import pytest

from desktop.generation.speed import Speed


def test_nothing_is_known_before_two_arrivals() -> None:
    speed = Speed()
    assert speed.value() == 0
    speed.add(0.0, 5)
    assert speed.value() == 0


def test_the_first_arrival_only_starts_the_clock() -> None:
    speed = Speed()
    speed.add(10.0, 100)
    speed.add(10.5, 20)
    assert speed.value() == pytest.approx(40)


def test_old_arrivals_are_forgotten() -> None:
    speed = Speed(window=1.0)
    for tick in range(100):
        speed.add(tick * 0.1, 10 if tick < 50 else 1)
    assert speed.value() == pytest.approx(10)


def test_tokens_that_come_at_once_tell_no_speed() -> None:
    speed = Speed()
    for late in (0.0, 0.0, 0.002, 0.004):  # held back by step mode
        speed.add(1.0 + late, 1)
        assert speed.value() == 0
    speed.add(1.2, 10)
    assert speed.value() == pytest.approx(13 / 0.2)
