"""Which page files are open in this process, so that looking at one never drops the locks on it.

POSIX takes every lock that a process has on a file away as soon as it closes any descriptor of that file. SQLite knows
this of its own descriptors; the program's own look at a file's first bytes has to know it too. Knows nothing of what
the bytes say.
"""

import sqlite3
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Self, TypeVar

from resources.language import tr

Identity = tuple[int, int]
_Found = TypeVar("_Found")


@dataclass(slots=True, eq=False)
class _Open:
    """connections: how many there are. stream: by which its first bytes are read, closed after the last of them."""

    connections: int = 0
    stream: BinaryIO | None = None


_lock = threading.Lock()
_open: dict[Identity, _Open] = {}


class Cursor(sqlite3.Cursor):
    """A cursor to which all that comes of a damaged file is an sqlite3.Error: SQLite's own words about it may be no
    text that Python could read, and what it says of itself may ask for more memory than there is."""

    def execute(self, sql: str, parameters: Sequence[Any] = (), /) -> Self:  # type: ignore[override]
        return _read(super().execute, sql, parameters)

    def __next__(self) -> Any:
        return _read(super().__next__)

    def fetchone(self) -> Any:
        return _read(super().fetchone)

    def fetchall(self) -> list[Any]:
        return _read(super().fetchall)


def _read(read: Callable[..., _Found], *given: Any) -> _Found:
    try:
        return read(*given)
    except UnicodeDecodeError as error:
        raise _damaged(tr("its tables have no names")) from error
    except MemoryError as error:
        raise _damaged(tr("it asks for too much memory")) from error


def _damaged(about: str) -> sqlite3.DatabaseError:
    damaged = sqlite3.DatabaseError(about)
    damaged.sqlite_errorcode = sqlite3.SQLITE_CORRUPT
    return damaged


class Connection(sqlite3.Connection):
    """A connection whose file is known to be open here until it is closed."""

    _held: Identity | None = None

    def hold(self, path: Path) -> None:
        """Before anything is asked of it. Raises OSError."""
        with _lock:
            self._held = identity(path)
            _open.setdefault(self._held, _Open()).connections += 1

    def execute(self, sql: str, parameters: Sequence[Any] = (), /) -> sqlite3.Cursor:  # type: ignore[override]
        return self.cursor(Cursor).execute(sql, parameters)

    def close(self) -> None:
        super().close()
        with _lock:
            held, self._held = self._held, None
            if held is not None:
                _release(held)


def _release(held: Identity) -> None:
    found = _open[held]
    found.connections -= 1
    if not found.connections:
        del _open[held]
        if found.stream is not None:
            found.stream.close()


def identity(path: Path) -> Identity:
    """Which file it is, whatever its name. Raises OSError."""
    found = path.stat()
    return found.st_dev, found.st_ino


def first_bytes(path: Path, count: int) -> bytes:
    """The first bytes of a file. Raises OSError."""
    with _lock:
        found = _open.get(identity(path))
        if found is None:
            with path.open("rb") as stream:
                return stream.read(count)
        if found.stream is None:
            found.stream = path.open("rb", buffering=0)
        found.stream.seek(0)
        return found.stream.read(count)
