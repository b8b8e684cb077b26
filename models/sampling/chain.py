"""The sampler chain: from logits to one token, recording which stage cut which tokens.

Order: control mask, bias, healing, grammar, the model's stages one at a time, temperature, mirostat, the coin. The
choice of the token comes first; a PendingReading computes the rest where a reading is wanted.
"""

import math
from array import array
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from models.errors import ModelError
from models.sampling import bias, dynamic_temperature, statistics
from models.sampling.adaptive_p import AdaptiveP
from models.sampling.coin import (
    FIRST_TRY,
    GATE,
    HEAD,
    TOKEN,
    Flip,
    Ids,
    Indices,
    Numbers,
    Retry,
    Stream,
    Strip,
    Weights,
    draw,
    draws,
)
from models.sampling.extra_flips import ExtraFlips, RecordedOdds
from models.sampling.grammar.grammar import Cursor
from models.sampling.knobs import Sampling
from models.sampling.mask import Mask
from models.sampling.mirostat import Mirostat
from models.sampling.pending_reading import ChainResult, PendingReading, StageCut
from models.sampling.place_state import FRESH, PlaceState
from models.sampling.stages import CANDIDATE, Candidates, Logits, SampledModel
from models.sampling.statistics import FRONT, ChainBuffers, Distribution
from resources.language import tr

_SPARSE = 64  # with fewer survivors than vocabulary / 64, sorting them by id is cheaper than sweeping all ids
AHEAD = 32  # numbers drawn at once: one costs a tenth of a millisecond where the model has emptied the caches
_SMALL_K = 1_000  # up to this k, finding the k best first is cheaper than passing the whole vocabulary
_TOKENWISE = ("penalties", "dry")  # stages that change recent tokens only, independent of the other tokens
_LOWEST_LOGIT = np.float32(-1e30)  # DRY's penalty can overflow to infinity, but DRY cuts nothing
_MIN_TEMPERATURE = 1e-6  # below it the most likely token has all the probability, and dividing would overflow
_ALL_BANNED = tr("Every token that may be drawn is banned: remove a bias of -inf.")
_ALL_BEGIN = tr("Every token that may be drawn here begins a banned string.")
_UNGRAMMATICAL = tr("The grammar allows no token of this model here: no text goes on from this place.")
_NO_IDS = np.zeros(0, np.int32)
_NOTHING_LEFT = tr("Every token that may be drawn has probability 0: allow control tokens, or choose another model.")


@dataclass(frozen=True, slots=True)
class Steering:
    """What mirostat and adaptive-p have learned: see Mirostat.mu and AdaptiveP.state. NaN where there is none."""

    mu: float
    adaptive: tuple[float, float]


