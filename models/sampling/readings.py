"""A reading: what a model said about one token, and which token the coin chose."""

from __future__ import annotations  # array[int] can be written in an annotation, not evaluated, before Python 3.12

import math
from array import array
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Alternatives:
    """The most likely tokens at one position, most likely (raw) first; the chosen token is always among them (last, if
    it ranks behind).

    ids: 'i'. raw: 'f', natural log-probability of the softmax of the logits. final: 'f', natural log-probability after
    the sampler chain, -inf where cut. cut: one byte each, 0 where kept, else 1 + the index in knobs.STAGES of the
    stage that cut it. texts: the bytes of each token.
    """

    ids: array[int]
    raw: array[float]
    final: array[float]
    cut: bytes
    texts: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Reading:
    """What the model said about one token, and how its coin fell.

    token: its id, or -1 for a distribution that nothing was drawn from. raw: log-probability in nats (softmax of the
    logits at temperature 1, no sampler). rank: 1 = most likely in the whole vocabulary. entropy: bits, of the raw
    distribution. final: log-probability in nats after the chain (-inf where the chain would have cut it). draw: the
    number in [0, 1) that was drawn, NaN where none was; [low, high): the interval of the chosen token, in the order in
    which the coin lays out its candidates, NaN where nothing was drawn. gate: the second number, that decides whether
    XTC strikes, NaN where the chain has no XTC.
    """

    token: int
    bytes: bytes
    raw: float
    rank: int
    entropy: float
    final: float
    draw: float
    low: float
    high: float
    alternatives: Alternatives
    gate: float = math.nan
