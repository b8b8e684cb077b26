"""From token to token: every stop of a page forth and back, and what is said at each."""

import math
from array import array
from dataclasses import replace

import pytest

from desktop.odds.token_walk import LONGEST_WORD, named, next_stop, previous_stop
from desktop.page.page import Page
from desktop.page.sources import Source
from desktop.page.token_split import TokenSplit
from models.engine.events import Span
from models.sampling.readings import Alternatives, Reading, without_odds
from tests.desktop.page.writing import write_spans

IDS: dict[bytes, int] = {}
NOTHING = Alternatives(array("i"), array("f"), array("f"), b"", ())


def token(data: bytes, rank: int = 3, share: float = 0.041) -> Reading:
    raw = math.log(share)
    return Reading(IDS.setdefault(data, len(IDS)), data, raw, rank, 1.0, raw, 0.5, 0.0, 1.0, NOTHING)


@pytest.fixture
def page() -> Page:
    """“The cat” of the writer, then “ sat”, “ 한” of two tokens and a line feed of a model."""
    page = Page()
    page.write(0, 0, "The cat")
    page.begin_generation(Source("m"))
    write_spans(page, [Span(" sat", (token(b" sat"),)), Span(" 한", (token(b" \xed"), token(b"\x95\x9c", 1, 0.9)))])
    write_spans(page, [Span("\n", (token(b"\n"),))])
    page.end_generation()
    return page


def forth(page: Page, split: TokenSplit) -> list[tuple[int, int]]:
    stops: list[tuple[int, int]] = []
    position = 0
    while stop := next_stop(page, split, position):
        stops.append((stop.start, stop.end))
        position = stop.end
    return stops


def back(page: Page, split: TokenSplit) -> list[tuple[int, int]]:
    stops: list[tuple[int, int]] = []
    position = page.length
    while stop := previous_stop(page, split, position):
        stops.insert(0, (stop.start, stop.end))
        position = stop.end
    return stops


def test_every_token_is_a_stop_and_unread_text_is_walked_in_words(page: Page) -> None:
    stops = [(0, 3), (3, 7), (7, 11), (11, 13), (13, 14)]
    assert forth(page, TokenSplit()) == stops
    assert back(page, TokenSplit()) == stops[:-1]  # one stands at the last one


def test_unread_text_is_walked_in_its_tokens_where_they_are_known(page: Page) -> None:
    split = TokenSplit()
    split.put(3, [Span(" c", (without_odds(1, b" c"),)), Span("at", (without_odds(2, b"at"),))])
    assert forth(page, split) == [(0, 3), (3, 5), (5, 7), (7, 11), (11, 13), (13, 14)]
    assert back(page, split) == forth(page, split)[:-1]
    stop = next_stop(page, split, 3)
    assert stop and stop.spoken == "token “ c”, not read"


def test_inside_a_token_its_end_comes_next_and_its_beginning_before(page: Page) -> None:
    following, before = next_stop(page, TokenSplit(), 9), previous_stop(page, TokenSplit(), 9)
    assert following and before and (following.end, before.end) == (11, 7)


def test_what_is_said(page: Page) -> None:
    said = [stop.spoken for at in (0, 7, 11, 13) if (stop := next_stop(page, TokenSplit(), at))]
    assert said[0] == "“The”, not read"
    assert said[1] == "token “ sat”, 4.1 %, rank 3"
    assert said[2] == "token ␣<0xED>, 4.1 %, rank 3. token <0x95><0x9C>, 90.0 %, rank 1"
    assert said[3] == "token line feed, 4.1 %, rank 3"


def test_what_is_outdated_or_not_known_is_said_so() -> None:
    page = Page()
    page.begin_generation(Source("m"))
    write_spans(page, [Span("a", (replace(token(b"a"), raw=math.nan, rank=0),)), Span("b", (token(b"b"),))])
    page.end_generation()
    stop = next_stop(page, TokenSplit(), 0)
    assert stop and stop.spoken == "token “a”, not known"
    page.write(0, 0, "x")
    stop = next_stop(page, TokenSplit(), 2)
    assert stop and stop.spoken.endswith("rank 3, outdated: earlier text was edited")


def test_the_ends_of_the_page(page: Page) -> None:
    split = TokenSplit()
    assert next_stop(page, split, page.length) is None
    assert previous_stop(page, split, 0) is None and previous_stop(page, split, 3) is None
    assert next_stop(Page(), split, 0) is None and previous_stop(Page(), split, 0) is None


@pytest.mark.parametrize("text", ["x" * 1_000, "🌊" * 200, " " * 300, "a🌊 " * 90, "\n" * 90, "a\ud800b " * 40])
def test_long_text_without_tokens_is_walked_to_its_ends_without_breaking_a_character(text: str) -> None:
    page = Page()
    page.write(0, 0, text)
    stops = forth(page, TokenSplit())
    assert stops[0][0] == 0 and stops[-1][1] == page.length
    assert all(0 < end - start <= LONGEST_WORD + 1 for start, end in stops)
    ends = {end for _, end in [*stops, *back(page, TokenSplit())]}
    assert not any("\udc00" <= page.text(end, end + 1) <= "\udfff" for end in ends)
    assert not back(page, TokenSplit()) or back(page, TokenSplit())[0][0] == 0 or len(text) > LONGEST_WORD


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b" the", "token “ the”"),
        (b" ", "token blank"),
        (b"   ", "token 3 blanks"),
        (b"\n\n", "token 2 line feeds"),
        (b"\t", "token tab"),
        (b"\n ", "token ↵␣"),
        (b"\xe2\x96", "token <0xE2><0x96>"),
        (b"", "token "),
        ("한".encode(), "token “한”"),
        (b"\x1b", "token ␛"),
    ],
)
def test_a_token_is_named_by_its_letters_or_in_words(data: bytes, words: str) -> None:
    assert named(data) == words
