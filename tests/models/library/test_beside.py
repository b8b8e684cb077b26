"""Whether a second model fits beside the first, from numbers, without a model and a device."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.library.beside import Held, beside, forecast, held, without
from models.library.fit import Machine, planned
from models.library.load_options import LoadOptions
from models.library.memory import shares
from tests.models.library.test_fit import GB, MB, SIZES, machine

FIRST = Held("Gemma", mapped=2 * GB, memory=GB)
ON_DEVICE = Held("Gemma", mapped=300 * MB, memory=GB, devices=8 * GB)


def seen(here: Machine, first: Held) -> Machine:
    """What the system reports of that machine while the first model is loaded: its mapped weights count as free."""
    taken = first.memory + (first.devices if any(one.shared for one in here.devices) else 0)
    devices = tuple(replace(one, free=max(0, one.free - first.devices)) for one in here.devices)
    return replace(here, memory=replace(here.memory, free=here.memory.free - taken), devices=devices)


@pytest.mark.parametrize(
    ("here", "first", "room"),
    [
        (machine(32), FIRST, "beside"),
        (machine(9), FIRST, "beside"),  # 5.0 GB and more is left
        (machine(7), FIRST, "in turns"),  # 6 GB are reported free, of which 2 are the first one's weights
        (machine(3), FIRST, "too large"),
        (machine(32, 24), ON_DEVICE, "beside"),
        (machine(3, 9), ON_DEVICE, "in turns"),
        (machine(2, 4), Held(), "beside"),  # no model is loaded
        (machine(2), Held(), "too large"),
    ],
)
def test_room(here: Machine, first: Held, room: str) -> None:
    found = forecast(SIZES, seen(here, first), first, LoadOptions())
    assert found.room == room
    assert found.sentence.endswith(".")
    assert (found.placement.where == "too large") == (room == "too large")


def test_sentences_have_the_numbers() -> None:
    fits = forecast(SIZES, seen(machine(32), FIRST), FIRST, LoadOptions()).sentence
    assert fits.startswith("It runs on the CPU: 6.0 GB of 29.0 GB free memory.")
    assert fits.endswith("The loaded model, Gemma, takes 3.0 GB.")
    turns = forecast(SIZES, seen(machine(7), FIRST), FIRST, LoadOptions()).sentence
    assert turns.startswith(
        "Both do not fit: it needs at least 5.0 GB, and beside Gemma, which takes 3.0 GB, 3.6 GB can be used."
    )
    assert "Gemma is closed meanwhile" in turns
    alone = forecast(SIZES, machine(32), Held(), LoadOptions()).sentence
    assert alone == planned(SIZES, machine(32), LoadOptions()).sentence


def test_what_a_loaded_model_holds_is_what_was_planned_for_it() -> None:
    for offloaded in (0, 12, 33):
        found = held(SIZES, "Llama", offloaded, 4_096, LoadOptions())
        share = shares(SIZES, offloaded, 4_096)
        assert found.total == share.host.total + share.device.total
        assert (found.mapped, found.devices) == (share.host.weights, share.device.total)
        copied = held(SIZES, "Llama", offloaded, 4_096, LoadOptions(), mapped=False)
        assert copied.mapped == 0 and copied.total == found.total


@given(
    memory=st.floats(0, 64),
    devices=st.lists(st.floats(0.1, 48), max_size=3),
    shared=st.booleans(),
    mapped=st.integers(0, 30 * GB),
    other=st.integers(0, 30 * GB),
    on_devices=st.integers(0, 30 * GB),
)
def test_closing_the_first_never_leaves_less_and_no_more_than_there_is(
    memory: float, devices: list[float], shared: bool, mapped: int, other: int, on_devices: int
) -> None:
    first = Held("first", mapped, other, on_devices)
    here = seen(machine(memory, *devices, shared=shared), first)
    with_first, alone = beside(here, first), without(here, first)
    for less, more in zip((with_first.memory, *with_first.devices), (alone.memory, *alone.devices), strict=True):
        assert 0 <= less.free <= more.free <= more.total or less.free <= 0 == more.free
    found = forecast(SIZES, here, first, LoadOptions())
    if found.room == "beside":
        assert planned(SIZES, with_first, LoadOptions()).where != "too large"
