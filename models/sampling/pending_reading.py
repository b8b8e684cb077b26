"""One draw, and the reading that is computed from it.

chain.py makes the result of the chain that is read here.
"""

from __future__ import annotations  # array[int] can be written in an annotation, not evaluated, before Python 3.12

import math
from array import array
from dataclasses import dataclass, field

import numpy as np

from models.sampling import statistics
from models.sampling.coin import FIRST_TRY, Ids, Indices, Retry, Strip, Weights
from models.sampling.knobs import STAGES
from models.sampling.mask import Hidden, Mask
from models.sampling.readings import ChainEffect, Reading
from models.sampling.stages import SampledModel
from models.sampling.statistics import Distribution


@dataclass(frozen=True, slots=True)
class StageCut:
    """The cut of one stage. stage: its index in STAGES. left: the ids that it did not cut."""

    stage: int
    left: Ids

    @classmethod
    def by(cls, name: str, left: Ids) -> StageCut:
        return cls(STAGES.index(name), left)


@dataclass(frozen=True, slots=True)
class ChainResult:
    """The result of the chain: the strip, the logarithms of its weights (float32, in its order), and the cuts in the
    order of the stages."""

    strip: Strip
    scores: Weights
    cuts: tuple[StageCut, ...] = ()

    def log_probabilities(self, ids: Indices, hidden: Hidden) -> Weights:
        """Log-probabilities of the ids after the chain, in nats, float32; -inf where cut. hidden: as in Mask."""
        log_total = np.float32(math.log(self.strip.total))
        if self.strip.ids is None:
            return np.where(hidden[ids], np.float32(-np.inf), self.scores[ids] - log_total)
        places = np.searchsorted(self.strip.ids, ids).clip(max=len(self.strip.ids) - 1)
        return np.where(self.strip.ids[places] == ids, self.scores[places] - log_total, np.float32(-np.inf))

    def left(self, hidden: Hidden) -> tuple[Indices, Weights]:
        """The ids that are not cut, ascending, and their log-probabilities after the chain, in nats. hidden: as
        above."""
        log_total = np.float32(math.log(self.strip.total))
        if self.strip.ids is not None:
            return self.strip.ids.astype(np.intp), self.scores - log_total
        ids = np.flatnonzero(~hidden)
        return ids, self.scores[ids] - log_total


@dataclass(frozen=True, slots=True)
class WholeDistribution:
    """Every token, the most likely (raw) first: the fields of engine.events.Distributed. listed: the indices of the
    tokens that a reading lists, ascending.
    """

    ids: array[int]
    raw: array[float]
    final: array[float]
    cut: bytes
    entropy: float
    effect: ChainEffect
    listed: Indices


@dataclass(slots=True)
class PendingReading:
    """A draw, or a distribution that nothing was drawn from (token -1, or one that is asked about). token, draw, low,
    high, gate, learned: as in Reading."""

    token: int
    draw: float
    low: float
    high: float
    gate: float
    learned: float
    _model: SampledModel = field(repr=False)
    _distribution: Distribution = field(repr=False)
    _result: ChainResult = field(repr=False)
    _mask: Mask = field(repr=False)
    retry: Retry = FIRST_TRY

    def reading(self, top: int) -> Reading:
        """The reading, with `top` alternatives. Where the chain has buffers, it is made before the next draw in
        them."""
        _, total = self._distribution.weigh()
        log_total, shifted = math.log(total), self._distribution.shifted
        token, ids = self.token, self._listed(top)
        return Reading(
            token=token,
            bytes=self._model.token_bytes(token) if token >= 0 else b"",
            raw=float(shifted[token]) - log_total if token >= 0 else math.nan,
            rank=self._distribution.rank(token) if token >= 0 else 0,
            entropy=self._distribution.entropy(),
            final=float(self._final(np.array([token]))[0]) if token >= 0 else math.nan,
            draw=self.draw,
            low=self.low,
            high=self.high,
            alternatives=statistics.alternatives(
                self._model, ids, (shifted[ids] - log_total).tolist(), self._final(ids).tolist(), self._cut(ids)
            ),
            gate=self.gate,
            learned=self.learned,
            retry=self.retry,
            effect=self._effect(),
        )

    def _listed(self, top: int) -> Indices:
        """The ids of the alternatives: the `top` most likely, and where healing cuts, half of them the most likely of
        those that it leaves.
        """
        likely, shown = self._distribution.top(top, self.token), self._mask.shown
        if self._mask.by_healing is None:
            return likely
        shifted = self._distribution.shifted
        best = shown[statistics.most_likely(shifted[shown], top - top // 2)]
        best = best if self.token < 0 or self.token in best else np.append(best[: max(len(best) - 1, 0)], self.token)
        others = likely[~np.isin(likely, best)][: max(top - len(best), 0)]
        ids = np.concatenate((best, others))
        return ids[np.argsort(-shifted[ids], kind="stable")]

    def whole(self, tokens: bool = True, top: int = 0) -> WholeDistribution:
        """The whole distribution, as `reading` shows a part of it. tokens: false leaves them out. top: as there."""
        _, total = self._distribution.weigh()
        shifted = self._distribution.shifted
        ids = np.argsort(-shifted, kind="stable") if tokens else np.zeros(0, np.intp)
        return WholeDistribution(
            ids=array("i", ids.astype(np.int32).tobytes()),
            raw=array("f", (shifted[ids] - np.float32(math.log(total))).tobytes()),
            final=array("f", self._final(ids).astype(np.float32).tobytes()),
            cut=self._cut(ids),
            entropy=self._distribution.entropy(),
            effect=self._effect(),
            listed=np.flatnonzero(np.isin(ids, self._listed(top))) if tokens and top else np.zeros(0, np.intp),
        )

    def _effect(self) -> ChainEffect:
        """Σ final · ln(final / raw) is the mean of what the stages added to the logits, with the final probabilities,
        plus ln(raw total / final total)."""
        weights, total = self._distribution.weigh()
        strip, covered = self._result.strip, self._mask.covered
        if strip.ids is None:
            left, held = len(weights) - len(covered), total - float(weights[covered].sum())
        else:
            left, held = len(strip.ids), float(weights[strip.ids].sum())
        nats = self._added() / strip.total + math.log(total / strip.total)
        return ChainEffect.of(left, held / total, nats)

    def _added(self) -> float:
        """The sum of the strip's weights, each times what the stages added to the logit, in nats."""
        strip, scores, shifted = self._result.strip, self._result.scores, self._distribution.shifted
        if scores is shifted:
            return 0.0
        with np.errstate(invalid="ignore"):
            added = scores - (shifted if strip.ids is None else shifted[strip.ids])
            added *= strip.weights
        if strip.ids is None:
            added[self._mask.covered] = 0
        found = float(added.sum())
        return float(np.nansum(added)) if math.isnan(found) else found  # a logit of -inf has no weight

    def _final(self, ids: Indices) -> Weights:
        return self._result.log_probabilities(ids, self._mask.hidden)

    def _cut(self, ids: Indices) -> bytes:
        """`Alternatives.cut` of the ids: the mask first, then the first stage that cut each."""
        code = self._mask.cut(ids)
        for cut in self._result.cuts:
            code[(code == 0) & ~np.isin(ids, cut.left)] = 1 + cut.stage
        return code.tobytes()
