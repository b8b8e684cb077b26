"""What a download counts on: time, chance, patience and free disk. Tests give their own."""

import random
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path


def free_disk(folder: Path) -> int:
    """Bytes that this user can still write in a folder. Raises OSError."""
    return shutil.disk_usage(folder).free


@dataclass(frozen=True, slots=True)
class Conditions:
    """patience: seconds without a byte until a connection is given up. attempts: how many in a row may bring nothing
    until the download is. first_wait, longest_wait: seconds between two, doubling. longest_asked: the longest time that
    a server may ask us to wait. spare: bytes of the disk to be left free. slice: seconds between two signs of life.
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
        """Seconds to wait after so many attempts in a row that brought nothing; chance keeps clients apart."""
        longest = min(self.longest_wait, self.first_wait * 2 ** min(fruitless, 16))
        return longest * (0.5 + self.chance() / 2)
