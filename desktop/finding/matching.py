"""Finds plain words, whole words and regular expressions in a text. No Qt, no page.

Positions are UTF-16 units. An expression may take any time and any memory, even to compile, so the user's run in a
process that can be ended (search_process.py).
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

PATIENCE = 5.0  # seconds of CPU time that a search may take
MOST = 1_000_000  # hits that are listed
LONGEST = 16_000_000  # code points of all replacements together


class QueryError(Exception):
    """A query cannot be searched for. Its text is one sentence for the user."""


@dataclass(frozen=True, slots=True)
class Query:
    """A query. words: text, or a regular expression where `expression` is set. within: only between these
    two positions, unless None."""

    words: str
    match_case: bool = False
    whole_words: bool = False
    expression: bool = False
    within: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """The answer to a query. hits: first to last, none empty, not overlapping. replacements: a text for each hit, by
    its number; empty where none were asked for."""

    hits: Hits
    replacements: tuple[str, ...] = ()


def find(query: Query, text: str, template: str | None = None, patience: float | None = None) -> Found:
    """All hits, or the first MOST. template: what replaces each hit; of an expression, `\\\\1` is the first group.
    patience: seconds by the clock. Raises QueryError."""
    if not query.words:
        return Found(Hits.none())
    spans, replacements, size = array("q"), list[str](), 0
    try:
        for found in _expression(query).finditer(text, timeout=patience):
            if found.end() == found.start():
                continue
            spans.extend(found.span())
            if template is not None:
                replacements.append(_replacement(query, found, template))
                size = check_size(size + len(replacements[-1]))
            if len(spans) == 2 * MOST:
                break
    except TimeoutError as error:
        raise QueryError(too_long()) from error
    hits = _in_units(np.frombuffer(spans, np.int64).reshape(-1, 2), text)
    return Found(_within(hits, query.within), tuple(replacements))


def too_long() -> str:
    """The sentence for a search that takes too long."""
    return tr("This expression takes too long on this page.")


def check_size(size: int) -> int:
    """Return the size of all replacements together, in code points. Raises QueryError if it is too much."""
    if size > LONGEST:
        raise QueryError(
            tr("All replacements together would be longer than {count:,} characters.").format(count=LONGEST)
        )
    return size


def _in_units(spans: np.ndarray, text: str) -> Hits:
    """Convert positions in code points to UTF-16 units. spans: shape (hits, 2)."""
    if text.isascii() or utf16.length(text) == len(text):
        return Hits.of(spans[:, 0].copy(), spans[:, 1].copy())
    points = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), "<u4")
    pairs = np.flatnonzero(points > 0xFFFF)  # each takes two units
    return Hits.of(*(places + pairs.searchsorted(places) for places in (spans[:, 0], spans[:, 1])))


def _within(hits: Hits, bounds: tuple[int, int] | None) -> Hits:
    if bounds is not None:
        hits.retain((hits.starts >= bounds[0]) & (hits.ends <= bounds[1]))
    return hits


def _replacement(query: Query, found: "regex.Match[str]", template: str) -> str:
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
    words = rf"(?<!\w)(?:{words})(?!\w)" if query.whole_words else words
    flags = regex.V0 | regex.MULTILINE | (0 if query.match_case else regex.IGNORECASE)
    try:
        return regex.compile(words, flags, cache_pattern=False)
    except Exception as error:  # the library also raises errors that are not its own: RecursionError…
        raise QueryError(tr("The expression cannot be read: {error}.").format(error=error)) from error
