"""Writes a page to its file: each write is one transaction, after which the file is a complete page.

Used on one thread at a time, never the GUI's. Checks before every write that the file is still as it left it, and after
a failed write whether that was written after all. applying.py writes the tables.
"""

import os
import sqlite3
import time
import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from desktop.pagefile import layer_pruning, schema
from desktop.pagefile.applying import apply
from desktop.pagefile.connecting import beside, bound, cannot_write, connect, in_words
from desktop.pagefile.delta import Delta
from desktop.pagefile.encoding import BlobError
from desktop.pagefile.folding import Folding
from desktop.pagefile.open_files import Identity, identity
from desktop.pagefile.reader import Reader
from desktop.pagefile.sealing import rows, write_rows
from desktop.pagefile.values import ForeignWriteError
from models.library import permissions
from models.library.atomic_file import sync_folder, temporary
from resources.language import tr

LOG_LIMIT = 2**24  # bytes that the write-ahead log may have between writes
SPARE = 0.5  # share of empty pages in a file that is made anew when it is closed
_ALONE = 1.0  # seconds to wait for other readers of the file, on closing


class Store:
    """A page's file while it is open for writing. reader: reads back what was written."""

    def __init__(self, path: Path, reader: Reader, revision: int, writer: str, serial: int) -> None:
        """revision, writer: as they are in the file. serial: of the last delta in it."""
        self.path = path
        self.reader = reader
        self._identity = identity(path)
        self._connection: sqlite3.Connection | None = None
        self._name = uuid.uuid4().hex
        self._state = (revision, writer)
        self._serial = serial
        self._folding = Folding()
        self._foreign = False
        self._unsure = False  # the last write failed; whether it is in the file is not known
        self._log: Identity | None = None  # of the write-ahead log that the connection writes to

    # -------------------------------------------------------------------------------------------- writing

    def write(self, deltas: Sequence[Delta]) -> None:
        """Write the deltas, all or none; those that an earlier call has written in spite of its error are left out.
        Raises PageFileError; then they are to be given again, before any newer one."""
        if not deltas:
            return
        try:
            connection = self._connected()
            with Transaction(connection):
                self._make_sure(connection)
                for delta in deltas:
                    self._apply(connection, delta)
                self._folding.tidy(connection, deltas)
                self._sign(connection)
        except sqlite3.Error as error:
            self._unsure = True
            self._abandon()
            raise in_words(self.path, error) from error
        except OSError as error:
            self._unsure = True
            self._abandon()
            raise cannot_write(self.path, error) from error
        self._unsure = False
        self._state = (self._state[0] + 1, self._name)
        self._serial = deltas[-1].serial
        for delta in deltas:
            delta.receipt.file = self.reader

    def _apply(self, connection: sqlite3.Connection, delta: Delta) -> None:
        serial = _meta_values(connection, "serial")["serial"]
        if delta.serial <= serial:
            return  # it is in the file, although the disk reported an error
        if not delta.whole and delta.serial != serial + 1:
            raise ValueError(f"delta {delta.serial} does not follow {serial}")
        apply(connection, delta)

    def _sign(self, connection: sqlite3.Connection) -> None:
        signature = (("revision", self._state[0] + 1), ("writer", self._name))
        write_rows(connection, "meta", signature)

    # -------------------------------------------------------------------------------------------- whose file it is

    def _make_sure(self, connection: sqlite3.Connection) -> None:
        """Check that the file is the one that this store left; the transaction ensures that it stays so. Raises
        ForeignWriteError."""
        self._look_at_place()
        self._look_at_log()
        try:
            found = _signature(connection)
        except BlobError:
            raise self._not_ours(tr("“{name}” was damaged while it was open here.")) from None
        if self._unsure and found == (self._state[0] + 1, self._name):
            self._state = found  # our last write, for which the disk reported an error
        elif found != self._state:
            raise self._not_ours(tr("“{name}” was changed by another program while it was open here."))

    def _look_at_log(self) -> None:
        """Check that the log was not replaced: then this connection would write where nothing reads. Raises
        ForeignWriteError."""
        try:
            log = identity(beside(self.path, "-wal"))
        except FileNotFoundError:
            log = None  # some disks have none
        if self._log is not None and log != self._log:
            raise self._not_ours(tr("“{name}” lost the “-wal” file beside it while it was open here."))
        self._log = log

    def _look_at_place(self) -> None:
        try:
            same = identity(self.path) == self._identity
        except FileNotFoundError:
            raise self._not_ours(tr("“{name}” was moved or deleted while it was open here.")) from None
        if not same:
            raise self._not_ours(tr("“{name}” was replaced by another file while it was open here."))

    def _not_ours(self, sentence: str) -> ForeignWriteError:
        self._foreign = True
        return ForeignWriteError(sentence.format(name=self.path.name))

    # -------------------------------------------------------------------------------------------- the connection

    def _connected(self) -> sqlite3.Connection:
        if self._connection is None:
            self._look_at_place()
            self._connection = connect(self.path, "rw")
            self._connection.execute("PRAGMA journal_mode = WAL")
            self._connection.execute("PRAGMA synchronous = FULL")
            self._connection.execute(f"PRAGMA journal_size_limit = {LOG_LIMIT}")
            self._folding = Folding.of(self._connection)
            self._log = None
        return self._connection

    def _abandon(self) -> None:
        """Close the connection after an error: what it caches may be wrong."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()

    def close(self) -> None:
        """Make the page one file again. Raises PageFileError where that failed; it is closed nevertheless."""
        connection = self._connection
        try:
            if connection is not None and not self._foreign:
                self._finish(connection)
        except sqlite3.Error as error:
            raise in_words(self.path, error) from error
        except OSError as error:
            raise cannot_write(self.path, error) from error
        finally:
            self._abandon()

    def _finish(self, connection: sqlite3.Connection) -> None:
        with Transaction(connection):
            self._make_sure(connection)
            layer_pruning.prune(connection, self._folding.layers)
            self._folding.fold_all(connection)
            self._sign(connection)
        self._state = (self._state[0] + 1, self._name)
        _make_small(connection, self.path)
        with self.reader.disconnected():
            end_log(connection)


class Transaction:
    """BEGIN IMMEDIATE, then COMMIT, or ROLLBACK where anything was raised."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def __enter__(self) -> None:
        self._connection.execute("BEGIN IMMEDIATE")

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        if kind is None:
            self._connection.execute("COMMIT")
        elif self._connection.in_transaction:
            self._connection.execute("ROLLBACK")


