"""Layers in a page's file."""

import random
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from desktop.page import layer_blocks
from desktop.page.layer_blocks import LayerRows
from desktop.page.page import Page
from desktop.page.sources import Source
from desktop.pagefile import applying, folding
from desktop.pagefile.reader import Reader
from desktop.pagefile.recovery import recover_page
from desktop.pagefile.store import create_page
from desktop.pagefile.values import Facts, View
from tests.desktop.page.test_layers_against_oracle import some_spans
from tests.desktop.page.writing import write_spans
from tests.desktop.pagefile.test_faults import change, forge
from tests.desktop.pagefile.walking import LIMITS, Walk, put_on, reopened, same, shown

TEXT = "a text that is read bit by bit, and once more, and again by another model. "
THEIRS = Source("model C", "read")


@pytest.fixture
def walk(tmp_path: Path) -> Walk:
    """A page with that text, in a file that is open."""
    walk = Walk(tmp_path / "page.inkfall", random.Random(1))
    walk.page.write(0, walk.page.length, TEXT)
    walk.save()
    return walk


def read(walk: Walk, start: int, end: int, source: Source = THEIRS) -> int:
    spans = some_spans(walk.page.text(start, end), walk.chance, 100 * start)
    return walk.page.layers.add(start, spans, source, "C")


def rows_in(path: Path) -> list[tuple[int, int]]:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute("SELECT layer, first FROM readings ORDER BY layer, first").fetchall()


def found(page: Page, model: str = "model C") -> list[int]:
    return page.layers.rows(model, 0, page.length)["id"].tolist()


def test_what_streams_is_written_once(walk: Walk) -> None:
    sizes: list[int] = []
    for start in range(0, 60, 20):
        count = read(walk, start, start + 20)
        walk.take()
        (part,) = walk.waiting[-1].layers
        new = sum(0 if callable(piece) else len(piece) for piece in part.rows)
        assert part.first == sum(sizes) and new == count and part.count == sum(sizes) + count
        assert not walk.waiting[-1].whole_chunks
        sizes.append(count)
        walk.write()
    walk.take()
    assert not walk.waiting[-1].layers
    walk.write()
    walk.store.close()
    assert [first for _, first in rows_in(walk.path)] == [0, sizes[0], sizes[0] + sizes[1]]
    page, _ = reopened(walk.path)
    assert shown(page) == shown(walk.page) and len(found(page)) == sum(sizes)


def test_a_layer_that_is_removed_leaves_the_file(walk: Walk) -> None:
    read(walk, 0, 30)
    read(walk, 0, 30, Source("model D", "read"))
    walk.save()
    walk.page.layers.remove("model C")
    walk.save()
    assert len({layer for layer, _ in rows_in(walk.path)}) == 1
    read(walk, 10, 40)
    walk.save()
    walk.store.close()
    page, _ = reopened(walk.path)
    assert [layer.fingerprint for layer in page.layers] == ["model D", "model C"]
    same(walk.page, page)


