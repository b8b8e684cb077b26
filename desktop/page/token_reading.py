"""A reading with its place on the page, and the conversion between readings and rows of the token table.

The only file that knows which columns hold a reading; readings.Reading says what each number means.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from desktop.page.alternatives import AlternativesTable, known_id
from desktop.page.sources import Source, Sources
from desktop.page.token_table import NOTHING, ROW, TokenRows
from models.sampling.readings import ChainEffect, Reading

# Fields of a reading that are columns of the table under the same name. `token` is the column "id", or the number that
# stands for its bytes where its id is not known (AlternativesTable.stored_id); `bytes` and
# `alternatives` are in the table of alternatives, at "id" and "row"; a field without a column is not stored.
STATE = ("gate", "learned")
EFFECT = tuple(field.name for field in fields(ChainEffect))
_NO_EFFECT = ChainEffect(0, 0.0, 0.0)
COLUMNS = tuple(field.name for field in fields(Reading) if field.name in (ROW.names or ()))


@dataclass(frozen=True, slots=True)
class TokenReading:
    """The reading of one token on the page. start and length (UTF-16 units) and text are those of its run: the
    characters that the token spells, alone or as number `part` (0 first) of `parts` tokens. stale: the page before the
    token is not what the model read."""

    reading: Reading
    source: Source
    stale: bool
    start: int
    length: int
    text: str
    part: int = 0
    parts: int = 1


def store(
    readings: Sequence[Reading],
    rows: TokenRows,
    places: "np.ndarray[tuple[int], np.dtype[np.bool_]]",
    alternatives: AlternativesTable,
    fingerprint: str,
) -> None:
    """Write the readings into those rows, and their alternatives into the table. places: which rows; as many as
    readings."""
    rows["row"][places] = alternatives.add(readings, fingerprint)
    rows["id"][places] = [alternatives.stored_id(one.token, one.bytes, fingerprint) for one in readings]
    for name in COLUMNS:
        rows[name][places] = [getattr(reading, name) for reading in readings]
    for name in STATE:
        rows[name][np.isnan(rows[name])] = NOTHING
    for name in EFFECT:
        rows[name][places] = [getattr(reading.effect or _NO_EFFECT, name) for reading in readings]


def readings_of(rows: TokenRows, sources: Sources, alternatives: AlternativesTable) -> Iterator[Reading]:
    """The reading in each row, one by one. Takes whole columns as Python numbers: a third of the time of numpy's
    scalars."""
    places = zip(rows["id"].tolist(), rows["row"].tolist(), rows["source"].tolist(), strict=True)
    values = zip(*(_values(rows, name) for name in COLUMNS), strict=True)
    effects = zip(*(rows[name].tolist() for name in EFFECT), strict=True)
    for (token, row, source), columns, effect in zip(places, values, effects, strict=True):
        fingerprint = sources[source].fingerprint
        yield Reading(
            token=known_id(token),
            bytes=alternatives.bytes_of(token, fingerprint),
            alternatives=alternatives.at(row, fingerprint),
            effect=ChainEffect(*effect) if effect[0] else None,
            **dict(zip(COLUMNS, columns, strict=True)),
        )


def _values(rows: TokenRows, name: str) -> list[Any]:
    """The numbers of a column, as a reading has them."""
    values = rows[name].tolist()
    return [math.nan if value == NOTHING else value for value in values] if name in STATE else values
