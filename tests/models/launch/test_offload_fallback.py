"""The fallback from all layers to the CPU: by numbers, and through real child processes that really die."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from models.engine.engine import Engine
from models.engine.events import Died, Ended, Failed, Loaded, Trying
from models.engine.prefix import TextPiece
from models.engine.requests import Load
from models.errors import ModelError
from models.launch import launcher, offload_fallback
from models.launch.launch_cache import LaunchCache
from models.launch.offload_fallback import OffloadTrial, rungs
from models.library.load_options import LoadOptions
from models.library.model_ref import ModelRef
from models.sampling.knobs import NEUTRAL
from models.scripted.model import PreparedModel, ScriptedModel
from models.worker.language_model import LanguageModel, OffloadPlan
from tests.models.asking import Answer, always, answer

PAGE = [TextPiece("The old lighthouse keeper")]
PLAN = OffloadPlan("GPU0", asked=-1, fitting=20, all_layers=33, reason="20 of 33 layers fit.", key="k", free=1_000)


@pytest.mark.parametrize(
    ("plan", "ceiling", "tried"),
    [
        (PLAN, -1, (20, 10, 0)),
        (replace(PLAN, fitting=33), -1, (33, 16, 0)),
        (replace(PLAN, asked=99), -1, (33, 20, 10, 0)),
        (replace(PLAN, asked=5), -1, (5, 2, 0)),
        (replace(PLAN, asked=0), -1, (0,)),
        (replace(PLAN, devices=""), -1, (0,)),
        (replace(PLAN, fitting=0), -1, (0,)),
        (PLAN, 20, (10, 0)),
        (PLAN, 10, (0,)),
        (PLAN, 1, (0,)),
    ],
)
def test_the_ladder(plan: OffloadPlan, ceiling: int, tried: tuple[int, ...]) -> None:
    assert rungs(plan, ceiling) == tried


def loaded(path: str, notes: str = "") -> tuple[LanguageModel, list[Trying]]:
    """A script loaded in this process, and its attempts."""
    trials: list[Trying] = []
    wishes = LoadOptions()
    return offload_fallback.load(
        PreparedModel.named(path, wishes), Load(1, ModelRef(path), wishes, notes), trials.append, always
    ), trials


def test_a_load_that_works_at_once_has_no_sentence() -> None:
    backend, trials = loaded("scripted:?layers=20")
    assert [(step.layers, step.sentence) for step in trials] == [(20, "")]
    assert (backend.facts.offloaded, backend.facts.device, backend.facts.why) == (20, "Scripted0: 20 of 20 layers", "")


def test_a_failed_load_is_tried_with_fewer_layers_and_each_step_has_a_sentence() -> None:
    backend, trials = loaded("scripted:?layers=20&fail_above=12")
    assert [step.layers for step in trials] == [20, 10]
    assert trials[1].sentence == "All 20 layers did not run on Scripted0 (The scripted device is full); trying 10."
    assert backend.facts.why == "All 20 layers did not run on Scripted0: The scripted device is full."


def test_a_full_device_leaves_the_cpu_with_the_reason() -> None:
    backend, trials = loaded("scripted:?layers=20&fail_above=0")
    assert [step.layers for step in trials] == [20, 10, 0]
    assert trials[-1].sentence.endswith("; the CPU takes over.")
    assert (backend.facts.offloaded, backend.facts.why.startswith("10 of 20 layers did not run")) == (0, True)


def test_a_load_that_fails_on_the_cpu_too_fails() -> None:
    with pytest.raises(ModelError, match="cannot be loaded"):
        loaded("scripted:?layers=20&fail=1")


def test_the_layers_that_worked_are_remembered_until_more_memory_is_free(tmp_path: Path) -> None:
    notes, path = tmp_path / "deep" / "notes.json", "scripted:?layers=20&fail_above=12"
    loaded(path, str(notes))
    backend, trials = loaded(path, str(notes))
    assert [step.layers for step in trials] == [10]
    assert "All 20 layers did not run" in backend.facts.why
    assert [step.layers for step in loaded(path)[1]] == [20, 10]  # who keeps no notes learns nothing
    key = PreparedModel.named(path, LoadOptions()).plan.key
    note = LaunchCache(notes).get(key)
    assert note is not None
    LaunchCache(notes).put(key, note | {"free": -1})  # now more is free than then
    assert [step.layers for step in loaded(path, str(notes))[1]] == [20, 10]
    assert [step.layers for step in loaded(path, str(notes))[1]] == [10]


def test_failed_layers_are_tried_again_after_a_week(tmp_path: Path) -> None:
    wishes, path = LoadOptions(), "scripted:?layers=20&fail_above=12"
    day, tried = 86_400.0, list[list[int]]()
    for days in (10, 11, 16.9, 17, 9):  # the last one: the clock was set back
        trials: list[Trying] = []
        request = Load(1, ModelRef(path), wishes, str(tmp_path / "notes.json"))
        offload_fallback.load(
            PreparedModel.named(path, wishes), request, trials.append, always, now=lambda at=days: at * day
        )
        tried.append([step.layers for step in trials])
    assert tried == [[20, 10], [10], [10], [20, 10], [20, 10]]


def test_a_memory_that_is_used_does_not_become_a_newer_one(tmp_path: Path) -> None:
    """Free memory that grows little by little is compared with the amount at the failure."""
    wishes, path = LoadOptions(), "scripted:?layers=20&fail_above=12"
    opening, tried = PreparedModel.named(path, wishes), list[list[int]]()
    for free in (100, 120, 140):
        trials: list[Trying] = []
        request = Load(1, ModelRef(path), wishes, str(tmp_path / "notes.json"))
        offload_fallback.load(replace(opening, plan=replace(opening.plan, free=free)), request, trials.append, always)
        tried.append([step.layers for step in trials])
    assert tried == [[20, 10], [10], [20, 10]]


@pytest.mark.parametrize("content", ["", "{", "[]", '{"scripted": 3}', "[" * 100_000, '{"k": {"failed": "x"}}'])
def test_notes_that_cannot_be_read_are_done_without(tmp_path: Path, content: str) -> None:
    notes = tmp_path / "notes.json"
    notes.write_text(content)
    assert loaded("scripted:?layers=20&fail_above=12", str(notes))[1][0].layers == 20
    assert loaded("scripted:?layers=20&fail_above=12", str(notes))[1][0].layers == 10


def test_notes_stay_few(tmp_path: Path) -> None:
    notes = LaunchCache(tmp_path / "notes.json")
    for number in range(510):
        notes.put(str(number), {"number": number})
    assert notes.get("0") is None and notes.get("509") == {"number": 509} and notes.get("10") == {"number": 10}


# ------------------------------------------------------------------------------------------------ children that die


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    made = launcher.engine(tmp_path / "engine.log", tmp_path / "notes.json")
    yield made
    made.close()


def steps(got: Answer) -> list[int]:
    return [event.layers for event in got.events if isinstance(event, Trying)]


def test_a_child_that_dies_of_its_layers_is_followed_by_one_with_fewer(engine: Engine) -> None:
    path = "scripted:?layers=20&die_above=12"
    first = answer(engine, engine.load(path))
    assert isinstance(first.events[-1], Loaded)
    assert steps(first) == [20, 10]
    assert not [event for event in first.events if isinstance(event, Died | Failed)]
    sentence = next(event.sentence for event in first.events if isinstance(event, Trying) and event.sentence)
    assert "llama.cpp" in sentence and "too many layers" in sentence and sentence.endswith("; trying 10.")
    model = first.events[-1].model
    assert (model.offloaded, model.device) == (10, "Scripted0: 10 of 20 layers")
    assert "All 20 layers did not run on Scripted0" in model.why
    assert answer(engine, engine.generate(PAGE, NEUTRAL, 5, 7)).ended.reason == "length"
    assert steps(answer(engine, engine.load(path))) == [10]  # remembered


def test_a_dead_device_leaves_the_cpu(engine: Engine) -> None:
    got = answer(engine, engine.load("scripted:?layers=20&die_above=0"))
    last = got.events[-1]
    assert isinstance(last, Loaded) and steps(got) == [20, 10, 0]
    assert last.model.offloaded == 0 and last.model.why.startswith("10 of 20 layers did not run on Scripted0")


def test_requests_after_a_failed_load_are_still_answered(engine: Engine) -> None:
    engine.load("scripted:?layers=20&die_above=12&load_seconds=0.3")
    written = answer(engine, engine.generate(PAGE, NEUTRAL, 5, 7))
    assert written.ended.tokens == 5


def test_a_device_that_dies_of_the_first_use_is_used_less_by_the_next_request(engine: Engine) -> None:
    loaded = answer(engine, engine.load("scripted:?layers=20&die_used_above=12")).events[-1]
    assert isinstance(loaded, Loaded) and loaded.model.offloaded == 20
    assert isinstance(answer(engine, engine.generate(PAGE, NEUTRAL, 5, 7)).events[-1], Died)
    again = answer(engine, engine.generate(PAGE, NEUTRAL, 5, 7))
    assert again.ended.tokens == 5
    [model] = [event.model for event in again.events if isinstance(event, Loaded)]
    assert model.offloaded == 10 and "All 20 layers" in model.why


def test_a_proven_model_that_is_killed_comes_back_as_it_was(engine: Engine) -> None:
    answer(engine, engine.load("scripted:?layers=20"))
    answer(engine, engine.generate(PAGE, NEUTRAL, 5, 7))
    engine.kill()
    assert isinstance(answer(engine, -1).events[-1], Died)
    again = answer(engine, engine.generate(PAGE, NEUTRAL, 5, 7))
    assert [event.model.offloaded for event in again.events if isinstance(event, Loaded)] == [20]


def test_a_load_that_was_killed_is_not_tried_lower(engine: Engine) -> None:
    job = engine.load("scripted:?layers=20&load_seconds=20")
    answer(engine, job, enough=lambda event: isinstance(event, Trying))
    engine.kill()
    assert isinstance(answer(engine, job).events[-1], Died)


def test_a_trial_only_blames_the_layers_of_its_own_load() -> None:
    load = Load(3, ModelRef("x"))
    trial = OffloadTrial().after(Trying(3, 20, ""))
    lower = trial.lower(load, "it died")
    assert lower is not None and (lower.ceiling, lower.why) == (20, "it died")
    assert trial.lower(Load(4, ModelRef("x")), "") is None
    assert trial.called_off().lower(load, "") is None
    assert OffloadTrial().after(Trying(3, 0, "")).lower(load, "") is None
    assert trial.after(Ended(9, "length", 5, 0, 0.0, 0.0, 5)).lower(load, "") is None
    assert trial.after(Ended(9, "stopped", 0, 0, 0.0, 0.0, 5)).lower(load, "") is not None


def test_a_scripted_backend_is_a_backend() -> None:
    assert isinstance(PreparedModel.named("scripted:", LoadOptions()).open(0, always), ScriptedModel)
