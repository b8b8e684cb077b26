"""The sampler chain: logits in, one token out, and who cut what on the way.

Control mask, the model's stages one at a time, temperature, mirostat, the coin. Only what picks the token is done at
once; the rest of the reading waits in the Flip, to be worked out while the model already evaluates the token. Knows
nothing of pipes and pages.
"""

import math
from collections import deque
from collections.abc import Sequence

import numpy as np

from models.errors import ModelError
from models.sampling import statistics
from models.sampling.coin import GATE, HEAD, Flip, Ids, Indices, Strip, Weights, draw
from models.sampling.knobs import Sampling
from models.sampling.mirostat import Mirostat
from models.sampling.pending_reading import ChainResult, Mask, PendingReading, StageCut
from models.sampling.stages import CANDIDATE, Candidates, Logits, SampledModel
from models.sampling.statistics import FRONT, Distribution
from resources.language import tr

_SPARSE = 64  # below a 64th of the vocabulary it is cheaper to sort the survivors by id than to sweep all ids
_FEW = 1_000  # up to such a k finding the k best first costs less than handing over the vocabulary
_TOKENWISE = ("penalties", "dry")  # they change single tokens, seen lately, whatever the others are
_LEAST = np.float32(-1e30)  # DRY's penalty can overflow to infinity, but it cuts nothing
_COLDEST = 1e-6  # below it the most likely token has it all, and dividing would overflow
_NOTHING_LEFT = tr("Every token that may be drawn has probability 0: allow control tokens, or choose another model.")


