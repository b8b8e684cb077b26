"""The injected conditions of a download: clock, random numbers, waiting times and free disk. Tests give their own."""

import random
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path


def free_disk(folder: Path) -> int:
    """Bytes that this user can still write on a folder's disk. Raises OSError."""
    return shutil.disk_usage(folder).free


@dataclass(frozen=True, slots=True)
class Conditions:
    """patience: seconds without a byte after which a connection fails. attempts: attempts in a row without a byte after
    which the download pauses. first_wait, longest_wait: seconds between attempts, doubling. longest_asked: seconds that
    a server may ask to wait. spare: bytes of disk left free. slice: seconds between two Progress values.
    """

    patience: float = 20.0
    attempts: int = 10
    first_wait: float = 1.0
    longest_wait: float = 60.0
    longest_asked: float = 900.0
    spare: int = 256 << 20
    slice: float = 0.1
    clock: Callable[[], float] = time.monotonic
    wait: Callable[[float], None] = time.sleep
    chance: Callable[[], float] = random.random
    free: Callable[[Path], int] = free_disk

    def back_off(self, fruitless: int) -> float:
        """Seconds to wait after `fruitless` attempts in a row; random, so that clients do not retry together."""
        longest = min(self.longest_wait, self.first_wait * 2 ** min(fruitless, 16))
        return longest * (0.5 + self.chance() / 2)
