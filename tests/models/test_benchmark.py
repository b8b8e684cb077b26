"""The benchmarks run, and return numbers."""

from pathlib import Path

import numpy as np
import pytest

from models import benchmark
from models.library import memory
from tests.models.asking import opened


def test_turns_are_medians_without_the_first() -> None:
    rates = iter([1000.0, 1.0, 2.0, 9.0])
    assert benchmark.in_turns([lambda: next(rates)], 3) == [2.0]


@pytest.mark.parametrize("tokens", [1, 127, 128, 129, 256, 300])
def test_a_prompt_of_any_length_is_read_in_chunks(tokens: int, tiny_llama: Path) -> None:
    with opened(tiny_llama) as model:
        ids = [1, *([5, 9, 280, 300] * tokens)[: tokens - 1]]
        logits = benchmark.read_anew(model, ids).copy()
        model.truncate(0)
        by_hand = [model.evaluate(ids[first : first + 128]) for first in range(0, tokens, 128)]
        assert np.array_equal(by_hand[-1], logits)


def test_the_bare_loops_take_a_prompt_longer_than_a_chunk(tiny_llama: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(benchmark, "PROMPT", benchmark.PROMPT * 8)
    monkeypatch.setattr(benchmark, "PREFIX", 300)
    with benchmark.bare_loop(tiny_llama, 1, 4) as rate:
        assert rate() > 0
    with benchmark.bare_streams(tiny_llama, 4, 4) as rate:
        assert rate() > 0


@pytest.mark.starter
@pytest.mark.timeout(600)
def test_everything_is_measured_with_the_starter(starter: Path) -> None:
    found = benchmark.measure(starter, rounds=1, tokens=8)
    assert min(found.readings, found.piped, found.best_bare, found.prompt, found.create_completion) > 0
    assert found.edit_evaluated <= benchmark.BEFORE_END + memory.CPU_CHUNK
    assert 0 < found.stop_to_stopped < 5
