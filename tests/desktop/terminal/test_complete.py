"""`inkfall complete`, in real processes: on the scripted engine, and on the starter model."""

import base64
import os
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from desktop.shell.examples import EXAMPLES
from desktop.terminal.command_line import make_parser

Inkfall = Callable[..., Any]
Popen = Callable[..., subprocess.Popen[bytes]]
SMALL = ("--ctx-size", "256", "--threads", "1")  # one thread: two of them wait for each other on a busy machine
SCRIPTED = ("complete", "--model", "scripted:")


def test_only_the_continuation_is_written(inkfall: Inkfall) -> None:
    answer = inkfall(*SCRIPTED, "--prompt", "Every evening", "--max-tokens", "12", "--temperature", "0")
    assert answer.status == 0 and answer.errors == ""
    assert answer.text and not answer.text.startswith("Every evening") and "\r" not in answer.text


def test_json_and_text_agree_and_a_seed_repeats(inkfall: Inkfall) -> None:
    arguments = (*SCRIPTED, "--prompt", "Once", "--max-tokens", "20", "--seed", "7")
    plain, lines, again = inkfall(*arguments), inkfall(*arguments, "--json"), inkfall(*arguments)
    assert plain.text == again.text
    assert "".join(record["text"] for record in lines.records if record["type"] == "token") == plain.text
    assert inkfall(*arguments[:-1], "8").text != plain.text


def test_json_field_by_field(inkfall: Inkfall) -> None:
    answer = inkfall(*SCRIPTED, "-p", "Once", "-n", "9", "-s", "3", "--json", "--top", "4", "--top-k", "2")
    start, *tokens, end = answer.records
    assert start["type"] == "start" and start["path"] == "scripted:" and start["model"]
    assert start["settings"]["top_k"] == 2 and start["settings"]["seed"] == 3 and start["settings"]["max_tokens"] == 9
    assert start["prompt_tokens"] and all(isinstance(token, int) for token in start["prompt_tokens"])
    assert len(tokens) == 9
    for record in tokens:
        assert record["type"] == "token" and isinstance(record["id"], int) and base64.b64decode(record["bytes"])
        assert record["logprob"] <= 0 and record["final"] <= 0 and record["entropy"] >= 0
        assert record["rank"] in (1, 2)
        assert 0 <= record["low"] <= record["draw"] < record["high"] <= 1 + 1e-9
        assert 4 <= len(record["top"]) <= 5 and record["id"] in [entry["id"] for entry in record["top"]]
        kept = [entry for entry in record["top"] if entry["cut"] is None]
        assert len(kept) <= 2 and all(entry["final"] is not None for entry in kept)
        assert {entry["cut"] for entry in record["top"]} <= {None, "top-k", "control"}
        assert all(entry["final"] is None for entry in record["top"] if entry["cut"])
    assert end["type"] == "end" and end["reason"] == "length" and end["tokens"] == 9
    assert end["tokens_per_second"] is None or end["tokens_per_second"] > 0


def test_a_stop_string_never_comes_out(inkfall: Inkfall) -> None:
    arguments = (*SCRIPTED, "--prompt", "Once", "--max-tokens", "40", "--temperature", "0")
    whole = inkfall(*arguments).text
    word = whole.split()[5]
    answer = inkfall(*arguments, "--stop", word, "--stop", "x" * 10_000, "--json")
    assert answer.records[-1]["reason"] == "stop string"
    assert "".join(r["text"] for r in answer.records if r["type"] == "token") == whole[: whole.index(word)]


@pytest.mark.parametrize("seed", ["-1", str(1 << 64), str(-(1 << 70)), "0"])
def test_any_whole_number_is_a_seed(seed: str, inkfall: Inkfall) -> None:
    assert inkfall(*SCRIPTED, "--prompt", "a", "--max-tokens", "2", f"--seed={seed}").status == 0


def test_a_seed_of_minus_one_is_drawn_anew(inkfall: Inkfall) -> None:
    arguments = (*SCRIPTED, "-p", "a", "-n", "2", "--json")
    for seed in (("--seed", "-1"), ("-s=-1",), ()):
        drawn = [inkfall(*arguments, *seed).records[0]["settings"]["seed"] for _ in range(2)]
        assert drawn[0] != drawn[1] and all(0 <= one < 1 << 32 for one in drawn)
    assert inkfall(*arguments, "--seed", "-2").records[0]["settings"]["seed"] == -2


@pytest.mark.parametrize(
    "prompt", ["--once", "---", "--", "-", "-p", "--help", "--json", "-5", "=", "=x", "-p=x", "--prompt=x", ""]
)
def test_the_text_of_an_option_may_begin_with_anything(prompt: str) -> None:
    for way in (("--prompt", prompt), ("-p", prompt), (f"--prompt={prompt}",), (f"-p={prompt}",)):
        options = make_parser(["complete"]).parse_args(["complete", *way, "-n", "3"])
        assert (options.prompt, options.max_tokens, options.stdin) == (prompt, 3, None)


