"""A single stream whose evaluation thread goes on by itself: whoever reads slowly, or gives up, changes nothing."""

import time
from collections.abc import Callable, Iterable

import pytest

from models.engine.events import Event, Sampled
from models.engine.prefix import TextPiece
from models.engine.requests import Draws, Generate
from models.library.load_options import LoadOptions
from models.sampling.knobs import Sampling
from models.scripted.model import ScriptedModel
from models.worker.evaluation_thread import ThreadWorker
from models.worker.loop import Loop
from models.worker.runner import Control
from tests.models.asking import NO_PATCH, always, looping

WRITING = Sampling(ignore_eos=True, xtc_probability=0.5)
PIECES = (TextPiece("The old"),)


def job(length: int | None) -> Generate:
    return Generate(1, NO_PATCH, WRITING, length, (Draws(7),), top=70)


def scripted() -> ScriptedModel:
    return ScriptedModel("scripted:", LoadOptions(), always)


def readings(events: Iterable[Event]) -> list[object]:
    return [
        reading for event in events if isinstance(event, Sampled) for span in event.spans for reading in span.readings
    ]


def test_readings_are_whole_however_slowly_they_are_taken() -> None:
    with looping(scripted()) as inline, looping(scripted(), beside=True) as beside:
        expected = readings(inline.generate(job(60), PIECES, 0.0))
        slow: list[Event] = []
        for number, event in enumerate(beside.generate(job(60), PIECES, 0.0)):
            time.sleep(0.01 * (number % 7 == 0))  # the thread is ahead by then
            slow.append(event)
        assert [repr(reading) for reading in readings(slow)] == [repr(reading) for reading in expected]


@pytest.mark.parametrize("taken", [1, 2, 3, 9])
def test_who_gives_up_leaves_nothing_running(taken: int) -> None:
    running: list[int] = []

    class Counting(ThreadWorker):
        def start(self, work: Callable[[], object]) -> Callable[[], object]:  # type: ignore[override]
            def counted() -> object:
                running.append(1)
                try:
                    return work()
                finally:
                    running.pop()

            return super().start(counted)

    loop = Loop(scripted(), Counting(), time.monotonic)  # pyright: ignore[reportArgumentType]
    writing = loop.generate(job(None), PIECES, 0.0)
    for _ in range(taken):
        next(writing)
    writing.close()
    assert not running
    assert len(readings(loop.generate(job(5), PIECES, 0.0))) == 5
    loop.close()


def test_a_query_that_waits_is_let_in_after_the_step_under_way() -> None:
    waiting, let_in = [True], [0]

    def aside() -> tuple[Event, ...]:
        let_in[0] += waiting[0]
        waiting[0] = False
        return ()

    control = Control(aside=aside, waits=lambda: waiting[0])
    with looping(scripted(), beside=True) as loop:
        for number, event in enumerate(loop.generate(job(40), PIECES, 0.0, control)):
            assert isinstance(event, Sampled) or number in (0, 41)
            if number % 10 == 1:
                waiting[0] = True
            elif number % 10 == 4:
                assert not waiting[0]
    assert let_in[0] == 5  # one waited from the beginning
