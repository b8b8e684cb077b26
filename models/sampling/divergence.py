"""How far two models' distributions over the same tokens lie apart."""

from array import array
from typing import Any, TypeAlias

import numpy as np

LogProbabilities: TypeAlias = np.ndarray[tuple[int], np.dtype[np.float64]]


def by_id(ids: "array[int]", raw: "array[float]") -> LogProbabilities:
    """The log-probabilities of events.Distributed, in nats, in the order of the ids. ids: each from 0 on, once."""
    ordered: LogProbabilities = np.empty(len(ids), np.float64)
    ordered[np.frombuffer(ids, np.int32)] = np.frombuffer(raw, np.float32)
    return ordered


def kl_bits(first: LogProbabilities, second: LogProbabilities) -> float:
    """The Kullback-Leibler divergence D(first ‖ second) in bits: the sum over all tokens of p · log2(p / q), with p · 0
    for p = 0 (Kullback and Leibler, On Information and Sufficiency, 1951; Cover and Thomas, Elements of Information
    Theory, equation 2.26). It is what a text that the first model writes costs the second more than the first, in bits
    a token.

    first, second: log-probabilities in nats of the same tokens, -inf for 0. Infinite where the second gives none to a
    token that the first may write; NaN where a number is NaN. Never below 0: rounding may bring a sum near 0 there.
    """
    may: Any = ~(first == -np.inf)  # NaN stays
    if np.any(may & (second == -np.inf)):
        return float("nan") if np.isnan(first).any() or np.isnan(second).any() else float("inf")
    share: Any = np.exp(first[may]) * (first[may] - second[may])
    return float(np.maximum(share.sum() / np.log(2), 0.0))
