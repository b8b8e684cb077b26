"""Writes and reads rows that end with a checksum of all their other columns: what a disk changes is not taken for data.

Checks that each value has its column's type: SQLite stores any type in any column.
"""

import functools
import sqlite3
import zlib
from collections.abc import Generator, Iterable, Sequence
from typing import Any

from desktop.pagefile.encoding import BlobError
from resources.language import tr

Row = tuple[Any, ...]

_NUMBER, _TEXT, _BLOB = frozenset({int}), frozenset({str}), frozenset({bytes})
_PERHAPS = frozenset({type(None)})
_ANY = frozenset({int, float, str, bytes, type(None)})
_KINDS = {  # of each column but the checksum, as schema.py makes them
    "meta": (_TEXT, _ANY),
    "chunks": (_NUMBER, _NUMBER, _NUMBER, _NUMBER | _PERHAPS, _NUMBER | _PERHAPS),
    "texts": (_NUMBER, _NUMBER, _BLOB),
    "rows": (_NUMBER, _NUMBER, _BLOB),
    "contents": (_NUMBER, _BLOB, _BLOB, _BLOB | _PERHAPS, _BLOB | _PERHAPS),
    "forks": (_NUMBER, _NUMBER, _NUMBER, _NUMBER),
    "branches": (_NUMBER, _NUMBER, _NUMBER, _NUMBER),
    "steps": (_NUMBER, _NUMBER, _TEXT, _NUMBER),
    "operations": (*[_NUMBER] * 3, _TEXT, *[_NUMBER | _PERHAPS] * 3, *[_BLOB | _PERHAPS] * 3),
    "sources": (_NUMBER, _TEXT),
    "models": (_NUMBER, _TEXT),
    "names": (_NUMBER, _NUMBER, _BLOB),
    "alternatives": (_NUMBER, _NUMBER, _BLOB),
    "layers": (_NUMBER, _TEXT, _TEXT, _NUMBER),
    "readings": (_NUMBER, _NUMBER, _BLOB),
}


_KEYS = {  # columns, where not one
    "texts": 2,
    "rows": 2,
    "branches": 2,
    "steps": 2,
    "operations": 3,
    "names": 2,
    "readings": 2,
}


def key(table: str, row: Row) -> Row:
    """The key columns of a row, as the table has it."""
    return row[: _KEYS.get(table, 1)]


def seal(*values: object) -> int:
    """The CRC-32 of a row's numbers, texts and blobs."""
    return zlib.crc32(b"\0".join(map(_bytes, values)))


def _bytes(value: object) -> bytes:
    if isinstance(value, bytes):
        return value
    return b"-" if value is None else str(value).encode("utf-8", "surrogatepass")


def write_rows(connection: sqlite3.Connection, table: str, rows: Iterable[Row]) -> None:
    """Write rows, given without checksums, in place of those with the same key. Raises sqlite3.Error."""
    for row in rows:
        marks = ", ".join("?" * (len(row) + 1))
        connection.execute(f"INSERT OR REPLACE INTO {table} VALUES ({marks})", (*row, seal(*row)))


def rows(connection: sqlite3.Connection, table: str, rest: str = "", values: Sequence[object] = ()) -> Generator[Row]:
    """Rows without their checksums, in the order of their keys. rest: WHERE and ORDER BY. Raises BlobError where one
    is not as it was written, has a type that Inkfall never writes, or repeats a key; and sqlite3.Error."""
    last: Row | None = None
    for row in connection.execute(f"SELECT * FROM {table} {rest}", values):
        if not is_sound(row):
            raise BlobError(tr("a checksum differs"))
        if not is_fitting(table, row):
            raise BlobError(tr("a field is of another kind"))
        if last is not None and key(table, row) <= last:
            raise BlobError(tr("it leads in circles"))
        last = key(table, row)
        yield row[:-1]


def is_sound(row: Row) -> bool:
    """Whether the checksum of a row, as the table has it, is right."""
    return seal(*row[:-1]) == row[-1]


def is_fitting(table: str, row: Row) -> bool:
    """Whether each value has its column's type. row: as the table has it."""
    return _fits(table, tuple(map(type, row)))


@functools.cache
def _fits(table: str, found: tuple[type, ...]) -> bool:
    """The check for one combination of SQLite's five types; cached, since there are few."""
    return all(one in kinds for one, kinds in zip(found, _KINDS.get(table, ()), strict=False))
