"""A page, and the pump of an engine that gives the answers of the test."""

from collections.abc import Iterator
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from desktop.generation.event_pump import EventPump
from desktop.generation.model_slot import ModelSlot
from desktop.page.page import Page
from models.engine.events import Loaded
from models.library.load_options import LoadOptions
from tests.desktop.conftest import FACTS


@pytest.fixture
def page() -> Page:
    return Page()


@pytest.fixture
def slot(engine: Any) -> ModelSlot:
    """A slot with a loaded model."""
    slot = ModelSlot(engine)
    slot.load("scripted:", LoadOptions())
    slot.answer(Loaded(slot.job, FACTS))
    return slot


@pytest.fixture
def pump(engine: Any, qtbot: QtBot) -> Iterator[EventPump]:
    pump = EventPump(engine)
    yield pump
    pump.close()
