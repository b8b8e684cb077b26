"""Which coins a generation is flipped with."""

from itertools import count

from desktop.generation.draw_sequences import DrawSequence, DrawSequences
from desktop.generation.recipe import Recipe
from desktop.page.sources import Source

SEEDED, FREE = Recipe(seed=7), Recipe(seed=None)


def make() -> DrawSequences:
    return DrawSequences(count(100).__next__)


def test_a_chosen_seed_begins_the_same_row_each_time() -> None:
    coins = make()
    assert coins.next_sequence(SEEDED, 10) == coins.next_sequence(SEEDED, 10) == DrawSequence(7)


def test_no_seed_is_another_each_time() -> None:
    coins = make()
    assert [coins.next_sequence(FREE, 10).seed for _ in range(3)] == [100, 101, 102]


def test_going_on_where_the_last_one_ended() -> None:
    coins = make()
    coins.ended(DrawSequence(100, 2, 5), 8, FREE, end=40)
    assert coins.next_sequence(FREE, 40) == DrawSequence(100, 2, 13)
    assert coins.next_sequence(FREE, 41) == DrawSequence(100)
    assert coins.next_sequence(SEEDED, 40) == DrawSequence(7)


def test_an_edit_ends_the_row() -> None:
    coins = make()
    coins.ended(DrawSequence(7), 8, SEEDED, end=40)
    coins.interrupted()
    assert coins.next_sequence(SEEDED, 40) == DrawSequence(7)


def test_next_take_never_repeats_one_of_its_fork() -> None:
    coins = make()
    source = Source("f", seed=7, take=0, first=3)
    takes = [coins.next_take(SEEDED, 1, source).take for _ in range(3)]
    assert takes == [1, 2, 3]
    assert coins.next_take(SEEDED, 2, source) == DrawSequence(7, 1, 3)
    assert coins.next_take(SEEDED, 1, Source("f", seed=7, take=9)).take == 10


def test_another_seed_begins_anew() -> None:
    coins = make()
    assert coins.next_take(SEEDED, 1, Source("f", seed=8)) == DrawSequence(7)
    assert coins.next_take(FREE, 1, Source("f", seed=8)) == DrawSequence(8, 1, 0)
    assert coins.next_take(FREE, 1, None) == DrawSequence(100)
