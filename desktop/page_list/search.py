"""Words in all pages: where they stand, with the line around them.

A generator over pages, so that it can be stopped between two of them; while one is searched, other threads run. Knows
neither lists nor Qt.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from desktop.page import utf16
from desktop.page_list.page_store import Entry

if TYPE_CHECKING:  # imported by the first search: a window opens without it
    import regex

MOST = 20  # hits of one page that are listed
BEFORE, BEHIND = 32, 160  # code points of the line that a hit shows around its beginning


@dataclass(frozen=True, slots=True)
class Hit:
    """Where words stand on a page. position: UTF-16 units, -1 where they stand in the title. line: the text around
    them, in which they are [start, end), in code points."""

    entry: Entry
    position: int
    line: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Found:
    """What one page holds; more: and further hits that are not listed."""

    hits: tuple[Hit, ...]
    more: bool = False


def search(entries: Iterable[Entry], words: str, text_of: Callable[[Entry], str]) -> Iterator[Found]:
    """For each page that can be read, in their order, its hits, which may be none. text_of may raise.

    The words stand together and in that order, with any blanks between; case does not count.
    """
    pattern = _pattern(words)
    if pattern is None:
        return
    for entry in entries:
        if entry.facts is None:
            continue
        try:
            text = text_of(entry)
        except Exception:  # noqa: BLE001  (a PageFileError has a sentence in the list; none of one page ends the search)
            continue
        yield _found(entry, text, pattern)


def _pattern(words: str) -> "regex.Pattern[str] | None":
    import regex

    parts = [regex.escape(word, special_only=True) for word in words.split()]
    return regex.compile(r"\s+".join(parts), regex.V0 | regex.IGNORECASE, cache_pattern=False) if parts else None


def _found(entry: Entry, text: str, pattern: "regex.Pattern[str]") -> Found:
    hits = [*_in_title(entry, pattern)]
    place = units = 0  # the same place in code points and in units
    shown = 0  # up to where the last hit's line goes: what it shows is not listed again
    for match in pattern.finditer(text, concurrent=True):
        if match.start() < shown:
            continue
        if len(hits) == MOST:
            return Found(tuple(hits), more=True)
        units += utf16.length(text[place : match.start()])
        place = match.start()
        first, shown = _around(text, match.start(), match.end())
        hits.append(Hit(entry, units, *_line(text, first, match.start(), match.end(), shown)))
    return Found(tuple(hits))


def _in_title(entry: Entry, pattern: "regex.Pattern[str]") -> Iterator[Hit]:
    title = entry.facts.title if entry.facts else ""
    if match := pattern.search(title):
        yield Hit(entry, -1, title, match.start(), match.end())


def _around(text: str, start: int, end: int) -> tuple[int, int]:
    """Where the line around [start, end) begins and ends, or what is shown of a long one."""
    first = max(text.rfind("\n", 0, start) + 1, start - BEFORE)
    last = text.find("\n", end, start + BEHIND)
    return first, max(end, min(len(text), start + BEHIND) if last < 0 else last)


def _line(text: str, first: int, start: int, end: int, last: int) -> tuple[str, int, int]:
    """What stands from first to last as one line, and where [start, end) is in it."""
    cut = first > 0 and text[first - 1] != "\n"
    before, inside, behind = (_plain(text[a:b]) for a, b in ((first, start), (start, end), (end, last)))
    before = f"…{before.lstrip()}" if cut else before.lstrip()
    return before + inside + behind.rstrip(), len(before), len(before) + len(inside)


def _plain(text: str) -> str:
    """One line of printable characters, as long as the text."""
    return "".join(sign if sign.isprintable() else " " for sign in text)
