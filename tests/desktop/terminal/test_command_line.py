"""The subcommands as a whole: help, usage, and which arguments open a window."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from desktop.__main__ import wants_window, why_no_window
from desktop.terminal.command_line import COMMANDS

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
