"""Works on a page's file without opening the page: its facts, its text, a copy, another title.

Also while the page is open elsewhere. Off the GUI thread. Does not load trees, tokens or history.
"""

import os
import sqlite3
import uuid
from collections.abc import Generator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path

from desktop.page import utf16
from desktop.pagefile.checking import LARGEST
from desktop.pagefile.connecting import (
    bound,
    cannot_read,
    cannot_write,
    connect,
    connect_to_read,
    damaged,
    in_words,
    is_unclean,
    made_newer,
    not_ours,
    unreadable,
)
from desktop.pagefile.encoding import BlobError, unpack_numbers, unpack_text
from desktop.pagefile.packing import facts_from, to_json
from desktop.pagefile.schema import VERSION, ForeignSchemaError, check, migrate, version
from desktop.pagefile.sealing import rows, write_rows
from desktop.pagefile.store import Transaction, clear_remains
from desktop.pagefile.values import Facts
from models.library import permissions
from models.library.atomic_file import sync_folder, temporary
from resources.language import tr

_MANY = 500  # chunks asked for in one statement


def peek(path: Path) -> Facts:
    """The facts that a list of pages shows; empty ones where no page was written yet. Raises PageFileError."""
    with _reading(path) as connection:
        found = [value for _, value in rows(connection, "meta", "WHERE name = 'facts'")]
        return facts_from(found[0]) if found else Facts()


def text_of(path: Path) -> str:
    """The page's text as it is shown; lone surrogates survive. Raises PageFileError."""
    with _reading(path) as connection:
        root = [value for _, value in rows(connection, "meta", "WHERE name = 'root'")]
        found = list(rows(connection, "contents", "WHERE number = ?", root)) if root else []
        if not found:
            return ""
        numbers = unpack_numbers(found[0][1])
        if len(set(numbers)) != len(numbers):
            raise BlobError(tr("a part of the page stands in two places"))
        parts = [numbers[first : first + _MANY] for first in range(0, len(numbers), _MANY)]
        return utf16.decode(b"".join(unit for some in parts for unit in _texts(connection, some)))


def _texts(connection: sqlite3.Connection, numbers: list[int]) -> list[bytes]:
    """The UTF-16 units of those chunks. Raises BlobError where they are not as they were written."""
    places = ", ".join("?" * len(numbers))
    texts: dict[int, list[bytes]] = {number: [] for number in numbers}
    for number, _, blob in rows(connection, "texts", f"WHERE chunk IN ({places}) ORDER BY chunk, first", numbers):
        texts[number].append(unpack_text(blob))
    facts = rows(connection, "chunks", f"WHERE number IN ({places})", numbers)
    sizes = {number: units for number, units, *_ in facts}
    found = {number: b"".join(parts) for number, parts in texts.items()}
    if any(len(units) != 2 * sizes.get(number, -1) for number, units in found.items()):
        raise BlobError(tr("text is missing"))
    return [found[number] for number in numbers]


def copy_page(source: Path, target: Path) -> None:
    """Copy the source with all its finished writes to a new file, completely or not at all. Raises PageFileError,
    also where the target exists."""
    try:
        permissions.make_folder_for(target)
        if target.exists():
            raise FileExistsError(17, tr("there is a file of that name already"))
        with temporary(target, permissions.is_ours(target)) as (handle, part):
            os.close(handle)
            _fill(source, target, part)
            _flush(part)
            clear_remains(target)
            part.rename(target)
        sync_folder(target.parent)
    except OSError as error:
        raise cannot_write(target, error) from error


def _fill(source: Path, target: Path, part: Path) -> None:
    """Copy the source into an empty file, which will become the target. Raises PageFileError."""
    with _reading(source) as connection:
        try:
            connection.execute("ROLLBACK")
            _copy(connection, part)
        except sqlite3.OperationalError as error:
            raise in_words(target, error) from error


def _copy(connection: sqlite3.Connection, part: Path) -> None:
    """Copy database pages as they are: rows that a forged tree names many times are not written many times. Raises
    sqlite3.Error."""
    with closing(sqlite3.connect(part, isolation_level=None)) as copy:
        connection.backup(copy)
        copy.execute("PRAGMA journal_mode = DELETE")


def set_title(path: Path, title: str) -> None:
    """Give a page that is not open another title. Raises PageFileError."""
    is_unclean(path)
    try:
        with closing(connect(path, "rw")) as connection:
            bound(connection, path)
            check(connection)
            migrate(connection)
            _set_title(connection, title)
    except sqlite3.Error as error:
        raise in_words(path, error) from error
    except BlobError as error:
        raise damaged(path, str(error)) from error
    except ForeignSchemaError as error:
        raise not_ours(path, str(error)) from error
    except OSError as error:
        raise cannot_write(path, error) from error


def _set_title(connection: sqlite3.Connection, title: str) -> None:
    """Read and write the title in one transaction. Raises BlobError and sqlite3.Error."""
    with Transaction(connection):
        found = dict(rows(connection, "meta", "WHERE name IN ('facts', 'revision')"))
        revision = found.get("revision")
        if not isinstance(revision, int) or not 0 <= revision < LARGEST:
            raise BlobError(tr("its revision is lost"))
        facts = facts_from(found["facts"]) if "facts" in found else Facts()
        new = {
            "facts": to_json(replace(facts, title=title)),
            "revision": revision + 1,
            "writer": uuid.uuid4().hex,
        }
        write_rows(connection, "meta", new.items())


@contextmanager
def _reading(path: Path) -> Generator[sqlite3.Connection]:
    unclean = is_unclean(path)
    try:
        with closing(connect_to_read(path, unclean)[0]) as connection:
            bound(connection, path)
            check(connection)
            with _of_this_version(connection, path) as readable:
                readable.execute("BEGIN")  # one transaction: all reads see one state
                yield readable
    except sqlite3.Error as error:
        raise unreadable(path, error) from error
    except BlobError as error:
        raise damaged(path, str(error)) from error
    except ForeignSchemaError as error:
        raise not_ours(path, str(error)) from error
    except OSError as error:
        raise cannot_read(path, error) from error


@contextmanager
def _of_this_version(connection: sqlite3.Connection, path: Path) -> Generator[sqlite3.Connection]:
    if version(connection) == VERSION:
        yield connection
    else:
        with made_newer(connection, path) as (copy, _budget):
            yield copy


def _flush(path: Path) -> None:
    with path.open("rb+") as stream:
        os.fsync(stream.fileno())
