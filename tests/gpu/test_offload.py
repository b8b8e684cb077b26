"""Layers on a graphics device, through the real child process: they are placed and fall back, with the reason.

Vulkan in software reports 2 GB of memory on every computer.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from models.engine.engine import Engine
from models.engine.events import Loaded, ModelFacts, Trying
from models.engine.prefix import TextPiece
from models.launch.device_probe import SeenDevice
from models.library import fit
from models.library.header import read_header
from models.library.load_options import LoadOptions
from models.library.memory import shares, sizes
from models.llamacpp import ggml_backends
from models.sampling.knobs import Sampling
from tests.gpu.conftest import FEW, SHAPE
from tests.models.asking import Answer, answer
from tests.models.library import shapes
from tests.models.library.allocated import allocated

pytestmark = pytest.mark.gpu

ALL = SHAPE.layers + 1
MOST_FOR_TOO_LARGE = 8 << 30  # bytes of a device that a test fills up; the rest goes to the computer's own memory
LEAST, MOST = 0.95, 1.10


def load(engine: Engine, model: Path, options: LoadOptions) -> tuple[ModelFacts, Answer]:
    got = answer(engine, engine.load(model, options))
    last = got.events[-1]
    assert isinstance(last, Loaded), last
    return last.model, got


def steps(got: Answer) -> list[Trying]:
    return [event for event in got.events if isinstance(event, Trying)]


def writes(engine: Engine) -> bool:
    job = engine.generate([TextPiece("1 2 3")], Sampling(ignore_eos=True), 4, 7)
    return answer(engine, job).ended.tokens == 4


def test_all_layers_land_on_the_device(engine: Engine, model: Path, device: SeenDevice, tmp_path: Path) -> None:
    facts, got = load(engine, model, LoadOptions(context=1_024))
    assert [(step.layers, step.sentence) for step in steps(got)] == [(ALL, "")]
    assert (facts.offloaded, facts.device, facts.why) == (ALL, f"{device.name}: {ALL} of {ALL} layers", "")
    assert f"offloaded {ALL}/{ALL} layers to GPU" in (tmp_path / "engine.log").read_text(errors="replace")
    assert writes(engine)


def test_a_requested_number_of_layers_lands_there(engine: Engine, model: Path, device: SeenDevice) -> None:
    facts, _ = load(engine, model, LoadOptions(context=1_024, gpu_layers=3, device=device.name))
    assert (facts.offloaded, facts.device) == (3, f"{device.name}: 3 of {ALL} layers")
    assert facts.why == "The settings say how many layers lie on the device."
    assert writes(engine)


def test_the_cpu_is_taken_where_it_is_asked_for(engine: Engine, model: Path) -> None:
    facts, got = load(engine, model, LoadOptions(context=1_024, device="cpu"))
    assert (facts.offloaded, steps(got)) == (0, []) and facts.device.startswith("CPU, ")
    assert facts.why == "The settings say that it runs on the CPU."


def too_large(device: SeenDevice, shape: shapes.Shape) -> int:
    """A context whose cache is half as large again as the device."""
    if device.free > MOST_FOR_TOO_LARGE:
        pytest.skip(f"filling {device.free >> 30} GiB of a device is no test")
    per_token = 2 * shape.keys * 2 * shape.layers
    return min(device.free * 3 // 2 // per_token // 256 * 256, shape.context)


def test_a_model_that_is_too_large_steps_down_until_it_runs(
    engine: Engine, model_of_few: Path, device: SeenDevice
) -> None:
    most = FEW.layers + 1
    options = LoadOptions(context=too_large(device, FEW), gpu_layers=most)
    facts, got = load(engine, model_of_few, options)
    assert steps(got)[0].layers == most and len(steps(got)) > 1
    assert all(step.sentence.endswith(".") for step in steps(got)[1:])
    assert 0 <= facts.offloaded < most
    assert f" layers did not run on {device.name}: " in facts.why
    assert writes(engine)
    _, again = load(engine, model_of_few, options)
    assert steps(again)[0].layers == facts.offloaded  # remembered


def test_by_default_it_loads_the_layers_that_fit_at_once(engine: Engine, model: Path, device: SeenDevice) -> None:
    options = LoadOptions(context=too_large(device, SHAPE))
    facts, got = load(engine, model, options)
    assert len(steps(got)) == 1 and 0 < facts.offloaded < ALL
    assert facts.why.startswith(f"{facts.offloaded} of {ALL} layers fit into the ")


def test_a_device_that_gives_nothing_leaves_the_cpu_with_the_reason(
    engine: Engine, model: Path, device: SeenDevice, monkeypatch: pytest.MonkeyPatch
) -> None:
    if device.backend != "Vulkan" or ggml_backends.found():
        pytest.skip("only Vulkan can be set to refuse, and as a loadable backend it is then not used at all")
    monkeypatch.setenv("GGML_VK_FORCE_MAX_ALLOCATION_SIZE", "4096")
    monkeypatch.setenv("GGML_VK_FORCE_MAX_BUFFER_SIZE", "4096")
    monkeypatch.setenv("GGML_VK_SUBALLOCATION_BLOCK_SIZE", "4096")
    facts, got = load(engine, model, LoadOptions(context=1_024))
    assert [step.layers for step in steps(got)] == [ALL, ALL // 2, 0]
    assert facts.offloaded == 0 and facts.device.startswith("CPU, ")
    assert facts.why.startswith(f"{ALL // 2} of {ALL} layers did not run on {device.name}: ")
    assert writes(engine)


def test_a_device_that_is_gone_leaves_the_cpu_with_the_reason(
    engine: Engine, model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("GGML_VK_VISIBLE_DEVICES", "CUDA_VISIBLE_DEVICES"):
        monkeypatch.setenv(name, "")
    facts, _ = load(engine, model, LoadOptions(context=1_024))
    finds = "Vulkan finds" if ggml_backends.found() else "llama.cpp found"
    assert (facts.offloaded, facts.why) == (0, f"It runs on the CPU because {finds} no graphics device.")
    assert writes(engine)


@pytest.mark.parametrize("layers", [ALL, 3])
def test_the_estimate_of_memory_on_the_device(model: Path, device: SeenDevice, layers: int) -> None:
    need = shares(sizes(read_header(model)), layers, 4_096)
    real = allocated(model, 4_096, layers=layers)
    assert LEAST <= need.device.total / real.total(device=True) <= MOST
    assert need.device.weights == pytest.approx(real.of("model", device=True), rel=0.01)
    assert need.device.cache == pytest.approx(real.of("KV", device=True), rel=0.01)


def test_the_fit_before_a_download_agrees_with_loading(model: Path, device: SeenDevice, engine: Engine) -> None:
    place = fit.MemoryPool(device.name, device.backend, device.free, device.total, device.shared)
    plan = fit.plan(read_header(model), fit.this_machine((place,)), LoadOptions(context=1_024))
    facts, _ = load(engine, model, LoadOptions(context=1_024))
    assert (plan.where, plan.layers) == ("gpu", facts.offloaded)
