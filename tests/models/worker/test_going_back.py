"""Truncating on every architecture: after any actions, an answer equals that of a freshly loaded model."""

from __future__ import annotations

import random
from array import array
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from models.engine.events import Event, Looked, Sampled
from models.engine.prefix import TokenPiece
from models.engine.requests import Draws, Generate, Look
from models.library.load_options import LoadOptions
from models.llamacpp.model import LlamaModel
from models.sampling.knobs import NEUTRAL, Sampling
from models.worker.loop import Loop
from tests.models import tiny_kinds
from tests.models.asking import NO_PATCH, Answer, InlineWorker, as_pieces, looping, opened, scored, write, write_streams

WILD = Sampling(temperature=2, ignore_eos=True)
WORDS = ("the ", "house ", "on ", "river ", "once ", "upon ", "time ", "한 ", "🌊", "x\n")
ACTIONS = ("write", "again", "look", "look back", "score", "edit", "type", "stop", "streams", "slide")
NEAR = 0.05  # nats: what another batch shape changes with these 32-bit weights, at most


@pytest.fixture(params=tiny_kinds.RECURRENT)
def recurrent(request: pytest.FixtureRequest, made: Callable[[str], Path]) -> Iterator[LlamaModel]:
    with opened(made(request.param), LoadOptions(threads=1)) as model:
        assert not model.truncates
        yield model


def page(words: int, seed: int = 0) -> str:
    chance = random.Random(seed)
    return "".join(chance.choice(WORDS) for _ in range(words))


# ------------------------------------------------------------------------------------------------ how much is read


def test_writing_again_reads_nothing(recurrent: LlamaModel) -> None:
    with looping(recurrent) as loop:
        first = write(loop, page(100), length=100, sampling=WILD)
        again = write(loop, page(100), length=100, sampling=WILD)
        other = write(loop, page(100), length=20, sampling=WILD, take=1)
    assert again.ids == first.ids and again.started.exact
    assert again.ended.evaluated == other.ended.evaluated == 0


def test_an_edit_reads_from_its_chunk_on(recurrent: LlamaModel) -> None:
    chunk, text = recurrent.facts.batch, page(120)
    with looping(recurrent) as loop:
        whole = write(loop, text, length=3, sampling=WILD)
        changed = write(loop, text[:-20] + "?" + text[-19:], length=3, sampling=WILD)
    behind = len(changed.started.prompt) - changed.started.reused
    assert changed.started.reused % chunk == 0 and changed.started.exact
    assert len(whole.started.prompt) > 2 * chunk
    assert behind <= chunk + 20


def test_an_edit_of_what_the_model_wrote_reads_at_most_a_chunk(recurrent: LlamaModel) -> None:
    with looping(recurrent) as loop:
        written = write(loop, page(60), length=150, sampling=WILD)
        rest = write(loop, page(60), TokenPiece(written.ids[:-10]), length=3, sampling=WILD, take=3)
    assert rest.ended.evaluated <= recurrent.facts.batch


def test_a_stop_leaves_the_earlier_cache(recurrent: LlamaModel) -> None:
    text, events = page(120), list[Event]()
    with looping(recurrent) as loop:
        whole = write(loop, text, length=30, sampling=WILD)
        for event in loop.generate(Generate(1, NO_PATCH, WILD, 30, (Draws(7),), 5), as_pieces([text]), 0.0):
            events.append(event)
            if isinstance(event, Sampled) and len(events) == 10:
                recurrent.ask_stop(True)
        recurrent.ask_stop(False)
        stopped = Answer(tuple(events))
        assert stopped.ended.reason == "stopped" and stopped.ids == whole.ids[: len(stopped.ids)]
        rest = write(loop, text, stopped.piece, length=3, sampling=WILD)
        assert rest.ended.evaluated <= recurrent.facts.batch
        assert write(loop, text, length=30, sampling=WILD).ids == whole.ids


def test_without_room_for_states_all_is_read_again(recurrent: LlamaModel) -> None:
    loop = Loop(recurrent, InlineWorker(), lambda: 0.0, snapshots=0)
    first = write(loop, page(100), length=20, sampling=WILD)
    again = write(loop, page(100), length=20, sampling=WILD)
    assert again.ids == first.ids and again.ended.evaluated == len(first.started.prompt)


# ------------------------------------------------------------------------------------------------ the same answers


class Fresh:
    """The answers of a freshly loaded model."""

    def __init__(self, model: LlamaModel) -> None:
        self._model = model

    def loop(self) -> Loop:
        self._model.truncate(0)
        return Loop(self._model, InlineWorker(), lambda: 0.0)


def looked(loop: Loop, *pieces: str | TokenPiece) -> Looked:
    events = loop.queries.look(Look(3, NO_PATCH, NEUTRAL, 10), as_pieces(pieces), 0.0)
    return next(event for event in events if isinstance(event, Looked))


