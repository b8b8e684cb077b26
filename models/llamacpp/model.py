"""A language model run by llama.cpp: one model, one context, and sequences at positions 0, 1, 2… in it."""

from __future__ import annotations

import ctypes
from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from models.engine.events import ModelFacts
from models.library import memory
from models.library.load_options import LoadOptions
from models.llamacpp import core_contention, opening, openmp
from models.llamacpp.binding import lib
from models.llamacpp.context import Context, failure
from models.llamacpp.samplers import native_stages
from models.llamacpp.second_context import SecondContext
from models.llamacpp.vocabulary import Vocabulary
from models.sampling.knobs import Sampling
from models.sampling.stages import Stage
from models.worker.language_model import OffloadPlan, Progress, Rows

WARM_UP = 16  # tokens: more than one, so that the device's kernels for batches run too


class LlamaModel(Context):
    """A loaded model with the page's context (worker/language_model.py documents the methods)."""

    heals = True

    def __init__(self, wanted: opening.Candidate, layers: int, progress: Progress) -> None:
        """Load it with `layers` layers on the devices. progress: gets 0…1, returns false to stop. Raises ModelError, or
        Stopped by progress.
        """
        plan = opening.plan(wanted, layers)
        self._model = opening.open_model(wanted, plan, progress)
        self._stop = ctypes.create_string_buffer(2)
        self._second: SecondContext | None = None
        try:
            opening.check_writes(self._model, wanted.path)
            self._vocabulary = Vocabulary(lib.llama_model_get_vocab(self._model), wanted.header)
            context, plan = opening.open_page(self._model, plan, self._stop)
            self._plan = plan
            sequences = memory.sequences(plan.streams)
            self._use(context, plan.chunk, self._vocabulary.size, sequences, aside=min(sequences - 1, 1))
            opening.check_remembers(self._context, wanted.path)
            self.facts: ModelFacts = opening.facts(self._model, self._context, wanted, plan, self._vocabulary.bos)
            self.control: array[int] = self._vocabulary.control()
            self.truncates = not (lib.llama_model_is_recurrent(self._model) or lib.llama_model_is_hybrid(self._model))
            if layers:
                self._warm_up()
        except BaseException:
            self.close()
            raise

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
        super().close()
        if self._model:
            lib.llama_model_free(self._model)
            core_contention.rest()
        self._model = 0

    def shares(self) -> bool:
        if probed := not self._ends[0]:
            self.evaluate([max(self.facts.bos, 0)])
        lib.llama_memory_seq_cp(self._memory, 0, 1, -1, -1)
        last, copied = (lib.llama_memory_seq_pos_max(self._memory, sequence) for sequence in (0, 1))
        self.fork(0)
        if probed:
            self.truncate(0)
        return last == copied

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
        answer = self._run(batch)
        for sequence in fillers if answer == 0 else (*used, *fillers):
            if not lib.llama_memory_seq_rm(self._memory, sequence, ends[sequence], -1):
                lib.llama_memory_seq_rm(self._memory, sequence, -1, -1)
                ends[sequence] = 0
        if answer:
            raise failure(answer)
        for sequence in used:
            ends[sequence] += 1
        return self._rows(0, len(rows))

    def team(self, rows: int) -> int:
        if self._plan.layers or not openmp.is_shared():
            return 1
        return self._plan.threads if rows == 1 else self._plan.reading_threads

    def adopt(self, sequence: int) -> None:
        if sequence:
            lib.llama_memory_seq_rm(self._memory, 0, -1, -1)
            lib.llama_memory_seq_cp(self._memory, sequence, 0, -1, -1)
            self._ends[0] = self._ends[sequence]
        self.fork(0)


@dataclass(frozen=True, slots=True)
class PreparedModel:
    """A checked file, about to be loaded (worker/language_model.py documents it)."""

    wanted: opening.Candidate
    plan: OffloadPlan

    def open(self, layers: int, progress: Progress) -> LlamaModel:
        return LlamaModel(self.wanted, layers, progress)


def prepare(path: Path, options: LoadOptions, streams: int = memory.STREAMS, mapped: int = 0) -> PreparedModel:
    """Check the file and the options, and estimate how many layers fit. streams: the most that write at once. mapped:
    bytes of the weights of a model beside it. Raises ModelError.
    """
    wanted = opening.candidate(path, options, streams, mapped)
    return PreparedModel(wanted, opening.offload_plan(wanted))
