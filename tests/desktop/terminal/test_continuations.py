"""`inkfall complete --continuations`: several streams, on a terminal, in a pipe, as JSON."""

from __future__ import annotations

import io
import os
import re
import struct
import subprocess
import sys
from array import array
from collections.abc import Callable
from contextlib import redirect_stdout
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop.terminal.printers import BlocksPrinter, InTurnPrinter, wrapped
from models.engine.events import Ended, Event, Sampled, Span, Started
from models.library.memory import STREAMS

Inkfall = Callable[..., Any]
SCRIPTED = ("complete", "--model", "scripted:", "--prompt", "The old")


def sampled(stream: int, text: str) -> Sampled:
    return Sampled(1, (Span(text, ()),), 1, 0, 0, stream=stream)


def started() -> Started:
    return Started(1, array("i", [1]), 0, 0, 0, True, streams=4)


def ended(stream: int, left: int) -> Ended:
    return Ended(1, "length", 1, 1, 0.1, 0.2, 1, stream, left)


def texts_by_stream(records: list[dict[str, Any]], count: int) -> list[str]:
    tokens = [record for record in records if record["type"] == "token"]
    return ["".join(token["text"] for token in tokens if token["stream"] == number) for number in range(count)]


def test_json_names_the_stream_of_every_token_and_end(inkfall: Inkfall) -> None:
    answer = inkfall(*SCRIPTED, "-n", "7", "-s", "3", "--continuations", "5", "--json")
    start, *rest, total = answer.records
    assert start["type"] == "start" and start["streams"] == 5 and start["settings"]["continuations"] == 5
    tokens, ends = ([r for r in rest if r["type"] == kind] for kind in ("token", "end"))
    assert len(tokens) + len(ends) == len(rest)
    assert {token["stream"] for token in tokens} == set(range(5))
    assert sorted(end["stream"] for end in ends) == list(range(5))
    assert total["type"] == "total" and total["streams"] == 5 and total["width"] == 5
    assert total["tokens"] == len(tokens) == sum(end["tokens"] for end in ends)
    assert set(total) == {"type", "streams", "tokens", "tokens_per_second", "width"}


def test_the_first_stream_draws_what_a_single_one_draws(inkfall: Inkfall) -> None:
    several = inkfall(*SCRIPTED, "-n", "9", "-s", "3", "--continuations", "4", "--json").records
    one = inkfall(*SCRIPTED, "-n", "9", "-s", "3", "--json").records
    assert texts_by_stream(several, 4)[0] == texts_by_stream(one, 1)[0]
    assert len(set(texts_by_stream(several, 4))) == 4
    assert one[-1]["type"] == "end"


def test_in_a_pipe_they_come_one_after_the_other(inkfall: Inkfall) -> None:
    arguments = (*SCRIPTED, "-n", "9", "-s", "3", "--continuations", "4")
    plain, records = inkfall(*arguments), inkfall(*arguments, "--json").records
    assert plain.status == 0 and plain.errors == ""
    parts = re.split(r"(?m)^--- (\d+) ---\n", plain.text)
    assert parts[0] == "" and parts[1::2] == ["1", "2", "3", "4"]
    assert [part.removesuffix("\n") for part in parts[2::2]] == [
        text.removesuffix("\n") for text in texts_by_stream(records, 4)
    ]


@pytest.mark.parametrize("count", [1, STREAMS, 2 * STREAMS + 3])
def test_any_number_of_continuations(count: int, inkfall: Inkfall) -> None:
    records = inkfall(*SCRIPTED, "-n", "3", "-s", "3", "--continuations", str(count), "--json").records
    assert all(texts_by_stream(records, count)) and records[-1]["streams"] == count


def test_waves_keep_numbers_and_draws(inkfall: Inkfall) -> None:
    several, one = (
        inkfall(*SCRIPTED, "-n", "5", "-s", "3", "--continuations", count, "--json").records for count in ("64", "1")
    )
    assert [record["stream"] for record in several if record["type"] == "end"] == list(range(64))
    first = [record for record in several if record["type"] == "token" and record["stream"] == 0]
    single = [record for record in one if record["type"] == "token"]
    assert [token["draw"] for token in first] == [token["draw"] for token in single]
    assert several[0]["streams"] == STREAMS and several[-1]["streams"] == 64


