"""The sampler chain: from logits to one token, recording which stage cut which tokens.

Order: control mask, bias, healing, the model's stages one at a time, temperature, mirostat, the coin. Only the choice
of the token is computed at once; a PendingReading computes the rest while the model already evaluates that token.
"""

import math
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from models.errors import ModelError
from models.sampling import bias, statistics
from models.sampling.coin import GATE, HEAD, Flip, Ids, Indices, Strip, Weights, draw
from models.sampling.knobs import Sampling
from models.sampling.mirostat import Mirostat
from models.sampling.pending_reading import ChainResult, Masks, PendingReading, StageCut
from models.sampling.stages import CANDIDATE, Candidates, Logits, SampledModel
from models.sampling.statistics import FRONT, Buffers, Distribution
from resources.language import tr

_SPARSE = 64  # with fewer survivors than vocabulary / 64, sorting them by id is cheaper than sweeping all ids
_SMALL_K = 1_000  # up to this k, finding the k best first is cheaper than passing the whole vocabulary
_TOKENWISE = ("penalties", "dry")  # stages that change recent tokens only, independent of the other tokens
_LOWEST_LOGIT = np.float32(-1e30)  # DRY's penalty can overflow to infinity, but DRY cuts nothing
_MIN_TEMPERATURE = 1e-6  # below it the most likely token has all the probability, and dividing would overflow
_ALL_BANNED = tr("Every token that may be drawn is banned: remove a bias of -inf.")
_NOTHING_LEFT = tr("Every token that may be drawn has probability 0: allow control tokens, or choose another model.")


@dataclass(frozen=True, slots=True)
class _Drawn:
    """The numbers in [0, 1) that were drawn for token `index` of a take. gate: NaN where the chain has no XTC."""

    index: int
    u: float
    gate: float


