"""Extra flips of the coin that the panel shows: the number drawn last, and a tally beside the bars. No Qt."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from desktop.odds import chance, words
from desktop.odds.rows import EVERYTHING_ELSE, OddsRow, OddsView, view_of_flip
from desktop.odds.visible import visible
from models.engine.events import Flipped
from models.sampling.readings import Reading
from resources.language import tr


@dataclass(frozen=True, slots=True)
class Tally:
    """How often each token came up in the flips of one coin. counts: by the token's id. shares: by id, the probability
    of a token in one flip, of all tokens that came up or are listed. struck: in how many flips XTC applied."""

    flips: int = 0
    struck: int = 0
    counts: Mapping[int, int] = field(default_factory=dict[int, int])
    shares: Mapping[int, float] = field(default_factory=dict[int, float])

    def with_more(self, found: Flipped) -> "Tally":
        """This tally with further flips of the same coin."""
        counts = dict(self.counts)
        for token, count in zip(found.ids, found.counts, strict=True):
            counts[token] = counts.get(token, 0) + count
        shares = dict(self.shares) | dict(zip(found.ids, found.shares, strict=True))
        return Tally(self.flips + sum(found.counts), self.struck + found.struck, counts, shares)


def with_flip(view: OddsView, flip: Reading) -> OddsView:
    """The view with the strip of that flip, and its number."""
    flipped = view_of_flip(flip)
    return replace(view, strip=flipped.strip, draw=flip.draw, draw_note="")


def with_tally(view: OddsView, tally: Tally) -> OddsView:
    """The view with the tally in its rows, and a sentence about it."""
    rows = tuple(_tallied(row, view.rows, tally) for row in view.rows)
    parts = tuple(with_tally(part, tally) if place == view.part else part for place, part in enumerate(view.parts))
    return replace(view, rows=rows, tally=sentence(view.rows, tally), parts=parts)


def words_of_flip(flip: Reading) -> str:
    """Where the number fell, in a sentence."""
    return tr("{draw} falls on “{token}”.").format(draw=f"{flip.draw:.4f}", token=visible(flip.bytes))


def sentence(rows: tuple[OddsRow, ...], tally: Tally) -> str:
    """How far the counts lie from the probabilities, and how far chance may take them."""
    counts = [_count(row, rows, tally) for row in rows]
    shares = tuple(_share(row, rows, tally) for row in rows)
    said = tr("{count:,} flips: largest deviation {largest} points; chance allows {allowed}.").format(
        count=tally.flips,
        largest=_points(chance.largest(counts, shares, tally.flips)),
        allowed=_points(chance.allowed(shares, tally.flips)),
    )
    struck = tr("XTC applied in {count:,} of them.").format(count=tally.struck) if tally.struck else ""
    return f"{said} {struck}".rstrip()


def _tallied(row: OddsRow, rows: tuple[OddsRow, ...], tally: Tally) -> OddsRow:
    share = _count(row, rows, tally) / tally.flips
    return replace(row, flips=words.percent(share), flips_share=share)


def _count(row: OddsRow, rows: tuple[OddsRow, ...], tally: Tally) -> int:
    if row.id != EVERYTHING_ELSE:
        return tally.counts.get(row.id, 0)
    return tally.flips - sum(_count(other, rows, tally) for other in rows if other.id != EVERYTHING_ELSE)


def _share(row: OddsRow, rows: tuple[OddsRow, ...], tally: Tally) -> float:
    if row.id != EVERYTHING_ELSE:
        return tally.shares.get(row.id, 0.0)
    return max(1.0 - sum(_share(other, rows, tally) for other in rows if other.id != EVERYTHING_ELSE), 0.0)


def _points(share: float) -> str:
    """A difference of two shares in percentage points."""
    return f"{100 * share:.1f}" if share >= 0.009_95 else f"{100 * share:.2f}"
