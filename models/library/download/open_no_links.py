"""Opens a download's file for writing without following links."""

import os
import stat
from pathlib import Path
from typing import BinaryIO

from models.library.atomic_file import BINARY, NO_LINK, SHARED


def opened(path: Path) -> BinaryIO:
    """Open the file at that path for reading and writing, unbuffered; make it if there is none. A symbolic link, or a
    file with further hard links, is removed first, because its target would be written. Raises OSError.
    """
    while True:
        _clear(path)
        try:
            handle = os.open(path, os.O_RDWR | os.O_CREAT | NO_LINK | BINARY, SHARED)
        except OSError:
            if path.is_symlink():  # made after _clear
                continue
            raise
        file = os.fdopen(handle, "r+b", buffering=0)
        if _is_plain(os.fstat(handle)):
            return file
        file.close()


def _clear(path: Path) -> None:
    """Remove the entry if it is no plain file; a folder stays."""
    try:
        found = path.lstat()
    except FileNotFoundError:
        return
    if not _is_plain(found) and not stat.S_ISDIR(found.st_mode):
        path.unlink(missing_ok=True)


def _is_plain(found: os.stat_result) -> bool:
    """Whether it is a regular file with at most one hard link (none if it was removed meanwhile)."""
    return stat.S_ISREG(found.st_mode) and found.st_nlink <= 1
