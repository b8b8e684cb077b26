"""The estimate against llama.cpp's real allocations, from its own log: within 10 %, and at most 5 % too low."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from models.library.header import read_header
from models.library.load_options import LoadOptions
from models.library.memory import CPU_CHUNK, STREAMS, needed, shares, sizes
from tests.models import tiny_kinds
from tests.models.library import shapes
from tests.models.library.allocated import allocated

LEAST, MOST = 0.95, 1.10


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    made = tmp_path_factory.mktemp("shapes")
    yield made
    for path in made.iterdir():
        path.unlink()


@pytest.mark.parametrize("shape", shapes.SHAPES, ids=lambda shape: shape.architecture)
def test_each_architecture(shape: shapes.Shape, folder: Path) -> None:
    path = folder / f"{shape.architecture}.gguf"
    path = path if path.exists() else shapes.make(path, shape)
    need, real = needed(read_header(path), shape.context), allocated(path, shape.context)
    assert LEAST <= (need.total - need.kept_logits) / real.total() <= MOST
    assert need.weights == pytest.approx(real.of("model"), rel=0.01)
    assert need.cache == pytest.approx(real.of("KV"), rel=0.01)
    assert LEAST <= need.working / (real.total() - real.of("model", "KV")) <= MOST


@pytest.mark.parametrize(("cache_type", "flash"), [("q8_0", "auto"), ("f16", "off"), ("f32", "auto")])
def test_each_type_of_cache(cache_type: str, flash: str, folder: Path) -> None:
    shape = shapes.SHAPES[0]
    path = folder / f"{shape.architecture}.gguf"
    path = path if path.exists() else shapes.make(path, shape)
    options = LoadOptions(cache_type=cache_type, flash_attention=flash)
    need = shares(sizes(read_header(path)), 0, 2_048, cache_type, options.flash).host
    real = allocated(path, 2_048, cache_type, flash=flash)
    assert LEAST <= (need.total - need.kept_logits) / real.total() <= MOST
    assert need.cache == pytest.approx(real.of("KV"), rel=0.01)


@pytest.mark.parametrize("kind", tiny_kinds.RECURRENT)
def test_the_state_of_recurrent_models(kind: tiny_kinds.Kind, tmp_path: Path) -> None:
    path = tiny_kinds.make(tmp_path / "tiny.gguf", kind)
    for context in (256, 512):
        need, real = needed(read_header(path), context), allocated(path, context)
        assert (real.of("KV") > 0) == (kind == "jamba")  # a hybrid has both
        assert need.cache == pytest.approx(real.of("KV") + real.of("RS"), abs=0.005 * 2**20)  # as the log rounds


@pytest.mark.starter
@pytest.mark.parametrize("context", [512, 8_192, 32_768])
def test_the_starter(starter: Path, context: int) -> None:
    need, real = needed(read_header(starter), context), allocated(starter, context)
    assert LEAST <= (need.total - need.kept_logits) / real.total() <= MOST


def test_logits_are_reserved_for_the_streams_only(folder: Path) -> None:
    """Not for every token of a chunk."""
    shape = shapes.SHAPES[0]
    path = folder / f"{shape.architecture}.gguf"
    path = path if path.exists() else shapes.make(path, shape)
    found = allocated(path, 512)
    (reserved,) = re.findall(r"n_outputs_max +=\s+(\d+)", found.log)
    assert int(reserved) == STREAMS + 1
    assert found.of("compute") < 4 * CPU_CHUNK * sizes(read_header(path)).vocabulary
