"""Several streams of a model that cannot share its cache: one after the other, each as if it were asked for alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from models.engine.events import Ended, Event, Sampled, Started
from models.engine.requests import Draws, Generate, Replayed
from models.errors import ModelError
from models.library.load_options import LoadOptions
from models.llamacpp import model as llama_model
from models.llamacpp.binding import lib
from models.llamacpp.model import LlamaModel
from models.sampling.knobs import Sampling
from models.worker.runner import Control
from tests.models import tiny_kinds
from tests.models.asking import NO_PATCH, Answer, always, as_pieces, looping, opened, scored, write, write_streams

WILD = Sampling(temperature=2, ignore_eos=True)
PAGE = "once upon a time the river 한 " * 4
OPTIONS = LoadOptions(context=256, threads=1)


def takes(count: int) -> list[Draws]:
    return [Draws(7, take) for take in range(count)]


def numbers(answer: Answer) -> list[tuple[float, float]]:
    return [(reading.raw, reading.draw) for span in answer.spans for reading in span.readings]


def ends(answer: Answer) -> list[Ended]:
    return [event for event in answer.events if isinstance(event, Ended)]


@pytest.fixture(params=tiny_kinds.WRITING)
def alone(request: pytest.FixtureRequest, made: Callable[[str], Path]) -> Iterator[LlamaModel]:
    """A model in whose context there is one sequence, the page's."""
    model = llama_model.prepare(made(request.param), OPTIONS, streams=1).open(0, always)
    assert lib.llama_n_seq_max(model._context) == 1
    yield model
    model.close()


def test_each_is_what_a_single_stream_with_its_draws_is(alone: LlamaModel) -> None:
    with looping(alone) as loop:
        singles = [write(loop, PAGE, length=12, take=take, sampling=WILD) for take in range(4)]
        several = write_streams(loop, PAGE, draws=takes(4), length=12, sampling=WILD)
        look = scored(loop, PAGE, several.stream(2).piece)
        after = write(loop, PAGE, several.stream(3).piece, length=2, sampling=WILD)
    for number, single in enumerate(singles):
        assert numbers(several.stream(number)) == numbers(single)
    (started,) = [event for event in several.events if isinstance(event, Started)]
    assert (started.streams, started.room) == (1, -1)
    assert [(end.stream, end.left, end.tokens, end.reason) for end in ends(several)] == [
        (number, 3 - number, 12, "length") for number in range(4)
    ]
    assert look.ids[-12:] == several.stream(2).ids
    assert after.ended.evaluated <= 1  # behind the last one nothing is read again


def test_the_window_slides_as_for_a_single_stream(alone: LlamaModel) -> None:
    with looping(alone) as loop:
        several = write_streams(loop, PAGE, draws=takes(2), length=300, sampling=WILD)
        single = write(loop, PAGE, length=300, take=1, sampling=WILD)
    assert [(end.reason, end.tokens) for end in ends(several)] == [("length", 300)] * 2
    assert several.stream(1).ids == single.ids


def test_each_can_be_stopped_before_and_while_it_writes(alone: LlamaModel) -> None:
    events, stopped = list[Event](), {2}
    job = Generate(1, NO_PATCH, WILD, 12, tuple(takes(4)), 5)
    with looping(alone) as loop:
        for event in loop.generate(job, as_pieces([PAGE]), 0.0, Control(stopped.__contains__)):
            events.append(event)
            if isinstance(event, Sampled) and event.stream == 1:
                stopped.add(1)
    answer = Answer(tuple(events))
    assert [end.reason for end in ends(answer)] == ["length", "stopped", "stopped", "length"]
    assert [len(answer.stream(number).ids) for number in (0, 2, 3)] == [12, 0, 12]
    assert 0 < len(answer.stream(1).ids) == ends(answer)[1].tokens < 12


def test_a_stop_of_all_begins_no_more(alone: LlamaModel) -> None:
    events = list[Event]()
    job = Generate(1, NO_PATCH, WILD, 12, tuple(takes(5)), 5)
    with looping(alone) as loop:
        for event in loop.generate(job, as_pieces([PAGE]), 0.0):
            events.append(event)
            if isinstance(event, Sampled) and event.stream == 1:
                alone.ask_stop(True)
        alone.ask_stop(False)
    assert [end.reason for end in ends(Answer(tuple(events)))] == ["length", *["stopped"] * 4]
    assert not [event for event in events if isinstance(event, Sampled) and event.stream > 1]


