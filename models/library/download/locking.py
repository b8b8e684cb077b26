"""A lock on an open file, so that two programs do not write one download, nor undo each other's changes of a small
file. However its program dies, it is gone then.
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

PATIENCE = 5.0  # seconds that one waits for a lock that others hold for milliseconds
BEAT = 0.005  # seconds between two tries
NO_LOCKS = {errno.ENOLCK, errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP}  # what file systems that know none say

if sys.platform == "win32":
    import msvcrt

    _FAR = 1 << 60  # beyond every file: a lock there keeps nobody from reading

    def lock(file: BinaryIO) -> bool:
        """Whether nobody else has it; then it is ours until the file is closed."""
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
        """Whether nobody else has it, as far as the file system can tell; then it is ours until the file is closed."""
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
    """Within, no other thread and no other process is in such a block for the same file. The lock is on a file beside
    it, which stays. Raises OSError where that cannot be made; TimeoutError (one too) after `patience` seconds.
    """
    handle = os.open(path.with_name(f".{path.name}.lock"), os.O_RDWR | os.O_CREAT | NO_LINK | BINARY, PRIVATE)
    with os.fdopen(handle, "r+b", buffering=0) as file:
        end = clock() + patience
        while not lock(file):
            if clock() >= end:
                raise TimeoutError(errno.ETIMEDOUT, os.strerror(errno.ETIMEDOUT), str(path))
            wait(BEAT)
        yield
