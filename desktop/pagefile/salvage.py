"""Reads whatever can still be read of a damaged database: every table from both ends, around what is broken.

A blob is believed only by its checksum. Knows nothing of pages as a whole (recovery.py).
"""

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

from desktop.page.alternatives import AlternativeRows, empty_rows
from desktop.page.chunk import Unread
from desktop.page.rows import NONE, TokenRows, ends, joined
from desktop.pagefile.delta import Keeper
from desktop.pagefile.encoding import BlobError, believed, unpack_alternatives, unpack_rows, unpack_text
from desktop.pagefile.schema import check
from resources.language import tr

_FAR = 2**40  # rows behind a broken place that are tried


def every_row(connection: sqlite3.Connection, table: str, columns: str) -> tuple[list[tuple[Any, ...]], bool]:
    """What can be read of a table that has row numbers, in their order; and whether something was broken."""
    up, broken_up = _one_way(connection, table, columns, ">", 1)
    if not broken_up:
        return [row[1:] for row in up], False
    down, _ = _one_way(connection, table, columns, "<", -1)
    found = {row[0]: row[1:] for row in (*down, *up)}
    return [found[number] for number in sorted(found)], True


def _one_way(
    connection: sqlite3.Connection, table: str, columns: str, beyond: str, by: int
) -> tuple[list[tuple[Any, ...]], bool]:
    order = "ASC" if by > 0 else "DESC"
    query = f"SELECT rowid, {columns} FROM {table} WHERE rowid {beyond} ? ORDER BY rowid {order}"
    rows: list[tuple[Any, ...]] = []
    last, step, broken = -by * _FAR, 1, False
    while abs(step) < _FAR:
        try:
            for row in connection.execute(query, (last,)):
                rows.append(row)
                last, step = row[0], 1
            break
        except sqlite3.DatabaseError:
            broken = True
            last = (last if rows else 0 if by > 0 else 2**20) + by * step
            step *= 2
    return rows, broken


def keyed(connection: sqlite3.Connection, query: str) -> tuple[list[tuple[Any, ...]], bool]:
    """As far as a query comes; and whether it came to a broken place."""
    rows: list[tuple[Any, ...]] = []
    try:
        for row in connection.execute(query):
            rows.append(row)
    except sqlite3.DatabaseError:
        return rows, True
    return rows, False


class Salvage(Keeper):
    """All readings that can still be read, in memory. lost: some cannot. Raises ForeignSchemaError where the tables are
    not ours."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        check(connection)
        self.lost = False
        self._connection = connection
        self._rows: dict[int, dict[int, TokenRows]] = {}
        self._alternatives: list[AlternativeRows] = []
        self._names: dict[str, dict[int, bytes]] = {}
        for chunk, first, rows in self._believed("rows", "chunk, first, rows, checksum", unpack_rows):
            self._rows.setdefault(chunk, {})[first] = rows
        for first, rows in self._believed("alternatives", "first, rows, checksum", lambda blob: blob):
            self._keep_alternatives(first, rows)
        self._read_names()

    def texts(self) -> dict[int, dict[int, bytes]]:
        """Units of text, by chunk and by where in it they begin."""
        texts: dict[int, dict[int, bytes]] = {}
        for chunk, first, units in self._believed("texts", "chunk, first, text, checksum", unpack_text):
            texts.setdefault(chunk, {})[first] = units
        return texts

    def _believed(self, table: str, columns: str, unpack: Callable[[bytes], Any]) -> Iterator[tuple[Any, ...]]:
        """The rows of a table whose last columns are a blob and its checksum, the blob unpacked."""
        found, broken = every_row(self._connection, table, columns)
        self.lost = self.lost or broken
        for *key, blob, sum_ in found:
            try:
                if not all(isinstance(number, int) for number in key):
                    raise BlobError(tr("no number"))
                yield *key, unpack(believed(blob, sum_))
            except BlobError:
                self.lost = True

    def _keep_alternatives(self, first: int, blob: bytes) -> None:
        try:
            self._alternatives.append(unpack_alternatives(first, blob))
        except BlobError:
            self.lost = True

    def _read_names(self) -> None:
        models, first = every_row(self._connection, "models", "number, fingerprint")
        names, second = keyed(self._connection, "SELECT model, token, bytes FROM names ORDER BY model, token")
        if second:
            names += keyed(self._connection, "SELECT model, token, bytes FROM names ORDER BY model DESC, token DESC")[0]
        self.lost = self.lost or first or second
        known = {number: fingerprint for number, fingerprint in models if isinstance(fingerprint, str)}
        for model, token, spelt in names:
            if model in known and isinstance(token, int) and isinstance(spelt, bytes):
                self._names.setdefault(known[model], {})[token] = spelt

    # -------------------------------------------------------------------------------------------- as a file would

    def unread(self, chunk: int, count: int, covered: int, total: int) -> Unread:
        """The rows of a chunk, if they are all there."""
        return Unread(partial(self.rows, chunk, count), count, covered, total)

    def rows(self, chunk: int, count: int | None = None) -> TokenRows:
        """The rows of a chunk that stand together at its beginning; none where a count is wanted and is not met."""
        parts: list[TokenRows] = []
        size = 0
        for first, rows in sorted(self._rows.get(chunk, {}).items()):
            if first != size:
                break
            parts.append(rows)
            size += len(rows)
        if count is not None and size != count:
            self.lost = True
            return NONE
        return joined(parts)

    def alternatives(self, first: int, count: int) -> AlternativeRows | None:
        """Those rows, empty where they are lost."""
        rows = empty_rows(first, count)
        for part in self._alternatives:
            start, end = max(first, part.first), min(first + count, part.first + len(part))
            if start < end:
                for mine, found in zip(rows.arrays, part.arrays, strict=True):
                    mine[start - first : end - first] = found[start - part.first : end - part.first]
        return rows

    def names(self, fingerprint: str, tokens: Sequence[int]) -> dict[int, bytes]:
        """The bytes of those tokens, as far as they are there."""
        known = self._names.get(fingerprint, {})
        return {token: known[token] for token in tokens if token in known}

    def every_name(self) -> list[tuple[str, int, bytes]]:
        """Fingerprint, token, bytes."""
        return [(model, token, spelt) for model, names in self._names.items() for token, spelt in names.items()]

    @property
    def last_alternative(self) -> int:
        """How many rows of alternatives there were, at least."""
        return max((part.first + len(part) for part in self._alternatives), default=0)


def fitting(rows: TokenRows, units: int, sources: int, alternatives: int) -> TokenRows:
    """The rows that may stand on so many units, and whose source and alternatives exist."""
    good = (rows["start"] >= 0) & (ends(rows) <= units) & (rows["source"] < sources) & (rows["row"] < alternatives)
    return rows if bool(good.all()) else NONE
