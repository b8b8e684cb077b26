"""From token to token by keys: where the caret goes, and what a screen reader says there. No Qt.

A stop is the end of a token, where the odds panel shows that token; of the run, where several tokens spell one
character. Text that no model has read is walked in its tokens where they are known, else in words.
"""

import re
from dataclasses import dataclass

from desktop.odds import words
from desktop.odds.visible import visible
from desktop.page import utf16
from desktop.page.page import Page
from desktop.page.token_reading import TokenReading
from desktop.page.token_split import TokenSplit
from resources.language import tr, tr_count

LONGEST_WORD = 64  # units of a stop in text whose tokens are not known
_WORD = re.compile(r"\s*\S*")

Range = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Stop:
    """The token that ends at the caret: page range of its run, and the sentence that is said."""

    start: int
    end: int
    spoken: str


def next_stop(page: Page, split: TokenSplit, position: int) -> Stop | None:
    """The token at the position, or the one that begins there; None at the end of the page."""
    if position >= page.length:
        return None
    return _stop(page, split, _run(page, split, position) or _word(page, split, position))


def previous_stop(page: Page, split: TokenSplit, position: int) -> Stop | None:
    """The token that ends where the one before the position begins; None where there is none before it."""
    here = _before(page, split, position)
    found = here and _before(page, split, here[0])
    return _stop(page, split, found) if found else None


def _before(page: Page, split: TokenSplit, position: int) -> Range | None:
    """The run or word that holds the unit before a position."""
    if position <= 0:
        return None
    return _run(page, split, position - 1) or _word_before(page, split, position)


def _run(page: Page, split: TokenSplit, position: int) -> Range | None:
    if run := page.span_at(position):
        return run
    return next(((run.start, run.end) for run in split.between(position, position + 1)), None)


def _word(page: Page, split: TokenSplit, position: int) -> Range:
    """A word, with the blanks before it, up to the next token that is known."""
    found = _WORD.match(page.text(position, position + LONGEST_WORD))
    units = utf16.length(found[0]) if found else 0
    end = _between_characters(page, min(position + max(units, 1), page.length))
    return position, min([end, *(start for start, _ in _runs(page, split, position, end))])


def _word_before(page: Page, split: TokenSplit, position: int) -> Range:
    start = max(0, position - LONGEST_WORD)
    start = max([_between_characters(page, start), *(end for _, end in _runs(page, split, start, position))])
    while True:
        word = _word(page, split, start)
        if word[1] >= position:
            return word[0], position
        start = word[1]


def _between_characters(page: Page, position: int) -> int:
    """The position, or the next one where it is inside a character of two units."""
    return position + ("\udc00" <= page.text(position, position + 1) <= "\udfff")


def _runs(page: Page, split: TokenSplit, start: int, end: int) -> list[Range]:
    rows = page.tokens(max(0, start), end)
    read = zip(rows["start"].tolist(), (rows["start"] + rows["length"]).tolist(), strict=True)
    return [*read, *((run.start, run.end) for run in split.between(max(0, start), end))]


# ------------------------------------------------------------------------------------------------ what is said


def _stop(page: Page, split: TokenSplit, found: Range) -> Stop:
    start, end = found
    if readings := page.readings_at(start):
        spoken = ". ".join(map(_of_reading, readings))
    else:
        tokens = [named(data) for run in split.between(start, start + 1) for _, data in run.tokens]
        text = visible(page.text(start, end).strip(" ").encode("utf-8", "surrogatepass"))
        spoken = tr("{token}, not read").format(token=", ".join(tokens or [f"“{text}”"]))
    return Stop(start, end, spoken)


def _of_reading(one: TokenReading) -> str:
    reading = one.reading
    parts = [named(reading.bytes), words.percent(words.probability(reading.raw))]
    if reading.rank > 0:
        parts.append(tr("rank {rank:,}").format(rank=reading.rank))
    if one.stale:
        parts.append(tr("outdated: earlier text was edited"))
    return ", ".join(parts)


def named(token: bytes) -> str:
    """`token “ the”`; white space and bytes that are no text as words."""
    try:
        text = token.decode()
    except UnicodeDecodeError:
        text = ""
    if text.strip(" ") and text.isprintable():
        return tr("token “{text}”").format(text=text)
    return tr("token {sign}").format(sign=_white_space(text) or visible(token))


def _white_space(text: str) -> str:
    """The words for a text of one kind of white space; empty for any other."""
    if not text or text.strip(text[0]):
        return ""
    count = len(text)
    kinds = {
        " ": tr_count("blank", "{count} blanks", count),
        "\n": tr_count("line feed", "{count} line feeds", count),
        "\t": tr_count("tab", "{count} tabs", count),
    }
    return kinds.get(text[0], "").format(count=count)
