"""Queries beside the page: the page's context stays as it is, and every answer is that of a freshly loaded model."""

from __future__ import annotations

import random
from array import array
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from gguf import GGUFWriter

from models.engine.events import Ended, Event, Looked, Scored, Started
from models.engine.prefix import TokenPiece
from models.engine.requests import Look, Score
from models.errors import ModelError, Stopped
from models.library.load_options import LoadOptions
from models.llamacpp.model import LlamaModel
from models.llamacpp.second_context import SecondContext
from models.sampling.knobs import NEUTRAL, Sampling
from models.worker.loop import Loop
from models.worker.query_context import LEAST_ROOM
from tests.models import tiny_kinds
from tests.models.asking import NO_PATCH, InlineWorker, as_pieces, looping, opened, scored, write

WILD = Sampling(temperature=2, ignore_eos=True)
WORDS = ("the ", "house ", "on ", "river ", "once ", "upon ", "time ", "한 ", "🌊", "x\n")
OPTIONS = LoadOptions(context=1_024, threads=1)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    folder = tmp_path_factory.mktemp("kinds")
    return lambda kind: tiny_kinds.writing(folder, kind, None if kind == "gpt2" else _wide)


def _wide(writer: GGUFWriter) -> None:
    writer.add_context_length(1_024)


