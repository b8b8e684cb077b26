"""The contents of the odds panel for one token: turns a reading into words, bars and the segments of the coin's strip.

Takes a reading of the page (TokenReading) or of the engine (Reading), returns a frozen OddsView. A number that is not
known (models/sampling/readings.py) is "not known" in words, and has no bar. No Qt, no colours.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from desktop.odds import words
from desktop.odds.read_again import ReadTwice
from desktop.odds.visible import hexadecimal, visible
from desktop.page.token_reading import TokenReading
from models.sampling.knobs import Sampling, stage_name
from models.sampling.readings import UNKNOWN_ID, ChainEffect, Reading
from resources.language import tr, tr_count

EVERYTHING_ELSE = -1  # the id of the last row; a lower one is a token whose id is not known
_ROUNDING = 5e-6  # the largest error of a sum of ten 32-bit shares
_NOTHING_MOVED = 0.005  # bits: less is shown as 0.00
_TOLERANCE = 0.002  # of the strip: the largest distance between the recorded interval and its computed place

_STATES = {
    "newest": tr("just written"),
    "caret": tr("at the cursor"),
    "hovering": tr("under the mouse"),
    "pinned": tr("pinned"),
    "look": tr("next token (not chosen yet)"),
    "drawn": tr("drawn, about to be written"),
}
_NOT_DRAWN = {"read": tr("your text: nothing was drawn"), "chosen": tr("you chose it: nothing was drawn")}
LIKELY_TO_SECOND = tr("likely to the second model, part of everything else")
DRAW_NOT_KNOWN = tr("The number drawn is not known.")
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
    """One alternative. raw, final: as text. raw_share, final_share: the lengths of the bars, 0 to 1 on one scale, and 0
    where not known. cut: the stage that cut it; empty where none did. flips, flips_share: its share of extra flips, as
    text and from 0 to 1; empty where there is no tally. second: it is listed because a second model finds it likely,
    though it is none of the first's likeliest."""

    id: int
    token: str
    raw: str
    final: str
    raw_share: float
    final_share: float
    cut: str = ""
    chosen: bool = False
    flips: str = ""
    flips_share: float = 0.0
    second: bool = False

    def spoken(self) -> str:
        """The row as text for a screen reader."""
        coin = tr("after sampling {share}").format(share=self.final)
        coin = tr("cut by {stage}").format(stage=self.cut) if self.cut else coin
        flips = tr("{share} of the flips").format(share=self.flips) if self.flips else ""
        chosen = tr("chosen") if self.chosen else ""
        why = LIKELY_TO_SECOND if self.second else ""
        return ", ".join(filter(None, (self.token, self.raw, coin, flips, chosen, why)))


@dataclass(frozen=True, slots=True)
class Segment:
    """A part of the coin's strip, [low, high) in 0 to 1. order: 0 for the most likely token, EVERYTHING_ELSE for the
    rest. token: empty for the rest. id: the token's, as in OddsRow."""

    low: float
    high: float
    token: str
    order: int
    chosen: bool
    id: int = UNKNOWN_ID


@dataclass(frozen=True, slots=True)
class OddsView:
    """All that the panel shows. state: why this token is shown, as text. token: as visible text, empty for a look.
    draw: NaN where nothing was drawn, or not known. draw_note: a sentence where a number was drawn that is not known,
    else empty. odds_changed: the sampler chain changed the odds, so raw and final differ. parts: one view for each
    token of a character that several tokens spell (else empty); part: the index of this one. tally: a sentence about
    the extra flips in the rows, else empty. on_page: whether the token stands on the page. effect: what the chain makes
    of the whole distribution, in words, and effect_help the same as a sentence; both empty where not known. again: a
    sentence where the token's probability differs from that which was read again; else empty."""

    state: str
    stale: bool
    token: str
    facts: tuple[Fact, ...]
    rows: tuple[OddsRow, ...]
    strip: tuple[Segment, ...]
    draw: float
    odds_changed: bool
    draw_note: str = ""
    parts: "tuple[OddsView, ...]" = ()
    part: int = 0
    tally: str = ""
    on_page: bool = True
    effect: str = ""
    effect_help: str = ""
    again: str = ""

    def spoken(self) -> str:
        """The card as text, for a screen reader and the clipboard."""
        facts = "; ".join(f"{fact.label} {fact.value}" + (f", {fact.note}" if fact.note else "") for fact in self.facts)
        token = self.token or tr("Next token")
        return f"{token} ({self.state}). {facts}."


