"""Writing with a grammar, on real llama.cpp with random weights: no text breaks it, and it goes on where it was."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from models.engine.events import Distributed, Event, Flipped, Looked, Sampled
from models.engine.prefix import TextPiece
from models.engine.requests import Distribution, Draws, Flips, Generate, Look, Rechain, Replayed
from models.errors import BrokenNumbersError, ModelError
from models.library.load_options import LoadOptions
from models.llamacpp.model import LlamaModel
from models.sampling.chain import Chain
from models.sampling.grammar.automaton import DEAD, Automaton
from models.sampling.grammar.gbnf import parse
from models.sampling.knobs import NEUTRAL, STAGES, Sampling
from models.worker.loop import Loop
from tests.models import grammars
from tests.models.asking import NO_PATCH, Answer, looping, opened, write, write_streams

CUT = 1 + STAGES.index("grammar")
YES = Sampling(grammar='root ::= "yes, it was" | "no"')
WORDS = Sampling(grammar='root ::= ("the " | "boat " | "é")+ "."')
PAGE = "the house"


@pytest.fixture(scope="module")
def model(tiny_models: dict[str, Path]) -> Iterator[LlamaModel]:
    with opened(tiny_models["llama"], LoadOptions(context=512, threads=1)) as model:
        yield model


@pytest.fixture
def loop(model: LlamaModel) -> Iterator[Loop]:
    with looping(model) as loop:
        yield loop


def spelt(answer: Answer) -> bytes:
    return b"".join(reading.bytes for span in answer.spans for reading in span.readings)


def fits(grammar: str, written: bytes, *, whole: bool) -> bool:
    automaton = Automaton(parse(grammar))
    state = automaton.after(automaton.start, written)
    return automaton.is_complete(state) if whole else state != DEAD


def test_200_samples_of_random_grammars_never_break_them(loop: Loop) -> None:
    chance, ended = random.Random(3), 0
    for number in range(200):
        sampling = Sampling(
            grammar=grammars.grammar(chance),
            temperature=chance.choice((0.0, 1.0, 2.0)),
            top_k=chance.choice((0, 5)),
            mirostat=chance.choice((0, 0, 2)),
            banned=chance.choice(((), ("be", "é"))),
        )
        try:
            answer = write(loop, PAGE, length=12, seed=number, sampling=sampling)
        except ModelError as error:
            assert "banned string" in str(error) or "grammar allows no token" in str(error)
            continue
        whole = answer.ended.reason == "end of text"
        assert whole or answer.ended.reason == "length"
        assert fits(sampling.grammar, spelt(answer), whole=whole), (sampling, answer.text)
        ended += whole
    assert ended > 40


def test_streams_follow_it_each_by_itself(loop: Loop) -> None:
    answer = write_streams(loop, PAGE, draws=[Draws(5, take) for take in range(4)], length=30, sampling=WORDS)
    texts = {spelt(answer.stream(number)) for number in range(4)}
    assert len(texts) > 1
    for number in range(4):
        stream = answer.stream(number)
        whole = stream.ended.reason == "end of text"
        assert fits(WORDS.grammar, spelt(stream), whole=whole)


def test_a_stream_beside_others_is_what_it_is_alone(loop: Loop) -> None:
    draws = [Draws(5, take) for take in range(2)]
    both = write_streams(loop, PAGE, draws=draws, length=20, sampling=WORDS)
    assert both.stream(0).text == write_streams(loop, PAGE, draws=draws[:1], length=20, sampling=WORDS).text


def test_end_of_text_comes_only_where_it_is_complete(loop: Loop) -> None:
    for sampling in (YES, replace(YES, ignore_eos=True)):
        answer = write(loop, PAGE, length=40, sampling=sampling)
        assert answer.ended.reason == "end of text" and answer.text in ("yes, it was", "no")


def test_a_model_that_cannot_end_the_text_stops_there(model: LlamaModel, loop: Loop) -> None:
    ends = [token for token in range(model.vocabulary) if model.ends_text(token)]
    sampling = replace(YES, bias=tuple(f"id:{token}=-inf" for token in ends))
    assert write(loop, PAGE, length=40, sampling=sampling).ended.reason == "grammar"
    streams = write_streams(loop, PAGE, draws=[Draws(1, 0), Draws(1, 1)], length=40, sampling=sampling)
    assert [streams.stream(number).ended.reason for number in range(2)] == ["grammar"] * 2


def test_where_no_token_goes_on_a_sentence_says_so(model: LlamaModel, loop: Loop) -> None:
    a = [token for token in range(model.vocabulary) if b"a" in model.token_bytes(token)]
    sampling = Sampling(grammar='root ::= "ba"', bias=tuple(f"id:{token}=-inf" for token in a))
    with pytest.raises(ModelError, match="grammar allows no token of this model here"):
        write(loop, PAGE, sampling=sampling)
    streams = write_streams(loop, PAGE, draws=[Draws(1, 0), Draws(1, 1)], sampling=sampling)
    assert {streams.stream(number).ended.sentence[:11] for number in range(2)} == {"The grammar"}


def test_what_was_written_since_it_began_is_fed(loop: Loop) -> None:
    page = PAGE + "yes, i"
    answer = Answer(tuple(loop.generate(asked(YES, fed=6), (TextPiece(page),), 0.0)))
    assert answer.text == "t was" and answer.ended.reason == "end of text"
    with pytest.raises(ModelError, match="does not fit the grammar"):
        list(loop.generate(asked(YES, fed=7), (TextPiece(page),), 0.0))
    with pytest.raises(ModelError, match="its beginning is not sent"):
        list(loop.generate(asked(YES, fed=1_000), (TextPiece(page),), 0.0))
    streams = replace(asked(YES, fed=6), draws=(Draws(1, 0), Draws(1, 1)))
    both = Answer(tuple(loop.generate(streams, (TextPiece(page),), 0.0)))
    assert [both.stream(number).text for number in range(2)] == ["t was"] * 2


def asked(sampling: Sampling, fed: int = 0) -> Generate:
    return Generate(1, NO_PATCH, sampling, 40, (Draws(1),), fed=fed)


def test_written_again_it_gives_the_same_numbers(loop: Loop) -> None:
    first = write(loop, PAGE, length=20, sampling=WORDS)
    replayed = (Replayed(first.ids),)
    job = replace(asked(WORDS), length=len(first.ids), draws=(Draws(7),), replayed=replayed, top=5)
    again = Answer(tuple(loop.generate(job, (TextPiece(PAGE),), 0.0)))
    assert [span.readings for span in again.spans] == [span.readings for span in first.spans]


def test_a_banned_string_that_is_taken_back_takes_it_back(loop: Loop) -> None:
    sampling = Sampling(grammar='root ::= ("the" | "boat" | "a")+', banned=("theboat", "aa", "thethe", "boata"))
    answers = [write(loop, PAGE, length=12, seed=seed, sampling=sampling) for seed in range(12)]
    assert any(reading.retry.number for answer in answers for span in answer.spans for reading in span.readings)
    for answer in answers:
        assert fits(sampling.grammar, spelt(answer), whole=False)
        assert not any(string in answer.text for string in sampling.banned)


@pytest.mark.parametrize("page", [PAGE, "the hous"])
def test_the_odds_say_what_it_cut(loop: Loop, model: LlamaModel, page: str) -> None:
    """Also where healing would have taken the end of the text back."""
    found = next(e for e in distributed(loop, page, YES) if isinstance(e, Distributed))
    left = {token for token, cut in zip(found.ids, found.cut, strict=True) if not cut}
    assert left == {
        token
        for token in range(model.vocabulary)
        if token not in model.control
        and any(text.startswith(model.token_bytes(token)) for text in (b"yes, it was", b"no"))
    }
    hidden = {token for token, cut in zip(found.ids, found.cut, strict=True) if cut == CUT}
    assert hidden == set(range(model.vocabulary)) - left - set(model.control)


def distributed(loop: Loop, page: str, sampling: Sampling, fed: int = 0) -> list[Event]:
    job = Distribution(1, NO_PATCH, sampling, fed=fed)
    return list(loop.queries.distribution(job, (TextPiece(page),), 0.0))


def test_looks_flips_and_other_chains_stand_where_the_text_stands(loop: Loop) -> None:
    page, pieces = PAGE + "yes, it wa", (TextPiece(PAGE + "yes, it wa"),)
    looked = first(loop.look(Look(1, NO_PATCH, YES, 400, fed=10), pieces, 0.0), Looked)
    assert left_in(looked) == {b"s"}  # as a letter and as a byte
    to_way = replace(YES, grammar=YES.grammar.replace("was", "way"))
    assert left_in(first(loop.rechain(Rechain(2, 1, to_way, 400), 0.0), Looked)) == {b"y"}
    flipped = first(loop.flips(Flips(3, NO_PATCH, YES, 5, count=50, fed=10), pieces, 0.0), Flipped)
    assert sum(flipped.counts) == 50
    assert {loop.model.token_bytes(token) for token in flipped.ids} == {b"s"}
    whole = first(iter(distributed(loop, page, YES, fed=10)), Distributed)
    left = [token for token, cut in zip(whole.ids, whole.cut, strict=True) if not cut]
    assert {loop.model.token_bytes(token) for token in left} == {b"s"}


def left_in(looked: Looked) -> set[bytes]:
    found = looked.reading.alternatives
    return {text for text, cut in zip(found.texts, found.cut, strict=True) if not cut}


def first(events: Iterator[Event], kind: type) -> Any:
    return next(event for event in events if isinstance(event, kind))


def test_another_chain_without_the_grammar_may_need_another_look(loop: Loop) -> None:
    """Healing is off with a grammar: what was kept for the one is nothing for the other."""
    list(loop.look(Look(1, NO_PATCH, YES), (TextPiece(PAGE),), 0.0))
    events = list(loop.rechain(Rechain(2, 1, NEUTRAL), 0.0))
    assert [type(event).__name__ for event in events] == ["Ended"]


def test_numbers_that_are_none_are_told_as_ever(loop: Loop, model: LlamaModel) -> None:
    chain = Chain(YES, model, (), 1, 0, grammar=loop._grammars.cursor(YES, b""))
    with pytest.raises(BrokenNumbersError):
        chain.flip(np.full(model.vocabulary, np.nan, np.float32), 0)
    chain.close()


def test_its_cost_is_counted(model: LlamaModel) -> None:
    ticks = itertools.count()
    with looping(model) as loop:
        loop._grammars._clock = lambda: float(next(ticks))
        answer = write(loop, PAGE, length=5, sampling=WORDS)
    costs = [event.grammar for event in answer.events if isinstance(event, Sampled)]
    assert costs == sorted(costs) and costs[0] > 0
    assert not any(getattr(event, "grammar", 0) for event in write(loop, PAGE, length=3).events)
