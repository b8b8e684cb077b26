"""The odds of a string in words: a chip for each of its tokens, and two lines below them. No Qt."""

import math
from dataclasses import dataclass

from desktop.odds import words
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


@dataclass(frozen=True, slots=True)
class StringView:
    """What is shown of one string. whole: as these tokens. begins: one token that begins with it; empty where that is
    not known."""

    chips: tuple[Chip, ...]
    whole: str
    begins: str

    def spoken(self) -> str:
        """All of it as one text, for a screen reader."""
        chips = (f"{chip.token} {chip.share}" for chip in self.chips)
        return ", ".join(filter(None, (*chips, self.whole, self.begins)))


def view_of(odds: StringOdds) -> StringView:
    shares = (words.percent(words.probability(one)) for one in odds.raw)
    chips = tuple(Chip(visible(text), share) for text, share in zip(odds.texts, shares, strict=True))
    rank = tr("first token rank {number}").format(number=words.rank(odds.rank, 0))
    whole = BETWEEN.join((*_odds(odds.nats), words.bits(odds.bits), rank))
    return StringView(chips, whole, _begins(odds.begins))


def _begins(nats: float) -> str:
    if math.isnan(nats):
        return ""
    if nats == -math.inf:
        return NO_TOKEN
    return tr("One token that begins with this: {odds}").format(odds=BETWEEN.join(_odds(nats)))


def _odds(nats: float) -> tuple[str, ...]:
    share = words.probability(nats)
    return tuple(filter(None, (words.percent(share), words.one_in(share))))
