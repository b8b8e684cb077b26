"""llama.cpp called directly by ctypes, with a context of its own and none of our code: the reference for our
numbers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from models.llamacpp.binding import lib

Rows = np.ndarray[tuple[int, int], np.dtype[np.float64]]


class Straight:
    """One model and one context. cache: "f16", or "f32", where nothing is rounded to 16 bits."""

    def __init__(self, path: Path, threads: int, ubatch: int, cache: str) -> None:
        self.model = lib.llama_model_load_from_file(str(path).encode(), lib.llama_model_default_params())
        params: Any = lib.llama_context_default_params()
        params.n_ctx, params.n_batch, params.n_ubatch, params.swa_full = 4096, ubatch, ubatch, True
        params.n_threads = params.n_threads_batch = threads
        if cache == "f32":
            params.type_k = params.type_v = lib.GGML_TYPE_F32
            params.flash_attn_type = lib.LLAMA_FLASH_ATTN_TYPE_DISABLED
        self.context = lib.llama_init_from_model(self.model, params)
        self.size: int = lib.llama_vocab_n_tokens(lib.llama_model_get_vocab(self.model))

    def logits(self, ids: Sequence[int], shapes: Sequence[int], every: bool = False) -> Rows:
        """Log-probabilities (float64) behind the last token of every batch, or behind every token; batches have those
        sizes.
        """
        lib.llama_memory_clear(lib.llama_get_memory(self.context), True)
        rows: list[np.ndarray[Any, Any]] = []
        place = 0
        for size in shapes:
            rows += self._decode(ids[place : place + size], place, every)
            place += size
        assert place == len(ids)
        return log_softmax(np.array(rows, np.float64))

    def _decode(self, ids: Sequence[int], place: int, every: bool) -> list[np.ndarray[Any, Any]]:
        batch: Any = lib.llama_batch_init(len(ids), 0, 1)
        batch.n_tokens = len(ids)
        for index, token in enumerate(ids):
            batch.token[index], batch.pos[index] = token, place + index
            batch.n_seq_id[index], batch.seq_id[index][0] = 1, 0
            batch.logits[index] = every or index == len(ids) - 1
        assert lib.llama_decode(self.context, batch) == 0
        wanted = range(len(ids)) if every else [len(ids) - 1]
        rows = [np.array(lib.llama_get_logits_ith(self.context, index)[: self.size], np.float32) for index in wanted]
        lib.llama_batch_free(batch)
        return rows

    def close(self) -> None:
        lib.llama_free(self.context)
        lib.llama_model_free(self.model)


def log_softmax(rows: Rows) -> Rows:
    shifted = rows - rows.max(axis=1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))


@contextmanager
def straight(path: Path, threads: int, ubatch: int = 512, cache: str = "f16") -> Iterator[Straight]:
    made = Straight(path, threads, ubatch, cache)
    try:
        yield made
    finally:
        made.close()
