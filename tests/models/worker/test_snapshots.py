"""Snapshots of a model that cannot truncate: which are stored within a budget, and which one is restored."""

import numpy as np
import pytest

from models.worker.snapshots import Snapshots, State

CHUNK = 10


def state(size: int = 100) -> State:
    return np.zeros(size, np.uint8)


def holding(*places: int, starting_points: tuple[int, ...] = (), budget: int = 500) -> Snapshots:
    snapshots = Snapshots(budget)
    for place in places:
        snapshots.save(place, state(), starting_point=place in starting_points)
    return snapshots


@pytest.mark.parametrize(
    ("places", "tokens", "nearest"),
    [
        ((), 25, 0),
        ((10, 20), 25, 20),
        ((10, 20), 20, 20),
        ((10, 20), 19, 10),
        ((10, 20), 9, 0),
        ((10, 17), 17, 17),
        ((10, 17), 19, 10),  # less than a chunk is read, and in the canonical layout
        ((10, 25), 29, 25),  # a chunk is saved
        ((25,), 29, 25),
        ((25,), 24, 0),
    ],
)
def test_the_nearest_place(places: tuple[int, ...], tokens: int, nearest: int) -> None:
    assert holding(*places).nearest(tokens, CHUNK) == nearest


def test_old_borders_go_first() -> None:
    assert list(holding(10, 20, 30, 40, 50, 60)) == [20, 30, 40, 50, 60]


def test_starting_points_stay_longer_than_borders() -> None:
    assert list(holding(5, 10, 20, 30, 40, 50, starting_points=(5,))) == [5, 20, 30, 40, 50]


def test_old_starting_points_go_before_new_ones() -> None:
    places = (1, 2, 3, 4, 5, 6)
    assert list(holding(*places, starting_points=places)) == [2, 3, 4, 5, 6]


def test_the_last_used_state_is_new() -> None:
    snapshots = holding(10, 20, 30, 40, 50)
    snapshots.state(10)
    snapshots.save(60, state())
    assert list(snapshots) == [30, 40, 50, 10, 60]


def test_a_border_that_is_a_starting_point_too_stays_one() -> None:
    snapshots = holding(10, starting_points=(10,))
    for place in (10, 20, 30, 40, 50, 60):
        snapshots.save(place, state())
    assert 10 in list(snapshots)


def test_a_state_larger_than_the_budget_is_not_kept() -> None:
    snapshots = holding(10)
    snapshots.save(20, state(501))
    assert list(snapshots) == [10] and snapshots.bytes == 100


def test_states_behind_a_place_are_forgotten() -> None:
    snapshots = holding(10, 20, 30)
    snapshots.truncate(20)
    assert list(snapshots) == [10, 20] and snapshots.bytes == 200
