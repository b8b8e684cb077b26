"""Reading GBNF: the dialect, and the line of every mistake."""

from __future__ import annotations

import pytest

from models.sampling.grammar.gbnf import LONGEST, GrammarError, parse
from models.sampling.grammar.rules import ANY, Characters

A = Characters(((97, 97),))
MISTAKES = [
    ("", 1, "No rule is named"),
    ("# only a comment\n", 1, "No rule is named"),
    ('list ::= "a"', 1, "No rule is named"),
    ('root ::= "a"\nx ::= y', 2, "no rule named “y”"),
    ('root ::= "b"\n\nx ::= x "a" | "c"', 3, "begins with itself"),
    ('root ::= a\na ::= b? root "x"\nb ::= "c"', 2, "begins with itself"),  # b may be empty
    ('root ::= "a"{2,1}', 1, "larger number first"),
    ('root ::= "a"{0,100000}', 1, "2,000 at most"),
    ('root ::= "a"{99999999999999999999999}', 1, "2,000 at most"),
    (f'root ::= "{"a" * 200}"{{2000}}', 1, "too large"),
    ('root ::= "a"{x}', 1, "whole numbers"),
    ('root ::= "a"{1', 1, "whole numbers"),
    ("root ::= *", 1, "what is repeated"),
    ('root ::= ""*', 1, "what is repeated"),
    ('root ::= "a"\nb = "c"', 2, "comes ::="),
    ('root ::= "a"\n | "b"', 2, "begin with its name"),
    ('root ::= ("a"\n | "b"', 1, "no closing bracket"),
    ('root ::= "a")', 1, "“)” follows"),
    ('root ::= "a\n\n', 1, "has no end"),
    ("root ::= [a-", 1, "has no end"),
    ("root ::= []", 1, "is empty"),
    ('root ::= "x"\r\ny ::= [z-a]', 2, "from high to low"),
    ("root ::= [b-\nx ::= (", 1, "The range b-\\n goes"),
    ('root ::=\n "\\q"', 2, "no escape"),
    ('root ::= x\n\nx ::= ("a" | "b"\ny ::= "c"\n', 3, "no closing bracket"),
    ('root ::= x\n\nx ::= ("a" | "b"\n', 3, "no closing bracket"),
    ('root ::= ("a"{2\n\n', 1, "Between the braces"),
    ('root ::= "\\u12g4"', 1, "4 hexadecimal digits"),
    ('root ::= "\\UFFFFFFFF"', 1, "8 hexadecimal digits"),
    ("root ::= <[12]>", 1, "not supported"),
    ("root ::= " + "(" * 5_000, 1, "inside each other"),
    ("x" * 1_000_000, 1, f"{LONGEST:,} characters"),
]


@pytest.mark.parametrize(("text", "line", "words"), MISTAKES, ids=range(len(MISTAKES)))
def test_a_mistake_is_told_with_its_line(text: str, line: int, words: str) -> None:
    with pytest.raises(GrammarError) as told:
        parse(text)
    assert told.value.line == line
    assert words in str(told.value)
    assert told.value.told.startswith(f"Line {line} of the grammar: ") and told.value.told.endswith((".", "::="))


def test_the_whole_dialect_is_read() -> None:
    rules = parse(
        '# first\nroot ::= "a" [^b-d\\]] . ("\\x41\\u00e9\\U0001F600" |\n x-1)?  # why\n\nx-1 ::= [\\t-] ""\n'
    )
    sets = [one for one in rules.elements if isinstance(one, Characters)]
    assert sets[:3] == [A, Characters(((98, 100), (93, 93)), negated=True), ANY]
    literal = [Characters(((one, one),)) for one in (0x41, 0xE9, 0x1F600)]
    assert [one for one in sets if one in literal] == literal
    assert Characters(((9, 9), (45, 45))) in sets


def test_what_only_looks_like_left_recursion_is_allowed() -> None:
    parse('root ::= ("a"*)* ws* "b"\nws ::= "" | " "')


def test_a_rule_that_never_ends_is_no_mistake() -> None:
    assert parse('root ::= "a" root').root == 0
