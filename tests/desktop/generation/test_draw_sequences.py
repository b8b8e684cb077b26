"""The draws of a generation."""

from itertools import count

from desktop.generation.draw_sequences import DrawSequences
from desktop.generation.recipe import Recipe
from desktop.page.sources import Source
from models.engine.requests import Draws

SEEDED, FREE = Recipe(seed=7), Recipe(seed=None)


def make() -> DrawSequences:
    return DrawSequences(count(100).__next__)


def test_a_chosen_seed_gives_the_same_draws_each_time() -> None:
    sequences = make()
    assert sequences.next_sequences(SEEDED, 10) == sequences.next_sequences(SEEDED, 10) == [Draws(7)]


def test_without_a_seed_each_sequence_has_another() -> None:
    sequences = make()
    assert [sequences.next_sequences(FREE, 10)[0].seed for _ in range(3)] == [100, 101, 102]


def test_a_generation_behind_the_last_one_continues_its_draws() -> None:
    sequences = make()
    sequences.ended(Draws(100, 2, 5), 8, FREE, end=40)
    assert sequences.next_sequences(FREE, 40) == [Draws(100, 2, 13)]
    assert sequences.next_sequences(FREE, 41) == [Draws(100)]
    assert sequences.next_sequences(SEEDED, 40) == [Draws(7)]


def test_an_edit_ends_the_sequence() -> None:
    sequences = make()
    sequences.ended(Draws(7), 8, SEEDED, end=40)
    sequences.interrupted()
    assert sequences.next_sequences(SEEDED, 40) == [Draws(7)]


def test_a_take_is_used_once_at_a_fork() -> None:
    sequences = make()
    source = Source("f", seed=7, take=0, first=3)
    takes = [sequences.next_takes(SEEDED, 1, source)[0].take for _ in range(3)]
    assert takes == [1, 2, 3]
    assert sequences.next_takes(SEEDED, 2, source) == [Draws(7, 1, 3)]
    assert sequences.next_takes(SEEDED, 1, Source("f", seed=7, take=9))[0].take == 10


def test_another_seed_begins_at_its_first_draw() -> None:
    sequences = make()
    assert sequences.next_takes(SEEDED, 1, Source("f", seed=8)) == [Draws(7)]
    assert sequences.next_takes(FREE, 1, Source("f", seed=8)) == [Draws(8, 1, 0)]
    assert sequences.next_takes(FREE, 1, None) == [Draws(100)]


def test_several_streams_have_takes_of_their_own_and_the_first_draws_what_one_draws() -> None:
    sequences = make()
    assert sequences.next_sequences(SEEDED, 10, 3) == [Draws(7, take) for take in range(3)]
    sequences.ended(Draws(7, 2, 5), 8, SEEDED, end=40)
    assert sequences.next_sequences(SEEDED, 40, 2) == [Draws(7, 2, 13), Draws(7, 3, 13)]


def test_takes_of_several_streams_are_not_used_again() -> None:
    sequences = make()
    source = Source("f", seed=7, take=0, first=3)
    sequences.taken(1, 7)
    assert sequences.next_takes(SEEDED, 1, source, 2) == [Draws(7, 8, 3), Draws(7, 9, 3)]
    assert sequences.next_takes(SEEDED, 1, source) == [Draws(7, 10, 3)]
