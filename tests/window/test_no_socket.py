"""No socket is opened unless the user asks: every system call of the whole program and its children is watched.

Only AF_UNIX is allowed, which reaches this machine only: the socket by which a second start sends its files, Python's
own pairs, libc's query of nscd for the user, the display, the desktop's bus. AF_NETLINK is a failure too: it asks the
kernel about network interfaces, which nothing here needs.
"""

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

STRACE = shutil.which("strace")
PATIENCE = 100.0  # seconds
FAMILY = re.compile(r"\bsocket(?:pair)?\((\w+),")
ADDRESS = re.compile(r"\b(?:connect|bind|sendto)\(.*?\{sa_family=(\w+)(?:, sun_path=(@?\"[^\"]*\"))?")
KNOWN = re.compile(  # whom the program may reach on this machine
    r"/nscd/socket|/inkfall-[0-9a-f]+|/instance\"|/\.\w+/s\"|\.X11-unix/|/bus\b|/at-spi|dbus|wayland-|/\.ICE-unix/"
)


def why_not() -> str:
    """Why system calls cannot be watched here, or an empty text."""
    if not sys.platform.startswith("linux"):
        return "strace is Linux's"
    if STRACE is None:
        return "there is no strace (bootstrap.py test installs it)"
    tried = subprocess.run([STRACE, "-f", "-qq", "true"], capture_output=True, text=True, check=False)
    return "" if tried.returncode == 0 else f"strace may not watch here: {tried.stderr.strip()[:120]}"


WHY_NOT = why_not()
pytestmark = [pytest.mark.window, pytest.mark.skipif(bool(WHY_NOT), reason=WHY_NOT)]


@dataclass(frozen=True)
class Watched:
    """families: of all sockets that were made. reached: local addresses that are not known. output: of the program."""

    status: int
    families: frozenset[str]
    reached: tuple[str, ...]
    output: str


def watched(command: list[str], home: Path) -> Watched:
    """Run it to its end under strace, with an empty home."""
    trace = home.parent / "trace"
    environment = {**os.environ, "INKFALL_HOME": str(home), "QT_QPA_PLATFORM": "offscreen"}
    watching = [str(STRACE), "-f", "-qq", "-e", "trace=%network", "-e", "signal=none", "-o", str(trace)]
    done = subprocess.run(
        [*watching, *command], env=environment, capture_output=True, text=True, timeout=PATIENCE, check=False
    )
    calls = trace.read_text(encoding="utf-8", errors="replace")
    families = frozenset(FAMILY.findall(calls)) | {family for family, _ in ADDRESS.findall(calls)}
    reached = tuple(path for _, path in ADDRESS.findall(calls) if path and not KNOWN.search(path))
    return Watched(done.returncode, families, reached, done.stdout + done.stderr[-4_000:])


def window(action: str, home: Path, model: str = "scripted:?rate=2000") -> Watched:
    return watched([sys.executable, "-m", "tests.window.driving", action, *([model] if model else [])], home)


def test_the_window_from_its_first_start_to_its_end(tmp_path: Path) -> None:
    """The program writes, and every panel and window is opened: the library's tabs, settings, keys, about, the
    welcome."""
    found = window("uses", tmp_path / "home")
    assert found.status == 0, found.output
    assert "Once upon a time " in found.output
    assert found.families == {"AF_UNIX"}  # the one that waits for a second start: so the watching works
    assert found.reached == ()


def test_a_socket_is_seen_when_there_is_one(tmp_path: Path) -> None:
    """A socket in a child of a child is found."""
    opens = "import socket; socket.socket(socket.AF_INET6)"
    child = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {opens!r}])"
    assert "AF_INET6" in watched([sys.executable, "-c", child], tmp_path / "home").families


@pytest.mark.starter
def test_the_first_start_with_the_starter(tmp_path: Path, starter: Path) -> None:
    """The model is joined from its packages, tried in a process of its own, loaded, and writes."""
    found = window("uses", tmp_path / "home", model="")
    assert found.status == 0, found.output
    assert found.families == {"AF_UNIX"}
    assert found.reached == ()


@pytest.mark.starter
def test_complete_in_the_terminal(tmp_path: Path, starter: Path) -> None:
    command = [sys.executable, "-m", "desktop", "complete", "--model", str(starter), "--prompt", "Once", "--seed", "1"]
    found = watched([*command, "--max-tokens", "8"], tmp_path / "home")
    assert found.status == 0, found.output
    assert found.families <= {"AF_UNIX"}
    assert found.reached == ()
