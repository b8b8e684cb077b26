"""A thread for evaluations, one at a time, and for the draws behind them, while the caller does something else.

All evaluations use the same thread, because llama.cpp's own threads belong to the thread that calls it. For the same
reason draws are made there: those threads share their passes (models/llamacpp/openmp.py).
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from queue import SimpleQueue
from typing import Generic, Protocol, TypeVar

T = TypeVar("T")


class Evaluator(Protocol):
    """Runs evaluations, one at a time."""

    def start(self, work: Callable[[], T]) -> Callable[[], T]:
        """Start the work. Calling the returned function, once, waits and returns its result or raises its exception."""
        ...

    def close(self) -> None: ...


class _Work(Generic[T]):
    """Work and, later, its result. A lock is the cheapest way in Python for one thread to wait for another."""

    def __init__(self, work: Callable[[], T]) -> None:
        self._work = work
        self._done = threading.Lock()
        self._done.acquire()
        self._result: Callable[[], T]

    def run(self) -> None:
        try:
            result = self._work()
            self._result = lambda: result
        except BaseException as error:  # noqa: BLE001  (raised again by wait)
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
    """An Evaluator with its own thread. Close it when done."""

    def __init__(self) -> None:
        self._works: SimpleQueue[_Work[object] | None] = SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="evaluation", daemon=True)
        self._thread.start()

    def start(self, work: Callable[[], T]) -> Callable[[], T]:
        started = _Work(work)
        self._works.put(started)  # pyright: ignore[reportArgumentType]
        return started.wait

    def close(self) -> None:
        self._works.put(None)
        self._thread.join()

    def _run(self) -> None:
        while (work := self._works.get()) is not None:
            work.run()
