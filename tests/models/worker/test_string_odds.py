"""The odds of strings behind a prefix, against tokens evaluated one by one and against scores."""

from __future__ import annotations

import math
import random
from array import array
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from models.engine.events import Distributed, Ended, Started
from models.engine.prefix import Piece, TokenPiece
from models.engine.requests import Distribution
from models.errors import ModelError
from models.library.load_options import LoadOptions
from models.llamacpp.model import LlamaModel
from models.sampling.knobs import NEUTRAL, STAGES, Sampling
from models.scripted.model import ScriptedModel
from models.worker.loop import Loop
from tests.models import tiny, tiny_kinds
from tests.models.asking import NO_PATCH, always, as_pieces, looping, opened, scored, write

NEAR = 0.02  # nats: what another batch shape changes with these 32-bit weights


@pytest.fixture(params=(*tiny.ARCHITECTURES, "jamba"))
def model(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LlamaModel]:
    path = tmp_path_factory.mktemp("odds") / f"{request.param}.gguf"
    if request.param == "jamba":
        tiny_kinds.make(path, "jamba")
    else:
        tiny.make(path, request.param)
    with opened(path, LoadOptions(context=256, threads=1)) as model:
        yield model


@pytest.fixture
def llama(tiny_llama: Path) -> Iterator[LlamaModel]:
    with opened(tiny_llama, LoadOptions(context=256, threads=1)) as model:
        yield model


def distributed(
    loop: Loop, *pieces: Piece | str, strings: tuple[str, ...] = (), sampling: Sampling = NEUTRAL, texts: int = 0
) -> tuple[Started, Distributed, Ended]:
    job = Distribution(5, NO_PATCH, sampling, strings, texts)
    events = list(loop.queries.distribution(job, as_pieces(pieces), 0.0))
    started, found, ended = events[0], events[-2], events[-1]
    assert isinstance(started, Started) and isinstance(found, Distributed) and isinstance(ended, Ended)
    return started, found, ended


def by_hand(model: LlamaModel, ids: array[int], behind: array[int]) -> list[float]:
    """The log-probability of each token behind the ids, one evaluation a token."""
    model.truncate(0)
    logits, found = np.zeros(0), list[float]()
    for token in ids:
        logits = model.evaluate([token]).astype(np.float64)
    for token in behind:
        found.append(float(logits[token] - logits.max() - math.log(np.exp(logits - logits.max()).sum())))
        logits = model.evaluate([token]).astype(np.float64)
    return found


def test_a_string_is_the_product_of_its_tokens(model: LlamaModel) -> None:
    strings = ("the house", " on the river", " once", "한🌊", "x" * 90)
    with looping(model) as loop:
        started, found, _ = distributed(loop, "once upon a time", strings=strings)
        assert [one.text for one in found.strings] == list(strings)
        for one in found.strings:
            assert b"".join(one.texts).decode() == one.text
            assert np.allclose(one.raw, by_hand(model, started.prompt, one.ids), atol=NEAR)
            assert one.nats == pytest.approx(sum(one.raw)) and one.bits == pytest.approx(-sum(one.raw) / math.log(2))
            first = found.ids.index(one.ids[0])
            assert found.raw[one.rank - 1] == found.raw[first] == pytest.approx(one.raw[0], abs=1e-5)


def test_a_string_is_what_a_score_of_the_whole_text_says(model: LlamaModel) -> None:
    with looping(model) as loop:
        _, found, _ = distributed(loop, "once upon a time", strings=(" the house on the river",))
        readings = [
            reading
            for span in scored(loop, "once upon a time the house on the river").spans
            for reading in span.readings
        ]
    last = readings[-len(found.strings[0].ids) :]
    assert [reading.token for reading in last] == list(found.strings[0].ids)
    assert found.strings[0].nats == pytest.approx(sum(reading.raw for reading in last), abs=NEAR * len(last))


def test_the_same_question_has_the_same_answer_whatever_was_asked_before(model: LlamaModel) -> None:
    chance, words = random.Random(3), ("the ", "house ", "on ", "river ")
    text = "".join(chance.choice(words) for _ in range(60))
    strings = ("the house", " river on", "the house")
    with looping(model) as loop:
        wanted = distributed(loop, text, strings=strings)[1]
    with looping(model) as loop:
        write(loop, text, length=10)
        for _ in range(6):
            distributed(loop, text[: chance.randrange(1, len(text))], strings=(chance.choice(words),))
            assert distributed(loop, text, strings=strings)[1] == wanted
        assert wanted.strings[0] == wanted.strings[2]


def test_the_split_behind_a_prefix_is_the_page_s_own(llama: LlamaModel) -> None:
    with looping(llama) as loop:
        _, found, _ = distributed(loop, "once", strings=(" upon", "upon", "x"))
        texts = [one.texts for one in found.strings]
        assert texts[0] == (b" upon",)
        assert b"".join(texts[1]) == b"upon"  # no space in front
        # “ hous” + “e” is one token: the string is split by itself
        before, whole = llama.tokenize("the hous", True), llama.tokenize("the house on", True)
        assert whole[: len(before)] != before
        merged = distributed(loop, "the hous", strings=("e on",))[1].strings[0]
        assert merged.ids == llama.tokenize("e on", False)
        begins = distributed(loop, strings=("once",))[1].strings[0]
        assert begins.ids == llama.tokenize("once", True)
        drawn = TokenPiece(llama.tokenize(" hous", False))
        assert distributed(loop, drawn, strings=("e on",))[1].strings[0].ids == llama.tokenize("e on", False)


