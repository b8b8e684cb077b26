"""The token table: a structured numpy array with one row a token.

The tokens of one run (the shortest run whose bytes are whole characters) stand in neighbouring rows that share start
and length. This file says what a row holds; chunk.py stores the rows.
"""

from typing import Any, TypeAlias

import numpy as np

TokenRows: TypeAlias = np.ndarray[Any, np.dtype[np.void]]
Flags: TypeAlias = np.ndarray[Any, np.dtype[np.bool_]]

# The kinds of rows. Only ever append: files hold these numbers.
READ = 0  # the writer's own text, scored by a model
GENERATED = 1  # a token that was drawn
UNREAD = 2  # text that a model wrote but that is no whole token (a stop string cut it): no id, no reading

# What gate and learned hold in the place of NaN: few tokens have any, and rows without are still equal to themselves.
NOTHING = np.inf

# Columns without a comment are fields of readings.Reading or of its effect, under the same name; "id" is its token.
ROW = np.dtype(
    [
        ("bound", "<u8"),  # hash of the page before the run, as the model read it
        ("draw", "<f8"),
        ("low", "<f8"),
        ("high", "<f8"),
        ("gate", "<f8"),  # or NOTHING
        ("learned", "<f8"),  # or NOTHING
        ("start", "<i4"),  # first unit of the run
        ("length", "<i4"),  # units of the run
        ("id", "<i4"),
        ("raw", "<f4"),
        ("rank", "<i4"),
        ("entropy", "<f4"),
        ("final", "<f4"),
        ("left", "<i4"),  # of the reading's effect; 0 where it has none
        ("held", "<f4"),
        ("divergence", "<f4"),
        ("source", "<i4"),  # index into the page's sources
        ("row", "<i4"),  # index into the table of alternatives, -1 where there are none
        ("part", "<u2"),  # this token's place in its run, 0 first
        ("parts", "<u2"),  # tokens of the run
        ("kind", "u1"),
    ],
    align=True,
)

NONE: TokenRows = np.zeros(0, ROW)


def ends(rows: TokenRows) -> np.ndarray[Any, np.dtype[np.int32]]:
    """Where each row's run ends."""
    return rows["start"] + rows["length"]


def stale_rows(rows: TokenRows, bounds: np.ndarray[Any, np.dtype[np.uint64]]) -> Flags:
    """For each row: whether the page before its run, whose hash is in bounds, differs from what the model read."""
    return (rows["bound"] != bounds) & (rows["kind"] != UNREAD)


def moved(rows: TokenRows, units: int) -> TokenRows:
    """A copy of the rows, shifted by that many units."""
    copy = rows.copy()
    copy["start"] += units
    return copy


def joined(tables: list[TokenRows]) -> TokenRows:
    """The tables, one behind the other, as one table."""
    if not tables:
        return NONE
    return tables[0] if len(tables) == 1 else np.concatenate(tables)


def are_whole(rows: TokenRows, low: int, high: int) -> bool:
    """Whether these can be the rows of units [low, high): in order, runs that do not overlap, the tokens of each run
    together. A damaged file may hold any numbers."""
    if not len(rows):
        return True
    starts, part = rows["start"].astype(np.int64), rows["part"].astype(np.int64)
    lasts, first, last = starts + rows["length"], part == 0, part + 1 == rows["parts"]
    same = (starts[1:] == starts[:-1]) & (lasts[1:] == lasts[:-1]) & (rows["parts"][1:] == rows["parts"][:-1])
    apart = first[1:] & last[:-1] & (starts[1:] >= lasts[:-1])
    together = same & ~last[:-1] & (part[1:] == part[:-1] + 1)
    inside = low <= starts[0] and lasts[-1] <= high and bool(first[0] and last[-1])
    return inside and bool((rows["length"] >= 0).all() and (apart | together).all())


def any_generated(rows: TokenRows) -> bool:
    """Whether a token that was drawn is among the rows."""
    return bool((rows["kind"] == GENERATED).any())
