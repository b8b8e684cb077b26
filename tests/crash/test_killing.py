"""A few rounds of the crash harness: the page comes back after a kill, and after a failing disk."""

import random
import shutil
import sys
from pathlib import Path

import pytest

from tests.crash.killing import build_faults, one_round

pytestmark = [
    pytest.mark.window,
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="kills as Linux does"),
]


def test_kills(tmp_path: Path) -> None:
    chance = random.Random(2026)
    outcomes = [one_round(tmp_path, chance) for _ in range(3)]
    assert [result.problem for result in outcomes] == ["", "", ""]
    assert outcomes[-1].tokens > 0
    assert outcomes[-1].units > outcomes[0].units > 0


def test_kills_while_eight_generations_write(tmp_path: Path) -> None:
    chance = random.Random(8)
    outcomes = [one_round(tmp_path, chance, streams=8) for _ in range(2)]
    assert [outcome.problem for outcome in outcomes] == ["", ""]
    assert outcomes[-1].tokens > 0


@pytest.mark.skipif(not shutil.which("cc"), reason="no compiler for the disk that fails")
@pytest.mark.parametrize("fault", ["full", "sync", "half"])
def test_kills_after_the_disk_failed(tmp_path: Path, fault: str) -> None:
    result = one_round(tmp_path, random.Random(7), fault, build_faults(tmp_path))
    assert result.problem == ""
    assert result.units > 0
