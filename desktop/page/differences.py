"""How much more surprising text is for a second model than for the page's own readings. Pure.

The two split the text into tokens of their own, so they are compared over the shortest stretches at whose both ends a
token ends for each of them."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from desktop.page import queries
from desktop.page.contents import Contents
from desktop.page.layers import rows_in
from desktop.page.page import Page
from desktop.page.profile import Counts, Floats
from desktop.page.token_table import NONE, UNREAD, TokenRows

_Mask = np.ndarray[Any, np.dtype[np.bool_]]
_BESIDE = 64  # units read beside a stretch, so that what crosses its edges is compared whole


@dataclass(frozen=True, slots=True, eq=False)
class Differences:
    """Stretches that both have read, ascending. starts, ends: units. bits: of the second model less the page's. stale:
    whether a page's reading there is stale."""

    starts: Counts
    ends: Counts
    bits: Floats
    stale: _Mask


def differences(page: Page, fingerprint: str, start: int, end: int) -> Differences:
    """The differences in the stretches that reach into [start, end). fingerprint: of the layer's model."""
    low, high = start - _BESIDE, end + _BESIDE
    own, theirs = page.tokens(low, high), page.layers.rows(fingerprint, low, high)
    return _compared(own, page.stale(own), theirs, start, end)


def differences_in(contents: Contents, fingerprint: str, start: int, end: int) -> Differences:
    """As `differences`, of a page that is not open."""
    low, high = start - _BESIDE, end + _BESIDE
    chunks, layer = contents.path.chunks, contents.layers.get(fingerprint)
    own = queries.rows(chunks, low, high)
    theirs = NONE if layer is None else rows_in(layer, chunks, low, high)
    return _compared(own, queries.stale(chunks, own), theirs, start, end)


def _compared(own: TokenRows, is_stale: _Mask, theirs: TokenRows, start: int, end: int) -> Differences:
    """The differences of these rows. is_stale: of each of the page's own."""
    read = own["kind"] != UNREAD
    own, is_stale = own[read], is_stale[read]
    edges = np.intersect1d(_edges(own), _edges(theirs))
    if len(edges) < 2:
        nothing = np.zeros(0, np.int64)
        return Differences(nothing, nothing, np.zeros(0), np.zeros(0, np.bool_))
    stale = _between(own, edges, is_stale.astype(np.float64))
    bits = _between(theirs, edges, _bits(theirs)) - _between(own, edges, _bits(own))
    whole = _covered(own, edges) & _covered(theirs, edges)
    starts, ends = edges[:-1], edges[1:]
    shown = whole & (starts < end) & (ends > start)
    return Differences(starts[shown], ends[shown], bits[shown], stale[shown] > 0)


def _edges(rows: TokenRows) -> Counts:
    starts = rows["start"].astype(np.int64)
    return np.unique(np.concatenate((starts, starts + rows["length"])))


def _bits(rows: TokenRows) -> Floats:
    return np.where(np.isfinite(rows["raw"]), rows["raw"].astype(np.float64) / -math.log(2), 0.0)


def _covered(rows: TokenRows, edges: Counts) -> _Mask:
    """Whether runs whose odds are known cover all between two neighbouring edges."""
    lengths = np.where(rows["part"] == 0, rows["length"], 0).astype(np.float64)
    unknown = _between(rows, edges, (~np.isfinite(rows["raw"])).astype(np.float64))
    return (_between(rows, edges, lengths) == np.diff(edges)) & (unknown == 0)


def _between(rows: TokenRows, edges: Counts, values: Floats) -> Floats:
    """The sum of the values of the rows between two neighbouring edges."""
    places = rows["start"].astype(np.int64).searchsorted(edges, "left")
    return np.diff(np.concatenate(([0.0], np.cumsum(values)))[places])
