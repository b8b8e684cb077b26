"""The subcommands as a whole: help, usage, and which arguments open a window."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from desktop.__main__ import wants_window, why_no_window
from desktop.terminal.command_line import COMMANDS, make_parser
from desktop.terminal.exit_status import USAGE

Inkfall = Callable[..., Any]


def test_help_names_every_command(inkfall: Inkfall) -> None:
    answer = inkfall("--help")
    assert answer.status == 0
    assert all(f"    {name} " in answer.text for name in COMMANDS)


@pytest.mark.parametrize("name", list(COMMANDS))
def test_every_command_has_its_help(name: str, inkfall: Inkfall) -> None:
    answer = inkfall(name, "--help")
    assert answer.status == 0 and f"usage: inkfall {name}" in answer.text


@pytest.mark.parametrize("arguments", [("nonsense",), ("--nonsense",), ("models",), ("models", "get"), ("inspect",)])
def test_bad_usage_is_status_2(arguments: tuple[str, ...], inkfall: Inkfall) -> None:
    assert inkfall(*arguments).status == 2


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ("complete --tokens 5", "There is no option --tokens. Perhaps you mean --max-tokens."),
        ("complete --tokens=5 words", "There is no option --tokens. Perhaps you mean --max-tokens."),
        ("complete --temp 0.5", "There is no option --temp. Perhaps you mean --temperature."),
        ("complete -x", "There is no option -x."),
        ("complete words", "“words”: give the prompt behind --prompt, or - to read it from standard input."),
        ("complete - words", "Nothing can be done with “words” here."),
        ("complete --seed", "--seed: a value is missing."),
        ("complete --seed --json", "--seed: a value is missing."),
        ("complete --prompt", "--prompt: a value is missing."),
        ("complete --seed five", "--seed: “five” is no whole number."),
        ("complete --temperature hot", "--temperature: “hot” is no number."),
        ("complete --temperature -9", "--temperature: -9 is not between 0 and 5."),
        ("complete --cache-type-k q5", "--cache-type-k: “q5” is none of: f16, q8_0, f32."),
        ("complete -p a -f b", "--prompt-file: it cannot be combined with --prompt/-p."),
        ("odds --max-tokens 5", "There is no option --max-tokens."),
        ("score", "One of these is needed: - --file/-f."),
        ("replay --seed 5 a.json", "There is no option --seed."),
        ("replay", "FILE is missing."),
        ("bench --rounds x", "--rounds: “x” is no whole number."),
        ("bench now", "Nothing can be done with “now” here."),
        ("models get --tokens 5 a/b", "There is no option --tokens."),
        ("models frob", "“frob” is none of: list, search, show, get, remove."),
    ],
)
def test_an_error_names_what_is_wrong(arguments: str, words: str, capsys: pytest.CaptureFixture[str]) -> None:
    given = arguments.split()
    with pytest.raises(SystemExit) as ended:
        make_parser(given).parse_args(given)
    command = " ".join(("inkfall", *given[: 2 if given[:2] == ["models", "get"] else 1]))
    assert ended.value.code == USAGE
    assert capsys.readouterr().err == f"{command}: {words} “{command} --help” lists what there is.\n"


@pytest.mark.parametrize("value", ["-1", "-.5", "--json", "-x", "--tokens"])
def test_a_text_may_look_like_an_option(value: str) -> None:
    assert make_parser(["complete"]).parse_args(["complete", "--prompt", value, "-n", "-1", "-s5"]).prompt == value


def test_the_version(inkfall: Inkfall) -> None:
    assert inkfall("--version").text.startswith("inkfall ")


def test_arguments_that_open_a_window(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "README").touch()
    (tmp_path / "score").touch()
    assert wants_window([])
    assert wants_window(["some model.gguf"]) and wants_window(["story.txt"]) and wants_window(["README"])
    assert not wants_window(["score"]) and not wants_window(["--help"]) and not wants_window(["nonsense"])


@pytest.mark.skipif(sys.platform != "linux", reason="only there a display may be missing")
def test_without_a_display_one_sentence_says_so(inkfall: Inkfall) -> None:
    answer = inkfall()
    assert answer.status == 1 and answer.text == ""
    assert answer.errors.startswith("inkfall: There is no display here") and answer.errors.count("\n") == 1


def test_other_systems_always_have_a_display() -> None:
    assert "display" not in why_no_window({}, "darwin")


def test_models_list(inkfall: Inkfall, own_home: Path) -> None:
    folder = own_home / "data" / "models"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "Tiny model.gguf").write_bytes(bytes(2_000_000))
    answer = inkfall("models", "list")
    assert answer.text.splitlines()[0] == "name\tsize\tkind\tfrom\tfile"
    assert f"Tiny model\t2.0 MB\tdamaged\town\t{folder / 'Tiny model.gguf'}" in answer.text
    (folder / "Tiny model.gguf").unlink()
