"""A file that is written under a temporary name and appears in its place whole, or not at all.

The temporary file lies beside the target. Its name cannot be guessed, it is made anew and never through a link, and it
is removed when the write fails. Knows nothing of what is written.
"""

import contextlib
import os
import secrets
from collections.abc import Generator
from pathlib import Path
from typing import BinaryIO

NO_LINK = getattr(os, "O_NOFOLLOW", 0)  # Windows has none: there a link needs a privilege
BINARY = getattr(os, "O_BINARY", 0) | getattr(os, "O_NOINHERIT", 0)
_NEW = os.O_RDWR | os.O_CREAT | os.O_EXCL | NO_LINK | BINARY
_LONGEST = 100  # bytes of the target's name in a temporary one
PRIVATE, SHARED = 0o600, 0o666  # permissions of a new file; the umask takes from the second


@contextlib.contextmanager
def replacing(target: Path, private: bool = False, token: str = "") -> Generator[BinaryIO]:
    """A new file to write to. When the block ends it is on the disk in the target's place; a link there is replaced.
    Raises OSError; after that, or when the block raises, what was there before is as it was.

    private: only this user may read it; else it has the permissions of the file it replaces, or those of any new file.
    token: the temporary name's own part, for whoever removes what a killed process has left.
    """
    with temporary(target, private, token) as (handle, part):
        with os.fdopen(handle, "wb", buffering=1 << 20) as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        if not private:
            keep_mode(target, part)
        part.replace(target)


@contextlib.contextmanager
def temporary(target: Path, private: bool = False, token: str = "") -> Generator[tuple[int, Path]]:
    """A new, empty file beside the target: an open handle, which the block closes, and its path. What the block has not
    renamed is gone when it ends. Raises OSError.
    """
    part = part_of(target, token or secrets.token_hex(8))
    handle = os.open(part, _NEW, PRIVATE if private else _mode_of(target))
    try:
        yield handle, part
    finally:
        with contextlib.suppress(OSError):  # why the write failed is told, not this
            part.unlink(missing_ok=True)


def part_of(target: Path, token: str) -> Path:
    """Where the file lies until it is whole."""
    name = target.name.encode("utf-8", "surrogateescape")[:_LONGEST].decode("utf-8", "ignore")
    return target.with_name(f".{name}.{token}.part")


def _mode_of(target: Path) -> int:
    """Who may read the new file while it is written: nobody who may not read the one that it replaces."""
    try:
        return target.stat().st_mode & SHARED | 0o200
    except OSError:
        return SHARED


def keep_mode(target: Path, part: Path) -> None:
    """Give the new file the permissions of the one that it replaces, where there is one and the disk has any."""
    with contextlib.suppress(OSError):
        part.chmod(target.stat().st_mode & 0o7777)


def sync_folder(folder: Path) -> None:
    """A name that was given in it survives a loss of power. Raises OSError."""
    if os.name != "posix":
        return  # a folder cannot be flushed there
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
