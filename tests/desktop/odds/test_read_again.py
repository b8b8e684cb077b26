"""A probability that differs where it is read again, in words."""

import math
from array import array
from collections.abc import Callable
from dataclasses import replace

import pytest

from desktop.odds.read_again import REASON, ReadTwice, Recorded
from desktop.odds.rows import PROBABILITY, OddsView, view_of_token
from desktop.odds.string_words import view_of
from desktop.page.sources import Source
from models.engine.events import StringOdds
from models.sampling.readings import Reading
from tests.desktop.odds.conftest import Known, on_page

TWICE = ReadTwice(0.197, 0.176, written=True)


def probability(view: OddsView) -> tuple[str, str, str]:
    fact = next(one for one in view.facts if one.label == PROBABILITY)
    return fact.value, fact.note, fact.help


@pytest.mark.parametrize(
    ("first", "again", "differs"),
    [
        (0.197, 0.176, True),
        (0.197, 0.197, False),
        (0.1966, 0.1964, False),  # 19.7 % and 19.6 %, by rounding
        (0.196, 0.1975, True),
        (0.0042, 0.0044, True),
        (0.00421, 0.00425, False),
        (0.000_01, 0.000_09, False),  # both are < 0.01 %
        (math.nan, 0.2, False),
    ],
)
def test_only_what_rounding_does_not_explain_is_said(first: float, again: float, differs: bool) -> None:
    assert ReadTwice(first, again, written=True).differs == differs


def test_the_sentence_names_both_and_the_reason() -> None:
    assert TWICE.help == f"Read again: 17.6 %; when it was written: 19.7 %. {REASON}"
    assert replace(TWICE, written=False).sentence == "Read again: 17.6 %; at first: 19.7 %."


def test_a_token_is_found_among_the_recorded_ones(reading: Callable[..., Reading], story: Known) -> None:
    """Not that of another model, nor where a part of the text was out of the model's sight."""
    found = Recorded(reading(story, 2), Source("model"), written=True)
    now = math.log(0.15)
    for token in (1000, 1001, 1002):
        twice = found.read_again(token, now, "model")
        assert twice is not None and twice.first == pytest.approx(story[token - 1000][1])
    assert found.read_again(1001, math.log(0.17), "model") is None
    assert found.read_again(7, now, "model") is None and found.read_again(-1, now, "model") is None
    assert found.read_again(1001, now, "another") is None
    assert Recorded(found.reading, Source("model", window=3), written=True).read_again(1001, now, "model") is None


@pytest.mark.parametrize(("tried", "note"), [(0, "at first: 19.7 %"), (None, "read again: 17.6 %")])
def test_both_stand_in_one_line_of_the_card(
    reading: Callable[..., Reading], story: Known, tried: int | None, note: str
) -> None:
    one = on_page(reading(story, 1))
    plain = view_of_token([one], "caret", 100, tried)
    view = view_of_token([one], "caret", 100, tried, (0, TWICE))
    assert probability(view) == ("17.0 %", note, TWICE.help) and note in view.spoken()
    assert view.again == TWICE.help and not plain.again and len(view.facts) == len(plain.facts)


def test_of_several_tokens_it_is_about_one(reading: Callable[..., Reading], story: Known) -> None:
    readings = [on_page(reading(story, 1)), on_page(reading(story, 2))]
    view = view_of_token(readings, "caret", 100, again=(1, TWICE))
    assert [part.again for part in view.parts] == ["", TWICE.help]


def test_a_string_has_both_in_its_box() -> None:
    odds = StringOdds("x", array("i", [1]), array("d", [math.log(0.176)]), 3, (b"x",))
    view = view_of(odds, TWICE)
    assert view.chips[0].share == "17.6 % · at first: 19.7 %" and view.again == TWICE.help
    assert TWICE.sentence in view.spoken() and view.whole == view_of(odds).whole and not view_of(odds).again
