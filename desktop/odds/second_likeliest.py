"""The tokens that are likeliest to a second model and missing in the rows of the first: as rows, and as readings of
what the first says of them. Both models have the same tokens. No Qt."""

import math
from array import array
from collections.abc import Callable, Sequence

import numpy as np

from desktop.odds import words
from desktop.odds.beside import tokens_of
from desktop.odds.rows import OddsRow
from desktop.odds.visible import visible
from models.sampling.divergence import LogProbabilities
from models.sampling.readings import Alternatives, Reading

MOST = 5  # rows
AMONG = 10  # tokens that are likeliest to the second model


def likeliest(
    shown: Reading, first: LogProbabilities, second: LogProbabilities, bytes_of: Callable[[int], bytes]
) -> tuple[Reading, ...]:
    """Readings of those tokens by the first model, the likeliest to the second one first; nothing was drawn. shown:
    what the first's rows are of. first, second: by id, in nats. bytes_of: of a token."""
    listed = {token for token, _ in tokens_of(shown)}
    count = min(AMONG, len(second))
    top = np.argpartition(-second, count - 1)[:count]
    top = top[np.argsort(-second[top], kind="stable")].tolist()
    missing = [token for token in top if token not in listed and bytes_of(token)]
    return tuple(_reading(shown, first, token, bytes_of(token)) for token in missing[:MOST])


def _reading(shown: Reading, first: LogProbabilities, token: int, spelt: bytes) -> Reading:
    """What the first model says of a token; what its samplers make of it is not known."""
    found, nan, raw = shown.alternatives, math.nan, float(first[token])
    most = max(len(found.ids) - 1, 0)
    listed = Alternatives(
        found.ids[:most] + array("i", [token]),
        found.raw[:most] + array("f", [raw]),
        found.final[:most] + array("f", [nan]),
        found.cut[:most] + b"\0",
        (*found.texts[:most], spelt),
    )
    rank = int(np.count_nonzero(first > raw)) + 1
    return Reading(token, spelt, raw, rank, shown.entropy, nan, nan, nan, nan, listed)


def rows_of(readings: Sequence[Reading]) -> tuple[OddsRow, ...]:
    """Their rows."""
    return tuple(map(_row, readings))


def _row(one: Reading) -> OddsRow:
    share = words.probability(one.raw)
    return OddsRow(
        id=one.token,
        token=visible(one.bytes),
        raw=words.percent(share),
        final=words.NOT_KNOWN,
        raw_share=share,
        final_share=0.0,
        second=True,
    )
