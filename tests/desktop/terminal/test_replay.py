"""`inkfall replay`: the same numbers to the bit, a difference where one was changed, and sentences for all else."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.models import tiny

Inkfall = Callable[..., Any]
PROMPT = ("--prompt", "once upon a time the river ", "--threads", "1", "--ctx-size", "256", "-s", "7")


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny.make(tmp_path_factory.mktemp("tiny") / "tiny.gguf", "gemma3")


def recorded(inkfall: Inkfall, model: Path, *arguments: str) -> str:
    answer = inkfall("complete", "--model", str(model), *PROMPT, *arguments, "--json", "--top", "1")
    assert answer.status == 0
    return answer.text


def replayed(inkfall: Inkfall, recording: str) -> tuple[int, str]:
    answer = inkfall("replay", "-", stdin=recording.encode())
    assert "Traceback" not in answer.errors
    return answer.status, answer.text.strip()


@pytest.mark.parametrize(
    "arguments",
    [
        ("-n", "30"),
        ("-n", "300"),  # the window slides
        ("-n", "30", "--continuations", "1"),
        ("-n", "30", "--bias", "id:50=2", "--bias", "id:60=-inf"),
        ("-n", "30", "--dynatemp-range", "0.8", "--min-p", "0.01", "--adaptive-target", "0.3"),
        ("-n", "60", "--ban", "h", "--ban", "the", "--ban", "RR", "--xtc-probability", "0.5", "--mirostat", "1"),
        ("-n", "20", "--continuations", "5"),
        ("-n", "9", "--continuations", "3", "--adaptive-target", "0.1", "--adaptive-decay", "0.5"),
        ("-n", "9", "--continuations", "19", "--top-k", "20", "--repeat-penalty", "1.3", "--mirostat", "2"),
        ("-n", "200", "--continuations", "3", "--temperature", "2", "--ignore-eos"),  # the context is full
        ("-n", "60", "--continuations", "8", "--allow-control", "--temperature", "3"),  # streams end one by one
    ],
)
def test_what_was_written_is_identical(arguments: tuple[str, ...], model: Path, inkfall: Inkfall) -> None:
    assert replayed(inkfall, recorded(inkfall, model, *arguments)) == (0, "identical")


def test_a_file_works_as_standard_input_does(model: Path, inkfall: Inkfall, tmp_path: Path) -> None:
    path = tmp_path / "ünï.jsonl"
    path.write_text(recorded(inkfall, model, "-n", "5"), encoding="utf-8")
    assert inkfall("replay", str(path)).text == "identical\n"


@pytest.mark.parametrize(("stream", "token"), [(0, 0), (2, 5), (3, 8)])
def test_the_first_difference_is_named(stream: int, token: int, model: Path, inkfall: Inkfall) -> None:
    lines = [json.loads(line) for line in recorded(inkfall, model, "-n", "9", "--continuations", "4").splitlines()]
    of_stream = [line for line in lines if line["type"] == "token" and line["stream"] == stream]
    for changed in of_stream[token:]:
        changed["logprob"] -= 0.25
    status, words = replayed(inkfall, "\n".join(map(json.dumps, lines)))
    assert status == 3
    assert words == f"differs: continuation {stream + 1}, token {token + 1}: logprob by 0.250000"


def test_another_token_changes_what_follows(model: Path, inkfall: Inkfall) -> None:
    lines = [json.loads(line) for line in recorded(inkfall, model, "-n", "9").splitlines()]
    [line for line in lines if line["type"] == "token"][3]["id"] = 9
    status, words = replayed(inkfall, "\n".join(map(json.dumps, lines)))
    assert status == 3 and words.startswith("differs: continuation 1, token 4: logprob by ")


@pytest.mark.parametrize(
    ("change", "made_with"),
    [({"fingerprint": "0" * 64}, "0" * 64), ({"build": "llama.cpp 1"}, "llama.cpp 1"), ({"widths": [1, 2]}, "[1, 2]")],
)
def test_other_conditions_are_not_comparable(change: Any, made_with: str, model: Path, inkfall: Inkfall) -> None:
    start, *lines = recorded(inkfall, model, "-n", "3").splitlines()
    changed = json.dumps({**json.loads(start), **change})
    assert replayed(inkfall, "\n".join([changed, *lines])) == (3, f"not comparable: made with {made_with}")


@pytest.mark.parametrize(
    "arguments", [("-n", "40"), ("-n", "300", "--keep", "9"), ("-n", "12", "--continuations", "5")]
)
def test_a_prompt_longer_than_the_context(arguments: tuple[str, ...], model: Path, inkfall: Inkfall) -> None:
    recording = recorded(inkfall, model, *arguments, "--prompt", "once upon a time the river " * 60)
    assert json.loads(recording.splitlines()[0])["dropped"] > 0
    assert replayed(inkfall, recording) == (0, "identical")


def test_a_banned_string_in_a_recording(model: Path, inkfall: Inkfall) -> None:
    """The draws at a place and what was banned there are told, and needed."""
    recording = recorded(inkfall, model, "-n", "60", "--ban", "h", "--ban", "e", "--ban", "a", "--ban", "O")
    lines = [json.loads(line) for line in recording.splitlines()]
    text = "".join(line["text"] for line in lines if line["type"] == "token")
    assert not set(text.lower()) & set("heao")
    retried = [line for line in lines if line.get("retry")]
    assert retried and all(len(line["banned"]) <= line["retry"] for line in retried)
    assert replayed(inkfall, recording) == (0, "identical")
    for line in retried:
        del line["banned"]
    status, words = replayed(inkfall, "\n".join(map(json.dumps, lines)))
    assert status == 3 and "final by" in words


def test_several_streams_with_banned_strings_prove_nothing_where_they_differ(model: Path, inkfall: Inkfall) -> None:
    """Where tokens were taken back the others' tokens lie in other cells."""
    banned = ("--ban", "h", "--ban", "the", "--ban", "e", "--ban", "a")
    recording = recorded(inkfall, model, "-n", "20", "--continuations", "4", *banned)
    lines = [json.loads(line) for line in recording.splitlines()]
    next(line for line in lines if line["type"] == "token" and line["width"] > 1)["logprob"] -= 0.5
    assert any(line.get("retry") for line in lines)
    status, words = replayed(inkfall, "\n".join(map(json.dumps, lines)))
    assert (status, words) == (
        3,
        "not comparable: tokens of a banned string were taken back beside other continuations",
    )


