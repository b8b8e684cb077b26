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


def test_arrivals_at_one_instant() -> None:
    speed = Speed()
    speed.add(1.0, 1)
    speed.add(1.0, 1)
    assert speed.value() == 0