@pytest.mark.parametrize(
    ("count", "words"),
    [
        ("0", "0 is not between 1 and 256"),
        ("-1", "-1 is not between 1 and 256"),
        ("257", "257 is not between 1 and 256"),
        ("10000", "10000 is not between 1 and 256"),
        ("x", "“x” is no whole number"),
        ("1.5", "“1.5” is no whole number"),
        ("", "“” is no whole number"),
    ],
)
def test_a_number_out_of_bounds_is_one_sentence(count: str, words: str, inkfall: Inkfall) -> None:
    answer = inkfall(*SCRIPTED, "--continuations", count)
    assert answer.status == 2 and answer.text == ""
    where = "“inkfall complete --help” lists what there is."
    assert answer.errors == f"inkfall complete: --continuations: {words}. {where}\n"


def test_a_model_that_cannot_share_says_so_and_writes_one_after_the_other(inkfall: Inkfall) -> None:
    arguments = ("complete", "-p", "The old", "-n", "5", "-s", "3", "--continuations", "3", "--json", "--model")
    alone, together = inkfall(*arguments, "scripted:?streams=1"), inkfall(*arguments, "scripted:")
    assert alone.errors == "inkfall: This model writes the continuations one after the other.\n"
    assert texts_by_stream(alone.records, 3) == texts_by_stream(together.records, 3)
    assert [record["stream"] for record in alone.records if record["type"] == "token"] == [0] * 5 + [1] * 5 + [2] * 5
    assert [record["type"] for record in alone.records].count("start") == 1
    eight = inkfall(*arguments[:8], "12", "--model", "scripted:?streams=8")
    assert eight.errors == "inkfall: This model writes 8 continuations at once.\n"
    assert re.findall(r"(?m)^--- (\d+) ---$", eight.text) == [str(number) for number in range(1, 13)]


def test_one_row_of_nan_ends_its_continuation_with_a_sentence(inkfall: Inkfall) -> None:
    arguments = ("complete", "-p", "The old", "-n", "5", "-s", "3", "--continuations", "4", "--model")
    broken, sound = inkfall(*arguments, "scripted:?broken=2", "--json"), inkfall(*arguments, "scripted:", "--json")
    assert broken.status == 1
    assert broken.errors.startswith("inkfall: 3: The model's output holds no usable numbers")
    assert broken.errors.count("\n") == 1
    ends = [(record["stream"], record["reason"]) for record in broken.records if record["type"] == "end"]
    assert sorted(ends) == [(0, "length"), (1, "length"), (2, "failed"), (3, "length")]
    texts, whole = texts_by_stream(broken.records, 4), texts_by_stream(sound.records, 4)
    assert [text == other for text, other in zip(texts, whole, strict=True)] == [True, True, False, True]
    assert texts[2] and whole[2].startswith(texts[2])


def test_a_stop_string_at_once_leaves_its_place_empty(inkfall: Inkfall) -> None:
    arguments = (*SCRIPTED, "-n", "4", "-s", "3", "--continuations", "3")
    first = inkfall(*arguments, "--json").records[1]["text"]
    answer = inkfall(*arguments, "--stop", first)
    assert answer.status == 0 and answer.errors == ""
    assert answer.text.startswith("--- 1 ---\n--- 2 ---\n")
    assert re.findall(r"(?m)^--- (\d+) ---$", answer.text) == ["1", "2", "3"]


@pytest.mark.parametrize("context", ["1", "3", "16", "64"])
@pytest.mark.parametrize("count", ["1", "5"])
def test_a_prompt_longer_than_the_context(context: str, count: str, inkfall: Inkfall) -> None:
    arguments = ("--ctx-size", context, "-n", "70", "--continuations", count, "--json", "--ignore-eos")
    answer = inkfall(*SCRIPTED, *arguments)
    ends = [(record["reason"], record["tokens"]) for record in answer.records if record["type"] == "end"]
    foretold = re.search(r"has room for (\d+) tokens", answer.errors)
    if count == "1":
        assert ends == [("length", 70)] and not foretold
    else:
        assert foretold and ends == [("context full", int(foretold[1]))] * 5


