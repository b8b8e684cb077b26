"""Mirostat 1 and 2 (Basu et al., arXiv:2007.14966), as llama.cpp computes them, but with our own draw.

Mirostat cuts candidates so that the surprise of the text stays near a target, and adapts to the surprise of each token
drawn.
"""

import math

import numpy as np

from models.sampling.coin import Indices, Weights
from models.sampling.knobs import Sampling
from models.sampling.statistics import most_likely

_SHAPE_FROM = 100  # most likely tokens from which version 1 estimates the Zipf exponent, as llama.cpp's tools do


class Mirostat:
    """The state of mirostat. mu: the most surprise, in bits, allowed at the next token; None at the beginning."""

    def __init__(self, sampling: Sampling, vocabulary: int, mu: float | None = None) -> None:
        self.version = sampling.mirostat
        self.target = sampling.mirostat_tau
        self.rate = sampling.mirostat_eta
        self.vocabulary = vocabulary
        self.mu = 2 * sampling.mirostat_tau if mu is None else mu

    @property
    def learned(self) -> float:
        """mu; NaN where it is that of the beginning."""
        return math.nan if self.mu == 2 * self.target else self.mu

    def survivors(self, weights: Weights, total: float) -> Indices:
        """Indices, ascending, of the candidates that mirostat leaves; at least the heaviest. total: sum of weights."""
        if self.version == 1:
            left = np.sort(most_likely(weights, self._width(weights)))
        else:
            left = np.flatnonzero(weights >= total * 2.0**-self.mu)
        return left if len(left) else np.array([int(weights.argmax())])

    def learn(self, probability: float) -> None:
        """Adapt mu after a draw. probability: of the drawn candidate, among the survivors."""
        self.mu -= self.rate * (-math.log2(probability) - self.target)

    def _width(self, weights: Weights) -> int:
        """How many tokens version 1 leaves: equation 30 of the paper, from the exponent of its appendix."""
        best = np.partition(weights, -min(_SHAPE_FROM, len(weights)))[-_SHAPE_FROM:]
        best = np.sort(best[best > 0].astype(np.float64))[::-1]
        if len(best) < 2:
            return 1
        t = np.log(np.arange(2, len(best) + 1) / np.arange(1, len(best)))
        b = np.log(best[:-1] / best[1:])
        return _width_for(float((t * b).sum() / (t * t).sum()), self.mu, self.vocabulary, len(weights))


def _width_for(exponent: float, mu: float, vocabulary: int, most: int) -> int:
    """k = (epsilon * 2^mu / (1 - N^-epsilon))^(1/s) with epsilon = s - 1, clamped to 1 <= k <= most; also where the
    formula has no value.
    """
    epsilon = exponent - 1
    if exponent <= 0:  # all weights are equal
        return most
    if abs(epsilon) < 1e-9:
        ratio = 2.0**mu / math.log(vocabulary)  # its limit
    else:
        ratio = epsilon * 2.0**mu / (1 - vocabulary**-epsilon)
    logarithm = math.log(ratio) / exponent
    return most if logarithm > math.log(most) else max(1, int(math.exp(logarithm)))
