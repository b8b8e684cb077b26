"""Totals and bins of surprisal against a naive count over every row, on pages of small chunks that are changed."""

import math
import random
from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np
import pytest

from desktop.page.chunk import Chunk, Unread
from desktop.page.page import Page
from desktop.page.profile import BIN, Total, profile_of, total_of
from desktop.page.sources import Source
from desktop.page.token_table import NONE, UNREAD
from models.engine.events import Span
from tests.desktop.page.writing import write_spans

MakeSpan = Callable[..., Span]


def naive(page: Page, start: int, end: int) -> list[float]:
    """The bits of each token whose run lies in [start, end)."""
    rows = page.tokens(0, page.length)
    inside = [row for row in rows if start <= row["start"] and row["start"] + row["length"] <= end]
    inside = [row for row in inside if row["kind"] != UNREAD]
    return [-float(row["raw"]) / math.log(2) for row in inside if not math.isnan(row["raw"])]


def profile_all(page: Page) -> None:
    for chunk in page.overview.missing():
        chunk.profiled()


def changes(page: Page, span: MakeSpan, source: Source) -> Iterator[None]:
    """Some changes of every kind, at random."""
    chance = random.Random(5)
    for _ in range(60):
        kind, at = chance.choice("wweegugr"), chance.randint(0, page.length)
        if kind == "w":
            page.write(at, 0, "some words"[: chance.randint(1, 10)])
        elif kind == "e":
            page.write(at, min(chance.randint(0, 9), page.length - at), "")
        elif kind == "g":
            page.begin_generation(source, at)
            write_spans(page, [span(" ab", 4), span("한", 1, 2, 3), span("x", cut=True), span(" c", 5)])
            page.end_generation()
        else:
            (page.undo if kind == "u" else page.redo)()
        yield


def test_totals_of_any_stretch_are_those_of_a_naive_count(page: Page, span: MakeSpan, source: Source) -> None:
    chance, seen = random.Random(1), 0
    for _ in changes(page, span, source):
        profile_all(page)
        for start, end in [(0, page.length), *(sorted(chance.choices(range(page.length + 1), k=2)) for _ in range(5))]:
            expected = naive(page, start, end)
            total = page.overview.total(start, end)
            assert total is not None and total.tokens == len(expected)
            assert total.bits == pytest.approx(sum(expected))
            seen += len(expected)
    assert seen > 1_000


@pytest.mark.parametrize("count", [1, 3, 40, 500])
def test_the_parts_along_the_page_have_every_token(page: Page, span: MakeSpan, source: Source, count: int) -> None:
    for _ in changes(page, span, source):
        profile_all(page)
        bits, tokens, _ = page.overview.along(count)
        expected = naive(page, 0, page.length)
        assert len(bits) == len(tokens) == count and tokens.sum() == len(expected)
        assert bits.sum() == pytest.approx(sum(expected))


def test_parts_of_a_stretch(page: Page, span: MakeSpan, source: Source) -> None:
    page.write(0, 0, "w" * (4 * BIN))
    page.begin_generation(source)
    write_spans(page, [span("g" * BIN, 1), span("h" * BIN, 2), span("i" * BIN, 3)])
    profile_all(page)
    _, tokens, _ = page.overview.along(3, 4 * BIN, 7 * BIN)
    assert tokens.tolist() == [1, 1, 1]
    assert page.overview.along(2, 5 * BIN, 7 * BIN)[1].tolist() == [1, 1]
    assert page.overview.along(4, 0, 4 * BIN)[1].tolist() == [0] * 4


def test_a_token_is_in_the_part_where_its_bin_begins(span: MakeSpan, source: Source) -> None:
    page = Page()
    page.write(0, 0, "w" * (10 * BIN))
    page.begin_generation(source)
    write_spans(page, [span("g" * BIN, 1)])
    profile_all(page)
    _, tokens, _ = page.overview.along(11)
    assert tokens.tolist() == [0] * 10 + [1]


