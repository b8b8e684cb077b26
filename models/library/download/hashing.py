"""A running sha256, computed in a thread beside the writer of the bytes.

`hashlib` and the calls that move bytes release Python's lock, so both run at once.
"""

import hashlib
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _hashlib import HASH

BATCH = 512 << 10  # bytes handed over at once
MAX_PENDING = 4  # batches that may wait; beyond that `update` waits, so memory stays bounded


class Hashing:
    """Computes one sha256 at a time. Close it when done."""

    def __init__(self) -> None:
        self._worker = ThreadPoolExecutor(1, thread_name_prefix="hashing")
        self._digest = hashlib.sha256()
        self._batch: list[bytes | memoryview] = []
        self._size = 0
        self._pending: deque[Future[None]] = deque()

    def update(self, block: bytes | memoryview) -> None:
        """Add bytes, which must not be changed afterwards."""
        self._batch.append(block)
        self._size += len(block)
        if self._size >= BATCH:
            self._hand_over()

    def digest(self) -> "HASH":
        """The sha256 of all bytes so far, as an object that can be continued (see `begin`)."""
        self._hand_over()
        self._catch_up(0)
        return self._digest.copy()

    def hexdigest(self) -> str:
        return self.digest().hexdigest()

    def begin(self, digest: "HASH | None" = None) -> None:
        """Continue from another digest, or start afresh."""
        self._batch, self._size = [], 0
        self._catch_up(0)
        self._digest = digest.copy() if digest else hashlib.sha256()

    def close(self) -> None:
        """End the thread. A second call does nothing."""
        self._worker.shutdown()

    def _hand_over(self) -> None:
        if self._batch:
            self._pending.append(self._worker.submit(_hash, self._digest, self._batch))
            self._batch, self._size = [], 0
        self._catch_up(MAX_PENDING)

    def _catch_up(self, most: int) -> None:
        while len(self._pending) > most:
            self._pending.popleft().result()


def _hash(digest: "HASH", blocks: list[bytes | memoryview]) -> None:
    for block in blocks:
        digest.update(block)
