"""A reading with another draw from the same odds."""

import math
from array import array
from dataclasses import replace

import pytest

from models.sampling.readings import LOOK, Alternatives, ChainEffect, Reading

ODDS = Alternatives(
    array("i", [5, 7, 9]), array("f", [-0.5, -1.5, -4.0]), array("f", [-0.4, -1.6, -5.0]), b"\0\0\0", (b"a", b"b", b"c")
)
EFFECT = ChainEffect(40, 0.75, 0.5)
DRAWN = Reading(9, b"c", -4.0, 40, 1.25, -5.0, 0.99, 0.98, 1.0, ODDS, gate=0.75, effect=EFFECT)
ONE = Alternatives(array("i", [7]), array("f", [-1.4]), array("f", [-1.6]), b"\0", (b"b",))
FLIP = Reading(7, b"b", -1.4, 3, 9.9, -1.6, 0.7, 0.6, 0.8, ONE, gate=0.25)


def without_odds(reading: Reading) -> tuple[object, ...]:
    return reading.token, reading.bytes, reading.rank, reading.draw, reading.low, reading.high, reading.gate


@pytest.mark.parametrize("base", [DRAWN, replace(DRAWN, token=LOOK, bytes=b"", rank=0)])
def test_a_listed_token_has_the_recorded_odds(base: Reading) -> None:
    again = base.drawn_again(FLIP)
    assert without_odds(again) == (7, b"b", 2, 0.7, 0.6, 0.8, 0.75)  # the gate is that of the odds
    assert (again.raw, again.entropy) == (ODDS.raw[1], 1.25)
    assert again.alternatives == ODDS and again.chosen == 1 and again.effect == EFFECT


def test_the_token_that_stands_there_keeps_its_rank() -> None:
    again = DRAWN.drawn_again(replace(FLIP, token=9, bytes=b"c"))
    assert (again.rank, again.chosen, again.draw) == (40, 2, 0.7)


def test_another_token_takes_the_place_of_the_last() -> None:
    again = DRAWN.drawn_again(replace(FLIP, token=31, bytes=b"z", rank=77))
    assert without_odds(again) == (31, b"z", 77, 0.7, 0.6, 0.8, 0.75) and again.entropy == 1.25
    assert again.alternatives.ids.tolist() == [5, 7, 31] and again.alternatives.texts == (b"a", b"b", b"z")
    assert again.effect == again.before.effect == EFFECT
    assert again.chosen == 2 and again.alternatives.raw[2] == array("f", [-1.4])[0]
    taken = again.instead(2)
    assert (taken.token, taken.rank) == (31, 77) and math.isnan(taken.draw)


def test_where_no_alternatives_are_known_it_is_the_only_one() -> None:
    nothing = Alternatives(array("i"), array("f"), array("f"), b"", ())
    again = replace(DRAWN, alternatives=nothing).drawn_again(FLIP)
    assert again.alternatives.ids.tolist() == [7] and again.chosen == 0
