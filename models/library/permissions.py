"""Closes the program's own folders and files to other users. Files that the user saves elsewhere follow the umask.

On Windows the folders' access lists already do so, and nothing is changed.
"""

import os
import stat
from contextlib import suppress
from pathlib import Path

from models.library.app_dirs import AppDirs

FOLDER, FILE = 0o700, 0o600
_ours: set[Path] = set()


def claim(dirs: AppDirs) -> None:
    """Treat these folders as the program's own; close those that exist and belong to this user to others."""
    for folder in (dirs.data, dirs.config, dirs.cache, dirs.log):
        _ours.add(_real(folder))
        with suppress(OSError):
            _shut(folder)


def _shut(folder: Path) -> None:
    found = folder.lstat()  # a link's target is not changed
    if os.name == "posix" and stat.S_ISDIR(found.st_mode) and found.st_uid == os.geteuid() and found.st_mode & 0o77:
        folder.chmod(FOLDER)


def make_folder(path: Path) -> None:
    """Make one of the program's folders, with missing parents. Raises OSError."""
    try:
        path.mkdir(FOLDER, exist_ok=True)
    except FileNotFoundError:
        make_folder(path.parent)
        path.mkdir(FOLDER, exist_ok=True)


def opener(path: str, flags: int) -> int:
    """An opener for `open` that makes private files. Raises OSError."""
    return os.open(path, flags, FILE)


def make_folder_for(path: Path) -> None:
    """Make the folder of a file that may be anywhere. Raises OSError."""
    if is_ours(path):
        make_folder(path.parent)
    else:
        path.parent.mkdir(parents=True, exist_ok=True)


def is_ours(path: Path) -> bool:
    """Whether the path, existing or not, is in one of the program's folders."""
    real = _real(path)
    return any(real.is_relative_to(folder) for folder in _ours)


def _real(path: Path) -> Path:
    return Path(os.path.realpath(path))
