"""Runs work on threads and delivers its results on the GUI thread, one at a time.

Work is numbered by lanes: a newer piece of work in a lane makes the older one stale, and its results are dropped.
"""

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from PySide6.QtCore import QObject, Qt, Signal

PATIENCE = 2.0  # seconds that `close` waits for running work, such as a request without an answer


@dataclass(frozen=True, slots=True)
class _Delivery:
    """A call to make on the GUI thread unless the work it comes from is stale."""

    lane: str
    number: int
    call: Callable[[], None]


class Background(QObject):
    """Runs work in lanes. Expected errors go to `failed`; any other is a bug, raised on the GUI thread."""

    _delivered = Signal(object)

    def __init__(self, errors: tuple[type[Exception], ...] = (), parent: QObject | None = None) -> None:
        """errors: the expected ones; their text is a sentence for the user."""
        super().__init__(parent)
        self._errors = errors
        self._numbers: dict[str, int] = {}
        self._threads: set[threading.Thread] = set()
        self._delivered.connect(self._receive, Qt.ConnectionType.QueuedConnection)

    def run(
        self,
        lane: str,
        work: Callable[[], object],
        then: Callable[..., None],
        failed: Callable[[str], None] = lambda _sentence: None,
    ) -> None:
        """Run `work` on a thread, then `then` with its result on the GUI thread. Makes the lane's older work stale."""

        def once() -> Iterator[object]:
            yield work()

        self.stream(lane, once, then, lambda: None, failed)

    def stream(
        self,
        lane: str,
        work: Callable[[], Iterator[object]],
        each: Callable[..., None],
        ended: Callable[[], None],
        failed: Callable[[str], None] = lambda _sentence: None,
    ) -> None:
        """Run an iterator on a thread, and `each` with each of its values on the GUI thread, then `ended`. Stale work
        is not advanced any further."""
        number = self.cancel(lane)

        def deliver(call: Callable[[], None]) -> None:
            self._delivered.emit(_Delivery(lane, number, call))

        def loop() -> None:
            try:
                for value in work():
                    deliver(lambda value=value: each(value))
                    if self._numbers.get(lane) != number:
                        return
                deliver(ended)
            except self._errors as error:
                deliver(lambda sentence=str(error): failed(sentence))
            except Exception as error:  # noqa: BLE001  (a bug: it is raised again on the GUI thread)
                deliver(lambda error=error: _raise(error))

        thread = threading.Thread(target=loop, name=lane, daemon=True)
        self._threads = {one for one in self._threads if one.is_alive()} | {thread}
        thread.start()

    def cancel(self, lane: str) -> int:
        """Make the work of a lane stale. Returns the number of the lane's next work."""
        self._numbers[lane] = self._numbers.get(lane, 0) + 1
        return self._numbers[lane]

    def close(self) -> None:
        """Make all work stale, and wait up to PATIENCE for what still runs."""
        for lane in self._numbers:
            self.cancel(lane)
        deadline = time.monotonic() + PATIENCE
        for thread in self._threads:
            thread.join(max(0.0, deadline - time.monotonic()))

    def _receive(self, delivery: _Delivery) -> None:
        if self._numbers.get(delivery.lane) == delivery.number:
            delivery.call()


def _raise(error: Exception) -> None:
    raise error
