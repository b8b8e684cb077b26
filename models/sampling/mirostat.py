"""Mirostat 1 and 2 (Basu et al., arXiv:2007.14966), as llama.cpp computes them, but with our own draw.

It cuts the strip so that the surprise of the text stays near a target, and learns from the surprise of what was drawn.
Knows nothing of logits or of how the coin falls.
"""

import math

import numpy as np

from models.sampling.coin import Indices, Weights
from models.sampling.knobs import Sampling
from models.sampling.statistics import most_likely

_SHAPE_FROM = (
    100  # version 1 estimates the Zipf exponent from so many of the most likely tokens, as llama.cpp's tools do
)


class Mirostat:
    """mu: the surprise, in bits, that it allows at the next token."""

    def __init__(self, sampling: Sampling, vocabulary: int) -> None:
        self.version = sampling.mirostat
        self.target = sampling.mirostat_tau
        self.rate = sampling.mirostat_eta
        self.vocabulary = vocabulary
        self.mu = 2 * sampling.mirostat_tau

    def survivors(self, weights: Weights, total: float) -> Indices:
        """Indices, ascending, of the candidates that stay; at least the heaviest."""
        if self.version == 1:
            kept = np.sort(most_likely(weights, self._width(weights)))
        else:
            kept = np.flatnonzero(weights >= total * 2.0**-self.mu)
        return kept if len(kept) else np.array([int(weights.argmax())])

    def learn(self, probability: float) -> None:
        """A candidate of that probability (among the survivors) was drawn."""
        self.mu -= self.rate * (-math.log2(probability) - self.target)

    def _width(self, weights: Weights) -> int:
        """How many tokens version 1 keeps: equation 30 of the paper, from the exponent of its appendix."""
        best = np.partition(weights, -min(_SHAPE_FROM, len(weights)))[-_SHAPE_FROM:]
        best = np.sort(best[best > 0].astype(np.float64))[::-1]
        if len(best) < 2:
            return 1
        t = np.log(np.arange(2, len(best) + 1) / np.arange(1, len(best)))
        b = np.log(best[:-1] / best[1:])
        return _width_for(float((t * b).sum() / (t * t).sum()), self.mu, self.vocabulary, len(weights))


def _width_for(exponent: float, mu: float, vocabulary: int, most: int) -> int:
    """k = (epsilon * 2^mu / (1 - N^-epsilon))^(1/s), epsilon = s - 1; 1 <= k <= most, also where the formula has no
    value.
    """
    epsilon = exponent - 1
    if exponent <= 0:  # all alike: nothing tells them apart
        return most
    if abs(epsilon) < 1e-9:
        ratio = 2.0**mu / math.log(vocabulary)  # its limit
    else:
        ratio = epsilon * 2.0**mu / (1 - vocabulary**-epsilon)
    logarithm = math.log(ratio) / exponent
    return most if logarithm > math.log(most) else max(1, int(math.exp(logarithm)))
