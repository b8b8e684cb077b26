"""The odds of a string in words."""

import math
from array import array

import pytest

from desktop.odds.rows import EVERYTHING_ELSE, Segment
from desktop.odds.string_words import Asked, Chip, StringView, other_spacing, places, view_of
from models.engine.events import StringOdds


def odds(*shares: float, begins: float = math.nan, rank: int = 3) -> StringOdds:
    raw = array("d", [math.log(share) if share else -math.inf for share in shares])
    texts = tuple(f" {number}".encode() for number in range(len(shares)))
    return StringOdds("x", array("i", range(len(shares))), raw, rank, texts, begins)


def test_the_whole_is_the_product_of_its_tokens() -> None:
    view = view_of(odds(0.5, 0.1, 0.2))
    assert view == StringView(
        (Chip("␣0", "50.0 %"), Chip("␣1", "10.0 %"), Chip("␣2", "20.0 %")),
        "1.0 % · 1 in 100 · 6.64 bits · first token rank 3",
        "",
        view.asked,
    )
    assert view.asked is not None and view.asked == pytest.approx((0, 0.02))


@pytest.mark.parametrize(
    ("begins", "words"),
    [
        (math.log(0.05), "One token that begins with this: 5.0 % · 1 in 20"),
        (math.log(0.5), "One token that begins with this: 50.0 %"),
        (-math.inf, "No token begins with this."),
        (math.nan, ""),
    ],
)
def test_one_token_that_begins_with_it(begins: float, words: str) -> None:
    assert view_of(odds(0.5, begins=begins)).begins == words


def test_impossible_and_unknown_odds_are_words() -> None:
    assert view_of(odds(0.5, 0.0)).whole == "0 % · ∞ · first token rank 3"
    assert "nan" not in view_of(StringOdds("x", array("i", [1]), array("d", [math.nan]), 0, (b"x",))).spoken()


@pytest.mark.parametrize(
    ("text", "other"),
    [
        ("the", " the"),
        (" the", "the"),
        ("  the", ""),
        (" ", ""),
        ("\nthe", ""),
        (" \nthe", ""),
        ("한", " 한"),
        ("", ""),
    ],
)
def test_the_other_spacing(text: str, other: str) -> None:
    assert other_spacing(text) == other


STRIP = (
    Segment(0.0, 0.4, "a", 0, chosen=False, id=7),
    Segment(0.4, 0.5, "b", 1, chosen=True, id=9),
    Segment(0.5, 1.0, "", EVERYTHING_ELSE, chosen=False),
)


def test_a_string_lies_in_the_share_of_its_first_token() -> None:
    assert places((Asked(7, 1.0), Asked(9, 0.5)), STRIP) == (pytest.approx((0.0, 0.4)), pytest.approx((0.4, 0.45)))
    assert places((Asked(8, 1.0), Asked(7, math.nan), Asked(-1, 1.0)), STRIP) == ()
    assert places((Asked(9, 0.0),), STRIP) == ((0.4, 0.4),)
