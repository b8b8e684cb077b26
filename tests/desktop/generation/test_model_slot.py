"""How a load ends, and which model the slot holds meanwhile."""

from dataclasses import replace
from typing import Any

import pytest

from desktop.generation.model_slot import ModelSlot
from models.engine.events import Ended, Failed, Loaded, Loading, ModelFacts, Sampled, Trying, Unloaded
from models.library.load_options import LoadOptions

FACTS = ModelFacts("a.gguf", "A", "f", "llama", 1, 1, 10, 2, 512, 512, 1, 2, "GPU0", 1, 64)


@pytest.fixture
def slot(engine: Any) -> ModelSlot:
    return ModelSlot(engine)


@pytest.fixture
def signals(slot: ModelSlot) -> list[tuple[str, object]]:
    received: list[tuple[str, object]] = []
    for name in ("message", "progressed", "loaded", "moved", "load_ended"):
        getattr(slot, name).connect(lambda value, name=name: received.append((name, value)))
    return received


def stopped(job: int) -> Ended:
    return Ended(job, "stopped", 0, 0, 0.0, 0.0, 0)


def loaded(slot: ModelSlot, facts: ModelFacts = FACTS) -> None:
    slot.load(facts.path, LoadOptions())
    slot.answer(Loaded(slot.job, facts))


def test_a_load(slot: ModelSlot, signals: list[tuple[str, object]]) -> None:
    slot.load("a.gguf", LoadOptions())
    for event in (Trying(slot.job, 2, "It did not fit."), Loading(slot.job, 0.5), Loaded(slot.job, FACTS)):
        assert slot.answer(event)
    assert signals == [("message", "It did not fit."), ("progressed", 0.5), ("loaded", FACTS)]
    assert slot.model is FACTS and not slot.job
    assert not slot.answer(Sampled(9, (), 0, 0, 0)) and not slot.answer(stopped(9))


@pytest.mark.parametrize("gone", [False, True])
@pytest.mark.parametrize("how", ["refused", "stopped"])
def test_a_load_that_fails_leaves_the_model_that_the_child_still_has(
    slot: ModelSlot, signals: list[tuple[str, object]], how: str, gone: bool
) -> None:
    loaded(slot)
    slot.load("b.gguf", LoadOptions())
    if gone:
        slot.answer(Unloaded(slot.job))
    slot.answer(Failed(slot.job, "It is damaged.") if how == "refused" else stopped(slot.job))
    assert signals[-1] == ("load_ended", "It is damaged." if how == "refused" else "")
    assert slot.model is (None if gone else FACTS) and not slot.job


def test_another_load_stops_the_first(slot: ModelSlot, engine: Any, signals: list[tuple[str, object]]) -> None:
    slot.load("a.gguf", LoadOptions())
    first = slot.job
    slot.load("b.gguf", LoadOptions())
    slot.answer(Loading(first, 0.9))
    assert not slot.answer(stopped(first)) and signals == []


def test_another_child_takes_the_model_over(slot: ModelSlot, signals: list[tuple[str, object]]) -> None:
    loaded(slot)
    slot.load("b.gguf", LoadOptions())
    slot.answer(Unloaded(slot.job))
    slot.child_died()
    assert not slot.job and slot.model is FACTS
    there = replace(FACTS, device="CPU")
    slot.answer(Loaded(77, there))
    slot.answer(Loaded(78, there))  # the same again
    assert signals[-1] == ("moved", there) and signals.count(("moved", there)) == 1
    assert slot.model is there
