"""Readings that lack fields, in the terminal: null and empty cells, no sum of numbers that are not known."""

import argparse
import json
import math
from array import array
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from desktop.terminal import odds, records, replay, score
from desktop.terminal.printers import JsonPrinter, TextPrinter
from desktop.terminal.recording import read
from desktop.terminal.writing import Numbers, difference, numbers
from models.engine.events import Distributed, Ended, Sampled, Span, Started, StringOdds
from models.sampling.knobs import NEUTRAL
from models.sampling.readings import Reading
from tests.desktop.absent import ALL, CASES, SERVED, title, without
from tests.desktop.terminal.test_records import FACTS, ended, reading

Names = Sequence[str]
WHOLE = reading()
STARTED = Started(job=1, prompt=array("i", [1, 5]), dropped=0, unseen=0, reused=0, exact=True)
SETTINGS = records.settings(NEUTRAL, seed=1, keep=0)


def lines(text: str) -> list[dict[str, Any]]:
    def refuse(word: str) -> None:
        raise AssertionError(word)

    return [json.loads(line, parse_constant=refuse) for line in text.splitlines()]


def printed(readings: Sequence[Reading], end: Ended) -> Sequence[object]:
    spans = tuple(Span(" the", (one,)) for one in readings)
    return STARTED, Sampled(1, spans, 8, 0, 0), end


@pytest.mark.parametrize("names", CASES, ids=title)
def test_complete_prints_null_for_what_is_absent(names: Names, capsys: pytest.CaptureFixture[str]) -> None:
    printer = JsonPrinter(FACTS, SETTINGS, top=10)
    for event in printed([without(WHOLE, names)] * 2, ended()):
        printer.take(event)  # type: ignore[arg-type]
    _, token, other, _ = lines(capsys.readouterr().out)
    assert token == other and token["text"] == " the" and token["bytes"]
    fields = {
        "id": "id",
        "raw": "logprob",
        "effect": "chain",
        **{name: name for name in ("rank", "entropy", "final", "draw", "low", "high")},
    }
    assert all((token[field] is None) == (name in names) for name, field in fields.items())
    assert all((one["id"] is None) == ("alternatives' ids" in names) for one in token["top"])
    assert len(token["top"]) == (0 if "alternatives" in names else 2 if "chosen alternative" in names else 3)


@pytest.mark.parametrize("names", CASES, ids=title)
def test_the_text_is_printed_whatever_is_absent(names: Names, capsys: pytest.CaptureFixture[str]) -> None:
    printer = TextPrinter()
    for event in printed([without(WHOLE, names)] * 2, ended()):
        printer.take(event)  # type: ignore[arg-type]
    assert capsys.readouterr().out == " the the"


def test_the_chosen_token_is_not_mistaken_for_the_last_listed() -> None:
    missing = without(WHOLE, ["chosen alternative"])
    assert [one["id"] for one in records.alternatives(missing, 1)] == [3]
    unnamed = without(replace(WHOLE, bytes=b"\xff"), ["id", "alternatives' ids"])
    assert [one["logprob"] for one in records.alternatives(unnamed, 1)] == [-0.25, -9.0]


@pytest.mark.parametrize("names", CASES, ids=title)
def test_a_text_of_which_some_odds_are_unknown_has_no_total(names: Names, capsys: pytest.CaptureFixture[str]) -> None:
    readings = [WHOLE, without(WHOLE, names), WHOLE]
    totals = records.totals(readings)
    unknown = "raw" in names
    assert (totals["tokens"], totals["bytes"], totals["unknown"]) == (3, 12, int(unknown))
    assert all((totals[name] is None) == unknown for name in ("bits", "bits_per_byte", "perplexity"))
    score.print_table([Span(" the", (one,)) for one in readings])
    *rows, words = capsys.readouterr().out.splitlines()
    cells = rows[2].split("\t")
    shown = ("id", "raw", "raw", "rank", "entropy")
    assert [cell == "" for cell in cells] == [False, *(name in names for name in shown)]
    assert "nan" not in "".join(rows) + words
    assert ("not known (tokens without odds: 1)" in words) == unknown and ("perplexity" in words) != unknown


