"""A running sha256, computed in a thread beside whoever brings the bytes, a little behind: both take about as long.

`hashlib` and the calls that move bytes let go of Python's lock, so the two really run at once.
"""

import hashlib
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _hashlib import HASH

BATCH = 512 << 10  # bytes handed over at once
BEHIND = 4  # batches that may wait; whoever brings more waits too, so memory stays flat


class Hashing:
    """One sha256 at a time; to be closed."""

    def __init__(self) -> None:
        self._worker = ThreadPoolExecutor(1, thread_name_prefix="hashing")
        self._digest = hashlib.sha256()
        self._batch: list[bytes | memoryview] = []
        self._size = 0
        self._behind: deque[Future[None]] = deque()

    def update(self, block: bytes | memoryview) -> None:
        """More bytes; they must not change any more."""
        self._batch.append(block)
        self._size += len(block)
        if self._size >= BATCH:
            self._hand_over()

    def digest(self) -> "HASH":
        """The sha256 of all bytes so far, as one that may be gone on with."""
        self._hand_over()
        self._catch_up(0)
        return self._digest.copy()

    def hexdigest(self) -> str:
        return self.digest().hexdigest()

    def begin(self, digest: "HASH | None" = None) -> None:
        """Go on from another one, or from nothing."""
        self._batch, self._size = [], 0
        self._catch_up(0)
        self._digest = digest.copy() if digest else hashlib.sha256()

    def close(self) -> None:
        """Ends the thread. May be called twice."""
        self._worker.shutdown()

    def _hand_over(self) -> None:
        if self._batch:
            self._behind.append(self._worker.submit(_hash, self._digest, self._batch))
            self._batch, self._size = [], 0
        self._catch_up(BEHIND)

    def _catch_up(self, most: int) -> None:
        while len(self._behind) > most:
            self._behind.popleft().result()


def _hash(digest: "HASH", blocks: list[bytes | memoryview]) -> None:
    for block in blocks:
        digest.update(block)
