"""The difference of two models' surprisal against a naive walk over characters."""

import math
import random
from collections.abc import Callable

import numpy as np
import pytest

from desktop.page.bands import bands
from desktop.page.differences import differences
from desktop.page.measures import with_layer
from desktop.page.page import Page
from desktop.page.sources import Source
from models.engine.events import Span
from tests.desktop.editor.harness import span
from tests.desktop.page.writing import write_spans

OTHER = Source("other", "read")


def cut(chance: random.Random, text: str) -> list[Span]:
    """The text as tokens of 1 to 4 characters, each with odds of its own; now and then of none."""
    spans: list[Span] = []
    while text:
        size = chance.randint(1, 4)
        spans.append(span(text[:size], chance.choice((-0.1, -1.0, -3.0, -8.0, -math.inf, math.nan))))
        text = text[size:]
    return spans


def runs(rows: np.ndarray) -> dict[int, tuple[int, float]]:
    """Start: end and bits of each run; NaN where they are not known."""
    found: dict[int, tuple[int, float]] = {}
    for row in rows:
        start, bits = int(row["start"]), -float(row["raw"]) / math.log(2)
        before = found.get(start, (0, 0.0))[1]
        found[start] = start + int(row["length"]), before + (bits if math.isfinite(bits) else math.nan)
    return found


def naive(page: Page) -> list[tuple[int, int, float]]:
    """Start, end and difference of each stretch, by walking both from every place where both begin a token."""
    own, theirs = runs(page.tokens(0, page.length)), runs(page.layers.rows("other", 0, page.length))
    found: list[tuple[int, int, float]] = []
    for start in sorted(own.keys() & theirs.keys()):
        ends, sums = [start, start], [0.0, 0.0]
        while ends[0] == start or ends[0] != ends[1]:
            late = 0 if ends[0] <= ends[1] else 1
            table = (own, theirs)[late]
            if ends[late] not in table:
                break
            end, bits = table[ends[late]]
            ends[late], sums[late] = end, sums[late] + bits
        else:
            if ends[0] == ends[1] and math.isfinite(sum(sums)):
                found.append((start, ends[0], sums[1] - sums[0]))
    return found


@pytest.mark.parametrize("seed", range(12))
def test_every_stretch_that_both_read_is_compared(page: Page, seed: int) -> None:
    chance = random.Random(seed)
    for _ in range(3):
        page.write(page.length, 0, chance.choice(("own words ", "", "a")))
        page.begin_generation(Source("writer"))
        write_spans(page, cut(chance, "some generated words and a letter é "[: chance.randint(5, 36)]))
        page.end_generation()
    begin = chance.randint(0, 6)
    page.layers.add(begin, cut(chance, page.text()[begin : page.length - chance.randint(0, 6)]), OTHER, "Other")
    found = differences(page, "other", 0, page.length)
    have = list(zip(found.starts.tolist(), found.ends.tolist(), found.bits.tolist(), strict=True))
    wanted = naive(page)
    assert [one[:2] for one in have] == [one[:2] for one in wanted]
    assert [one[2] for one in have] == pytest.approx([one[2] for one in wanted])
    middle = page.length // 2
    part = differences(page, "other", middle, middle + 5)
    assert part.starts.tolist() == [one[0] for one in wanted if one[0] < middle + 5 and one[1] > middle]


def test_steps_of_a_difference(page: Page) -> None:
    page.begin_generation(Source("writer"))
    bits = math.log(2)
    write_spans(page, [span("aaaa", -6 * bits) for _ in range(5)])
    page.end_generation()
    differing = (1, 4, 6, 8, 11)
    page.layers.add(0, [span("aaaa", -one * bits) for one in differing], OTHER, "Other")
    measure = with_layer("other", "Other")
    assert bands(page, measure, 0, page.length).steps.tolist() == [0, 1, 2, 3, 4]
    assert "Other" in measure.legend
    assert not len(bands(page, with_layer("nobody", "x"), 0, page.length).starts)


def test_stale_readings_of_the_page_are_stale_here_too(page: Page, span: Callable[..., Span], source: Source) -> None:
    page.write(0, 0, "x")
    page.begin_generation(source)
    write_spans(page, [span(" one", 1), span(" two", 2)])
    page.end_generation()
    page.write(0, 1, "y")
    page.layers.add(1, [span(" one", 1), span(" two", 2)], OTHER, "Other")
    found = differences(page, "other", 0, page.length)
    assert found.starts.tolist() == [1, 5] and found.stale.tolist() == [True, True]


def test_nothing_to_compare() -> None:
    assert not len(differences(Page(), "other", 0, 0).starts)
