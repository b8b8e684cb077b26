"""Events go up the pipe in their order, those of tokens a few at once."""

import pickle
import threading
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager

from models.engine.events import Ended, Event, Sampled, Span
from models.launch.outbox import MOST, Outbox

FRAME = 0.1
PATIENCE = 5.0


def token(number: int) -> Sampled:
    return Sampled(1, (Span(str(number), ()),), number, 0, 0)


def ended() -> Ended:
    return Ended(1, "length", 3, 1, 0.0, 0.0, 4)


class Pipe:
    """messages: what was sent, unpickled. broken: sending fails."""

    def __init__(self) -> None:
        self.messages: list[list[Event]] = []
        self.broken = False
        self.closed = threading.Event()

    def send(self, message: bytes) -> None:
        if self.broken:
            raise BrokenPipeError
        self.messages.append(pickle.loads(message))

    @contextmanager
    def outbox(self, frame: float = FRAME) -> Generator[Outbox]:
        opened = Outbox(self.send, frame, self.closed.set)
        yield opened
        self.broken = False
        opened.close()


def until(done: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not done():
        assert time.monotonic() < deadline
        time.sleep(0.001)


def test_the_first_token_is_sent_at_once_and_those_that_follow_together() -> None:
    pipe = Pipe()
    with pipe.outbox() as outbox:
        for number in range(4):
            outbox.put(token(number))
        assert pipe.messages == [[token(0)]]
        until(lambda: len(pipe.messages) == 2)
        assert pipe.messages[1] == [token(1), token(2), token(3)]


def test_no_more_wait_than_hold_the_child_back() -> None:
    pipe = Pipe()
    with pipe.outbox(frame=1) as outbox:
        for number in range(2 + MOST):
            outbox.put(token(number))
        assert [len(message) for message in pipe.messages] == [1, MOST]


def test_what_is_sent_before_the_first_token_does_not_delay_it() -> None:
    pipe = Pipe()
    with pipe.outbox(frame=1) as outbox:
        outbox.put(ended())
        outbox.put(token(0))
        assert pipe.messages == [[ended()], [token(0)]]


def test_every_other_event_takes_what_waits_with_it() -> None:
    pipe = Pipe()
    with pipe.outbox(frame=1) as outbox:
        for event in (token(0), token(1), ended()):
            outbox.put(event)
        assert pipe.messages == [[token(0)], [token(1), ended()]]


def test_tokens_slower_than_frames_are_sent_at_once() -> None:
    pipe = Pipe()
    with pipe.outbox(frame=0.001) as outbox:
        for number in range(5):
            outbox.put(token(number))
            assert pipe.messages[-1][-1] == token(number)
            time.sleep(0.005)


def test_nothing_is_lost_doubled_or_moved_whatever_the_pace() -> None:
    pipe = Pipe()
    with pipe.outbox(frame=0.002) as outbox:
        put: list[Event] = []
        for number in range(2_000):
            put.append(ended() if number % 97 == 96 else token(number))
            outbox.put(put[-1])
            if number % 41 == 0:
                time.sleep(0.003)
        until(lambda: sum(map(len, pipe.messages)) == len(put))
        assert [event for message in pipe.messages for event in message] == put


def test_a_token_that_waits_does_not_outlive_the_pipe() -> None:
    pipe = Pipe()
    with pipe.outbox(frame=0.01) as outbox:
        outbox.put(token(0))
        pipe.broken = True
        outbox.put(token(1))
        assert pipe.closed.wait(PATIENCE)
