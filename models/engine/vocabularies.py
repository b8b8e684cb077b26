"""Compares the vocabularies of two models by the bytes of their tokens, and finds tokens by their bytes."""

import hashlib
from typing import Any, TypeAlias

import numpy as np

from models.engine.events import VocabularyRead

Ids: TypeAlias = np.ndarray[Any, np.dtype[np.int64]]


class TokenBytes:
    """The bytes of every token of one model. digest: the same for two models whose tokens have the same bytes under the
    same ids, whatever the models are called."""

    def __init__(self, read: VocabularyRead) -> None:
        self._data = np.frombuffer(read.data, np.uint8)
        self._ends: Ids = np.frombuffer(read.ends, np.int64)
        self._starts: Ids = np.concatenate([np.zeros(1, np.int64), self._ends[:-1]])
        self._lengths: Ids = self._ends - self._starts
        self.digest = hashlib.sha256(self._ends.tobytes() + read.data).hexdigest()

    def of(self, token: int) -> bytes:
        """The bytes of the token with that id; empty where there is none."""
        inside = 0 <= token < len(self._ends)
        return self._data[self._starts[token] : self._ends[token]].tobytes() if inside else b""

    def spelling(self, text: bytes) -> Ids:
        """The ids of all tokens that have exactly these bytes, ascending: several where a vocabulary has a letter and a
        byte of the same value; none for no bytes."""
        found: Ids = np.flatnonzero(self._lengths == len(text)) if text else np.zeros(0, np.int64)
        for place, byte in enumerate(text):
            found = found[self._data[self._starts[found] + place] == byte]
        return found
