"""The placement of a model, from numbers, without a model and a device."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.library.fit import Machine, MemoryPool, planned, this_machine, with_layers
from models.library.load_options import LoadOptions
from models.library.memory import Sizes, Weights, shares

MB, GB = 10**6, 10**9
LAYERS = 32
SIZES = Sizes(  # as an 8B model in 4 bits
    weights=Weights((130 * MB,) * LAYERS, 280 * MB, 410 * MB, 0),
    cache=(2_048,) * LAYERS,
    state=0,
    vocabulary=128_256,
    width=4_096,
    inner=14_336,
    heads=32,
    head_width=128,
    trained=131_072,
)


def machine(memory: float = 32, *devices: float, shared: bool = False) -> Machine:
    """Free gigabytes."""
    places = (MemoryPool(f"GPU{n}", "CUDA", int(free * GB), int(free * GB), shared) for n, free in enumerate(devices))
    return Machine(MemoryPool("CPU", "CPU", int(memory * GB), int(memory * GB)), tuple(places))


@pytest.mark.parametrize(
    ("here", "where"),
    [
        (machine(32, 24), "gpu"),
        (machine(32, 4), "partly"),
        (machine(32, 0.2), "cpu"),
        (machine(32), "cpu"),
        (machine(2), "too large"),
        (machine(2, 4), "partly"),
        (machine(5, 24), "gpu"),
        (machine(32, 5, 5), "gpu"),
        (machine(8, 8, shared=True), "gpu"),
        (machine(5, 24, shared=True), "too large"),
    ],
)
def test_verdicts(here: Machine, where: str) -> None:
    plan = planned(SIZES, here, LoadOptions())
    assert plan.where == where
    assert plan.sentence.endswith(".")
    assert (plan.layers == plan.all_layers) == (where == "gpu")


def test_sentences() -> None:
    assert planned(SIZES, machine(32, 24), LoadOptions()).sentence.startswith(
        "All of it fits on GPU0: 5.8 GB of 24.0 GB free."
    )
    assert (
        " of 33 layers fit on GPU0; the rest runs on the CPU" in planned(SIZES, machine(32, 4), LoadOptions()).sentence
    )
    assert planned(SIZES, machine(32), LoadOptions()).sentence.startswith("It runs on the CPU: 6.0 GB")
    assert "too large: it needs 5.0 GB" in planned(SIZES, machine(2), LoadOptions()).sentence


def test_what_is_too_large_needs_more_than_the_sentence_says_there_is() -> None:
    """A part of the free memory stays free for other programs."""
    found = planned(SIZES, machine(5.2), LoadOptions())
    assert found.sentence == "It is too large: it needs 5.0 GB, and 4.9 GB of memory can be used."


def test_a_chosen_context_shrinks_to_bring_all_layers_onto_the_device_and_an_asked_one_never() -> None:
    tight = machine(32, 5.8)
    shrunk = planned(SIZES, tight, LoadOptions())
    assert (shrunk.where, shrunk.context) == ("gpu", 4_096)
    asked = planned(SIZES, tight, LoadOptions(context=8_192))
    assert (asked.where, asked.context) == ("partly", 8_192)
    halved = planned(SIZES, tight, LoadOptions(context=8_192, cache_type="q8_0"))
    assert (halved.where, halved.context) == ("gpu", 8_192)
    assert planned(SIZES, machine(6), LoadOptions()).context < 8_192
    assert planned(SIZES, machine(6), LoadOptions(context=8_192)).where == "too large"


def test_the_users_layers_and_devices_count() -> None:
    here = machine(32, 24, 2)
    assert planned(SIZES, here, LoadOptions(gpu_layers=5)).layers == 5
    assert planned(SIZES, here, LoadOptions(gpu_layers=0)).where == "cpu"
    assert planned(SIZES, here, LoadOptions(device="cpu")).where == "cpu"
    assert planned(SIZES, here, LoadOptions(device="gpu1")).where == "partly"
    assert planned(SIZES, here, LoadOptions(gpu_layers=99)).where == "gpu"
    assert with_layers(SIZES, machine(32, 2), LoadOptions(), 33).layers == 33  # asked for, whether or not it fits


def test_weights_larger_than_the_memory_are_mapped_and_the_context_stays_large() -> None:
    assert (
        with_layers(replace(SIZES, weights=Weights((GB,) * LAYERS, 0, 0, 0)), machine(8), LoadOptions(), 0).context
        == 8_192
    )


@given(
    offloaded=st.integers(0, LAYERS + 1),
    context=st.sampled_from([512, 4_096, 8_192]),
    cache=st.sampled_from(["f16", "q8_0", "f32"]),
)
def test_nothing_is_lost_or_counted_twice(offloaded: int, context: int, cache: str) -> None:
    all_here, split = shares(SIZES, 0, context, cache), shares(SIZES, offloaded, context, cache)
    assert split.device.weights + split.host.weights == all_here.host.weights == SIZES.weights.total
    assert split.device.cache + split.host.cache == all_here.host.cache
    assert (split.device.total == 0) == (offloaded == 0)


@given(
    memory=st.floats(0.5, 64),
    devices=st.lists(st.floats(0, 48), max_size=3),
    shared=st.booleans(),
    layers=st.integers(-1, LAYERS + 1),
)
def test_a_plan_never_takes_more_than_is_free(memory: float, devices: list[float], shared: bool, layers: int) -> None:
    here = machine(memory, *devices, shared=shared)
    plan = planned(SIZES, here, LoadOptions(gpu_layers=layers))
    if plan.where == "too large":
        return
    assert plan.device.total <= sum(device.free for device in here.devices)
    assert plan.host.total + (plan.device.total if shared else 0) <= here.memory.free


def test_tied_embeddings_lie_on_both_sides() -> None:
    tied = replace(SIZES, weights=Weights((130 * MB,) * LAYERS, 280 * MB, 0, 280 * MB))
    assert shares(tied, 33, 512).device.weights == 130 * MB * LAYERS + 280 * MB
    assert shares(tied, 33, 512).host.weights == 280 * MB


def test_this_machine_has_memory() -> None:
    here = this_machine()
    assert 0 < here.memory.free <= here.memory.total and here.devices == () and here.usable == 0


def test_weights_that_lie_beside_are_not_free() -> None:
    here, beside = this_machine(), this_machine(mapped=1 << 60)
    assert here.memory.free > 0 == beside.memory.free and beside.memory.total == here.memory.total