def check(found: Answer, wanted: Answer) -> None:
    """The same to the bit where it says so, else near."""
    if found.started.exact:
        assert found.ids == wanted.ids
        assert [reading for span in found.spans for reading in span.readings] == [
            reading for span in wanted.spans for reading in span.readings
        ]
        return
    check_first(found, wanted)


def check_scores(found: Answer, wanted: Answer) -> None:
    assert found.ids == wanted.ids
    assert np.array_equal(
        [reading.raw for span in found.spans for reading in span.readings],
        [reading.raw for span in wanted.spans for reading in span.readings],
    )


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("kind", tiny_kinds.WRITING)
@pytest.mark.parametrize("snapshots", [2**28, 50_000], ids=["roomy", "tight"])
def test_actions_in_any_order(made: Callable[[str], Path], kind: str, seed: int, snapshots: int) -> None:
    chance, text, written = random.Random(seed), page(40, seed), TokenPiece(array("i"))
    options = LoadOptions(context=256, threads=1)
    with opened(made(kind), options) as model, opened(made(kind), options) as other:
        loop, fresh = Loop(model, InlineWorker(), lambda: 0.0, snapshots=snapshots), Fresh(other)
        for _ in range(25):
            action = chance.choice(ACTIONS)
            if action == "write":
                length = chance.choice((1, 5, 40, 90))
                found = write(loop, text, written, length=length, first=len(written.ids), sampling=WILD)
                wanted = write(fresh.loop(), text, written, length=length, first=len(written.ids), sampling=WILD)
                check(found, wanted)
                written = TokenPiece(written.ids + found.ids)
            elif action == "again":
                take = chance.randrange(5)
                found = write(loop, text, length=20, sampling=WILD, take=take)
                check(found, write(fresh.loop(), text, length=20, sampling=WILD, take=take))
                written = found.piece
            elif action == "look":
                assert looked(loop, text, written) == looked(fresh.loop(), text, written)
            elif action == "slide":
                written = slid(loop, fresh, text)
            elif action == "look back":
                cut = text[: chance.randrange(1, len(text) + 1)]
                check(write(loop, cut, length=1, sampling=WILD), write(fresh.loop(), cut, length=1, sampling=WILD))
            elif action == "score":
                check_scores(scored(loop, text, written), scored(fresh.loop(), text, written))
            elif action in ("edit", "type"):
                text, written = edited(chance, text, written if action == "type" else None)
            elif action == "streams":
                alone = write(fresh.loop(), text, written, length=1, sampling=WILD)
                written = TokenPiece(written.ids + streams(loop, text, written, alone).stream(chance.randrange(3)).ids)
            else:
                stop_under_way(loop, text, chance.randrange(1, 6))


def edited(chance: random.Random, text: str, written: TokenPiece | None) -> tuple[str, TokenPiece]:
    """The text with more at its end, or where nothing stays that was written behind it, with a change in its middle."""
    if written is not None:
        return text + page(chance.choice((1, 10, 60)), chance.randrange(9)), written
    at = chance.randrange(len(text))
    return text[:at] + chance.choice(WORDS) + text[at + 1 :], TokenPiece(array("i"))


def slid(loop: Loop, fresh: Fresh, text: str) -> TokenPiece:
    """Write beyond the end of the context, so that the window slides while it writes."""
    length = loop.model.facts.context + 4
    found = write(loop, text, length=length, sampling=WILD)
    check(found, write(fresh.loop(), text, length=length, sampling=WILD))
    assert len(found.ids) == length
    return found.piece


def streams(loop: Loop, text: str, written: TokenPiece, alone: Answer) -> Answer:
    """Write three streams, of which the first token is that of a fresh model."""
    several = write_streams(loop, text, written, draws=[Draws(7, take) for take in range(3)], sampling=WILD)
    if several.started.prompt == alone.started.prompt:  # several are cut earlier, to leave room for all
        check_first(several.stream(0), alone)
    return several


def check_first(found: Answer, wanted: Answer) -> None:
    """The first token as in `check`; behind it, the step is wider."""
    first, other = found.spans[0].readings[0], wanted.spans[0].readings[0]
    if found.started.exact:
        assert first == other
        return
    near = dict(zip(other.alternatives.ids, other.alternatives.raw, strict=True))
    for token, raw in zip(first.alternatives.ids, first.alternatives.raw, strict=True):
        assert abs(raw - near.get(token, raw)) < NEAR


def stop_under_way(loop: Loop, text: str, after: int) -> None:
    """Begin to write and stop after that many events, inside an evaluation."""
    for index, _ in enumerate(loop.generate(Generate(1, NO_PATCH, WILD, 30, (Draws(7),), 5), as_pieces([text]), 0.0)):
        loop.model.ask_stop(index >= after)
    loop.model.ask_stop(False)
