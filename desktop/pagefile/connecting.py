"""Connections to a page's file, what its first bytes say, and SQLite's errors as sentences.

Does not read the tables.
"""

import os
import shutil
import sqlite3
import struct
from collections.abc import Generator
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path

from desktop.pagefile.budget import Budget
from desktop.pagefile.open_files import Connection, first_bytes
from desktop.pagefile.schema import APPLICATION_ID, FIRST, VERSION, migrate
from desktop.pagefile.values import (
    CannotWriteError,
    DamagedFileError,
    DiskFullError,
    NewerFileError,
    PageFileError,
)
from resources.language import tr
from resources.reasons import reason

MAGIC = b"SQLite format 3\0"
PATIENCE = 2.0  # seconds to wait for another connection's write
LONGEST = 2**24  # bytes of a row: the longest hold a chunk, or a number for each of a page's chunks or forks
_STRIDE = 10_000  # steps of SQLite's between two checks of their count
_STEPS = 500  # strides that any file may take: about 0.25 s
_STEPS_A_BYTE = 2  # of the file: the shortest row takes 20 bytes, and 20 steps to be read or checked
_ROW = 16  # bytes that a row takes beside its texts and blobs
_ROOM = 2**20  # bytes: with less free, an I/O error means that the disk is full
_OURS = frozenset(  # errors that are bugs of ours, not the disk's
    {
        sqlite3.SQLITE_ERROR,
        sqlite3.SQLITE_MISUSE,
        sqlite3.SQLITE_RANGE,
    }
)


def connect(path: Path, mode: str, *more: str) -> sqlite3.Connection:
    """A connection that begins and ends transactions only on request. mode: ro, rw or rwc. Raises sqlite3.Error and
    OSError."""
    uri = f"{path.absolute().as_uri()}?{'&'.join([f'mode={mode}', *more])}"
    connection = sqlite3.connect(
        uri, uri=True, timeout=PATIENCE, isolation_level=None, check_same_thread=False, factory=Connection
    )
    try:
        connection.hold(path)
        connection.text_factory = _text
        connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, LONGEST)
        connection.execute("PRAGMA trusted_schema = OFF")
        connection.execute("PRAGMA cell_size_check = ON")
    except (sqlite3.Error, OSError):
        connection.close()
        raise
    return connection


