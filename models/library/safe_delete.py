"""Files that may be deleted because they lie in a folder of ours: never what a link leads to, never what is outside.

A name is looked at once, and removed only where it is still the same then: a folder on the way may have been renamed,
or become a link. Knows nothing of models.
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
    """It is not to be deleted. Its strerror says why."""

    def __init__(self, why: str, path: Path) -> None:
        super().__init__(errno.EPERM, why, str(path))


@dataclass(frozen=True, slots=True)
class Entry:
    """A name in a folder inside `root`, and what it was when it was looked at: a file, or a link, which stands for
    itself. root, path: without any link on the way. size: bytes. names: how many the file has.
    """

    root: Path
    path: Path
    identity: tuple[int, int]
    is_link: bool
    size: int
    names: int


def looked_at(path: Path, root: Path) -> Entry:
    """The name at that path. Raises NotOursError where its folder really is outside of the root; OSError."""
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
    """Bytes that are free without those names: none for a link, nor for a file that has yet another name."""
    left: dict[tuple[int, int], int] = {}
    total = 0
    for entry in set(entries):
        left[entry.identity] = left.get(entry.identity, entry.names) - 1
        total += entry.size if not left[entry.identity] else 0
    return total


def unlink(entry: Entry) -> None:
    """Delete that name. Raises NotOursError where it is another's now; OSError."""
    if os.unlink in os.supports_dir_fd and os.open in os.supports_dir_fd:
        with _folder_of(entry) as folder:
            _compare(entry, os.stat(entry.path.name, dir_fd=folder, follow_symlinks=False))
            os.unlink(entry.path.name, dir_fd=folder)
    else:  # Windows, where an open folder is no starting point
        check(entry)
        entry.path.unlink()


def check(entry: Entry) -> None:
    """Raises NotOursError where that name is another's now; OSError."""
    if looked_at(entry.path, entry.root).path != entry.path:
        raise NotOursError(CHANGED, entry.path)
    _compare(entry, entry.path.lstat())


def _compare(entry: Entry, found: os.stat_result) -> None:
    if (found.st_dev, found.st_ino) != entry.identity:
        raise NotOursError(CHANGED, entry.path)


@contextlib.contextmanager
def _folder_of(entry: Entry) -> Generator[int]:
    """A handle of the folder that the name is in, reached from the root without following a link."""
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
