"""A language model run by llama.cpp: one model, one context, and sequences at positions 0, 1, 2… in it."""

from __future__ import annotations

import ctypes
from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import numpy as np

from models.engine.events import ModelFacts
from models.errors import ModelError, Stopped
from models.library import memory
from models.library.load_options import LoadOptions
from models.llamacpp import opening
from models.llamacpp.binding import lib
from models.llamacpp.samplers import native_stages
from models.llamacpp.second_context import SecondContext
from models.llamacpp.vocabulary import Vocabulary
from models.sampling.knobs import Sampling
from models.sampling.stages import Logits, Stage
from models.worker.language_model import OffloadPlan, Progress, Rows
from models.worker.snapshots import State
from resources.language import tr

WARM_UP = 16  # tokens: more than one, so that the device's kernels for batches run too
RECURRENT_PART = 1  # LLAMA_STATE_SEQ_FLAGS_PARTIAL_ONLY: what cannot be truncated, without the keys and values
ABORTED = 2  # llama_decode's result when the abort callback stopped it


class LlamaModel:
    """A loaded model (worker/language_model.py documents the methods)."""

    def __init__(self, wanted: opening.Candidate, layers: int, progress: Progress) -> None:
        """Load it with `layers` layers on the devices. progress: gets 0…1, returns false to stop. Raises ModelError, or
        Stopped by progress.
        """
        plan = opening.plan(wanted, layers)
        self._model = opening.open_model(wanted, layers, progress)
        self._context = 0
        self._ends = [0] * (plan.streams + 1)  # tokens of each sequence; 0 is the cache
        self._stop = ctypes.create_string_buffer(2)
        self._batch: Any = None
        self._plan = plan
        self._second: SecondContext | None = None
        try:
            opening.check_writes(self._model, wanted.path)
            self._vocabulary = Vocabulary(lib.llama_model_get_vocab(self._model), wanted.header)
            self._open_context(plan)
            opening.check_remembers(self._context, wanted.path)
            self.facts: ModelFacts = opening.facts(self._model, self._context, wanted, plan, self._vocabulary.bos)
            self.control: array[int] = self._vocabulary.control()
            self.truncates = not (lib.llama_model_is_recurrent(self._model) or lib.llama_model_is_hybrid(self._model))
            if layers:
                self._warm_up()
        except BaseException:
            self.close()
            raise

    def _open_context(self, plan: opening.OpenPlan) -> None:
        self._context = opening.open_context(self._model, plan, self._stop)
        self._memory = lib.llama_get_memory(self._context)
        self._batch = lib.llama_batch_init(plan.chunk, 0, 1)
        for index in range(plan.chunk):
            self._batch.n_seq_id[index] = 1

    def _warm_up(self) -> None:
        """Evaluate a batch and a single token, so that a device that fails does so during the load, when fewer layers
        can still be tried, and compiles its kernels now.
        """
        for count in (min(WARM_UP, self.facts.batch), 1):
            self.evaluate([max(self.facts.bos, 0)] * count)
            self.truncate(0)

    @property
    def vocabulary(self) -> int:
        return self.facts.vocabulary

    def tokenize(self, text: str, first: bool) -> array[int]:
        return self._vocabulary.tokenize(text, first)

    def token_bytes(self, token: int) -> bytes:
        return self._vocabulary.token_bytes(token)

    def is_unknown(self, token: int) -> bool:
        return self._vocabulary.is_unknown(token)

    def ends_text(self, token: int) -> bool:
        return self._vocabulary.ends_text(token)

    def truncate(self, tokens: int) -> int:
        if tokens < self._ends[0] and not (tokens and self._remove(tokens)):
            self._clear()
        return self._ends[0]

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
        return self._ends[0]

    def _remove(self, tokens: int) -> bool:
        """Drop the entries from that position on; false, and nothing is dropped, where the architecture cannot."""
        removed = bool(lib.llama_memory_seq_rm(self._memory, 0, tokens, -1))
        self._ends[0] = tokens if removed else self._ends[0]
        return removed

    def _clear(self) -> None:
        lib.llama_memory_clear(self._memory, False)
        self._ends = [0] * len(self._ends)

    def read(self, ids: Sequence[int]) -> None:
        self._decode(ids, range(0))

    def evaluate(self, ids: Sequence[int]) -> Logits:
        self._decode(ids, range(len(ids) - 1, len(ids)))
        return self._rows(len(ids) - 1, 1)[0]

    def evaluate_each(self, ids: Sequence[int]) -> Rows:
        self._decode(ids, range(len(ids)))
        return self._rows(0, len(ids))

    def stages(self, sampling: Sampling) -> list[Stage]:
        return native_stages(sampling, self._vocabulary.pointer)

    def ask_stop(self, wanted: bool) -> None:
        self._stop[0] = b"\1" if wanted else b"\0"

    def open_second(self, room: int, outputs: int) -> SecondContext:
        if self._second:
            self._second.close()
        self._second = SecondContext(self._model, self._context, self._plan, self._stop, room, outputs)
        return self._second

    def close(self) -> None:
        """Free the model, its contexts and its batch. A second call does nothing."""
        if self._second:
            self._second.close()
        if self._batch is not None:
            lib.llama_batch_free(self._batch)
        if self._context:
            lib.llama_free(self._context)
        if self._model:
            lib.llama_model_free(self._model)
        self._batch, self._context, self._model = None, 0, 0

    def fork(self, streams: int) -> None:
        for sequence in range(1, len(self._ends)):
            lib.llama_memory_seq_rm(self._memory, sequence, -1, -1)
            self._ends[sequence] = 0
        for sequence in range(1, streams + 1):
            lib.llama_memory_seq_cp(self._memory, 0, sequence, -1, -1)
            self._ends[sequence] = self._ends[0]

    def step(self, rows: Sequence[tuple[int, int]], width: int) -> Rows:
        ends, used = self._ends, {sequence for sequence, _ in rows}
        fillers = [sequence for sequence in range(len(ends) - 1, 0, -1) if sequence not in used][: width - len(rows)]
        batch = self._batch
        batch.n_tokens = width
        for index, (sequence, token) in enumerate((*rows, *((sequence, 0) for sequence in fillers))):
            batch.token[index], batch.pos[index], batch.logits[index] = token, ends[sequence], True
            batch.seq_id[index][0] = sequence
        answer: int = lib.llama_decode(self._context, batch)
        for sequence in fillers if answer == 0 else (*used, *fillers):
            if not lib.llama_memory_seq_rm(self._memory, sequence, ends[sequence], -1):
                self.release(sequence)
        if answer:
            raise Stopped if answer == ABORTED else ModelError(opening.refusal(answer))
        for sequence in used:
            ends[sequence] += 1
        return self._rows(0, len(rows))

    def release(self, sequence: int) -> None:
        if not self.truncates:  # nothing that a filler adds to it could be dropped
            lib.llama_memory_seq_rm(self._memory, sequence, -1, -1)
            self._ends[sequence] = 0

    def adopt(self, sequence: int) -> None:
        if sequence:
            lib.llama_memory_seq_rm(self._memory, 0, -1, -1)
            lib.llama_memory_seq_cp(self._memory, sequence, 0, -1, -1)
            self._ends[0] = self._ends[sequence]
        self.fork(0)

    def _decode(self, ids: Sequence[int], outputs: range) -> None:
        """outputs: the places in ids behind which logits are wanted. Where it fails, a model that truncates is as it
        was before; any other has to be put back by its reader.
        """
        batch = self._batch
        batch.n_tokens = len(ids)
        for index, token in enumerate(ids):
            batch.token[index] = token
            batch.pos[index] = self._ends[0] + index
            batch.seq_id[index][0] = 0
            batch.logits[index] = index in outputs
        answer: int = lib.llama_decode(self._context, batch)
        before = self._ends[0]
        self._ends[0] += len(ids)  # where it failed, a part of the batch may have been stored
        if answer:
            self._remove(before)
            raise Stopped if answer == ABORTED else ModelError(opening.refusal(answer))

    def _rows(self, first: int, count: int) -> Rows:
        """llama.cpp's own logits (no copy), float32[count, vocabulary]: one array in the order of the batch."""
        pointer = lib.llama_get_logits_ith(self._context, first)
        rows = np.ctypeslib.as_array(pointer, shape=(count, self.facts.vocabulary))
        return cast("Rows", rows)


@dataclass(frozen=True, slots=True)
class PreparedModel:
    """A checked file, about to be loaded (worker/language_model.py documents it)."""

    wanted: opening.Candidate
    plan: OffloadPlan

    def open(self, layers: int, progress: Progress) -> LlamaModel:
        return LlamaModel(self.wanted, layers, progress)


def prepare(path: Path, options: LoadOptions, streams: int = memory.STREAMS) -> PreparedModel:
    """Check the file and the options, and estimate how many layers fit. streams: the most that write at once. Raises
    ModelError.
    """
    wanted = opening.candidate(path, options, streams)
    return PreparedModel(wanted, opening.offload_plan(wanted))


def _pointer(state: State) -> Any:
    return state.ctypes.data_as(ctypes.POINTER(ctypes.c_uint8))
