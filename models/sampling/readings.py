"""A reading: what a model said about one token, and which token was drawn.

The one place that says what each field means. The page's table (desktop/page/token_table.py), the odds panel, the
exports and the terminal take the fields from here.
"""

from __future__ import annotations  # array[int] can be written in an annotation, not evaluated, before Python 3.12

import math
from array import array
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Alternatives:
    """The most likely tokens at one position, most likely (raw) first; the chosen token is always among them (last, if
    its rank is lower). All fields have the same length."""

    ids: array[int]  # type code "i"
    raw: array[float]  # type code "f"; nats, log-softmax of the logits
    final: array[float]  # type code "f"; nats, after the sampler chain; -inf where cut
    cut: bytes  # one byte a token: 0 where no stage cut it, else 1 + the index in knobs.STAGES of the stage that did
    texts: tuple[bytes, ...]  # the bytes of each token


@dataclass(frozen=True, slots=True)
class Reading:
    """What a model said about one token, and the draw that chose it."""

    token: int  # id in the vocabulary; -1 for a distribution that nothing was drawn from
    bytes: bytes  # of the token; empty where token is -1
    raw: float  # nats, log-softmax of the logits at temperature 1, before any sampler; NaN where token is -1
    rank: int  # by raw, in the whole vocabulary: 1 is the most likely; 0 where token is -1
    entropy: float  # bits, of the raw distribution
    final: float  # nats, after the sampler chain; -inf where the chain cut the token (or would have)
    draw: float  # the number in [0, 1) that was drawn; NaN where none was
    low: float  # the chosen token's interval is [low, high), in the order of the candidates on the coin's strip;
    high: float  # both NaN where nothing was drawn
    alternatives: Alternatives
    gate: float = math.nan  # the second draw, which decides whether XTC applies; NaN where the chain has no XTC
