"""Pages whose readings lack fields, in every kind of export."""

import json
import math
import re
from collections.abc import Sequence
from typing import Any

import pytest

from desktop.exporting import heat, html, text
from desktop.exporting.export_facts import ExportFacts
from desktop.exporting.jsonl import lines
from desktop.page.measures import MEASURES
from desktop.page.page import Page
from models.engine.events import Span
from models.sampling.readings import Reading
from tests.desktop.absent import ALL, CASES, SERVED, title, without
from tests.desktop.exporting.spans import reading_of, written
from tests.desktop.exporting.test_html import read as read_html

Names = Sequence[str]
WORDS = ("there", " was", " an", " old", " 🎉")
ABOUT = ExportFacts("T", "gemma")
NULL = {  # the fields that are null, by what is absent
    "id": {"id"},
    "raw": {"logprob"},
    "rank": {"rank"},
    "entropy": {"entropy"},
    "final": {"final"},
    "draw": {"draw"},
    "low": {"low"},
    "high": {"high"},
    "effect": {"chain"},
}


def reading(word: str, names: Names, token: int) -> Reading:
    return without(reading_of(word.encode(), token, -7.0), names)


def page_without(names: Names) -> Page:
    page = Page()
    page.write(0, 0, "Once ")
    written(page, [Span(word, (reading(word, names, 10 + place),)) for place, word in enumerate(WORDS)])
    return page


def records(page: Page) -> list[dict[str, Any]]:
    def refuse(word: str) -> None:
        raise AssertionError(word)

    return [json.loads(line, parse_constant=refuse) for line in lines(page.contents, ABOUT)]


@pytest.mark.parametrize("names", CASES, ids=title)
def test_lines_of_json_have_null_for_exactly_what_is_absent(names: Names) -> None:
    found = records(page_without(names))
    tokens = [record for record in found if record["type"] == "token"]
    assert "".join(record.get("text", "") for record in found) == "Once " + "".join(WORDS)
    expected = set[str]().union(*(NULL.get(name, set()) for name in names))
    for token in tokens:
        assert {name for name, value in token.items() if value is None} == expected
        assert (token["top"] == []) == ("alternatives" in names)
        for one in token["top"]:
            assert (one["id"] is None) == ("alternatives' ids" in names)
            assert (one["logprob"] is None) == ("alternatives' raw" in names)
            assert one["text"]


@pytest.mark.parametrize("names", CASES, ids=title)
def test_html_is_whole_and_has_null_for_what_is_absent(names: Names) -> None:
    written_out, reader = read_html(page_without(names))
    assert reader.text == "Once " + "".join(WORDS)
    assert not re.search(r"\bNaN\b|\bnan\b|Infinity", written_out)
    readings = [run[0] for group in reader.data for run in json.loads(group)]
    assert len(readings) == len(WORDS)
    for spelt, raw, rank, entropy, final, _stale, others in readings:
        assert spelt in WORDS
        assert (raw is None) == ("raw" in names) and (rank is None) == ("rank" in names)
        assert (entropy is None) == ("entropy" in names) and (final is None) == ("final" in names)
        listed = "alternatives" not in names and "chosen alternative" not in names
        assert sum(other[4] for other in others) == listed
        assert all(other[0] for other in others)


@pytest.mark.parametrize("names", CASES, ids=title)
def test_a_token_without_odds_has_no_colour(names: Names) -> None:
    page = page_without(names)
    _, reader = read_html(page)
    assert all(bool(re.search(r"h\d", one)) == ("raw" not in names) for one in reader.classes)
    assert bool(heat.tints(page, MEASURES["surprisal"])(0, page.length)) == ("raw" not in names)


def test_one_token_without_odds_takes_no_colour_from_the_others() -> None:
    page = Page()
    written(page, [Span(word, (reading(word, ("raw",) if word == " an" else (), 3),)) for word in WORDS])
    _, reader = read_html(page)
    assert [bool(re.search(r"h\d", one)) for one in reader.classes] == [True, True, False, True, True]
    assert len(heat.tints(page, MEASURES["surprisal"])(0, page.length)) == 4


def test_a_token_that_was_cut_is_told_from_one_that_is_not_known() -> None:
    """In HTML, where a share of 0 is shown as 0 %."""
    page = Page()
    cut = reading_of(b"x", 4, -math.inf)
    written(page, [Span("x", (cut,)), Span("y", (reading("y", ("raw", "final"), 5),))])
    _, reader = read_html(page)
    (first,), (second,) = [run for group in reader.data for run in json.loads(group)]
    assert math.exp(first[1]) == 0.0 == math.exp(first[4]) and second[1] is second[4] is None


@pytest.mark.parametrize("names", [SERVED, ALL], ids=title)
def test_text_and_long_pages(names: Names) -> None:
    page = page_without(names)
    assert b"".join(text.blocks(page.contents)).decode() == page.text()
    _, reader = read_html(page, html.SOME_ALTERNATIVES + 1)
    assert reader.text == page.text()
