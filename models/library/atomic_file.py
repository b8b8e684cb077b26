"""Atomic file writes: a file is written under a temporary name and then replaces the target, or fails without effect.

The temporary file is beside the target. It has an unguessable name, is always newly made, never through a link, and is
removed if the write fails.
"""

import contextlib
import os
import secrets
from collections.abc import Generator
from pathlib import Path
from typing import BinaryIO

NO_LINK = getattr(os, "O_NOFOLLOW", 0)  # not on Windows, where making a link needs a privilege
BINARY = getattr(os, "O_BINARY", 0) | getattr(os, "O_NOINHERIT", 0)
_NEW = os.O_RDWR | os.O_CREAT | os.O_EXCL | NO_LINK | BINARY
_LONGEST = 100  # bytes of the target's name in a temporary one
PRIVATE, SHARED = 0o600, 0o666  # permissions of a new file; the umask restricts the second


@contextlib.contextmanager
def replacing(target: Path, private: bool = False, token: str = "") -> Generator[BinaryIO]:
    """Yield a new file to write to. At the end of the block it is flushed to disk and replaces the target, or a link
    there. Raises OSError; then, or if the block raises, the target is unchanged.

    private: only this user may read it; else it gets the permissions of the file it replaces, or the usual ones. token:
    part of the temporary name, by which files of a killed process can be found; random by default.
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
    """Yield an open handle, which the block must close, and the path of a new, empty file beside the target. If the
    block does not rename the file, it is removed at its end. Raises OSError.
    """
    part = part_of(target, token or secrets.token_hex(8))
    handle = os.open(part, _NEW, PRIVATE if private else _mode_of(target))
    try:
        yield handle, part
    finally:
        with contextlib.suppress(OSError):  # the write's own failure is raised, not this one
            part.unlink(missing_ok=True)


def part_of(target: Path, token: str) -> Path:
    """The path of the temporary file."""
    name = target.name.encode("utf-8", "surrogateescape")[:_LONGEST].decode("utf-8", "ignore")
    return target.with_name(f".{name}.{token}.part")


def _mode_of(target: Path) -> int:
    """The permissions of the new file while it is written: those of the file it replaces, but always writable."""
    try:
        return target.stat().st_mode & SHARED | 0o200
    except OSError:
        return SHARED


def keep_mode(target: Path, part: Path) -> None:
    """Give the new file the permissions of the file it replaces, if there is one and the disk supports it."""
    with contextlib.suppress(OSError):
        part.chmod(target.stat().st_mode & 0o7777)


def sync_folder(folder: Path) -> None:
    """Flush a folder to disk, so that a new name in it survives a power failure. Raises OSError."""
    if os.name != "posix":
        return  # a folder cannot be flushed there
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
