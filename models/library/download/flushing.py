"""Puts a growing file on the disk little by little, in a thread beside its writer: less is lost in a power cut, and
the last flush of a large file has little left to do.
"""

import os
from concurrent.futures import Future, ThreadPoolExecutor
from typing import BinaryIO

EVERY = 16 << 20  # bytes written between two flushes


class Flushing:
    """Of one open file; to be closed before it."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._worker = ThreadPoolExecutor(1, thread_name_prefix="flushing")
        self._running: Future[None] | None = None
        self._due = EVERY

    def wrote(self, count: int) -> None:
        """So many bytes more are in the file. Raises OSError where an earlier flush has failed."""
        self._due -= count
        if self._due <= 0 and (self._running is None or self._running.done()):
            self.settle()
            self._running = self._worker.submit(os.fsync, self._file.fileno())
            self._due = EVERY

    def settle(self) -> None:
        """Waits for a flush that is under way. Raises OSError where it failed: the system tells of that only once."""
        if self._running:
            self._running.result()

    def close(self) -> None:
        """Waits for a flush that is under way. May be called twice."""
        self._worker.shutdown()
