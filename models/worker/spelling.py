"""The bytes of every token of a vocabulary, in one piece, and which tokens begin with given bytes.

They are asked of the model a few at a time, since a large vocabulary takes a third of a second.
"""

from __future__ import annotations  # array[int] can be written in an annotation, not evaluated, before Python 3.12

from array import array
from functools import cached_property

import numpy as np

from models.sampling.coin import Ids
from models.worker.language_model import LanguageModel

AT_A_TIME = 1_024  # tokens: a millisecond or two
_MOST_KNOWN = 64  # beginnings whose tokens are in memory


class Spelling:
    """data: the bytes of the tokens spelt so far, one after the other. ends: type code "q", where each one's end."""

    def __init__(self, model: LanguageModel) -> None:
        self._model = model
        self.data = bytearray()
        self.ends = array("q")
        self._apart = set(model.control)  # and those that end a text: their bytes are only a name
        self._known: dict[bytes, Ids] = {}

    @property
    def is_whole(self) -> bool:
        """Whether every token is spelt."""
        return len(self.ends) == self._model.vocabulary

    def spell_some(self) -> None:
        """Spell the next AT_A_TIME tokens."""
        first = len(self.ends)
        for token in range(first, min(first + AT_A_TIME, self._model.vocabulary)):
            self.data += self._model.token_bytes(token)
            self.ends.append(len(self.data))
            if self._model.ends_text(token):
                self._apart.add(token)

    def spell_all(self) -> None:
        """Spell what is not spelt yet."""
        while not self.is_whole:
            self.spell_some()

    def beginning_with(self, start: bytes) -> Ids:
        """The ids of the tokens, ascending, whose bytes begin with `start`: at least one byte. Every token has to be
        spelt. Control tokens and those that end a text are left out."""
        found = self._known.get(start)
        if found is None:
            if len(self._known) >= _MOST_KNOWN:
                self._known.clear()
            found = self._known[start] = self._find(start)
        return found

    def longer_than(self, start: bytes) -> Ids:
        """The same without the tokens that show just these bytes. Spells what is not spelt yet."""
        self.spell_all()
        found = self.beginning_with(start)
        return found[self._arrays[2][found] > len(start)]

    def _find(self, start: bytes) -> Ids:
        data, starts, lengths = self._arrays
        found = np.flatnonzero(lengths >= len(start)).astype(np.int32)
        for place, byte in enumerate(start):
            found = found[data[starts[found] + place] == byte]
        return found

    @cached_property
    def _arrays(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:  # type: ignore[type-arg]
        """The bytes, where each token begins, and its length: 0 for those that no text has."""
        ends = np.array(self.ends, np.int64)
        starts = np.concatenate(([0], ends[:-1]))
        lengths = ends - starts
        lengths[list(self._apart)] = 0
        return np.frombuffer(bytes(self.data), np.uint8), starts, lengths
