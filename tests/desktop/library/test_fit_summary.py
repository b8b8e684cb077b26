"""Whether a model fits, in words."""

import pytest

from desktop.library.fit_summary import fit_summary_of, rough_fit
from models.library.fit import Machine, MemoryPool, Placement, Where
from models.library.forecast import Forecast
from models.library.memory import Need
from tests.desktop.library.conftest import item


@pytest.mark.parametrize(
    ("where", "layers", "expected"),
    [
        ("gpu", 19, "fits on the GPU"),
        ("partly", 7, "partly: 7 of 19 layers on the GPU"),
        ("cpu", 0, "runs on the CPU, 300 MB"),
        ("too large", 0, "too large: 300 MB"),
    ],
)
def test_where_it_would_run(where: Where, layers: int, expected: str) -> None:
    need = Need(200_000_000, 60_000_000, 40_000_000, 4_096)
    plan = Placement(where, layers, 19, 4_096, Need(0, 0, 0, 4_096), need, "")
    fit = fit_summary_of(Forecast(item("a/b", "Q8_0", 200_000_000), plan, "The sentence."))
    assert fit.words == expected
    assert fit.why.splitlines() == [
        "The sentence.",
        "In memory: weights 200 MB, cache 60 MB, working 40 MB",
        "With a context of 4,096 tokens.",
    ]


def test_without_a_header_the_fit_is_not_known() -> None:
    fit = fit_summary_of(Forecast(item("a/b", "Q8_0", 1), None, "The hub cannot be reached."))
    assert (fit.words, fit.why) == ("not known", "The hub cannot be reached.")


MEMORY = MemoryPool("CPU", "CPU", 9 * 10**9, 16 * 10**9)


@pytest.mark.parametrize(
    ("size", "devices", "words"),
    [
        (4 * 10**9, (), "CPU, about 4.9 GB"),
        (20 * 10**9, (), "too large, about 23.3 GB"),
        (4 * 10**9, (MemoryPool("CUDA0", "CUDA", 8 * 10**9, 8 * 10**9),), "GPU, about 4.9 GB"),
        (10 * 10**9, (MemoryPool("CUDA0", "CUDA", 8 * 10**9, 8 * 10**9),), "partly GPU, about 11.8 GB"),
        (4 * 10**9, (MemoryPool("Vulkan0", "Vulkan", 8 * 10**9, 8 * 10**9, shared=True),), "GPU, about 4.9 GB"),
        (10 * 10**9, (MemoryPool("Vulkan0", "Vulkan", 8 * 10**9, 8 * 10**9, shared=True),), "too large, about 11.8 GB"),
    ],
)
def test_estimate_from_the_size_alone(size: int, devices: tuple[MemoryPool, ...], words: str) -> None:
    assert rough_fit(size, Machine(MEMORY, devices)).words == words


def test_a_model_that_cannot_write() -> None:
    forecast = Forecast(item("a/b", "Q8_0", 1), None, "It is an encoder.", unusable=True)
    assert (fit_summary_of(forecast).words, fit_summary_of(forecast).why) == ("can't write", "It is an encoder.")


def test_a_recurrent_model_has_a_state_instead_of_a_cache() -> None:
    need = Need(200_000_000, 60_000, 40_000_000, 4_096, recurrent=True)
    plan = Placement("cpu", 0, 19, 4_096, Need(0, 0, 0, 4_096), need, "The sentence.")
    assert fit_summary_of(Forecast(item("a/b", "Q8_0", 1), plan, "The sentence.")).why.splitlines()[1:] == [
        "In memory: weights 200 MB, state 60 kB, working 40 MB",
        "It keeps a small state, of the same size for a text of any length.",
    ]
