"""How the process that measures the window is started."""

import sys

import pytest

from desktop import __main__ as start
from desktop.terminal import bench_window
from models.launch.child_process import SAFE


def test_a_checkout_runs_the_module_and_an_installed_program_itself() -> None:
    assert bench_window.measure_command(frozen=False) == [sys.executable, *SAFE, "-m", "desktop.window_benchmark"]
    assert bench_window.measure_command(frozen=True) == [sys.executable, bench_window.MEASURE]


def test_the_entry_point_accepts_the_argument(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    monkeypatch.setattr("desktop.window_benchmark.main", lambda model: asked.append(model) or 0)
    assert start.main([bench_window.MEASURE, "a.gguf"]) == 0
    assert asked == ["a.gguf"]
