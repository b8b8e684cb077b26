"""Flushes a growing file to disk in a thread beside its writer: a power failure loses less, and the last flush of a
large file is short.
"""

import os
from concurrent.futures import Future, ThreadPoolExecutor
from typing import BinaryIO

EVERY = 16 << 20  # bytes written between two flushes


class Flushing:
    """Flushes one open file. Close it before the file."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._worker = ThreadPoolExecutor(1, thread_name_prefix="flushing")
        self._running: Future[None] | None = None
        self._due = EVERY

    def wrote(self, count: int) -> None:
        """Note `count` more bytes in the file. Raises OSError if an earlier flush failed."""
        self._due -= count
        if self._due <= 0 and (self._running is None or self._running.done()):
            self.settle()
            self._running = self._worker.submit(os.fsync, self._file.fileno())
            self._due = EVERY

    def settle(self) -> None:
        """Wait for a running flush. Raises OSError if it failed: the system reports that only once."""
        if self._running:
            self._running.result()

    def close(self) -> None:
        """Wait for a running flush and end the thread. A second call does nothing."""
        self._worker.shutdown()
