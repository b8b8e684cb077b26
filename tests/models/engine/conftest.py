"""Tiny models for the engine's tests, made once a run."""

from pathlib import Path

import pytest

from tests.models.engine import tiny


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