class Chain:
    """The sampler chain of one job, with the state of its stages. Close it: stages may hold native memory.

    history: the tokens of the prefix, for penalties and DRY. seed, take: see coin.draw. buffers: arrays that every draw
    overwrites, where its reading is made before the next; None: each has new ones. Chains that draw in turn may share
    them. state: of the place behind the prefix. healing: the tokens among which the first token is chosen; None: among
    all. grammar: where the text stands in the setting's grammar; None without one. Raises ModelError if a setting is
    out of bounds.
    """

    def __init__(
        self,
        sampling: Sampling,
        model: SampledModel,
        history: Sequence[int],
        seed: int,
        take: int,
        *,
        buffers: ChainBuffers | None = None,
        state: PlaceState = FRESH,
        healing: Ids | None = None,
        grammar: Cursor | None = None,
    ) -> None:
        self._sampling = _checked(sampling)
        self._buffers = buffers
        self._temperature = max(sampling.temperature, _MIN_TEMPERATURE) if sampling.temperature else 0.0
        self._model = model
        self._seed, self._take = seed, take
        self._ahead: dict[Stream, tuple[int, list[float]]] = {}  # the numbers of some tokens from that one on
        self._control = np.asarray(() if sampling.allow_control else model.control, np.int32)
        self._biased, self._nats = bias.resolve(sampling.bias, model)
        self._banned = np.setdiff1d(self._biased[self._nats == -np.inf], self._control)
        self._mask = self._usual = Mask.of(model.vocabulary, self._control, self._banned, _NO_IDS)
        if not len(self._usual.shown) and len(self._banned):
            raise ModelError(_ALL_BANNED)
        self._healing = healing
        self._healed = self._usual if healing is None else self._usual.healed(healing)
        if healing is not None and not len(self._healed.shown):
            raise ModelError(_ALL_BANNED)
        self._grammar, self._state = grammar, state
        self._mirostat = Mirostat(sampling, model.vocabulary, state.mu) if sampling.mirostat else None
        self._dynamic = sampling.temperature_range > 0 and not sampling.mirostat  # as in llama.cpp
        self._adaptive = AdaptiveP(sampling, state.adaptive) if sampling.adapts else None
        stages = model.stages(sampling)
        self._repetition = [stage for stage in stages if stage.name in _TOKENWISE]
        self._truncation = [stage for stage in stages if stage.name not in _TOKENWISE]
        self._rows = np.zeros(len(self._usual.shown) if self._truncation else 0, CANDIDATE)
        self._reach = max(sampling.repeat_last_n, sampling.dry_last_n)  # tokens that penalties and DRY look at
        self._text = array("i", history[-self._reach :] if stages and self._reach else ())
        self._begin = len(self._text)
        self._show_text()

    def flip(self, logits: Logits, index: int, replayed: int = -1, retry: Retry = FIRST_TRY) -> PendingReading:
        """Draw token `index` of this take from logits (float32[vocabulary], copied where needed). replayed: a token to
        take whatever is drawn (-1: none); its interval is NaN where the coin would have chosen another. Raises
        BrokenNumbersError if the logits hold NaN, ModelError if no token can be drawn.
        """
        u, gate = self._draw(index, retry.number)
        self._mask = self._grammatical(self._without(retry.banned))
        try:
            distribution, result = self._apply(logits, gate)
        except ModelError as error:  # the logits are those of the first try
            raise ModelError(_ALL_BEGIN) if retry.banned else error from None
        flip, learned = result.strip.pick(u), self._learned
        if replayed not in (-1, flip.token):
            flip = Flip(replayed, math.nan, math.nan)
        if self._mirostat:
            self._mirostat.learn(self._probability(result, flip))
        if self._adaptive:
            self._adaptive.learn(flip.token)
        fields = flip.token, u, flip.low, flip.high, gate, learned
        return PendingReading(*fields, self._model, distribution, result, self._mask, retry)

    def _draw(self, index: int, retry: int) -> tuple[float, float]:
        """The numbers in [0, 1) for token `index` of this take; the second for XTC, NaN where the chain has none."""
        gated = self._sampling.xtc_probability > 0
        return self._number(index, TOKEN, retry), self._number(index, GATE, retry) if gated else math.nan

    def _number(self, index: int, stream: Stream, retry: int) -> float:
        """What coin.draw gives."""
        if retry:
            return draw(self._seed, self._take, index, stream, retry)
        first, numbers = self._ahead.get(stream, (index, []))
        if not 0 <= index - first < len(numbers):
            first, numbers = index, draws(self._seed, self._take, index, AHEAD, stream)
            self._ahead[stream] = first, numbers
        return numbers[index - first]

    def _without(self, banned: tuple[int, ...]) -> Mask:
        """The mask that hides these tokens too. Raises ModelError if none is left."""
        if not banned:
            return self._plain
        mask = Mask.of(self._model.vocabulary, self._control, self._banned, np.array(banned, np.int32))
        if self._healing is not None and self._is_first:
            mask = mask.healed(self._healing)
        if not len(mask.shown):
            raise ModelError(_ALL_BEGIN)
        return mask

    def _grammatical(self, mask: Mask) -> Mask:
        """The mask that hides what the grammar does not allow, too. Raises ModelError if none is left."""
        if self._grammar is None:
            return mask
        found = mask.grammatical(self._grammar.allowed())
        if not len(found.shown):
            raise ModelError(_UNGRAMMATICAL if mask is self._plain else _ALL_BEGIN)
        return found

    @property
    def is_over(self) -> bool:
        """Whether the grammar is complete and no token may come behind that, not even one that ends the text."""
        if self._grammar is None or not self._grammar.is_complete:
            return False
        return not self._grammar.allowed()[self._plain.shown].any()

    @property
    def grammar_seconds(self) -> float:
        """What the grammar took so far."""
        return self._grammar.seconds if self._grammar else 0.0

    @property
    def _plain(self) -> Mask:
        """The mask of the next token, where no banned string began."""
        return self._healed if self._is_first else self._usual

    @property
    def _is_first(self) -> bool:
        return len(self._text) == self._begin

    def look(self, logits: Logits, token: int = -1) -> PendingReading:
        """The distribution before a draw: nothing is drawn or learned, and XTC is applied as the state's gate says, or
        without one only at probability 1. token: the one whose reading is wanted, -1 for none. Raises ModelError as
        `flip` does.
        """
        self._mask = self._grammatical(self._plain)
        gate = self._state.drawn_gate if self._sampling.xtc_probability > 0 else math.nan
        distribution, result = self._apply(logits, gate)
        nan = math.nan
        none = token, nan, nan, nan, gate, self._learned
        return PendingReading(*none, self._model, distribution, result, self._mask)

    def flip_each(
        self, logits: Logits, draws: Numbers, gates: Numbers, recorded: RecordedOdds | None = None
    ) -> ExtraFlips:
        """Flip the coin of these logits with each of these numbers, at least one; nothing is learned. gates: as many,
        that decide whether XTC applies. recorded: odds that the coin has, in place of those of the logits. Raises
        ModelError as `flip` does.
        """
        self._mask = self._grammatical(self._plain)
        strikes = gates < self._sampling.xtc_probability
        distribution, calm = self._apply(logits, 1.0)
        struck = self._apply(logits, 0.0)[1] if self._sampling.xtc_probability > 0 else calm
        if recorded and recorded.struck:
            struck = recorded.coin(struck, self._mask.hidden)
        elif recorded:
            calm = recorded.coin(calm, self._mask.hidden)
        tokens = np.where(strikes, struck.strip.pick_each(draws), calm.strip.pick_each(draws))
        result, u = struck if strikes[-1] else calm, float(draws[-1])
        flip = result.strip.pick(u)
        gate = float(gates[-1]) if self._sampling.xtc_probability > 0 else math.nan
        fields = flip.token, u, flip.low, flip.high, gate, self._learned
        last = PendingReading(*fields, self._model, distribution, result, self._mask)
        share = self._sampling.xtc_probability
        return ExtraFlips(tokens, int(strikes.sum()), last, ((1 - share, calm), (share, struck)), self._mask.hidden)

    def accept(self, token: int) -> None:
        """Tell the stages that this token is now part of the text."""
        self._text.append(token)
        if self._grammar:
            self._grammar.accept(token)
        for stage in (*self._repetition, *self._truncation):
            stage.accept(token)

    @property
    def _learned(self) -> float:
        """What the next reading says of it (Reading.learned)."""
        learner = self._mirostat or self._adaptive
        return learner.learned if learner else math.nan

    @property
    def steering(self) -> Steering:
        """What has been learned so far, for `take_back`."""
        adaptive = self._adaptive.state if self._adaptive else (math.nan, math.nan)
        return Steering(self._mirostat.mu if self._mirostat else math.nan, adaptive)

    def take_back(self, tokens: int, steering: Steering) -> None:
        """Forget the last tokens that were accepted, and what was learned since `steering`."""
        if self._mirostat:
            self._mirostat.mu = steering.mu
        if self._adaptive:
            self._adaptive.state = steering.adaptive
        if tokens:
            if self._grammar:
                self._grammar.take_back(tokens)
            del self._text[-tokens:]
            self._show_text()

    def _show_text(self) -> None:
        """Let the stages see the end of the text anew."""
        for stage in (*self._repetition, *self._truncation):
            stage.reset()
            for token in self._text[-self._reach :] if self._reach else ():
                stage.accept(token)

    def close(self) -> None:
        """Free the stages' memory. A second call does nothing."""
        for stage in (*self._repetition, *self._truncation):
            stage.close()
        self._repetition, self._truncation = [], []

    # -------------------------------------------------------------------------------------- choosing the token

    def _apply(self, logits: Logits, gate: float) -> tuple[Distribution, ChainResult]:
        buffers = self._buffers
        distribution = Distribution(logits, buffers and buffers.raw)
        changed = self._favoured(logits) if len(self._biased) else logits
        if self._repetition:
            changed = self._penalised(changed)
        if self._truncation or self._mirostat or self._adaptive or self._dynamic or self._temperature == 0:
            return distribution, self._truncated(changed, gate)
        same = changed is logits
        return distribution, self._dense(distribution if same else Distribution(changed, buffers and buffers.changed))

    def _favoured(self, logits: Logits) -> Logits:
        """The logits after bias. Banned tokens are covered by the mask, whatever their logit."""
        favoured = logits.copy()
        finite = np.isfinite(self._nats)
        np.add.at(favoured, self._biased[finite], self._nats[finite])
        return favoured

    def _penalised(self, logits: Logits) -> Logits:
        """The logits after penalties and DRY. Those stages get only the recent tokens, which they can change."""
        seen = np.unique(np.array(self._text[-self._reach :], np.intp))
        candidates = _candidates(seen[~self._mask.hidden[seen]], logits)
        for stage in self._repetition:
            stage.apply(candidates)
        penalised = logits.copy()
        penalised[candidates.rows["id"]] = np.maximum(candidates.rows["logit"], _LOWEST_LOGIT)
        return penalised

    def _dense(self, distribution: Distribution) -> ChainResult:
        """The result where only mask and temperature apply: the strip holds the whole vocabulary."""
        if self._temperature == 1:
            scores = distribution.shifted
            weights, everything = distribution.weigh()
        else:
            into = self._buffers and self._buffers.warm
            scores = np.divide(distribution.shifted, np.float32(self._temperature), out=into and into.shifted)
            weighed = statistics.weigh(scores, into and into.weights)
            weights, everything = weighed.weights, weighed.total
        total = everything - float(weights[self._mask.covered].sum())
        head = distribution.front[~self._mask.hidden[distribution.front]][:HEAD]
        if total < everything / 2 or len(head) < min(HEAD, len(self._mask.shown)):
            # The mask covers most of the probability: sum the remaining weights by themselves.
            return _result(self._mask.shown, scores[self._mask.shown], ())
        return ChainResult(Strip(weights, total, head, hidden=self._mask.covered), scores)

    def _truncated(self, logits: Logits, gate: float) -> ChainResult:
        if not self._truncation:
            return self._with_temperature(self._mask.shown, logits[self._mask.shown], [], len(logits))
        candidates = self._candidates(logits)
        cuts: list[StageCut] = []
        size, counted = len(self._mask.shown), len(logits)
        for stage in self._truncation:
            if stage.name != "xtc" or self._xtc_strikes(gate):
                stage.apply(candidates)
            counted = self._counted(stage.name, counted, size - candidates.size, candidates.size)
            if candidates.size < size:
                size = candidates.size
                cuts.append(StageCut.by(stage.name, candidates.rows["id"][:size].copy()))
        ids, scores = self._by_id(candidates)
        return self._with_temperature(ids, scores, cuts, counted)

    def _counted(self, stage: str, before: int, cut: int, left: int) -> int:
        """How many candidates llama.cpp counts behind a stage that has cut some and left others: the mask, bias and
        top-n-sigma only set probabilities to 0 there. Dynamic temperature depends on the number.
        """
        if stage == "top-n-sigma":
            return before
        if stage == "top-k":
            return min(before, self._sampling.top_k)
        return before - cut if stage == "xtc" else left

    def _with_temperature(self, ids: Ids, scores: Weights, cuts: list[StageCut], counted: int) -> ChainResult:
        """The result after temperature, mirostat and adaptive-p. ids: the survivors, ascending; scores: their logits.
        counted: see `_counted`.
        """
        temperature = self._temperature
        if self._dynamic and len(ids) and np.isfinite(scores.max()):
            temperature = dynamic_temperature.temperature(self._sampling, scores, counted)
            temperature = max(temperature, _MIN_TEMPERATURE)
        if temperature == 0:
            best = [int(scores.argmax())]  # of equal logits, the lowest id
            ids, scores = ids[best], scores[best]
            cuts.append(StageCut.by("temperature", ids))
        elif temperature != 1:
            scores = scores / np.float32(temperature)
        if self._adaptive and len(ids) and np.isfinite(scores.max()):
            scores = self._adaptive.transformed(ids, scores)
        result = _result(ids, scores, tuple(cuts))
        if not self._mirostat:
            return result
        left = self._mirostat.survivors(result.strip.weights, result.strip.total)
        if len(left) == len(ids):
            return result
        return _result(ids[left], scores[left], (*cuts, StageCut.by("mirostat", ids[left])))

    def _candidates(self, logits: Logits) -> Candidates:
        """The tokens outside the mask, as rows for the stages; if top-k comes first, only the k that it leaves."""
        if self._truncation[0].name == "top-k" and self._sampling.top_k <= _SMALL_K:
            likely = statistics.most_likely(logits, self._sampling.top_k + FRONT)
            likely = likely[~self._mask.hidden[likely]][: self._sampling.top_k]
            if len(likely) == min(self._sampling.top_k, len(self._mask.shown)):
                return _candidates(likely, logits)
        mask = self._mask
        rows = self._rows if mask is self._usual else np.zeros(len(mask.shown), CANDIDATE)
        rows["id"] = mask.shown
        rows["logit"] = logits[mask.shown] if len(mask.covered) else logits
        return Candidates(rows)

    def _by_id(self, candidates: Candidates) -> tuple[Ids, Weights]:
        """The survivors' ids, ascending, and their logits."""
        rows = candidates.rows[: candidates.size]
        if candidates.size * _SPARSE < len(self._mask.hidden):
            order = rows["id"].argsort()
            return rows["id"][order], rows["logit"][order]
        everything = np.full(len(self._mask.hidden), np.nan, np.float32)
        everything[rows["id"]] = rows["logit"]
        ids = np.flatnonzero(~np.isnan(everything)).astype(np.int32)
        return ids, everything[ids]

    def _xtc_strikes(self, gate: float) -> bool:
        probability = self._sampling.xtc_probability
        return probability >= 1 if math.isnan(gate) else gate < probability

    def _probability(self, result: ChainResult, flip: Flip) -> float:
        return math.exp(float(result.log_probabilities(np.array([flip.token]), self._mask.hidden)[0]))


def _checked(sampling: Sampling) -> Sampling:
    try:
        return sampling.checked()
    except ValueError as error:
        raise ModelError(str(error)) from error


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
