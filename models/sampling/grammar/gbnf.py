"""Reads a grammar in GBNF, llama.cpp's dialect, and tells the line of a mistake. Pure.

As in llama.cpp (grammars/README.md there): rules `name ::= …`, literals, sets of characters, `.`, groups, `|`, `?`,
`*`, `+`, `{m,n}`, comments from `#`. Where llama.cpp aborts, or takes something else than what is written, this tells
a mistake: a repetition whose bounds are reversed or above MOST_TIMES, a range from high to low.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import NoReturn

from models.sampling.grammar.rules import ANY, Alternatives, Characters, Item, Rules, growing_recursion
from resources.language import tr

LONGEST = 60_000  # characters of a grammar
MOST_TIMES = 2_000  # of one repetition, as in llama.cpp
MOST_ELEMENTS = 200_000
DEEPEST = 100  # groups inside each other
ROOT = "root"

_NAME = re.compile(r"[a-zA-Z0-9-]+")
_INT = re.compile(r"[0-9]+")
_BLANKS = re.compile(r"(?:[ \t]|#[^\r\n]*)*")
_BLANKS_AND_LINES = re.compile(r"(?:[ \t\r\n]|#[^\r\n]*)*")
_HEX = {"x": 2, "u": 4, "U": 8}
_ESCAPES = {"t": "\t", "r": "\r", "n": "\n", **{sign: sign for sign in '\\"[]-'}}

_TOO_LONG = tr("The grammar is longer than {most:,} characters.")
_NO_ROOT = tr("No rule is named “root”: the grammar begins with that one.")
_UNDEFINED = tr("There is no rule named “{name}”.")
_LEFT = tr("The rule “{name}” begins with itself, so that it would never end (left recursion).")
_NAME_EXPECTED = tr("Here a rule has to begin with its name: letters, digits and hyphens.")
_IS_EXPECTED = tr("Behind the name of a rule comes ::=")
_END_EXPECTED = tr("Here the rule has to end, but “{found}” follows.")
_UNFINISHED = tr("The text or set that begins here has no end.")
_ESCAPE = tr("“{found}” is no escape of this dialect.")
_HEX_EXPECTED = tr("Behind “{found}” come {count} hexadecimal digits.")
_EMPTY_SET = tr("A set of characters is empty.")
_REVERSED = tr("The range {low}-{high} goes from high to low.")
_NOTHING_BEFORE = tr("Before “{found}” has to stand what is repeated.")
_NUMBER = tr("Between the braces of a repetition stand one or two whole numbers.")
_TIMES_REVERSED = tr("A repetition has its larger number first.")
_TOO_OFTEN = tr("A repetition goes up to {most:,} at most.")
_TOO_LARGE = tr("The grammar is too large with all its repetitions.")
_TOO_DEEP = tr("More than {most} groups stand inside each other.")
_NOT_CLOSED = tr("A group has no closing bracket.")
_TOKENS = tr("Single tokens, as in <[123]>, are not supported in a grammar.")


class GrammarError(ValueError):
    """A mistake in a grammar. line: its line, from 1. The message is one sentence, without the line."""

    def __init__(self, line: int, sentence: str) -> None:
        super().__init__(sentence)
        self.line = line

    @property
    def told(self) -> str:
        """The sentence with the line."""
        return tr("Line {line:,} of the grammar: {sentence}").format(line=self.line, sentence=str(self))


@lru_cache(maxsize=8)
def parse(text: str) -> Rules:
    """The rules of a grammar. Raises GrammarError."""
    if len(text) > LONGEST:
        raise GrammarError(1, _TOO_LONG.format(most=LONGEST))
    return _Parser(text).rules()


class _Parser:
    def __init__(self, text: str) -> None:
        self._text, self._at = text, 0
        self._numbers: dict[str, int] = {}  # of the named rules
        self._used: dict[int, int] = {}  # where a rule is named first
        self._rules: list[Alternatives | None] = []
        self._names: list[str] = []  # of the rule that each belongs to
        self._places: list[int] = []  # where it begins
        self._name, self._begin = "", 0  # of the rule that is read
        self._depth = self._size = 0

    def rules(self) -> Rules:
        self._skip(_BLANKS_AND_LINES)
        while self._at < len(self._text):
            self._rule()
        for number, alternatives in enumerate(self._rules):
            if alternatives is None:
                self._fail(_UNDEFINED.format(name=self._names[number]), self._used[number])
        if ROOT not in self._numbers:
            self._fail(_NO_ROOT, 0)
        found = [alternatives for alternatives in self._rules if alternatives is not None]
        if (number := growing_recursion(found)) is not None:
            self._fail(_LEFT.format(name=self._names[number]), self._places[number])
        return Rules.of(found, self._numbers[ROOT])

    # ------------------------------------------------------------------------------------------ rules

    def _rule(self) -> None:
        self._begin = self._at
        self._name = self._match(_NAME) or self._fail(_NAME_EXPECTED)
        number = self._number(self._name)
        self._places[number] = self._begin
        self._skip(_BLANKS)
        if not self._text.startswith("::=", self._at):
            self._fail(_IS_EXPECTED)
        self._at += 3
        self._skip(_BLANKS_AND_LINES)
        self._rules[number] = self._alternatives(_BLANKS)
        if self._at < len(self._text) and self._text[self._at] not in "\r\n":
            self._fail(_END_EXPECTED.format(found=self._text[self._at]))
        self._skip(_BLANKS_AND_LINES)

    def _alternatives(self, blanks: re.Pattern[str]) -> Alternatives:
        """blanks: what may stand between two items: inside a group, line ends too."""
        found = [self._sequence(blanks)]
        while self._next == "|":
            self._at += 1
            self._skip(_BLANKS_AND_LINES)
            found.append(self._sequence(blanks))
        return found

    def _sequence(self, blanks: re.Pattern[str]) -> list[Item]:
        items: list[Item] = []
        last: int | None = None  # where the item begins that a repetition repeats
        while True:
            begin = len(items)
            if self._next in ("*", "+", "?", "{"):
                if last is None or last == len(items):
                    self._fail(_NOTHING_BEFORE.format(found=self._next))
                self._repeat(items, last, blanks)
                continue
            more = self._item()
            if more is None:
                return items
            items += more
            last = begin
            self._grow(len(more))
            self._skip(blanks)

    def _item(self) -> list[Item] | None:
        """The next item of a sequence; None where it ends."""
        readers: dict[str, Callable[[], list[Item]]] = {
            '"': self._literal,
            "[": self._set,
            "(": self._group,
            ".": self._any,
            "<": self._token,
            "!": self._token,
        }
        if reader := readers.get(self._next):
            return reader()
        begin = self._at
        if name := self._match(_NAME):
            number = self._number(name)
            self._used.setdefault(number, begin)
            return [number]
        return None

    def _literal(self) -> list[Item]:
        begin, found = self._at, list[Item]()
        self._at += 1
        while self._next != '"':
            one = ord(self._character(begin))
            found.append(Characters(((one, one),)))
        self._at += 1
        return found

    def _set(self) -> list[Item]:
        begin, ranges = self._at, list[tuple[int, int]]()
        self._at += 1
        negated = self._next == "^"
        self._at += negated
        while self._next != "]":
            place = self._at
            low = high = self._character(begin)
            if self._next == "-" and self._text[self._at + 1 : self._at + 2] != "]":
                self._at += 1
                high = self._character(begin)
            if low > high:
                self._fail(_REVERSED.format(low=_shown(low), high=_shown(high)), place)
            ranges.append((ord(low), ord(high)))
        if not ranges:
            self._fail(_EMPTY_SET)
        self._at += 1
        return [Characters(tuple(ranges), negated)]

    def _any(self) -> list[Item]:
        self._at += 1
        return [ANY]

    def _token(self) -> list[Item]:
        self._fail(_TOKENS)

    def _group(self) -> list[Item]:
        begin = self._at
        self._depth += 1
        if self._depth > DEEPEST:
            self._fail(_TOO_DEEP.format(most=DEEPEST))
        self._at += 1
        self._skip(_BLANKS_AND_LINES)
        number = self._add(self._alternatives(_BLANKS_AND_LINES))
        if self._next != ")":
            another_rule = self._text.startswith("::=", self._at)  # was read into the group, with its name
            self._fail(_NOT_CLOSED, begin if another_rule or self._at == len(self._text) else None)
        self._at += 1
        self._depth -= 1
        return [number]

    def _character(self, begin: int) -> str:
        """The next character of the literal or set that begins there."""
        if self._at >= len(self._text):
            self._fail(_UNFINISHED, begin)
        sign = self._text[self._at]
        if sign != "\\":
            self._at += 1
            return sign
        kind = self._text[self._at + 1 : self._at + 2]
        if kind in _ESCAPES:
            self._at += 2
            return _ESCAPES[kind]
        if kind not in _HEX:
            self._fail(_ESCAPE.format(found=sign + kind))
        digits = self._text[self._at + 2 : self._at + 2 + _HEX[kind]]
        if len(digits) < _HEX[kind] or not re.fullmatch("[0-9a-fA-F]+", digits) or int(digits, 16) > 0x10FFFF:
            self._fail(_HEX_EXPECTED.format(found=sign + kind, count=_HEX[kind]))
        self._at += 2 + len(digits)
        return chr(int(digits, 16))

    # ------------------------------------------------------------------------------------------ repetitions

    def _repeat(self, items: list[Item], last: int, blanks: re.Pattern[str]) -> None:
        """Replace the items from `last` on by their repetition, as llama.cpp rewrites it."""
        least, most = self._bounds(blanks)
        self._skip(blanks)
        once = items[last:]
        self._grow(len(once) * (max(least, most or 0) + 1))
        items[last:] = once * least
        if most is None:
            number = self._add([])
            self._rules[number] = [[*once, number], []]
            items.append(number)
        elif most > least:
            number = self._add([once, []])
            for _ in range(most - least - 1):
                number = self._add([[*once, number], []])
            items.append(number)

    def _bounds(self, blanks: re.Pattern[str]) -> tuple[int, int | None]:
        """The bounds of the repetition here; None: without end."""
        sign = self._next
        self._at += 1
        if sign != "{":
            return {"*": (0, None), "+": (1, None), "?": (0, 1)}[sign]
        least = self._times(blanks)
        if least is None:
            self._fail(_NUMBER)
        most: int | None = least
        if self._next == ",":
            self._at += 1
            most = self._times(blanks)
        if self._next != "}":
            self._fail(_NUMBER)
        if max(least, most or 0) > MOST_TIMES:
            self._fail(_TOO_OFTEN.format(most=MOST_TIMES))
        if most is not None and most < least:
            self._fail(_TIMES_REVERSED)
        self._at += 1
        return least, most

    def _times(self, blanks: re.Pattern[str]) -> int | None:
        self._skip(blanks)
        digits = self._match(_INT)
        self._skip(blanks)
        return int(digits[:9]) if digits else None

    # ------------------------------------------------------------------------------------------ reading

    @property
    def _next(self) -> str:
        return self._text[self._at : self._at + 1]

    def _skip(self, blanks: re.Pattern[str]) -> None:
        found = blanks.match(self._text, self._at)
        self._at = found.end() if found else self._at

    def _match(self, pattern: re.Pattern[str]) -> str:
        found = pattern.match(self._text, self._at)
        self._at = found.end() if found else self._at
        return found[0] if found else ""

    def _number(self, name: str) -> int:
        if name not in self._numbers:
            self._numbers[name] = self._add(None, name)
        return self._numbers[name]

    def _add(self, alternatives: Alternatives | None, name: str = "") -> int:
        self._rules.append(alternatives)
        self._names.append(name or self._name)
        self._places.append(self._begin)
        return len(self._rules) - 1

    def _grow(self, items: int) -> None:
        self._size += items
        if self._size > MOST_ELEMENTS:
            self._fail(_TOO_LARGE)

    def _fail(self, sentence: str, place: int | None = None) -> NoReturn:
        """place: of the mistake, else where the text is read; where it ends, its last line with text."""
        before = self._text[: self._at if place is None else place]
        before = before.rstrip() if before == self._text else before
        raise GrammarError(len(re.findall(r"\r\n|\r|\n", before)) + 1, sentence)


def _shown(character: str) -> str:
    """A character in a sentence; one that is not printed as its escape."""
    return character if character.isprintable() else character.encode("unicode_escape").decode("ascii")
