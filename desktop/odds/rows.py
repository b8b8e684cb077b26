"""What the odds panel shows of one token: turns a reading into words, bars and the segments of the coin's strip.

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
_ROUNDING = 5e-6  # how far ten 32-bit shares may miss 1
_LINED_UP = 0.002  # of the strip: how far the recorded interval may lie from where the alternatives put it

_WHY = {
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
    """One line of the grid. note: the same said otherwise, quieter. help: what the number means."""

    label: str
    value: str
    note: str
    help: str


@dataclass(frozen=True, slots=True)
class OddsRow:
    """One alternative. raw_share, final_share: 0 to 1, lengths of the bars on one scale. cut: the stage that cut it, or
    nothing."""

    id: int
    token: str
    raw: str
    final: str
    raw_share: float
    final_share: float
    cut: str = ""
    chosen: bool = False

    def spoken(self) -> str:
        """The row as a screen reader says it."""
        coin = tr("after sampling {share}").format(share=self.final)
        coin = tr("cut by {stage}").format(stage=self.cut) if self.cut else coin
        return ", ".join((self.token, self.raw, coin, *((tr("chosen"),) if self.chosen else ())))


@dataclass(frozen=True, slots=True)
class Segment:
    """A piece of the coin's strip, [low, high) in 0 to 1. order: 0 for the likeliest. token: nothing for everything
    else."""

    low: float
    high: float
    token: str
    order: int
    chosen: bool


@dataclass(frozen=True, slots=True)
class OddsView:
    """All that the panel shows. token: as visible text, empty where nothing was drawn. draw: NaN where no coin was
    flipped. bent: the sampler chain changed the odds, so raw and final differ. parts: one view for each token of a
    character that several tokens spell (else empty); part: which of them this is."""

    state: str
    stale: bool
    token: str
    facts: tuple[Fact, ...]
    rows: tuple[OddsRow, ...]
    strip: tuple[Segment, ...]
    draw: float
    bent: bool
    parts: "tuple[OddsView, ...]" = ()
    part: int = 0

    def spoken(self) -> str:
        """The card as a screen reader says it."""
        facts = "; ".join(f"{fact.label} {fact.value}" + (f", {fact.note}" if fact.note else "") for fact in self.facts)
        token = self.token or tr("Next token")
        return f"{token} ({self.state}). {facts}."


def view_of_token(readings: Sequence[TokenReading], why: str, vocabulary: int) -> OddsView:
    """The view of a token on the page, or of the several tokens that spell one character there (the last is shown while
    writing, else the first).

    why: newest, caret, hovering or pinned. vocabulary: its size, 0 = not known. readings: at least one."""
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
    """The view of a distribution that nothing was drawn from."""
    return _view(reading, "look", vocabulary, stale=False)


def _view(reading: Reading, why: str, vocabulary: int, stale: bool) -> OddsView:
    rows = _rows(reading)
    return OddsView(
        state=" · ".join((_WHY[why], tr("outdated: earlier text was edited")) if stale else (_WHY[why],)),
        stale=stale,
        token=visible(reading.bytes) if reading.token >= 0 else "",
        facts=_facts(reading, vocabulary),
        rows=rows,
        strip=_strip(reading, rows),
        draw=reading.draw,
        bent=any(row.cut or abs(row.raw_share - row.final_share) >= 0.000_5 for row in rows[:-1]),
    )


# ------------------------------------------------------------------------------------------------ the facts


def _facts(reading: Reading, vocabulary: int) -> tuple[Fact, ...]:
    place = _of_the_place(reading)
    if reading.token < 0:
        return place
    return (*_of_the_token(reading, vocabulary), *place, _of_its_name(reading), _of_the_coin(reading))


def _of_the_token(reading: Reading, vocabulary: int) -> tuple[Fact, ...]:
    share = words.probability(reading.raw)
    shown = words.NOTHING if math.isnan(reading.raw) else words.percent(share)
    about = tr("How surprising the token was, in bits: one bit for each halving of its probability.")
    return (
        Fact(PROBABILITY, shown, words.one_in(share), tr("How likely the token was to the model, before any sampler.")),
        Fact(SURPRISAL, words.surprisal(reading.raw), "", about),
        Fact(
            RANK,
            words.rank(reading.rank, vocabulary),
            "",
            tr("Its place among all tokens of the vocabulary; 1 is the most likely."),
        ),
    )


def _of_the_place(reading: Reading) -> tuple[Fact, ...]:
    equally = tr("As uncertain as choosing among this many equally likely tokens.")
    return (
        Fact(ENTROPY, words.bits(reading.entropy), "", tr("How uncertain the choice was, whichever token was chosen.")),
        Fact(CHOICES, words.choices(reading.entropy), "", equally),
    )


def _of_its_name(reading: Reading) -> Fact:
    return Fact(ID, str(reading.token), hexadecimal(reading.bytes), tr("Its number in the vocabulary, and its bytes."))


def _of_the_coin(reading: Reading) -> Fact:
    about = tr("The random number, and the token's share of the bar, where the number landed.")
    if math.isnan(reading.draw):
        return Fact(DRAWN, tr("your text: nothing was drawn"), "", about)
    stretch = words.interval(reading.low, reading.high)
    note = tr("in {stretch}").format(stretch=stretch) if stretch else ""
    return Fact(DRAWN, words.drawn(reading.draw, reading.low, reading.high), note, about)


# ------------------------------------------------------------------------------------------------ the alternatives


def _rows(reading: Reading) -> tuple[OddsRow, ...]:
    about = reading.alternatives
    rows = tuple(_row(about, place, reading.token) for place in range(len(about.ids)))
    raw = max(0.0, 1.0 - sum(row.raw_share for row in rows))
    final = max(0.0, 1.0 - sum(row.final_share for row in rows))
    if final < _ROUNDING and any(row.cut for row in rows):
        final = 0.0  # where even listed tokens are cut, such a rest is what 32-bit numbers do not add up to
    rest = OddsRow(EVERYTHING_ELSE, tr("everything else"), words.percent(raw), words.percent(final), raw, final)
    return (*rows, rest)


def _row(about: Alternatives, place: int, chosen: int) -> OddsRow:
    raw, final = words.probability(about.raw[place]), words.probability(about.final[place])
    cut = stage_name(about.cut[place])
    token = about.ids[place]
    return OddsRow(
        id=token,
        token=visible(about.texts[place]),
        raw=words.percent(raw),
        final=tr("cut") if cut else words.percent(final),
        raw_share=raw,
        final_share=0.0 if cut else final,
        cut=cut,
        chosen=token == chosen,
    )


# ------------------------------------------------------------------------------------------------ the coin's strip


def _strip(reading: Reading, rows: Sequence[OddsRow]) -> tuple[Segment, ...]:
    """The 0–1 strip as the coin lays it out: likeliest first, equals by id. Where the recorded interval of the chosen
    token does not lie where the known alternatives would put it (an unknown one lies before it), only what is known is
    cut: that interval."""
    known = sorted((row for row in rows[:-1] if row.final_share > 0), key=lambda row: (-row.final_share, row.id))
    segments: list[Segment] = []
    end = 0.0
    for order, row in enumerate(known):
        low, high = min(end, 1.0), min(end + row.final_share, 1.0)
        if row.chosen and math.isfinite(reading.low):
            if order < len(known) - 1 and abs(reading.low - low) > _LINED_UP:
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
    """Everything else, where there is any."""
    return (Segment(low, high, "", EVERYTHING_ELSE, chosen=False),) if high - low > 1e-6 else ()