def view_of_token(
    readings: Sequence[TokenReading],
    why: str,
    vocabulary: int,
    tried: int | None = None,
    again: tuple[int, ReadTwice] | None = None,
) -> OddsView:
    """The view of a token on the page, or of the several tokens that spell one character (the last is shown while the
    model writes, else the first).

    readings: of the tokens of one run, at least one. why: newest, caret, hovering or pinned. vocabulary: tokens in it,
    0: not known. tried: index of the one whose odds are those under other settings, which is shown then. again: index
    of one whose probability differs where it was read again."""
    shown = [
        one.reading if number == tried else calm(one.reading, one.source.sampling)
        for number, one in enumerate(readings)
    ]
    views = tuple(
        _view(reading, why, vocabulary, one.stale, one.source.kind)
        for reading, one in zip(shown, readings, strict=True)
    )
    if tried is not None:
        views = (*views[:tried], _as_trial(views[tried]), *views[tried + 1 :])
    if again is not None:
        part, twice = again
        views = (*views[:part], _with_again(views[part], twice, part == tried), *views[part + 1 :])
    if len(views) == 1:
        return views[0]
    views = tuple(
        replace(view, state=" · ".join((view.state, _of_several(place + 1, len(views)))))
        for place, view in enumerate(views)
    )
    part = tried if tried is not None else len(views) - 1 if why == "newest" else 0
    return replace(views[part], parts=views, part=part)


def calm(reading: Reading, sampling: Sampling) -> Reading:
    """The reading, without the effect of those samplers if they are all off and changed nothing: so a newcomer reads
    nothing about samplers."""
    effect = reading.effect
    if effect is None or effect.divergence >= _NOTHING_MOVED or not sampling.neutral:
        return reading
    return replace(reading, effect=None)


def _as_trial(view: OddsView) -> OddsView:
    return replace(view, state=" · ".join((view.state, tr("with these settings"))))


def _with_again(view: OddsView, twice: ReadTwice, is_trial: bool) -> OddsView:
    """The view with both probabilities in the line of the one. is_trial: it shows what was read again."""
    note = twice.note_first if is_trial else twice.note_again
    facts = (replace(one, note=note, help=twice.help) if one.label == PROBABILITY else one for one in view.facts)
    return replace(view, facts=tuple(facts), again=twice.help)


def _of_several(number: int, of: int) -> str:
    return tr("token {number} of {of}").format(number=number, of=of)


def view_of_look(reading: Reading, vocabulary: int, drawn: Reading | None = None) -> OddsView:
    """The view of a distribution that nothing was drawn from, or of the draw that is about to be written. vocabulary:
    as in view_of_token."""
    look = _view(reading, "look", vocabulary, stale=False, kind="read")
    if drawn is None:
        return look
    return replace(view_of_flip(drawn), facts=look.facts)  # as many, so that the strip stays where it is


def view_of_flip(reading: Reading) -> OddsView:
    """The view of an extra flip, which is on no page."""
    return _view(reading, "drawn", 0, stale=False, kind="generated")


def _view(reading: Reading, why: str, vocabulary: int, stale: bool, kind: str) -> OddsView:
    """kind: of the token's source."""
    listed = _listed(reading)
    rows = tuple(map(_row, listed))
    return OddsView(
        state=" · ".join((_STATES[why], tr("outdated: earlier text was edited")) if stale else (_STATES[why],)),
        stale=stale,
        token="" if reading.is_look else visible(reading.bytes),
        facts=_facts(reading, vocabulary, kind),
        rows=(*rows, *_rest(listed)),
        strip=_strip(reading, rows),
        draw=reading.draw,
        odds_changed=any(one.cut or abs(one.raw - one.final) >= 0.000_5 for one in listed),
        draw_note=DRAW_NOT_KNOWN if kind == "generated" and math.isnan(reading.draw) else "",
        on_page=why != "drawn" and not reading.is_look,
        effect=_effect(reading.effect),
        effect_help=_effect_help(reading.effect, vocabulary),
    )


def _effect(effect: ChainEffect | None) -> str:
    if effect is None:
        return ""
    left = tr_count("{count:,} token left", "{count:,} tokens left", effect.left).format(count=effect.left)
    held = tr("held {share}").format(share=words.percent(effect.held))
    moved = tr("moved {bits}").format(bits=words.bits(effect.divergence))
    return " · ".join((left, held, moved))


def _effect_help(effect: ChainEffect | None, vocabulary: int) -> str:
    if effect is None:
        return ""
    sentence = tr(
        "Tokens left after sampling: {count}. Before it they held {share} of the probability. The odds moved by {bits} "
        "(Kullback-Leibler divergence from the model's odds)."
    )
    count = words.rank(effect.left, vocabulary)
    return sentence.format(count=count, share=words.percent(effect.held), bits=words.bits(effect.divergence))


# ------------------------------------------------------------------------------------------------ the facts


def _facts(reading: Reading, vocabulary: int, kind: str) -> tuple[Fact, ...]:
    distribution = _distribution_facts(reading)
    if reading.is_look:
        return distribution
    return (*_token_facts(reading, vocabulary), *distribution, _id_fact(reading), _draw_fact(reading, kind))


