"""Starts a display in memory (Xvfb), and waits for a window on it."""

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

SIZE = "1440x900x24"
PATIENCE = 60.0  # seconds that a window may take


class NoWindowError(Exception):
    """No window appeared in time."""


@contextmanager
def display() -> Iterator[str]:
    """Start a display; yields its name, as in ":99"."""
    if lacking := [program for program in ("Xvfb", "xdotool") if not shutil.which(program)]:
        raise NoWindowError(f"This needs {' and '.join(lacking)}: apt-get install xvfb xdotool")
    reading, writing = os.pipe()
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(writing), "-screen", "0", SIZE, "-nolisten", "tcp"],
        pass_fds=[writing],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    os.close(writing)
    try:
        with os.fdopen(reading) as pipe:
            number = pipe.readline().strip()
        if not number:
            raise NoWindowError("Xvfb did not start.")
        yield f":{number}"
    finally:
        server.terminate()
        server.wait()


def window(name: str, display: str, patience: float = PATIENCE) -> str:
    """Wait for a visible window with that in its title, and return its number. Raises NoWindowError."""
    deadline = time.monotonic() + patience
    command = ["xdotool", "search", "--onlyvisible", "--name", name]
    while time.monotonic() < deadline:
        found = subprocess.run(command, env=on(display), capture_output=True, text=True, check=False).stdout.split()
        if found:
            return found[0]
        time.sleep(0.02)
    raise NoWindowError(f"No window named {name} came within {patience:.0f} s.")


def press(display: str, *words: str) -> None:
    """Run xdotool on that display."""
    subprocess.run(["xdotool", *words], env=on(display), check=True)


def picture(display: str, file: Path) -> None:
    """Save a screenshot of the display as a PNG file."""
    file.parent.mkdir(parents=True, exist_ok=True)
    subprocess.run(["import", "-window", "root", str(file)], env=on(display), check=True)


def on(display: str) -> dict[str, str]:
    return {**os.environ, "DISPLAY": display}