class Chain:
    """One job's chain, with what its stages learn from the tokens. Close it: stages may hold native memory.

    history: the tokens of the prefix, which penalties and DRY look at. seed, take: see coin.draw. Raises ModelError
    where a setting is out of bounds.
    """

    def __init__(self, sampling: Sampling, model: SampledModel, history: Sequence[int], seed: int, take: int) -> None:
        self._sampling = _checked(sampling)
        self._temperature = max(sampling.temperature, _COLDEST) if sampling.temperature else 0.0
        self._model = model
        self._seed, self._take = seed, take
        self._hidden = _hidden(sampling, model)
        self._shown = np.flatnonzero(~self._hidden).astype(np.int32)
        self._covered = np.flatnonzero(self._hidden)
        self._mirostat = Mirostat(sampling, model.vocabulary) if sampling.mirostat else None
        stages = model.stages(sampling)
        self._repetition = [stage for stage in stages if stage.name in _TOKENWISE]
        self._truncation = [stage for stage in stages if stage.name not in _TOKENWISE]
        self._rows = np.zeros(len(self._shown) if self._truncation else 0, CANDIDATE)
        self._recent: deque[int] = deque(maxlen=max(sampling.repeat_last_n, sampling.dry_last_n))
        if stages:
            for token in history[-max(sampling.repeat_last_n, sampling.dry_last_n, 1) :]:
                self.accept(token)

    def flip(self, logits: Logits, index: int) -> PendingReading:
        """Draw token `index` of this take. Copies what it needs of the logits (float32[vocabulary]). Raises ModelError
        on NaN.
        """
        u = draw(self._seed, self._take, index)
        gate = draw(self._seed, self._take, index, GATE) if self._sampling.xtc_probability > 0 else math.nan
        belief, outcome = self._judge(logits, gate)
        fall = outcome.strip.pick(u)
        if self._mirostat:
            self._mirostat.learn(self._probability(outcome, fall))
        return PendingReading(fall.token, u, fall.low, fall.high, gate, self._model, belief, outcome, self._hidden)

    def look(self, logits: Logits) -> PendingReading:
        """The same coin, not flipped: XTC is shown where it is sure to strike, and nothing is learned."""
        belief, outcome = self._judge(logits, math.nan)
        nan = math.nan
        return PendingReading(-1, nan, nan, nan, nan, self._model, belief, outcome, self._hidden)

    def accept(self, token: int) -> None:
        """That token now stands on the page."""
        self._recent.append(token)
        for stage in (*self._repetition, *self._truncation):
            stage.accept(token)

    def close(self) -> None:
        """Give the stages' memory back. Calling it twice does nothing."""
        for stage in (*self._repetition, *self._truncation):
            stage.close()
        self._repetition, self._truncation = [], []

    # -------------------------------------------------------------------------------------- what picks the token

    def _judge(self, logits: Logits, gate: float) -> tuple[Distribution, ChainResult]:
        belief = Distribution(logits)
        weakened = self._weakened(logits) if self._repetition else logits
        if self._truncation or self._mirostat or self._temperature == 0:
            return belief, self._truncated(weakened, gate)
        return belief, self._dense(Distribution(weakened) if self._repetition else belief)

    def _weakened(self, logits: Logits) -> Logits:
        """The logits after penalties and DRY, which are shown only the tokens that they can change."""
        seen = np.unique(np.fromiter(self._recent, np.intp))
        candidates = _candidates(seen[~self._hidden[seen]], logits)
        for stage in self._repetition:
            stage.apply(candidates)
        weakened = logits.copy()
        weakened[candidates.rows["id"]] = np.maximum(candidates.rows["logit"], _LEAST)
        return weakened

    def _dense(self, belief: Distribution) -> ChainResult:
        """Only mask and temperature: the vocabulary itself is the strip."""
        warm = self._temperature != 1
        scores = belief.shifted / np.float32(self._temperature) if warm else belief.shifted
        weights, everything = statistics.weigh(scores) if warm else belief.weigh()
        total = everything - float(weights[self._covered].sum())
        head = belief.front[~self._hidden[belief.front]][:HEAD]
        if total < everything / 2 or len(head) < min(HEAD, len(self._shown)):
            # The mask took what mattered: measure the rest by itself.
            return _settle(self._shown, scores[self._shown], ())
        return ChainResult(Strip(weights, total, head, hidden=self._covered), scores)

    def _truncated(self, logits: Logits, gate: float) -> ChainResult:
        if not self._truncation:
            return self._cooled(self._shown, logits[self._shown], [])
        candidates = self._candidates(logits)
        cuts: list[StageCut] = []
        size = len(self._shown)
        for stage in self._truncation:
            if stage.name != "xtc" or self._xtc_strikes(gate):
                stage.apply(candidates)
            if candidates.size < size:
                size = candidates.size
                cuts.append(StageCut.by(stage.name, candidates.rows["id"][:size].copy()))
        ids, scores = self._by_id(candidates)
        return self._cooled(ids, scores, cuts)

    def _cooled(self, ids: Ids, scores: Weights, cuts: list[StageCut]) -> ChainResult:
        """Temperature, then mirostat, on the survivors in the order of their ids."""
        if self._temperature == 0:
            kept = [int(scores.argmax())]  # of equals the lowest id
            ids, scores = ids[kept], scores[kept]
            cuts.append(StageCut.by("temperature", ids))
        elif self._temperature != 1:
            scores = scores / np.float32(self._temperature)
        outcome = _settle(ids, scores, tuple(cuts))
        if not self._mirostat:
            return outcome
        kept = self._mirostat.survivors(outcome.strip.weights, outcome.strip.total)
        if len(kept) == len(ids):
            return outcome
        return _settle(ids[kept], scores[kept], (*cuts, StageCut.by("mirostat", ids[kept])))

    def _candidates(self, logits: Logits) -> Candidates:
        """All that the mask leaves, as the native stages want it; where top-k comes first only what it will keep."""
        if self._truncation[0].name == "top-k" and self._sampling.top_k <= _FEW:
            likely = statistics.most_likely(logits, self._sampling.top_k + FRONT)
            likely = likely[~self._hidden[likely]][: self._sampling.top_k]
            if len(likely) == min(self._sampling.top_k, len(self._shown)):
                return _candidates(likely, logits)
        self._rows["id"] = self._shown
        self._rows["logit"] = logits[self._shown] if len(self._covered) else logits
        return Candidates(self._rows)

    def _by_id(self, candidates: Candidates) -> tuple[Ids, Weights]:
        """Ids, ascending, and logits of the survivors."""
        rows = candidates.rows[: candidates.size]
        if candidates.size * _SPARSE < len(self._hidden):
            order = rows["id"].argsort()
            return rows["id"][order], rows["logit"][order]
        everything = np.full(len(self._hidden), np.nan, np.float32)
        everything[rows["id"]] = rows["logit"]
        ids = np.flatnonzero(~np.isnan(everything)).astype(np.int32)
        return ids, everything[ids]

    def _xtc_strikes(self, gate: float) -> bool:
        probability = self._sampling.xtc_probability
        return probability >= 1 if math.isnan(gate) else gate < probability

    def _probability(self, outcome: ChainResult, fall: Flip) -> float:
        return math.exp(float(outcome.log_probabilities(np.array([fall.token]), self._hidden)[0]))


def _checked(sampling: Sampling) -> Sampling:
    try:
        return sampling.checked()
    except ValueError as error:
        raise ModelError(str(error)) from error


def _hidden(sampling: Sampling, model: SampledModel) -> Mask:
    """bool[vocabulary]: the tokens that the control mask covers."""
    hidden = np.zeros(model.vocabulary, np.bool_)
    if not sampling.allow_control:
        hidden[np.asarray(model.control, np.intp)] = True
    return hidden


def _candidates(ids: Indices, logits: Logits) -> Candidates:
    """Those tokens, as the native stages want them."""
    rows = np.zeros(len(ids), CANDIDATE)
    rows["id"], rows["logit"] = ids, logits[ids]
    return Candidates(rows)


def _settle(ids: Ids, logits: Weights, cuts: tuple[StageCut, ...]) -> ChainResult:
    """The strip of those candidates (ascending ids) and no others."""
    if not len(ids) or not np.isfinite(peak := logits.max()):
        raise ModelError(_NOTHING_LEFT)
    scores = logits - peak
    weights = np.exp(scores)
    head = statistics.most_likely(scores, HEAD)
    return ChainResult(Strip(weights, float(weights.sum()), head, ids), scores, cuts)
