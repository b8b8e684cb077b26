"""Tiny models for the engine's tests, made once a run."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from models.llamacpp.binding import lib
from models.llamacpp.model import LlamaModel
from tests.models import tiny

settings.register_profile("busy machine", deadline=None)  # a slow moment of the machine is no failure
settings.load_profile("busy machine")


@pytest.fixture(autouse=True)
def unhealed(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Random odds know no words, so a text may end in any token: only the tests of healing heal."""
    if request.path.name != "test_healing.py":
        monkeypatch.setattr(LlamaModel, "heals", False)


@pytest.fixture(scope="session")
def tiny_models(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The three tiny models by architecture."""
    folder = tmp_path_factory.mktemp("tiny")
    return {name: tiny.make(folder / f"tiny-{name}.gguf", name) for name in tiny.ARCHITECTURES}


@pytest.fixture(params=tiny.ARCHITECTURES)
def tiny_model(request: pytest.FixtureRequest, tiny_models: dict[str, Path]) -> Path:
    """Each of the three in turn."""
    return tiny_models[request.param]


@pytest.fixture
def tiny_llama(tiny_models: dict[str, Path]) -> Path:
    return tiny_models["llama"]


@pytest.fixture(scope="session")
def native_vocabulary(tiny_models: dict[str, Path]) -> Iterator[Any]:
    """The llama_vocab pointer of the tiny llama, for native stages without a model."""
    parameters = lib.llama_model_default_params()
    parameters.vocab_only = True
    model = lib.llama_model_load_from_file(str(tiny_models["llama"]).encode(), parameters)
    yield lib.llama_model_get_vocab(model)
    lib.llama_model_free(model)


def with_damaged_vocabulary(sound: Path, path: Path) -> Path:
    """A copy of a SentencePiece model in which the piece of one byte has a wrong name: llama.cpp ends its process when
    it meets that byte in a text.
    """
    data = sound.read_bytes()
    assert b"<0xE2>" in data
    path.write_bytes(data.replace(b"<0xE2>", b"<0xEG>"))
    return path
