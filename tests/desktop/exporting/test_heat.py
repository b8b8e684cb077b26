"""Colours of surprise on paper."""

from array import array

from desktop.exporting.heat import tints
from desktop.page.page import Page
from desktop.page.sources import Source
from models.engine.events import Span
from models.sampling.readings import Alternatives, Reading


def span(text: str, raw: float) -> Span:
    none = Alternatives(array("i"), array("f"), array("f"), b"", ())
    return Span(text, (Reading(1, text.encode(), raw, 1, 1.0, raw, 0.5, 0.0, 1.0, none),))


def test_unlikely_tokens_stand_on_warm_ground() -> None:
    page = Page()
    page.write(0, 0, "🎉 ")
    page.begin_generation(Source("m"))
    page.append([span("sure", -0.1), span("odd", -4.0), span("wild", -30.0)])
    tints_in = tints(page)
    page.end_generation()
    page.write(0, page.length, "")  # a snapshot
    found = tints_in(0, 100)
    assert [(start, end) for start, end, _ in found] == [(7, 10), (10, 14)]
    assert found[0][2].lightness() > found[1][2].lightness() > 150
    assert [(start, end) for start, end, _ in tints_in(8, 12)] == [(8, 10), (10, 12)]
    assert tints_in(0, 3) == [] and tints(page)(0, 10) == []
