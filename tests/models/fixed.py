"""A backend for tests of the chain: a vocabulary of any size without a model, and native stages if a vocabulary is
given."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from typing import Any

import numpy as np

from models.engine.events import ModelFacts
from models.llamacpp.samplers import native_stages
from models.sampling.knobs import Sampling
from models.sampling.stages import Logits, Stage
from models.worker.snapshots import State


class Fixed:
    """A Backend. Token 65 shows as "65 ", and so on. native: the llama_vocab pointer that the native stages ask."""

    def __init__(self, vocabulary: int, control: Sequence[int] = (), native: Any = None) -> None:
        self.facts = ModelFacts("", "fixed", "", "none", 0, 0, vocabulary, 0, 512, 512, 1, 0, "CPU", -1, 64)
        self.control = array("i", control)
        self._native = native

    @property
    def vocabulary(self) -> int:
        return self.facts.vocabulary

    def tokenize(self, text: str, first: bool) -> array[int]:
        return array("i", map(ord, text))

    def token_bytes(self, token: int) -> bytes:
        return b"%d " % token

    def is_unknown(self, token: int) -> bool:
        return False

    def ends_text(self, token: int) -> bool:
        return False

    def truncate(self, tokens: int) -> int:
        return 0

    @property
    def truncates(self) -> bool:
        return True

    def state(self, sequence: int = 0) -> State:
        return np.zeros(0, np.uint8)

    def go_back(self, tokens: int, state: State | None, sequence: int = 0) -> None: ...

    def restore(self, tokens: int, state: State) -> int:
        return 0

    def read(self, ids: Sequence[int]) -> None: ...

    def evaluate(self, ids: Sequence[int]) -> Logits:
        return np.zeros(self.facts.vocabulary, np.float32)

    heals = True

    def peek(self, tokens: int, ids: Sequence[int]) -> Logits:
        return self.evaluate(ids)

    def evaluate_each(self, ids: Sequence[int]) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
        return np.zeros((len(ids), self.facts.vocabulary), np.float32)

    def wipe(self) -> None: ...

    def shares(self) -> bool:
        return True

    def fork(self, streams: int) -> None: ...

    def step(self, rows: Sequence[tuple[int, int]], width: int) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
        return np.zeros((len(rows), self.facts.vocabulary), np.float32)

    def release(self, sequence: int) -> None: ...

    def team(self, rows: int) -> int:
        return 1

    def adopt(self, sequence: int) -> None: ...

    def stages(self, sampling: Sampling) -> list[Stage]:
        return native_stages(sampling, self._native) if self._native else []

    def ask_stop(self, wanted: bool) -> None: ...

    def close(self) -> None: ...


def logits_of(vocabulary: int, spread: float = 3.0, seed: int = 0) -> Logits:
    """Normally distributed ones."""
    return (np.random.default_rng(seed).standard_normal(vocabulary) * spread).astype(np.float32)
