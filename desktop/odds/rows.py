"""The contents of the odds panel for one token: turns a reading into words, bars and the segments of the coin's strip.

Takes a reading of the page (TokenReading) or of the engine (Reading), returns a frozen OddsView. No Qt, no colours.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from desktop.odds import words
from desktop.odds.visible import hexadecimal, visible
from desktop.page.token_reading import TokenReading
from models.sampling.knobs import stage_name
from models.sampling.readings import Alternatives, Reading
from resources.language import tr

EVERYTHING_ELSE = -1  # the id of the last row
_ROUNDING = 5e-6  # the largest error of a sum of ten 32-bit shares
_TOLERANCE = 0.002  # of the strip: the largest distance between the recorded interval and its computed place

_STATES = {
    "newest": tr("just written"),
    "caret": tr("at the cursor"),
    "hovering": tr("under the mouse"),
    "pinned": tr("pinned"),
    "look": tr("next token (not chosen yet)"),
}
LABELS = PROBABILITY, SURPRISAL, RANK, ENTROPY, CHOICES, ID, DRAWN = (
    tr("Probability"),
    tr("Surprisal"),
    tr("Rank"),
    tr("Entropy"),
    tr("Effective choices"),
    tr("Token id"),
    tr("Drawn"),
)


@dataclass(frozen=True, slots=True)
class Fact:
    """One line of the grid. note: the value in other words, shown in a quieter colour. help: what the number means."""

    label: str
    value: str
    note: str
    help: str


@dataclass(frozen=True, slots=True)
class OddsRow:
    """One alternative. raw, final: as text. raw_share, final_share: the lengths of the bars, 0 to 1 on one scale. cut:
    the stage that cut it; empty where none did."""

    id: int
    token: str
    raw: str
    final: str
    raw_share: float
    final_share: float
    cut: str = ""
    chosen: bool = False

    def spoken(self) -> str:
        """The row as text for a screen reader."""
        coin = tr("after sampling {share}").format(share=self.final)
        coin = tr("cut by {stage}").format(stage=self.cut) if self.cut else coin
        return ", ".join((self.token, self.raw, coin, *((tr("chosen"),) if self.chosen else ())))


@dataclass(frozen=True, slots=True)
class Segment:
    """A part of the coin's strip, [low, high) in 0 to 1. order: 0 for the most likely token, EVERYTHING_ELSE for the
    rest. token: empty for the rest."""

    low: float
    high: float
    token: str
    order: int
    chosen: bool


@dataclass(frozen=True, slots=True)
class OddsView:
    """All that the panel shows. state: why this token is shown, as text. token: as visible text, empty where nothing
    was drawn. draw: NaN where nothing was drawn. odds_changed: the sampler chain changed the odds, so raw and final
    differ. parts: one view for each token of a character that several tokens spell (else empty); part: the index of
    this one."""

    state: str
    stale: bool
    token: str
    facts: tuple[Fact, ...]
    rows: tuple[OddsRow, ...]
    strip: tuple[Segment, ...]
    draw: float
    odds_changed: bool
    parts: "tuple[OddsView, ...]" = ()
    part: int = 0

    def spoken(self) -> str:
        """The card as text, for a screen reader and the clipboard."""
        facts = "; ".join(f"{fact.label} {fact.value}" + (f", {fact.note}" if fact.note else "") for fact in self.facts)
        token = self.token or tr("Next token")
        return f"{token} ({self.state}). {facts}."


def view_of_token(readings: Sequence[TokenReading], why: str, vocabulary: int) -> OddsView:
    """The view of a token on the page, or of the several tokens that spell one character (the last is shown while the
    model writes, else the first).

    readings: of the tokens of one run, at least one. why: newest, caret, hovering or pinned. vocabulary: tokens in it,
    0: not known."""
    views = tuple(_view(one.reading, why, vocabulary, one.stale) for one in readings)
    if len(views) == 1:
        return views[0]
    views = tuple(
        replace(view, state=" · ".join((view.state, _of_several(place + 1, len(views)))))
        for place, view in enumerate(views)
    )
    shown = len(views) - 1 if why == "newest" else 0
    return replace(views[shown], parts=views, part=shown)


def _of_several(number: int, of: int) -> str:
    return tr("token {number} of {of}").format(number=number, of=of)


def view_of_look(reading: Reading, vocabulary: int) -> OddsView:
    """The view of a distribution that nothing was drawn from. vocabulary: as in view_of_token."""
    return _view(reading, "look", vocabulary, stale=False)


def _view(reading: Reading, why: str, vocabulary: int, stale: bool) -> OddsView:
    rows = _rows(reading)
    return OddsView(
        state=" · ".join((_STATES[why], tr("outdated: earlier text was edited")) if stale else (_STATES[why],)),
        stale=stale,
        token=visible(reading.bytes) if reading.token >= 0 else "",
        facts=_facts(reading, vocabulary),
        rows=rows,
        strip=_strip(reading, rows),
        draw=reading.draw,
        odds_changed=any(row.cut or abs(row.raw_share - row.final_share) >= 0.000_5 for row in rows[:-1]),
    )


# ------------------------------------------------------------------------------------------------ the facts


def _facts(reading: Reading, vocabulary: int) -> tuple[Fact, ...]:
    distribution = _distribution_facts(reading)
    if reading.token < 0:
        return distribution
    return (*_token_facts(reading, vocabulary), *distribution, _id_fact(reading), _draw_fact(reading))


def _token_facts(reading: Reading, vocabulary: int) -> tuple[Fact, ...]:
    share = words.probability(reading.raw)
    shown = words.NOTHING if math.isnan(reading.raw) else words.percent(share)
    help_ = tr("How surprising the token was, in bits: one bit for each halving of its probability.")
    return (
        Fact(PROBABILITY, shown, words.one_in(share), tr("How likely the token was to the model, before any sampler.")),
        Fact(SURPRISAL, words.surprisal(reading.raw), "", help_),
        Fact(
            RANK,
            words.rank(reading.rank, vocabulary),
            "",
            tr("Its place among all tokens of the vocabulary; 1 is the most likely."),
        ),
    )


def _distribution_facts(reading: Reading) -> tuple[Fact, ...]:
    equally = tr("As uncertain as choosing among this many equally likely tokens.")
    return (
        Fact(ENTROPY, words.bits(reading.entropy), "", tr("How uncertain the choice was, whichever token was chosen.")),
        Fact(CHOICES, words.choices(reading.entropy), "", equally),
    )


def _id_fact(reading: Reading) -> Fact:
    return Fact(ID, str(reading.token), hexadecimal(reading.bytes), tr("Its number in the vocabulary, and its bytes."))


def _draw_fact(reading: Reading) -> Fact:
    help_ = tr("The random number, and the token's share of the bar, where the number landed.")
    if math.isnan(reading.draw):
        return Fact(DRAWN, tr("your text: nothing was drawn"), "", help_)
    interval = words.interval(reading.low, reading.high)
    note = tr("in {stretch}").format(stretch=interval) if interval else ""
    return Fact(DRAWN, words.drawn(reading.draw, reading.low, reading.high), note, help_)


# ------------------------------------------------------------------------------------------------ the alternatives


def _rows(reading: Reading) -> tuple[OddsRow, ...]:
    alternatives = reading.alternatives
    rows = tuple(_row(alternatives, index, reading.token) for index in range(len(alternatives.ids)))
    raw = max(0.0, 1.0 - sum(row.raw_share for row in rows))
    final = max(0.0, 1.0 - sum(row.final_share for row in rows))
    if final < _ROUNDING and any(row.cut for row in rows):
        final = 0.0  # a listed token was cut, so all others were: the rest is a rounding error
    rest = OddsRow(EVERYTHING_ELSE, tr("everything else"), words.percent(raw), words.percent(final), raw, final)
    return (*rows, rest)


def _row(alternatives: Alternatives, index: int, chosen: int) -> OddsRow:
    raw, final = words.probability(alternatives.raw[index]), words.probability(alternatives.final[index])
    cut = stage_name(alternatives.cut[index])
    token = alternatives.ids[index]
    return OddsRow(
        id=token,
        token=visible(alternatives.texts[index]),
        raw=words.percent(raw),
        final=tr("cut") if cut else words.percent(final),
        raw_share=raw,
        final_share=0.0 if cut else final,
        cut=cut,
        chosen=token == chosen,
    )


# ------------------------------------------------------------------------------------------------ the coin's strip


def _strip(reading: Reading, rows: Sequence[OddsRow]) -> tuple[Segment, ...]:
    """The strip from 0 to 1 as the coin divides it: the most likely token first, equal ones by id. Where the recorded
    interval of the chosen token is not where the known alternatives put it (an unknown one is before it), the strip
    has only that interval."""
    known = sorted((row for row in rows[:-1] if row.final_share > 0), key=lambda row: (-row.final_share, row.id))
    segments: list[Segment] = []
    end = 0.0
    for order, row in enumerate(known):
        low, high = min(end, 1.0), min(end + row.final_share, 1.0)
        if row.chosen and math.isfinite(reading.low):
            if order < len(known) - 1 and abs(reading.low - low) > _TOLERANCE:
                return _only_chosen(reading, row)
            low, high = reading.low, reading.high
        segments += _gap(end, low)
        segments.append(Segment(low, high, row.token, order, row.chosen))
        end = high
    return (*segments, *_gap(end, 1.0))


def _only_chosen(reading: Reading, row: OddsRow) -> tuple[Segment, ...]:
    return (
        *_gap(0.0, reading.low),
        Segment(reading.low, reading.high, row.token, 0, chosen=True),
        *_gap(reading.high, 1.0),
    )


def _gap(low: float, high: float) -> tuple[Segment, ...]:
    """The segment of everything else, where it has any width."""
    return (Segment(low, high, "", EVERYTHING_ELSE, chosen=False),) if high - low > 1e-6 else ()
