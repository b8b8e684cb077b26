"""What is said of the devices that a model runs on, and of those it does not."""

from pathlib import Path

import pytest

from models.engine.requests import BackendStatus
from models.launch.preflight import sentence
from models.launch.process_outcome import ProcessOutcome
from models.llamacpp import devices, ggml, ggml_backends, opening
from models.llamacpp.ggml_backends import status_words


def plan(layers: int) -> opening.OpenPlan:
    return opening.OpenPlan(layers, 19, 4_096, 64, 2, 2, 1, -1, 16)


def test_the_badge_names_the_processor_that_was_chosen() -> None:
    assert opening.device_words("", plan(0)) == "CPU, 2 threads"
    assert opening.device_words("", plan(0), "AVX2") == "CPU (AVX2), 2 threads"
    assert opening.device_words("Vulkan0", plan(19), "AVX2") == "Vulkan0: 19 of 19 layers"


def test_what_is_seen_has_a_processor_and_a_reason_for_the_rest() -> None:
    assert any(one.kind == devices.CPU for one in devices.devices())
    assert devices.why_no_graphics()


def test_verdicts_in_words() -> None:
    assert status_words(BackendStatus("cpu", "libggml-cpu-zen4.so", "a processor")) == "CPU: AVX-512 (zen4)"
    assert status_words(BackendStatus("vulkan", "libggml-vulkan.so", "a card")) == "Vulkan: a card"
    assert status_words(BackendStatus("cuda", "", "no driver")) == "CUDA: not used, no driver"


def test_a_build_for_another_processor_is_no_damaged_file(tmp_path: Path) -> None:
    said = sentence(Path("m.gguf"), ProcessOutcome(-4, tmp_path / "none"))
    assert "built for another processor" in said and "damaged" not in said


def test_the_processor_multiplies_and_its_sums_are_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    library = ggml_backends.library()
    assert library
    found = ggml.Ggml(library)
    processor = next(one for one in devices.devices() if one.kind == devices.CPU)
    assert found.fault(processor.handle) == ""
    monkeypatch.setattr(ggml, "_product", lambda columns: [10_000] * (ggml.ROWS * columns))
    assert found.fault(processor.handle) == "gets sums wrong"
