"""The automaton against regular expressions, and where a text may end."""

from __future__ import annotations

import random
import sys

import pytest

from models.sampling.grammar.automaton import DEAD, Automaton, Partial
from models.sampling.grammar.gbnf import parse
from tests.models import grammars


def automaton(text: str) -> Automaton:
    return Automaton(parse(text))


def matches(found: Automaton, text: str) -> bool:
    return found.is_complete(found.after(found.start, text.encode()))


def test_texts_are_those_of_the_same_regular_expression() -> None:
    chance, allowed = random.Random(1), 0
    for _ in range(60):
        text = grammars.grammar(chance, rules=3, recursive=False)
        found, wanted = automaton(text), grammars.expression(text)
        for _ in range(40):
            sample = written(found, chance) if chance.random() < 0.7 else "".join(chance.choices("abeé한 ", k=3))
            expected = wanted.fullmatch(sample) is not None
            assert matches(found, sample) == expected, (text, sample)
            allowed += expected
    assert allowed > 300  # the test would say nothing if none fitted


def written(found: Automaton, chance: random.Random) -> str:
    """A text that goes on for as long as the grammar allows, for some characters; the last one may be wrong."""
    text, state = "", found.start
    for _ in range(chance.randint(0, 9)):
        choices = [one for one in grammars.LETTERS + "éø한😀-xz\n" if found.after(state, one.encode()) != DEAD]
        if not choices:
            break
        text += chance.choice(choices)
        state = found.after(found.start, text.encode())
    return text if chance.random() < 0.8 else text[:-1] + "Q"


def test_nested_brackets_are_counted() -> None:
    found = automaton('root ::= "(" root* ")"')
    depth = 5_000  # no recursion of ours
    assert matches(found, "(" * depth + ")" * depth)
    assert not matches(found, "(" * depth + ")" * (depth - 1))
    assert found.after(found.start, b"())") == DEAD


def test_an_ambiguous_grammar_stays_small() -> None:
    """Written out, its stacks would double with each letter."""
    found = automaton('root ::= "a" root "b" | "a" root "c" | "d"')
    assert matches(found, "a" * 200 + "d" + "bc" * 100)
    assert len(found) < 2_000


@pytest.mark.parametrize("character", ["é", "한", "😀"])
def test_a_character_may_come_byte_by_byte(character: str) -> None:
    found, spelt = automaton(f'root ::= [{character}] "x"'), character.encode()
    state = found.start
    for place in range(len(spelt)):
        state = found.after(state, spelt[place : place + 1])
        assert state != DEAD and found.may_end_inside(state) and not found.is_complete(state)
    assert matches(found, character + "x")


def test_bytes_that_are_no_character_are_refused() -> None:
    found = automaton("root ::= .*")
    for spelt in ("80", "c080", "e08580", "f08fbfbf", "eda080", "f4908080", "ff", "c378"):
        assert found.after(found.start, bytes.fromhex(spelt)) == DEAD, spelt
    assert matches(found, chr(sys.maxunicode) + "\ud7ff\ue000\U00010000")


def test_the_beginning_of_a_character_that_cannot_come_is_refused() -> None:
    found = automaton("root ::= [가-힣]")
    assert found.begins(found.start, Partial(0xED & 0x0F, 2))
    assert not found.begins(found.start, Partial(0xE3 & 0x0F, 2))
    assert found.may_end_inside(found.after(found.start, b"\xed"))
    assert not found.may_end_inside(found.after(found.start, b"\xe3"))


def test_a_grammar_that_may_be_empty_is_complete_at_once() -> None:
    found = automaton('root ::= "a"?')
    assert found.is_complete(found.start) and matches(found, "a") and not matches(found, "aa")
