"""Real llama.cpp with models of other kinds: recurrent ones write, encoders are refused with a sentence."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from models.engine.engine import Engine
from models.engine.events import Failed, Loaded
from models.errors import ModelError
from models.launch import launcher, preflight
from models.launch.in_process import open_model
from models.launch.launch_cache import LaunchCache
from models.library import other_kinds
from models.library.load_options import LoadOptions
from models.sampling.knobs import Sampling
from tests.models import tiny, tiny_kinds
from tests.models.asking import answer, looping, opened, scored, write

WILD = Sampling(temperature=2, ignore_eos=True)
PAGE = "the house on the river " * 12


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Callable[[tiny_kinds.Kind], Path]:
    folder = tmp_path_factory.mktemp("kinds")

    def make(kind: tiny_kinds.Kind) -> Path:
        path = folder / f"tiny-{kind}.gguf"
        return path if path.exists() else tiny_kinds.make(path, kind)

    return make


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    started = launcher.engine(tmp_path / "engine.log", tmp_path / "notes.json")
    yield started
    started.close()


@pytest.mark.parametrize("kind", tiny_kinds.RECURRENT)
def test_a_recurrent_model_writes_and_scores(kind: tiny_kinds.Kind, made: Callable[..., Path]) -> None:
    with opened(made(kind)) as backend, looping(backend) as loop:
        first = write(loop, PAGE, length=20, sampling=WILD)
        assert len(first.ids) == 20
        assert write(loop, PAGE, length=20, sampling=WILD).ids == first.ids
        assert PAGE.endswith(scored(loop, PAGE).text)
        assert write(loop, PAGE, length=600, sampling=WILD).ended.tokens == 600  # the window slides


@pytest.mark.parametrize("kind", tiny_kinds.RECURRENT)
def test_the_engine_loads_a_recurrent_model(
    kind: tiny_kinds.Kind, made: Callable[..., Path], engine: Engine, tmp_path: Path
) -> None:
    assert isinstance(answer(engine, engine.load(made(kind))).events[-1], Loaded)
    assert preflight.is_known(made(kind), LaunchCache(tmp_path / "notes.json"))


# ------------------------------------------------------------------------------------------------ what cannot write

SAID = {
    "bert": "is an encoder: it reads text but can't continue it.",
    "t5": "is an encoder-decoder: it turns one text into another but can't continue it.",
}


@pytest.mark.parametrize("kind", SAID)
def test_models_that_cannot_write_are_refused_and_the_loaded_model_stays(
    kind: tiny_kinds.Kind, made: Callable[..., Path], engine: Engine, tiny_llama: Path
) -> None:
    assert isinstance(answer(engine, engine.load(tiny_llama)).events[-1], Loaded)
    child = engine.pid
    failed = answer(engine, engine.load(made(kind))).events[-1]
    assert isinstance(failed, Failed) and failed.sentence == f"tiny-{kind}.gguf {SAID[kind]}"
    assert engine.pid == child


def test_a_decoder_that_is_not_causal_is_refused(tmp_path: Path, engine: Engine) -> None:
    path = tiny.make(tmp_path / "both ways.gguf", "llama", extra=lambda writer: writer.add_causal_attention(False))
    failed = answer(engine, engine.load(path)).events[-1]
    assert isinstance(failed, Failed) and failed.sentence.startswith(
        "both ways.gguf is not causal: it reads text in both"
    )


def test_a_decoder_that_says_it_is_causal_writes(tmp_path: Path) -> None:
    path = tiny.make(tmp_path / "a.gguf", "llama", extra=lambda writer: writer.add_causal_attention(True))
    with opened(path) as backend, looping(backend) as loop:
        assert write(loop, "the", length=5, sampling=WILD).ended.tokens == 5


@pytest.mark.parametrize("kind", SAID)
def test_obstacles_that_only_llama_cpp_finds(
    kind: tiny_kinds.Kind, made: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The case of an architecture newer than our lists."""
    monkeypatch.setattr(other_kinds, "ENCODERS", frozenset[str]())
    monkeypatch.setattr(other_kinds, "ENCODER_DECODERS", frozenset[str]())
    monkeypatch.setattr(other_kinds, "NOT_CAUSAL", "")
    with pytest.raises(ModelError) as caught:
        open_model(made(kind), LoadOptions(), lambda _fraction: True)
    assert str(caught.value) == f"tiny-{kind}.gguf {SAID[kind]}"
