"""Flipping the coin of one place many times, which writes nothing: the coin with the odds that were recorded there, and
what came of the flips."""

from dataclasses import dataclass

import numpy as np

from models.sampling.coin import HEAD, Ids, Numbers, Strip
from models.sampling.mask import Hidden
from models.sampling.pending_reading import ChainResult, PendingReading
from models.sampling.statistics import most_likely

ROUNDING = 5e-6  # the largest error of a sum of ten 32-bit probabilities


@dataclass(frozen=True, slots=True)
class RecordedOdds:
    """Probabilities after the chain that were recorded at a place. ids: int32[tokens]; shares: float64[tokens], their
    sum is at most 1, but for rounding. struck: whether XTC applied to them.
    """

    ids: Ids
    shares: Numbers
    struck: bool = False

    def coin(self, result: ChainResult, hidden: Hidden) -> ChainResult:
        """The coin with these odds. All other tokens share the rest as the result of the chain, computed again, says: a
        model gives slightly other odds where it reads the same text in other batches. hidden: bool[vocabulary], the
        tokens that the result does not have.
        """
        weights, strip = np.zeros(len(hidden), np.float32), result.strip
        weights[slice(None) if strip.ids is None else strip.ids] = strip.weights
        weights[hidden] = 0
        weights[self.ids] = 0
        others, rest = float(weights.sum(dtype=np.float64)), 1.0 - float(self.shares.sum())
        weights *= np.float32(rest / others if others > 0 and rest > ROUNDING else 0.0)
        weights[self.ids] = self.shares
        ids = np.flatnonzero(weights).astype(np.int32)  # hidden ones, too, that have recorded odds
        weights = weights[ids]
        strip = Strip(weights, float(weights.sum()), most_likely(weights, HEAD), ids)
        return ChainResult(strip, np.log(weights))


@dataclass(frozen=True, slots=True)
class ExtraFlips:
    """tokens: of each flip, int32[flips]. struck: in how many of them XTC applied. last: the last flip. coins: those
    that were flipped, each with the probability that a flip takes it; hidden: the tokens that none of them has.
    """

    tokens: Ids
    struck: int
    last: PendingReading
    coins: tuple[tuple[float, ChainResult], ...]
    hidden: Hidden

    def counts(self) -> tuple[Ids, Ids]:
        """The tokens that came up, the most frequent first (ties by id), and how often each did."""
        ids, counts = np.unique(self.tokens, return_counts=True)
        order = np.lexsort((ids, -counts))
        return ids[order], counts[order].astype(np.int32)

    def shares(self, ids: Ids) -> Numbers:
        """The probability of each of these tokens in one flip, float64[ids]."""
        places = ids.astype(np.intp)
        logarithms = [(share, coin.log_probabilities(places, self.hidden)) for share, coin in self.coins]
        return np.sum([share * np.exp(found.astype(np.float64)) for share, found in logarithms], axis=0)
