"""What the readings of a stretch of the page come to: all of them, those of the model's words, and those of one's own.

Perplexity is 2 to the mean surprisal in bits (Jelinek and others, 1977). The fraction p / p(top) and the classes of
ranks are those of GLTR (Gehrmann, Strobelt and Rush, 2019). Pure; made for another thread."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from desktop.page.lent_rows import LentRows, byte_sums
from desktop.page.measures import STEPS
from desktop.page.profile import Counts, Floats
from desktop.page.token_table import GENERATED, UNREAD, TokenRows, ends
from desktop.page.top_odds import TopOdds

CONFIDENT = 0.5  # probability from which on a token counts as confident
BARS = 10  # of the histograms of p / p(top) and entropy
TOGETHER = 16  # chunks between two reports


@dataclass(frozen=True, slots=True)
class Statistics:
    """tokens: whose odds are known. bits: of surprisal, of all. bytes: of UTF-8 that they cover. rank_sum: over the
    `ranked` tokens whose rank is known. longest: the most tokens in a row with CONFIDENT probability, which stand on
    the page at [longest_start, longest_end).

    ranks: tokens in each class of ranks. fractions: with p / p(top) in tenths from 0 to 1; 1 is in the last.
    entropies: with an entropy of 0 to 1 bits, 1 to 2, and so on; the last has all above.

    stale: tokens that were read before the text before them changed; they are in all the other numbers."""

    tokens: int = 0
    bits: float = 0.0
    bytes: int = 0
    ranked: int = 0
    rank_sum: int = 0
    longest: int = 0
    longest_start: int = 0
    longest_end: int = 0
    ranks: tuple[int, ...] = (0,) * STEPS
    fractions: tuple[int, ...] = (0,) * BARS
    entropies: tuple[int, ...] = (0,) * BARS
    stale: int = 0

    @property
    def bits_per_token(self) -> float:
        """NaN without tokens, as the others."""
        return self.bits / self.tokens if self.tokens else math.nan

    @property
    def bits_per_byte(self) -> float:
        return self.bits / self.bytes if self.bytes else math.nan

    @property
    def perplexity(self) -> float:
        return math.exp2(self.bits_per_token) if self.bits_per_token < 1_000 else self.bits_per_token * math.inf

    @property
    def mean_rank(self) -> float:
        return self.rank_sum / self.ranked if self.ranked else math.nan


@dataclass(frozen=True, slots=True)
class Report:
    """The statistics of all tokens, of those that a model wrote, and of one's own text. done: whether this is all."""

    all: Statistics
    model: Statistics
    own: Statistics
    done: bool = True


def reports(parts: Sequence[LentRows], tops: TopOdds, classes: Sequence[float]) -> Iterator[Report]:
    """Reports on more and more of the parts; the last one is on all. classes: the highest rank of each class but the
    last."""
    counts = [_Count(np.array(classes)) for _ in range(3)]
    for number, part in enumerate(parts, 1):
        rows, stale, units = part.read()
        known = (rows["kind"] != UNREAD) & (rows["raw"] < math.inf)  # nor NaN
        rows, stale = rows[known], stale[known]
        sums = byte_sums(units)
        fractions = _fractions(rows, tops)
        written = rows["kind"] == GENERATED
        for count, mine in zip(counts, (np.ones(len(rows), np.bool_), written, ~written), strict=True):
            count.add(rows[mine], sums, part.base, fractions[mine])
            count.stale += int(stale[mine].sum())
        if number % TOGETHER == 0 and number < len(parts):
            yield _report(counts, done=False)
    yield _report(counts)


def _report(counts: "Sequence[_Count]", done: bool = True) -> Report:
    every, model, own = (count.statistics() for count in counts)
    return Report(every, model, own, done)


