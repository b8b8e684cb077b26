"""`complete`, `odds` and the window have the same samplers and give the same odds, for a table of settings."""

from __future__ import annotations

import argparse
import json
import math
from collections.abc import Iterator
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import pytest

from desktop.generation.model_slot import ModelSlot
from desktop.generation.query import Look
from desktop.generation.recipe import Recipe
from desktop.page.page import Page
from desktop.terminal import complete, flags, odds
from desktop.terminal.command_line import make_parser
from desktop.terminal.running import Running, running
from models.engine.events import Loaded, Looked, ModelFacts
from models.library.app_dirs import app_dirs
from models.library.load_options import LoadOptions
from models.sampling.knobs import STAGES, Sampling
from tests.models import tiny

TOP = 10
PROMPT = "once upon a time the house on the river the house on the"
SETTINGS = (
    (),
    ("--temperature", "0"),
    ("--temperature", "1.7", "--top-k", "12"),
    ("--top-p", "0.6"),
    ("--min-p", "0.2", "--allow-control"),
    ("--typical", "0.4"),
    ("--top-n-sigma", "0.9"),
    ("--xtc-probability", "1", "--xtc-threshold", "0.01"),
    ("--repeat-penalty", "1.6", "--repeat-last-n", "8"),
    ("--presence-penalty", "0.9", "--frequency-penalty", "-0.4"),
    ("--dry-multiplier", "1.5", "--dry-allowed-length", "1"),
    ("--dry-multiplier", "1.5", "--dry-allowed-length", "1", "--dry-sequence-breaker", " house"),
    ("--dynatemp-range", "0.7", "--dynatemp-exp", "1.4"),
    ("--mirostat", "1", "--mirostat-ent", "2"),
    ("--mirostat", "2", "--mirostat-ent", "2"),
    ("--min-p", "0.01", "--adaptive-target", "0.3"),
    ("--bias", "id:50=4", "--bias", "id:60=-inf"),
    ("--no-healing",),
    ("--ban", "zzzz", "--ignore-eos"),
    ("--keep", "5"),
    ("--grammar", "root ::= [a-z ]+"),
    ("--preset", "llama.cpp"),
    ("--preset", "Min-p", "--top-k", "9", "--repeat-penalty", "1.2", "--dry-multiplier", "0.8", "--bias", "id:70=3"),
)
PROMPTS = {"whole": PROMPT, "cut": PROMPT + " ri", "long": " ".join([PROMPT] * 12) + " ri"}


@dataclass
class Table:
    """A loaded model, and what each of the three says of the next token: (id, logprob, final, cut) each."""

    running: Running
    facts: ModelFacts
    slot: ModelSlot
    out: pytest.CaptureFixture[str]

    def records(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.out.readouterr().out.splitlines()]

    def written(self, arguments: tuple[str, ...]) -> list[tuple[Any, ...]]:
        options = parsed("complete", *arguments, "-n", "1", "-s", "3")
        prompt, sampling = complete.read_prompt(options), flags.sampling(options)
        assert complete.write(self.running, self.facts, prompt, sampling, options) == 0
        return [row_of(row) for record in self.records() if record["type"] == "token" for row in record["top"]]

    def listed(self, arguments: tuple[str, ...]) -> list[tuple[Any, ...]]:
        options = parsed("odds", *arguments)
        prompt, sampling = complete.read_prompt(options), flags.sampling(options)
        assert odds.ask(self.running, self.facts, prompt, sampling, (), options) == 0
        return [row_of(record) for record in self.records() if record["type"] == "odds"]

    def looked(self, arguments: tuple[str, ...]) -> list[tuple[Any, ...]]:
        options = parsed("odds", *arguments)
        page = Page()
        page.write(0, 0, complete.read_prompt(options))
        look = Look(page, self.slot, Recipe(flags.sampling(options), top=TOP, n_keep=options.n_keep))
        (reading,) = (event.reading for event in self.running.follow(look.job) if isinstance(event, Looked))
        found = reading.alternatives
        names = [STAGES[code - 1] if code else None for code in found.cut]
        finals = [nats if math.isfinite(nats) else None for nats in found.final]
        return list(zip(found.ids, found.raw, finals, names, strict=True))


def parsed(*arguments: str) -> argparse.Namespace:
    given = [arguments[0], "--json", "--top", str(TOP), *arguments[1:]]
    return make_parser(given).parse_args(given)


def row_of(record: dict[str, Any]) -> tuple[Any, ...]:
    return record["id"], record["logprob"], record["final"], record["cut"]


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny.make(tmp_path_factory.mktemp("tiny") / "tiny.gguf", "gemma3")


@pytest.fixture
def table(model: Path, own_home: Path, capsys: pytest.CaptureFixture[str]) -> Iterator[Table]:
    with running(app_dirs()) as engine:
        slot = ModelSlot(engine.engine)
        slot.load(str(model), LoadOptions(context=256, threads=1))
        for event in engine.follow(slot.job):
            slot.answer(event)
            if isinstance(event, Loaded):
                yield Table(engine, event.model, slot, capsys)


def same(one: list[tuple[Any, ...]], other: list[tuple[Any, ...]]) -> bool:
    """Whether these are the same rows but for the last, which may be the one that was drawn."""
    ones, others = {row[0]: row for row in one}, {row[0]: row for row in other}
    both = [(ones[token], others[token]) for token in ones if token in others]
    near = all(a[3] == b[3] and _near(a[1], b[1]) and _near(a[2], b[2]) for a, b in both)
    return len(both) >= min(len(one), len(other)) - 1 and near


def _near(one: float | None, other: float | None) -> bool:
    return one == other if one is None or other is None else abs(one - other) < 1e-3


def test_they_give_the_same_odds(table: Table) -> None:
    cut = set[str]()
    for arguments in SETTINGS:
        for name, prompt in PROMPTS.items():
            asked = ("--prompt", prompt, *arguments)
            listed = table.listed(asked)
            assert len(listed) == TOP and listed == sorted(listed, key=lambda row: -row[1]), (name, arguments)
            assert same(listed, table.looked(asked)), (name, arguments)
            assert same(listed, table.written(asked)), (name, arguments)
            cut |= {row[3] for row in listed if row[3]}
    assert cut >= {"top-k", "min-p", "typical", "top-n-sigma", "xtc", "temperature", "mirostat"}


def test_every_sampler_is_in_the_table() -> None:
    """A sampler that a later version adds has to come into it."""
    changed = set[str]()
    for arguments in SETTINGS:
        sampling = flags.sampling(parsed("odds", *arguments))
        changed |= {one.name for one in fields(Sampling) if getattr(sampling, one.name) != one.default}
    told = {one.name for one in fields(Sampling)} - {"stop", "dry_base", "dry_last_n", "mirostat_eta", "adaptive_decay"}
    assert told <= changed


def test_behind_healed_text_half_of_the_rows_may_come(table: Table) -> None:
    """As in the panel: the most likely of those that may come, and the most likely of all, which healing cut."""
    for end in range(8, len(PROMPT)):
        rows = table.listed(("--prompt", PROMPT[:end]))
        if any(row[3] == "healing" for row in rows):
            may_come = [row for row in rows if row[3] is None]
            everything = table.listed(("--prompt", PROMPT[:end], "--top", "100000"))
            left = [row for row in everything if row[3] is None]
            assert len(may_come) == min(TOP // 2, len(left)) and may_come == left[: len(may_come)]
            assert all(row[2] is None for row in rows if row[3] == "healing")
            return
    raise AssertionError("nothing was healed")
