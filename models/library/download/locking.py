"""Locks on open files, so that two processes do not write one download, nor overwrite each other's changes of a small
file. A lock ends with its process.
"""

import contextlib
import errno
import os
import sys
import time
from collections.abc import Callable, Generator
from pathlib import Path
from typing import BinaryIO

from models.library.atomic_file import BINARY, NO_LINK, PRIVATE

PATIENCE = 5.0  # seconds to wait for a lock, which others hold for milliseconds
BEAT = 0.005  # seconds between two attempts
NO_LOCKS = {errno.ENOLCK, errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP}  # errors of file systems without locks

if sys.platform == "win32":
    import msvcrt

    _FAR = 1 << 60  # beyond the end of every file: a lock there does not block reading

    def lock(file: BinaryIO) -> bool:
        """Lock the file until it is closed. Returns false if another process holds the lock."""
        position = file.tell()
        file.seek(_FAR)
        try:
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        finally:
            file.seek(position)
        return True

else:
    import fcntl

    def lock(file: BinaryIO) -> bool:
        """Lock the file until it is closed. Returns false if another process holds the lock; true on a file system
        without locks. Raises OSError.
        """
        try:
            fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        except OSError as error:
            if error.errno not in NO_LOCKS:
                raise
        return True


@contextlib.contextmanager
def held(
    path: Path,
    patience: float = PATIENCE,
    clock: Callable[[], float] = time.monotonic,
    wait: Callable[[float], None] = time.sleep,
) -> Generator[None]:
    """Hold an exclusive lock for that path, among threads and processes. The lock is on a file beside it, which stays.
    Raises OSError if that file cannot be made, and TimeoutError, its subclass, after `patience` seconds.
    """
    handle = os.open(path.with_name(f".{path.name}.lock"), os.O_RDWR | os.O_CREAT | NO_LINK | BINARY, PRIVATE)
    with os.fdopen(handle, "r+b", buffering=0) as file:
        end = clock() + patience
        while not lock(file):
            if clock() >= end:
                raise TimeoutError(errno.ETIMEDOUT, os.strerror(errno.ETIMEDOUT), str(path))
            wait(BEAT)
        yield
