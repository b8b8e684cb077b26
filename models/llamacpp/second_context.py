"""A second context of a loaded model, for queries beside the page: the weights are shared, the cache is its own.

It takes over the page's cache as a copy, in the same cells: the numbers that it computes then equal those of a context
that has read the same text itself, to the bit.
"""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from models.llamacpp import opening
from models.llamacpp.binding import lib
from models.llamacpp.context import Context, pointer
from models.worker.language_model import Rows
from models.worker.snapshots import State


class SecondContext(Context):
    """worker/language_model.py documents the methods.

    page: llama.cpp's pointer to the page's context, whose sequence 0 is copied. plan: how that one was opened. stop:
    its abort flag, shared. room: tokens. outputs: the most logits of one evaluation. Raises ModelError.
    """

    def __init__(
        self,
        model: int,
        page: int,
        plan: opening.OpenPlan,
        stop: ctypes.Array[ctypes.c_char],
        room: int,
        outputs: int,
    ) -> None:
        self._page = page
        self._windowed = lib.llama_model_n_swa(model) > 0
        # A windowed cache is copied with all sequences of the page, and needs one more (see _protect).
        self._sequences: int = lib.llama_n_seq_max(page) + 1 if self._windowed else 1
        keeps_states = lib.llama_model_is_recurrent(model) or lib.llama_model_is_hybrid(model)
        sequences = self._sequences + (0 if keeps_states else 1)  # the last one for `peek`
        context = opening.open_context(model, replace(plan, context=room), stop, sequences=sequences, outputs=outputs)
        size = lib.llama_vocab_n_tokens(lib.llama_model_get_vocab(model))
        self._use(context, plan.chunk, size, aside=self._sequences)

    def evaluate_each(self, ids: Sequence[int]) -> Rows:
        self._decode(ids, range(len(ids)))
        return self._rows(0, len(ids))

    # ------------------------------------------------------------------------------------------ the page's cache

    def copy(self, held: int, tokens: int, state: State | None) -> int:
        self._clear()
        copied = self._copy_all() if self._windowed else self._copy_sequence()
        if not copied:
            self._clear()
            return 0
        self._ends[0] = held
        left = self.truncate(tokens) if state is None else self.restore(tokens, state)
        if left and self._windowed:
            self._protect()
        return left

    def _copy_sequence(self) -> bool:
        size: int = lib.llama_state_seq_get_size(self._page, 0)
        state = np.empty(size, np.uint8)
        return (
            lib.llama_state_seq_get_data(self._page, pointer(state), size, 0) == size > 0
            and lib.llama_state_seq_set_data(self._context, pointer(state), size, 0) == size
        )

    def _copy_all(self) -> bool:
        """Copy every sequence and keep the first. Of one sequence llama.cpp would copy only the cells that the sliding
        window still reaches from its end, and put them elsewhere: it could not be truncated, and rounded otherwise.
        """
        size: int = lib.llama_state_get_size(self._page)
        state = np.empty(size, np.uint8)
        if lib.llama_state_get_data(self._page, pointer(state), size) != size:
            return False
        if lib.llama_state_set_data(self._context, pointer(state), size) != size:
            return False
        lib.llama_memory_seq_keep(self._memory, 0)
        return True

    def _protect(self) -> None:
        """Share the copied cells with another sequence. llama.cpp looks for free cells from the first one on after a
        copy, and takes those that the window has left behind for free, unless two sequences hold them.
        """
        lib.llama_memory_seq_cp(self._memory, 0, self._sequences - 1, 0, -1)

    def _remove(self, tokens: int, sequence: int = 0) -> bool:
        """The same, of the sequence that protects the copied cells too."""
        protecting = self._sequences - 1
        if protecting and not lib.llama_memory_seq_rm(self._memory, protecting, tokens, -1):
            return False
        return super()._remove(tokens, sequence)
