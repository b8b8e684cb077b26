"""Tokens as lines of text: id, bytes, rank and probability, as far as they are known."""

import math
from array import array

import pytest

from desktop.odds import token_lines
from desktop.odds.token_lines import line_of, lines
from desktop.page.page import Page
from desktop.page.sources import Source
from desktop.page.token_split import TokenSplit
from models.engine.events import Span
from models.sampling.readings import UNKNOWN_ID, Alternatives, Reading, without_odds
from tests.desktop.page.writing import write_spans

NOTHING = Alternatives(array("i"), array("f"), array("f"), b"", ())


def token(number: int, data: bytes, rank: int = 3, share: float = 0.041) -> Reading:
    raw = math.log(share)
    return Reading(number, data, raw, rank, 1.0, raw, 0.5, 0.0, 1.0, NOTHING)


def test_a_line_says_what_is_known() -> None:
    assert line_of(860, b" the", 3, math.log(0.041)) == "id 860 · bytes 20 74 68 65 · rank 3 · 4.1 %"
    assert line_of(860, b" the") == "id 860 · bytes 20 74 68 65"
    assert line_of(UNKNOWN_ID, b"a", 1_275, -math.inf) == "id not known · bytes 61 · rank 1,275 · 0 %"


def test_every_token_that_reaches_into_the_range_has_a_line() -> None:
    page = Page()
    page.begin_generation(Source("m"))
    write_spans(page, [Span("The", (token(1, b"The"),)), Span(" 한", (token(2, b" \xed"), token(3, b"\x95\x9c")))])
    write_spans(page, [Span(" end", (token(4, b" end", 1),)), Span("\n", (token(5, b"\n"),))])
    page.end_generation()
    ids = [line.split(" · ")[0] for line in lines(page, TokenSplit(), 2, 6)]
    assert ids == ["id 1", "id 2", "id 3", "id 4"]
    assert lines(page, TokenSplit(), 4, 4) == [] == lines(page, TokenSplit(), 10, 20)
    assert lines(page, TokenSplit(), 9, 10)[0].startswith("id 5 · bytes 0a · rank 3")


def test_tokens_without_odds_stand_among_the_others_in_the_order_of_the_text() -> None:
    page, split = Page(), TokenSplit()
    page.write(0, 0, "My ")
    page.begin_generation(Source("m"))
    write_spans(page, [Span("cat", (token(7, b"cat"),))])
    page.end_generation()
    page.write(6, 0, " sat")
    split.put(0, [Span("My", (without_odds(8, b"My"),)), Span(" ", (without_odds(9, b" "),))])
    split.put(3, [Span("cat", (without_odds(7, b"cat"),)), Span(" sat", (without_odds(10, b" sat"),))])
    assert lines(page, split, 0, 10) == [
        "id 8 · bytes 4d 79",
        "id 9 · bytes 20",
        "id 7 · bytes 63 61 74 · rank 3 · 4.1 %",
        "id 10 · bytes 20 73 61 74",
    ]


def test_a_very_long_token_is_cut() -> None:
    assert len(line_of(1, b"x" * 5_000)) < 220


def test_of_very_many_tokens_only_one_more_than_is_copied_is_made(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(token_lines, "MOST", 10)
    page = Page()
    page.begin_generation(Source("m"))
    write_spans(page, [Span("a", (token(1, b"a"),))] * 50)
    page.end_generation()
    assert len(lines(page, TokenSplit(), 0, 50)) == 11
    assert len(lines(page, TokenSplit(), 0, 10)) == 10
