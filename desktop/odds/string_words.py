"""The odds of a string in words: a chip for each of its tokens, and two lines below them. No Qt."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from desktop.odds import words
from desktop.odds.read_again import ReadTwice
from desktop.odds.rows import Segment
from desktop.odds.visible import visible
from models.engine.events import StringOdds
from resources.language import tr

BETWEEN = " · "
NO_TOKEN = tr("No token begins with this.")


@dataclass(frozen=True, slots=True)
class Chip:
    """One token of a string, and its probability given those before it."""

    token: str
    share: str


class Asked(NamedTuple):
    """Where a string is on the coin's strip: in its first token's share. token: that one's id. follows: the probability
    of the string's other tokens behind it."""

    token: int
    follows: float


@dataclass(frozen=True, slots=True)
class StringView:
    """What is shown of one string. whole: as these tokens. begins: one token that begins with it; empty where that is
    not known. asked: its place on the strip; None where there are no odds. again: why the chip has two probabilities;
    else empty."""

    chips: tuple[Chip, ...]
    whole: str
    begins: str
    asked: Asked | None = None
    again: str = ""

    def spoken(self) -> str:
        """All of it as one text, for a screen reader."""
        chips = (f"{chip.token} {chip.share}" for chip in self.chips)
        return ", ".join(filter(None, (*chips, self.whole, self.begins, self.again)))


def other_spacing(text: str) -> str:
    """The text with a space before it, or without the one that it begins with; empty where it has other white space
    there, or nothing else."""
    if text[:1].isspace():
        return text[1:] if text[0] == " " and not text[1:2].isspace() else ""
    return f" {text}" if text else ""


def view_of(odds: StringOdds, twice: ReadTwice | None = None) -> StringView:
    """twice: the odds of a string of one token, which the panel shows otherwise."""
    shares = [words.percent(words.probability(one)) for one in odds.raw]
    if twice is not None:
        shares[0] += f"{BETWEEN}{twice.note_first}"
    chips = tuple(Chip(visible(text), share) for text, share in zip(odds.texts, shares, strict=True))
    rank = tr("first token rank {number}").format(number=words.rank(odds.rank, 0))
    whole = BETWEEN.join((*_odds(odds.nats), words.bits(odds.bits), rank))
    asked = Asked(odds.ids[0], words.probability(math.fsum(odds.raw[1:])))
    return StringView(chips, whole, _begins(odds.begins), asked, twice.help if twice else "")


def places(asked: Sequence[Asked], strip: Sequence[Segment]) -> tuple[tuple[float, float], ...]:
    """The parts of the strip, from low to high, that go on as the strings do: each begins where its first token's
    segment does. A string is left out whose first token has no segment."""
    segments = {segment.id: segment for segment in strip if segment.token}
    found = ((segments.get(one.token), one.follows) for one in asked)
    return tuple(
        (one.low, one.low + (one.high - one.low) * follows)
        for one, follows in found
        if one is not None and not math.isnan(follows)
    )


def _begins(nats: float) -> str:
    if math.isnan(nats):
        return ""
    if nats == -math.inf:
        return NO_TOKEN
    return tr("One token that begins with this: {odds}").format(odds=BETWEEN.join(_odds(nats)))


def _odds(nats: float) -> tuple[str, ...]:
    share = words.probability(nats)
    return tuple(filter(None, (words.percent(share), words.one_in(share))))
