"""The whole vocabulary at one place, sorted and filtered, in arrays: a row for each token. No Qt.

Sorting 262,144 rows takes some milliseconds, by text a tenth of a second once a model.
"""

import csv
import io
import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import IntEnum
from functools import cached_property

import numpy as np

from models.sampling.knobs import stage_name

Numbers = np.ndarray[tuple[int], np.dtype[np.float32]]
Indices = np.ndarray[tuple[int], np.dtype[np.int64]]

CUT_CHARACTERS = 32  # bytes of a token that its place in the order of texts depends on
HEAD = ("token", "id", "probability", "after sampling", "rank", "cut by")  # of the copy, for programs: not translated


class Column(IntEnum):
    """The columns of the list."""

    TOKEN = 0
    RAW = 1
    FINAL = 2
    RANK = 3
    CUT = 4
    ID = 5


class Kept(IntEnum):
    """Which tokens are listed: all, those that the chain left, those that it cut."""

    ALL = 0
    LEFT = 1
    CUT = 2


@dataclass(frozen=True)
class Texts:
    """The bytes of every token of a model: those of token k are data[ends[k - 1] : ends[k]]."""

    data: bytes
    ends: Indices

    def of(self, token: int) -> bytes:
        return self.data[self.ends[token - 1] if token else 0 : self.ends[token]]

    @cached_property
    def _lower(self) -> bytes:
        return self.data.lower()

    @cached_property
    def places(self) -> Indices:
        """The place of each token in the order of their bytes."""
        starts = np.concatenate(([0], self.ends[:-1]))
        lengths = self.ends - starts
        padded = np.frombuffer(self.data + bytes(CUT_CHARACTERS), np.uint8)
        letters = np.zeros((len(starts), CUT_CHARACTERS), np.uint8)
        for place in range(CUT_CHARACTERS):
            letters[:, place] = np.where(place < lengths, padded[starts + place], 0)
        words = letters.view(">u8").astype(np.uint64)
        order = np.lexsort((np.arange(len(starts)), lengths, *words.T[::-1]))
        places = np.empty(len(order), np.int64)
        places[order] = np.arange(len(order))
        return places

    def with_text(self, text: str) -> "np.ndarray[tuple[int], np.dtype[np.bool_]]":
        """Which tokens have this text in them; small and capital letters a to z are the same."""
        wanted, data = text.encode("utf-8", "surrogatepass").lower(), self._lower
        found = list[int]()
        at = data.find(wanted)
        while at >= 0:
            found.append(at)
            at = data.find(wanted, at + 1)
        starts = np.array(found, np.int64)
        first = np.searchsorted(self.ends, starts, side="right")
        last = np.searchsorted(self.ends, starts + len(wanted) - 1, side="right")
        chosen = np.zeros(len(self.ends), np.bool_)
        chosen[first[first == last]] = True
        return chosen


@dataclass(frozen=True)
class Listing:
    """One distribution: ids with the most likely (raw) first; raw and final, in nats, -inf where cut; cut: as in
    readings.Alternatives; entropy: bits."""

    texts: Texts
    ids: Indices
    raw: Numbers
    final: Numbers
    cut: "np.ndarray[tuple[int], np.dtype[np.uint8]]"
    entropy: float = math.nan
    _sorted: dict[Column, Indices] = field(default_factory=dict[Column, Indices], repr=False)

    @cached_property
    def ranks(self) -> Indices:
        """Of each row: 1 for the most likely; tokens of equal probability share the best."""
        rows = np.arange(len(self.raw))
        begins = np.concatenate(([True], self.raw[1:] != self.raw[:-1]))
        return np.maximum.accumulate(np.where(begins, rows, 0)) + 1

    def rows(self, column: Column, falling: bool, text: str = "", kept: Kept = Kept.ALL) -> Indices:
        """The rows to list, in order. Equal ones come most likely first, in both directions."""
        order = self._order(column, falling)
        chosen = np.ones(len(order), np.bool_)
        if text:
            chosen &= self.texts.with_text(text)[self.ids]
        if kept is not Kept.ALL:
            chosen &= (self.cut == 0) == (kept is Kept.LEFT)
        return order if chosen.all() else order[chosen[order]]

    def _order(self, column: Column, falling: bool) -> Indices:
        if column in (Column.RAW, Column.RANK):  # the order of the arrays
            rising = np.arange(len(self.ids))
            first_likely = falling == (column is Column.RAW)
            return rising if first_likely else rising[::-1]
        return np.argsort(-self._keys(column) if falling else self._keys(column), kind="stable")

    def _keys(self, column: Column) -> Indices:
        if column is Column.TOKEN:
            return self.texts.places[self.ids]
        if column is Column.FINAL:
            bits = self.final.view(np.int32)  # order as the numbers: integers are sorted by radix
            return np.where(bits < 0, ~bits | np.int32(-(2**31)), bits).astype(np.int64)
        return (self.ids if column is Column.ID else self.cut).astype(np.int64)


def as_csv(listing: Listing, rows: Iterable[int]) -> str:
    """These rows as CSV (RFC 4180), with a head; probabilities from 0 to 1. In tokens, control characters, bytes that
    are no UTF-8 and backslashes are escapes: \\n, \\x00, \\xe2, \\\\."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(HEAD)
    for row in rows:
        cut = int(listing.cut[row])
        final = "" if cut else f"{math.exp(listing.final[row]):.9g}"
        token = int(listing.ids[row])
        writer.writerow(
            (
                escaped(listing.texts.of(token)),
                token,
                f"{math.exp(listing.raw[row]):.9g}",
                final,
                int(listing.ranks[row]),
                stage_name(cut),
            )
        )
    return out.getvalue()


def escaped(token: bytes) -> str:
    """The token as printable text that can be turned back into its bytes."""
    text = token.replace(b"\\", b"\\\\").decode("utf-8", "backslashreplace")
    return "".join(one if one.isprintable() else one.encode("unicode_escape").decode("ascii") for one in text)
