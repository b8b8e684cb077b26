"""Opens a file of a download for writing: the file itself, and nothing that a link leads to."""

import os
import stat
from pathlib import Path
from typing import BinaryIO

from models.library.atomic_file import BINARY, NO_LINK, SHARED


def opened(path: Path) -> BinaryIO:
    """The file at that path, to be read and written, unbuffered; made where there is none. A link that lies there, or
    a file that has another name too, is removed first: what is written would land elsewhere. Raises OSError.
    """
    while True:
        _clear(path)
        try:
            handle = os.open(path, os.O_RDWR | os.O_CREAT | NO_LINK | BINARY, SHARED)
        except OSError:
            if path.is_symlink():  # put there in between
                continue
            raise
        file = os.fdopen(handle, "r+b", buffering=0)
        if _is_plain(os.fstat(handle)):
            return file
        file.close()


def _clear(path: Path) -> None:
    """Remove what is there and is no plain file; a folder stays."""
    try:
        found = path.lstat()
    except FileNotFoundError:
        return
    if not _is_plain(found) and not stat.S_ISDIR(found.st_mode):
        path.unlink(missing_ok=True)


def _is_plain(found: os.stat_result) -> bool:
    """A file with one name at most: none where it was removed or renamed meanwhile."""
    return stat.S_ISREG(found.st_mode) and found.st_nlink <= 1
