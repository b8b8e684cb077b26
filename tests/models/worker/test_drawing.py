"""Writing with banned strings: against a slow reference, and with real models of every kind."""

from __future__ import annotations

import hashlib
import math
from array import array
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from models.engine.events import Sampled
from models.engine.prefix import TokenPiece
from models.engine.requests import Draws, Replayed
from models.errors import ModelError
from models.library.load_options import LoadOptions
from models.llamacpp.model import LlamaModel
from models.sampling.chain import Chain
from models.sampling.coin import FIRST_TRY, Retry
from models.sampling.knobs import STAGES, Sampling
from models.sampling.stages import Logits
from models.scripted.model import ScriptedModel
from models.worker.drawing import MOST_TRIES
from models.worker.loop import Loop
from tests.models import tiny_kinds
from tests.models.asking import Answer, looping, opened, scored, write, write_streams

PIECES = (b"a", b"b", b"ab", b"ba", b"B", b"\xc3", b"\xa9", b"b\xc3", b" ")
FIRST = 300  # the ids of the pieces begin here
A, C3 = FIRST, FIRST + 5


class Babble(ScriptedModel):
    """Writes a few pieces, with odds that depend on the whole text."""

    def __init__(self, pieces: Sequence[bytes] = PIECES) -> None:
        super().__init__("scripted:", LoadOptions(), lambda _fraction: True)
        self.pieces = pieces

    def token_bytes(self, token: int) -> bytes:
        return self.pieces[token - FIRST] if FIRST <= token < FIRST + len(self.pieces) else super().token_bytes(token)

    def _logits(self, ids: array[int]) -> Logits:
        seed = hashlib.blake2b(ids.tobytes()).digest()
        logits = np.full(self.vocabulary, -np.inf, np.float32)
        logits[FIRST : FIRST + len(self.pieces)] = np.random.default_rng(list(seed[:8])).normal(0, 2, len(self.pieces))
        return logits


def reference(sampling: Sampling, before: array[int], draws: Draws, length: int) -> list[tuple[int, Retry]]:
    """The tokens and their retries, from the whole text at every draw."""
    model, written, numbers = Babble(), list[tuple[int, Retry]](), Counter[int]()
    banned: dict[int, tuple[int, ...]] = {}
    page = array("i", [model.facts.bos]) + before
    while (place := len(written)) < length:
        chain = Chain(sampling, model, before, draws.seed, draws.take)
        ids = [token for token, _ in written]
        for index, (token, retry) in enumerate(written):
            chain.flip(model._logits(page + array("i", ids[:index])), draws.first + index, token, retry)
            chain.accept(token)
        number = numbers[place]
        retry = Retry(number, banned.get(place, ())) if number else FIRST_TRY
        token = chain.flip(model._logits(page + array("i", ids)), draws.first + place, -1, retry).token
        begin = _begin([*before, *ids, token], len(before), sampling.banned, model)
        if begin is None:
            written.append((token, retry))
            continue
        first = [*ids, token][begin]
        for index in range(begin, place + 1):
            numbers[index] += 1
            banned[index] = (*banned.get(index, ()), first) if index == begin else ()
        del written[begin:]
    return written


def _begin(ids: Sequence[int], before: int, banned: Sequence[str], model: Babble) -> int | None:
    tokens = [model.token_bytes(token).lower() for token in ids]
    data, owners = b"".join(tokens), [place for place, token in enumerate(tokens) for _ in token]
    for end in range(len(data) - len(tokens[-1]) + 1, len(data) + 1):
        for string in sorted(banned, key=len, reverse=True):
            if data[:end].endswith(string.lower().encode()):
                return max(owners[end - len(string.encode())] - before, 0)
    return None


def written(answer: Answer) -> list[tuple[int, Retry]]:
    return [(reading.token, reading.retry) for span in answer.spans for reading in span.readings]


