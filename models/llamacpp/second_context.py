"""A second context of a loaded model, for queries beside the page: the weights are shared, the cache is its own.

It takes over the page's cache as a copy, in the same cells: the numbers that it computes then equal those of a context
that has read the same text itself, to the bit.
"""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, cast

import numpy as np

from models.errors import ModelError, Stopped
from models.llamacpp import opening
from models.llamacpp.binding import lib
from models.sampling.stages import Logits
from models.worker.snapshots import State
from resources.language import tr

ABORTED = 2  # llama_decode's result when the abort callback stopped it
RECURRENT_PART = 1  # LLAMA_STATE_SEQ_FLAGS_PARTIAL_ONLY: what cannot be truncated, without the keys and values


class SecondContext:
    """worker/language_model.py documents the methods. It reads sequence 0.

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
        self._vocabulary: int = lib.llama_vocab_n_tokens(lib.llama_model_get_vocab(model))
        # A windowed cache is copied with all sequences of the page, and needs one more (see _protect).
        self._sequences: int = lib.llama_n_seq_max(page) + 1 if self._windowed else 1
        self._context: int = opening.open_context(
            model, replace(plan, context=room), stop, sequences=self._sequences, outputs=outputs
        )
        self._memory = lib.llama_get_memory(self._context)
        self._end = 0
        self._batch: Any = lib.llama_batch_init(plan.chunk, 0, 1)
        for index in range(plan.chunk):
            self._batch.n_seq_id[index] = 1
            self._batch.seq_id[index][0] = 0

    # ------------------------------------------------------------------------------------------ the page's cache

    def copy(self, held: int, tokens: int, state: State | None) -> int:
        self._clear()
        copied = self._copy_all() if self._windowed else self._copy_sequence()
        if not copied:
            self._clear()
            return 0
        self._end = held
        left = self.truncate(tokens) if state is None else self.restore(tokens, state)
        if left and self._windowed:
            self._protect()
        return left

    def _copy_sequence(self) -> bool:
        size: int = lib.llama_state_seq_get_size(self._page, 0)
        state = np.empty(size, np.uint8)
        return (
            lib.llama_state_seq_get_data(self._page, _pointer(state), size, 0) == size > 0
            and lib.llama_state_seq_set_data(self._context, _pointer(state), size, 0) == size
        )

    def _copy_all(self) -> bool:
        """Copy every sequence and keep the first. Of one sequence llama.cpp would copy only the cells that the sliding
        window still reaches from its end, and put them elsewhere: it could not be truncated, and rounded otherwise.
        """
        size: int = lib.llama_state_get_size(self._page)
        state = np.empty(size, np.uint8)
        if lib.llama_state_get_data(self._page, _pointer(state), size) != size:
            return False
        if lib.llama_state_set_data(self._context, _pointer(state), size) != size:
            return False
        lib.llama_memory_seq_keep(self._memory, 0)
        return True

    def _protect(self) -> None:
        """Share the copied cells with another sequence. llama.cpp looks for free cells from the first one on after a
        copy, and takes those that the window has left behind for free, unless two sequences hold them.
        """
        lib.llama_memory_seq_cp(self._memory, 0, self._sequences - 1, 0, -1)

    # ------------------------------------------------------------------------------------------ its own cache

    def truncate(self, tokens: int) -> int:
        if tokens < self._end and not (tokens and self._remove(tokens)):
            self._clear()
        return self._end

    def state(self) -> State:
        size: int = lib.llama_state_seq_get_size_ext(self._context, 0, RECURRENT_PART)
        state: State = np.empty(size, np.uint8)
        if lib.llama_state_seq_get_data_ext(self._context, _pointer(state), size, 0, RECURRENT_PART) != size:
            raise ModelError(tr("llama.cpp could not copy the model's state."))
        return state

    def restore(self, tokens: int, state: State) -> int:
        copied: int = lib.llama_state_seq_set_data_ext(self._context, _pointer(state), len(state), 0, RECURRENT_PART)
        if not (copied and self._remove(tokens)):
            self._clear()
        return self._end

    def read(self, ids: Sequence[int]) -> None:
        self._decode(ids, range(0))

    def evaluate(self, ids: Sequence[int]) -> Logits:
        self._decode(ids, range(len(ids) - 1, len(ids)))
        return self._rows(len(ids) - 1, 1)[0]

    def evaluate_each(self, ids: Sequence[int]) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
        self._decode(ids, range(len(ids)))
        return self._rows(0, len(ids))

    def close(self) -> None:
        if self._context:
            lib.llama_batch_free(self._batch)
            lib.llama_free(self._context)
        self._context = 0

    def _remove(self, tokens: int) -> bool:
        """Drop the entries from that position on; false, and nothing is dropped, where the architecture cannot."""
        for sequence in {0, self._sequences - 1}:
            if not lib.llama_memory_seq_rm(self._memory, sequence, tokens, -1):
                return False
        self._end = tokens
        return True

    def _clear(self) -> None:
        lib.llama_memory_clear(self._memory, False)
        self._end = 0

    def _decode(self, ids: Sequence[int], outputs: range) -> None:
        """outputs: the places in ids behind which logits are wanted."""
        batch = self._batch
        batch.n_tokens = len(ids)
        for index, token in enumerate(ids):
            batch.token[index] = token
            batch.pos[index] = self._end + index
            batch.logits[index] = index in outputs
        answer: int = lib.llama_decode(self._context, batch)
        before = self._end
        self._end += len(ids)  # where it failed, a part of the batch may have been stored
        if answer:
            self._remove(before)
            raise Stopped if answer == ABORTED else ModelError(opening.refusal(answer))

    def _rows(self, first: int, count: int) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
        """llama.cpp's own logits (no copy), float32[count, vocabulary]."""
        pointer = lib.llama_get_logits_ith(self._context, first)
        rows = np.ctypeslib.as_array(pointer, shape=(count, self._vocabulary))
        return cast("np.ndarray[tuple[int, int], np.dtype[np.float32]]", rows)


def _pointer(state: State) -> Any:
    return state.ctypes.data_as(ctypes.POINTER(ctypes.c_uint8))