def test_a_full_context_is_foretold(inkfall: Inkfall) -> None:
    answer = inkfall(*SCRIPTED, "--ctx-size", "64", "-n", "100", "--continuations", "4", "--json", "--ignore-eos")
    assert answer.status == 0
    found = re.fullmatch(r"inkfall: The context has room for (\d+) tokens of each continuation\.\n", answer.errors)
    assert found and int(found[1]) == (64 - len(answer.records[0]["prompt_tokens"])) // 4 + 1
    ends = [record for record in answer.records if record["type"] == "end"]
    assert {end["reason"] for end in ends} == {"context full"}
    assert {end["tokens"] for end in ends} == {int(found[1])}


# ------------------------------------------------------------------------------------------------ printers

events = st.lists(st.tuples(st.integers(0, 3), st.text("ab\n 한", max_size=4)), max_size=30)


@given(events, st.permutations(range(4)))
def test_in_turn_prints_every_text_whole_and_in_order(told: list[tuple[int, str]], order: list[int]) -> None:
    every: list[Event] = [sampled(stream, text) for stream, text in told if text]
    ends = [ended(stream, 3 - index) for index, stream in enumerate(order)]
    with redirect_stdout(io.StringIO()) as printed:
        printer = InTurnPrinter(4)
        for event in (started(), *every, *ends):
            printer.take(event)
    texts = ["".join(text for stream, text in told if stream == number) for number in range(4)]
    wanted = "".join(
        f"--- {number} ---\n{text}" + ("\n" if text and not text.endswith("\n") else "")
        for number, text in enumerate(texts, 1)
    )
    assert printed.getvalue() == wanted


@given(st.text(), st.integers(2, 30))
def test_wrapped_lines_fit_and_lose_nothing(text: str, columns: int) -> None:
    lines = wrapped(text, columns)
    assert lines and all("\n" not in line and "\x1b" not in line for line in lines)
    assert all(len(re.sub(r"[^ -~]", "", line)) <= columns for line in lines)
    if text.isascii() and text.isprintable():
        assert "".join(lines) == text


@given(st.integers(1, 40), st.integers(8, 120), st.integers(2, 60))
def test_blocks_fit_the_screen(count: int, columns: int, rows: int) -> None:
    printer = BlocksPrinter(count, clock=lambda: -1.0)
    for number in range(count):
        printer._texts[number] = "word 한국어 " * 30 + "\n" + "x" * 200
    lines = printer.picture(columns, rows)
    assert 1 <= len(lines) <= max(rows, 1)
    assert all(sum(2 if ord(letter) > 0x1100 and letter != "│" else 1 for letter in line) <= columns for line in lines)
    assert lines[0].lstrip().startswith("1 │ ")


@pytest.mark.skipif(os.name == "nt", reason="there are no pseudo terminals")
def test_on_a_terminal_each_has_its_block(tmp_path: object) -> None:
    import fcntl
    import pty
    import termios

    leader, follower = pty.openpty()
    fcntl.ioctl(follower, termios.TIOCSWINSZ, struct.pack("HHHH", 12, 60, 0, 0))
    command = [sys.executable, "-m", "desktop", "complete", "--model", "scripted:?rate=60", "-p", "The old", "-n", "30"]
    environment = os.environ | {"HOME": str(tmp_path), "XDG_DATA_HOME": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path)}
    with subprocess.Popen(
        [*command, "--continuations", "3", "-s", "5"], stdout=follower, stderr=subprocess.DEVNULL, env=environment
    ) as process:
        os.close(follower)
        output = b""
        while True:
            try:
                part = os.read(leader, 65_536)
            except OSError:
                break
            if not part:
                break
            output += part
        assert process.wait(20) == 0
    os.close(leader)
    text = output.decode().replace("\r\n", "\n")
    assert "\x1b[J" in text and "1 │ " in text and "3 │ " in text
    assert all(int(up) <= 11 for up in re.findall(r"\x1b\[(\d+)A", text))
    whole = text[text.rindex("\x1b[J") + 3 :]
    assert re.findall(r"(?m)^--- (\d) ---$", whole) == ["1", "2", "3"] and "│" not in whole
