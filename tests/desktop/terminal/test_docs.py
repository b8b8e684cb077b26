"""docs/terminal.md lists every flag, and its table of bounds is right."""

from dataclasses import fields
from pathlib import Path

import pytest

from desktop.terminal.command_line import COMMANDS, make_parser
from models.sampling.knobs import Sampling

TEXT = (Path(__file__).resolve().parents[3] / "docs" / "terminal.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", list(COMMANDS))
def test_every_command_is_there(name: str) -> None:
    assert f"`inkfall {name}" in TEXT


@pytest.mark.parametrize("command", ["complete", "score", "odds"])
def test_every_flag_is_there(command: str) -> None:
    words = make_parser([command]).parse_args([command, "-"]).__dict__
    flags = {
        "n_keep": "keep",
        "strings": "string",
        **{field.name: field.metadata["flag"] for field in fields(Sampling)},
    }
    for name in set(words) - {"command", "stdin"}:
        assert f"`--{flags.get(name, name.replace('_', '-'))}" in TEXT, name


def test_bounds_and_neutral_values_are_those_of_the_settings() -> None:
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in TEXT.splitlines() if line.startswith("| `--")]
    bounds_of = {
        flag.strip("` -"): (float(neutral.replace(",", "")), bounds)
        for row in rows
        if " to " in row[2]
        for flag, neutral, bounds in zip(row[0].split(", "), row[1].split(", "), row[2].split(", "), strict=True)
    }
    for field in fields(Sampling):
        if "low" in field.metadata:
            neutral, bounds = bounds_of[field.metadata["flag"]]
            low, high = (float(number.replace(",", "")) for number in bounds.split(" to "))
            assert (neutral, low, high) == (field.default, field.metadata["low"], field.metadata["high"]), field.name