def _signature(connection: sqlite3.Connection) -> tuple[int, str]:
    found = _meta_values(connection, "revision", "writer")
    return found["revision"], found["writer"]


def _meta_values(connection: sqlite3.Connection, *names: str) -> dict[str, Any]:
    """The file's meta values with these names. Raises BlobError."""
    found = dict(rows(connection, "meta", f"WHERE name IN ({', '.join('?' * len(names))})", names))
    if len(found) != len(names):
        raise BlobError(tr("a part of the page is missing"))
    return found


def _make_small(connection: sqlite3.Connection, path: Path) -> None:
    """Move the log into the file, and remove empty pages where they are many; but not where the file has a cycle,
    which only a complete read would have found."""
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    pages = connection.execute("PRAGMA page_count").fetchone()[0]
    empty = connection.execute("PRAGMA freelist_count").fetchone()[0]
    if pages > 1_000 and empty > SPARE * pages:
        bound(connection, path)
        try:
            connection.execute("VACUUM")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_INTERRUPT:
                raise
        finally:
            connection.set_progress_handler(None, 0)


def end_log(connection: sqlite3.Connection) -> None:
    """Switch from write-ahead log to none, the mark of a page that was closed. Waits a little for other readers;
    where they stay, the file is complete nevertheless, and is checked when it is opened."""
    until = time.monotonic() + _ALONE
    while True:
        try:
            connection.execute("PRAGMA journal_mode = DELETE")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF not in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
                raise
        else:
            return
        if time.monotonic() > until:
            return
        time.sleep(0.05)


# ------------------------------------------------------------------------------------------------ a new file


def create_page(path: Path) -> Store:
    """Make a new file, to which a first whole delta is to be written. Raises PageFileError, also where a file
    exists."""
    try:
        permissions.make_folder_for(path)
        if path.exists():
            raise ForeignWriteError(tr("There is a file “{name}” already.").format(name=path.name))
        with temporary(path, permissions.is_ours(path)) as (handle, part):
            os.close(handle)
            make_file(part)
            clear_remains(path)
            _name(part, path)
        sync_folder(path.parent)
        return Store(path, Reader(path), 0, "", 0)
    except sqlite3.Error as error:
        raise in_words(path, error) from error
    except OSError as error:
        raise cannot_write(path, error) from error


def _name(part: Path, path: Path) -> None:
    """Give the file its name, which no other file has. Raises ForeignWriteError and OSError."""
    try:
        os.link(part, path)
    except FileExistsError:
        raise ForeignWriteError(tr("There is a file “{name}” already.").format(name=path.name)) from None
    except OSError:  # that disk has no links
        part.rename(path)


def make_file(path: Path) -> None:
    """Make all tables, empty, in a file that is new and empty. Raises sqlite3.Error and OSError."""
    connection = connect(path, "rwc")
    try:
        connection.execute("PRAGMA journal_mode = MEMORY")  # no second file, which could be left behind
        connection.execute("PRAGMA synchronous = FULL")
        with Transaction(connection):
            schema.make(connection)
            first = (("revision", 0), ("writer", ""), ("serial", 0))
            write_rows(connection, "meta", first)
    finally:
        connection.close()


def clear_remains(path: Path) -> None:
    """Delete the log of a page that is gone, which SQLite would take for the new one's. Raises OSError."""
    for suffix in ("-wal", "-shm", "-journal"):
        beside(path, suffix).unlink(missing_ok=True)