def check_events(answer: Answer, before: str, banned: Sequence[str]) -> None:
    """At no time was a banned string on the page."""
    page = before
    for event in answer.events:
        for span in event.spans if isinstance(event, Sampled) else ():
            page += span.text
            for string in banned:
                assert page.lower().count(string.lower()) == before.lower().count(string.lower())


@hypothesis_settings(max_examples=25)
@given(
    st.lists(st.text(st.sampled_from("abé "), min_size=1, max_size=4), min_size=1, max_size=4),
    st.sampled_from([(), (A,), (A, A, C3), (C3,)]),
    st.integers(0, 2**32),
    st.sampled_from([Sampling(), Sampling(mirostat=2, mirostat_tau=2.0), Sampling(adaptive_target=0.3)]),
)
def test_tokens_and_draws_are_those_of_the_reference(
    banned: list[str], before: tuple[int, ...], seed: int, sampling: Sampling
) -> None:
    """Where the reference finds no way, writing ends with a sentence."""
    sampling, prefix = replace(sampling, banned=tuple(banned)), array("i", before)
    draws = [Draws(seed, take, 3) for take in range(3)]
    expected = [reference(sampling, prefix, one, 16) for one in draws]
    for beside in (False, True):
        with looping(Babble(), beside) as loop:
            alone = write(loop, TokenPiece(prefix), length=16, seed=seed, first=3, sampling=sampling)
            several = write_streams(loop, TokenPiece(prefix), draws=draws, length=16, sampling=sampling)
        assert written(alone) == expected[0]
        assert [written(several.stream(number)) for number in range(3)] == expected
        check_events(alone, "", banned)


def test_what_was_banned_at_a_place_is_cut_by_its_own_stage() -> None:
    with looping(Babble()) as loop:
        answer = write(loop, "a", length=60, top=12, sampling=Sampling(banned=("ab", " ")))
    retried = [reading for span in answer.spans for reading in span.readings if reading.retry.number]
    assert retried
    for reading in retried:
        found = reading.alternatives
        cut = {token for token, code in zip(found.ids, found.cut, strict=True) if code == 1 + STAGES.index("banned")}
        assert cut == set(reading.retry.banned) and reading.token not in cut
        left = sum(math.exp(final) for final in found.final)
        assert left == pytest.approx(1, abs=1e-5)


def test_no_draw_is_used_twice() -> None:
    with looping(Babble()) as loop:
        free = write(loop, "a", length=60, sampling=Sampling())
        answer = write(loop, "a", length=60, sampling=Sampling(banned=("ab", " ", "ba")))
    unbanned = [reading.draw for span in free.spans for reading in span.readings]
    draws = [(reading.draw, reading.retry.number) for span in answer.spans for reading in span.readings]
    assert len({draw for draw, _ in draws}) == 60
    for place, (draw, number) in enumerate(draws):
        assert (draw == unbanned[place]) == (number == 0)


@pytest.mark.parametrize("streams", [1, 2])
def test_where_no_way_is_left_writing_ends_with_a_sentence(streams: int) -> None:
    everything = tuple("abé ÿÃ")
    model = Babble((b"a", b"b", b"ab", b" "))
    with looping(model) as loop:
        if streams == 1:
            with pytest.raises(ModelError, match="banned string"):
                write(loop, "x", length=5, sampling=Sampling(banned=everything))
        else:
            answer = write_streams(
                loop, "x", draws=[Draws(1), Draws(2)], length=5, sampling=Sampling(banned=everything)
            )
            assert [answer.stream(number).ended.reason for number in range(2)] == ["failed", "failed"]
            assert "banned string" in answer.stream(0).ended.sentence
    assert len(model.pieces) < MOST_TRIES


def test_a_stop_string_and_a_banned_one() -> None:
    with looping(Babble()) as loop:
        free = write(loop, "a", length=40).text
        assert "b" in free.lower()
        answer = write(loop, "a", length=40, sampling=Sampling(banned=("ab",), stop=("b",)))
    assert answer.ended.reason == "stop string"
    assert "b" not in answer.text and "ab" not in ("a" + answer.text).lower()


