"""What a row of the odds table stands for as a choice: the token, where it would go, and its text. No Qt."""

from collections.abc import Sequence
from dataclasses import dataclass

from desktop.odds.visible import visible
from desktop.page import utf16
from desktop.page.choosing import Chosen, Coin, Place
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


def of_token(readings: Sequence[TokenReading], part: int, what: int | Reading) -> Choice | None:
    """The choice in a row of the view of these readings (rows.view_of_token), or of the token of an extra flip there.
    None for everything else. part: index of the token, of those that spell one character."""
    one = readings[part]
    reading = _reading(one.reading, what)
    if reading is None:
        return None
    spelt = b"".join(before.reading.bytes for before in readings[:part]) + reading.bytes
    place = Place(one.start, part, one.reading.token)
    return Choice(place, Chosen(reading, one.source), (one.start, one.start + one.length, _shown(spelt)))


def of_look(reading: Reading, position: int, source: Source, what: int | Reading) -> Choice | None:
    """The choice in a row of the view of a look (rows.view_of_look), or of an extra flip there. None for everything
    else. position: of the next token, in UTF-16 units. source: of the reading."""
    found = _reading(reading, what)
    return None if found is None else of_next(found, position, source)


def of_next(reading: Reading, position: int, source: Source) -> Choice:
    """The choice of a token that would come next at that position. source: of its reading."""
    place = next_place(position, source)
    return Choice(place, Chosen(reading, source), (place.start, position, _shown(reading.bytes)))


def next_place(position: int, source: Source) -> Place:
    """Where the next token goes, which spells the healed text before the position, too."""
    return Place(position - utf16.length(source.healed), healed=source.healed)


def coin_of(readings: Sequence[TokenReading], part: int) -> Coin:
    """The coin of a token on the page. part: as in `of_token`."""
    one = readings[part]
    place = Place(one.start, part, one.reading.token)
    return Coin(place, one.reading, one.source, tuple(before.reading for before in readings[:part]))


def row_of(reading: Reading, flip: Reading) -> int:
    """The row of the reading's view in which the token of an extra flip is: the last one for everything else."""
    listed = (*reading.alternatives.ids, *(() if reading.is_look or reading.chosen is not None else (reading.token,)))
    return listed.index(flip.token) if flip.token in listed else len(listed)


def _reading(reading: Reading, what: int | Reading) -> Reading | None:
    """The reading of the token in that row, or of the flip's token."""
    if isinstance(what, Reading):
        return what.instead(what.chosen or 0)
    count = len(reading.alternatives.ids)
    if 0 <= what < count:
        return reading.instead(what)
    return reading if what == count and reading.chosen is None and not reading.is_look else None


def _shown(spelt: bytes) -> str:
    """The text as it stands on a page; what has no letters of its own is made visible. The bytes of a character that is
    not complete are `<0xEB>`, as in the token's row: beside it stands the text ahead, which begins with the character.
    """
    text = spelt.decode("utf-8", "surrogateescape")
    return text if text.strip() and text.isprintable() else visible(spelt)