def _token_facts(reading: Reading, vocabulary: int) -> tuple[Fact, ...]:
    share = words.probability(reading.raw)
    likely = tr("How likely the token was to the model, before any sampler.")
    help_ = tr("How surprising the token was, in bits: one bit for each halving of its probability.")
    return (
        Fact(PROBABILITY, words.percent(share), words.one_in(share), likely),
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
    number = str(reading.token) if reading.token >= 0 else words.NOT_KNOWN
    return Fact(ID, number, hexadecimal(reading.bytes), tr("Its number in the vocabulary, and its bytes."))


def _draw_fact(reading: Reading, kind: str) -> Fact:
    help_ = tr("The random number, and the token's share of the bar, where the number landed.")
    if math.isnan(reading.draw):
        return Fact(DRAWN, _NOT_DRAWN.get(kind, words.NOT_KNOWN), "", help_)
    interval = words.interval(reading.low, reading.high)
    note = tr("in {stretch}").format(stretch=interval) if interval else ""
    return Fact(DRAWN, words.drawn(reading.draw, reading.low, reading.high), note, help_)


# ------------------------------------------------------------------------------------------------ the alternatives


class _Listed(NamedTuple):
    """One token of the list. raw, final: probabilities, NaN where not known. cut: the stage's name, or empty."""

    id: int
    spelt: bytes
    raw: float
    final: float
    cut: str
    chosen: bool


def _listed(reading: Reading) -> list[_Listed]:
    """The alternatives, and behind them the token itself where it is not among them."""
    found, chosen = reading.alternatives, reading.chosen
    listed = [
        _Listed(token, spelt, words.probability(raw), words.probability(final), stage_name(cut), place == chosen)
        for place, (token, spelt, raw, final, cut) in enumerate(
            zip(found.ids, found.texts, found.raw, found.final, found.cut, strict=True)
        )
    ]
    if chosen is None and not reading.is_look:
        raw, final = words.probability(reading.raw), words.probability(reading.final)
        listed.append(_Listed(reading.token, reading.bytes, raw, final, "", chosen=True))
    return listed


def _row(one: _Listed) -> OddsRow:
    return OddsRow(
        id=one.id if one.id >= 0 else UNKNOWN_ID,
        token=visible(one.spelt),
        raw=words.percent(one.raw),
        final=tr("cut") if one.cut else words.percent(one.final),
        raw_share=_length(one.raw),
        final_share=0.0 if one.cut else _length(one.final),
        cut=one.cut,
        chosen=one.chosen,
    )


def _rest(listed: Sequence[_Listed]) -> tuple[OddsRow, ...]:
    """The row of everything else, where something of its share is known."""
    raw = max(1.0 - sum(one.raw for one in listed), 0.0)  # NaN stays NaN
    final = max(1.0 - sum(0.0 if one.cut else one.final for one in listed), 0.0)
    if final < _ROUNDING and any(one.cut for one in listed):
        final = 0.0  # a listed token was cut, so all others were: the rest is a rounding error
    if not listed or (math.isnan(raw) and math.isnan(final)):
        return ()
    words_of = words.percent(raw), words.percent(final)
    return (OddsRow(EVERYTHING_ELSE, tr("everything else"), *words_of, _length(raw), _length(final)),)


def _length(share: float) -> float:
    """The length of a bar."""
    return 0.0 if math.isnan(share) else share


# ------------------------------------------------------------------------------------------------ the coin's strip


def _strip(reading: Reading, rows: Sequence[OddsRow]) -> tuple[Segment, ...]:
    """The strip from 0 to 1 as the coin divides it: the most likely token first, equal ones by id. Where the recorded
    interval of the chosen token is not where the known alternatives put it (an unknown one is before it), or its share
    is not known, the strip has only that interval."""
    known = sorted((row for row in rows if row.final_share > 0), key=lambda row: (-row.final_share, row.id))
    for row in rows:
        if row.chosen and reading.has_interval and row not in known:
            return _only_chosen(reading, row)
    segments: list[Segment] = []
    end = 0.0
    for order, row in enumerate(known):
        low, high = min(end, 1.0), min(end + row.final_share, 1.0)
        if row.chosen and reading.has_interval:
            if order < len(known) - 1 and abs(reading.low - low) > _TOLERANCE:
                return _only_chosen(reading, row)
            low, high = reading.low, reading.high
        segments += _gap(end, low)
        segments.append(Segment(low, high, row.token, order, row.chosen, row.id))
        end = high
    return (*segments, *_gap(end, 1.0))


def _only_chosen(reading: Reading, row: OddsRow) -> tuple[Segment, ...]:
    return (
        *_gap(0.0, reading.low),
        Segment(reading.low, reading.high, row.token, 0, chosen=True, id=row.id),
        *_gap(reading.high, 1.0),
    )


def _gap(low: float, high: float) -> tuple[Segment, ...]:
    """The segment of everything else, where it has any width."""
    return (Segment(low, high, "", EVERYTHING_ELSE, chosen=False),) if high - low > 1e-6 else ()
