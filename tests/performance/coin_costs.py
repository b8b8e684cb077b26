"""Measures a flip of the coin at Gemma's vocabulary of 262,144 tokens: `python -m tests.performance.coin_costs`.

Processor time, so that other programs disturb little; the lowest of ten runs. docs/coin.md has its output.
"""

import sys
import tempfile
import time
import timeit
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from models.llamacpp.binding import lib
from models.sampling import statistics
from models.sampling.chain import Chain
from models.sampling.knobs import Sampling
from models.sampling.statistics import Distribution
from tests.models import tiny
from tests.models.fixed import Fixed

SIZE = 262_144
CONTROL = range(6_242)  # as many as Gemma 3 has
CHAINS = (
    Sampling(),
    Sampling(temperature=0.8),
    Sampling(temperature=0.0),
    Sampling(top_k=40, top_p=0.95, min_p=0.05, temperature=0.8),  # llama.cpp's defaults
    Sampling(top_k=40),
    Sampling(min_p=0.05),
    Sampling(top_p=0.95),
    Sampling(typical=0.95),
    Sampling(top_n_sigma=1.0),
    Sampling(repeat_penalty=1.1),
    Sampling(dry_multiplier=0.8),
    Sampling(xtc_probability=1.0),
    Sampling(mirostat=1),
    Sampling(mirostat=2),
    Sampling(temperature_range=0.5),
    Sampling(min_p=0.05, adaptive_target=0.5),
)


def logits() -> statistics.Logits:
    """Logits as peaked as a real model's: 200 tokens above the noise."""
    chance = np.random.default_rng(0)
    values = chance.standard_normal(SIZE) * 2.5 - 12
    values[chance.integers(0, SIZE, 200)] += chance.exponential(4, 200) + 6
    return values.astype(np.float32)


def milliseconds(work: Callable[[], object], times: int = 20) -> float:
    """Milliseconds of one call."""
    work()
    return min(timeit.timeit(work, timer=time.process_time, number=times) / times for _ in range(10)) * 1e3


@contextmanager
def native_vocabulary() -> Iterator[Any]:
    """A llama_vocab pointer for the native stages (of a small vocabulary: they only ask it for DRY's breakers)."""
    with tempfile.TemporaryDirectory() as folder:
        path = tiny.make(Path(folder) / "tiny.gguf", "llama")
        parameters = lib.llama_model_default_params()
        parameters.vocab_only = True
        model = lib.llama_model_load_from_file(str(path).encode(), parameters)
        yield lib.llama_model_get_vocab(model)
        lib.llama_model_free(model)


def parts(values: statistics.Logits) -> Iterator[tuple[str, float]]:
    """The parts of a neutral flip and its reading."""
    belief = Distribution(values)
    yield "the 64 most likely", milliseconds(lambda: statistics.most_likely(values, 64))
    yield "copy, minus the highest", milliseconds(lambda: values - values[0])
    yield "exp and sum", milliseconds(lambda: statistics.weigh(belief.shifted))
    yield "entropy", milliseconds(belief.entropy)
    yield "rank", milliseconds(lambda: belief.rank(1))


def main() -> None:
    """Print one line a part, then one a chain: what the next decode waits for, and what runs beside it."""
    values = logits()
    for name, cost in parts(values):
        sys.stdout.write(f"{name:45} {cost:6.3f} ms\n")
    with native_vocabulary() as native:
        for sampling in CHAINS:
            chain = Chain(sampling, Fixed(SIZE, CONTROL, native), [7, 8, 9] * 40, seed=1, take=0)
            indices = iter(range(10**9))
            flip = milliseconds(lambda chain=chain, indices=indices: chain.flip(values, next(indices)))
            both = milliseconds(lambda chain=chain, indices=indices: chain.flip(values, next(indices)).reading(20))
            name = " ".join(sampling.off_neutral()) or "neutral"
            sys.stdout.write(f"{name:45} {flip:6.3f} ms flip  {both:6.3f} ms with its reading (top 20)\n")
            chain.close()


if __name__ == "__main__":
    main()