def bound(connection: sqlite3.Connection, path: Path) -> Budget:
    """Limit a connection to a file that may be forged: from now on its queries take no more steps, and return no
    more, than a file of that size can need. Returns the budget of what may still come into memory. Raises OSError."""
    size = path.stat().st_size + _size(beside(path, "-wal"))
    left = iter(range(_STEPS + _STEPS_A_BYTE * size // _STRIDE))
    budget = Budget(size)
    connection.set_progress_handler(lambda: next(left, None) is None, _STRIDE)
    connection.row_factory = partial(_counted, budget)
    return budget


def _counted(budget: Budget, _cursor: sqlite3.Cursor, row: tuple[object, ...]) -> tuple[object, ...]:
    budget.spend(_ROW + sum([len(value) for value in row if isinstance(value, bytes | str)]))
    return row


@contextmanager
def made_newer(connection: sqlite3.Connection, path: Path) -> Generator[tuple[sqlite3.Connection, Budget]]:
    """A copy in memory of an older file, migrated to this version; the file is not written."""
    with closing(sqlite3.connect(":memory:", isolation_level=None, factory=Connection)) as copy:
        copy.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, LONGEST)
        connection.backup(copy)
        budget = bound(copy, path)
        migrate(copy)
        yield copy, budget


def _text(data: bytes) -> str:
    """Decode SQLite's text. Invalid UTF-8 is damage, not a bug of ours: its checksum or its place says so."""
    return data.decode("utf-8", "replace")


def connect_to_read(path: Path, unclean: bool) -> tuple[sqlite3.Connection, bool]:
    """A connection that writes nothing, and whether it treats the file as immutable: SQLite cannot read a log where
    it may not create a file beside it. Raises sqlite3.Error."""
    connection = connect(path, "ro")
    try:
        connection.execute("PRAGMA schema_version").fetchone()
    except sqlite3.OperationalError:
        connection.close()
        if not unclean:
            raise
        return connect(path, "ro", "immutable=1"), True
    except sqlite3.Error:
        connection.close()
        raise
    return connection, False


def beside(path: Path, suffix: str) -> Path:
    """The file that SQLite has beside this one: -wal, -shm or -journal."""
    return path.with_name(path.name + suffix)


def is_unclean(path: Path) -> bool:
    """Whether a page was not closed, or is open elsewhere, by its file's first bytes. Raises PageFileError where it
    is not a page that this program reads."""
    try:
        first = first_bytes(path, 100)
    except OSError as error:
        raise cannot_read(path, error) from error
    if len(first) < 100 or not first.startswith(MAGIC):
        raise DamagedFileError(
            tr("“{name}” is not an Inkfall page, or its beginning is damaged.").format(name=path.name)
        )
    version, application = struct.unpack(">I", first[60:64])[0], struct.unpack(">I", first[68:72])[0]
    if application != APPLICATION_ID:
        raise PageFileError(
            tr("“{name}” is a database of another program, not an Inkfall page.").format(name=path.name)
        )
    if version < FIRST:
        raise damaged(path, tr("there is no page format {version}").format(version=version))
    if version > VERSION:
        raise NewerFileError(
            tr(
                "“{name}” was written by a newer Inkfall (page format {version}; this one reads up to "
                "{newest}). It was not touched."
            ).format(name=path.name, version=version, newest=VERSION)
        )
    return first[18] > 1 or _has(beside(path, "-journal")) or _has(beside(path, "-wal"))


def _has(path: Path) -> bool:
    return _size(path) > 0


def _size(path: Path) -> int:
    """The file's size in bytes; 0 where it does not exist."""
    try:
        return path.stat().st_size
    except OSError:
        return 0


def may_write(path: Path) -> bool:
    """Whether the system says that the file and its folder may be written to."""
    return os.access(path, os.W_OK) and os.access(path.absolute().parent, os.W_OK)


# ------------------------------------------------------------------------------------------------ errors


def unreadable(path: Path, error: sqlite3.Error) -> PageFileError:
    """The PageFileError for an error of SQLite's while reading."""
    code = getattr(error, "sqlite_errorcode", None)
    if code is not None and code & 0xFF == sqlite3.SQLITE_INTERRUPT:
        return damaged(path, tr("it leads in circles"))
    found = in_words(path, error)
    if not isinstance(found, DamagedFileError) and _no_room(path):
        return PageFileError(
            tr(
                "“{name}” cannot be opened: there is no room on the disk to look through what was written last; "
                "nothing of it is lost."
            ).format(name=path.name)
        )
    reading = PageFileError(tr("“{name}” could not be read: {error}.").format(name=path.name, error=error))
    return found if isinstance(found, DamagedFileError) else reading


def cannot_read(path: Path, error: OSError) -> PageFileError:
    why = tr("it is no longer there") if isinstance(error, FileNotFoundError) else reason(error)
    return PageFileError(tr("“{name}” could not be read: {reason}.").format(name=path.name, reason=why))


def damaged(path: Path, about: str) -> DamagedFileError:
    return DamagedFileError(tr("“{name}” is damaged ({about}).").format(name=path.name, about=about))


def not_ours(path: Path, about: str) -> PageFileError:
    return PageFileError(
        tr("“{name}” holds {about}, which no page of Inkfall does. It was not opened.").format(
            name=path.name, about=about
        )
    )


def cannot_write(path: Path, error: OSError) -> PageFileError:
    """The PageFileError for an OSError while writing."""
    return _full(path) if error.errno == 28 else CannotWriteError(_refused(path, reason(error)))  # ENOSPC


def in_words(path: Path, error: sqlite3.Error) -> PageFileError:
    """The PageFileError for an error of SQLite's; an error that is a bug of ours is raised as it is."""
    code = getattr(error, "sqlite_errorcode", None)
    if code is None or code & 0xFF in _OURS:
        raise error
    match code & 0xFF:
        case sqlite3.SQLITE_FULL:
            return _full(path)
        case sqlite3.SQLITE_CORRUPT | sqlite3.SQLITE_NOTADB | sqlite3.SQLITE_CONSTRAINT | sqlite3.SQLITE_MISMATCH:
            return damaged(path, str(error))
        case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
            return CannotWriteError(_refused(path, tr("another program holds it locked")))
        case sqlite3.SQLITE_READONLY | sqlite3.SQLITE_PERM:
            return CannotWriteError(_refused(path, tr("it is read-only")))
        case _:
            return _full(path) if _no_room(path) else CannotWriteError(_refused(path, str(error)))


def _full(path: Path) -> DiskFullError:
    return DiskFullError(tr("There is no room on the disk for “{name}”.").format(name=path.name))


def _refused(path: Path, reason: str) -> str:
    return tr("“{name}” could not be written: {reason}.").format(name=path.name, reason=reason)


def _no_room(path: Path) -> bool:
    try:
        return shutil.disk_usage(path.parent).free < _ROOM
    except OSError:
        return False
