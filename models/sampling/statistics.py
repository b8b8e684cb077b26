"""Statistics over the whole vocabulary: log-probabilities, rank, entropy and the most likely tokens.

The passes are loops in C where they were compiled (passes.py). Else each is one vectorised sweep of numpy over at most
262,144 float32 numbers, in place where possible. docs/coin.md has the cost of each.
"""

import math
from array import array
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from models.errors import BrokenNumbersError
from models.sampling import passes
from models.sampling.coin import Indices, Weights
from models.sampling.readings import Alternatives, Reading
from models.sampling.stages import Logits, SampledModel
from resources.language import tr

FRONT = 64  # most likely tokens found at once: more than coin.HEAD, since the control mask may hide some
_TABLE_ROWS = 64  # the logits are read as a table of this many rows: the column maxima bound the highest from below
_BROKEN = tr("The model's output holds no usable numbers (NaN or infinity): its file is damaged or its device fails.")


def most_likely(logits: Logits, count: int) -> Indices:
    """Indices of the `count` highest values (of all, if there are fewer), highest first, ties by index. Raises
    BrokenNumbersError on NaN.
    """
    fast = passes.compiled()
    if fast is not None and 0 < count <= passes.MOST and passes.usable(logits):
        found = fast.most_likely(logits, count)
        if found is None:
            raise BrokenNumbersError(_BROKEN)
        return found
    found = _contenders(logits, count)
    values = logits[found]
    if len(found) > count:
        least = np.partition(values, len(values) - count)[len(values) - count]
        above, level = found[values > least], found[values == least]
        found = np.concatenate((above, np.sort(level)[: count - len(above)]))
        values = logits[found]
    return found[np.lexsort((found, -values))]


def _contenders(logits: Logits, count: int) -> Indices:
    """Indices of every value that may be among the `count` highest: few, unless many are equal."""
    columns = len(logits) // _TABLE_ROWS
    table, rest = logits[: columns * _TABLE_ROWS].reshape(_TABLE_ROWS, columns), logits[columns * _TABLE_ROWS :]
    best = table.max(axis=0) if columns else rest
    if np.isnan(best.max()) or np.isnan(rest).any():
        raise BrokenNumbersError(_BROKEN)
    if count > columns:
        return np.arange(len(logits))
    # `count` columns reach the floor, so at least `count` values do.
    floor = np.partition(best, columns - count)[columns - count]
    promising = np.flatnonzero(best >= floor)
    row, column = np.nonzero(table[:, promising] >= floor)
    from_rest = columns * _TABLE_ROWS + np.flatnonzero(rest >= floor)
    return np.concatenate((row * columns + promising[column], from_rest))


class Buffers:
    """Two arrays, float32[vocabulary], that one distribution after another uses. Memory that is new costs more than the
    numbers that are written into it: several streams at once took twice the time without buffers. threads: that write
    them together.
    """

    def __init__(self, vocabulary: int, threads: int = 1) -> None:
        self.threads = threads
        self.shifted: Weights = np.empty(vocabulary, np.float32)
        self.weights: Weights = np.empty(vocabulary, np.float32)


class ChainBuffers:
    """The buffers of a chain: for the distribution of the model, after bias and penalties, and after temperature."""

    def __init__(self, vocabulary: int, threads: int = 1) -> None:
        self.raw, self.changed, self.warm = (Buffers(vocabulary, threads) for _ in range(3))


