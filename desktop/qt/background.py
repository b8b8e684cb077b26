"""Work off the GUI thread: a stream of answers comes back on it, one at a time, unless nobody wants them any more.

Numbered: a newer piece of work in the same lane makes the older one stale, and its answers are dropped. Knows neither
what is done nor who asks.
"""

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from PySide6.QtCore import QObject, Qt, Signal

PATIENCE = 2.0  # seconds that closing waits for work that cannot be interrupted, such as a request without an answer


@dataclass(frozen=True, slots=True)
class _Told:
    """From a worker: what to do on the GUI thread, if that work is still wanted."""

    lane: str
    number: int
    do: Callable[[], None]


class Background(QObject):
    """`wanted` errors are told to their asker; any other is a bug and surfaces on the GUI thread."""

    _told = Signal(object)

    def __init__(self, errors: tuple[type[Exception], ...] = (), parent: QObject | None = None) -> None:
        """errors: what work may raise; its text is a sentence for the user."""
        super().__init__(parent)
        self._errors = errors
        self._numbers: dict[str, int] = {}
        self._threads: set[threading.Thread] = set()
        self._told.connect(self._receive, Qt.ConnectionType.QueuedConnection)

    def run(
        self,
        lane: str,
        work: Callable[[], object],
        then: Callable[..., None],
        failed: Callable[[str], None] = lambda _sentence: None,
    ) -> None:
        """Do it, then hand its result to `then`; what ran in that lane is no longer wanted."""

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
        """The same for an iterator: `each` gets one value after the other. A stale one is not asked for its next."""
        number = self.cancel(lane)

        def tell(do: Callable[[], None]) -> None:
            self._told.emit(_Told(lane, number, do))

        def loop() -> None:
            try:
                for value in work():
                    tell(lambda value=value: each(value))
                    if self._numbers.get(lane) != number:
                        return
                tell(ended)
            except self._errors as error:
                tell(lambda sentence=str(error): failed(sentence))
            except Exception as error:  # noqa: BLE001  (a bug: it is raised again on the GUI thread)
                tell(lambda error=error: _raise(error))

        thread = threading.Thread(target=loop, name=lane, daemon=True)
        self._threads = {one for one in self._threads if one.is_alive()} | {thread}
        thread.start()

    def cancel(self, lane: str) -> int:
        """Nothing of that lane is wanted any more. Returns the number of what comes next."""
        self._numbers[lane] = self._numbers.get(lane, 0) + 1
        return self._numbers[lane]

    def close(self) -> None:
        """Nothing is wanted any more; wait a little for what still runs."""
        for lane in self._numbers:
            self.cancel(lane)
        deadline = time.monotonic() + PATIENCE
        for thread in self._threads:
            thread.join(max(0.0, deadline - time.monotonic()))

    def _receive(self, told: _Told) -> None:
        if self._numbers.get(told.lane) == told.number:
            told.do()


def _raise(error: Exception) -> None:
    raise error
