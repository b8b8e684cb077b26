"""What is this user's alone: our own folders, and what lies in them. What the user saves elsewhere is as the system's
umask has it.

On Windows the folders' own access lists say so already, and this changes nothing.
"""

import os
import stat
from contextlib import suppress
from pathlib import Path

from models.library.app_dirs import AppDirs

FOLDER, FILE = 0o700, 0o600
_ours: set[Path] = set()


def claim(dirs: AppDirs) -> None:
    """These folders are ours from now on; those that are there are closed to others, where they belong to this user."""
    for folder in (dirs.data, dirs.config, dirs.cache, dirs.log):
        _ours.add(_real(folder))
        with suppress(OSError):
            _shut(folder)


def _shut(folder: Path) -> None:
    found = folder.lstat()  # what a link leads to is the user's own affair
    if os.name == "posix" and stat.S_ISDIR(found.st_mode) and found.st_uid == os.geteuid() and found.st_mode & 0o77:
        folder.chmod(FOLDER)


def make_folder(path: Path) -> None:
    """Make a folder of ours and what is missing above it. Raises OSError."""
    try:
        path.mkdir(FOLDER, exist_ok=True)
    except FileNotFoundError:
        make_folder(path.parent)
        path.mkdir(FOLDER, exist_ok=True)


def opener(path: str, flags: int) -> int:
    """For `open`: a file of ours."""
    return os.open(path, flags, FILE)


def make_folder_for(path: Path) -> None:
    """The folder of a file that may lie anywhere. Raises OSError."""
    if is_ours(path):
        make_folder(path.parent)
    else:
        path.parent.mkdir(parents=True, exist_ok=True)


def is_ours(path: Path) -> bool:
    """Whether it lies in a folder of ours, there or not."""
    real = _real(path)
    return any(real.is_relative_to(folder) for folder in _ours)


def _real(path: Path) -> Path:
    return Path(os.path.realpath(path))
