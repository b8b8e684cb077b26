"""One of llama.cpp's contexts of a loaded model: reads tokens into sequence 0, and goes back in it."""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from typing import Any, cast

import numpy as np

from models.errors import ModelError, Stopped
from models.llamacpp import core_contention, opening
from models.llamacpp.binding import lib
from models.sampling.stages import Logits
from models.worker.language_model import Rows
from models.worker.snapshots import State
from resources.language import tr

ABORTED = 2  # llama_decode's result when the abort callback stopped it
RECURRENT_PART = 1  # LLAMA_STATE_SEQ_FLAGS_PARTIAL_ONLY: what cannot be truncated, without the keys and values


class Context:
    """worker/language_model.py documents the methods. A subclass opens llama.cpp's context and passes it to `_use`."""

    _context = 0
    _batch: Any = None

    def _use(self, context: int, chunk: int, vocabulary: int, sequences: int = 1, aside: int = 1) -> None:
        """context: llama.cpp's pointer, which `close` frees. chunk: tokens of one evaluation. vocabulary: tokens.
        aside: a sequence for `peek`, which is empty otherwise; 0 for none.
        """
        self._aside = aside
        self._context = context
        self._memory = lib.llama_get_memory(context)
        self._width = vocabulary
        self._ends = [0] * sequences  # tokens of each sequence; 0 is the cache
        self._batch = lib.llama_batch_init(chunk, 0, 1)
        for index in range(chunk):
            self._batch.n_seq_id[index] = 1

    def truncate(self, tokens: int) -> int:
        if tokens < self._ends[0] and not (tokens and self._remove(tokens)):
            self._clear()
        return self._ends[0]

    def state(self, sequence: int = 0) -> State:
        size: int = lib.llama_state_seq_get_size_ext(self._context, sequence, RECURRENT_PART)
        state: State = np.empty(size, np.uint8)
        if lib.llama_state_seq_get_data_ext(self._context, pointer(state), size, sequence, RECURRENT_PART) != size:
            raise ModelError(tr("llama.cpp could not copy the model's state."))
        return state

    def restore(self, tokens: int, state: State) -> int:
        if not (self._set_state(state) and self._remove(tokens)):
            self._clear()
        return self._ends[0]

    def go_back(self, tokens: int, state: State | None, sequence: int = 0) -> None:
        if not ((state is None or self._set_state(state, sequence)) and self._remove(tokens, sequence)):
            raise ModelError(tr("llama.cpp could not take tokens back."))

    def _set_state(self, state: State, sequence: int = 0) -> bool:
        size = len(state)
        return bool(lib.llama_state_seq_set_data_ext(self._context, pointer(state), size, sequence, RECURRENT_PART))

    def read(self, ids: Sequence[int]) -> None:
        self._decode(ids, range(0))

    def evaluate(self, ids: Sequence[int]) -> Logits:
        self._decode(ids, range(len(ids) - 1, len(ids)))
        return self._rows(len(ids) - 1, 1)[0]

    def wipe(self) -> None:
        lib.llama_memory_clear(self._memory, True)
        self._ends = [0] * len(self._ends)

    def peek(self, tokens: int, ids: Sequence[int]) -> Logits | None:
        aside = self._aside
        if not aside:
            return None
        lib.llama_memory_seq_cp(self._memory, 0, aside, -1, -1)
        lib.llama_memory_seq_rm(self._memory, aside, tokens, -1)
        if lib.llama_memory_seq_pos_max(self._memory, aside) != tokens - 1:  # its cache cannot be shared
            lib.llama_memory_seq_rm(self._memory, aside, -1, -1)
            return None
        try:
            self._fill(ids, tokens, aside, range(len(ids) - 1, len(ids)))
            answer = self._run(self._batch)
        finally:
            lib.llama_memory_seq_rm(self._memory, aside, -1, -1)
        if answer:
            raise failure(answer)
        return self._rows(len(ids) - 1, 1)[0]

    def close(self) -> None:
        """Free the context and its batch. A second call does nothing."""
        if self._batch is not None:
            lib.llama_batch_free(self._batch)
        if self._context:
            lib.llama_free(self._context)
        self._batch, self._context = None, 0

    def _remove(self, tokens: int, sequence: int = 0) -> bool:
        """Drop the entries from that position on; false, and nothing is dropped, where the architecture cannot."""
        removed = bool(lib.llama_memory_seq_rm(self._memory, sequence, tokens, -1))
        self._ends[sequence] = tokens if removed else self._ends[sequence]
        return removed

    def _clear(self) -> None:
        lib.llama_memory_clear(self._memory, False)
        self._ends = [0] * len(self._ends)

    def _decode(self, ids: Sequence[int], outputs: range) -> None:
        """outputs: the places in ids behind which logits are wanted. Where it fails, a model that truncates is as it
        was before; any other has to be put back by its reader.
        """
        before = self._ends[0]
        self._fill(ids, before, 0, outputs)
        answer = self._run(self._batch)
        self._ends[0] += len(ids)  # where it failed, a part of the batch may have been stored
        if answer:
            self._remove(before)
            raise failure(answer)

    def _run(self, batch: Any) -> int:
        """Evaluate the batch. Returns llama_decode's result, 0 for success."""
        answer: int = lib.llama_decode(self._context, batch)
        core_contention.look()
        return answer

    def _fill(self, ids: Sequence[int], position: int, sequence: int, outputs: range) -> None:
        """Fill the batch with tokens of a sequence from that position on."""
        batch = self._batch
        batch.n_tokens = len(ids)
        for index, token in enumerate(ids):
            batch.token[index] = token
            batch.pos[index] = position + index
            batch.seq_id[index][0] = sequence
            batch.logits[index] = index in outputs

    def _rows(self, first: int, count: int) -> Rows:
        """llama.cpp's own logits (no copy), float32[count, vocabulary]: one array in the order of the batch."""
        found = lib.llama_get_logits_ith(self._context, first)
        return cast("Rows", np.ctypeslib.as_array(found, shape=(count, self._width)))


def failure(answer: int) -> Exception:
    """What a result of llama_decode other than 0 means."""
    return Stopped() if answer == ABORTED else ModelError(opening.refusal(answer))


def pointer(state: State) -> Any:
    return state.ctypes.data_as(ctypes.POINTER(ctypes.c_uint8))
