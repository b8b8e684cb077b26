"""How full the context is, and where its edge lies on the page."""

from array import array
from dataclasses import replace
from typing import Any

import pytest

from desktop.generation.context_gauge import ContextGauge
from desktop.generation.context_use import ContextUse
from desktop.generation.model_slot import ModelSlot
from desktop.generation.sent_prefix import SentPrefix, prefix_for
from desktop.page.edit import Change
from desktop.page.page import Page
from desktop.page.sources import Source
from models.engine.events import Ended, Loaded, Sampled, Started
from models.library.load_options import LoadOptions
from models.sampling.knobs import NEUTRAL
from tests.desktop.conftest import FACTS, span_of
from tests.desktop.page.writing import write_spans


class Gauged:
    """A page, and the gauge that is called as the session calls it."""

    def __init__(self, engine: Any) -> None:
        self.page, self.slot = Page(), ModelSlot(engine)
        self.slot.load("scripted:", LoadOptions())
        self.slot.answer(Loaded(self.slot.job, replace(FACTS, context=64)))
        self.gauge = ContextGauge(self.page, self.slot)
        self.uses: list[ContextUse] = []
        self.edges: list[tuple[int, int]] = []
        self.gauge.counted.connect(self.uses.append)
        self.gauge.edge_moved.connect(lambda edge, kept: self.edges.append((edge, kept)))
        self.page.write(0, 0, "🌊 Once upon a time")
        self.page.listeners.append(self.changed)

    def changed(self, change: Change) -> None:
        if change.cause != "generation":
            self.gauge.page_changed(change)

    def prefix(self) -> SentPrefix:
        return prefix_for(self.page, self.slot.model, NEUTRAL, 0, self.page.generation_end)

    def started(self, used: int, dropped: int = 0, unseen: int = 0, kept: int = 0) -> SentPrefix:
        prefix = self.prefix()
        self.gauge.started(prefix, Started(1, array("i", [1] * used), dropped, unseen, 0, True, kept))
        return prefix

    def written(self, prefix: SentPrefix, used: int, dropped: int = 0, unseen: int = 0, kept: int = 0) -> None:
        event = Sampled(1, (span_of("!"),), used, dropped, unseen, kept)
        write_spans(self.page, event.spans)
        self.gauge.written(prefix, event, self.page.generations[0].read)

    def ended(self, reason: Any, used: int) -> None:
        self.gauge.ended(Ended(1, reason, 1, 1, 0.1, 0.2, used))
        self.gauge.closed()
        self.page.end_generation()


@pytest.fixture
def gauged(engine: Any) -> Gauged:
    return Gauged(engine)


def test_the_engines_count_is_exact_for_that_page(gauged: Gauged) -> None:
    gauged.started(used=5)
    assert gauged.uses[-1] == ContextUse(5)
    gauged.page.write(0, 0, "x")
    assert not gauged.uses[-1].exact
    gauged.page.undo()
    assert gauged.uses[-1] == ContextUse(5)
    gauged.gauge.forget()
    assert not gauged.gauge.count().exact


def test_the_edge_is_a_position_on_the_page_and_emitted_once(gauged: Gauged) -> None:
    gauged.page.begin_generation(Source("f"))
    prefix = gauged.started(used=5)
    gauged.written(prefix, 6, dropped=3, unseen=9, kept=1)
    gauged.written(prefix, 7, dropped=3, unseen=9, kept=1)
    assert gauged.edges == [(0, 0), (10, 2)]
    assert gauged.uses[-1] == ContextUse(7, 3, 10, 2)
    gauged.gauge.model_loaded()
    assert gauged.edges[-1] == (0, 0) and not gauged.gauge.count().exact


@pytest.mark.parametrize(
    ("reason", "used", "use"),
    [("length", 7, 7), ("stop string", 7, None), ("stopped", 5, None), ("stopped", 64, None)],
)
def test_the_last_count_holds_where_it_is_that_of_the_page(
    gauged: Gauged, reason: str, used: int, use: int | None
) -> None:
    """Not where a stop string was cut off, or the window slid behind the last token or is full."""
    gauged.page.begin_generation(Source("f"))
    gauged.written(gauged.started(used=5), used=6)
    gauged.ended(reason, used)
    assert (gauged.uses[-1].used if gauged.uses[-1].exact else None) == use


def test_a_page_from_a_file_has_the_edge_that_it_was_read_with(gauged: Gauged) -> None:
    gauged.started(used=5, dropped=3, unseen=9)
    contents = gauged.page.contents
    gauged.page.put(gauged.page.blank())
    gauged.page.put(contents)
    assert gauged.edges == [(10, 0), (0, 0), (10, 0)]
