"""Several streams behind one prefix: each is what it would be alone, whatever the others do."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest

from models.engine.events import Ended, Event, Sampled
from models.engine.requests import Draws, Generate, Replayed, StepWidth
from models.errors import ModelError, Stopped
from models.library import memory
from models.library.load_options import LoadOptions
from models.llamacpp.model import LlamaModel
from models.sampling.knobs import Sampling
from models.sampling.stages import Logits
from models.scripted.model import ScriptedModel
from models.worker.language_model import Rows
from models.worker.loop import Loop
from models.worker.runner import Control
from tests.models import tiny_kinds
from tests.models.asking import (
    NO_PATCH,
    Answer,
    InlineWorker,
    as_pieces,
    looping,
    opened,
    scored,
    write,
    write_streams,
)

WILD = Sampling(temperature=2, ignore_eos=True)
NEAR = 0.05  # nats: what another batch shape changes with these 32-bit weights, at most
PAGE = "once upon a time the river 한 " * 4


def takes(count: int, seed: int = 7) -> list[Draws]:
    return [Draws(seed, take) for take in range(count)]


def raws(answer: Answer) -> list[float]:
    return [reading.raw for span in answer.spans for reading in span.readings]


def draws(answer: Answer) -> list[float]:
    return [reading.draw for span in answer.spans for reading in span.readings]


@pytest.fixture(params=tiny_kinds.WRITING)
def model(request: pytest.FixtureRequest, made: Callable[[str], Path]) -> Iterator[LlamaModel]:
    with opened(made(request.param), LoadOptions(context=512, threads=1)) as model:
        yield model


@pytest.fixture
def llama(tiny_llama: Path) -> Iterator[LlamaModel]:
    with opened(tiny_llama, LoadOptions(context=256, threads=1)) as model:
        yield model


def scripted(options: LoadOptions | None = None) -> ScriptedModel:
    return ScriptedModel("scripted:", options or LoadOptions(), lambda _fraction: True)


# ------------------------------------------------------------------------------------------------ each as if alone


def test_each_stream_has_the_odds_of_its_own_text(model: LlamaModel) -> None:
    with looping(model) as loop:
        several = write_streams(loop, PAGE, draws=takes(5), length=12, sampling=WILD)
        for number in range(5):
            stream = several.stream(number)
            assert stream.ended.reason == "length" and len(stream.ids) == 12
            alone = scored(loop, PAGE, stream.piece)
            assert alone.ids[-12:] == stream.ids
            assert np.allclose(raws(alone)[-12:], raws(stream), atol=NEAR)


def test_streams_differ_and_stream_0_draws_what_one_stream_draws(model: LlamaModel) -> None:
    with looping(model) as loop:
        several = write_streams(loop, PAGE, draws=takes(4), length=12, sampling=WILD)
        one = write(loop, PAGE, length=12, sampling=WILD)
    assert len({several.stream(number).ids.tobytes() for number in range(4)}) == 4
    assert draws(several.stream(0)) == draws(one)


def test_the_same_draws_give_the_same_streams(model: LlamaModel) -> None:
    with looping(model) as loop:
        first = write_streams(loop, PAGE, draws=takes(6), length=12, sampling=WILD)
        again = write_streams(loop, PAGE, draws=takes(6), length=12, sampling=WILD)
    assert again.started.exact and again.ended.evaluated == 0
    for number in range(6):
        assert raws(again.stream(number)) == raws(first.stream(number))


def test_a_stream_does_not_depend_on_its_siblings(model: LlamaModel) -> None:
    with looping(model) as loop:
        first = write_streams(loop, PAGE, draws=takes(8), length=12, sampling=WILD)
        others = [Draws(7, 0), *(Draws(99, take) for take in range(7))]
        again = write_streams(loop, PAGE, draws=others, length=12, sampling=WILD)
    assert raws(again.stream(0)) == raws(first.stream(0))
    assert again.stream(1).ids != first.stream(1).ids


def test_more_streams_than_the_model_holds_write_in_waves(model: LlamaModel) -> None:
    at_once = model.facts.streams
    with looping(model) as loop:
        several = write_streams(loop, PAGE, draws=takes(at_once + 3), length=5, sampling=WILD)
    ended = [event for event in several.events if isinstance(event, Ended)]
    assert sorted(event.stream for event in ended) == list(range(at_once + 3))
    assert [event.left for event in ended] == list(range(at_once + 2, -1, -1))
    assert several.started.streams == at_once
    assert all(len(several.stream(number).ids) == 5 for number in range(at_once + 3))


# ------------------------------------------------------------------------------------------------ what comes after


def test_writing_on_behind_any_stream_reads_nothing_again(llama: LlamaModel) -> None:
    for number in range(4):
        with looping(llama) as loop:
            several = write_streams(loop, PAGE, draws=takes(4), length=12, sampling=WILD)
            rest = write(loop, PAGE, several.stream(number).piece, length=3, first=12, sampling=WILD, take=number)
            assert rest.ended.evaluated == 1 and not rest.started.exact
            fresh = scored(loop, PAGE, several.stream(number).piece, rest.piece)
            assert np.allclose(raws(fresh)[-3:], raws(rest), atol=NEAR)


def test_the_page_itself_is_still_there_afterwards(model: LlamaModel) -> None:
    with looping(model) as loop:
        before = write(loop, PAGE, length=8, sampling=WILD)
        write_streams(loop, PAGE, draws=takes(5), length=12, sampling=WILD)
        after = write(loop, PAGE, length=8, sampling=WILD)
    assert after.ended.evaluated == 0 and after.started.exact
    assert raws(after) == raws(before)


def test_streams_after_streams(llama: LlamaModel) -> None:
    with looping(llama) as loop:
        piece = write_streams(loop, PAGE, draws=takes(3), length=12, sampling=WILD).stream(2).piece
        second = write_streams(loop, PAGE, piece, draws=takes(3), length=12, sampling=WILD)
        assert second.ended.evaluated == 1
        for number in range(3):
            alone = scored(loop, PAGE, piece, second.stream(number).piece)
            assert np.allclose(raws(alone)[-12:], raws(second.stream(number)), atol=NEAR)


# ------------------------------------------------------------------------------------------------ how streams end


def test_a_stream_that_is_stopped_leaves_the_others_writing(model: LlamaModel) -> None:
    stopped = set[int]()
    with looping(model) as loop:
        whole = write_streams(loop, PAGE, draws=takes(5), length=12, sampling=WILD)
        events: list[Event] = []
        job = write_job(takes(5), 12)
        for event in loop.generate(job, as_pieces([PAGE]), 0.0, Control(stopped.__contains__)):
            events.append(event)
            if isinstance(event, Sampled) and event.stream == 3:
                stopped.add(3)
        several = Answer(tuple(events))
    assert several.stream(3).ended.reason == "stopped"
    assert (
        several.stream(3).ids == whole.stream(3).ids[: len(several.stream(3).ids)] and len(several.stream(3).ids) < 12
    )
    for number in (0, 1, 2, 4):
        assert len(several.stream(number).ids) == 12


def test_a_stop_ends_all_streams_and_loses_no_token(model: LlamaModel) -> None:
    with looping(model) as loop:
        events: list[Event] = []
        for event in loop.generate(write_job(takes(5), None), as_pieces([PAGE]), 0.0):
            events.append(event)
            if len(events) > 60:
                model.ask_stop(True)
        model.ask_stop(False)
        several = Answer(tuple(events))
        ends = [event for event in several.events if isinstance(event, Ended)]
        assert [event.reason for event in ends] == ["stopped"] * 5
        for number in range(5):
            assert len(several.stream(number).ids) == several.stream(number).ended.tokens
        rest = write(loop, PAGE, several.stream(2).piece, length=2, sampling=WILD)
        fresh = scored(loop, PAGE, several.stream(2).piece, rest.piece)
    assert np.allclose(raws(fresh)[-2:], raws(rest), atol=NEAR)


def test_streams_end_where_the_context_is_full(llama: LlamaModel) -> None:
    with looping(llama) as loop:
        several = write_streams(loop, PAGE, draws=takes(4), length=None, sampling=WILD)
        room = several.started.room
        assert room == (256 - len(several.started.prompt)) // 4 + 1  # the last token takes no place
        for number in range(4):
            assert several.stream(number).ended.reason == "context full"
            assert len(several.stream(number).ids) == room
        assert write(loop, PAGE, length=4, sampling=WILD).ended.evaluated == 0


def test_a_page_as_long_as_the_context_leaves_room_for_a_few_tokens(llama: LlamaModel) -> None:
    with looping(llama) as loop:
        long = PAGE * 30
        several = write_streams(loop, long, draws=takes(3), length=8, sampling=WILD)
    assert several.started.dropped > 0
    assert [len(several.stream(number).ids) for number in range(3)] == [8, 8, 8]


@pytest.mark.parametrize("length", [0, 1])
def test_the_shortest_lengths(llama: LlamaModel, length: int) -> None:
    with looping(llama) as loop:
        several = write_streams(loop, PAGE, draws=takes(64), length=length, sampling=WILD)
    assert [len(several.stream(number).ids) for number in range(64)] == [length] * 64
    assert {event.reason for event in several.events if isinstance(event, Ended)} == {"length"}


def test_a_stop_string_in_the_first_token_ends_its_stream_alone() -> None:
    with looping(scripted()) as loop:
        plain = write_streams(loop, "The old", draws=takes(8), length=6)
        first = plain.stream(5).spans[0].text
        sampling = Sampling(stop=(first,))
        several = write_streams(loop, "The old", draws=takes(8), length=6, sampling=sampling)
    for number in range(8):
        stream, before = several.stream(number), plain.stream(number).text
        assert stream.text == before.split(first)[0]
        assert stream.ended.reason == ("stop string" if first in before else plain.stream(number).ended.reason)
    assert several.stream(5).text == "" and several.stream(5).ended.tokens == 1


class Broken(ScriptedModel):
    """Fixed odds, of which one row of a step holds NaN."""

    def step(self, rows: Sequence[tuple[int, int]], width: int) -> Rows:
        logits = super().step(rows, width)
        for index, (sequence, _) in enumerate(rows):
            if sequence == 3 and len(self._streams[sequence]) % 4 == 0:
                logits[index] = np.nan
        return logits


def test_a_row_of_nan_ends_its_stream_with_a_sentence() -> None:
    model = Broken("scripted:", LoadOptions(), lambda _fraction: True)
    with looping(scripted()) as loop:
        whole = write_streams(loop, "The old", draws=takes(5), length=12)
    with looping(model) as loop:
        several = write_streams(loop, "The old", draws=takes(5), length=12)
    broken = several.stream(2)
    assert broken.ended.reason == "failed" and "NaN" in broken.ended.sentence
    assert broken.text == whole.stream(2).text[: len(broken.text)] and broken.ended.tokens == len(broken.ids)
    for number in (0, 1, 3, 4):
        assert several.stream(number).text == whole.stream(number).text


class Failing(ScriptedModel):
    """Fixed odds, of which a step fails."""

    failure: Exception = ModelError("no")

    def step(self, rows: Sequence[tuple[int, int]], width: int) -> Rows:
        if self._evaluated == 5:
            raise self.failure
        return super().step(rows, width)


@pytest.mark.parametrize(("failure", "reason"), [(ModelError("no room"), "failed"), (Stopped(), "stopped")])
@pytest.mark.parametrize("beside", [False, True])
def test_a_step_that_fails_ends_all_streams_and_loses_no_token(failure: Exception, reason: str, beside: bool) -> None:
    model = Failing("scripted:", LoadOptions(), lambda _fraction: True)
    model.failure = failure
    with looping(model, beside) as loop:
        several = write_streams(loop, "The old", draws=takes(3), length=20)
    for number in range(3):
        ended = several.stream(number).ended
        assert ended.reason == reason and ended.tokens == len(several.stream(number).ids) > 0
        assert ended.sentence == ("no room" if reason == "failed" else "")


def test_a_text_may_end_at_once_in_some_streams() -> None:
    """The scripted story ends: streams whose end-of-text token comes first go, the others write on."""
    with looping(scripted()) as loop:
        several = write_streams(loop, "The old", draws=takes(16), length=400, sampling=Sampling(temperature=1.5))
    reasons = {several.stream(number).ended.reason for number in range(16)}
    assert "end of text" in reasons
    for number in range(16):
        stream = several.stream(number)
        assert len(stream.ids) == stream.ended.tokens


# ------------------------------------------------------------------------------------------------ widths


def test_steps_are_padded_to_the_widths(llama: LlamaModel, monkeypatch: pytest.MonkeyPatch) -> None:
    assert llama.facts.widths == (1, 4, 8, 12, 16) and llama.facts.streams == memory.STREAMS
    widths = list[tuple[int, int]]()
    real = LlamaModel.step

    def step(self: LlamaModel, rows: Sequence[tuple[int, int]], width: int) -> Rows:
        widths.append((len(rows), width))
        return real(self, rows, width)

    monkeypatch.setattr(LlamaModel, "step", step)
    loop = Loop(llama, InlineWorker(), lambda: 0.0)
    told = write_streams(loop, PAGE, draws=takes(5), length=4, sampling=WILD)
    assert widths == [(5, 8)] * 3
    shown = [event.width for event in told.events if isinstance(event, Sampled)]
    assert set(shown) == {1, 8} and shown.count(1) <= 5


def steps_of(answer: Answer) -> tuple[StepWidth, ...]:
    """The step that gave the odds of each token."""
    sampled = [event for event in answer.events if isinstance(event, Sampled)]
    return tuple(StepWidth(event.rows, event.width) for event in sampled for span in event.spans for _ in span.readings)


@pytest.mark.parametrize("count", [5, 11])
def test_a_stream_is_replayed_alone_with_dummies_for_the_others(model: LlamaModel, count: int) -> None:
    """The others stop one after the other, so that the steps have several widths."""
    page = PAGE * 3
    with looping(model) as loop:
        several = stopping_in_turn(loop, page, count)
    for number in range(count):
        stream = several.stream(number)
        again = Replayed(stream.ids, steps=steps_of(stream))
        with looping(model) as loop:
            model.truncate(0)
            alone = write_streams(
                loop, page, draws=[Draws(7, number)], length=len(stream.ids), sampling=WILD, replayed=[again]
            )
        assert alone.ids == stream.ids
        assert raws(alone) == raws(stream) and draws(alone) == draws(stream)
        assert steps_of(alone) == steps_of(stream)
    assert len(set(steps_of(several.stream(0)))) >= min(count, 8)


def stopping_in_turn(loop: Loop, page: str, count: int) -> Answer:
    """Streams of which the last one still writing stops after every third token of the first."""
    stopped, events = set[int](), list[Event]()
    job = write_job(takes(count), 3 * count + 4)
    for event in loop.generate(job, as_pieces([page]), 0.0, Control(stopped.__contains__)):
        events.append(event)
        if isinstance(event, Sampled) and event.stream == 0:
            written = sum(isinstance(one, Sampled) and one.stream == 0 for one in events)
            if written % 3 == 0:
                stopped.add(count - written // 3)
    return Answer(tuple(events))


def test_fillers_change_nothing_and_leave_nothing(model: LlamaModel) -> None:
    def logits(sequences: Sequence[int], width: int) -> Logits:
        model.truncate(0)
        model.evaluate([5, 6, 7, 8])
        model.fork(6)
        rows = [model.step([(sequence, token) for sequence in sequences], width).copy() for token in (9, 10, 11)]
        return np.stack(rows)

    eight, five = logits([1, 2, 3, 4, 5], 8), logits([1, 2], 8)
    assert np.array_equal(eight[:, 0], five[:, 0])
    model.adopt(1)
    assert model.truncate(7) in (0, 7)


def write_job(draws: Sequence[Draws], length: int | None) -> Generate:
    return Generate(1, NO_PATCH, WILD, length, tuple(draws), 5)