# ------------------------------------------------------------------------------------------------ real models

WILD = Sampling(temperature=2, ignore_eos=True, repeat_penalty=1.2)
NEAR = 0.05  # nats: what another batch shape changes with these 32-bit weights, at most
PAGE = "once upon a time the river 한 "


@pytest.fixture(params=tiny_kinds.WRITING)
def model(request: pytest.FixtureRequest, made: Callable[[str], Path]) -> Iterator[LlamaModel]:
    with opened(made(request.param), LoadOptions(context=256, threads=1)) as model:
        yield model


def some_of(answer: Answer) -> tuple[str, ...]:
    """Strings of the text that several tokens wrote, in several places."""
    spans = [span for span in answer.spans if "\ufffd" not in span.text]
    return tuple(spans[index].text + spans[index + 1].text for index in range(3, len(spans) - 1, 6))


@pytest.mark.parametrize("beside", [False, True])
def test_a_model_writes_around_them_and_replay_gives_the_same_numbers(model: LlamaModel, beside: bool) -> None:
    sampling, answer = WILD, Answer(())
    with looping(model, beside) as loop:
        answer = write(loop, PAGE, length=60, sampling=sampling)
        for _ in range(3):  # each time the new text's strings are banned too
            sampling = replace(sampling, banned=(*sampling.banned, *some_of(answer)))
            answer = write(loop, PAGE, length=60, sampling=sampling)
            check_events(answer, PAGE, sampling.banned)
        retries = [reading.retry for span in answer.spans for reading in span.readings]
        assert any(retry.number for retry in retries)
        assert len(answer.ids) == 60
    with looping(model) as loop:
        write(loop, "something else")
        taken = replace(sampling, banned=())
        replayed = Replayed(answer.ids, retries=tuple(retries))
        again = write_streams(loop, PAGE, draws=[Draws(7)], length=60, sampling=taken, replayed=[replayed])
    numbers = [[(r.raw, r.final, r.draw, r.rank) for s in one.spans for r in s.readings] for one in (answer, again)]
    assert numbers[0] == numbers[1]


def four_streams(loop: Loop, sampling: Sampling, draws: list[Draws]) -> list[Answer]:
    answer = write_streams(loop, PAGE, draws=draws, length=40, sampling=sampling)
    streams = [answer.stream(number) for number in range(4)]
    for stream in streams:
        check_events(stream, PAGE, sampling.banned)
        assert len(stream.ids) == 40 and stream.ended.tokens == 40
    return streams


def test_several_streams_write_around_them(model: LlamaModel) -> None:
    sampling, draws, streams = WILD, [Draws(7, take) for take in range(4)], list[Answer]()
    with looping(model, True) as loop:
        streams = four_streams(loop, sampling, draws)
        for _ in range(2):
            sampling = replace(sampling, banned=(*sampling.banned, *(text for one in streams for text in some_of(one))))
            streams = four_streams(loop, sampling, draws)
        assert any(retry.number for stream in streams for _, retry in written(stream))
        for stream in streams:  # what the model had read was the text
            odds = [reading.raw for span in stream.spans for reading in span.readings]
            afresh = [reading.raw for span in scored(loop, PAGE, stream.piece).spans for reading in span.readings]
            assert np.allclose(odds, afresh[-len(odds) :], atol=NEAR)


def test_the_window_slides_while_text_is_held(made: Callable[[str], Path]) -> None:
    for kind in ("llama", "mamba"):
        with opened(made(kind), LoadOptions(context=64, threads=1)) as model, looping(model) as loop:
            free = write(loop, PAGE, length=150, sampling=WILD)
            sampling = replace(WILD, banned=some_of(free))
            answer = write(loop, PAGE, length=150, sampling=sampling)
            check_events(answer, PAGE, sampling.banned)
            assert len(answer.ids) == 150
