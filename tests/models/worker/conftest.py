"""Tiny models of each kind that can write."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.models import tiny_kinds


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Makes the model file of a kind."""
    folder = tmp_path_factory.mktemp("kinds")
    return lambda kind: tiny_kinds.writing(folder, kind)
