"""The protocols of the sampler chain (chain.py): what it needs of a model, and of each stage the model provides."""

from __future__ import annotations  # array[int] can be written in an annotation, not evaluated, before Python 3.12

from array import array
from typing import Protocol

import numpy as np

from models.sampling.knobs import Sampling

Logits = np.ndarray[tuple[int], np.dtype[np.float32]]


class Stage(Protocol):
    """One stage of the sampler chain. name: one of knobs.STAGES."""

    name: str

    def apply(self, candidates: Candidates) -> None:
        """Change logits in place, or cut by moving survivors to the front and lowering `size`."""
        ...

    def accept(self, token: int) -> None:
        """Add a token of the text (drawn, or part of the prefix) to the stage's state."""
        ...

    def reset(self) -> None:
        """Forget all tokens."""
        ...

    def close(self) -> None: ...


CANDIDATE = np.dtype([("id", "<i4"), ("logit", "<f4"), ("p", "<f4")])  # llama.cpp's llama_token_data


class Candidates:
    """The tokens no stage has cut: the first `size` of `rows` (dtype CANDIDATE). sorted: by logit, highest first."""

    def __init__(self, rows: np.ndarray[tuple[int], np.dtype[np.void]]) -> None:
        self.rows = rows
        self.size = len(rows)
        self.sorted = False


class SampledModel(Protocol):
    """The part of a language model that the chain uses (the full protocol: worker/language_model.py)."""

    control: array[int]  # ids that the control mask covers: control and unused tokens, never end-of-text

    @property
    def vocabulary(self) -> int:
        """The number of tokens in the vocabulary: the length of the logits."""
        ...

    def tokenize(self, text: str, first: bool) -> array[int]:
        """The ids of a text; special tokens are never parsed. first: the text starts the page (else no leading space is
        added). Raises ModelError.
        """
        ...

    def token_bytes(self, token: int) -> bytes:
        """The bytes the token shows on the page; never empty (a control token shows its name)."""
        ...

    def stages(self, sampling: Sampling) -> list[Stage]:
        """The stages that are not neutral, in order, without control mask, temperature and mirostat (chain.py has
        those). "xtc" always applies: the chain draws whether to run it.
        """
        ...
