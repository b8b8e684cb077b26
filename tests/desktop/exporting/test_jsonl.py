"""Lines of JSON: every reading, the whole text, always valid JSON."""

import base64
import json
import math
from typing import Any

import pytest

from desktop.exporting.export_facts import ExportFacts
from desktop.exporting.jsonl import lines
from desktop.page.chunks import Limits
from desktop.page.page import Page
from desktop.page.sources import Source
from tests.desktop.exporting.spans import reading_of, span_of, written

ABOUT = ExportFacts("A title", "gemma", 1_700_000_000.0, 0.0)


def read(page: Page) -> list[dict[str, Any]]:
    def refuse(word: str) -> None:
        raise AssertionError(word)

    return [json.loads(line, parse_constant=refuse) for line in lines(page.contents, ABOUT)]


def test_all_texts_together_are_the_page(page: Page) -> None:
    records = read(page)
    assert "".join(record.get("text", "") for record in records) == page.text()
    end = records[-1]
    assert end == {"type": "end", "tokens": 6, "characters": len(page.text())}
    assert sum(record["type"] == "token" for record in records) == 6


def test_the_first_line_says_what_the_page_is(page: Page) -> None:
    assert read(page)[0] == {
        "type": "page",
        "format": 1,
        "title": "A title",
        "model": "gemma",
        "created": "2023-11-14T22:13:20+00:00",
        "modified": None,
    }


def test_a_token_has_every_reading_under_the_names_of_complete(page: Page) -> None:
    token = next(record for record in read(page) if record["type"] == "token" and record["kind"] == "generated")
    assert token["id"] == 9 and token["text"] == "there was"
    assert base64.b64decode(token["bytes"]) == b"there was"
    assert (token["logprob"], token["rank"], token["entropy"], token["final"]) == (-1.5, 2, 1.75, -1.5)
    assert (token["draw"], token["low"], token["high"]) == (0.7, 0.625, 0.875)
    assert token["chain"] == {"left": 40, "held": 0.75, "divergence": 0.5}
    assert token["top"][0] == {"id": 1, "text": "first", "logprob": -0.5, "final": pytest.approx(-0.4), "cut": None}
    assert token["top"][2]["final"] is None and token["top"][2]["cut"] == "top-k"
    assert token["stale"] is False


def test_sources_precede_the_tokens_that_name_them(page: Page) -> None:
    records = read(page)
    sources = {record["source"]: place for place, record in enumerate(records) if record["type"] == "source"}
    generated = [record for record in records if record["type"] == "source" and record["kind"] == "generated"]
    assert [one["settings"]["temperature"] for one in generated] == [0.7] and generated[0]["seed"] == 7
    for place, record in enumerate(records):
        assert record["type"] != "token" or sources[record["source"]] < place


def test_a_character_of_several_tokens_belongs_to_the_last(page: Page) -> None:
    tokens = {record["id"]: record for record in read(page) if record["type"] == "token"}
    assert tokens[900]["text"] == "" and tokens[901]["text"] == "🎉"
    assert tokens[901]["logprob"] is None  # JSON has no infinity


def test_edited_text_is_marked_stale(page: Page) -> None:
    page.write(0, 1, "T")
    assert all(record["stale"] for record in read(page) if record["type"] == "token")


def test_who_wrote_text_without_a_reading(page: Page) -> None:
    by = {record["text"]: record["by"] for record in read(page) if record["type"] == "text"}
    assert by["sto"] == "model" and by["& the end"] == "writer"


def test_lone_surrogates_are_escaped() -> None:
    page = Page()
    page.write(0, 0, "half \ud83c of a pair")
    assert read(page)[1]["text"] == "half \ud83c of a pair"


def test_a_pair_of_surrogates_is_not_parted_by_the_edge_of_a_chunk() -> None:
    page = Page(limits=Limits(units=5, tokens=5))
    page.write(0, 0, "🎉" * 50)
    records = read(page)
    assert all("\ud83c" not in record.get("text", "") for record in records)
    assert "".join(record.get("text", "") for record in records) == "🎉" * 50


def test_an_empty_page() -> None:
    assert [record["type"] for record in read(Page())] == ["page", "end"]


def test_readings_that_are_no_numbers() -> None:
    page = Page()
    odd = span_of("x", math.nan)
    written(page, [odd], Source("m"))
    token = next(record for record in read(page) if record["type"] == "token")
    assert token["logprob"] is None
    assert reading_of(b"x").rank == token["rank"]


def test_layers_come_behind_the_text(page: Page) -> None:
    before = read(page)
    theirs = Source("def456", "read")
    at = page.text().index("\N{PARTY POPPER}")
    page.layers.add(at, [span_of("\N{PARTY POPPER}", -2.0), span_of("\x00", -3.0)], theirs, "theirs")
    page.layers.add(0, [span_of("On", -4.0)], theirs, "theirs")
    records = read(page)
    assert records[: len(before) - 1] == before[:-1] and records[-1] == before[-1]
    layer, source, *readings = records[len(before) - 1 : -1]
    assert layer == {"type": "layer", "layer": 0, "fingerprint": "def456", "model": "theirs"}
    assert source["fingerprint"] == "def456" and source["width"] == 0 and source["conditions"]["widths"] == []
    found = [(one["type"], one["start"], one["text"], one["logprob"], one["draw"]) for one in readings]
    assert found == [
        ("reading", 0, "On", -4.0, None),
        ("reading", at, "\N{PARTY POPPER}", -2.0, None),
        ("reading", at + 1, "\x00", -3.0, None),
    ]