@pytest.mark.parametrize(
    "sampling", [NEUTRAL, Sampling(top_k=20, temperature=0.7), Sampling(min_p=0.02, repeat_penalty=1.3)]
)
def test_the_whole_distribution_is_what_a_look_shows_of_it(llama: LlamaModel, sampling: Sampling) -> None:
    with looping(llama) as loop:
        _, found, _ = distributed(loop, "once upon a", sampling=sampling, texts=7)
        first = write(loop, "once upon a", length=1, sampling=sampling, top=50).spans[0].readings[0]
    size = llama.vocabulary
    assert sorted(found.ids) == list(range(size))
    assert len(found.raw) == len(found.final) == len(found.cut) == size
    assert list(found.raw) == sorted(found.raw, reverse=True)
    assert np.exp(np.array(found.raw, float)).sum() == pytest.approx(1, abs=1e-4)
    assert np.exp(np.array(found.final, float)).sum() == pytest.approx(1, abs=1e-4)
    assert all((final == -math.inf) == bool(cut) for final, cut in zip(found.final, found.cut, strict=True))
    shown, count = first.alternatives, len(first.alternatives.ids) - 1  # the last may be the one drawn
    assert (found.ids[:count], found.raw[:count], found.cut[:count]) == (shown.ids[:-1], shown.raw[:-1], shown.cut[:-1])
    assert found.final[:count] == shown.final[:-1]
    assert found.texts == shown.texts[:7] and found.entropy == first.entropy


def test_control_tokens_are_cut_by_the_mask(llama: LlamaModel) -> None:
    with looping(llama) as loop:
        _, found, _ = distributed(loop, "once")
    cut = {token for token, code in zip(found.ids, found.cut, strict=True) if code == 1 + STAGES.index("control")}
    assert cut == set(llama.control)


def test_a_long_prefix_makes_room_for_the_string(llama: LlamaModel) -> None:
    text, string = " the" * 254, " on" * 20
    with looping(llama) as loop:
        started, found, _ = distributed(loop, text, strings=(string,))
        assert started.dropped > 0 and len(started.prompt) + len(found.strings[0].ids) <= 257
        assert np.allclose(found.strings[0].raw, by_hand(llama, started.prompt, found.strings[0].ids), atol=NEAR)
        with pytest.raises(ModelError, match="A string of 300 tokens does not fit into the model's context of 256"):
            distributed(loop, text, strings=(" on" * 300,))
        assert not distributed(loop, text)[0].dropped


def test_strings_without_odds_are_a_sentence(llama: LlamaModel) -> None:
    with looping(llama) as loop, pytest.raises(ModelError, match="An empty string has no odds"):
        distributed(loop, "once", strings=("the", ""))


def test_a_stop_between_two_strings_ends_it(llama: LlamaModel, monkeypatch: pytest.MonkeyPatch) -> None:
    with looping(llama) as loop:
        wanted = distributed(loop, "once", strings=(" upon a time", " the house"))[1]
        context, behind = loop.queries.context, loop.queries.context.read_behind

        def stopping(prefix: array[int], tokens: array[int]) -> object:
            llama.ask_stop(tokens[0] == wanted.strings[1].ids[0])
            return behind(prefix, tokens)

        monkeypatch.setattr(context, "read_behind", stopping)
        job = Distribution(5, NO_PATCH, NEUTRAL, (" upon a time", " the house"))
        *_, ended = loop.queries.distribution(job, as_pieces(["once"]), 0.0)
        llama.ask_stop(False)
        assert isinstance(ended, Ended) and ended.reason == "stopped"
        monkeypatch.undo()
        assert distributed(loop, "once", strings=(" upon a time", " the house"))[1] == wanted


def test_a_script_has_odds_too() -> None:
    with looping(ScriptedModel("scripted:", LoadOptions(), always)) as loop:
        _, found, _ = distributed(loop, "The keeper", strings=(" climbed the stairs",))
        whole = scored(loop, "The keeper climbed the stairs")
    last = [reading for span in whole.spans for reading in span.readings][-len(found.strings[0].ids) :]
    assert list(found.strings[0].raw) == pytest.approx([reading.raw for reading in last])


def test_begins_is_the_sum_over_all_tokens_that_do(llama: LlamaModel) -> None:
    strings = (" t", "o", " the", "\0nothing", "xyzzyxyzzy")
    with looping(llama) as loop:
        _, found, _ = distributed(loop, "once upon a", strings=strings)
    shares = dict(zip(found.ids, np.exp(np.array(found.raw, float)), strict=True))
    hidden = set(llama.control)
    for one in found.strings:
        start = one.text.encode()
        wanted = sum(
            share
            for token, share in shares.items()
            if token not in hidden and not llama.ends_text(token) and llama.token_bytes(token).startswith(start)
        )
        assert math.exp(one.begins) == pytest.approx(wanted, rel=1e-4, abs=1e-12)
        assert one.begins >= one.raw[0] - 1e-6 or len(one.ids) > 1
    assert found.strings[0].begins > found.strings[2].begins > -math.inf == found.strings[4].begins


def test_strings_alone_are_the_same_without_the_whole_distribution(llama: LlamaModel) -> None:
    with looping(llama) as loop:
        whole = distributed(loop, "once upon a", strings=(" time",))[1]
        job = Distribution(5, NO_PATCH, NEUTRAL, (" time",), whole=False)
        found = next(
            event
            for event in loop.queries.distribution(job, as_pieces(["once upon a"]), 0.0)
            if isinstance(event, Distributed)
        )
    assert not (found.ids or found.raw or found.final or found.cut)
    assert found.strings == whole.strings and found.entropy == whole.entropy
