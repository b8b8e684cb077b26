"""What is looked for, and where it is: plain words, whole words, regular expressions. No Qt, no page.

Positions are UTF-16 units. Whoever runs this on what a user wrote does so in a process that may be ended
(search_process.py): an expression may take any time and any memory, before it is even used.
"""

from array import array
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from desktop.finding.hits import Hits
from desktop.page import utf16
from resources.language import tr

if TYPE_CHECKING:  # imported by the first search: a window opens without it
    import regex

PATIENCE = 5.0  # seconds of work that a search may take
MOST = 1_000_000  # hits that are listed
LONGEST = 16_000_000  # code points of what is put in the place of all of them


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


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """hits: from first to last, none of them empty, none upon another. instead: what is to stand in their places, by
    their numbers, where that was asked."""

    hits: Hits
    instead: tuple[str, ...] = ()


def find(query: Query, text: str, template: str | None = None, patience: float | None = None) -> Found:
    """All places, or the first MOST. template: what is to stand there instead; for an expression as in `\\\\1`.
    patience: seconds by the clock. Raises QueryError."""
    if not query.words:
        return Found(Hits.none())
    spans, instead, size = array("q"), list[str](), 0
    try:
        for found in _expression(query).finditer(text, timeout=patience):
            if found.end() == found.start():
                continue
            spans.extend(found.span())
            if template is not None:
                instead.append(_instead(query, found, template))
                size = bounded(size + len(instead[-1]))
            if len(spans) == 2 * MOST:
                break
    except TimeoutError as error:
        raise QueryError(too_long()) from error
    hits = _in_units(np.frombuffer(spans, np.int64).reshape(-1, 2), text)
    return Found(_within(hits, query.within), tuple(instead))


def too_long() -> str:
    return tr("This expression takes too long on this page.")


def bounded(size: int) -> int:
    """The size of what is put in the place of all hits, in code points. Raises QueryError where that is too much."""
    if size > LONGEST:
        raise QueryError(
            tr("All replacements together would be longer than {count:,} characters.").format(count=LONGEST)
        )
    return size


def _in_units(spans: np.ndarray, text: str) -> Hits:
    """Positions in code points as positions in units."""
    if text.isascii() or utf16.length(text) == len(text):
        return Hits.of(spans[:, 0].copy(), spans[:, 1].copy())
    points = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), "<u4")
    pairs = np.flatnonzero(points > 0xFFFF)  # each takes two units
    return Hits.of(*(places + pairs.searchsorted(places) for places in (spans[:, 0], spans[:, 1])))


def _within(hits: Hits, bounds: tuple[int, int] | None) -> Hits:
    if bounds is not None:
        hits.retain((hits.starts >= bounds[0]) & (hits.ends <= bounds[1]))
    return hits


def _instead(query: Query, found: "regex.Match[str]", template: str) -> str:
    if not query.expression:
        return template
    import regex

    try:
        return found.expand(template)
    except (regex.error, IndexError) as error:
        raise QueryError(tr("The replacement cannot be read: {error}.").format(error=error)) from error


def _expression(query: Query) -> "regex.Pattern[str]":
    import regex

    words = query.words if query.expression else regex.escape(query.words, special_only=True, literal_spaces=True)
    words = rf"(?<!\w)(?:{words})(?!\w)" if query.whole else words
    flags = regex.V0 | regex.MULTILINE | (0 if query.case else regex.IGNORECASE)
    try:
        return regex.compile(words, flags, cache_pattern=False)
    except Exception as error:  # what the library raises of an expression is not only its own error: RecursionError…
        raise QueryError(tr("The expression cannot be read: {error}.").format(error=error)) from error
