"""Measures the window for `inkfall bench`: starts it in a process of its own, which presses its own keys and answers.

No Qt here: only that process has a window. Where there is no display it paints offscreen.
"""

import json
import os
import subprocess
import sys
from collections.abc import Mapping

from desktop.terminal.exit_status import TerminalError
from models.launch.child_process import SAFE
from resources.language import tr

PATIENCE = 300.0  # seconds
MEASURE = "--measure-window"  # the program's own word for it; no user's
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
    """Seconds, and tokens per second, by the names in NAMES. Raises TerminalError with one sentence."""
    surroundings = dict(environment)
    if sys.platform.startswith("linux") and not (environment.get("DISPLAY") or environment.get("WAYLAND_DISPLAY")):
        surroundings["QT_QPA_PLATFORM"] = "offscreen"
    command = [*measuring(), model]
    try:
        done = subprocess.run(
            command, env=surroundings, capture_output=True, text=True, encoding="utf-8", timeout=PATIENCE, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise TerminalError(tr("The window did not answer in time while it was measured.")) from error
    return read_answer(done.returncode, done.stdout, done.stderr)


def measuring(frozen: bool = hasattr(sys, "frozen")) -> list[str]:
    """What starts the process that measures. An installed program has no Python beside it, and starts itself."""
    return [sys.executable, MEASURE] if frozen else [sys.executable, *SAFE, "-m", "desktop.window_benchmark"]


def read_answer(status: int, output: str, errors: str) -> dict[str, float]:
    """The numbers of the last line that the measuring process wrote. Raises TerminalError."""
    try:
        found = json.loads(output.splitlines()[-1])
        return {name: float(found[name]) for name in NAMES}
    except (IndexError, KeyError, TypeError, ValueError) as error:
        last = (errors.strip().splitlines() or [tr("it said nothing")])[-1][:200]
        raise TerminalError(
            tr("The window could not be measured (status {status}: {last}).").format(status=status, last=last)
        ) from error
