"""What a row of the odds table stands for as a choice: the token, where it would go, and its text. No Qt."""

from collections.abc import Sequence
from dataclasses import dataclass

from desktop.odds.visible import visible
from desktop.page import utf16
from desktop.page.choosing import Chosen, Place
from desktop.page.sources import Source
from desktop.page.token_reading import TokenReading
from models.sampling.readings import Reading

Ghost = tuple[int, int, str]  # start and end of what a choice would replace, in UTF-16 units, and the new text


@dataclass(frozen=True, slots=True)
class Choice:
    """One alternative. ghost: what it would look like on the page; a token that only ends a character is shown with
    those that begin it."""

    place: Place
    chosen: Chosen
    ghost: Ghost


def of_token(readings: Sequence[TokenReading], part: int, row: int) -> Choice | None:
    """The choice in a row of the view of these readings (rows.view_of_token). None for everything else. part: index of
    the token, of those that spell one character."""
    one = readings[part]
    reading = _reading(one.reading, row)
    if reading is None:
        return None
    spelt = b"".join(before.reading.bytes for before in readings[:part]) + reading.bytes
    place = Place(one.start, part, one.reading.token)
    return Choice(place, Chosen(reading, one.source), (one.start, one.start + one.length, _shown(spelt)))


def of_look(reading: Reading, position: int, source: Source, row: int) -> Choice | None:
    """The choice in a row of the view of a look (rows.view_of_look). None for everything else. position: of the next
    token, in UTF-16 units. source: of the reading."""
    found = _reading(reading, row)
    if found is None:
        return None
    start = position - utf16.length(source.healed)
    ghost = start, position, _shown(found.bytes)
    return Choice(Place(start, healed=source.healed), Chosen(found, source), ghost)


def _reading(reading: Reading, row: int) -> Reading | None:
    """The reading of the token in that row."""
    count = len(reading.alternatives.ids)
    if 0 <= row < count:
        return reading.instead(row)
    return reading if row == count and reading.chosen is None and not reading.is_look else None


def _shown(spelt: bytes) -> str:
    """The text as it stands on a page; what has no letters of its own is made visible."""
    text = spelt.decode("utf-8", "replace")
    return text if text.strip() and text.isprintable() else visible(spelt)
