"""Measures the window for `inkfall bench`: starts desktop/window_benchmark.py in a process and reads its numbers.

No Qt here: only that process has a window. Without a display it paints offscreen.
"""

import json
import os
import subprocess
import sys
from collections.abc import Mapping

from desktop.terminal.exit_status import TerminalError
from models.launch.child_process import SAFE
from resources.language import tr

PATIENCE = 300.0  # seconds for the whole measurement
MEASURE = "--measure-window"  # an internal argument of the program
NAMES = (
    "window_shown",
    "window_usable",
    "key_to_first_token",
    "stop_to_stopped",
    "tokens_per_second",
    "stall_loading",
    "stall_writing",
)


def measure_window(model: str, environment: Mapping[str, str] = os.environ) -> dict[str, float]:
    """Measure the window; return seconds and tokens per second by the names in NAMES. Raises TerminalError."""
    variables = dict(environment)
    if sys.platform.startswith("linux") and not (environment.get("DISPLAY") or environment.get("WAYLAND_DISPLAY")):
        variables["QT_QPA_PLATFORM"] = "offscreen"
    command = [*measure_command(), model]
    try:
        done = subprocess.run(
            command, env=variables, capture_output=True, text=True, encoding="utf-8", timeout=PATIENCE, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise TerminalError(tr("The window did not answer in time while it was measured.")) from error
    return read_answer(done.returncode, done.stdout, done.stderr)


def measure_command(frozen: bool = hasattr(sys, "frozen")) -> list[str]:
    """The command line of the process that measures. An installed program has no Python and starts itself."""
    return [sys.executable, MEASURE] if frozen else [sys.executable, *SAFE, "-m", "desktop.window_benchmark"]


def read_answer(status: int, output: str, errors: str) -> dict[str, float]:
    """Parse the numbers in the last line of the process's output. Raises TerminalError."""
    try:
        found = json.loads(output.splitlines()[-1])
        return {name: float(found[name]) for name in NAMES}
    except (IndexError, KeyError, TypeError, ValueError) as error:
        last = (errors.strip().splitlines() or [tr("it said nothing")])[-1][:200]
        raise TerminalError(
            tr("The window could not be measured (status {status}: {last}).").format(status=status, last=last)
        ) from error
