"""Finds words in all pages, with the line around each hit.

A generator over pages, so that it can be stopped between two of them; while one is searched, other threads run. Imports
no Qt.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from desktop.page import utf16
from desktop.page_list.page_store import Entry

if TYPE_CHECKING:  # imported by the first search: a window opens without it
    import regex

MOST = 20  # hits of one page that are listed
BEFORE, AFTER = 32, 160  # code points that a hit shows of its line, before and after its start


@dataclass(frozen=True, slots=True)
class Hit:
    """One place where the words were found. position: in UTF-16 units, -1 for the title. line: the text around them, in
    which they are [start, end), in code points."""

    entry: Entry
    position: int
    line: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Found:
    """The hits in one page. more: the page has further hits, which are not listed."""

    hits: tuple[Hit, ...]
    more: bool = False


def search(entries: Iterable[Entry], words: str, text_of: Callable[[Entry], str]) -> Iterator[Found]:
    """The hits of each page that can be read, in order; a page may have none. text_of may raise.

    Words match in their order, with any whitespace between them; case is ignored.
    """
    pattern = _pattern(words)
    if pattern is None:
        return
    for entry in entries:
        if entry.facts is None:
            continue
        try:
            text = text_of(entry)
        except Exception:  # noqa: BLE001  (the list says why a page cannot be read; the search continues)
            continue
        yield _found(entry, text, pattern)


def _pattern(words: str) -> "regex.Pattern[str] | None":
    import regex

    parts = [regex.escape(word, special_only=True) for word in words.split()]
    return regex.compile(r"\s+".join(parts), regex.V0 | regex.IGNORECASE, cache_pattern=False) if parts else None


def _found(entry: Entry, text: str, pattern: "regex.Pattern[str]") -> Found:
    hits = [*_in_title(entry, pattern)]
    position = units = 0  # the same position in code points and in UTF-16 units
    shown = 0  # the end of the last hit's line: what it shows is not listed again
    for match in pattern.finditer(text, concurrent=True):
        if match.start() < shown:
            continue
        if len(hits) == MOST:
            return Found(tuple(hits), more=True)
        units += utf16.length(text[position : match.start()])
        position = match.start()
        first, shown = _around(text, match.start(), match.end())
        hits.append(Hit(entry, units, *_line(text, first, match.start(), match.end(), shown)))
    return Found(tuple(hits))


def _in_title(entry: Entry, pattern: "regex.Pattern[str]") -> Iterator[Hit]:
    title = entry.facts.title if entry.facts else ""
    if match := pattern.search(title):
        yield Hit(entry, -1, title, match.start(), match.end())


def _around(text: str, start: int, end: int) -> tuple[int, int]:
    """Start and end of the line around [start, end), or of the part that is shown of a long one."""
    first = max(text.rfind("\n", 0, start) + 1, start - BEFORE)
    last = text.find("\n", end, start + AFTER)
    return first, max(end, min(len(text), start + AFTER) if last < 0 else last)


def _line(text: str, first: int, start: int, end: int, last: int) -> tuple[str, int, int]:
    """The text in [first, last) as one line, and the positions of [start, end) in it."""
    cut = first > 0 and text[first - 1] != "\n"
    before, inside, after = (_plain(text[a:b]) for a, b in ((first, start), (start, end), (end, last)))
    before = f"…{before.lstrip()}" if cut else before.lstrip()
    return before + inside + after.rstrip(), len(before), len(before) + len(inside)


def _plain(text: str) -> str:
    """The text with a space for each character that cannot be printed."""
    return "".join(character if character.isprintable() else " " for character in text)