class Distribution:
    """The model's distribution over the next token, from a copy of its logits.

    shifted: float32[vocabulary], the logits minus the highest. front: ids of the FRONT most likely tokens, most likely
    first. buffers: arrays for the copy, which the next distribution in them overwrites; None: new ones. Raises
    BrokenNumbersError if the logits hold NaN or the highest is not finite.
    """

    def __init__(self, logits: Logits, buffers: Buffers | None = None) -> None:
        self._buffers = buffers
        self._weighed: Weighed | None = None
        self.shifted: Weights
        fast = passes.compiled()
        if fast is not None and passes.usable(logits):
            self._pass_over(logits, fast)
            return
        self.front = most_likely(logits, FRONT)
        peak = logits[self.front[0]]
        if not np.isfinite(peak):
            raise BrokenNumbersError(_BROKEN)
        self.shifted = np.subtract(logits, peak, out=buffers.shifted if buffers else None)

    def _pass_over(self, logits: Logits, fast: passes.Passes) -> None:
        into = self._buffers or Buffers(len(logits))
        found = fast.distribution(logits, FRONT, into.shifted, into.weights, into.threads)
        if found is None:
            raise BrokenNumbersError(_BROKEN)
        self.front, total, product = found
        self.shifted, self._weighed = into.shifted, Weighed(into.weights, total, product)

    def weigh(self) -> tuple[Weights, float]:
        """exp(shifted) and its sum, computed once."""
        if self._weighed is None:
            self._weighed = weigh(self.shifted, self._buffers.weights if self._buffers else None)
        return self._weighed.weights, self._weighed.total

    def entropy(self) -> float:
        """The entropy, in bits. At least 0."""
        weights, total = self.weigh()
        return entropy(self.shifted, weights, total, self._weighed.product if self._weighed else None)

    def rank(self, token: int) -> int:
        """The token's rank: 1 = most likely; tokens of equal probability share the best rank."""
        value = self.shifted[token]
        among = self.shifted[self.front]
        if value > among[-1]:  # all that are more likely are in front
            return int(np.count_nonzero(among > value)) + 1
        return int(np.count_nonzero(self.shifted > value)) + 1

    def top(self, count: int, token: int) -> Indices:
        """Ids of the `count` most likely tokens, most likely first. If `token` (-1: none) is not among them, it
        replaces the last.
        """
        wanted = min(max(count, 1 if token >= 0 else 0), len(self.shifted))
        ids = self.front[:wanted] if wanted <= len(self.front) else most_likely(self.shifted, wanted)
        if token < 0 or token in ids:
            return ids
        return np.append(ids[:-1], token)


@dataclass(frozen=True, slots=True)
class Weighed:
    """weights: exp of the shifted logits. total: their sum. product: the sum of their products with the shifted logits;
    None where it was not computed.
    """

    weights: Weights
    total: float
    product: float | None = None


def weigh(shifted: Weights, out: Weights | None = None) -> Weighed:
    """exp(shifted) and its sum. shifted: float32, at most 0. out: the array for the result, None: a new one."""
    fast = passes.compiled()
    if fast is not None and passes.usable(shifted):
        weights = np.empty_like(shifted) if out is None else out
        return Weighed(weights, *fast.weigh(shifted, weights))
    weights = np.exp(shifted, out=out)
    return Weighed(weights, float(weights.sum()))  # numpy adds pairwise: as exact as float32 terms are


def entropy(shifted: Weights, weights: Weights, total: float, product: float | None = None) -> float:
    """The entropy, in bits, of the distribution weights / total with weights = exp(shifted). At least 0. product: as in
    Weighed, computed here where it is None.
    """
    if product is None:
        with np.errstate(invalid="ignore"):
            product = float(np.dot(weights, shifted))
    if math.isnan(product):  # 0 * -inf: the model gives some tokens a logit of -inf
        product = float(np.dot(weights, np.maximum(shifted, np.float32(-1e30))))
    return max(0.0, (math.log(total) - product / total) / math.log(2))


def alternatives(
    model: SampledModel, ids: Indices, raw: Sequence[float], final: Sequence[float], cut: bytes
) -> Alternatives:
    """The Alternatives of these tokens, with their bytes. raw, final: nats; cut: see Alternatives."""
    texts = tuple(model.token_bytes(int(token)) for token in ids)
    return Alternatives(array("i", ids.tolist()), array("f", raw), array("f", final), cut, texts)


def read(logits: Logits, token: int, top: int, model: SampledModel, buffers: Buffers | None = None) -> Reading:
    """The reading of a token already on the page: nothing was drawn and no chain was applied, so final equals raw and
    nothing is cut. top: number of alternatives. buffers: arrays to compute in. Raises BrokenNumbersError as
    Distribution does.
    """
    distribution = Distribution(logits, buffers)
    _, total = distribution.weigh()
    log_total = math.log(total)
    ids = distribution.top(top, token)
    raw = (distribution.shifted[ids] - log_total).tolist()
    log_probability = float(distribution.shifted[token]) - log_total
    return Reading(
        token=token,
        bytes=model.token_bytes(token),
        raw=log_probability,
        rank=distribution.rank(token),
        entropy=distribution.entropy(),
        final=log_probability,
        draw=math.nan,
        low=math.nan,
        high=math.nan,
        alternatives=alternatives(model, ids, raw, raw, bytes(len(ids))),
    )
