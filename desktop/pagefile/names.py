"""File names for pages, valid on every system and not taken by another file."""

from collections.abc import Collection, Container, Iterator
from datetime import datetime
from itertools import count
from pathlib import Path

from desktop.pagefile.values import SUFFIX
from models.library.file_names import cleaned

COMPANIONS = ("-wal", "-shm", "-journal")  # SQLite's files beside a page's file: they hold a part of the page
_LONGEST = 80  # bytes of UTF-8: short enough for a number, a suffix and a companion's in every file system


def new_name(title: str, now: datetime) -> str:
    """A plain file name, without suffix, for a page with that title; date and time for a page without one."""
    return file_name(title) or f"{now:%Y-%m-%d %H.%M}"


def file_name(title: str) -> str:
    """A page's title as a file name without suffix; "" where no character of it can be in one."""
    return cleaned(title, _LONGEST).rstrip(" ,;:.-–—") or cleaned(title, _LONGEST)


def free(folder: Path, name: str, reserved: Container[Path] = ()) -> Path:
    """A path for a page in the folder at which neither a file nor a leftover of SQLite's lies, and which is not
    reserved: the name, or the name and a number."""
    return next(path for path in _numbered(folder, name) if path not in reserved and not lies(path))


def unreserved(folder: Path, name: str, reserved: Container[Path]) -> Path:
    """The first such path that is not reserved. Does not ask the disk."""
    return next(path for path in _numbered(folder, name) if path not in reserved)


def following(path: Path) -> Iterator[Path]:
    """The path, then the path with a number after the name, without end."""
    return _numbered(path.parent, path.stem)


def lies(path: Path) -> bool:
    """Whether a file or a leftover of SQLite's exists at a page's path."""
    return any(map(_lies, (path, *companions(path))))


def with_suffix(path: Path, known: Collection[str], otherwise: str) -> Path:
    """The path as it is if its suffix is one of those known, else with `otherwise` appended: a name may have dots."""
    return path if path.suffix.lower() in known else path.with_name(path.name + otherwise)


def companions(path: Path) -> tuple[Path, ...]:
    """The files in which SQLite has parts of a page's data."""
    return tuple(path.with_name(path.name + ending) for ending in COMPANIONS)


def _numbered(folder: Path, name: str) -> Iterator[Path]:
    yield folder / f"{name}{SUFFIX}"
    for number in count(2):
        yield folder / f"{name} {number}{SUFFIX}"


def _lies(path: Path) -> bool:
    try:
        return path.exists() or path.is_symlink()
    except OSError:
        return False  # the folder may not be read: making the file there reports why
