"""The engine's events, as many a frame as fit."""

from collections.abc import Iterator
from typing import Any

import pytest
from PySide6.QtCore import QTimer
from pytestqt.qtbot import QtBot

from desktop.generation.event_pump import BUDGET, FRAME, IDLE, LEAST, EventPump
from models.engine.events import Event

COST = 0.0001  # seconds that an event takes


class Taking:
    """Takes events in, by a clock of its own."""

    def __init__(self, engine: Any) -> None:
        self.now = 0.0
        self.cost = COST
        self.batches: list[tuple[Event, ...]] = []
        self.pump = EventPump(engine, clock=lambda: self.now)
        self.pump.arrived.connect(self.take)

    def take(self, events: tuple[Event, ...]) -> None:
        self.batches.append(events)
        self.now += self.cost * len(events)

    @property
    def interval(self) -> int:
        """Milliseconds to the next frame."""
        timer = self.pump.findChild(QTimer)
        assert timer is not None
        return timer.interval()

    def frame(self) -> float:
        """The seconds that one takes."""
        began = self.now
        self.pump.drain()
        return self.now - began


@pytest.fixture
def taking(engine: Any, qtbot: QtBot) -> Iterator[Taking]:
    taking = Taking(engine)
    yield taking
    taking.pump.close()


def test_what_does_not_fit_a_frame_waits_and_comes_in_order(engine: Any, taking: Taking) -> None:
    engine.waiting = all_ = [object() for _ in range(2_000)]
    frames = [taking.frame() for _ in range(200)]
    assert max(frames) <= 1.5 * BUDGET
    assert [event for batch in taking.batches for event in batch] == all_
    assert sum(frame > 0 for frame in frames) <= 2 * 2_000 * COST / BUDGET


def test_events_that_cost_nothing_come_in_one_frame(engine: Any, taking: Taking) -> None:
    """Those of a job that nobody wants any more do not hold the next one back."""
    engine.waiting, taking.cost = [object() for _ in range(5_000)], 1e-7
    taking.frame()
    assert engine.waiting == []


def test_a_machine_that_is_slow_all_the_time_still_gets_somewhere(engine: Any, taking: Taking) -> None:
    engine.waiting, taking.cost = [object() for _ in range(10 * LEAST)], BUDGET
    for _ in range(10):
        taking.frame()
    assert engine.waiting == []


def test_it_looks_again_soon_while_something_waits(engine: Any, taking: Taking) -> None:
    engine.waiting = [object() for _ in range(2_000)]
    taking.frame()
    assert taking.interval == FRAME
    engine.waiting.clear()
    taking.frame()
    assert taking.interval == IDLE
