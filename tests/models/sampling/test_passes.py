"""The passes in C find what numpy finds."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from models.errors import BrokenNumbersError
from models.sampling import compile_passes, passes, statistics
from models.sampling.passes import Passes

NUMBERS = st.floats(width=32, allow_nan=False) | st.sampled_from([0.0, -0.0, 1.0, float("inf"), float("-inf")])


@pytest.fixture(scope="module")
def compiled() -> Passes:
    """The set-up of the tests has a C compiler."""
    found = passes.compiled()
    assert found is not None
    return found


def by_numpy(logits: np.ndarray, count: int) -> list[int]:
    return np.argsort(-logits, kind="stable")[:count].tolist()


@given(arrays(np.float32, st.integers(1, 3_000), elements=NUMBERS, fill=st.sampled_from([1.0, -2.0])), st.data())
def test_the_most_likely_are_numpys(logits: np.ndarray, data: st.DataObject) -> None:
    found = passes.compiled()
    count = data.draw(st.integers(1, passes.MOST))
    assert found and (likely := found.most_likely(logits, count)) is not None
    assert likely.tolist() == by_numpy(logits, count)


@pytest.mark.parametrize("size", [1, 63, 1_023, 1_024, 1_025, 32_000, 50_257, 151_936, 262_144])
def test_vocabularies_of_every_size(size: int, compiled: Passes) -> None:
    logits = np.random.default_rng(size).standard_normal(size).astype(np.float32).round(3)  # with equal ones
    likely = compiled.most_likely(logits, 64)
    assert likely is not None and likely.tolist() == by_numpy(logits, 64)


@pytest.mark.parametrize("place", [0, 500, 1_023, 2_999])
@pytest.mark.parametrize("bits", [0x7FC00000, 0xFFC00000, 0x7F800001, 0xFFFFFFFF])
def test_no_nan_is_overlooked(place: int, bits: int) -> None:
    logits = np.zeros(3_000, np.float32)
    logits.view(np.uint32)[place] = bits
    with pytest.raises(BrokenNumbersError):
        statistics.most_likely(logits, 64)


def test_exponents_and_sums(compiled: Passes) -> None:
    shifted = -np.abs(np.random.default_rng(1).standard_normal(50_257) * 30).astype(np.float32)
    shifted[:4] = 0, -87.5, -1_000, -np.inf
    weights = np.empty_like(shifted)
    total, product = compiled.weigh(shifted, weights)
    exact = np.exp(shifted.astype(np.float64))
    normal = shifted >= -87
    assert np.abs(weights[normal] / exact[normal] - 1).max() < 3e-7
    assert not weights[~normal].any() and weights[0] == 1
    assert total == pytest.approx(float(exact.sum()), rel=1e-6)
    finite = np.isfinite(shifted)
    assert product == pytest.approx(float((exact[finite] * shifted[finite]).sum()), rel=1e-6)


@pytest.mark.parametrize("size", [1, 15, 16, 17, 1_023, 1_025, 50_257])
def test_all_at_once_is_the_same(size: int, compiled: Passes) -> None:
    logits = np.random.default_rng(size).standard_normal(size).astype(np.float32) * 40
    shifted, weights, alone = (np.full(size + 1, 5, np.float32) for _ in range(3))
    found = compiled.distribution(logits, 64, shifted[:size], weights[:size])
    assert found and found[0].tolist() == by_numpy(logits, 64)
    assert (shifted[:size] == logits - logits.max()).all()
    assert found[1:] == compiled.weigh(shifted[:size], alone[:size]) and (weights == alone).all()
    assert shifted[size] == weights[size] == 5  # nothing behind the arrays is written
    for broken in (np.nan, np.inf):
        logits[size // 2] = broken
        assert compiled.distribution(logits, 64, shifted[:size], weights[:size]) is None


def test_the_same_numbers_come_every_time(compiled: Passes) -> None:
    shifted = -np.abs(np.random.default_rng(2).standard_normal(262_144)).astype(np.float32)
    one, other = np.empty_like(shifted), np.empty_like(shifted)
    assert compiled.weigh(shifted, one) == compiled.weigh(shifted.copy(), other) and (one == other).all()


@pytest.mark.parametrize("size", [1, 1_023, 50_257, 262_144, 1_100_000])
def test_several_threads_find_the_same_numbers(size: int, compiled: Passes) -> None:
    logits = np.random.default_rng(size).standard_normal(size).astype(np.float32) * 20
    assert compiled.parallel  # the set-up of the tests has OpenMP
    expected = None
    for threads in (1, 2, 3, 7):
        shifted, weights = np.empty_like(logits), np.empty_like(logits)
        found = compiled.distribution(logits, 64, shifted, weights, threads)
        assert found
        seen = found[0].tolist(), found[1:], shifted.tobytes(), weights.tobytes()
        expected = expected or seen
        assert seen == expected
    logits[size // 2] = np.nan
    assert compiled.distribution(logits, 64, shifted, weights, 2) is None


def test_a_compiler_without_openmp_will_do(tmp_path: Path) -> None:
    plain = tmp_path / "plain"
    plain.write_text('#!/bin/sh\ncase "$*" in *-fopenmp*) exit 1;; esac\nexec cc "$@"\n')
    plain.chmod(0o700)
    assert compile_passes.compile_to(tmp_path / "libpasses.so", [str(plain)])
    alone = Passes(tmp_path / "libpasses.so")
    assert not alone.parallel and alone.most_likely(np.array([1, 3, 2], np.float32), 2) is not None


@pytest.mark.parametrize("odd", [np.zeros(0, np.float32), np.zeros(8, np.float64), np.zeros(8, np.float32)[::2]])
def test_other_arrays_are_left_to_numpy(odd: np.ndarray) -> None:
    assert not passes.usable(odd)


def test_without_a_compiler_numpy_does_the_same(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    library = tmp_path / "library"
    library.write_text("of an older version")
    assert not compile_passes.compile_to(library, ["false"]) and not library.exists()
    logits = np.random.default_rng(3).standard_normal(50_257).astype(np.float32)
    fast = statistics.Distribution(logits)
    monkeypatch.setattr(passes, "compiled", lambda: None)
    slow = statistics.Distribution(logits)
    assert fast.front.tolist() == slow.front.tolist()
    assert fast.weigh()[1] == pytest.approx(slow.weigh()[1], rel=1e-6)
    assert fast.entropy() == pytest.approx(slow.entropy(), rel=1e-6)
    assert passes.named() == "odds by numpy"


def test_compiling_leaves_the_library_alone(tmp_path: Path) -> None:
    library = tmp_path / "libpasses.so"
    assert compile_passes.compile_to(library, ["false", *compile_passes.found_compilers()])
    assert [path.name for path in tmp_path.iterdir()] == [library.name]
    assert Passes(library).most_likely(np.array([1, 3, 2], np.float32), 2) is not None


def test_it_does_not_change_how_the_process_rounds() -> None:
    """-ffast-math would: then numbers below the smallest normal one are 0 in all that the process computes."""
    code = "from models.sampling import passes; assert passes.compiled(); import numpy as np; "
    code += "print(np.float32(1e-38) * np.float32(0.1) > 0)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "True"