def test_large_parts_are_divided(walk: Walk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(applying, "LAYER_PIECE", 7)
    read(walk, 0, len(TEXT))
    walk.save()
    walk.store.close()
    assert len(rows_in(walk.path)) > 3
    page, opened = reopened(walk.path)
    assert found(page) == found(walk.page)
    opened.tracker.forget()
    delta = opened.tracker.take(opened.contents, View(), Facts())
    assert delta is not None and len(delta.layers) == 1
    other = create_page(walk.path.with_name("other.inkfall"))
    other.write([delta])
    other.close()
    assert found(reopened(other.path)[0]) == found(walk.page)


def test_many_pieces_become_few_on_closing(walk: Walk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folding, "MANY", 5)
    monkeypatch.setattr(folding, "LAYER_PIECE", 11)
    for start in range(0, 70, 4):
        read(walk, start, start + 4)
        walk.save()
    before = rows_in(walk.path)
    walk.store.close()
    after = rows_in(walk.path)
    assert len(after) < len(before) / 2 and set(after) < set(before)
    page, opened = reopened(walk.path)
    assert shown(page) == shown(walk.page) and not opened.sentence


@pytest.fixture
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(layer_blocks, "BLOCK", 4)
    monkeypatch.setattr(layer_blocks, "RECENT", 1)


@pytest.mark.usefixtures("small_blocks")
def test_readings_stay_in_the_file_until_they_come_into_view(walk: Walk, monkeypatch: pytest.MonkeyPatch) -> None:
    read(walk, 0, len(TEXT))
    walk.save()
    walk.store.close()
    asked: list[int] = []
    readings = Reader.readings

    def count(self: Reader, fingerprint: str, first: int, count: int) -> LayerRows:
        asked.append(first)
        return readings(self, fingerprint, first, count)

    monkeypatch.setattr(Reader, "readings", count)
    page, _ = reopened(walk.path)
    assert not asked
    middle = len(TEXT) // 2
    expected = walk.page.layers.rows("model C", middle, middle + 1)["id"].tolist()
    assert page.layers.rows("model C", middle, middle + 1)["id"].tolist() == expected
    blocks = -(-len(found(walk.page)) // 4)
    assert 0 < len(set(asked)) < blocks
    assert found(page) == found(walk.page) and len(set(asked)) == blocks


@pytest.mark.usefixtures("small_blocks")
def test_what_is_saved_leaves_memory_and_comes_back(walk: Walk) -> None:
    for start in range(0, 72, 6):
        read(walk, start, start + 6)
        walk.save()
    walk.save()
    (layer,) = walk.page.contents.layers.values()
    assert sum(callable(part) for part in layer.table.parts(0, len(layer.table))) > 3
    walk.store.close()
    page, _ = reopened(walk.path)
    assert found(page) == found(walk.page)
    assert read(walk, 0, 6, Source("model C", "read", window=1)) > 0  # rows that are here, behind those that left
    assert found(walk.page)


@pytest.mark.usefixtures("small_blocks")
def test_readings_are_found_while_the_same_file_gets_the_whole_page_again(walk: Walk) -> None:
    """As when another file could not take it: until the next take the page does not know that it was written."""
    read(walk, 0, len(TEXT))
    walk.save()
    before = found(walk.page)
    walk.tracker.forget()
    read(walk, 0, 10, Source("model D", "read"))
    walk.save()
    walk.tracker.forget()
    walk.page.layers.remove("model D")
    walk.save()
    assert found(walk.page) == before
    walk.store.close()
    assert found(reopened(walk.path)[0]) == before


@pytest.mark.usefixtures("small_blocks")
def test_readings_that_are_lost_later_are_missing_and_reported_once(walk: Walk) -> None:
    read(walk, 0, len(TEXT))
    walk.save()
    walk.store.close()
    page, opened = reopened(walk.path)
    told: list[str] = []
    opened.reader.on_message = told.append
    (first, *_) = rows_in(walk.path)
    change(walk.path, f"UPDATE readings SET rows = x'0102' WHERE first = {first[1]}")
    assert len(found(page)) < len(found(walk.page)) and page.text() == walk.page.text()
    page.layers.readings_at(0, "model C")
    assert len(told) == 1 and "cannot be read" in told[0]


@pytest.mark.usefixtures("small_blocks")
def test_other_rows_in_their_place_are_not_taken_for_them(walk: Walk) -> None:
    """A file whose layer was pruned has other numbers."""
    read(walk, 0, len(TEXT))
    walk.save()
    walk.store.close()
    page, _ = reopened(walk.path)
    forge(walk.path, "UPDATE readings SET first = -1 - first", "UPDATE readings SET first = 3 - first")
    assert found(page) == []


def three_parts(walk: Walk) -> list[list[int]]:
    parts: list[list[int]] = []
    for start in range(0, 60, 20):
        before = found(walk.page)
        read(walk, start, start + 20)
        walk.save()
        parts.append(found(walk.page)[len(before) :])
    walk.store.close()
    return parts


DAMAGES: list[tuple[str, tuple[int, ...]]] = [
    ("UPDATE readings SET rows = x'0102' WHERE first = 0", (1, 2)),
    ("UPDATE readings SET rows = x'0102' WHERE first = (SELECT max(first) FROM readings)", (0, 1)),
    ("DELETE FROM readings WHERE first > 0 AND first < (SELECT max(first) FROM readings)", (0, 2)),
    ("DELETE FROM readings", ()),
    ("UPDATE layers SET rows = rows + 1", (0, 1, 2)),
    ("UPDATE layers SET rows = -1", ()),
    ("UPDATE layers SET rows = 1 << 40", ()),
    ("UPDATE layers SET rows = 1 << 30", ()),
    ("UPDATE layers SET number = -1", ()),
    ("INSERT INTO layers SELECT number + 1, fingerprint, name, rows, 0 FROM layers", (0, 1, 2)),
]


@pytest.mark.parametrize(("damage", "left"), DAMAGES)
@pytest.mark.parametrize("how", [change, forge])
def test_damage_costs_readings_only(walk: Walk, how: Callable[..., None], damage: str, left: tuple[int, ...]) -> None:
    """The page opens, with a sentence; what is read next is kept as ever."""
    parts = three_parts(walk)
    how(walk.path, damage)
    page, opened = reopened(walk.path)
    assert "Some readings in “page.inkfall” cannot be read" in opened.sentence
    expected = [token for part in left for token in parts[part]]
    assert found(page) in (expected, [])  # forged rows may have no right checksum
    assert how is change or found(page) == expected
    assert page.text() == TEXT and page.can_undo
    spans = some_spans(page.text(0, 60), walk.chance, 9_000)
    page.layers.add(0, spans, Source("model C", "read", window=1), "C")
    delta = opened.tracker.take(page.contents, View(), Facts())
    assert opened.store is not None and delta is not None
    opened.store.write([delta])
    opened.store.close()
    again, _ = reopened(walk.path)
    assert found(again) == found(page) and min(found(again)) >= 9_000


@pytest.mark.parametrize("lost", ["", "UPDATE readings SET rows = x'0102' WHERE first = 0", "DELETE FROM forks"])
def test_recovery_brings_layers(walk: Walk, lost: str) -> None:
    walk.page.begin_generation(Source("model A"))
    write_spans(walk.page, [walk.machine.span(" word", (1,), False)])
    walk.page.end_generation()
    walk.save()
    parts = three_parts(walk)
    if lost:
        change(walk.path, lost)
    contents, sentence = recover_page(walk.path, LIMITS)
    page = Page(lambda: 0.0, LIMITS)
    page.put(contents)
    assert found(page) == [token for part in parts[1 if "readings" in lost else 0 :] for token in part]
    if not lost:
        assert sentence == "All of it is recovered."
        same(walk.page, page)


def test_a_layer_is_read_where_nothing_can_be_written(walk: Walk, monkeypatch: pytest.MonkeyPatch) -> None:
    read(walk, 0, 30)
    walk.save()
    walk.store.close()
    monkeypatch.setattr("desktop.pagefile.opening.may_write", lambda _path: False)
    page, opened = reopened(walk.path)
    assert opened.store is None and found(page) == found(walk.page)
    assert found(put_on(opened)) == found(page)
