"""The columns of the plot: they cover the stretch without gaps, and each has the bits of its tokens."""

import math
import random

import numpy as np
import pytest

from desktop.page.columns import LONG, MANY, columns
from desktop.page.page import Page
from desktop.page.token_table import UNREAD
from models.engine.events import Span
from tests.desktop.editor.harness import SOURCE, span
from tests.desktop.page.writing import write_spans


@pytest.fixture
def page() -> Page:
    """Text of the writer, tokens of a model, one of them of several tokens, and one that a stop string cut."""
    page = Page()
    page.write(0, 0, "nobody read this")
    page.begin_generation(SOURCE)
    write_spans(page, [span(" one", -1.0), span(" two", -2.0), span("한", -0.5), Span(" cut", (), 0, True)])
    page.end_generation()
    page.write(page.length, 0, ", nor that")
    return page


def naive(page: Page, position: int) -> float:
    """The bits of the run that covers a unit; NaN where there is none."""
    rows = page.tokens(position, position + 1)
    rows = rows[rows["kind"] != UNREAD]
    return sum(-float(row["raw"]) / math.log(2) for row in rows) if len(rows) else math.nan


def test_every_unit_is_in_a_column_with_its_bits(page: Page) -> None:
    chance = random.Random(3)
    stretches = [sorted(chance.choices(range(page.length + 1), k=2)) for _ in range(60)]
    for start, end in [(0, page.length), *stretches]:
        found = columns(page, start, end)
        assert found.starts.tolist() == [*([start] if start < end else []), *found.ends.tolist()][: len(found)]
        assert not len(found) or found.ends[-1] == end
        for low, high, bits in zip(found.starts.tolist(), found.ends.tolist(), found.bits.tolist(), strict=True):
            for position in range(low, high):
                assert bits == pytest.approx(naive(page, position), nan_ok=True)
        known = ~np.isnan(found.bits)
        assert (found.widths[known] == 1).all() and (found.widths >= 1).all()


def test_stale_columns(page: Page) -> None:
    page.write(0, 1, "N")
    found = columns(page, 0, page.length)
    assert found.stale.tolist() == (~np.isnan(found.bits)).tolist()
    page.undo()
    assert not columns(page, 0, page.length).stale.any()


def test_a_long_stretch_has_means_of_many_tokens() -> None:
    page = Page()
    page.begin_generation(SOURCE)
    write_spans(page, [span(" word", -math.log(2)) for _ in range(LONG)])
    page.end_generation()
    page.write(page.length, 0, "w" * page.length)
    assert np.isnan(columns(page, 0, page.length).bits).all()  # no profile is known yet
    for chunk in page.overview.missing():
        chunk.profiled()
    found = columns(page, 0, page.length)
    assert len(found) == MANY and found.starts[0] == 0 and found.ends[-1] == page.length
    assert found.starts[1:].tolist() == found.ends[:-1].tolist()
    half = MANY // 2 - 1
    assert found.bits[:half].tolist() == pytest.approx([1.0] * half) and np.isnan(found.bits[-half:]).all()
    short = columns(page, 5, 5 + LONG + 40)
    assert 100 < len(short) < MANY and not np.isnan(short.bits).any()


def test_an_empty_page() -> None:
    assert len(columns(Page(), 0, 0)) == 0
