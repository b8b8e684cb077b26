"""Adaptive-p (llama.cpp's pull request 17927), as llama.cpp computes it, but with our own draw.

It favours tokens whose probability is near a target, and moves the target so that the average probability of the tokens
it drew comes to it. Nothing is cut.
"""

import math

import numpy as np

from models.sampling.coin import Ids, Weights
from models.sampling.knobs import Sampling

_WIDTH, _PEAK, _SHARPNESS = 0.3, 5.0, 10.0  # llama.cpp's constants of the transformation


class AdaptiveP:
    """Adaptive-p with its state: the decaying sum of the probabilities of the tokens drawn, and that of their
    weights. mean: the mean probability of the tokens drawn before; None at the beginning.
    """

    def __init__(self, sampling: Sampling, mean: float | None = None) -> None:
        self._target, self._decay = sampling.adaptive_target, sampling.adaptive_decay
        total = 1 / (1 - self._decay)  # as if tokens at the target had been drawn for ever
        self._beginning = self._target * total, total
        self.state = self._beginning if mean is None else (mean * total, total)
        self._ids: Ids = np.zeros(0, np.int32)
        self._shares: Weights = np.zeros(0, np.float32)

    @property
    def mean(self) -> float:
        """The mean probability of the tokens drawn, of which an older one weighs less."""
        drawn, total = self.state
        return drawn / total

    @property
    def learned(self) -> float:
        """The same; NaN at the beginning."""
        return math.nan if self.state == self._beginning else self.mean

    @property
    def target(self) -> float:
        """The probability that is favoured at the next token."""
        return min(max(2 * self._target - self.mean, 0.0), 1.0)

    def transformed(self, ids: Ids, scores: Weights) -> Weights:
        """The logits after it, highest for the token whose probability is nearest to the target. scores: the logits of
        the candidates before it; ids: theirs, ascending.
        """
        weights = np.exp(scores - scores.max())
        self._ids, self._shares = ids, weights / weights.sum()
        distance = np.abs(self._shares - np.float32(self.target)) / np.float32(_WIDTH)
        changed = _PEAK - _SHARPNESS * distance * distance / (1 + distance)
        return np.where(np.isfinite(scores), changed, -np.inf).astype(np.float32)

    def learn(self, token: int) -> None:
        """Adapt the target after a draw: by the probability that the token had before the transformation. A token that
        was no candidate teaches nothing.
        """
        place = int(np.searchsorted(self._ids, token))
        if place < len(self._ids) and self._ids[place] == token:
            drawn, total = self.state
            self.state = float(self._shares[place]) + self._decay * drawn, 1 + self._decay * total
