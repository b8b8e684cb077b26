"""The whole window in other languages: every text was translated by `tr`, none is left in English, and all have
room."""

import os
import subprocess
import sys

import pytest

from resources.language import CHOICE, PSEUDO, SOURCE, languages
from tests.fonts import FAMILIES

OTHERS = tuple(language for language in languages() if language != SOURCE)


@pytest.mark.window
@pytest.mark.parametrize("language", [PSEUDO, *OTHERS])
def test_every_word_of_the_window(language: str) -> None:
    walk = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/window/every_word.py"]
    walk += ["-k", "not clipped"]
    done = subprocess.run(walk, env={**os.environ, CHOICE: language}, capture_output=True, text=True, timeout=100)
    assert done.returncode == 0, done.stdout


@pytest.mark.window
@pytest.mark.parametrize("fonts", FAMILIES)
@pytest.mark.parametrize("language", languages())
def test_no_line_is_clipped(language: str, fonts: str) -> None:
    walk = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/window/every_word.py"]
    walk += ["-k", "clipped", "--fonts", fonts]
    done = subprocess.run(walk, env={**os.environ, CHOICE: language}, capture_output=True, text=True, timeout=100)
    assert done.returncode == 0, done.stdout
