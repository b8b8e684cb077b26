"""Which page files are open in this process, so that reading one's first bytes never drops the locks on it.

POSIX drops every lock that a process has on a file as soon as the process closes any descriptor of that file. SQLite
handles this for its own descriptors; the program's own reads of a file's first bytes must do so too.
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
    """connections: how many are open. stream: reads the file's first bytes; closed after the last connection."""

    connections: int = 0
    stream: BinaryIO | None = None


_lock = threading.Lock()
_open: dict[Identity, _Open] = {}


class Cursor(sqlite3.Cursor):
    """A cursor that turns every error of a damaged file into sqlite3.Error: SQLite's message about it may be text
    that Python cannot decode, and a value may ask for more memory than exists."""

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
    """A connection whose file counts as open in this process until it is closed."""

    _held: Identity | None = None

    def hold(self, path: Path) -> None:
        """Count the file as open, before the first query. Raises OSError."""
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
    """Device and inode of a file, whatever its name. Raises OSError."""
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
