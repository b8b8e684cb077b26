"""A generation that waits for Allow between its tokens writes what it would write without waiting."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from models.engine.events import Ended, Event, Flipped, Looked, Sampled
from models.engine.prefix import TextPiece
from models.engine.requests import Allow, Draws, Flips, Generate, Look, Stop
from models.sampling.knobs import NEUTRAL, Sampling
from tests.models import tiny_kinds
from tests.models.worker.test_asides import OTHER, PAGE, WILD, Child

MIROSTAT = Sampling(mirostat=2, mirostat_tau=3.0, ignore_eos=True)
STOPPING = Sampling(temperature=2, ignore_eos=True, stop=("e h", "on t", "zz"))

Start = Callable[[str], Child]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    children: list[Child] = []

    def begin(kind: str) -> Child:
        children.append(Child(tiny_kinds.writing(tmp_path, kind) if kind != "scripted:" else kind))
        return children[-1]

    yield begin
    for child in children:
        child.close()


def generate(child: Child, length: int | None, allowed: int | None, sampling: Sampling = WILD) -> int:
    patch = child.patch(PAGE)
    return child.ask(lambda job: Generate(job, patch, sampling, length, (Draws(7),), 5, allowed=allowed))


def readings(child: Child, job: int) -> list[object]:
    return [(reading.token, reading.draw, reading.raw) for reading in child.written(job).get(0, [])]


def spans(child: Child, job: int) -> list[object]:
    return [span.text for event in child.of(job, Sampled) for span in event.spans]


def rests(child: Child) -> list[Event]:
    """What comes in a quarter of a second."""
    time.sleep(0.25)
    found: list[Event] = []
    while not child.events.empty():
        child.got.append(event := child.events.get())
        found.append(event)
    return found


def test_text_that_is_held_back_makes_it_wait_for_nothing(start: Start) -> None:
    """The stop string begins as the text does, for many tokens: none of them is sent before it differs."""
    child = start("llama")
    child.ended(at_once := generate(child, 30, None))
    text = "".join(map(str, spans(child, at_once)))
    job = generate(child, 30, 1, replace(WILD, stop=(text[: len(text) // 2] + "\x01",)))
    child.until(Sampled, job)
    assert len(readings(child, job)) > 8
    child.worker.receive(Allow(job, None))
    child.ended(job)
    assert readings(child, job) == readings(child, at_once)


@pytest.mark.parametrize("kind", tiny_kinds.WRITING)
@pytest.mark.parametrize("sampling", [WILD, MIROSTAT, STOPPING])
def test_one_after_the_other_it_writes_the_same(start: Start, kind: str, sampling: Sampling) -> None:
    child = start(kind)
    at_once = generate(child, 30, None, sampling)
    wanted = child.ended(at_once)
    slowly = generate(child, 30, 1, sampling)
    for tokens in range(2, 31):
        child.worker.receive(Allow(slowly, tokens))
        if tokens % 7 == 0:
            time.sleep(0.01)
    ended = child.ended(slowly)
    assert readings(child, slowly) == readings(child, at_once) and spans(child, slowly) == spans(child, at_once)
    assert (ended.reason, ended.tokens) == (wanted.reason, wanted.tokens)


STREAMS = (Draws(7), Draws(7, 1), Draws(7, 2))


def generate_several(child: Child, length: int | None, allowed: int | None) -> int:
    patch = child.patch(PAGE)
    return child.ask(lambda job: Generate(job, patch, WILD, length, STREAMS, 5, allowed=allowed))


def readings_of_several(child: Child, job: int) -> dict[int, list[object]]:
    return {stream: [(one.token, one.draw, one.raw) for one in of] for stream, of in child.written(job).items()}


@pytest.mark.parametrize("kind", ["llama", "scripted:"])
def test_several_wait_together_and_write_the_same(start: Start, kind: str) -> None:
    child = start(kind)
    child.ended(at_once := generate_several(child, 12, None))
    slowly = generate_several(child, 12, 3)
    child.until(Sampled, slowly)
    rests(child)
    sent = readings_of_several(child, slowly)
    assert {stream: len(of) for stream, of in sent.items()} == dict.fromkeys(range(3), 3)
    assert not child.of(slowly, Ended)
    for tokens in range(4, 13):
        child.worker.receive(Allow(slowly, tokens))
    child.ended(slowly)
    assert readings_of_several(child, slowly) == readings_of_several(child, at_once)


def test_a_stop_ends_the_wait_of_several(start: Start) -> None:
    child = start("llama")
    job = generate_several(child, None, 2)
    child.until(Sampled, job)
    rests(child)
    child.worker.receive(Stop(job))
    child.ended(job)
    assert {event.reason for event in child.of(job, Ended)} == {"stopped"}
    again = generate(child, 5, None)
    assert child.ended(again).reason == "length"


def test_it_waits_and_draws_no_more_than_it_may(start: Start) -> None:
    child = start("llama")
    job = generate(child, 12, 3)
    child.until(Sampled, job)
    rests(child)
    assert 3 <= len(readings(child, job)) <= 4 and not child.of(job, Ended)
    child.worker.receive(Allow(job, 8))
    child.until(Sampled, job)
    rests(child)
    assert 8 <= len(readings(child, job)) <= 9
    child.worker.receive(Allow(job, None))
    assert child.ended(job).reason == "length" and len(readings(child, job)) == 12


def test_queries_are_answered_while_it_waits(start: Start) -> None:
    child = start("llama")
    at_once = generate(child, 20, None)
    child.ended(at_once)
    job = generate(child, 20, 2)
    child.until(Sampled, job)
    for number in range(5):
        look = child.look((TextPiece("the house on the river " * (number + 1)),))
        child.ended(look)
        patch = child.patch(OTHER)
        flips = child.ask(lambda job, patch=patch, number=number: Flips(job, patch, NEUTRAL, 1, first=number))
        child.ended(flips)
        assert child.of(look, Looked) and child.of(flips, Flipped)
        child.worker.receive(Allow(job, 3 + number))
    score = child.score()
    assert child.ended(score).tokens > 20
    child.worker.receive(Allow(job, None))
    child.ended(job)
    assert readings(child, job) == readings(child, at_once)


def test_a_stop_ends_the_wait_and_the_next_job_begins(start: Start) -> None:
    child = start("llama")
    job = generate(child, None, 2)
    child.until(Sampled, job)
    rests(child)
    child.worker.receive(Stop(job))
    assert child.ended(job).reason == "stopped" and len(readings(child, job)) <= 3
    again = generate(child, 5, None)
    assert child.ended(again).reason == "length"


def test_an_allow_of_another_or_a_past_job_means_nothing(start: Start) -> None:
    child = start("llama")
    past = generate(child, 2, None)
    child.ended(past)
    job = generate(child, 6, 1)
    child.until(Sampled, job)
    for other in (past, job + 1):
        child.worker.receive(Allow(other, None))
    rests(child)
    assert len(readings(child, job)) <= 2
    child.worker.receive(Allow(job, None))
    child.ended(job)
    child.ended(child.ask(lambda number: Look(number, child.patch(PAGE), NEUTRAL)))
    assert not child.worker._allowed


def test_the_window_slides_while_it_waits(start: Start) -> None:
    child = start("scripted:")
    at_once = generate(child, 600, None)
    child.ended(at_once)
    slowly = generate(child, 600, 4)
    for tokens in range(8, 604, 4):
        child.worker.receive(Allow(slowly, tokens))
    child.ended(slowly)
    assert child.of(slowly, Sampled)[-1].dropped > 0
    assert readings(child, slowly) == readings(child, at_once)
