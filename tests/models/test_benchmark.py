"""The benchmarks run, and return numbers."""

from pathlib import Path

import pytest

from models import benchmark
from models.library import memory


def test_turns_are_medians_without_the_first() -> None:
    rates = iter([1000.0, 1.0, 2.0, 9.0])
    assert benchmark.in_turns([lambda: next(rates)], 3) == [2.0]


@pytest.mark.starter
@pytest.mark.timeout(600)
def test_everything_is_measured_with_the_starter(starter: Path) -> None:
    found = benchmark.measure(starter, rounds=1, tokens=8)
    assert min(found.readings, found.piped, found.best_bare, found.prompt, found.create_completion) > 0
    assert found.edit_evaluated <= benchmark.BEFORE_END + memory.CPU_CHUNK
    assert 0 < found.stop_to_stopped < 5
