"""Layers of readings: one model each, over any text."""

import random
from math import isnan, log

import numpy as np
import pytest

from desktop.page import layer_blocks, layer_table
from desktop.page.edit import Change
from desktop.page.layer_blocks import LAYER_ROW
from desktop.page.layer_table import LayerTable
from desktop.page.page import Page
from desktop.page.sources import Source
from models.engine.events import Span
from tests.desktop.page.conftest import MakeSpan
from tests.desktop.page.writing import write_spans

OURS, THEIRS = Source("model A", seed=1), Source("model B", "read")


@pytest.fixture
def mixed(page: Page, span: MakeSpan) -> Page:
    """The writer's text and generated text."""
    page.write(0, 0, "Once upon")
    page.begin_generation(OURS)
    write_spans(page, [span(" a", 1), span(" time", 2)])
    page.end_generation()
    return page


def test_it_covers_typed_and_generated_text(mixed: Page, span: MakeSpan) -> None:
    heard: list[Change] = []
    mixed.listeners.append(heard.append)
    before = mixed.tokens(0, mixed.length).tolist(), mixed.prefix_hash(mixed.length), mixed.can_undo
    spans = [span("On", 7), span("ce up", 8, 9), span("on a ti", 10), span("me", 11)]
    assert mixed.layers.add(0, spans, THEIRS, "B") == 5
    assert before == (mixed.tokens(0, mixed.length).tolist(), mixed.prefix_hash(mixed.length), mixed.can_undo)
    assert heard == [Change(0, 0, 0, "read")]
    assert [(layer.fingerprint, layer.name, len(layer.table)) for layer in mixed.layers] == [("model B", "B", 5)]
    one, two = mixed.layers.readings_at(4, "model B")
    assert (one.start, one.length, one.text, two.part, two.parts) == (2, 5, "ce up", 1, 2)
    assert one.reading.bytes == b"c" and two.reading.alternatives.ids.tolist() == [1_009, 9, 2_009]
    assert isnan(one.reading.draw) and one.source == THEIRS
    assert not mixed.layers.readings_at(4, "model A")
    bits = -mixed.layers.rows("model B", 2, 8)["raw"].sum() / log(2)
    assert bits == pytest.approx(3 * 1.5 / log(2))


def test_what_is_known_is_not_added_again(mixed: Page, span: MakeSpan) -> None:
    spans = [span("Once", 7), span(" upon", 8)]
    assert mixed.layers.add(0, spans, THEIRS, "B") == 2
    kept = len(mixed.alternatives)
    assert mixed.layers.add(0, spans, THEIRS, "B") == 0 and len(mixed.alternatives) == kept
    assert mixed.layers.add(0, spans, Source("model B", "read", window=3), "B") == 2


def test_text_that_is_another_now_gets_nothing(mixed: Page, span: MakeSpan) -> None:
    spans = [span("Once", 7), span(" UPON", 8), span(" a", 9), Span("x", ()), span(" far", 10)]
    assert mixed.layers.add(0, spans, THEIRS, "B") == 2
    assert mixed.layers.rows("model B", 0, 99)["id"].tolist() == [7, 9]


def test_newer_readings_hide_what_they_overlap(page: Page, span: MakeSpan) -> None:
    page.write(0, 0, "hello there")
    page.layers.add(0, [span("hel", 1), span("lo", 2), span(" there", 3)], THEIRS, "B")
    page.layers.add(0, [span("hello", 4)], THEIRS, "B")
    assert page.layers.rows("model B", 0, 99)["id"].tolist() == [4, 3]
    page.write(3, 2, "p")
    assert page.layers.rows("model B", 0, 99)["id"].tolist() == [1]


def test_a_layer_is_removed(mixed: Page, span: MakeSpan) -> None:
    mixed.layers.add(0, [span("Once", 7)], THEIRS, "B")
    mixed.layers.remove("model B")
    mixed.layers.remove("model B")
    assert not len(mixed.layers) and not len(mixed.layers.rows("model B", 0, 9))


def test_rows_that_are_no_runs_are_never_found() -> None:
    """Those of a damaged file."""
    chance = random.Random(1)
    for _ in range(300):
        rows = np.zeros(12, LAYER_ROW)
        for name in ("parts", "part", "length"):
            rows[name] = [chance.choice((0, 0, 1, 1, 2, 3)) for _ in rows]
        table = LayerTable()
        table.add(rows)
        found = table.find(np.zeros(20, np.uint64), bytes(80), 0)
        assert len(table) == 12 and not len(found)  # no text has the hash 0


def test_tables_of_many_blocks(monkeypatch: pytest.MonkeyPatch, page: Page, span: MakeSpan) -> None:
    monkeypatch.setattr(layer_blocks, "BLOCK", 5)
    monkeypatch.setattr(layer_table, "_FRESH", 2)
    text = "".join(chr(97 + i % 26) for i in range(60))
    page.write(0, 0, text)
    for start in range(0, 60, 4):
        assert page.layers.add(start, [span(text[start : start + 2], start, 100 + start)], THEIRS, "B") == 2
    found = page.layers.rows("model B", 0, 60)
    assert found["id"].tolist() == [one for start in range(0, 60, 4) for one in (start, 100 + start)]
    (layer,) = page.layers
    parts = [part() if callable(part) else part for part in layer.table.parts(3, 28)]
    assert sum(map(len, parts)) == 25