def test_streams_that_end_at_a_stop_string(model: Path, inkfall: Inkfall) -> None:
    """The tokens of the stop string are not recorded, so each stream is taken again alone."""
    recording = recorded(inkfall, model, "-n", "60", "--continuations", "7", "--temperature", "2", "--stop", "e")
    ends = [json.loads(line) for line in recording.splitlines() if '"end"' in line]
    assert any(end["reason"] == "stop string" for end in ends)
    assert replayed(inkfall, recording) == (0, "identical")
    lines = [json.loads(line) for line in recording.splitlines()]
    written = [line for line in lines if line["type"] == "token" and line["width"] > 1]
    written[-1]["logprob"] -= 0.5
    status, words = replayed(inkfall, "\n".join(map(json.dumps, lines)))
    assert status == 3 and words.endswith("logprob by 0.500000")


@pytest.mark.parametrize(
    "text", ["", "no JSON", "[]", "{}", '{"type": "start"}', '{"type": 5}', "\x00", '{"type": "end", "stream": 0}']
)
def test_anything_else_is_one_sentence(text: str, inkfall: Inkfall) -> None:
    answer = inkfall("replay", "-", stdin=text.encode())
    assert answer.status == 1 and answer.errors.startswith("inkfall: ") and answer.errors.count("\n") == 1


@pytest.mark.parametrize("line", range(1, 12))
def test_a_recording_that_lacks_a_line(line: int, model: Path, inkfall: Inkfall) -> None:
    lines = recorded(inkfall, model, "-n", "3", "--continuations", "3").splitlines()
    answer = inkfall("replay", "-", stdin="\n".join(lines[:line] + lines[line + 1 :]).encode())
    assert answer.status in (1, 3) and "Traceback" not in answer.errors


