"""A page, and the pump of an engine that gives the answers of the test."""

from collections.abc import Iterator
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from desktop.generation.event_pump import EventPump
from desktop.page.page import Page


@pytest.fixture
def page() -> Page:
    return Page()


@pytest.fixture
def pump(engine: Any, qtbot: QtBot) -> Iterator[EventPump]:
    pump = EventPump(engine)
    yield pump
    pump.close()
