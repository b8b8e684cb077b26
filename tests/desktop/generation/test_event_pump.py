"""The engine's events: in each frame as many as fit."""

from collections.abc import Iterator
from typing import Any

import pytest
from PySide6.QtCore import QTimer
from pytestqt.qtbot import QtBot

from desktop.generation.event_pump import BUDGET, FRAME, IDLE, LEAST, EventPump
from models.engine.events import Event
from models.library.machine import LONG_FRAME

COST = 0.0001  # seconds that an event takes


class Taking:
    """Handles events, each at a cost of its own clock."""

    def __init__(self, engine: Any, cores: int = 4) -> None:
        self.now = 0.0
        self.cost = COST
        self.batches: list[tuple[Event, ...]] = []
        self.pump = EventPump(engine, clock=lambda: self.now, cores=lambda: cores)
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
        """Run one frame; the seconds that it took."""
        began = self.now
        self.pump.drain()
        return self.now - began


@pytest.fixture
def taking(engine: Any, qtbot: QtBot) -> Iterator[Taking]:
    taking = Taking(engine)
    yield taking
    taking.pump.close()


def test_events_that_do_not_fit_a_frame_wait_and_come_in_order(engine: Any, taking: Taking) -> None:
    engine.waiting = all_ = [object() for _ in range(2_000)]
    frames = [taking.frame() for _ in range(200)]
    assert max(frames) <= 1.5 * BUDGET
    assert [event for batch in taking.batches for event in batch] == all_
    assert sum(frame > 0 for frame in frames) <= 2 * 2_000 * COST / BUDGET


def test_events_that_cost_nothing_come_in_one_frame(engine: Any, taking: Taking) -> None:
    """Events of a job that was given up do not delay the next job."""
    engine.waiting, taking.cost = [object() for _ in range(5_000)], 1e-7
    taking.frame()
    assert engine.waiting == []


def test_a_slow_machine_handles_every_event(engine: Any, taking: Taking) -> None:
    engine.waiting, taking.cost = [object() for _ in range(10 * LEAST)], BUDGET
    for _ in range(10):
        taking.frame()
    assert engine.waiting == []


def test_the_next_frame_comes_soon_while_events_wait(engine: Any, taking: Taking) -> None:
    engine.waiting = [object() for _ in range(2_000)]
    taking.frame()
    assert taking.interval == FRAME
    engine.waiting.clear()
    taking.frame()
    assert taking.interval == IDLE


def test_few_cores_paint_fewer_frames(engine: Any, qtbot: QtBot) -> None:
    for cores, wanted in ((1, LONG_FRAME), (2, LONG_FRAME), (3, FRAME)):
        taking = Taking(engine, cores)
        taking.pump.set_busy(True, writes=True)
        assert taking.interval == wanted
        taking.pump.set_busy(True)
        assert taking.interval == FRAME  # the answer to a question comes soon
        taking.pump.close()
