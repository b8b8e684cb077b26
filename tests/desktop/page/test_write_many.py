"""Many places changed in one step, against changing them one by one."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop.page import utf16
from desktop.page.page import Page

TEXT = "one 🌊 two three four five"


@st.composite
def changes(draw: Any) -> list[tuple[int, int, str]]:
    edges = sorted(draw(st.lists(st.integers(0, utf16.length(TEXT)), min_size=2, max_size=8)))
    pairs = list(zip(edges[::2], edges[1::2], strict=False))
    return [(start, end - start, draw(st.text("xy🌊", max_size=3))) for start, end in pairs]


@given(changes())
def test_many_are_as_one_by_one_from_the_end(many: list[tuple[int, int, str]]) -> None:
    page, oracle = Page(), Page()
    for one in (page, oracle):
        one.start_with(TEXT)
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
def test_what_overlaps_or_lies_outside_is_a_mistake(many: list[tuple[int, int, str]]) -> None:
    page = Page()
    page.start_with(TEXT)
    with pytest.raises(IndexError):
        page.write_many(many)
    assert page.text() == TEXT