def test_one_that_fails_leaves_the_others_writing(alone: LlamaModel, monkeypatch: pytest.MonkeyPatch) -> None:
    with looping(alone) as loop:
        whole = write_streams(loop, PAGE, draws=takes(3), length=6, sampling=WILD)
        evaluate, seen = LlamaModel.evaluate, list[int]()

        def broken(self: LlamaModel, ids: Any) -> Any:
            logits = evaluate(self, ids)
            seen.extend(ids)
            return np.full_like(logits, np.nan) if len(seen) == 8 else logits  # in the second stream

        monkeypatch.setattr(LlamaModel, "evaluate", broken)
        several = write_streams(loop, PAGE, draws=takes(3), length=6, sampling=WILD)
    assert [end.reason for end in ends(several)] == ["length", "failed", "length"]
    assert "NaN" in ends(several)[1].sentence and len(several.stream(1).ids) == ends(several)[1].tokens == 3
    assert [several.stream(number).ids for number in (0, 2)] == [whole.stream(number).ids for number in (0, 2)]


def test_settings_out_of_bounds_fail_the_whole_job(alone: LlamaModel) -> None:
    with looping(alone) as loop, pytest.raises(ModelError):
        write_streams(loop, PAGE, draws=takes(3), sampling=Sampling(temperature=-1))


def test_it_can_be_replayed(alone: LlamaModel) -> None:
    with looping(alone) as loop:
        several = write_streams(loop, PAGE, draws=takes(3), length=9, sampling=WILD)
        again = [Replayed(several.stream(number).ids) for number in range(3)]
        replayed = write_streams(loop, PAGE, draws=takes(3), length=9, sampling=WILD, replayed=again)
    assert [numbers(replayed.stream(number)) for number in range(3)] == [
        numbers(several.stream(number)) for number in range(3)
    ]


# ------------------------------------------------------------------------------------------------ how it comes to that


def test_a_context_that_cannot_have_sequences_has_one(tiny_llama: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    init = lib.llama_init_from_model
    monkeypatch.setattr(lib, "llama_init_from_model", lambda m, p: init(m, p) if p.n_seq_max == 1 else None)
    with opened(tiny_llama, OPTIONS) as model, looping(model) as loop:
        assert (model.facts.streams, model.facts.widths) == (1, (1,))
        several = write_streams(loop, PAGE, draws=takes(3), length=6, sampling=WILD)
        assert several.started.streams == 1 and len(several.stream(2).ids) == 6
    monkeypatch.setattr(lib, "llama_init_from_model", lambda *_: None)
    with pytest.raises(ModelError, match="does not fit into memory"), opened(tiny_llama, OPTIONS):
        pass


@pytest.mark.parametrize("read_before", [False, True])
def test_a_cache_that_cannot_be_copied_is_found_out(
    read_before: bool, tiny_llama: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with opened(tiny_llama, OPTIONS) as model, looping(model) as loop:
        single = write(loop, PAGE, length=6, take=2, sampling=WILD)
    monkeypatch.setattr(lib, "llama_memory_seq_cp", lambda *_: None)
    with opened(tiny_llama, OPTIONS) as model, looping(model) as loop:
        if read_before:
            write(loop, PAGE, length=6, sampling=WILD)
        several = write_streams(loop, PAGE, draws=takes(3), length=6, sampling=WILD)
        assert several.started.streams == 1 and model.facts.streams == 1
        assert numbers(several.stream(2)) == numbers(single)


def test_whether_it_can_be_copied_is_asked_once_and_changes_nothing(
    made: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    shares, asked = LlamaModel.shares, list[bool]()
    monkeypatch.setattr(LlamaModel, "shares", lambda self: asked.append(shares(self)) or asked[-1])
    for kind in tiny_kinds.WRITING:
        asked.clear()
        with opened(made(kind), OPTIONS) as model, looping(model) as loop:
            fresh = write_streams(loop, PAGE, draws=takes(3), length=6, sampling=WILD)
            again = write_streams(loop, PAGE, draws=takes(3), length=6, sampling=WILD)
            assert asked == [True] and again.started.exact and again.ended.evaluated == 0
        with opened(made(kind), OPTIONS) as model, looping(model) as loop:
            write(loop, PAGE, length=6, sampling=WILD)
            later = write_streams(loop, PAGE, draws=takes(3), length=6, sampling=WILD)
        assert [numbers(one.stream(1)) for one in (again, later)] == [numbers(fresh.stream(1))] * 2
