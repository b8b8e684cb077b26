"""Hits move with the text of the page, or are dropped."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from desktop.finding.hits import Hits
from desktop.finding.matching import Query, find
from desktop.page.edit import Change
from desktop.page.page import Page

CHANGES = st.tuples(st.integers(0, 40), st.integers(0, 6), st.text("ab🌊", max_size=5))


def texts(hits: Hits, page: Page) -> list[str]:
    return [page.text(start, end) for start, end in map(hits.span, range(len(hits)))]


@given(st.text("ab🌊", max_size=40), st.lists(CHANGES, max_size=6))
def test_hits_follow_the_text_through_changes(text: str, changes: list[tuple[int, int, str]]) -> None:
    page = Page()
    page.write(0, 0, text)
    hits = find(Query("ab", match_case=True), text).hits
    page.listeners.append(hits.follow)
    for at, size, new in changes:
        start = min(at, page.length)
        page.write(start, min(size, page.length - start), new)
    assert set(texts(hits, page)) <= {"ab"}
    assert (np.diff(hits.starts) > 0).all()


@given(st.text("ab ", min_size=1, max_size=40), st.data())
def test_those_beside_a_change_and_behind_it_stay(text: str, data: st.DataObject) -> None:
    """Hits that no change touches are none the fewer for it, each with its number."""
    at = data.draw(st.integers(0, len(text)))
    page = Page()
    page.write(0, 0, text)
    hits = find(Query("ab"), text).hits
    untouched = [n for n in range(len(hits)) if not hits.starts[n] < at < hits.ends[n]]
    page.listeners.append(hits.follow)
    page.write(at, 0, "---")
    assert hits.numbers.tolist() == untouched and set(texts(hits, page)) <= {"ab"}


def test_many_changes_at_once() -> None:
    page, text = Page(), "one two one two"
    page.write(0, 0, text)
    hits = find(Query("two"), text).hits
    page.listeners.append(hits.follow)
    page.write_many([(0, 3, "three"), (8, 3, ""), (12, 1, "T")] * 1)
    assert page.text() == "three two  Two" and texts(hits, page) == ["two"]


def test_text_inserted_beside_a_whole_word_drops_the_hit() -> None:
    hits = find(Query("boat", whole_words=True), "boat a boat").hits
    hits.follow(Change(4, 0, 1, "typing"), whole_words=True)
    assert hits.numbers.tolist() == [1] and hits.span(0) == (8, 12)


def test_a_place_moves_along() -> None:
    change = Change(5, 2, 3, "typing")
    assert [change.after(place) for place in (4, 5, 6, 7, 8)] == [4, 5, 5, 8, 9]
    comes = Change(5, 0, 3, "typing")
    assert (comes.after(5), comes.after(5, along=False)) == (8, 5)