@pytest.fixture(params=tiny_kinds.WRITING)
def kind(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture
def model(kind: str, made: Callable[[str], Path]) -> Iterator[LlamaModel]:
    with opened(made(kind), LoadOptions(context=512, threads=1)) as model:
        yield model


@pytest.fixture
def other(kind: str, made: Callable[[str], Path]) -> Iterator[LlamaModel]:
    """The same model once more."""
    with opened(made(kind), LoadOptions(context=512, threads=1)) as model:
        yield model


def page(model: LlamaModel, tokens: int, seed: int = 0) -> TokenPiece:
    chance = random.Random(seed)
    text = model.tokenize("".join(chance.choice(WORDS) for _ in range(tokens)), True)
    assert len(text) >= tokens
    return TokenPiece(text[:tokens])


def cut(piece: TokenPiece, tokens: int) -> TokenPiece:
    return TokenPiece(piece.ids[:tokens])


def look(loop: Loop, *pieces: TokenPiece | str) -> tuple[Started, Looked, Ended]:
    events = list(loop.queries.look(Look(3, NO_PATCH, NEUTRAL, 10), as_pieces(pieces), 0.0))
    started, looked, ended = events[0], events[-2], events[-1]
    assert isinstance(started, Started) and isinstance(looked, Looked) and isinstance(ended, Ended)
    return started, looked, ended


def fresh(model: LlamaModel) -> Loop:
    """A loop on a model whose cache is empty and that has no second context."""
    model.truncate(0)
    return Loop(model, InlineWorker(), lambda: 0.0)


def read_anew(model: LlamaModel, piece: TokenPiece) -> bytes:
    """The logits behind the page, read in chunks from the start in the page's own context."""
    ids = array("i", [model.facts.bos] if model.facts.bos >= 0 else []) + piece.ids
    model.truncate(0)
    chunk = model.facts.batch
    for first in range(0, len(ids) - chunk, chunk):
        model.read(ids[first : first + chunk])
    rest = (len(ids) - 1) // chunk * chunk
    return model.evaluate(ids[rest:]).tobytes()


# ------------------------------------------------------------------------------------------------ the page


def test_the_page_does_not_notice_a_hundred_looks(model: LlamaModel) -> None:
    chance, text = random.Random(1), page(model, 400)
    with looping(model) as loop:
        wanted = write(loop, text, length=50, sampling=WILD)
    with looping(model) as loop:
        first = write(loop, text, length=20, sampling=WILD)
        for _ in range(100):
            look(loop, cut(text, chance.randrange(1, 401)))
        scored(loop, text)
        rest = write(loop, text, first.piece, length=30, first=20, sampling=WILD)
    assert rest.started.reused == len(rest.started.prompt) - 1  # the token drawn last, which no evaluation has read
    assert first.ids + rest.ids == wanted.ids
    readings = [reading for answer in (first, rest) for span in answer.spans for reading in span.readings]
    assert readings == [reading for span in wanted.spans for reading in span.readings]


# ------------------------------------------------------------------------------------------------ the same answers


@pytest.mark.parametrize("seed", range(2))
def test_looks_are_those_of_a_fresh_model(model: LlamaModel, other: LlamaModel, seed: int) -> None:
    chance, text = random.Random(seed), page(model, 450, seed)
    with looping(model) as loop:
        written = write(loop, cut(text, 380), length=30, sampling=WILD).piece if seed else None
        for _ in range(30):
            deed = chance.random()
            if deed < 0.1:
                write(loop, cut(text, chance.randrange(1, 451)), length=chance.choice((1, 20)), sampling=WILD)
            elif deed < 0.15:
                scored(loop, cut(text, chance.randrange(100, 451)))
            elif deed < 0.3 and written:
                look(loop, cut(text, 380), written)
                ids = text.ids[:380] + written.ids
                assert logits(loop) == read_anew(other, TokenPiece(ids))
            else:
                piece = cut(text, chance.randrange(1, 451))
                _, looked, _ = look(loop, piece)
                assert logits(loop) == read_anew(other, piece)
                assert looked == look(fresh(other), piece)[1]


def logits(loop: Loop) -> bytes:
    """Those that the last look read."""
    found = next(iter(loop.queries.context.read(loop.queries.context.ids)), None)
    assert found is None  # nothing was left to read
    kept = loop.queries.context._logits
    assert kept is not None
    return kept.tobytes()


def test_scores_are_those_of_a_fresh_model(model: LlamaModel, other: LlamaModel) -> None:
    text = page(model, 200)
    with looping(model) as loop:
        write(loop, text, length=20, sampling=WILD)
        look(loop, cut(text, 90))
        found = scored(loop, text)
    assert found.spans == scored(fresh(other), text).spans


CACHES = [("f16", "off", 1), ("f32", "off", 2), ("f32", "on", 1)]


@pytest.mark.parametrize(("cache", "flash", "threads"), CACHES)
@pytest.mark.parametrize("architecture", ["llama", "gemma3", "jamba"])
def test_every_kind_of_cache_is_copied_to_the_bit(
    made: Callable[[str], Path], architecture: str, cache: str, flash: str, threads: int
) -> None:
    options = LoadOptions(context=512, threads=threads, cache_type=cache, flash_attention=flash)
    with opened(made(architecture), options) as model, opened(made(architecture), options) as other:
        text = page(model, 450)
        with looping(model) as loop:
            write(loop, text, length=1, sampling=WILD)
            for place in (449, 300, 290, 420, 100, 450):
                _, _, ended = look(loop, cut(text, place))
                assert ended.evaluated <= model.facts.batch
                assert logits(loop) == read_anew(other, cut(text, place))


@pytest.mark.starter
@pytest.mark.parametrize("cache", ["f16", "q8_0"])
def test_the_starter_s_cache_with_its_windows_is_copied_to_the_bit(starter: Path, cache: str) -> None:
    options = LoadOptions(context=1_024, threads=2, cache_type=cache)
    with opened(starter, options) as model, looping(model) as loop:
        text = page(model, 900)
        write(loop, text, length=1)
        found = dict[int, bytes]()
        for place in (890, 640):
            assert look(loop, cut(text, place))[2].evaluated <= model.facts.batch
            found[place] = logits(loop)
        for place, data in found.items():
            assert data == read_anew(model, cut(text, place))


# ------------------------------------------------------------------------------------------------ what it costs


def test_a_look_on_a_read_page_reads_at_most_a_chunk(model: LlamaModel) -> None:
    text = page(model, 450)
    with looping(model) as loop:
        write(loop, text, length=1, sampling=WILD)
        for place in (450, 449, 200, 210, 300, 10):
            started, _, ended = look(loop, cut(text, place))
            assert ended.evaluated == len(started.prompt) - started.reused <= model.facts.batch, place


def test_a_look_near_the_last_one_copies_nothing(model: LlamaModel, monkeypatch: pytest.MonkeyPatch) -> None:
    text, copies = page(model, 450), list[int]()
    with looping(model) as loop:
        write(loop, text, length=1, sampling=WILD)
        context, copy = loop.queries.context, loop.queries.context._copy
        monkeypatch.setattr(context, "_copy", lambda tokens: copies.append(tokens) or copy(tokens))
        for place in (430, 431, 445, 440, 400, 401):
            look(loop, cut(text, place))
    assert copies == [(430 + (model.facts.bos >= 0) - 1) // model.facts.batch * model.facts.batch]


def test_a_query_needs_no_more_room_than_its_prefix(model: LlamaModel, other: LlamaModel) -> None:
    text, asked = page(model, 450), list[tuple[int, int]]()
    opened_so_far, model.open_second = (
        model.open_second,
        lambda room, outputs: (
            asked.append((room, outputs)),
            opened_so_far(room, outputs),
        )[1],
    )
    with looping(model) as loop:
        look(loop, cut(text, 20))
        look(loop, cut(text, 300))
        scored(loop, text)
        look(loop, text)
    assert asked == [(LEAST_ROOM, 1), (LEAST_ROOM, 64)]


def test_a_context_grows_with_the_prefix(made: Callable[[str], Path]) -> None:
    with opened(made("gemma3"), OPTIONS) as model, opened(made("gemma3"), OPTIONS) as other, looping(model) as loop:
        text = page(model, 900)
        for place in (100, 600, 90, 900, 30):
            look(loop, cut(text, place))
            assert logits(loop) == read_anew(other, cut(text, place))
        assert loop.queries.context.room == 1_024
        write(loop, text, length=30, sampling=WILD)
        for place in (880, 850, 400, 860, 899):
            look(loop, cut(text, place))
            assert logits(loop) == read_anew(other, cut(text, place))


def test_tiny_budgets_cost_time_and_nothing_else(made: Callable[[str], Path]) -> None:
    options = LoadOptions(context=512, threads=1)
    with opened(made("jamba"), options) as model, opened(made("jamba"), options) as other:
        loop, text = Loop(model, InlineWorker(), lambda: 0.0, snapshots=0), page(model, 300)
        loop.queries.context._snapshots._budget = 0
        write(loop, text, length=10, sampling=WILD)
        for place in (300, 200, 201, 290):
            look(loop, cut(text, place))
            assert logits(loop) == read_anew(other, cut(text, place))


# ------------------------------------------------------------------------------------------------ what goes wrong


@pytest.mark.parametrize("place", [1, 40, 130, 298])
def test_the_end_of_a_page_is_scored_alone(model: LlamaModel, other: LlamaModel, place: int) -> None:
    """The tokens from a code point on: the same ones, with the same numbers but for the shapes they were read in, at
    the cost of a look; the page's context does not notice."""
    text = page(model, 300)
    shown = b"".join(map(model.token_bytes, text.ids[:place])).decode("utf-8", "ignore")
    whole = [one for span in scored(fresh(other), text).spans for one in span.readings]
    with looping(model) as loop:
        before = write(loop, text, length=5, sampling=WILD)
        events = list(loop.queries.score(Score(3, NO_PATCH, 5, len(shown)), as_pieces([text]), 0.0))
        again = write(loop, text, length=5, sampling=WILD)
    spans = [span for event in events if isinstance(event, Scored) for span in event.spans]
    first = next(event for event in events if isinstance(event, Scored))
    assert first.offset >= len(shown)
    some = [one for span in spans for one in span.readings]
    assert 0 < len(some) <= 300 - place + 3  # the place may be inside a character
    for one, same in zip(some, whole[-len(some) :], strict=True):
        assert one.token == same.token and abs(one.raw - same.raw) < 0.05 and one.rank > 0
    ended = events[-1]
    assert isinstance(ended, Ended) and ended.reason == "done" and ended.tokens == len(some)
    assert ended.evaluated <= max(model.facts.batch, 300 - ended.tokens) and before.ids == again.ids


def test_nothing_behind_the_end_is_scored(model: LlamaModel) -> None:
    with looping(model) as loop:
        events = list(loop.queries.score(Score(3, NO_PATCH, 5, 10_000), as_pieces(["once upon"]), 0.0))
    assert isinstance(events[-1], Ended) and events[-1].reason == "done" and events[-1].tokens == 0


def test_a_stop_ends_a_look_and_loses_nothing(model: LlamaModel, other: LlamaModel) -> None:
    text = page(model, 400)
    with looping(model) as loop:
        events = list[Event]()
        for event in loop.queries.look(Look(1, NO_PATCH, NEUTRAL, 10), as_pieces([text]), 0.0):
            events.append(event)
            model.ask_stop(len(events) == 4)
        model.ask_stop(False)
        assert isinstance(events[-1], Ended) and events[-1].reason == "stopped"
        assert not any(isinstance(event, Looked) for event in events)
        _, looked, ended = look(loop, text)
        assert ended.evaluated < 400  # what was read before the stop is still there
        assert looked == look(fresh(other), text)[1]


def test_a_stop_ends_a_score_behind_its_first_readings(model: LlamaModel) -> None:
    events = list[Event]()
    with looping(model) as loop:
        for event in loop.queries.score(Score(1, NO_PATCH, 5), as_pieces([page(model, 300)]), 0.0):
            events.append(event)
            model.ask_stop(sum(isinstance(event, Scored) for event in events) > 20)
        model.ask_stop(False)
    assert isinstance(events[-1], Ended) and events[-1].reason == "stopped" and 0 < events[-1].tokens < 300


def test_without_memory_a_sentence_and_the_page_as_it_was(model: LlamaModel, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_room: int, _outputs: int) -> None:
        raise ModelError("llama.cpp says no")

    text = page(model, 100)
    with looping(model) as loop:
        first = write(loop, text, length=5, sampling=WILD)
        with monkeypatch.context() as patch:
            patch.setattr(model, "open_second", refuse)
            with pytest.raises(ModelError, match=r"not enough memory to read 10[01] tokens beside the page"):
                look(loop, text)
            assert write(loop, text, length=5, sampling=WILD).ids == first.ids
        look(loop, text)


def test_where_the_page_has_no_room_beside_itself_it_is_read(model: LlamaModel, other: LlamaModel) -> None:
    text, opening = page(model, 450), model.open_second

    def sparing(room: int, outputs: int) -> SecondContext:
        if room > 256:
            raise ModelError("llama.cpp says no")
        return opening(room, outputs)

    with looping(model) as loop:
        write(loop, text, length=5, sampling=WILD)
        model.open_second = sparing
        assert look(loop, cut(text, 200))[1] == look(fresh(other), cut(text, 200))[1]
        assert loop.queries.context.room in (200, 201)


def test_a_copy_that_fails_is_read_instead(model: LlamaModel, other: LlamaModel) -> None:
    text = page(model, 300)
    with looping(model) as loop:
        write(loop, text, length=1, sampling=WILD)
        look(loop, cut(text, 10))
        second = loop.queries.context._second
        assert second is not None
        second.copy = lambda held, tokens, state: second.truncate(0)
        _, looked, ended = look(loop, text)
        assert ended.evaluated > model.facts.batch
        assert looked == look(fresh(other), text)[1]


def test_an_evaluation_that_fails_leaves_whole_chunks(model: LlamaModel, other: LlamaModel) -> None:
    text = page(model, 300)
    with looping(model) as loop:
        look(loop, cut(text, 200))
        context = loop.queries.context
        with pytest.raises(Stopped):
            context._evaluate(text.ids[:1], _stop)
        assert len(context.ids) == (200 + (model.facts.bos >= 0)) // model.facts.batch * model.facts.batch
        assert look(loop, text)[1] == look(fresh(other), text)[1]


def _stop() -> None:
    raise Stopped


def test_scores_ask_for_few_outputs_at_once(made: Callable[[str], Path]) -> None:
    """Where a chunk is longer than the outputs of one evaluation, as on a graphics device."""
    with opened(made("llama"), LoadOptions(context=512, threads=1)) as model, looping(model) as loop:
        text = page(model, 200)
        sizes = [len(rows) for _, rows in loop.queries.context.read_each(text.ids)]
        assert sizes == [64, 64, 64, 8]
        loop.queries.context._chunk = 128
        found = [np.array(rows[0]) for _, rows in loop.queries.context.read_each(text.ids)]
        assert len(found) == 4 and len(loop.queries.context.ids) == 0  # not the canonical layout: forgotten