def test_stop_strings_and_names_may_begin_with_a_dash(inkfall: Inkfall) -> None:
    stops = ["---", "--", "-", "--json", "=", "-5"]
    flags = [word for stop in stops for word in ("--stop", stop)]
    start = inkfall(*SCRIPTED, "-p", "--once", "-n", "2", *flags, "--json").records[0]
    assert start["settings"]["stop"] == stops
    assert "--none" in inkfall("complete", "--model", "--none", "-p", "x").errors
    assert "--none cannot be read" in inkfall(*SCRIPTED, "--prompt-file", "--none").errors
    assert "--prompt: a value is missing" in inkfall(*SCRIPTED, "--prompt").errors


def test_prompts_from_a_file_from_stdin_and_none(inkfall: Inkfall, tmp_path: Path) -> None:
    prompt = "né\r\n한국어 🙂"
    (tmp_path / "ünï cødé.txt").write_bytes(prompt.encode())
    options = ("--max-tokens", "5", "--seed", "1")
    by_argument = inkfall(*SCRIPTED, "--prompt", prompt, *options)
    by_file = inkfall(*SCRIPTED, "--prompt-file", str(tmp_path / "ünï cødé.txt"), *options)
    by_stdin = inkfall(*SCRIPTED, "-", *options, stdin=prompt.encode())
    assert by_argument.text == by_file.text == by_stdin.text
    assert inkfall(*SCRIPTED, *options).status == 0  # no prompt: the model begins


def test_utf8_goes_out_whatever_the_locale(inkfall: Inkfall) -> None:
    answer = inkfall(*SCRIPTED, "-p", "x", "-n", "3", "--json", LANG="C", LC_ALL="C")
    assert answer.status == 0 and answer.records


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--model", "none.gguf"), "no file none.gguf"),
        (("--model", "nonesuch"), "No model named “nonesuch” is installed"),
        (("--model", "scripted:?fail=1"), ""),
        (("--model", "scripted:?die_after=2", "--temperature", "0"), "gave up"),
        (("--model", "scripted:", "--prompt-file", "none.txt"), "none.txt cannot be read"),
        (("--model", "/tmp"), "folder"),
    ],
)
def test_failures_are_one_sentence_and_status_1(arguments: tuple[str, ...], words: str, inkfall: Inkfall) -> None:
    answer = inkfall("complete", *arguments)
    assert answer.status == 1
    assert answer.errors.startswith("inkfall: ") and answer.errors.count("\n") == 1
    assert words in answer.errors and "Traceback" not in answer.errors


def test_binary_prompts_are_refused(inkfall: Inkfall) -> None:
    answer = inkfall(*SCRIPTED, "-", stdin=b"\xff\xfe\x00")
    assert answer.status == 1 and answer.text == ""
    assert (
        answer.errors
        == "inkfall: The standard input is not UTF-8 text but binary (or UTF-16): it has zero bytes in it.\n"
    )


@pytest.mark.parametrize(
    "arguments", [("--top-p", "2"), ("--no-such",), ("--prompt", "a", "--prompt-file", "b"), ("--max-tokens", "0")]
)
def test_bad_usage_is_status_2(arguments: tuple[str, ...], inkfall: Inkfall) -> None:
    answer = inkfall(*SCRIPTED, *arguments)
    assert answer.status == 2 and answer.errors.count("\n") == 1 and arguments[0] in answer.errors


def test_a_prompt_longer_than_the_context_reports_what_is_dropped(inkfall: Inkfall) -> None:
    answer = inkfall(*SCRIPTED, "-", "--max-tokens", "4", "--json", stdin=b"far too long " * 3000)
    assert answer.status == 0
    dropped = answer.records[0]["dropped"]
    assert dropped > 0 and f"its first {dropped:,} tokens are not seen" in answer.errors


def test_a_header_of_such_a_prompt_is_seen(inkfall: Inkfall) -> None:
    arguments = (*SCRIPTED, "-", "--max-tokens", "1", "--json", "--ctx-size", "64", "--seed", "1", "--keep", "12")
    start = inkfall(*arguments, stdin=b"In the beginning. " + b"far too long " * 90).records[0]
    short = inkfall(*SCRIPTED, "-", "--max-tokens", "1", "--json", stdin=b"In the beginning. far").records[0]
    assert start["settings"]["keep"] == 12
    assert start["prompt_tokens"][:12] == short["prompt_tokens"][:12]
    assert start["dropped"] > 0


