"""The result of flipping the coin of one place many times, which writes nothing."""

from dataclasses import dataclass

import numpy as np

from models.sampling.coin import Ids, Numbers
from models.sampling.pending_reading import ChainResult, Mask, PendingReading


@dataclass(frozen=True, slots=True)
class ExtraFlips:
    """tokens: of each flip, int32[flips]. struck: in how many of them XTC applied. last: the last flip. coins: the
    chain's results that were flipped, each with the probability that a flip takes it; hidden: the tokens that none of
    them has.
    """

    tokens: Ids
    struck: int
    last: PendingReading
    coins: tuple[tuple[float, ChainResult], ...]
    hidden: Mask

    def counts(self) -> tuple[Ids, Ids]:
        """The tokens that came up, the most frequent first (ties by id), and how often each did."""
        ids, counts = np.unique(self.tokens, return_counts=True)
        order = np.lexsort((ids, -counts))
        return ids[order], counts[order].astype(np.int32)

    def shares(self, ids: Ids) -> Numbers:
        """The probability of each of these tokens in one flip, float64[ids]."""
        places = ids.astype(np.intp)
        return np.sum(
            [
                share * np.exp(coin.log_probabilities(places, self.hidden).astype(np.float64))
                for share, coin in self.coins
            ],
            axis=0,
        )
