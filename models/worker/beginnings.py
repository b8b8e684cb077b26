"""Finds the tokens of a vocabulary whose bytes begin with given ones."""

from bisect import bisect_left

import numpy as np

from models.sampling.coin import Ids
from models.worker.language_model import LanguageModel


class Beginnings:
    """The tokens in the order of their bytes. Control tokens and those that end a text are left out: their bytes are
    only a name."""

    def __init__(self, model: LanguageModel) -> None:
        hidden = set(model.control)
        texts = (token for token in range(model.vocabulary) if token not in hidden and not model.ends_text(token))
        pairs = sorted((model.token_bytes(token), token) for token in texts)
        self._spelt = [spelt for spelt, _ in pairs]
        self._ids: Ids = np.array([token for _, token in pairs], np.int32)

    def of(self, start: bytes) -> Ids:
        """The ids of the tokens whose bytes begin with `start`, which has at least one byte."""
        first = bisect_left(self._spelt, start)
        return self._ids[first : bisect_left(self._spelt, _behind(start), first) if _behind(start) else None]


def _behind(start: bytes) -> bytes:
    """The least bytes that come after everything that begins with `start`; empty where none do."""
    rest = start.rstrip(b"\xff")
    return rest[:-1] + bytes([rest[-1] + 1]) if rest else b""