def read_some(process: subprocess.Popen[bytes]) -> bytes:
    """Wait for the first bytes of text."""
    assert process.stdout
    return os.read(process.stdout.fileno(), 1)


@pytest.mark.parametrize("whole_group", [False, True])
def test_ctrl_c_stops_at_once_and_keeps_the_text(popen: Popen, whole_group: bool) -> None:
    process = popen("complete", "--model", "scripted:?rate=50", "--prompt", "Once", "--max-tokens", "-1")
    first = read_some(process)
    if whole_group:
        os.killpg(process.pid, signal.SIGINT)
    else:
        process.send_signal(signal.SIGINT)
    output, errors = process.communicate(timeout=30)  # without Ctrl+C it would never end
    assert process.returncode == 130
    assert first + output and errors == b""
    (first + output).decode("utf-8")


def test_ctrl_c_while_loading(popen: Popen) -> None:
    process = popen("complete", "--model", "scripted:?load_seconds=30", "--prompt", "Once")
    time.sleep(1.5)
    process.send_signal(signal.SIGINT)
    output, errors = process.communicate(timeout=20)
    assert (process.returncode, output) == (130, b"")
    assert b"Traceback" not in errors


def test_ctrl_c_twice_ends_a_stuck_engine(popen: Popen) -> None:
    process = popen("complete", "--model", "scripted:?stall_after=3", "--prompt", "Once")
    read_some(process)
    process.send_signal(signal.SIGINT)
    time.sleep(0.5)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=20)
    assert process.returncode == 130 and b"Traceback" not in errors


def test_ctrl_c_again_and_again_is_no_traceback(popen: Popen) -> None:
    process = popen("complete", "--model", "scripted:?stall_after=3", "--prompt", "Once")
    read_some(process)
    for _ in range(12):
        process.send_signal(signal.SIGINT)
        time.sleep(0.1)
    _, errors = process.communicate(timeout=20)
    assert process.returncode == 130 and b"Traceback" not in errors


def test_json_ends_with_its_last_record_when_interrupted(popen: Popen) -> None:
    process = popen("complete", "--model", "scripted:?rate=50", "--json", "--max-tokens", "-1")
    first = read_some(process)
    process.send_signal(signal.SIGINT)
    output, _ = process.communicate(timeout=30)  # without Ctrl+C it would never end
    last = (first + output).splitlines()[-1]
    assert b'"type": "end"' in last and b'"reason": "stopped"' in last


def test_a_reader_that_closes_the_pipe(popen: Popen) -> None:
    process = popen("complete", "--model", "scripted:?rate=200", "--prompt", "Once", "--max-tokens", "-1")
    read_some(process)
    assert process.stdout and process.stderr
    process.stdout.close()
    assert process.wait(timeout=30) == 0
    assert process.stderr.read() == b""
    process.stderr.close()


def test_no_qt_is_loaded(tmp_path: Path, inkfall: Inkfall) -> None:
    (tmp_path / "PySide6").mkdir()
    (tmp_path / "PySide6" / "__init__.py").write_text("raise ImportError('Qt was imported')")
    answer = inkfall(*SCRIPTED, "-p", "x", "-n", "2", PYTHONPATH=str(tmp_path))
    assert answer.status == 0 and answer.text


@pytest.mark.starter
def test_the_starter_writes(starter: Path, inkfall: Inkfall) -> None:
    arguments = ("complete", "--model", str(starter), "--prompt", "The capital of France is", *SMALL)
    answer = inkfall(*arguments, "-n", "8", "--seed", "1", "--json", "--top", "20")
    start, *tokens, end = answer.records
    assert start["architecture"] == "gemma3" and start["prompt_tokens"][0] == 2
    assert len(tokens) == end["tokens"] == 8
    assert all(len(record["top"]) in (20, 21) and record["rank"] >= 1 for record in tokens)
    assert tokens[0]["top"][0]["text"] in (" Paris", " the", " a")
    logprobs = [entry["logprob"] for entry in tokens[0]["top"][:20]]
    assert logprobs == sorted(logprobs, reverse=True)
    assert inkfall(*arguments, "-n", "8", "--seed", "1").text == "".join(record["text"] for record in tokens)


@pytest.mark.starter
def test_the_starter_knows_the_famous_text_of_the_welcome(starter: Path, inkfall: Inkfall) -> None:
    opening = next(one for one in EXAMPLES if one.temperature is not None)
    arguments = ("--model", str(starter), "--prompt", opening.text, "--temperature", str(opening.temperature))
    answer = inkfall("complete", *arguments, *SMALL, "-n", "30")
    assert " created equal, that they are endowed by their " in answer.text
    assert "certain unalienable rights" in answer.text.lower()
