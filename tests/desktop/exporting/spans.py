"""Spans for pages to export."""

import math
from array import array
from collections.abc import Sequence

from desktop.page.page import Page
from desktop.page.sources import Source
from models.engine.events import Span
from models.sampling.knobs import Sampling
from models.sampling.readings import Alternatives, ChainEffect, Reading
from tests.desktop.page.writing import write_spans

SOURCE = Source("abc123", sampling=Sampling(temperature=0.7, top_k=40), seed=7, take=1)


def reading_of(spelt: bytes, token: int = 5, raw: float = -1.5) -> Reading:
    found = Alternatives(
        array("i", [1, token, 2]),
        array("f", [-0.5, raw, -3.0]),
        array("f", [-0.4, raw, -math.inf]),
        bytes([0, 0, 5]),
        (b"first", spelt, b"</script>"),
    )
    return Reading(token, spelt, raw, 2, 1.75, raw, 0.7, 0.625, 0.875, found, effect=ChainEffect(40, 0.75, 0.5))


def span_of(text: str, raw: float = -1.5) -> Span:
    return Span(text, (reading_of(text.encode(), len(text), raw),))


def written(page: Page, spans: Sequence[Span], source: Source = SOURCE) -> None:
    page.begin_generation(source)
    write_spans(page, spans)
    page.end_generation()
