"""Deletes files inside a given folder only: never a link's target, never a file outside.

An entry is inspected first and removed only if it is unchanged then: a folder above it may have been renamed or
replaced by a link.
"""

import contextlib
import errno
import os
import stat
from collections.abc import Generator, Iterable
from dataclasses import dataclass
from pathlib import Path

from resources.language import tr

OUTSIDE = tr("it lies outside the folder that it is listed from")
CHANGED = tr("another file lies there now")
_FOLDER = os.O_RDONLY | getattr(os, "O_DIRECTORY", 0) | getattr(os, "O_NOFOLLOW", 0)


class NotOursError(OSError):
    """The file must not be deleted. strerror says why."""

    def __init__(self, why: str, path: Path) -> None:
        super().__init__(errno.EPERM, why, str(path))


@dataclass(frozen=True, slots=True)
class Entry:
    """A file, or a link itself, inside `root`, as it was when inspected. root, path: without links above the entry.
    identity: device and inode. size: bytes, 0 for a link. names: hard links of the file.
    """

    root: Path
    path: Path
    identity: tuple[int, int]
    is_link: bool
    size: int
    names: int


def entry_of(path: Path, root: Path) -> Entry:
    """Inspect the entry at that path. Raises NotOursError if its real folder is outside the root; OSError."""
    root, folder = Path(os.path.realpath(root)), Path(os.path.realpath(path.parent))
    real = folder / path.name
    if not folder.is_relative_to(root):
        raise NotOursError(OUTSIDE, real)
    found = real.lstat()
    if stat.S_ISDIR(found.st_mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(real))
    is_link = stat.S_ISLNK(found.st_mode)
    return Entry(root, real, (found.st_dev, found.st_ino), is_link, 0 if is_link else found.st_size, found.st_nlink)


def freed(entries: Iterable[Entry]) -> int:
    """The bytes that deleting the entries frees: none for links, nor for files with further hard links."""
    left: dict[tuple[int, int], int] = {}
    total = 0
    for entry in set(entries):
        left[entry.identity] = left.get(entry.identity, entry.names) - 1
        total += entry.size if not left[entry.identity] else 0
    return total


def unlink(entry: Entry) -> None:
    """Delete the entry. Raises NotOursError if another file has its name now; OSError."""
    if os.unlink in os.supports_dir_fd and os.open in os.supports_dir_fd:
        with _folder_of(entry) as folder:
            _compare(entry, os.stat(entry.path.name, dir_fd=folder, follow_symlinks=False))
            os.unlink(entry.path.name, dir_fd=folder)
    else:  # Windows has no paths relative to an open folder
        check(entry)
        entry.path.unlink()


def check(entry: Entry) -> None:
    """Raises NotOursError if another file has the entry's name now; OSError."""
    if entry_of(entry.path, entry.root).path != entry.path:
        raise NotOursError(CHANGED, entry.path)
    _compare(entry, entry.path.lstat())


def _compare(entry: Entry, found: os.stat_result) -> None:
    if (found.st_dev, found.st_ino) != entry.identity:
        raise NotOursError(CHANGED, entry.path)


@contextlib.contextmanager
def _folder_of(entry: Entry) -> Generator[int]:
    """Yield a handle of the entry's folder, opened from the root without following links. Raises
    NotOursError, OSError.
    """
    handle = os.open(entry.root, _FOLDER)
    try:
        for step in entry.path.parent.relative_to(entry.root).parts:
            try:
                inner = os.open(step, _FOLDER, dir_fd=handle)
            except OSError as error:
                if error.errno in (errno.ELOOP, errno.ENOTDIR):  # a link has taken its place
                    raise NotOursError(CHANGED, entry.path) from error
                raise
            os.close(handle)
            handle = inner
        yield handle
    finally:
        os.close(handle)
