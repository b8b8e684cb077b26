"""Every row of a page's file ends with a checksum of all the rest of it: what a disk changes is not taken for data.

Puts rows in and gives them back. Knows nothing of what they mean.
"""

import sqlite3
import zlib
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from desktop.pagefile.encoding import BlobError
from resources.language import tr

Row = tuple[Any, ...]


def seal(*values: object) -> int:
    """The CRC-32 of a row's numbers, texts and blobs."""
    return zlib.crc32(b"\0".join(map(_bytes, values)))


def _bytes(value: object) -> bytes:
    if isinstance(value, bytes):
        return value
    return b"-" if value is None else str(value).encode("utf-8", "surrogatepass")


def put(connection: sqlite3.Connection, table: str, rows: Iterable[Row]) -> None:
    """Rows without their checksums, in the place of those with the same key. Raises sqlite3.Error."""
    for row in rows:
        marks = ", ".join("?" * (len(row) + 1))
        connection.execute(f"INSERT OR REPLACE INTO {table} VALUES ({marks})", (*row, seal(*row)))


def rows(connection: sqlite3.Connection, table: str, rest: str = "", values: Sequence[object] = ()) -> Iterator[Row]:
    """Rows without their checksums. rest: WHERE and ORDER BY. Raises BlobError where one is not what was written, and
    sqlite3.Error."""
    for row in connection.execute(f"SELECT * FROM {table} {rest}", values):
        yield sound(row)


def sound(row: Row) -> Row:
    """A row as the table has it, without its checksum. Raises BlobError where that differs."""
    if not is_sound(row):
        raise BlobError(tr("a checksum differs"))
    return row[:-1]


def is_sound(row: Row) -> bool:
    return seal(*row[:-1]) == row[-1]
