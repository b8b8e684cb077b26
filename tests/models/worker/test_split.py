"""A score without odds: how text splits into tokens, the very first one included, and nothing is evaluated for it."""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from models.engine.events import Ended, Evaluated, Scored, Started
from models.engine.prefix import Gap, Piece, TokenPiece
from models.engine.requests import Score
from models.library.load_options import LoadOptions
from models.llamacpp.model import LlamaModel
from models.worker.loop import Loop
from tests.models import tiny_kinds
from tests.models.asking import NO_PATCH, Answer, as_pieces, looping, opened, scored

TEXT = "The house on the river, 한 🌊 once\n\nupon  a time"


@pytest.fixture(params=tiny_kinds.WRITING)
def model(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[LlamaModel]:
    with opened(tiny_kinds.writing(tmp_path, request.param), LoadOptions(context=256, threads=1)) as model:
        yield model


def split(loop: Loop, *pieces: Piece | str, since: int = 0) -> Answer:
    job = Score(1, NO_PATCH, 0, since, odds=False)
    return Answer(tuple(loop.queries.score(job, as_pieces(pieces), 0.0)))


def test_the_tokens_are_those_that_a_score_reads(model: LlamaModel) -> None:
    with looping(model) as loop:
        found, read = split(loop, TEXT), scored(loop, TEXT)
    assert found.text == TEXT and found.text.endswith(read.text)
    assert found.ids[len(found.ids) - len(read.ids) :] == read.ids
    assert b"".join(one.bytes for span in found.spans for one in span.readings) == TEXT.encode()


def test_nothing_is_evaluated_and_no_odds_are_known(model: LlamaModel, monkeypatch: pytest.MonkeyPatch) -> None:
    with looping(model) as loop:
        for method in ("read", "evaluate", "open_second"):
            monkeypatch.setattr(model, method, lambda *_: pytest.fail("the model evaluates"))
        found = split(loop, TEXT)
    assert not any(isinstance(event, Evaluated) for event in found.events)
    assert isinstance(found.events[0], Started) and found.ended.reason == "done"
    assert found.ended.tokens == len(found.ids) and not found.ended.evaluated
    for reading in (one for span in found.spans for one in span.readings):
        assert math.isnan(reading.raw) and not reading.rank and not reading.alternatives.ids


@pytest.mark.parametrize("place", [0, 3, 10, 24, 26, 30])
def test_only_tokens_from_a_place_on(model: LlamaModel, place: int) -> None:
    with looping(model) as loop:
        whole, found = split(loop, TEXT), split(loop, TEXT, since=place)
    offset = next(event.offset for event in found.events if isinstance(event, Scored))
    assert offset >= place and found.text == TEXT[offset:]
    assert whole.ids[len(whole.ids) - len(found.ids) :] == found.ids


def test_behind_the_end_there_is_nothing(model: LlamaModel) -> None:
    with looping(model) as loop:
        found = split(loop, TEXT, since=10_000)
    assert not found.spans and isinstance(found.events[-1], Ended)


def test_tokens_that_were_sent_stay_as_they_are_and_a_gap_counts_for_none(model: LlamaModel) -> None:
    with looping(model) as loop:
        piece = TokenPiece(split(loop, "river").ids)
        found = split(loop, Gap(1_000), TEXT, piece, " end")
        beginning = split(loop, TEXT)
        sent = b"".join(map(model.token_bytes, piece.ids)).decode()
    assert found.text == f"{TEXT}{sent} end"
    assert found.ids[len(beginning.ids) :][: len(piece.ids)] == piece.ids


def test_many_tokens_come_in_several_events_that_follow_each_other(model: LlamaModel) -> None:
    text = "on the river " * 200
    with looping(model) as loop:
        events = [event for event in split(loop, text).events if isinstance(event, Scored)]
    assert len(events) > 1
    for event, following in pairwise(events):
        assert event.offset + sum(len(span.text) for span in event.spans) == following.offset
