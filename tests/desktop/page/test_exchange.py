"""Whole chunks leave the page and come back unchanged."""

import random

import pytest

from desktop.page.chunk import Chunk, Unread
from desktop.page.chunks import Chunks, Limits
from desktop.page.edit import Edit
from desktop.page.page import Page
from desktop.page.sources import Source
from desktop.page.token_table import NONE, TokenRows
from desktop.page.utf16 import encode
from tests.desktop.page.conftest import MakeSpan
from tests.desktop.page.test_chunks import Naive, check, row_tuples, some_rows, some_text
from tests.desktop.page.writing import write_spans


def written(page: Page, span: MakeSpan, source: Source, count: int) -> None:
    page.begin_generation(source)
    write_spans(page, [span(" word", token) for token in range(count)])
    page.end_generation()


@pytest.mark.parametrize("seed", range(8))
def test_chunks_come_and_go_as_splices_do(seed: int) -> None:
    chance = random.Random(seed)
    limits = Limits(units=12, tokens=5)
    store, naive = Chunks(limits), Naive()
    for _ in range(80):
        start = chance.randint(0, len(store))
        removed = min(len(store) - start, chance.choice([0, 1, 9, 40]))
        units = encode(some_text(chance, chance.choice([0, 3, 60])))
        rows = some_rows(chance, len(units) // 2)
        come = Chunks(limits)
        come.splice(0, 0, units, rows)
        before = (store.units(0, len(store)), row_tuples(store.rows(0, len(store))))
        gone = store.exchange(start, removed, come)
        naive.splice(start, removed, units, row_tuples(rows))
        check(store, naive, chance)
        assert len(gone[0]) == removed
        if chance.random() < 0.5:  # what lay across an edge comes back with it
            store.exchange(start, len(units) // 2, *gone)
            naive.units, naive.rows = before
            check(store, naive, chance)


def test_undo_hands_chunks_back_that_were_never_read(page: Page, span: MakeSpan, source: Source) -> None:
    """Rows that lie in a file stay there, and hashes need not be made anew."""
    page.write(0, 0, "It was ")
    written(page, span, source, 40)
    chunks = page.contents.path.chunks.parts
    text, inner = page.text(), chunks[2:]
    for chunk in inner:
        chunk.unload(Unread(never_read, chunk.count, chunk.covered, chunk.total))
    for _ in range(2):
        page.undo()
        assert page.text() == "It was "
        page.redo()
        assert page.text() == text and all(map(is_one, page.contents.path.chunks.parts[-len(inner) :], inner))
        assert all(chunk.unread for chunk in inner)


def never_read() -> TokenRows:
    raise AssertionError("rows were not read")


def is_one(one: Chunk, other: Chunk) -> bool:
    return one is other


def test_a_long_selection_gives_way_to_a_key(page: Page, span: MakeSpan, source: Source) -> None:
    written(page, span, source, 40)
    text, rows = page.text(), page.tokens(0, page.length).tolist()
    page.write(7, page.length - 14, "x", joins=True)  # both edges are inside a token
    (inverse,) = page.contents.undo[-1].operations
    assert isinstance(inverse, Edit) and inverse.passage is not None and len(inverse.rows) == 2
    assert page.text() == text[:7] + "x" + text[-7:]
    page.undo()
    assert page.text() == text and page.tokens(0, page.length).tolist() == rows
    page.redo()
    assert page.text() == text[:7] + "x" + text[-7:]


def test_a_long_paste_and_back(page: Page, span: MakeSpan, source: Source) -> None:
    written(page, span, source, 3)
    rows = page.tokens(0, page.length).tolist()
    page.write(2, 10, "😀 pasted " * 30)
    assert page.text() == " w" + "😀 pasted " * 30 + "ord"
    page.undo()
    assert page.tokens(0, page.length).tolist() == rows
    page.redo()
    page.undo()
    assert page.text() == " word word word" and page.tokens(0, page.length).tolist() == rows


def test_forks_in_removed_text_come_back(page: Page, span: MakeSpan, source: Source) -> None:
    page.write(0, 0, "a")
    written(page, span, source, 10)
    written(page, span, source, 10)
    places = [fork.position for fork in page.forks()]
    page.write(0, page.length, "")
    assert [fork.position for fork in page.forks()] == [0, 0]
    page.undo()
    assert [fork.position for fork in page.forks()] == places == [1, 51]


def test_nothing_comes_and_nothing_goes() -> None:
    store = Chunks(Limits(8, 4))
    gone, rows = store.exchange(0, 0, Chunks(Limits(8, 4)))
    assert len(gone) == 0 and rows is NONE and len(store.parts) == 1


def test_twins_part_when_one_of_them_changes() -> None:
    store = Chunks(Limits(40, 40))
    store.splice(0, 0, encode("some text"), some_rows(random.Random(1), 9))
    twin = store.copy(0)
    before = twin.units(0, 9), row_tuples(twin.rows(0, 9))
    for position, removed, text in ((9, 0, "more"), (0, 4, ""), (2, 1, "x")):
        store.splice(position, removed, encode(text))
        assert (twin.units(0, 9), row_tuples(twin.rows(0, 9)), len(twin)) == (*before, 9)
    other = twin.copy(0)
    twin.splice(9, 0, encode("!"))
    assert (other.units(0, 9), row_tuples(other.rows(0, 9)), len(other)) == (*before, 9)


@pytest.mark.parametrize("seed", range(4))
def test_whether_a_range_touches_generated_tokens(seed: int) -> None:
    chance = random.Random(seed)
    store = Chunks(Limits(12, 5))
    store.splice(0, 0, encode("a b c " * 12), some_rows(chance, 72))
    for _ in range(60):
        start, end = sorted((chance.randint(0, 72), chance.randint(0, 72)))
        assert store.generated(start, end) == bool(len(store.touched(start, end)))
        assert store.generated(start, start) == bool(len(store.touched(start, start)))
