"""Runs `inkfall` in a process of its own, without a display and without a terminal."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[3]
PATIENCE = 90.0


@dataclass(frozen=True)
class Answer:
    """The result of a run of the program."""

    status: int
    output: bytes
    errors: str

    @property
    def text(self) -> str:
        return self.output.decode("utf-8")

    @property
    def records(self) -> list[dict[str, Any]]:
        """The lines of JSON; NaN and Infinity are not taken."""

        def refuse(word: str) -> None:
            raise ValueError(f"{word} is no JSON")

        return [json.loads(line, parse_constant=refuse) for line in self.text.splitlines()]


Inkfall = Callable[..., Answer]


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "desktop", *arguments]


def environment(**changes: str) -> dict[str, str]:
    """Ours, without a display. A change to "" takes a variable out."""
    given = {**os.environ, "DISPLAY": "", "WAYLAND_DISPLAY": "", "QT_QPA_PLATFORM": "", **changes}
    return {name: value for name, value in given.items() if value}


@pytest.fixture
def inkfall() -> Inkfall:
    """inkfall("complete", …, stdin=b"…", LANG="C") → Answer."""

    def run(*arguments: str, stdin: bytes = b"", **changes: str) -> Answer:
        done = subprocess.run(
            command(*arguments),
            cwd=ROOT,
            input=stdin,
            capture_output=True,
            timeout=PATIENCE,
            env=environment(**changes),
            check=False,
        )
        return Answer(done.returncode, done.stdout, done.stderr.decode("utf-8", "replace"))

    return run


@pytest.fixture
def popen(own_home: Path) -> Callable[..., subprocess.Popen[bytes]]:
    """Starts `inkfall` and gives the process, in a group of its own as a shell would; it hears Ctrl+C, also where the
    tests themselves run in the background and do not.
    """

    def start(*arguments: str) -> subprocess.Popen[bytes]:
        before = signal.signal(signal.SIGINT, signal.default_int_handler)
        try:
            return begun(*arguments)
        finally:
            signal.signal(signal.SIGINT, before)

    def begun(*arguments: str) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            command(*arguments),
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=environment(),
            start_new_session=True,
        )

    return start