class Chain:
    """The sampler chain of one job, with the state of its stages. Close it: stages may hold native memory.

    history: the tokens of the prefix, for penalties and DRY. seed, take: see coin.draw. in_turn: the reading of each
    draw is made before the next draw, so that all use the same arrays. mu: the state of mirostat, in bits; None: that
    of its beginning. healing: the tokens among which the first draw, or a look, chooses; None: among all. Raises
    ModelError if a setting is out of bounds.
    """

    def __init__(
        self,
        sampling: Sampling,
        model: SampledModel,
        history: Sequence[int],
        seed: int,
        take: int,
        *,
        in_turn: bool = False,
        mu: float | None = None,
        healing: Ids | None = None,
    ) -> None:
        self._sampling = _checked(sampling)
        self._raw, self._penalties, self._warm = [Buffers(model.vocabulary) if in_turn else None for _ in range(3)]
        self._temperature = max(sampling.temperature, _MIN_TEMPERATURE) if sampling.temperature else 0.0
        self._model = model
        self._seed, self._take = seed, take
        self._drawn: _Drawn | None = None
        control = np.asarray(() if sampling.allow_control else model.control, np.int32)
        self._biased, self._nats = bias.resolve(sampling.bias, model)
        self._banned = np.setdiff1d(self._biased[self._nats == -np.inf], control)
        self._masks = _masks(model.vocabulary, np.concatenate((control, self._banned)).tobytes())
        if not len(self._masks.shown) and len(self._banned):
            raise ModelError(_ALL_BANNED)
        self._healing = None if healing is None else _only(self._masks, healing)
        self._mirostat = Mirostat(sampling, model.vocabulary, mu) if sampling.mirostat else None
        stages = model.stages(sampling)
        self._repetition = [stage for stage in stages if stage.name in _TOKENWISE]
        self._truncation = [stage for stage in stages if stage.name not in _TOKENWISE]
        self._rows = np.zeros(len(self._masks.shown) if self._truncation else 0, CANDIDATE)
        self._recent: deque[int] = deque(maxlen=max(sampling.repeat_last_n, sampling.dry_last_n))
        if stages:
            for token in history[-max(sampling.repeat_last_n, sampling.dry_last_n, 1) :]:
                self.accept(token)

    def flip(self, logits: Logits, index: int, replayed: int = -1) -> PendingReading:
        """Draw token `index` of this take from logits (float32[vocabulary], copied where needed). replayed: a token to
        take whatever is drawn (-1: none); its interval is NaN where the coin would have chosen another. Raises
        ModelError if the logits hold NaN or no token can be drawn.
        """
        drawn = self._drawn if self._drawn and self._drawn.index == index else self._draw(index)
        masks, self._healing = self._healing or self._masks, None
        distribution, result = self._apply(logits, drawn.gate, masks)
        flip = result.strip.pick(drawn.u)
        if replayed not in (-1, flip.token):
            flip = Flip(replayed, math.nan, math.nan)
        if self._mirostat:
            self._mirostat.learn(self._probability(result, flip, masks))
        fields = flip.token, drawn.u, flip.low, flip.high, drawn.gate
        return PendingReading(*fields, self._model, distribution, result, masks, self._banned)

    def prepare(self, index: int) -> None:
        """Draw the numbers of token `index` beforehand, while llama.cpp evaluates: the flip is then a tenth of a
        millisecond shorter.
        """
        self._drawn = self._draw(index)

    def _draw(self, index: int) -> _Drawn:
        gate = draw(self._seed, self._take, index, GATE) if self._sampling.xtc_probability > 0 else math.nan
        return _Drawn(index, draw(self._seed, self._take, index), gate)

    def look(self, logits: Logits) -> PendingReading:
        """The distribution before a draw: nothing is drawn or learned, and XTC is applied only at probability 1.
        Raises ModelError as `flip` does.
        """
        masks = self._healing or self._masks
        distribution, result = self._apply(logits, math.nan, masks)
        nan = math.nan
        none = -1, nan, nan, nan, nan
        return PendingReading(*none, self._model, distribution, result, masks, self._banned)

    def accept(self, token: int) -> None:
        """Tell the stages that this token is now part of the text."""
        self._recent.append(token)
        for stage in (*self._repetition, *self._truncation):
            stage.accept(token)

    def close(self) -> None:
        """Free the stages' memory. A second call does nothing."""
        for stage in (*self._repetition, *self._truncation):
            stage.close()
        self._repetition, self._truncation = [], []

    # -------------------------------------------------------------------------------------- choosing the token

    def _apply(self, logits: Logits, gate: float, masks: Masks) -> tuple[Distribution, ChainResult]:
        distribution = Distribution(logits, self._raw)
        changed = self._favoured(logits) if len(self._biased) else logits
        if self._repetition:
            changed = self._penalised(changed, masks)
        if self._truncation or self._mirostat or self._temperature == 0:
            return distribution, self._truncated(changed, gate, masks)
        same = distribution if changed is logits else Distribution(changed, self._penalties)
        return distribution, self._dense(same, masks)

    def _favoured(self, logits: Logits) -> Logits:
        """The logits after bias. Banned tokens are covered by the mask, whatever their logit."""
        favoured = logits.copy()
        finite = np.isfinite(self._nats)
        np.add.at(favoured, self._biased[finite], self._nats[finite])
        return favoured

    def _penalised(self, logits: Logits, masks: Masks) -> Logits:
        """The logits after penalties and DRY. Those stages get only the recent tokens, which they can change."""
        seen = np.unique(np.fromiter(self._recent, np.intp))
        candidates = _candidates(seen[~masks.hidden[seen]], logits)
        for stage in self._repetition:
            stage.apply(candidates)
        penalised = logits.copy()
        penalised[candidates.rows["id"]] = np.maximum(candidates.rows["logit"], _LOWEST_LOGIT)
        return penalised

    def _dense(self, distribution: Distribution, masks: Masks) -> ChainResult:
        """The result where only mask and temperature apply: the strip holds the whole vocabulary."""
        warm = self._temperature != 1
        scores, buffers = distribution.shifted, self._warm
        if warm:
            scores = np.divide(scores, np.float32(self._temperature), out=buffers.shifted if buffers else None)
        out = buffers.weights if buffers else None
        weights, everything = statistics.weigh(scores, out) if warm else distribution.weigh()
        total = everything - float(weights[masks.covered].sum())
        head = distribution.front[~masks.hidden[distribution.front]][:HEAD]
        if total < everything / 2 or len(head) < min(HEAD, len(masks.shown)):
            # The mask covers most of the probability: sum the remaining weights by themselves.
            return _result(masks.shown, scores[masks.shown], ())
        return ChainResult(Strip(weights, total, head, hidden=masks.covered), scores)

    def _truncated(self, logits: Logits, gate: float, masks: Masks) -> ChainResult:
        if not self._truncation:
            return self._with_temperature(masks.shown, logits[masks.shown], [])
        candidates = self._candidates(logits, masks)
        cuts: list[StageCut] = []
        size = len(masks.shown)
        for stage in self._truncation:
            if stage.name != "xtc" or self._xtc_strikes(gate):
                stage.apply(candidates)
            if candidates.size < size:
                size = candidates.size
                cuts.append(StageCut.by(stage.name, candidates.rows["id"][:size].copy()))
        ids, scores = self._by_id(candidates)
        return self._with_temperature(ids, scores, cuts)

    def _with_temperature(self, ids: Ids, scores: Weights, cuts: list[StageCut]) -> ChainResult:
        """The result after temperature and mirostat. ids: the survivors, ascending; scores: their logits."""
        if self._temperature == 0:
            best = [int(scores.argmax())]  # of equal logits, the lowest id
            ids, scores = ids[best], scores[best]
            cuts.append(StageCut.by("temperature", ids))
        elif self._temperature != 1:
            scores = scores / np.float32(self._temperature)
        result = _result(ids, scores, tuple(cuts))
        if not self._mirostat:
            return result
        left = self._mirostat.survivors(result.strip.weights, result.strip.total)
        if len(left) == len(ids):
            return result
        return _result(ids[left], scores[left], (*cuts, StageCut.by("mirostat", ids[left])))

    def _candidates(self, logits: Logits, masks: Masks) -> Candidates:
        """The tokens outside the mask, as rows for the stages; if top-k comes first, only the k that it leaves."""
        if self._truncation[0].name == "top-k" and self._sampling.top_k <= _SMALL_K:
            likely = statistics.most_likely(logits, self._sampling.top_k + FRONT)
            likely = likely[~masks.hidden[likely]][: self._sampling.top_k]
            if len(likely) == min(self._sampling.top_k, len(masks.shown)):
                return _candidates(likely, logits)
        rows = self._rows[: len(masks.shown)]
        rows["id"] = masks.shown
        rows["logit"] = logits[masks.shown] if len(masks.covered) else logits
        return Candidates(rows)

    def _by_id(self, candidates: Candidates) -> tuple[Ids, Weights]:
        """The survivors' ids, ascending, and their logits."""
        rows = candidates.rows[: candidates.size]
        if candidates.size * _SPARSE < self._model.vocabulary:
            order = rows["id"].argsort()
            return rows["id"][order], rows["logit"][order]
        everything = np.full(self._model.vocabulary, np.nan, np.float32)
        everything[rows["id"]] = rows["logit"]
        ids = np.flatnonzero(~np.isnan(everything)).astype(np.int32)
        return ids, everything[ids]

    def _xtc_strikes(self, gate: float) -> bool:
        probability = self._sampling.xtc_probability
        return probability >= 1 if math.isnan(gate) else gate < probability

    def _probability(self, result: ChainResult, flip: Flip, masks: Masks) -> float:
        return math.exp(float(result.log_probabilities(np.array([flip.token]), masks.hidden)[0]))


