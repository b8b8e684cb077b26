"""One flip of the coin, and the reading that is worked out of it later, beside the next evaluation.

Knows what came out of the chain, not how (chain.py).
"""

import math
from dataclasses import dataclass, field

import numpy as np

from models.sampling import statistics
from models.sampling.coin import Ids, Indices, Strip, Weights
from models.sampling.knobs import STAGES
from models.sampling.readings import Reading
from models.sampling.stages import SampledModel
from models.sampling.statistics import Distribution

Mask = np.ndarray[tuple[int], np.dtype[np.bool_]]


@dataclass(frozen=True, slots=True)
class StageCut:
    """One stage that cut: its place in STAGES, and the ids that it left."""

    stage: int
    left: Ids

    @classmethod
    def by(cls, name: str, left: Ids) -> "StageCut":
        return cls(STAGES.index(name), left)


@dataclass(frozen=True, slots=True)
class ChainResult:
    """What the chain made of logits: a strip, its weights' logarithms (float32, in the same order), who cut what."""

    strip: Strip
    scores: Weights
    cuts: tuple[StageCut, ...] = ()

    def log_probabilities(self, ids: Indices, hidden: Mask) -> Weights:
        """Natural logarithms after the chain, -inf where cut. hidden: bool[vocabulary], what the mask covers."""
        log_total = np.float32(math.log(self.strip.total))
        if self.strip.ids is None:
            return np.where(hidden[ids], np.float32(-np.inf), self.scores[ids] - log_total)
        places = np.searchsorted(self.strip.ids, ids).clip(max=len(self.strip.ids) - 1)
        return np.where(self.strip.ids[places] == ids, self.scores[places] - log_total, np.float32(-np.inf))


@dataclass(slots=True)
class PendingReading:
    """A coin that was flipped, or (token -1) only looked at. draw, low, high, gate: as in Reading."""

    token: int
    draw: float
    low: float
    high: float
    gate: float
    _model: SampledModel = field(repr=False)
    _belief: Distribution = field(repr=False)
    _outcome: ChainResult = field(repr=False)
    _hidden: Mask = field(repr=False)

    def reading(self, top: int) -> Reading:
        """The reading, with `top` alternatives. Touches nothing that the chain still changes: any thread may call."""
        weights, total = self._belief.weigh()
        log_total = math.log(total)
        shifted = self._belief.shifted
        token, ids = self.token, self._belief.top(top, self.token)
        return Reading(
            token=token,
            bytes=self._model.token_bytes(token) if token >= 0 else b"",
            raw=float(shifted[token]) - log_total if token >= 0 else math.nan,
            rank=self._belief.rank(token) if token >= 0 else 0,
            entropy=statistics.entropy(shifted, weights, total),
            final=float(self._final(np.array([token]))[0]) if token >= 0 else math.nan,
            draw=self.draw,
            low=self.low,
            high=self.high,
            alternatives=statistics.alternatives(
                self._model, ids, (shifted[ids] - log_total).tolist(), self._final(ids).tolist(), self._cut(ids)
            ),
            gate=self.gate,
        )

    def _final(self, ids: Indices) -> Weights:
        return self._outcome.log_probabilities(ids, self._hidden)

    def _cut(self, ids: Indices) -> bytes:
        """For each id 0, or 1 + the place in STAGES of the first stage that cut it."""
        code = np.where(self._hidden[ids], 1 + STAGES.index("control"), 0).astype(np.uint8)
        for cut in self._outcome.cuts:
            code[(code == 0) & ~np.isin(ids, cut.left)] = 1 + cut.stage
        return code.tobytes()