def test_a_model_that_is_gone_is_a_sentence(model: Path, inkfall: Inkfall) -> None:
    recording = recorded(inkfall, model, "-n", "3").replace(str(model), "/nowhere/x.gguf")
    assert inkfall("replay", "-", stdin=recording.encode()).status == 1
    answer = inkfall("replay", "-", "--model", str(model), stdin=recording.encode())
    assert answer.text == "identical\n"


@pytest.mark.starter
def test_the_starter_is_identical(starter: Path, inkfall: Inkfall) -> None:
    arguments = ("complete", "--model", str(starter), "-p", "Once upon a time", "-n", "12", "--json")
    recording = inkfall(*arguments, "--continuations", "5").text
    assert replayed(inkfall, recording) == (0, "identical")


@pytest.mark.parametrize("kind", ["start", "token", "end"])
def test_a_record_that_lacks_a_field_is_one_sentence(kind: str, model: Path, inkfall: Inkfall) -> None:
    lines = [json.loads(line) for line in recorded(inkfall, model, "-n", "3").splitlines()]
    index = next(number for number, line in enumerate(lines) if line["type"] == kind)
    for name in ("settings", "offloaded", "id", "logprob", "stream", "reason"):
        if name in lines[index]:
            without = {key: value for key, value in lines[index].items() if key != name}
            text = "\n".join(map(json.dumps, [*lines[:index], without, *lines[index + 1 :]]))
            answer = inkfall("replay", "-", stdin=text.encode())
            assert answer.status == 1 and answer.errors.count("\n") == 1


def forged(lines: list[dict[str, Any]], change: str) -> None:
    """Change a number to one that no program writes."""
    tokens = [line for line in lines if line["type"] == "token" and line["stream"] == 1]
    if change == "prompt":
        for line in lines:
            line.get("prompt_tokens", [0, 0])[1] = 2**31
    elif change == "dropped":
        lines[0]["dropped"] = -5
    elif change == "seed":
        lines[0]["settings"]["seed"] = "x"
    elif change == "token":
        tokens[1]["id"] = 99_999
    else:  # a stream whose last tokens are missing is evaluated alone, in the steps that it took
        next(line for line in lines if line["type"] == "end" and line["stream"] == 1)["tokens"] += 1
        lines[:] = [{**line, "reason": "stop string"} if line["type"] == "end" else line for line in lines]
        for token in tokens[1:]:
            token["rows"] = token["width"] = 5_000


@pytest.mark.parametrize("change", ["prompt", "dropped", "seed", "token", "steps"])
def test_numbers_that_no_program_writes_are_one_sentence(change: str, model: Path, inkfall: Inkfall) -> None:
    lines = [json.loads(line) for line in recorded(inkfall, model, "-n", "4", "--continuations", "3").splitlines()]
    forged(lines, change)
    answer = inkfall("replay", "-", stdin="\n".join(map(json.dumps, lines)).encode())
    assert answer.status == 1 and answer.errors.startswith("inkfall: ") and answer.errors.count("\n") == 1


@pytest.mark.parametrize(
    ("rows", "arguments"),
    [
        (2_000, ("-n", "2000", "--keep", "9", "--ignore-eos")),
        (1_000, ("-n", "40", "--continuations", "64", "--ignore-eos")),
        (400, ("-n", "100", "--continuations", "16", "--ignore-eos", "--ctx-size", "512")),
    ],
)
def test_records_of_many_rows(rows: int, arguments: tuple[str, ...], model: Path, inkfall: Inkfall) -> None:
    """Together, and, where there are several, each alone: the last token of one is missing."""
    recording = recorded(inkfall, model, *arguments)
    assert recording.count("\n") > rows and replayed(inkfall, recording) == (0, "identical")
    lines = [json.loads(line) for line in recording.splitlines()]
    if "--continuations" in arguments:
        at = max(number for number, line in enumerate(lines) if line["type"] == "token" and line["stream"] == 1)
        del lines[at]
        end = next(line for line in lines if line["type"] == "end" and line["stream"] == 1)
        end["reason"] = "stop string"
        assert replayed(inkfall, "\n".join(map(json.dumps, lines))) == (0, "identical")
