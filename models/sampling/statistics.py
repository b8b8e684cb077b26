"""Numbers over the whole vocabulary: how likely each token is, how uncertain the model, which tokens come first.

Every pass is one vectorised sweep over at most 262,144 float32 numbers, in place where it can be; docs/coin.md tells
what each costs. Knows nothing of samplers and draws (chain.py).
"""

import math
from array import array
from collections.abc import Sequence

import numpy as np

from models.errors import ModelError
from models.sampling.coin import Indices, Weights
from models.sampling.readings import Alternatives, Reading
from models.sampling.stages import Logits, SampledModel
from resources.language import tr

FRONT = 64  # the most likely tokens found at once: more than coin.HEAD, since the control mask may hide some
# The vocabulary as a table of so many rows: the best of each column bounds the best of all from below.
_ROWS = 64
_BROKEN = tr("The model's output holds no usable numbers (NaN or infinity): its file is damaged or its device fails.")


def most_likely(logits: Logits, count: int) -> Indices:
    """Indices of the `count` highest (all, where there are fewer), highest first, ties by index. Raises ModelError on
    NaN.
    """
    found = _contenders(logits, count)
    values = logits[found]
    if len(found) > count:
        least = np.partition(values, len(values) - count)[len(values) - count]
        above, level = found[values > least], found[values == least]
        found = np.concatenate((above, np.sort(level)[: count - len(above)]))
        values = logits[found]
    return found[np.lexsort((found, -values))]


def _contenders(logits: Logits, count: int) -> Indices:
    """Indices of everything that may be among the `count` highest: few, unless many are equal."""
    columns = len(logits) // _ROWS
    table, rest = logits[: columns * _ROWS].reshape(_ROWS, columns), logits[columns * _ROWS :]
    best = table.max(axis=0) if columns else rest
    if np.isnan(best.max()) or np.isnan(rest).any():
        raise ModelError(_BROKEN)
    if count > columns:
        return np.arange(len(logits))
    floor = np.partition(best, columns - count)[
        columns - count
    ]  # `count` columns reach it, so at least `count` entries do
    promising = np.flatnonzero(best >= floor)
    row, column = np.nonzero(table[:, promising] >= floor)
    behind = columns * _ROWS + np.flatnonzero(rest >= floor)
    return np.concatenate((row * columns + promising[column], behind))


class Distribution:
    """What the model believes: one vector of logits, copied and made comparable.

    shifted: float32[vocabulary], logits minus the highest one. front: ids of the FRONT most likely tokens, most likely
    first.
    """

    def __init__(self, logits: Logits) -> None:
        self.front = most_likely(logits, FRONT)
        peak = logits[self.front[0]]
        if not np.isfinite(peak):
            raise ModelError(_BROKEN)
        self.shifted: Weights = logits - peak
        self._weighed: tuple[Weights, float] | None = None

    def weigh(self) -> tuple[Weights, float]:
        """exp(shifted) and its sum, worked out once."""
        if self._weighed is None:
            self._weighed = weigh(self.shifted)
        return self._weighed

    def rank(self, token: int) -> int:
        """1 = most likely; tokens exactly as likely do not push it back."""
        return int(np.count_nonzero(self.shifted > self.shifted[token])) + 1

    def top(self, count: int, token: int) -> Indices:
        """Ids of the `count` most likely tokens, most likely first; if `token` (-1: none) ranks behind them it takes
        the last place.
        """
        wanted = min(max(count, 1 if token >= 0 else 0), len(self.shifted))
        ids = self.front[:wanted] if wanted <= len(self.front) else most_likely(self.shifted, wanted)
        if token < 0 or token in ids:
            return ids
        return np.append(ids[:-1], token)


def weigh(shifted: Weights) -> tuple[Weights, float]:
    """exp(shifted), where shifted is at most 0, and its sum."""
    weights = np.exp(shifted)
    return weights, float(weights.sum())  # numpy adds pairwise: as exact as float32 terms are


def entropy(shifted: Weights, weights: Weights, total: float) -> float:
    """Bits, of the distribution weights / total, where weights = exp(shifted). At least 0."""
    with np.errstate(invalid="ignore"):
        mean = float(np.dot(weights, shifted))
    if math.isnan(mean):  # 0 * -inf where the model excludes tokens altogether
        mean = float(np.dot(weights, np.maximum(shifted, np.float32(-1e30))))
    return max(0.0, (math.log(total) - mean / total) / math.log(2))


def alternatives(
    model: SampledModel, ids: Indices, raw: Sequence[float], final: Sequence[float], cut: bytes
) -> Alternatives:
    """Those tokens, with their bytes."""
    texts = tuple(model.token_bytes(int(token)) for token in ids)
    return Alternatives(array("i", ids.tolist()), array("f", raw), array("f", final), cut, texts)


def read(logits: Logits, token: int, top: int, model: SampledModel) -> Reading:
    """The reading of a token that stands on the page already: nothing was drawn, no chain is known, so final is raw and
    nothing is cut.
    """
    belief = Distribution(logits)
    weights, total = belief.weigh()
    log_total = math.log(total)
    ids = belief.top(top, token)
    raw = (belief.shifted[ids] - log_total).tolist()
    log_probability = float(belief.shifted[token]) - log_total
    return Reading(
        token=token,
        bytes=model.token_bytes(token),
        raw=log_probability,
        rank=belief.rank(token),
        entropy=entropy(belief.shifted, weights, total),
        final=log_probability,
        draw=math.nan,
        low=math.nan,
        high=math.nan,
        alternatives=alternatives(model, ids, raw, raw, bytes(len(ids))),
    )
