"""Forecasts of a repository's items from one header, compared with the headers of the files themselves."""

from collections.abc import Callable
from pathlib import Path

import pytest

from models.library.downloadable import Downloadable, Listed, RemoteFile, Repository
from models.library.fit import Machine, MemoryPool, plan
from models.library.forecast import forecasts, resized
from models.library.header import Header, HeaderError, UnusableError, read_header
from models.library.hub.errors import OfflineError
from models.library.memory import sizes
from tests.models.library.conftest import SOUND, Recipe, with_architecture

LISTED = Listed("o/m", 1, 1, False, "2026-01-01", "mit", ("gguf",), ())
MACHINE = Machine(MemoryPool("CPU", "CPU", 100_000_000, 100_000_000))
F16, Q8_0 = (1, 2.0), (8, 34 / 32)
Write = Callable[..., Path]


def model(kind: tuple[int, float]) -> Recipe:
    """Two layers, embeddings and an output, all in one type."""
    shapes = {"token_embd.weight": (256, 4_096), "output.weight": (256, 4_096)}
    shapes |= {f"blk.{layer}.ffn_up.weight": (256, 16_384) for layer in range(2)}
    number, each = kind
    return SOUND.but(tensors={name: (shape, number, int(shape[0] * shape[1] * each)) for name, shape in shapes.items()})


def repository(*items: Downloadable) -> Repository:
    return Repository(LISTED, "c" * 40, items)


def item(name: str, *byte_counts: int) -> Downloadable:
    split = "shards" if len(byte_counts) > 1 else ""
    files = tuple(RemoteFile(f"{name}-{number}.gguf", count, "") for number, count in enumerate(byte_counts))
    return Downloadable("o/m", "c" * 40, name, files, split)


def test_the_others_are_scaled_from_the_smallest(gguf_file: Write) -> None:
    small, large = (read_header(gguf_file(model(kind), f"{kind[0]}.gguf")) for kind in (Q8_0, F16))
    asked: list[str] = []

    def read(wanted: Downloadable) -> Header:
        asked.append(wanted.quantisation)
        return small

    found = list(forecasts(repository(item("Q8_0", small.size), item("F16", large.size)), MACHINE, read))
    assert asked == ["Q8_0"]
    for forecast, header in zip(found, (small, large), strict=True):
        assert forecast.plan is not None and forecast.plan.where == "cpu" and forecast.sentence
        assert forecast.plan.total == pytest.approx(plan(header, MACHINE).total, rel=0.02)


def test_a_model_that_is_too_large_is_reported(gguf_file: Write) -> None:
    header = read_header(gguf_file(model(Q8_0)))
    small, large = forecasts(repository(item("Q8_0", header.size), item("F16", 10**12)), MACHINE, lambda _: header)
    assert (small.plan and small.plan.where, large.plan and large.plan.where) == ("cpu", "too large")


def test_a_first_shard_lists_only_some_of_the_tensors(gguf_file: Write) -> None:
    whole = sizes(read_header(gguf_file(model(Q8_0))))
    first = sizes(read_header(gguf_file(model(Q8_0).but(tensors=dict(list(model(Q8_0).tensors.items())[:3])))))
    assert first.weights.layers[1] == 0
    again = resized(first, whole.weights.total, lists_all=False)
    assert again.weights.total == pytest.approx(whole.weights.total, rel=0.001)
    assert again.weights.layers == pytest.approx(whole.weights.layers, rel=0.001)


def test_a_whole_file_is_asked_rather_than_a_smaller_first_shard(gguf_file: Write) -> None:
    header, asked = read_header(gguf_file(model(Q8_0))), list[str]()

    def read(wanted: Downloadable) -> Header:
        asked.append(wanted.quantisation)
        return header

    assert len(list(forecasts(repository(item("Q2_K", 10, 10), item("Q8_0", header.size)), MACHINE, read))) == 2
    assert asked == ["Q8_0"]


@pytest.mark.parametrize("error", [OfflineError("Offline."), HeaderError("No model.")])
def test_without_a_header_the_reason_is_given(error: Exception) -> None:
    def read(_: Downloadable) -> Header:
        raise error

    (found,) = forecasts(repository(item("Q8_0", 10)), MACHINE, read)
    assert found.plan is None and found.sentence == str(error)


def test_an_empty_repository_makes_no_request() -> None:
    assert list(forecasts(repository(), MACHINE, lambda _: pytest.fail("asked"))) == []


def test_a_model_that_cannot_write_is_reported_for_all_sizes(gguf_file: Write) -> None:
    header = read_header(gguf_file(with_architecture(SOUND, "bert"), "some-Q8_0.gguf"))
    found = list(forecasts(repository(item("Q8_0", 10), item("F16", 20)), MACHINE, lambda _: header))
    assert [(one.plan, one.unusable) for one in found] == [(None, True)] * 2
    assert all(one.sentence == "some-Q8_0.gguf is an encoder: it reads text but can't continue it." for one in found)


def test_a_file_that_is_no_language_model_is_reported() -> None:
    def read(_: Downloadable) -> Header:
        raise UnusableError("It is a LoRA adapter.")

    (found,) = forecasts(repository(item("Q8_0", 10)), MACHINE, read)
    assert found.unusable and found.sentence == "It is a LoRA adapter."
