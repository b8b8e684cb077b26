"""The fallback to fewer streams: through real child processes that die, and remembered by the launch cache."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from models.engine.engine import Engine
from models.engine.events import Died, Ended, Failed, Loaded, Sampled, Started
from models.engine.prefix import TextPiece
from models.engine.requests import Draws, Load
from models.launch import stream_fallback
from models.launch.launcher import ChildLauncher
from models.library.load_options import LoadOptions
from models.library.model_ref import ModelRef
from models.sampling.knobs import NEUTRAL, Sampling
from tests.models.asking import Answer, answer

PAGE = [TextPiece("The old lighthouse keeper")]
WILD = Sampling(ignore_eos=True)
DIES = "scripted:?die_after=3"
WEEK = 7 * 86_400


@pytest.fixture
def launch(tmp_path: Path) -> Iterator[Callable[..., Engine]]:
    """Makes engines with one launch cache. now: seconds since 1970."""
    made = list[Engine]()

    def engine(now: float = 1e9) -> Engine:
        log = tmp_path / f"engine-{len(made)}.log"
        made.append(Engine(ChildLauncher(log, tmp_path / "notes.json", now=lambda: now)))
        return made[-1]

    yield engine
    for one in made:
        one.close()


def streams_of(engine: Engine, path: str | Path, options: LoadOptions | None = None) -> int:
    """Load the model: how many streams it writes at once."""
    last = answer(engine, engine.load(path, options)).events[-1]
    assert isinstance(last, Loaded), last
    return last.model.streams


def write(engine: Engine, streams: int, length: int | None = 20) -> Answer:
    draws = [Draws(7, take) for take in range(streams)]
    return answer(engine, engine.generate_streams(PAGE, WILD, length, draws))


def test_every_death_halves_them_and_the_next_start_remembers(launch: Callable[..., Engine]) -> None:
    engine = launch()
    assert streams_of(engine, DIES) == 16
    for before, fewer in ((16, 8), (8, 4), (4, 1)):
        died = write(engine, 20)
        assert isinstance(died.events[-1], Died)
        assert {event.stream for event in died.events if isinstance(event, Sampled)} == set(range(before))
        assert streams_of(launch(), DIES) == fewer  # another start of the program
        job = engine.generate(PAGE, NEUTRAL, 1, 7)
        assert [e.model.streams for e in answer(engine, job).events if isinstance(e, Loaded)] == [fewer]
    assert isinstance(write(engine, 20).events[-1], Died)
    assert streams_of(launch(), DIES) == 1


def test_what_is_remembered_is_of_one_model_and_its_options_for_a_week(launch: Callable[..., Engine]) -> None:
    engine = launch()
    streams_of(engine, DIES)
    write(engine, 16)
    assert streams_of(launch(), "scripted:?die_after=4") == 16
    assert streams_of(launch(), DIES, LoadOptions(context=64)) == 16
    assert streams_of(launch(now=1e9 + WEEK - 9), DIES) == 8
    assert streams_of(launch(now=1e9 + WEEK), DIES) == 16
    assert streams_of(launch(now=1e9 - 9), DIES) == 16  # the clock was set back


def test_a_child_that_the_user_kills_teaches_nothing(launch: Callable[..., Engine]) -> None:
    engine = launch()
    streams_of(engine, "scripted:?rate=100")
    job = engine.generate_streams(PAGE, WILD, None, [Draws(7, take) for take in range(16)])
    answer(engine, job, lambda event: isinstance(event, Sampled))
    engine.kill()
    assert isinstance(answer(engine, job).events[-1], Died)
    assert streams_of(launch(), "scripted:?rate=100") == 16


def test_a_mistake_in_python_is_not_blamed_on_the_streams(launch: Callable[..., Engine]) -> None:
    engine, raises = launch(), "scripted:?raise_after=9"
    streams_of(engine, raises)
    died = write(engine, 16)
    assert isinstance(died.events[-1], Died) and "RuntimeError" in died.events[-1].sentence
    ids = [event.stream for event in died.events if isinstance(event, Sampled)]
    assert [ids.count(stream) for stream in range(16)] == [9] * 16  # what was drawn before has arrived
    assert streams_of(launch(), raises) == 16


@pytest.mark.parametrize("note", [{}, {"streams": "x", "when": 1}, {"streams": 3, "when": 10**9}, {"streams": 8}])
def test_a_note_that_makes_no_sense_is_ignored(note: dict[str, object], tmp_path: Path) -> None:
    load = Load(1, ModelRef("scripted:"), notes=str(tmp_path / "notes.json"))
    stream_fallback.LaunchCache(tmp_path / "notes.json").put(stream_fallback._key(load), note)
    assert stream_fallback.remembered(load, 1e9) == load


def test_nothing_is_remembered_without_a_cache_or_a_file(tmp_path: Path) -> None:
    gone = Load(1, ModelRef(str(tmp_path / "gone.gguf")), notes=str(tmp_path / "notes.json"), streams=8)
    for load in (gone, replace(gone, notes=""), replace(gone, model=ModelRef("a\0b"))):
        stream_fallback.remember(load, 1e9)
        assert stream_fallback.remembered(load, 1e9) == load
    assert not (tmp_path / "notes.json").exists()


# ------------------------------------------------------------------------------------------------ files that vanish


@pytest.fixture
def file(tiny_llama: Path, tmp_path: Path) -> Path:
    path = tmp_path / "gone.gguf"
    path.write_bytes(tiny_llama.read_bytes())
    return path


def test_waves_are_written_to_their_end_where_the_file_is_deleted(launch: Callable[..., Engine], file: Path) -> None:
    engine = launch()
    assert streams_of(engine, file) == 16
    job = engine.generate_streams(PAGE, WILD, 20, [Draws(7, take) for take in range(40)])
    begun = answer(engine, job, lambda event: isinstance(event, Started))
    file.unlink()
    events = (*begun.events, *answer(engine, job).events)
    ends = [event for event in events if isinstance(event, Ended)]
    assert sorted(end.stream for end in ends) == list(range(40)) and {end.reason for end in ends} == {"length"}
    engine.kill()
    answer(engine, -1)
    failed = [event for event in write(engine, 4).events if isinstance(event, Failed)]
    assert "gone.gguf" in failed[0].sentence  # the load, then the request


@pytest.mark.skipif(os.name == "nt", reason="an open file cannot be cut there")
def test_a_file_that_is_cut_ends_the_child_but_blames_no_streams(launch: Callable[..., Engine], file: Path) -> None:
    engine = launch()
    streams_of(engine, file)
    sound = file.read_bytes()
    job = engine.generate_streams(PAGE, WILD, None, [Draws(7, take) for take in range(16)])
    answer(engine, job, lambda event: isinstance(event, Sampled))
    os.truncate(file, 4096)
    died = answer(engine, job).events[-1]
    assert isinstance(died, Died) and "changed or removed" in died.sentence
    last = answer(engine, engine.generate(PAGE, NEUTRAL, 1, 7)).events[-1]
    assert isinstance(last, Failed) and last.sentence.endswith(".")
    file.write_bytes(sound)
    assert streams_of(launch(), file) == 16


def test_closing_while_streams_write_is_no_death(launch: Callable[..., Engine]) -> None:
    """As where the window is closed, or Ctrl+C is pressed twice: nothing is remembered."""
    engine = launch()
    streams_of(engine, "scripted:")
    job = engine.generate_streams(PAGE, WILD, None, [Draws(7, take) for take in range(3)])
    answer(engine, job, lambda event: isinstance(event, Sampled))
    engine.close()
    assert streams_of(launch(), "scripted:") == 16
