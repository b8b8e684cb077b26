"""The odds of a second model beside those that the panel shows: in words, and how far both lie apart. No Qt."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from desktop.odds import words
from desktop.odds.rows import OddsRow
from desktop.odds.visible import visible
from models.sampling.readings import Reading
from resources.language import tr

NO_TOKEN = "–"  # the second model has no token of these bytes
WAITING = "…"
LONGEST = 24  # characters of a text that are shown


@dataclass(frozen=True, slots=True)
class SecondOdds:
    """The second model's probability of one row's token. words: for the column. share: the length of the bar, 0 to 1.
    spoken: for a screen reader and the tooltip."""

    words: str
    share: float = 0.0
    spoken: str = ""


@dataclass(frozen=True, slots=True)
class BesideView:
    """odds: one for each row of the view that the panel shows, and for each row of `more`, which stand below them.
    sentence: which of the two comparisons is shown, and its result; empty while that is not known. help: what the
    numbers mean."""

    odds: tuple[SecondOdds, ...] = ()
    sentence: str = ""
    help: str = ""
    more: tuple[OddsRow, ...] = ()


def tokens_of(reading: Reading) -> tuple[tuple[int, bytes], ...]:
    """(id, bytes) of the token in each row of the reading's view, without "everything else"; ids below 0 are not
    known."""
    found = reading.alternatives
    listed = tuple(zip(found.ids, found.texts, strict=True))
    if reading.chosen is None and not reading.is_look:
        return (*listed, (reading.token, reading.bytes))
    return listed


def second_odds(shares: Sequence[float | None], rows: int) -> tuple[SecondOdds, ...]:
    """The odds of the rows. shares: the second model's probability of each token; None: it has no such token; NaN: not
    known. rows: of the view, one more where the last is "everything else"."""
    odds = tuple(map(_odds, shares))
    if rows == len(shares):
        return odds
    return (*odds, _odds(max(1.0 - sum(share or 0.0 for share in shares), 0.0)))


def more_odds(shares: Sequence[float]) -> tuple[SecondOdds, ...]:
    """The odds of the rows below "everything else". shares: as above."""
    return tuple(map(_odds, shares))


def waiting(rows: int) -> tuple[SecondOdds, ...]:
    """The column while the second model is asked."""
    return (SecondOdds(WAITING, spoken=tr("second model: asked…")),) * rows


def _odds(share: float | None) -> SecondOdds:
    if share is None:
        return SecondOdds(NO_TOKEN, spoken=tr("the second model has no such token"))
    if math.isnan(share):
        return SecondOdds(words.NOT_KNOWN, spoken=tr("second model: {share}").format(share=words.NOT_KNOWN))
    share = min(share, 1.0)  # a sum of rounded numbers
    percent = words.percent(share)
    return SecondOdds(percent, share, tr("second model: {share}").format(share=percent))


# ------------------------------------------------------------------------------------------------ the line

DIVERGENCE_HELP = tr(
    "Both models have the same tokens, so their odds can be compared one by one. The divergence D(first ‖ second) is "
    "what a text of the first model costs the second one more, in bits a token, over the whole vocabulary. 0: the same "
    "odds."
)
ALIGNED_HELP = tr(
    "The models cut the text into other tokens, so there is no divergence. Instead: the bits that each gave to the "
    "same characters, from one place where both have a token border to the next."
)
OUTDATED_HELP = tr(
    "The first column has what the first model said before earlier text was edited. The second column is of the text "
    "as it is now."
)
NEXT_HELP = tr("The models cut text into other tokens, so there is no divergence. The bits stand beside written text.")


def same_tokens(divergence: float, is_outdated: bool = False) -> tuple[str, str]:
    """Sentence and help where both models have the same tokens. divergence: D(first ‖ second) in bits, of both models
    now. is_outdated: the first column is not of now."""
    sentence = tr("Same tokens. Divergence: {bits}").format(bits=words.bits(divergence))
    if is_outdated:
        return tr("{sentence}. First column: outdated").format(sentence=sentence), f"{OUTDATED_HELP} {DIVERGENCE_HELP}"
    return sentence, DIVERGENCE_HELP


def outdated() -> tuple[str, str]:
    """The same where the first odds are outdated, and the second's tokens are others."""
    return tr("Different tokens. First column: outdated"), OUTDATED_HELP


def same_characters(text: str, first: float, second: float) -> tuple[str, str]:
    """The same where their tokens differ. text: of the characters. first, second: the bits that each model gave."""
    sentence = tr("Different tokens. “{text}”: first {first}, second {second}")
    shown = visible(text.encode("utf-8", "replace"))
    shown = shown if len(shown) <= LONGEST else f"{shown[: LONGEST - 1]}…"
    return sentence.format(text=shown, first=words.bits(first), second=words.bits(second)), ALIGNED_HELP


def different_tokens(is_look: bool) -> tuple[str, str]:
    """The same where no characters can be compared. is_look: nothing is written there yet."""
    if is_look:
        return tr("Different tokens: no divergence"), NEXT_HELP
    return tr("Different tokens. No common borders near here"), ALIGNED_HELP


def another_model() -> tuple[str, str]:
    """The same where the odds are not of the loaded model."""
    return (
        tr("The first odds are of a model that is not loaded."),
        tr("Its whole distribution cannot be asked for, so there is no divergence."),
    )


def second_died(sentence: str) -> str:
    """The same where the second model's child died. sentence: what happened."""
    return tr("Second model: {sentence}").format(sentence=sentence)


def inside_a_character() -> tuple[str, str]:
    """The same for a token that only goes on with a character, where the second model cuts it otherwise."""
    return tr("Different tokens, inside a character"), NEXT_HELP
