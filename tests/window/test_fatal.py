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


def runs(home: Path, deed: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "INKFALL_HOME": str(home), "QT_QPA_PLATFORM": "offscreen"}
    command = [sys.executable, "-m", "tests.window.driving", deed, "scripted:?rate=2000"]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=PATIENCE, check=False)


@pytest.mark.parametrize(
    ("deed", "ending", "named"),
    [("segv", signal.SIGSEGV, "Segmentation fault"), ("abrt", signal.SIGABRT, "Aborted")],
)
def test_a_fatal_signal_is_told_at_the_next_start(tmp_path: Path, deed: str, ending: int, named: str) -> None:
    home = tmp_path / "home"
    fallen = runs(home, deed)
    assert fallen.returncode == -ending, fallen.stderr
    told = json.loads(runs(home, "tells").stdout)
    assert told["page"] == "kept before the fall"
    assert named in told["words"]
    assert named in told["report"]
    assert "most recent call first" in told["report"]
    assert "kept before the fall" not in told["report"]
    assert f'"{Path.home()}/' not in told["report"]
    again = runs(home, "tells")
    assert json.loads(again.stdout)["report"] == ""  # told once; and that run ended as it should
    assert again.returncode == 0