def _fractions(rows: TokenRows, tops: TopOdds) -> Floats:
    """p / p(top) of each row; NaN where the top is not known."""
    raw = rows["raw"].astype(np.float64)
    likeliest = rows["rank"] == 1
    top = np.where(likeliest, raw, np.nan)
    top[~likeliest] = tops.raw(rows["row"][~likeliest].astype(np.int64))
    with np.errstate(invalid="ignore"):  # of impossible tokens
        return np.where(likeliest, 1.0, np.exp(np.minimum(raw - top, 0.0)))


@dataclass(slots=True)
class _Count:
    """Counts rows of growing positions. classes: as in `reports`. Of the confident tokens at the end so far: run, how
    many; run_start, where they start; end, where the last token ends."""

    classes: Floats
    histograms: list[Counts] = field(init=False)
    tokens: int = 0
    stale: int = 0
    bits: float = 0.0
    bytes: int = 0
    ranked: int = 0
    rank_sum: int = 0
    longest: tuple[int, int, int] = (0, 0, 0)
    run: int = 0
    run_start: int = 0
    end: int = -1

    def __post_init__(self) -> None:
        sizes = len(self.classes) + 1, BARS, BARS
        self.histograms = [np.zeros(size, np.int64) for size in sizes]

    def add(self, rows: TokenRows, sums: Counts, base: int, fractions: Floats) -> None:
        """Count these rows, which stand behind those counted. sums: bytes before each unit from base on. fractions: of
        the rows."""
        if not len(rows):
            return
        first = rows[np.diff(rows["start"], prepend=-1) > 0]
        self.tokens += len(rows)
        self.bits += float(rows["raw"].astype(np.float64).sum()) / -math.log(2)
        self.bytes += int((sums[ends(first) - base] - sums[first["start"] - base]).sum())
        ranks = rows["rank"][rows["rank"] > 0]
        self.ranked += len(ranks)
        self.rank_sum += int(ranks.astype(np.int64).sum())
        self._follow(rows)
        found = self._histograms(rows, fractions)
        self.histograms = [one + two for one, two in zip(self.histograms, found, strict=True)]

    def _histograms(self, rows: TokenRows, fractions: Floats) -> list[Counts]:
        ranks = rows["rank"][rows["rank"] > 0]
        tenths = (fractions[~np.isnan(fractions)] * BARS).astype(np.int64)
        entropies = np.minimum(rows["entropy"][rows["entropy"] >= 0], BARS - 1).astype(np.int64)
        return [
            np.bincount(self.classes.searchsorted(ranks), minlength=len(self.classes) + 1),
            np.bincount(tenths.clip(0, BARS - 1), minlength=BARS),
            np.bincount(entropies, minlength=BARS),
        ]

    def _follow(self, rows: TokenRows) -> None:
        """Find the longest row of confident tokens that follow each other, from the one at the end so far on."""
        confident = np.concatenate(([self.run > 0], rows["raw"] >= math.log(CONFIDENT)))
        weights = np.concatenate(([self.run], confident[1:]))
        starts, lasts = np.concatenate(([self.run_start], rows["start"])), np.concatenate(([self.end], ends(rows)))
        joined = (starts[1:] == lasts[:-1]) | (rows["part"] > 0)
        goes_on = joined & confident[1:] & confident[:-1]
        firsts = np.flatnonzero(np.concatenate(([True], ~goes_on)))  # every token that is not confident stands alone
        lengths = np.add.reduceat(weights, firsts)
        best = int(lengths.argmax())
        if lengths[best] > self.longest[0]:
            last = firsts[best + 1] - 1 if best + 1 < len(firsts) else -1
            self.longest = int(lengths[best]), int(starts[firsts[best]]), int(lasts[last])
        self.run, self.run_start, self.end = int(lengths[-1]), int(starts[firsts[-1]]), int(lasts[-1])

    def statistics(self) -> Statistics:
        return Statistics(
            self.tokens,
            self.bits,
            self.bytes,
            self.ranked,
            self.rank_sum,
            *self.longest,
            *(tuple(map(int, one)) for one in self.histograms),
            stale=self.stale,
        )