def test_all_unknown_is_no_total_of_zero() -> None:
    totals = records.totals([without(WHOLE, ALL)] * 2)
    assert totals["unknown"] == 2 and totals["bits"] is None


# ------------------------------------------------------------------------------------------------ odds


def test_a_part_of_the_distribution(capsys: pytest.CaptureFixture[str]) -> None:
    """As of an endpoint: the most likely tokens without ids, no odds after sampling, a string without odds."""
    nan, found = math.nan, StringOdds(" x y", array("i", [-2, -2]), array("d", [-1.0, math.nan]), 0, (b" x", b" y"))
    texts = (b" a", b" b", b" c")
    raw, final = array("f", [-0.5, -1.0, nan]), array("f", [nan, nan, nan])
    part = Distributed(1, array("i", [-2] * 3), raw, final, bytes(3), texts, nan, (found,))
    odds.print_tables(part)
    head, *rows = capsys.readouterr().out.splitlines()
    assert [row.split("\t") for row in rows[:3]] == [
        ["1", "' a'", "", "60.6531%", "", "0.72", ""],
        ["2", "' b'", "", "36.7879%", "", "1.44", ""],
        ["", "' c'", "", "", "", "", ""],
    ]
    assert rows[-1].split("\t") == ["' x y'", "' x' ' y'", "", "", "", ""] and "nan" not in head
    made = [*odds.rows(part), odds.string(found)]
    read = lines("".join(map(records.line, made)))
    assert [one["rank"] for one in read] == [1, 2, None, None]
    assert [one.get("id") for one in read[:3]] == [None] * 3 and read[-1]["bits"] is None
    assert [token["id"] for token in read[-1]["tokens"]] == [None, None]


# ------------------------------------------------------------------------------------------------ replay


def recording(names: Names) -> str:
    tokens = records.tokens(Span(" the", (without(WHOLE, names),)), 1)
    every = [{**token, "stream": 0, "rows": 1, "width": 1} for token in tokens]
    return "".join(map(records.line, [records.start(FACTS, STARTED, SETTINGS), *every, records.end(ended(tokens=1))]))


@pytest.mark.parametrize(
    ("names", "why"),
    [
        (("id",), "the ids of the tokens are not recorded"),
        (SERVED, "the ids of the tokens are not recorded"),
        (ALL, "the ids of the tokens are not recorded"),
        (("raw",), "the model does not tell every log-probability and entropy"),
        (("final",), "the model does not tell every log-probability and entropy"),
        (("entropy",), "the model does not tell every log-probability and entropy"),
    ],
)
def test_what_is_not_recorded_is_not_compared(
    names: Names, why: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Before a model is loaded."""
    path = tmp_path / "recording.jsonl"
    path.write_text(recording(names), encoding="utf-8")
    assert replay.run(argparse.Namespace(recording=str(path), model="")) == 3
    assert capsys.readouterr().out == f"not comparable: {why}\n"


def compared(reading: Reading) -> Numbers:
    return numbers((reading.raw, reading.final, reading.entropy))


@pytest.mark.parametrize("names", [("rank",), ("draw",), ("low",), ("alternatives",), ()])
def test_what_is_not_compared_may_be_absent(names: Names) -> None:
    found = read(recording(names)).writing
    assert found.obstacle == "" and difference(found, [[compared(WHOLE)]]) is None


@pytest.mark.parametrize("names", CASES, ids=title)
def test_a_model_that_tells_less_than_the_recording(names: Names) -> None:
    lacking = without(WHOLE, names)
    assert (None in compared(lacking)) == bool({"raw", "final", "entropy"} & set(names))
