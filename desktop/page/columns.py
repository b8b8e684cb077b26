"""A plot's columns: one for each token of a stretch of the page, or one for many where it is long. Pure."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from desktop.page.bands import bands
from desktop.page.measures import MEASURES
from desktop.page.page import Page
from desktop.page.profile import BIN, Counts, Floats

LONG = 12_000  # units of a stretch from which on a column stands for many tokens
MANY = 1_000  # columns of such a stretch at most
UNITS = 4  # of text without odds, as wide as a token


@dataclass(frozen=True, slots=True, eq=False)
class Columns:
    """Columns that cover a stretch without gaps. starts, ends: units of the page. widths: in tokens. bits: of
    surprisal, of many tokens their mean; NaN where there are no odds. stale: as Page.stale; of many tokens, whether one
    is."""

    starts: Counts
    ends: Counts
    widths: Floats
    bits: Floats
    stale: np.ndarray[Any, np.dtype[np.bool_]]

    def __len__(self) -> int:
        return len(self.starts)


def columns(page: Page, start: int, end: int) -> Columns:
    """The columns of [start, end)."""
    return _of_tokens(page, start, end) if end - start <= LONG else _of_parts(page, start, end)


def _of_tokens(page: Page, start: int, end: int) -> Columns:
    rows, found = page.tokens(start, end), bands(page, MEASURES["surprisal"], start, end)
    nats = np.zeros(len(found.starts))
    if len(rows):
        first = np.flatnonzero(np.diff(rows["start"], prepend=-1))
        summed = np.add.reduceat(rows["raw"].astype(np.float64), first)
        nats = summed[rows["start"][first].searchsorted(found.starts)]
    lows, highs = np.maximum(found.starts, start), np.minimum(found.ends, end)
    edges = np.unique(np.concatenate(([start, end], lows, highs)))
    starts, ends = edges[:-1], edges[1:]
    bits, stale = np.full(len(starts), np.nan), np.zeros(len(starts), np.bool_)
    known = starts.searchsorted(lows)
    whole = highs > lows  # a run may have no text
    bits[known[whole]] = -nats[whole] / np.log(2)
    stale[known[whole]] = found.stale[whole]
    widths = np.where(np.isnan(bits), np.maximum(1.0, (ends - starts) / UNITS), 1.0)
    return Columns(starts, ends, widths, bits, stale)


def _of_parts(page: Page, start: int, end: int) -> Columns:
    count = min(MANY, (end - start) // BIN)
    bits, tokens, outdated = page.overview.along(count, start, end)
    edges = start + (end - start) * np.arange(count + 1) // count
    means = np.divide(bits, tokens, out=np.full(count, np.nan), where=tokens > 0)
    return Columns(edges[:-1], edges[1:], np.ones(count), means, outdated > 0)
