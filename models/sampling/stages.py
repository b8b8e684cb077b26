"""What the sampler chain asks of a model, and of each stage that the model brings along (chain.py runs them)."""

from __future__ import annotations  # array[int] can be written in an annotation, not evaluated, before Python 3.12

from array import array
from typing import Protocol

import numpy as np

from models.sampling.knobs import Sampling

Logits = np.ndarray[tuple[int], np.dtype[np.float32]]


class Stage(Protocol):
    """One stage of the sampler chain (one of knobs.STAGES), with whatever state it learns from the tokens it is told
    of.
    """

    name: str

    def apply(self, candidates: Candidates) -> None:
        """Change logits in place, or cut by moving survivors to the front and lowering `size`."""
        ...

    def accept(self, token: int) -> None:
        """That token now stands on the page (drawn, or part of the prefix)."""
        ...

    def close(self) -> None: ...


CANDIDATE = np.dtype([("id", "<i4"), ("logit", "<f4"), ("p", "<f4")])  # llama.cpp's llama_token_data


class Candidates:
    """The tokens still in play: the first `size` rows of `rows` (dtype CANDIDATE, one row a vocabulary entry)."""

    def __init__(self, rows: np.ndarray[tuple[int], np.dtype[np.void]]) -> None:
        self.rows = rows
        self.size = len(rows)
        self.sorted = False


class SampledModel(Protocol):
    """A model whose logits the chain samples from (all of it: worker/language_model.py)."""

    control: array[int]  # ids of control and unused tokens that the mask covers; end-of-text is never among them

    @property
    def vocabulary(self) -> int:
        """Entries of the vocabulary: the length of the logits."""
        ...

    def token_bytes(self, token: int) -> bytes:
        """What the token shows on the page; never empty (control tokens show their name)."""
        ...

    def stages(self, sampling: Sampling) -> list[Stage]:
        """The stages that are not neutral, in order; control mask, temperature and mirostat are not among them
        (chain.py).

        "xtc" is made to strike always: the chain draws whether it is asked at all.
        """
        ...
