"""A file is tried in a process of its own before its first load, and a sound one is remembered."""

from __future__ import annotations

import errno
import multiprocessing
import os
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from models.engine.engine import Engine
from models.engine.events import Died, Ended, Failed, Loaded
from models.engine.prefix import TextPiece
from models.launch import launcher, preflight
from models.launch.launch_cache import LaunchCache
from models.launch.process_outcome import ProcessOutcome
from models.sampling.knobs import NEUTRAL
from tests.models.asking import answer
from tests.models.conftest import with_damaged_vocabulary


@pytest.fixture
def notes(tmp_path: Path) -> LaunchCache:
    return LaunchCache(tmp_path / "notes.json")


@pytest.fixture
def engine(tmp_path: Path, notes: LaunchCache) -> Iterator[Engine]:
    made = launcher.engine(tmp_path / "engine.log", notes.path)
    yield made
    made.close()


@pytest.fixture
def damaged(tiny_models: dict[str, Path], tmp_path: Path) -> Path:
    return with_damaged_vocabulary(tiny_models["llama"], tmp_path / "damaged.gguf")


def wanted() -> bool:
    return True


def test_a_sound_file_is_remembered_by_its_place_and_by_its_content(tiny_llama: Path, notes: LaunchCache) -> None:
    copy = notes.path.with_name("copy of it.gguf")
    assert not preflight.is_known(tiny_llama, notes)
    preflight.check(tiny_llama, notes, notes.path.with_name("log"), wanted)
    assert preflight.is_known(tiny_llama, notes)
    copy.write_bytes(tiny_llama.read_bytes())
    assert preflight.is_known(copy, notes)
    data = bytearray(copy.read_bytes())
    data[-200] ^= 1
    copy.write_bytes(data)
    assert not preflight.is_known(copy, notes)
    assert not preflight.is_known(copy.with_name("not there.gguf"), notes)


def test_a_vocabulary_that_kills_is_a_sentence_and_the_model_before_stays(
    engine: Engine, tiny_llama: Path, damaged: Path, notes: LaunchCache
) -> None:
    assert isinstance(answer(engine, engine.load(tiny_llama)).events[-1], Loaded)
    child = engine.pid
    got = answer(engine, engine.load(damaged))
    failed = got.events[-1]
    assert isinstance(failed, Failed)
    assert "vocabulary, which is damaged" in failed.sentence and failed.sentence.endswith("download or copy it again.")
    assert "\n" not in failed.sentence
    assert engine.pid == child
    assert not preflight.is_known(damaged, notes)


def test_a_file_that_is_no_model_keeps_its_own_sentence(engine: Engine, tmp_path: Path) -> None:
    failed = answer(engine, engine.load(tmp_path / "nothing.gguf")).events[-1]
    assert isinstance(failed, Failed) and failed.sentence == "There is no file nothing.gguf."


def test_a_check_that_is_stopped_ends_the_load(engine: Engine, tiny_llama: Path) -> None:
    job = engine.load(tiny_llama)
    engine.stop(job)
    last = answer(engine, job).events[-1]
    assert isinstance(last, Ended) and last.reason == "stopped"
    assert isinstance(answer(engine, engine.load(tiny_llama)).events[-1], Loaded)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs something that never answers")
def test_a_standstill_is_given_up(notes: LaunchCache) -> None:
    pipe = notes.path.with_name("log")
    os.mkfifo(pipe)  # opening it to write waits for a reader, for ever
    with pytest.raises(preflight.Unsound, match="standstill"):
        preflight.check(Path(__file__), notes, pipe, wanted, stall=1.5)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs something that never answers")
def test_a_child_that_dies_meanwhile_ends_the_load_too(engine: Engine, tiny_llama: Path, notes: LaunchCache) -> None:
    assert isinstance(answer(engine, engine.load("scripted:")).events[-1], Loaded)
    log = notes.path.with_name("engine.check.log")
    os.mkfifo(log)
    before, deadline = len(psutil.Process().children()), time.monotonic() + 30
    engine.load(tiny_llama)
    while len(psutil.Process().children()) == before and time.monotonic() < deadline:
        time.sleep(0.01)
    engine.kill()
    assert isinstance(answer(engine, -1).events[-1], Died)
    with os.fdopen(os.open(log, os.O_RDONLY | os.O_NONBLOCK), "rb"):  # now the check could go on
        again = answer(engine, engine.generate([TextPiece("The old")], NEUTRAL, 3, 7))
    assert again.ended.tokens == 3
    assert [event.model.path for event in again.events if isinstance(event, Loaded)] == ["scripted:"]


def test_an_abandoned_check_is_not_waited_for(tiny_llama: Path, notes: LaunchCache) -> None:
    with pytest.raises(preflight.CalledOff):
        preflight.check(tiny_llama, notes, notes.path.with_name("log"), lambda: False)


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (None, "standstill"),
        (preflight.REFUSED, "does not understand"),
        (-6, "damaged"),
        (1, "damaged"),
        (-9, "was killed"),
    ],
)
def test_sentences(code: int | None, words: str, tmp_path: Path) -> None:
    sentence = preflight.sentence(tmp_path / "a.gguf", ProcessOutcome(code, tmp_path / "no log"))
    assert words in sentence and sentence.startswith("“a.gguf” was not loaded") and sentence.endswith(".")


@pytest.mark.parametrize("name", ["a\0b.gguf", "\ud800.gguf", "a" * 5_000])
def test_an_impossible_file_name_is_a_sentence_and_the_engine_lives(
    engine: Engine, tiny_llama: Path, name: str
) -> None:
    assert isinstance(answer(engine, engine.load(name)).events[-1], Failed)
    assert isinstance(answer(engine, engine.load(tiny_llama)).events[-1], Loaded)


def test_a_computer_without_room_for_a_process_is_a_sentence(
    monkeypatch: pytest.MonkeyPatch, engine: Engine, tiny_llama: Path
) -> None:
    def full(_process: object) -> None:
        raise OSError(errno.EAGAIN, "Resource temporarily unavailable")

    with monkeypatch.context() as patch:
        patch.setattr(multiprocessing.get_context("spawn").Process, "start", full)
        failed = answer(engine, engine.load(tiny_llama)).events[-1]
        assert isinstance(failed, Failed) and "cannot be started" in failed.sentence
        died = answer(engine, engine.load("scripted:")).events[-1]
        assert isinstance(died, Died) and "cannot be started" in died.sentence
    assert isinstance(answer(engine, engine.load(tiny_llama)).events[-1], Loaded)
