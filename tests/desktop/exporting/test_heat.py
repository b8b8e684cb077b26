"""Colours of surprise on paper."""

from array import array

import pytest

from desktop.exporting.heat import tints
from desktop.page.measures import MEASURES, with_layer
from desktop.page.page import Page
from desktop.page.sources import Source
from models.engine.events import Span
from models.sampling.readings import Alternatives, Reading
from tests.desktop.page.writing import write_spans


def span(text: str, raw: float) -> Span:
    none = Alternatives(array("i"), array("f"), array("f"), b"", ())
    return Span(text, (Reading(1, text.encode(), raw, 1, 1.0, raw, 0.5, 0.0, 1.0, none),))


def test_unlikely_tokens_stand_on_warm_ground() -> None:
    page = Page()
    page.write(0, 0, "🎉 ")
    page.begin_generation(Source("m"))
    write_spans(page, [span("sure", -0.1), span("odd", -4.0), span("wild", -30.0)])
    tints_in = tints(page, MEASURES["surprisal"])
    page.end_generation()
    page.write(0, page.length, "")  # a snapshot
    found = tints_in(0, 100)
    assert [(start, end) for start, end, _ in found] == [(3, 7), (7, 10), (10, 14)]
    assert 250 > found[0][2].lightness() > found[1][2].lightness() > found[2][2].lightness() > 150
    assert [(start, end) for start, end, _ in tints_in(8, 12)] == [(8, 10), (10, 12)]
    assert tints_in(0, 3) == [] and tints(page, MEASURES["surprisal"])(0, 10) == []


@pytest.mark.parametrize("name", MEASURES)
def test_paper_has_the_colours_of_the_measure(name: str) -> None:
    page = Page()
    page.write(0, 0, "own ")
    page.begin_generation(Source("m"))
    write_spans(page, [span("sure", -0.1), span("odd", -4.0), span("wild", -30.0)])
    page.layers.add(4, [span("sureodd", -12.0), span("wild", -2.0)], Source("other"), "other")
    measure = with_layer("other", "other") if name == "difference" else MEASURES[name]
    found = tints(page, measure)(0, page.length)
    ranges = {"author": [(4, 15)], "difference": [(4, 11), (11, 15)]}
    assert [(start, end) for start, end, _ in found] == ranges.get(name, [(4, 8), (8, 11), (11, 15)])
    assert len({colour.name() for *_, colour in found}) == {"author": 1, "rank": 1, "entropy": 1}.get(name, len(found))
    assert all(colour.alpha() == 255 for *_, colour in found)
    assert tints(page, None)(0, page.length) == []
