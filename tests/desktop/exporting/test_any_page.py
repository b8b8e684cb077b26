"""Exports of random pages: no unit of text is lost, every token has its reading."""

import json
import random

import pytest

from desktop.exporting import html, jsonl, text
from desktop.exporting.export_facts import ExportFacts
from desktop.exporting.tokens import Token, parts
from desktop.page import utf16
from desktop.page.page import Page
from desktop.page.token_table import UNREAD
from tests.desktop.exporting.test_html import Reader
from tests.desktop.page.test_page_against_oracle import SOME_TEXTS, PageMachine, walk


def walked(seed: int) -> Page:
    chance, machine = random.Random(seed), PageMachine()
    machine.begin(chance.choice(SOME_TEXTS))
    for _ in range(60):
        walk(machine, chance)
    return machine.page


@pytest.mark.parametrize("seed", range(25))
def test_all_of_the_page_is_in_each(seed: int) -> None:
    page = walked(seed)
    whole, contents = page.text(), page.contents
    exported = list(parts(contents))
    rows = page.tokens(0, page.length)
    read = rows[rows["kind"] != UNREAD]
    tokens = [part for part in exported if isinstance(part, Token)]
    assert "".join(part.text for part in exported) == whole
    assert [token.reading.token for token in tokens] == read["id"].tolist()
    assert [token.stale for token in tokens] == page.stale(read).tolist()
    for token, start in zip(tokens, read["start"].tolist(), strict=True):
        found = next(one for one in page.readings_at(start) if one.reading.token == token.reading.token)
        assert found.reading.alternatives.ids == token.reading.alternatives.ids and found.source == token.source

    assert b"".join(text.blocks(contents)).decode() == utf16.whole(whole)
    records = [json.loads(line) for line in jsonl.lines(contents, ExportFacts())]
    assert utf16.encode("".join(one.get("text", "") for one in records)) == utf16.encode(whole)
    for count in (0, html.ALL_ALTERNATIVES + 1, html.SOME_ALTERNATIVES + 1):
        reader = Reader()
        reader.feed(b"".join(html.blocks(contents, ExportFacts(), count)).decode())
        assert len(reader.text) == len(utf16.whole(whole))
