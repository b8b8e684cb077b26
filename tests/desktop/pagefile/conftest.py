"""A page with everything on it, saved."""

import random
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.desktop.pagefile.walking import Walk

MakeWalk = Callable[..., Walk]


@pytest.fixture
def walked(tmp_path: Path) -> MakeWalk:
    """walked(steps, seed=…): a page of that many random steps, in a file that is open, all saved."""

    def make(steps: int = 40, seed: int = 1, name: str = "page.inkfall") -> Walk:
        walk = Walk(tmp_path / name, random.Random(seed))
        for _ in range(steps):
            walk.step()
        walk.machine.end()
        walk.save()
        return walk

    return make
