"""`inkfall bench`: the table, the window's answer, and a short run on the starter model."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from desktop.terminal import bench
from desktop.terminal.bench_window import NAMES, read_answer
from desktop.terminal.exit_status import TerminalError
from models.benchmark import Measured

Inkfall = Callable[..., Any]
FOUND = {
    "bare": {"1": 80.0, "2": 100.0}, "best_bare": 100.0, "readings": 96.0, "piped": 95.0, "create_completion": 3.0,
    "prompt": 700.0, "edit": 0.25, "edit_evaluated": 210, "stop_to_stopped": 0.01, "load_before": 0.5,
    "bare_streams": {"8": 200.0}, "streams": {"8": 180.0},
}  # fmt: skip


def test_rates_are_fractions_of_the_best_bare_loop() -> None:
    table = {row[0]: row[1:] for row in bench.rows(FOUND)}
    assert table["bare loop, arg-max, 1 thread"] == ("80.0 tokens/s", "0.80")
    assert table["bare loop, arg-max, 2 threads"] == ("100.0 tokens/s", "1.00")
    assert table["with readings, as they arrive through the pipe"] == ("95.0 tokens/s", "0.95")
    assert table["first token after a change 200 tokens before the end of 2,000"] == ("250.0 ms", "")
    assert table["bare loop, arg-max, 8 streams"] == ("200.0 tokens/s", "1.00")
    assert table["8 streams with readings, through the pipe"] == ("180.0 tokens/s", "0.90")
    assert not any("window" in name for name in table)


def test_the_windows_numbers_join_the_table() -> None:
    window = bench.with_window(dict.fromkeys(NAMES, 0.5))
    table = {row[0]: row[1] for row in bench.rows({**FOUND, **window})}
    assert table["window start to usable (model loaded)"] == "500.0 ms"
    assert table["in the window while it paints"] == "0.5 tokens/s"
    assert table["stop to stopped, in the window"] == "500.0 ms"


def test_the_windows_answer_is_its_last_line() -> None:
    line = "{" + ", ".join(f'"{name}": 1.5' for name in NAMES) + "}"
    assert read_answer(0, f"something Qt said\n{line}\n", "") == dict.fromkeys(NAMES, 1.5)


@pytest.mark.parametrize("output", ["", "no JSON", "[]", '{"window_shown": 1}', "null"])
def test_a_bad_answer_is_reported_with_the_last_line(output: str) -> None:
    with pytest.raises(TerminalError, match="status 1: it broke"):
        read_answer(1, output, "first\nit broke\n")


def test_files_that_cannot_be_measured(inkfall: Inkfall, tmp_path: Path) -> None:
    (tmp_path / "x.gguf").write_bytes(b"")
    assert "is empty" in inkfall("bench", "--model", str(tmp_path / "x.gguf")).errors
    assert inkfall("bench", "--model", "scripted:").status == 1


def test_the_engines_numbers_keep_their_names() -> None:
    measured = Measured(
        bare={1: 80.0, 2: 100.0}, readings=96.0, piped=95.0, prompt=700.0, create_completion=3.0,
        edit=0.25, edit_evaluated=210, stop_to_stopped=0.01, bare_streams={8: 200.0}, streams={8: 180.0},
    )  # fmt: skip
    assert {**bench.in_record(measured), "load_before": 0.5} == FOUND