def _checked(sampling: Sampling) -> Sampling:
    try:
        return sampling.checked()
    except ValueError as error:
        raise ModelError(str(error)) from error


@lru_cache(maxsize=1)
def _masks(vocabulary: int, masked: bytes) -> Masks:
    """masked: 32-bit ids of the tokens that the control mask covers or bias bans. The chains of several streams share
    the masks: of 262,144 tokens they take 1.3 MB.
    """
    hidden = np.zeros(vocabulary, np.bool_)
    hidden[np.frombuffer(masked, np.int32)] = True
    return Masks.of(hidden)


def _only(masks: Masks, ids: Ids) -> Masks:
    """The masks that show these tokens alone, of those shown. Raises ModelError where none is left."""
    unhealed = ~masks.hidden
    unhealed[ids] = False
    found = Masks.of(masks.hidden | unhealed, unhealed)
    if not len(found.shown):
        raise ModelError(_ALL_BANNED)
    return found


def _candidates(ids: Indices, logits: Logits) -> Candidates:
    """Rows with the ids and logits of these tokens, for the stages."""
    rows = np.zeros(len(ids), CANDIDATE)
    rows["id"], rows["logit"] = ids, logits[ids]
    return Candidates(rows)


def _result(ids: Ids, logits: Weights, cuts: tuple[StageCut, ...]) -> ChainResult:
    """The result whose strip holds exactly these candidates (ids ascending). Raises ModelError if none has a finite
    logit.
    """
    if not len(ids) or not np.isfinite(peak := logits.max()):
        raise ModelError(_NOTHING_LEFT)
    scores = logits - peak
    weights = np.exp(scores)
    head = statistics.most_likely(scores, HEAD)
    return ChainResult(Strip(weights, float(weights.sum()), head, ids), scores, cuts)
