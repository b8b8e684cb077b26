"""Why a request ended, in a sentence."""

from typing import get_args

import pytest

from desktop.generation import end_reason
from models.engine.events import Ended, EndReason


@pytest.mark.parametrize("reason", get_args(EndReason))
@pytest.mark.parametrize("tokens", [0, 1, 2, 1_280])
def test_every_end_has_a_sentence(reason: EndReason, tokens: int) -> None:
    sentence = end_reason.of_writing(reason, tokens)
    assert sentence
    if tokens:
        assert f"{tokens:,} token" in sentence or reason in ("end of text", "grammar")


def test_a_stop_string_is_named_where_it_is_the_only_one() -> None:
    assert end_reason.of_writing("stop string", 2, ("\n\n",)) == "Stopped at the stop string “⏎⏎” after 2 tokens"
    assert end_reason.of_writing("stop string", 2, ("a", "b")) == "Stopped at a stop string after 2 tokens"
    assert len(end_reason.of_writing("stop string", 2, ("x" * 900,))) < 90


def ends(*reasons: EndReason) -> list[Ended]:
    return [Ended(1, reason, 0, 0, 0.0, 0.0, 1, number) for number, reason in enumerate(reasons)]


@pytest.mark.parametrize("reason", get_args(EndReason))
def test_several_that_wrote_nothing_end_as_one_does(reason: EndReason) -> None:
    if reason != "failed":
        found = end_reason.of_streams(ends(reason, reason), 0, edited=False)
        assert found == end_reason.of_writing(reason, 0)


def test_several_that_end_for_several_reasons_are_counted() -> None:
    assert end_reason.of_streams(ends("length", "end of text"), 0, edited=False).startswith("2 continuations ended")
    assert end_reason.of_streams(ends("length", "context full"), 9, edited=False).startswith("The context is full")
    assert "error" in end_reason.of_streams(ends("failed", "failed"), 0, edited=False)


def test_the_outcome_of_a_score() -> None:
    assert end_reason.read(20, 0) == "The page was read"
    assert end_reason.read(512, 3).startswith("The last 512 tokens")
    kept = "The page was read · 1 token of a model keeps the odds that it was drawn with"
    assert end_reason.read(20, 0, 1) == kept
    assert "no more · 7 tokens of a model keep" in end_reason.read(512, 3, 7)
