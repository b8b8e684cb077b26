"""The steps of the difference of two models in an export against those on the page."""

import random

import pytest

from desktop.exporting import difference_steps
from desktop.exporting.difference_steps import DifferenceSteps
from desktop.page.bands import bands
from desktop.page.measures import NOTHING, with_layer
from desktop.page.page import Page
from desktop.page.sources import Source
from tests.desktop.exporting.spans import span_of, written

OTHER = Source("other", "read")
TEXT = "Once upon a time there was a fox who counted the stars above the sea. "


def cut(chance: random.Random, text: str) -> list[str]:
    parts: list[str] = []
    while text:
        size = chance.randint(1, 4)
        parts.append(text[:size])
        text = text[size:]
    return parts


@pytest.mark.parametrize("stretch", [7, 16, 10_000])
def test_every_run_has_the_step_of_the_page(stretch: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(difference_steps, "_STRETCH", stretch)
    chance = random.Random(stretch)
    page = Page()
    page.write(0, 0, "Typed. ")
    written(page, [span_of(part, -chance.choice((0.1, 2.0, 9.0))) for part in cut(chance, TEXT)])
    theirs = [span_of(part, -chance.choice((0.1, 2.0, 9.0))) for part in cut(chance, TEXT[:50])]
    page.layers.add(7, theirs, OTHER, "Other")
    measure = with_layer("other", "Other")
    found = DifferenceSteps(page.contents, measure)
    on_page = bands(page, measure, 0, page.length)
    starts = sorted(set(page.tokens(0, page.length)["start"].tolist()))
    expected = [NOTHING] * len(starts)
    for number, start in enumerate(starts):
        for low, high, step in zip(on_page.starts, on_page.ends, on_page.steps, strict=True):
            if low <= start < high:
                expected[number] = int(step)
    assert [found.at(start) for start in starts] == expected
    assert len(set(expected)) > 2 and NOTHING in expected
    assert found.at(0) == NOTHING  # of the writer, and read by nobody
    assert found.at(starts[0]) == expected[0]  # back again
