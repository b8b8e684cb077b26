"""Runs a program in Korean, in a process of its own, since a process has one language."""

import os
import subprocess
import sys

from resources.language import CHOICE
from tests.conftest import ROOT

PATIENCE = 60.0  # seconds


def run_in_korean(program: str, *arguments: object, language: str = "ko") -> str:
    """The output of a Python program."""
    command = [sys.executable, "-W", "error", "-X", "utf8", "-c", program, *map(str, arguments)]
    surroundings = {**os.environ, CHOICE: language}
    done = subprocess.run(
        command, cwd=ROOT, env=surroundings, capture_output=True, encoding="utf-8", timeout=PATIENCE, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.rstrip("\n")
