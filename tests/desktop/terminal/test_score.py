"""`inkfall score`, in real processes."""

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Inkfall = Callable[..., Any]
SCRIPTED = ("score", "--model", "scripted:")


def test_json_has_every_token_and_the_totals(inkfall: Inkfall) -> None:
    answer = inkfall(*SCRIPTED, "-", "--json", "--top", "3", stdin=b"The keeper climbed the stairs")
    assert answer.status == 0
    start, *tokens, end = answer.records
    assert start["type"] == "start" and end["type"] == "end" and end["reason"] == "done"
    assert "".join(record["text"] for record in tokens) == "The keeper climbed the stairs"
    assert [record["id"] for record in tokens] == start["prompt_tokens"][-len(tokens) :]
    bits = -sum(record["logprob"] for record in tokens) / math.log(2)
    assert end["bits"] == pytest.approx(bits)
    assert end["tokens"] == len(tokens) and end["bytes"] == 29
    assert end["bits_per_byte"] == pytest.approx(bits / 29)
    assert end["perplexity"] == pytest.approx(2 ** (bits / len(tokens)))
    assert all(record["draw"] is None for record in tokens)


def test_a_table_for_people_has_tabs_when_piped(inkfall: Inkfall, tmp_path: Path) -> None:
    (tmp_path / "text.txt").write_text("The keeper")
    answer = inkfall(*SCRIPTED, "--file", str(tmp_path / "text.txt"))
    head, *rows, totals = answer.text.splitlines()
    assert head.split("\t") == ["token", "id", "probability", "bits", "rank", "entropy"]
    assert rows and all(len(row.split("\t")) == 6 for row in rows)
    assert "bits per byte" in totals and "perplexity" in totals


def test_an_empty_text_and_no_text(inkfall: Inkfall) -> None:
    answer = inkfall(*SCRIPTED, "-")
    assert (answer.status, answer.errors) == (1, "inkfall: The text is empty: there is nothing to score.\n")
    assert inkfall(*SCRIPTED).status == 2


@pytest.mark.starter
def test_the_starter_finds_sense_likelier_than_nonsense(starter: Path, inkfall: Inkfall) -> None:
    def bits(text: bytes) -> float:
        options = ("--model", str(starter), "--ctx-size", "256", "--threads", "1")
        end = inkfall("score", *options, "-", "--json", stdin=text).records[-1]
        return float(end["bits_per_byte"])

    assert bits(b"The cat sat on the mat and looked at me.") < bits(b"Mat the on sat cat me at looked the and.")
