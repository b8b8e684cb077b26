"""llama.cpp's own samplers as stages of the chain, in llama.cpp's default order.

Only samplers that are not neutral are made. None of them draws: XTC always applies, and the chain draws whether to run
it. Control mask, temperature and mirostat are the chain's own.
"""

import ctypes
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from models.llamacpp.binding import lib
from models.sampling.coin import Indices
from models.sampling.knobs import Sampling
from models.sampling.stages import CANDIDATE, Candidates, Stage
from models.sampling.statistics import most_likely

MIN_KEEP = 0  # llama.cpp's default for the fewest tokens a sampler leaves
# Nats below the best logit at which the probability may underflow in 32 bits, of which typical takes logarithms.
_LOST = np.float32(60)

assert ctypes.sizeof(lib.llama_token_data) == CANDIDATE.itemsize


class Native:
    """A stage that owns a llama.cpp sampler; close frees it."""

    def __init__(self, name: str, sampler: Any) -> None:
        self.name = name
        self._sampler = sampler

    def apply(self, candidates: Candidates) -> None:
        """See sampling/stages.py. llama.cpp changes the rows in place."""
        start = candidates.rows.ctypes.data
        data = ctypes.cast(start, lib.llama_token_data_p)
        view = lib.llama_token_data_array(data, candidates.size, -1, candidates.sorted)
        lib.llama_sampler_apply(self._sampler, ctypes.byref(view))
        skipped = (ctypes.addressof(view.data.contents) - start) // CANDIDATE.itemsize
        candidates.size, candidates.sorted = view.size, view.sorted
        if skipped:  # XTC cuts from the front by moving the pointer
            candidates.rows[: candidates.size] = candidates.rows[skipped : skipped + candidates.size].copy()

    def accept(self, token: int) -> None:
        lib.llama_sampler_accept(self._sampler, token)

    def reset(self) -> None:
        lib.llama_sampler_reset(self._sampler)

    def close(self) -> None:
        if self._sampler is not None:
            lib.llama_sampler_free(self._sampler)
            self._sampler = None


class TopNSigma(Native):
    """top-n-sigma. llama.cpp sets the cut logits to -inf without removing the rows; this removes them, because later
    stages fail on -inf.
    """

    def apply(self, candidates: Candidates) -> None:
        super().apply(candidates)
        _remove_up_to(candidates, np.float32(-np.inf))


class Typical(Native):
    """typical. Removes tokens whose probability underflows in 32 bits first: llama.cpp would multiply 0 by log 0, and
    would cut them anyway.
    """

    def apply(self, candidates: Candidates) -> None:
        _remove_up_to(candidates, candidates.rows["logit"][: candidates.size].max() - _LOST)
        super().apply(candidates)


class Xtc(Native):
    """XTC. llama.cpp sorts the whole vocabulary but uses only the tokens that reach the threshold: this moves those to
    the front and marks the rows as sorted.
    """

    def __init__(self, name: str, sampler: Any, threshold: float) -> None:
        super().__init__(name, sampler)
        self._most = int(1 / threshold) + 2 if threshold > 0 else 0  # more than can reach it

    def apply(self, candidates: Candidates) -> None:
        if not 0 < self._most < candidates.size:
            super().apply(candidates)
            return
        _bring_to_front(candidates, most_likely(candidates.rows["logit"][: candidates.size], self._most))
        candidates.sorted = True
        super().apply(candidates)
        candidates.sorted = False


def _bring_to_front(candidates: Candidates, chosen: Indices) -> None:
    """Move the rows at the indices `chosen` to the front, in that order; the rows from there fill the free indices."""
    rows, count = candidates.rows, len(chosen)
    block = rows[chosen]
    free = chosen[chosen >= count]
    rows[free] = rows[np.setdiff1d(np.arange(count), chosen)]
    rows[:count] = block


def _remove_up_to(candidates: Candidates, floor: np.float32) -> None:
    rows = candidates.rows[: candidates.size]
    above = rows["logit"] > floor
    if not above.all():
        survivors = rows[above]
        candidates.size = len(survivors)
        candidates.rows[: candidates.size] = survivors


@dataclass(frozen=True, slots=True)
class StageFactory:
    """How a native stage is made. on: whether the settings need it. make: from the settings and llama_vocab pointer."""

    on: Callable[[Sampling], bool]
    make: Callable[[Sampling, Any], Native]


def _penalised(s: Sampling) -> bool:
    changed = s.repeat_penalty != 1 or s.presence_penalty != 0 or s.frequency_penalty != 0
    return changed and s.repeat_last_n > 0


def _penalties(s: Sampling, vocabulary: Any) -> Native:
    size = lib.llama_vocab_n_tokens(vocabulary)
    strengths = (s.repeat_penalty, s.frequency_penalty, s.presence_penalty)
    return Native("penalties", lib.llama_sampler_init_penalties(size, s.repeat_last_n, *strengths))


def _dry(s: Sampling, vocabulary: Any) -> Native:
    texts = [text.encode("utf-8", "replace") for text in s.dry_breakers]
    breakers = (ctypes.c_char_p * len(texts))(*texts)
    numbers = (s.dry_multiplier, s.dry_base, s.dry_allowed_length, s.dry_last_n)
    return Native("dry", lib.llama_sampler_init_dry(vocabulary, *numbers, breakers, len(texts)))


def _top_n_sigma(s: Sampling, _: Any) -> Native:
    return TopNSigma("top-n-sigma", lib.llama_sampler_init_top_n_sigma(s.top_n_sigma))


def _top_k(s: Sampling, _: Any) -> Native:
    return Native("top-k", lib.llama_sampler_init_top_k(s.top_k))


def _typical(s: Sampling, _: Any) -> Native:
    return Typical("typical", lib.llama_sampler_init_typical(s.typical, MIN_KEEP))


def _top_p(s: Sampling, _: Any) -> Native:
    return Native("top-p", lib.llama_sampler_init_top_p(s.top_p, MIN_KEEP))


def _min_p(s: Sampling, _: Any) -> Native:
    return Native("min-p", lib.llama_sampler_init_min_p(s.min_p, MIN_KEEP))


def _xtc(s: Sampling, _: Any) -> Native:
    return Xtc("xtc", lib.llama_sampler_init_xtc(1.0, s.xtc_threshold, MIN_KEEP, 0), s.xtc_threshold)


# A new sampler needs one entry here, its name at the end of knobs.STAGES, and its knob in Sampling.
REPETITION: Sequence[StageFactory] = (
    StageFactory(_penalised, _penalties),
    StageFactory(lambda s: s.dry_multiplier > 0 and s.dry_last_n > 0, _dry),
)
TRUNCATION: Sequence[StageFactory] = (
    StageFactory(lambda s: s.top_n_sigma > 0, _top_n_sigma),
    StageFactory(lambda s: s.top_k > 0, _top_k),
    StageFactory(lambda s: s.typical < 1, _typical),
    StageFactory(lambda s: s.top_p < 1, _top_p),
    StageFactory(lambda s: s.min_p > 0, _min_p),
    StageFactory(lambda s: s.xtc_probability > 0, _xtc),
)


def native_stages(sampling: Sampling, vocabulary: Any) -> list[Stage]:
    """The stages that are not neutral, in order.

    vocabulary: the loaded model's llama_vocab pointer, which must outlive them.
    """
    factories = REPETITION if sampling.mirostat else (*REPETITION, *TRUNCATION)
    return [factory.make(sampling, vocabulary) for factory in factories if factory.on(sampling)]
