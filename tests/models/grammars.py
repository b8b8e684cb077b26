"""Random grammars for tests, and texts that a grammar allows, found without our automaton."""

from __future__ import annotations

import codecs
import random
import re

LETTERS = "abehorstuw ."
SETS = ("[a-e]", "[^a-s]", "[^\\n]", ".", "[\\x20-z]", "[é-ø]", "[^é]", "[가-힣]", "[ab-]", "[\\u00e9\\U0001F600]")


def grammar(chance: random.Random, rules: int = 4, *, recursive: bool = True) -> str:
    """A grammar in GBNF; each rule refers to later ones, and where it is recursive at its end to itself."""
    names = ["root", *(f"r{number}-x" for number in range(1, rules))]
    lines = []
    for number, name in enumerate(names):
        alternatives = [_sequence(chance, names[number + 1 :], 2) for _ in range(chance.randint(1, 3))]
        if recursive and chance.random() < 0.3:
            alternatives.append(f"{_literal(chance)} {name}")
        lines.append(f"{name} ::= {' | '.join(alternatives)}  # a comment")
    return "\n".join(lines) + "\n"


def _sequence(chance: random.Random, names: list[str], depth: int) -> str:
    return " ".join(_item(chance, names, depth) for _ in range(chance.randint(1, 3)))


def _item(chance: random.Random, names: list[str], depth: int) -> str:
    kind = chance.random()
    if kind < 0.35 or (not names and kind < 0.5):
        item = _literal(chance)
    elif kind < 0.6:
        item = chance.choice(SETS)
    elif kind < 0.8 and names:
        item = chance.choice(names)
    elif depth:
        inside = " |\n ".join(_sequence(chance, names, depth - 1) for _ in range(chance.randint(1, 2)))
        item = f"({inside})"
    else:
        item = _literal(chance)
    repeated = ("?", "*", "+", "{2}", "{1,}", "{0,2}", "{1,3}")
    return item + (chance.choice(repeated) if chance.random() < 0.35 and _takes_something(item) else "")


def _takes_something(item: str) -> bool:
    """What may be empty is not repeated: llama.cpp takes some of that for left recursion."""
    return item[0] in '"[.'


def _literal(chance: random.Random) -> str:
    return '"' + "".join(chance.choice(LETTERS + "é한😀") for _ in range(chance.randint(1, 3))) + '"'


def expression(text: str) -> re.Pattern[str]:
    """A grammar of `grammar` without recursion, as a regular expression."""
    rules = dict(re.findall(r"^(\S+) ::= (.*?)  # a comment$", text, re.MULTILINE | re.DOTALL))

    def whole(name: str) -> str:
        return "(?:" + re.sub(r'"([^"]*)"|(\[[^]]*\])|(root|r\d-x)|(\s+)', _part, rules[name]) + ")"

    def _part(found: re.Match[str]) -> str:
        literal, members, name, _ = found.groups()
        if literal is not None:
            return f"(?:{re.escape(literal)})"
        return members or (whole(name) if name else "")

    return re.compile(whole("root"), re.DOTALL)


def is_text(spelt: bytes) -> bool:
    """Whether the bytes are characters, the last of which may be unfinished."""
    try:
        codecs.getincrementaldecoder("utf-8")().decode(spelt)
    except UnicodeDecodeError:
        return False
    return not re.search(rb"\xed[\xa0-\xbf]", spelt)  # the decoder waits there, for surrogates
