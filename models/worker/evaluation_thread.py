"""One piece of work at a time beside the caller: the next token is evaluated while the last one's reading is worked
out.

All evaluations go through one thread, the same one always: llama.cpp's own threads belong to the thread that asks.
Knows nothing of models.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from queue import SimpleQueue
from typing import Generic, Protocol, TypeVar

T = TypeVar("T")


class Ahead(Protocol):
    def start(self, work: Callable[[], T]) -> Callable[[], T]:
        """Begin the work; calling what is returned, once, waits for it and gives its result or raises its exception."""
        ...

    def close(self) -> None: ...


class _Work(Generic[T]):
    """Work and, later, its result. A lock is the cheapest thing in Python that one thread can wait on and another
    free.
    """

    def __init__(self, work: Callable[[], T]) -> None:
        self._work = work
        self._done = threading.Lock()
        self._done.acquire()
        self._result: Callable[[], T]

    def run(self) -> None:
        try:
            result = self._work()
            self._result = lambda: result
        except BaseException as error:  # noqa: BLE001  (it is raised again where the result is asked for)
            self._result = _raiser(error)
        self._done.release()

    def wait(self) -> T:
        self._done.acquire()
        return self._result()


def _raiser(error: BaseException) -> Callable[[], T]:
    def raise_it() -> T:
        raise error

    return raise_it


class ThreadWorker:
    """A thread that does the work. Close it when done."""

    def __init__(self) -> None:
        self._works: SimpleQueue[_Work[object] | None] = SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="evaluation", daemon=True)
        self._thread.start()

    def start(self, work: Callable[[], T]) -> Callable[[], T]:
        begun = _Work(work)
        self._works.put(begun)  # pyright: ignore[reportArgumentType]
        return begun.wait

    def close(self) -> None:
        self._works.put(None)
        self._thread.join()

    def _run(self) -> None:
        while (work := self._works.get()) is not None:
            work.run()
