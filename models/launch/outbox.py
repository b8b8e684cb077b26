"""Sends the child's events up the pipe: those of tokens a few at once, as often as a window paints.

A message costs both processes some tenths of a millisecond, which they take from llama.cpp's threads where cores are
few. So a token waits for those behind it, but no longer than a frame, and the first one does not; whatever else happens
is sent at once. Of several streams, the tokens of a step are sent together.
"""

from __future__ import annotations

import pickle
import threading
import time
from collections.abc import Callable

from models.engine.events import Event, Sampled

MOST = 64  # events that wait: a parent that is slow must be able to hold the child back


class Outbox:
    """send: puts a message, a pickled list of events, into the pipe. frame: seconds. closed: called where the pipe is,
    by the thread that sends late. Close it when done.
    """

    def __init__(self, send: Callable[[bytes], None], frame: float, closed: Callable[[], object]) -> None:
        self._send, self._frame, self._closed = send, frame, closed
        self._lock = threading.Lock()
        self._events: list[Event] = []
        self._next = 0.0  # when the next token may be sent, by time.monotonic
        self._wait = threading.Semaphore(0)
        self._ended = False
        self._thread = threading.Thread(target=self._send_late, name="outbox", daemon=True)
        self._thread.start()

    def put(self, event: Event) -> None:
        """Send it, now or soon, behind those before it. Raises OSError where the pipe is closed."""
        with self._lock:
            self._events.append(event)
            writes = isinstance(event, Sampled)
            if not writes or time.monotonic() >= self._next or len(self._events) >= MOST:
                self._send_all()
                if writes:
                    self._next = time.monotonic() + self._frame
            elif len(self._events) == 1:
                self._wait.release()

    def flush(self) -> None:
        """Send what waits. Raises OSError where the pipe is closed."""
        with self._lock:
            self._send_all()

    def close(self) -> None:
        """Send what waits, and end the thread."""
        with self._lock:
            self._ended, self._next = True, 0.0
            self._send_all()
        self._wait.release()
        self._thread.join()

    def _send_all(self) -> None:
        if self._events:
            message = pickle.dumps(self._events, pickle.HIGHEST_PROTOCOL)
            self._events = []
            self._send(message)

    def _send_late(self) -> None:
        """On a thread of its own: send what waits when its time has come."""
        while self._wait.acquire() and not self._ended:
            time.sleep(max(0.0, self._next - time.monotonic()))
            try:
                with self._lock:
                    if self._events and time.monotonic() >= self._next:  # else they were sent meanwhile
                        self._send_all()
                        self._next = time.monotonic() + self._frame
            except OSError:
                self._closed()
                return
