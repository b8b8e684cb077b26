"""A connection to the stand-in, and a folder for the cache."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from models.library.app_dirs import AppDirs, under
from models.library.hub.connection import Connection
from tests.models.library.hub_stand_in import StandIn

Connect = Callable[..., Connection]


@pytest.fixture
def connect(hub: StandIn) -> Connect:
    """connect(token="…") → a Connection to the stand-in."""

    def make(**changes: Any) -> Connection:
        return replace(Connection(endpoint=hub.endpoint), **changes)

    return make


@pytest.fixture
def home(tmp_path: Path) -> AppDirs:
    return under(tmp_path / "home")
