"""What the inference loop asks of whatever runs a model: llama.cpp (llama.py) or a script with fixed odds
(scripted.py).

Another engine is one more file with these methods. Knows nothing of pipes, pages or the coin.
"""

from __future__ import annotations  # array[int] can be written in an annotation, not evaluated, before Python 3.12

from array import array
from collections.abc import Sequence
from typing import Protocol

import numpy as np

from models.engine.messages import ModelFacts
from models.engine.sampling import Sampling

Logits = np.ndarray[tuple[int], np.dtype[np.float32]]


class ModelError(Exception):
    """A model could not be loaded or run. Its text is one sentence that the user can act on."""


class Stage(Protocol):
    """One stage of the sampler chain (one of sampling.STAGES), with whatever state it learns from the tokens it is told
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


class Backend(Protocol):
    """A loaded model with one cache: the tokens evaluated so far, positions 0, 1, 2…"""

    facts: ModelFacts
    control: array[int]  # ids of control and unused tokens that the mask covers; end-of-text is never among them

    def tokenize(self, text: str, first: bool) -> array[int]:
        """Ids of text, special tokens never parsed. first: it starts the page (else no false space comes first)."""
        ...

    def token_bytes(self, token: int) -> bytes:
        """What the token shows on the page; never empty (control tokens show their name)."""
        ...

    def is_unknown(self, token: int) -> bool:
        """Whether it stands for text that the vocabulary has nothing for, and shows a name instead."""
        ...

    def ends_text(self, token: int) -> bool: ...

    def keep(self, tokens: int) -> int:
        """Drop all cache entries from that position on. Returns how many are really left (fewer where the architecture
        cannot cut).
        """
        ...

    def evaluate(self, ids: Sequence[int]) -> Logits:
        """Put at most `facts.batch` ids behind the cache; the logits after the last, float32[vocabulary], valid until
        the next call.
        """
        ...

    def evaluate_each(self, ids: Sequence[int]) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
        """The same, with the logits after every one of them, float32[len(ids), vocabulary]."""
        ...

    def stages(self, sampling: Sampling) -> list[Stage]:
        """The stages that are not neutral, in order; control mask, temperature and mirostat are not among them
        (chain.py).

        "xtc" is made to strike always: the chain draws whether it is asked at all.
        """
        ...

    def ask_stop(self, wanted: bool) -> None:
        """From any thread. true: the evaluation that runs and every later one give up with Stopped, until false is
        said.
        """
        ...

    def close(self) -> None: ...


class Stopped(Exception):  # noqa: N818 (no error: it was asked for)
    """An evaluation was abandoned because it was asked to stop; the cache holds what it held before it."""
