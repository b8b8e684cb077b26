"""Many changes in one step, compared with one by one."""

import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desktop.page import utf16
from desktop.page.chunks import Limits
from desktop.page.contents import written
from desktop.page.edit import Change
from desktop.page.offset_map import OffsetMap
from desktop.page.page import Page
from desktop.page.sources import Source
from tests.desktop.page.conftest import MakeSpan
from tests.desktop.page.writing import write_spans

TEXT = "one 🌊 two three four five"


@st.composite
def changes(draw: Any) -> list[tuple[int, int, str]]:
    edges = sorted(draw(st.lists(st.integers(0, utf16.length(TEXT)), min_size=2, max_size=8)))
    pairs = list(zip(edges[::2], edges[1::2], strict=False))
    return [(start, end - start, draw(st.text("xy🌊", max_size=3))) for start, end in pairs]


@given(changes())
@settings(deadline=None)
def test_many_are_as_one_by_one_from_the_end(many: list[tuple[int, int, str]]) -> None:
    page, oracle = Page(), Page()
    for one in (page, oracle):
        one.put(written(TEXT, Limits()))
    page.write_many(many)
    for start, removed, text in reversed(many):
        oracle.write(start, removed, text)
    assert page.text() == oracle.text()
    if page.can_undo:
        page.undo()
        assert page.text() == TEXT
        assert not page.can_undo
        page.redo()
        assert page.text() == oracle.text()


@pytest.mark.parametrize("many", [[(3, 2, "a"), (4, 1, "b")], [(0, 99, "")], [(-1, 1, "")]])
def test_overlapping_or_outside_edits_raise(many: list[tuple[int, int, str]]) -> None:
    page = Page()
    page.put(written(TEXT, Limits()))
    with pytest.raises(IndexError):
        page.write_many(many)
    assert page.text() == TEXT


WORDS = (" one", " two,", "🌊", " three", "\n", " 한")


def state_of(page: Page) -> tuple[object, ...]:
    rows = page.tokens(0, page.length)
    forks = [(fork.id, fork.position) for fork in page.forks()]
    return page.text(), rows.tolist(), page.stale(rows).tolist(), forks


def generated(span: MakeSpan, source: Source) -> Page:
    """A page of very small chunks: words of the writer's, tokens, forks between them."""
    page = Page(lambda: 0.0, Limits(units=16, tokens=6))
    page.put(written(TEXT, Limits(units=16, tokens=6)))
    for round_ in range(3):
        page.begin_generation(source, at=page.length - 5 * round_)
        write_spans(page, [span(word, token) for token, word in enumerate(WORDS * 4)])
    page.end_generation()
    return page


@pytest.mark.parametrize("seed", range(12))
def test_many_in_one_place_keep_tokens_and_forks_as_one_by_one_does(seed: int, span: MakeSpan, source: Source) -> None:
    chance = random.Random(seed)
    page, oracle = generated(span, source), generated(span, source)
    before = state_of(page)
    places = [page.length]
    page.listeners.append(lambda change: follow(places, change))
    edges = sorted(chance.choices(range(page.length + 1), k=2 * chance.choice([4, 12, 30])))
    pairs = list(zip(edges[::2], edges[1::2], strict=True))
    if chance.random() < 0.6:  # short ones
        pairs = [(start, min(end, start + chance.randint(0, 3))) for start, end in pairs]
    many = [(start, end - start, chance.choice(["", "x", "🌊y", "long " * 9])) for start, end in pairs]
    page.write_many(many)
    for change in reversed(many):
        oracle.write(*change)
    assert state_of(page) == state_of(oracle)
    assert page.contents.undo[-1].kind == "change" and places[0] == page.length
    after = state_of(page)
    for _ in range(2):
        page.undo()
        assert state_of(page) == before
        page.redo()
        assert state_of(page) == after


def follow(places: list[int], change: Change) -> None:
    """Move a position like a caret."""
    for index, place in enumerate(places):
        if change.places is not None:
            places[index] = change.places.after(place)
        elif place >= change.start + change.removed:
            places[index] = place + change.units - change.removed
        else:
            places[index] = min(place, change.start)


