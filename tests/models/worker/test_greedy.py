"""The greedy continuation of a prefix: the most likely token at each step, beside the page, which stays as it is."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from models.engine.events import Ended, GreedyText, Started
from models.engine.prefix import Piece, TokenPiece
from models.engine.requests import Greedy
from models.errors import ModelError, Stopped
from models.library.load_options import LoadOptions
from models.llamacpp.model import LlamaModel
from models.sampling.knobs import Sampling
from models.worker.loop import Loop
from tests.models import tiny_kinds
from tests.models.asking import NO_PATCH, Answer, as_pieces, looping, opened, write

TEXT = "once upon a time the river"
LENGTH = 8
WILD = Sampling(temperature=2, ignore_eos=True)


@pytest.fixture(params=tiny_kinds.WRITING)
def model(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[LlamaModel]:
    with opened(tiny_kinds.writing(tmp_path, request.param), LoadOptions(context=256, threads=1)) as model:
        yield model


def greedy(loop: Loop, *pieces: Piece | str, length: int = LENGTH, grammar: str = "", fed: int = 0) -> list[str]:
    """The texts that come, each longer than the one before."""
    events = list(loop.greedy(Greedy(1, NO_PATCH, length, 0, grammar, fed), as_pieces(pieces), 0.0))
    assert isinstance(events[0], Started) and isinstance(events[-1], Ended) and events[-1].reason == "done"
    return [event.text for event in events if isinstance(event, GreedyText)]


def straight(model: LlamaModel, text: str, length: int, fits: Callable[[int], bool] = lambda _token: True) -> str:
    """The same by the simplest code: the whole prefix is read again for each token. fits: whether a token may come."""
    hidden = [*model.control, *(token for token in range(model.vocabulary) if not fits(token))]
    front = [model.facts.bos] if model.facts.bos >= 0 else []
    ids = array("i", [*front, *model.tokenize(text, True)])
    written: list[int] = []
    for _ in range(length):
        model.truncate(0)
        logits = model.evaluate(ids).copy()
        logits[hidden] = float("-inf")
        token = int(logits.argmax())
        if model.ends_text(token):
            break
        written.append(token)
        ids.append(token)
    return b"".join(map(model.token_bytes, written)).decode("utf-8", "replace")


def test_each_token_is_the_most_likely_one(model: LlamaModel) -> None:
    with looping(model) as loop:
        texts = greedy(loop, TEXT)
    assert texts and all(later.startswith(earlier) for earlier, later in pairwise(texts))
    assert len(texts) <= LENGTH
    assert texts[-1].rstrip("\ufffd") == straight(model, TEXT, LENGTH).rstrip("\ufffd")


def test_the_page_and_what_is_written_next_stay_as_they_are(model: LlamaModel) -> None:
    with looping(model) as loop:
        first = write(loop, TEXT, length=6, sampling=WILD)
        held = list(loop._cache.ids)
        for _ in range(2):
            greedy(loop, TEXT, TokenPiece(first.ids[:2]))
        assert list(loop._cache.ids) == held
        behind = write(loop, TEXT, first.piece, length=6, first=6, sampling=WILD).ids
    with looping(model) as fresh:
        assert write(fresh, TEXT, length=12, sampling=WILD).ids == first.ids + behind


def test_asked_twice_it_is_the_same_and_the_prefix_is_not_read_again(model: LlamaModel) -> None:
    with looping(model) as loop:
        texts = greedy(loop, TEXT)
        again = Answer(tuple(loop.greedy(Greedy(2, NO_PATCH, LENGTH), as_pieces([TEXT]), 0.0)))
        assert [event.text for event in again.events if isinstance(event, GreedyText)] == texts
        if model.truncates:
            assert again.ended.evaluated == 0


def test_the_end_of_the_text_ends_it(model: LlamaModel, monkeypatch: pytest.MonkeyPatch) -> None:
    with looping(model) as loop:
        monkeypatch.setattr(model, "ends_text", lambda _token: True)
        assert greedy(loop, TEXT) == []


def test_a_stop_ends_it_between_two_tokens(model: LlamaModel, monkeypatch: pytest.MonkeyPatch) -> None:
    with looping(model) as loop:
        greedy(loop, TEXT)
        evaluate: Callable[..., object] = loop.queries.context._evaluate_behind
        calls: list[object] = []

        def stops(part: array[int]) -> object:
            calls.append(part)
            if len(calls) == 3:
                raise Stopped
            return evaluate(part)

        monkeypatch.setattr(loop.queries.context, "_evaluate_behind", stops)
        answer = Answer(tuple(loop.greedy(Greedy(2, NO_PATCH, LENGTH), as_pieces([TEXT]), 0.0)))
        assert answer.ended.reason == "stopped" and answer.ended.tokens == 3
        monkeypatch.undo()
        assert greedy(loop, TEXT)


def test_there_is_room_for_it_where_the_context_is_nearly_full(model: LlamaModel) -> None:
    with looping(model) as loop:
        assert greedy(loop, "on the river " * 400)
        with pytest.raises(ModelError):
            greedy(loop, TEXT, length=5_000)


def test_a_grammar_is_kept_to_and_ends_it_where_it_is_complete(model: LlamaModel) -> None:
    with looping(model) as loop:
        assert greedy(loop, TEXT, grammar='root ::= " the boat"', length=20)[-1] == " the boat"
        assert greedy(loop, f"{TEXT} the b", grammar='root ::= " the boat"', fed=6, length=20)[-1] == "oat"
        assert greedy(loop, f"{TEXT} the boat", grammar='root ::= " the boat"', fed=9) == []
        assert greedy(loop, TEXT, length=20) and not greedy(loop, TEXT, length=20)[-1].startswith(" the boat")


def test_each_token_is_the_most_likely_one_that_the_grammar_allows(model: LlamaModel) -> None:
    letters = b"abcdefghijklmnopqrstuvwxyz "

    def fits(token: int) -> bool:
        spelt = model.token_bytes(token)
        return model.ends_text(token) or (bool(spelt) and all(byte in letters for byte in spelt))

    with looping(model) as loop:
        (*_, text) = greedy(loop, TEXT, grammar="root ::= [a-z ]*")
    assert text == straight(model, TEXT, LENGTH, fits)


def test_a_prefix_that_breaks_the_grammar_is_refused(model: LlamaModel) -> None:
    with looping(model) as loop, pytest.raises(ModelError):
        greedy(loop, TEXT, grammar="root ::= [0-9]+", fed=3)
