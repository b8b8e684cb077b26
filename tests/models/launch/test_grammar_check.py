"""A grammar is read in a process of its own: a mistake has its line, and a process that dies or hangs is no harm."""

from __future__ import annotations

import os
import time
from typing import Any

import pytest

from models.launch import grammar_check
from models.launch.grammar_check import Verdict, check, read


def test_the_line_of_a_mistake_comes_back() -> None:
    assert check('root ::= "a"\nx ::= "b"{2,1}').told.startswith("Line 2 of the grammar: A repetition has its larger")


@pytest.mark.parametrize("text", ["", 'root ::= "a"', "root ::= [^a]{0,2000}", 'root ::= "(" root* ")"'])
def test_a_sound_one_has_no_mistake(text: str) -> None:
    assert read(text) == Verdict() and read(text).told == ""


@pytest.mark.parametrize("text", ["(" * 500, "x" * 1_000_000, "root ::= " + "(" * 5_000, "\x00", "root ::= \ud800"])
def test_nonsense_is_told(text: str) -> None:
    assert read(text).line == 1


def _die(_pipe: Any, _text: str) -> None:
    os._exit(1)


def _hang(_pipe: Any, _text: str) -> None:
    time.sleep(60)


@pytest.mark.parametrize("target", [_die, _hang])
def test_a_process_that_dies_or_hangs_is_a_sentence(target: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(grammar_check, "_answer", target)
    verdict = check("root ::= .", patience=30 if target is _die else 0.1)
    assert verdict.line == 0 and "cannot be checked" in verdict.told
