"""File names for pages: what every system takes, and what no file there has. Knows no page."""

from collections.abc import Collection, Container, Iterator
from datetime import datetime
from itertools import count
from pathlib import Path

from desktop.pagefile.values import SUFFIX
from models.library.file_names import cleaned

COMPANIONS = ("-wal", "-shm", "-journal")  # what SQLite may have left beside a page's file: a part of the page
_LONGEST = 80  # bytes of UTF-8: short enough for a number, a suffix and a companion's in every file system


def new_name(title: str, now: datetime) -> str:
    """A plain file name, without suffix, for a page of that title; for one without, the date and the time."""
    return file_name(title) or f"{now:%Y-%m-%d %H.%M}"


def file_name(title: str) -> str:
    """A page's title as a file name without suffix; empty where nothing of it can be one."""
    return cleaned(title, _LONGEST).rstrip(" ,;:.-–—") or cleaned(title, _LONGEST)


def free(folder: Path, name: str, reserved: Container[Path] = ()) -> Path:
    """A page's path in the folder that nothing lies at, nor the remains of a page, and that is reserved to none: the
    name, or the name and a number."""
    return next(path for path in _numbered(folder, name) if path not in reserved and not lies(path))


def unreserved(folder: Path, name: str, reserved: Container[Path]) -> Path:
    """The first of these paths that is reserved to none. Does not look whether something lies there."""
    return next(path for path in _numbered(folder, name) if path not in reserved)


def following(path: Path) -> Iterator[Path]:
    """The path, then the same with a number behind the name."""
    return _numbered(path.parent, path.stem)


def lies(path: Path) -> bool:
    """Whether something lies at a page's path, or the remains of a page."""
    return any(map(_lies, (path, *companions(path))))


def with_suffix(path: Path, known: Collection[str], otherwise: str) -> Path:
    """The path as it is if its suffix is one of those known, else with another behind it: a name may have dots."""
    return path if path.suffix.lower() in known else path.with_name(path.name + otherwise)


def companions(path: Path) -> tuple[Path, ...]:
    """Where SQLite keeps what belongs to a page's file."""
    return tuple(path.with_name(path.name + ending) for ending in COMPANIONS)


def _numbered(folder: Path, name: str) -> Iterator[Path]:
    yield folder / f"{name}{SUFFIX}"
    for number in count(2):
        yield folder / f"{name} {number}{SUFFIX}"


def _lies(path: Path) -> bool:
    try:
        return path.exists() or path.is_symlink()
    except OSError:
        return False  # a folder that may not be looked into: whoever makes the file there is told why
