"""Finds the tokens of a vocabulary whose bytes begin with given ones."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator

import numpy as np

from models.sampling.coin import Ids
from models.worker.language_model import LanguageModel

_AT_A_TIME = 4_096  # tokens whose bytes are asked for without a break


class Beginnings:
    """The tokens in the order of their bytes. Control tokens and those that end a text are left out: their bytes are
    only a name. The model spells every token for it, which takes a while for a large vocabulary: `prepare` does it in
    parts, what was not done is done when first asked for."""

    def __init__(self, model: LanguageModel) -> None:
        self._model = model
        self._parts = self._list()
        self._spelt: list[bytes] = []
        self._ids: Ids = np.zeros(0, np.int32)

    def prepare(self) -> int | None:
        """Do a part of the work. Returns how many tokens are done; None where all are."""
        return next(self._parts, None)

    def of(self, start: bytes) -> Ids:
        """The ids of the tokens whose bytes begin with `start`, which has at least one byte."""
        return self._from(start, bisect_left(self._listed, start))

    def longer(self, start: bytes) -> Ids:
        """The same without the tokens that show just these bytes."""
        return self._from(start, bisect_right(self._listed, start))

    def _from(self, start: bytes, first: int) -> Ids:
        return self._ids[first : bisect_left(self._spelt, _behind(start), first) if _behind(start) else None]

    @property
    def _listed(self) -> list[bytes]:
        for _ in self._parts:
            pass
        return self._spelt

    def _list(self) -> Iterator[int]:
        model, size = self._model, self._model.vocabulary
        for first in range(0, size, _AT_A_TIME):
            for token in range(first, min(first + _AT_A_TIME, size)):
                model.token_bytes(token)
            yield min(first + _AT_A_TIME, size)
        hidden = set(model.control)
        texts = (token for token in range(size) if token not in hidden and not model.ends_text(token))
        pairs = sorted((model.token_bytes(token), token) for token in texts)
        self._spelt = [spelt for spelt, _ in pairs]
        self._ids = np.array([token for _, token in pairs], np.int32)


def _behind(start: bytes) -> bytes:
    """The least bytes that come after everything that begins with `start`; empty where none do."""
    rest = start.rstrip(b"\xff")
    return rest[:-1] + bytes([rest[-1] + 1]) if rest else b""