def test_a_change_leaves_the_profiles_of_other_chunks(page: Page, span: MakeSpan, source: Source) -> None:
    for _ in changes(page, span, source):
        pass
    page.write(0, 0, "a long text before everything, " * 9)
    profile_all(page)
    assert not page.overview.missing()
    page.write(page.length // 2, 0, "x")
    assert 1 <= len(page.overview.missing()) <= 3
    assert page.overview.total(0, page.length) is None  # unknown, rather than a sum without that chunk
    page.undo()
    profile_all(page)
    assert page.overview.total(0, page.length) is not None


def test_an_empty_page() -> None:
    page = Page()
    profile_all(page)
    assert page.overview.total(0, 0) == Total()
    assert page.overview.along(4)[1].tolist() == [0] * 4


def test_a_profile_outlives_the_rows_in_memory(page: Page, span: MakeSpan, source: Source) -> None:
    page.begin_generation(source)
    write_spans(page, [span("abcd", 1), span("efgh", 2)])
    page.end_generation()
    (chunk,) = page.contents.path.chunks.parts
    rows, profile = chunk.rows.copy(), chunk.profiled()
    chunk.unload(Unread(lambda: rows, len(rows), chunk.covered, chunk.total))
    assert chunk.profile is profile and chunk.unread is not None
    assert page.overview.total(0, page.length) == Total(profile.total.bits, 2) and chunk.unread is not None


@pytest.mark.parametrize("damage", ["short", "outside", "backwards"])
def test_rows_that_are_damaged_in_the_file_count_as_none(
    page: Page, span: MakeSpan, source: Source, damage: str
) -> None:
    page.begin_generation(source)
    write_spans(page, [span("abcd", 1), span("efgh", 2)])
    (chunk,) = page.contents.path.chunks.parts
    rows = chunk.rows.copy()
    if damage == "short":
        rows = rows[:1]
    else:
        rows["start"] = [10**6, 10**6] if damage == "outside" else [4, 0]
    assert len(Unread(lambda: rows, 2, 8, 0).whole(8)) == 0


def test_numbers_that_no_model_gives_are_left_out(page: Page, span: MakeSpan, source: Source) -> None:
    page.begin_generation(source)
    write_spans(page, [span("ab", 1), span("cd", 2), span("ef", 3), span("gh", 4)])
    rows = page.tokens(0, page.length)
    rows["raw"] = [-1.0, math.nan, math.inf, -math.inf]
    stale = np.array([True, True, False, False])
    assert total_of(rows, stale) == Total(math.inf, 2, 1)
    assert total_of(rows[:3], ~stale[:3]) == Total(1 / math.log(2), 1)
    assert profile_of(rows, 8, np.zeros(4, np.uint64)).tokens.tolist() == [2]
    assert total_of(NONE, stale[:0]) == Total()


def test_chunks_have_profiles_of_their_own_length() -> None:
    chunk = Chunk(b"ab" * (3 * BIN + 1))
    assert len(chunk.profiled().bits) == 4
    assert np.array_equal(chunk.profiled().tokens, [0, 0, 0, 0])


def outdated(page: Page, start: int, end: int) -> int:
    """The outdated tokens whose runs lie in [start, end), by a naive count."""
    rows = page.tokens(0, page.length)
    inside = (rows["start"] >= start) & (rows["start"] + rows["length"] <= end)
    return int((page.stale(rows) & inside & ~np.isnan(rows["raw"])).sum())


def test_outdated_tokens_are_those_of_a_naive_count(page: Page, span: MakeSpan, source: Source) -> None:
    chance, seen, current = random.Random(3), 0, 0
    for _ in changes(page, span, source):
        profile_all(page)
        for start, end in [(0, page.length), *(sorted(chance.choices(range(page.length + 1), k=2)) for _ in range(5))]:
            total = page.overview.total(start, end)
            assert total is not None and total.outdated == outdated(page, start, end)
            seen += total.outdated
            current += total.tokens - total.outdated
        _, tokens, stale = page.overview.along(7)
        assert stale.sum() == outdated(page, 0, page.length) and (stale <= tokens).all()
    assert seen > 500 and current > 300


def test_an_edit_makes_what_is_behind_it_outdated_without_its_rows(page: Page, span: MakeSpan, source: Source) -> None:
    page.write(0, 0, "Once upon a time, ")
    page.begin_generation(source)
    write_spans(page, [span(" word", number) for number in range(1, 60)])
    page.end_generation()
    profile_all(page)
    total = page.overview.total(0, page.length)
    assert total is not None and total.tokens and not total.outdated
    chunks = page.contents.path.chunks.parts[1:]
    for chunk in chunks:
        rows = chunk.rows.copy()
        chunk.unload(Unread(lambda rows=rows: rows, len(rows), chunk.covered, chunk.total))
    page.write(3, 1, "E")
    profile_all(page)
    assert page.overview.total(0, page.length) == replace(total, outdated=total.tokens)
    assert (page.overview.along(5)[2] == page.overview.along(5)[1]).all()
    page.undo()
    profile_all(page)
    assert page.overview.total(0, page.length) == total
    assert all(chunk.unread is not None for chunk in chunks)


def test_readings_that_were_outdated_first_are_current_again_after_an_undo(
    page: Page, span: MakeSpan, source: Source
) -> None:
    page.write(0, 0, "Once upon a time, ")
    page.begin_generation(source)
    write_spans(page, [span(" word", number) for number in range(1, 60)])
    page.end_generation()
    page.write(3, 1, "ee")
    profile_all(page)
    total = page.overview.total(0, page.length)
    assert total is not None and total.outdated == total.tokens > 0
    page.undo()
    profile_all(page)
    assert page.overview.total(0, page.length) == replace(total, outdated=0)
    page.redo()
    profile_all(page)
    assert page.overview.total(0, page.length) == total
