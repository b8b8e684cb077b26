"""Several streams on bad input and through faults, with real llama.cpp: no room, waves, models without an end, NaN."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from gguf import GGUFWriter

from models.engine.events import Ended, Event, Sampled, Started
from models.engine.requests import Draws, Generate, Score
from models.errors import BrokenNumbersError, ModelError
from models.library.load_options import LoadOptions
from models.llamacpp.model import LlamaModel
from models.sampling.knobs import Sampling
from models.worker.loop import Loop
from tests.models import tiny, tiny_kinds
from tests.models.asking import NO_PATCH, Answer, as_pieces, looping, opened, write, write_streams

WILD = Sampling(temperature=2, ignore_eos=True)
PAGE = "once upon a time the river 한 " * 4


def takes(count: int, seed: int = 7) -> list[Draws]:
    return [Draws(seed, take) for take in range(count)]


def drawn(answer: Answer) -> list[float]:
    return [reading.draw for span in answer.spans for reading in span.readings]


def ends(answer: Answer) -> list[Ended]:
    """The ends of all streams, by their numbers."""
    return sorted((event for event in answer.events if isinstance(event, Ended)), key=lambda event: event.stream)


def score(loop: Loop, text: str) -> Answer:
    return Answer(tuple(loop.score(Score(1, NO_PATCH, 5), as_pieces([text]), 0.0)))


def stopped_after(loop: Loop, model: LlamaModel, streams: int, events: int) -> Answer:
    """An endless job of that many streams, stopped after that many events."""
    got: list[Event] = []
    job = Generate(1, NO_PATCH, WILD, None, tuple(takes(streams)), 5)
    for event in loop.generate(job, as_pieces([PAGE]), 0.0):
        got.append(event)
        if len(got) > events:
            model.ask_stop(True)
    model.ask_stop(False)
    return Answer(tuple(got))


@pytest.fixture
def llama(tiny_llama: Path) -> Iterator[LlamaModel]:
    with opened(tiny_llama, LoadOptions(context=512, threads=1)) as model:
        yield model


# ------------------------------------------------------------------------------------------------ no room


@pytest.mark.parametrize("kind", tiny_kinds.WRITING)
@pytest.mark.parametrize("context", [4, 16, 41])
def test_a_page_that_fills_the_context(kind: str, context: int, made: Callable[[str], Path]) -> None:
    """One stream writes on in a window that slides; each of several gets as much as is foretold, one token at least."""
    with opened(made(kind), LoadOptions(context=context, threads=1)) as model, looping(model) as loop:
        one = write(loop, PAGE, length=60, sampling=WILD)
        assert one.ended.reason == "length" and len(one.ids) == 60 and one.started.room == -1
        last = [event for event in one.events if isinstance(event, Sampled)][-1]
        assert last.dropped > 0 and one.ended.used <= context
        for count in (2, 5, model.facts.streams):
            several = write_streams(loop, PAGE, draws=takes(count), length=None, sampling=WILD)
            assert several.started.room >= 1
            assert {(end.reason, end.tokens) for end in ends(several)} == {("context full", several.started.room)}


def test_as_many_tokens_as_are_foretold_end_by_their_length(llama: LlamaModel) -> None:
    with looping(llama) as loop:
        room = write_streams(loop, PAGE, draws=takes(5), length=1, sampling=WILD).started.room
        exactly = write_streams(loop, PAGE, draws=takes(5), length=room, sampling=WILD)
        longer = write_streams(loop, PAGE, draws=takes(5), length=room + 1, sampling=WILD)
    assert {end.reason for end in ends(exactly)} == {"length"}
    assert {end.reason for end in ends(longer)} == {"context full"}


# ------------------------------------------------------------------------------------------------ waves


def test_streams_of_all_waves_keep_their_numbers_and_their_draws(llama: LlamaModel) -> None:
    with looping(llama) as loop:
        several = write_streams(loop, PAGE, draws=takes(64), length=5, sampling=WILD)
        for number in (0, 15, 16, 40, 63):
            alone = write(loop, PAGE, length=5, take=number, sampling=WILD)
            assert drawn(several.stream(number)) == drawn(alone)
    assert [end.stream for end in ends(several)] == list(range(64))
    assert several.started.streams == 16


def test_a_stop_begins_no_further_wave(llama: LlamaModel) -> None:
    with looping(llama) as loop:
        several = stopped_after(loop, llama, streams=40, events=100)
    assert [end.reason for end in ends(several)] == ["stopped"] * 40
    assert all(end.tokens > 1 for end in ends(several)[:16])
    assert all(end.tokens == 0 for end in ends(several)[16:])
    assert {event.left for event in ends(several)} == set(range(40))


# ------------------------------------------------------------------------------------------------ how texts end


@pytest.mark.parametrize("count", [3, 20])
def test_stop_strings_in_the_first_tokens_of_all(llama: LlamaModel, count: int) -> None:
    with looping(llama) as loop:
        plain = write_streams(loop, PAGE, draws=takes(count), length=4, sampling=WILD)
        firsts = tuple({plain.stream(number).text[0] for number in range(count) if plain.stream(number).text})
        met = write_streams(
            loop, PAGE, draws=takes(count), length=4, sampling=Sampling(temperature=2, ignore_eos=True, stop=firsts)
        )
        after = write(loop, PAGE, length=4, sampling=WILD)
    for number in range(count):
        if text := plain.stream(number).text:
            first = len(plain.stream(number).spans[0].readings)
            assert met.stream(number).text == "" and text
            assert (ends(met)[number].reason, ends(met)[number].tokens) == ("stop string", first)
    assert after.ended.evaluated == 0


def without_an_end(writer: GGUFWriter) -> None:
    """Take the end of text out of the header, and its name, by which llama.cpp would know it."""
    header = writer.kv_data[0]
    for key in ("tokenizer.ggml.eos_token_id", "tokenizer.ggml.bos_token_id"):
        del header[key]
    names = header["tokenizer.ggml.tokens"].value
    names[names.index("<|endoftext|>")] = "<|nothing|>"


def test_a_model_without_an_end_of_text_writes_until_something_else_ends_it(tmp_path: Path) -> None:
    path = tiny.make(tmp_path / "endless.gguf", "gpt2", extra=without_an_end)
    with opened(path, LoadOptions(context=256, threads=1)) as model, looping(model) as loop:
        assert not any(model.ends_text(token) for token in range(model.vocabulary))
        tame = Sampling(temperature=2)  # without ignore_eos
        assert write(loop, PAGE, length=300, sampling=tame).ended.reason == "length"
        several = write_streams(loop, PAGE, draws=takes(20), length=5, sampling=tame)
        assert {(end.reason, end.tokens) for end in ends(several)} == {("length", 5)}
        endless = write_streams(loop, PAGE, draws=takes(4), length=None, sampling=tame)
        assert {end.reason for end in ends(endless)} == {"context full"}
        with pytest.raises(ModelError, match="The page is empty"):
            write_streams(loop, draws=takes(4))


# ------------------------------------------------------------------------------------------------ NaN and infinity

POISON = 300  # a token whose embedding is no number


def poisoned(path: Path, value: float) -> Path:
    """A model in whose file one token's embedding is `value`, beside an output of its own: what follows that token has
    no usable odds.
    """
    weights = tiny._weights

    def broken(*about: object) -> Iterator[tuple[str, tiny.Tensor]]:
        for name, tensor in weights(*about):  # pyright: ignore[reportArgumentType]
            if name == "token_embd.weight":
                yield "output.weight", tensor.copy()
                tensor[POISON] = value
            yield name, tensor

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tiny, "_weights", broken)
        return tiny.make(path, "llama")


@pytest.fixture(params=[np.nan, np.inf], ids=["nan", "inf"])
def broken(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    return poisoned(tmp_path / "broken.gguf", request.param)


def test_a_stream_without_usable_odds_ends_and_the_others_go_on(broken: Path) -> None:
    with opened(broken, LoadOptions(context=512, threads=1)) as model, looping(model) as loop:
        sound = write(loop, PAGE, length=6, sampling=WILD)
        several = write_streams(loop, PAGE, draws=takes(40), length=24, sampling=WILD)
        poisoned = [number for number in range(40) if POISON in several.stream(number).ids[:23]]
        assert 0 < len(poisoned) < 20
        for end in ends(several):
            assert end.reason == ("failed" if end.stream in poisoned else "length")
            assert ("NaN or infinity" in end.sentence) == (end.stream in poisoned)
            assert end.tokens == len(several.stream(end.stream).ids)
        again = write(loop, PAGE, length=6, sampling=WILD)
    assert again.ids == sound.ids and drawn(again) == drawn(sound) and again.started.exact


def test_without_flash_attention_nothing_is_poisoned_for_good(broken: Path) -> None:
    """There one row of NaN spoils the others of its step; the next wave and the next request are sound."""
    options = LoadOptions(context=512, threads=1, flash_attention="off")
    with opened(broken, options) as model, looping(model) as loop:
        sound = write(loop, PAGE, length=6, sampling=WILD)
        several = write_streams(loop, PAGE, draws=takes(40), length=24, sampling=WILD)
        reasons = [end.reason for end in ends(several)]
        failed = [wave for wave in (reasons[:16], reasons[16:32], reasons[32:]) if "failed" in wave]
        assert failed and all(len(set(wave)) == 1 for wave in failed)
        assert "length" in reasons
        assert write(loop, PAGE, length=6, sampling=WILD).ids == sound.ids


@pytest.mark.parametrize("flash", ["auto", "off"])
def test_nor_after_a_single_stream_or_a_query(broken: Path, flash: str) -> None:
    with opened(broken, LoadOptions(context=512, threads=1, flash_attention=flash)) as model, looping(model) as loop:
        bad = model.token_bytes(POISON).decode()
        sound, read = write(loop, PAGE, length=6, sampling=WILD), score(loop, PAGE)
        for ask in (write, score):
            with pytest.raises(BrokenNumbersError, match="NaN or infinity"):
                ask(loop, f"{PAGE}{bad} the house")
        assert write(loop, PAGE, length=6, sampling=WILD).ids == sound.ids
        assert [span.readings[0].raw for span in score(loop, PAGE).spans] == [s.readings[0].raw for s in read.spans]


def test_no_usable_odds_behind_the_page_end_every_stream(broken: Path) -> None:
    with opened(broken, LoadOptions(context=512, threads=1)) as model, looping(model) as loop:
        bad = model.token_bytes(POISON).decode()
        several = write_streams(loop, PAGE + bad, draws=takes(20))
    assert {(end.reason, end.tokens) for end in ends(several)} == {("failed", 0)}
    assert len([event for event in several.events if isinstance(event, Started)]) == 1