def test_a_generation_goes_on_between_the_changes(span: MakeSpan, source: Source) -> None:
    page = Page(lambda: 0.0, Limits(units=16, tokens=6))
    page.put(written("ab ab ab ab ab ab ab ab ab ab ab ab", Limits(units=16, tokens=6)))
    page.begin_generation(source, at=17)
    write_spans(page, [span(" new", 1)])
    page.write_many([(start, 2, "xyz") for start in (0, 3, 6, 9, 12, 15, 22, 25, 28, 31, 34)])
    write_spans(page, [span(" more", 2)])
    page.end_generation()
    assert page.text() == "xyz xyz xyz xyz xyz xyz new more xyz xyz xyz xyz xyz ab"
    page.undo()
    assert page.text() == "ab ab ab ab ab ab new more ab ab ab ab ab ab"
    page.undo()
    assert page.text() == "ab ab ab ab ab ab ab ab ab ab ab ab" and not page.can_undo


def test_places() -> None:
    places = OffsetMap.of([(2, 3, 1), (7, 0, 2), (9, 1, 0)])
    assert [places.after(at) for at in (0, 2, 3, 5, 7, 8, 9, 10, 11)] == [0, 2, 2, 3, 7, 8, 9, 9, 10]
    assert [places.after(at, along=False) for at in (2, 4, 5, 7, 8)] == [2, 2, 3, 5, 8]
    assert [places.touched(*at) for at in ((0, 2), (1, 3), (5, 7), (6, 8), (7, 9), (9, 10), (10, 12))] == [
        False,
        True,
        False,
        True,
        False,
        True,
        False,
    ]


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(0, 3), st.text("ab🌊", max_size=3)), max_size=12))
def test_edits_in_either_order_are_one_change(gaps: list[tuple[int, int, str]]) -> None:
    """Places far apart, and their undo and redo: the changes lead from one text to the other."""
    page, shadow = Page(limits=Limits(16, 8)), [""]

    def hear(change: Change) -> None:
        units = utf16.encode(shadow[0])
        there = utf16.encode(page.text(change.start, change.start + change.units))
        shadow[0] = utf16.decode(units[: 2 * change.start] + there + units[2 * (change.start + change.removed) :])
        if change.places is not None:
            assert change.start <= change.places.starts[0]
            assert change.units - change.removed == change.places.gained[-1]

    page.listeners.append(hear)
    page.write(0, 0, "0123456789" * 40)
    many, end = list[tuple[int, int, str]](), 0
    for gap, removed, text in gaps:
        many.append((end + gap, removed, text))
        end += gap + removed
    page.write_many(many)
    for _ in range(2):
        assert page.text() == shadow[0]
        after = page.text()
        page.undo()
        assert page.text() == shadow[0] == "0123456789" * 40 or not any(r or t for _, r, t in gaps)
        page.redo()
        assert page.text() == shadow[0] == after or not any(r or t for _, r, t in gaps)


@pytest.mark.parametrize("at", [0, 4, len("one two")])
def test_edits_that_only_insert(at: int) -> None:
    page = Page()
    page.put(written("one two", Limits()))
    page.write_many([(at, 0, "x"), (at, 0, "y")])
    assert page.text() == "one two"[:at] + "xy" + "one two"[at:]
    page.undo()
    assert page.text() == "one two"


def test_many_that_were_undone_are_one_branch_when_something_else_is_written(span: MakeSpan, source: Source) -> None:
    page = Page(limits=Limits(units=32, tokens=8))
    page.begin_generation(source)
    for _ in range(60):
        write_spans(page, [span(" one two", 7)])
    page.end_generation()
    before = page.text()
    page.write_many([(start, 3, "six") for start in range(5, page.length, 40)])
    after = page.text()
    page.undo()
    page.write(page.length, 0, "on")
    assert page.text() == before + "on"
    (fork,) = (fork for fork in page.forks() if len(fork.branches) > 1)
    _, kept = fork.branches
    page.switch(fork.id, kept.id)
    assert page.text() == after
