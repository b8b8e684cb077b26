"""What is looked for, and where it is: plain words, whole words, regular expressions. No Qt, no page.

Positions are UTF-16 units. An expression that takes too long is given up; the search lets other threads run meanwhile.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from desktop.page import utf16
from resources.language import tr

if TYPE_CHECKING:  # imported by the first search: a window opens without it
    import regex

PATIENCE = 5.0  # seconds that a search may take
MOST = 1_000_000  # matches that are listed


class QueryError(Exception):
    """There is no looking for that. Its text is one sentence for the user."""


@dataclass(frozen=True, slots=True)
class Query:
    """words: what is looked for, or a regular expression. within: only from one position to another, where given."""

    words: str
    case: bool = False
    whole: bool = False
    expression: bool = False
    within: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Match:
    """Where something was found, in units, and what is to stand there instead, where that was asked."""

    start: int
    end: int
    instead: str = ""


def find(query: Query, text: str, instead: str = "") -> Iterator[Match]:
    """All places, from first to last, none of them empty, none upon another. instead: for an expression a template,
    as in `\\\\1`. Raises QueryError.
    """
    if not query.words:
        return
    place, units = 0, 0  # the same place in code points and in units
    try:
        for found in _expression(query).finditer(text, timeout=PATIENCE, concurrent=True):
            if found.end() == found.start():
                continue
            start = units + utf16.length(text[place : found.start()])
            end = start + utf16.length(found.group())
            place, units = found.end(), end
            if query.within is None or (query.within[0] <= start and end <= query.within[1]):
                yield Match(start, end, _instead(query, found, instead))
    except TimeoutError as error:
        raise QueryError(tr("This expression takes too long on this page.")) from error


def _instead(query: Query, found: "regex.Match[str]", instead: str) -> str:
    if not query.expression:
        return instead
    import regex

    try:
        return found.expand(instead)
    except (regex.error, IndexError) as error:
        raise QueryError(tr("The replacement cannot be read: {error}.").format(error=error)) from error


def _expression(query: Query) -> "regex.Pattern[str]":
    import regex

    words = query.words if query.expression else regex.escape(query.words, special_only=True, literal_spaces=True)
    words = rf"(?<!\w)(?:{words})(?!\w)" if query.whole else words
    flags = regex.V0 | regex.MULTILINE | (0 if query.case else regex.IGNORECASE)
    try:
        return regex.compile(words, flags, cache_pattern=False)
    except regex.error as error:
        raise QueryError(tr("The expression cannot be read: {error}.").format(error=error)) from error
