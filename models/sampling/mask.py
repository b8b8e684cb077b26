"""The mask of a chain: the tokens that no stage gets. They are control tokens, banned, or cut by healing or grammar."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from models.sampling.coin import Ids, Indices
from models.sampling.knobs import STAGES

Hidden = np.ndarray[tuple[int], np.dtype[np.bool_]]


@dataclass(frozen=True, slots=True)
class Mask:
    """hidden: bool[vocabulary]. shown: ids of all other tokens; covered: indices of the hidden ones, both ascending.
    by_bias, by_string: hidden by a bias of -inf alone, or because a banned string began with the token here.
    by_healing, by_grammar: bool[vocabulary], those that only healing or the grammar hides; None where it cuts nothing.
    """

    hidden: Hidden
    shown: Ids
    covered: Indices
    by_bias: Ids
    by_string: Ids
    by_healing: Hidden | None = None
    by_grammar: Hidden | None = None

    @classmethod
    def of(cls, vocabulary: int, control: Ids, by_bias: Ids, by_string: Ids) -> Mask:
        """control: hidden by the control mask."""
        masked = np.concatenate((control, by_bias))
        if not len(by_string):
            return cls(*_masks(vocabulary, masked.tobytes()), by_bias, by_string)
        return cls(*_made(vocabulary, np.concatenate((masked, by_string))), by_bias, by_string)

    def healed(self, ids: Ids) -> Mask:
        """The mask that shows these tokens alone, of those shown."""
        cut = ~self.hidden
        cut[ids] = False
        return replace(self._without(cut), by_healing=cut)

    def grammatical(self, allowed: Hidden) -> Mask:
        """The mask that shows only the allowed tokens of those shown. allowed: bool[vocabulary]."""
        cut = ~(self.hidden | allowed)
        return replace(self._without(cut), by_grammar=cut)

    def _without(self, cut: Hidden) -> Mask:
        hidden = self.hidden | cut
        shown, covered = np.flatnonzero(~hidden).astype(np.int32), np.flatnonzero(hidden)
        return replace(self, hidden=hidden, shown=shown, covered=covered)

    def cut(self, ids: Indices) -> np.ndarray[tuple[int], np.dtype[np.uint8]]:
        """`Alternatives.cut` of the ids, as far as the mask cuts them."""
        code = np.where(self.hidden[ids], 1 + STAGES.index("control"), 0).astype(np.uint8)
        code[np.isin(ids, self.by_bias)] = 1 + STAGES.index("bias")
        code[np.isin(ids, self.by_string)] = 1 + STAGES.index("banned")
        if self.by_healing is not None:
            code[self.by_healing[ids]] = 1 + STAGES.index("healing")
        if self.by_grammar is not None:
            code[self.by_grammar[ids]] = 1 + STAGES.index("grammar")
        return code


@lru_cache(maxsize=1)
def _masks(vocabulary: int, masked: bytes) -> tuple[Hidden, Ids, Indices]:
    """The arrays of a mask. masked: 32-bit ids. The chains of several streams share them: of 262,144 tokens they take
    1.3 MB.
    """
    masks = _made(vocabulary, np.frombuffer(masked, np.int32))
    for mask in masks:
        mask.flags.writeable = False
    return masks


def _made(vocabulary: int, masked: Ids) -> tuple[Hidden, Ids, Indices]:
    hidden = np.zeros(vocabulary, np.bool_)
    hidden[masked] = True
    return hidden, np.flatnonzero(~hidden).astype(np.int32), np.flatnonzero(hidden)
