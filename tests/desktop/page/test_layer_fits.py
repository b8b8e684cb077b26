"""Which readings of a layer fit some text of a page. tests/desktop/pagefile/test_layer_pruning.py has the walks."""

from dataclasses import replace

import pytest

from desktop.page.layer_fits import TooLongError, fitting_rows
from desktop.page.page import Page
from desktop.page.sources import Source
from models.engine.events import Span
from tests.desktop.page.conftest import MakeSpan

OURS, THEIRS = Source("model A", seed=1), Source("model B", "read")


def read(page: Page, span: MakeSpan, first: int) -> list[int]:
    """A model reads the whole page, unit by unit. Returns the ids of its tokens, which count from `first`."""
    spans = [span(letter, first + place) for place, letter in enumerate(page.text())]
    assert page.layers.add(0, spans, replace(THEIRS, window=first), "B") == len(spans)
    return list(range(first, first + len(spans)))


def ids(page: Page, most: int = 10**6) -> list[int]:
    """Of the tokens that fit. The page is of no use afterwards."""
    ((_, rows),) = fitting_rows(page.contents, most).items()
    return rows["id"].tolist()


def generate(page: Page, *spans: Span) -> None:
    generation = page.begin_generation(OURS)
    generation.append(spans)
    generation.close()


def again(page: Page, *spans: Span) -> None:
    assert page.regenerate(OURS)
    (generation,) = page.generations
    generation.append(spans)
    generation.close()


def test_a_token_that_an_edit_dissolved(page: Page, span: MakeSpan) -> None:
    """An undo brings the token back, and with it the readings behind its first unit."""
    generate(page, span("abcdefghijkl", 1))
    before = read(page, span, 100)
    page.write(11, 0, "x")
    after = read(page, span, 200)
    assert ids(page) == [*before[1:], *after]  # the first unit was read twice: nothing stands before it


def test_branches_inside_a_branch_that_is_hidden(page: Page, span: MakeSpan) -> None:
    page.write(0, 0, "a")
    generate(page, span(" one", 1))
    outer = page.forks()[0]
    again(page, span(" two", 2))
    generate(page, span(" six", 3))
    first = read(page, span, 100)
    again(page, span(" ten", 4))
    second = read(page, span, 200)
    page.switch(outer.id, outer.branches[0].id)
    assert page.text() == "a one"
    third = read(page, span, 300)
    page.contents.undo.clear()  # else its steps show those branches too
    assert ids(page) == [*first[6:], *second[2:], *third]  # of what was read twice, the newest


def test_too_many_states(page: Page, span: MakeSpan) -> None:
    page.write(0, 0, "some text")
    read(page, span, 100)
    with pytest.raises(TooLongError):
        ids(page, 8)
