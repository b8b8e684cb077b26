"""The whole program, ended by a signal and started again: the page is there, and a report says what happened."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = [
    pytest.mark.window,
    pytest.mark.skipif(sys.platform == "win32", reason="ends as POSIX programs do"),
]
PATIENCE = 60.0  # seconds


def runs(home: Path, action: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "INKFALL_HOME": str(home), "QT_QPA_PLATFORM": "offscreen"}
    command = [sys.executable, "-m", "tests.window.driving", action, "scripted:?rate=2000"]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=PATIENCE, check=False)


@pytest.mark.parametrize(
    ("action", "ending", "named"),
    [("segv", signal.SIGSEGV, "Segmentation fault"), ("abrt", signal.SIGABRT, "Aborted")],
)
def test_a_fatal_signal_is_reported_at_the_next_start(tmp_path: Path, action: str, ending: int, named: str) -> None:
    home = tmp_path / "home"
    fallen = runs(home, action)
    assert fallen.returncode == -ending, fallen.stderr
    result = json.loads(runs(home, "tells").stdout)
    assert result["page"] == "kept before the fall"
    assert named in result["words"]
    assert named in result["report"]
    assert "most recent call first" in result["report"]
    assert "kept before the fall" not in result["report"]
    assert f'"{Path.home()}/' not in result["report"]
    again = runs(home, "tells")
    assert json.loads(again.stdout)["report"] == ""  # reported once; that run ended normally
    assert again.returncode == 0
