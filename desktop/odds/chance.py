"""How far counts of flips lie from their probabilities, and how far chance alone takes them. No Qt."""

import math
from collections.abc import Iterator, Sequence
from functools import lru_cache

LEVEL = 0.05  # of fair coins lie further away than `allowed` says


def largest(counts: Sequence[int], shares: Sequence[float], flips: int) -> float:
    """The largest |count / flips - share| of all rows, 0 to 1. counts, shares: of each row, at least one."""
    return max(abs(count / flips - share) for count, share in zip(counts, shares, strict=True))


@lru_cache(maxsize=16)  # it is asked for whenever the panel is shown anew
def allowed(shares: tuple[float, ...], flips: int, level: float = LEVEL) -> float:
    """The least b such that the largest deviation of a fair coin is above b with a probability of at most `level`.

    Each row's count is binomial(flips, share). Boole's inequality bounds the probability that any row is above b by the
    sum of the rows' exact probabilities, however the counts depend on each other. shares: of the rows, 0 to 1.
    """
    deviations = sorted((one for share in shares for one in _deviations(share, flips)), reverse=True)
    above = 0.0
    for deviation, probability in deviations:
        above += probability
        if above > level:
            return deviation
    return 0.0


def _deviations(share: float, flips: int) -> Iterator[tuple[float, float]]:
    """|count / flips - share| and the probability of each count that can be expected: those left out have a probability
    below 1e-12 together."""
    share = min(max(share, 0.0), 1.0)
    if share in (0.0, 1.0):
        return
    mean, reach = flips * share, 12 * math.sqrt(flips * share * (1 - share)) + 12
    for count in range(max(0, math.floor(mean - reach)), min(flips, math.ceil(mean + reach)) + 1):
        yield abs(count / flips - share), math.exp(_log_binomial(count, flips, share))


def _log_binomial(count: int, flips: int, share: float) -> float:
    """ln of binomial(flips, count) * share^count * (1 - share)^(flips - count)."""
    ways = math.lgamma(flips + 1) - math.lgamma(count + 1) - math.lgamma(flips - count + 1)
    return ways + count * math.log(share) + (flips - count) * math.log1p(-share)
