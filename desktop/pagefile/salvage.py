"""Reads whatever can still be read of a damaged database: every table from both ends, around broken places.

A row counts only if its checksum is right. recovery.py makes a page of the rows.
"""

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import TypeVar

from desktop.page.alternatives import AlternativesBlock, empty_rows
from desktop.page.chunk import Unread
from desktop.page.token_table import NONE, TokenRows, are_whole, joined
from desktop.pagefile.budget import OBJECT, Budget
from desktop.pagefile.delta import WrittenFile
from desktop.pagefile.encoding import BlobError, unpack_alternatives, unpack_rows, unpack_text
from desktop.pagefile.schema import refuse_foreign
from desktop.pagefile.sealing import Row, is_fitting, is_sound, key
from resources.language import tr

_Part = TypeVar("_Part")
_FAR = 2**40  # rows behind a broken place that are tried
_AGAIN = 10_000  # rows that are met once more: a broken number leads to some


def every_row(connection: sqlite3.Connection, table: str) -> tuple[list[Row], bool]:
    """The rows with a right checksum of a table that has row numbers, in their order; and whether something was
    broken."""
    found, broken = _one_way(connection, table, ">", 1)
    if broken:
        found = _one_way(connection, table, "<", -1)[0] | found
    good = [row[:-1] for number in sorted(found) if is_sound(row := found[number]) and is_fitting(table, row)]
    return good, broken or len(good) < len(found)


def _one_way(connection: sqlite3.Connection, table: str, beyond: str, by: int) -> tuple[dict[int, Row], bool]:
    """The rows by their numbers, in one direction. Stops after some rounds where the tree has a cycle."""
    order = "ASC" if by > 0 else "DESC"
    query = f"SELECT rowid, * FROM {table} WHERE rowid {beyond} ? ORDER BY rowid {order}"
    rows: dict[int, Row] = {}
    last, step, broken, again = -by * _FAR, 1, False, 0
    while abs(step) < _FAR:
        try:
            for row in connection.execute(query, (last,)):
                again += row[0] in rows
                if again > _AGAIN:
                    return rows, True
                rows[row[0]] = row[1:]
                last, step = row[0], 1
            break
        except BlobError:  # more than there can be
            return rows, True
        except sqlite3.DatabaseError as error:
            broken = True
            if getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_INTERRUPT:
                break
            last = (last if rows else 0 if by > 0 else 2**20) + by * step
            step *= 2
    return rows, broken


def keyed(connection: sqlite3.Connection, table: str, rest: str) -> tuple[list[Row], bool]:
    """The rows with a right checksum, as far as they can be read; and whether something was broken. rest: WHERE and
    ORDER BY."""
    rows: dict[Row, Row] = {}
    broken = False
    try:
        for row in connection.execute(f"SELECT * FROM {table} {rest}"):
            if key(table, row) in rows:
                raise BlobError(tr("it leads in circles"))
            if is_sound(row) and is_fitting(table, row):
                rows[key(table, row)] = row[:-1]
            else:
                broken = True
    except (sqlite3.DatabaseError, BlobError):
        broken = True
    return list(rows.values()), broken


class Salvage(WrittenFile):
    """All readings that can still be read, in memory. budget: limits them. lost: some cannot be read. Raises
    ForeignSchemaError where the tables are not Inkfall's."""

    def __init__(self, connection: sqlite3.Connection, budget: Budget) -> None:
        refuse_foreign(connection)
        self.lost = False
        self._connection = connection
        self.budget = budget
        self._rows: dict[int, dict[int, TokenRows]] = {}
        self._alternatives: list[AlternativesBlock] = []
        self._names: dict[str, dict[int, bytes]] = {}
        for chunk, first, rows in self._unpacked("rows", lambda row: unpack_rows(row[-1]), lambda rows: rows.nbytes):
            self._rows.setdefault(chunk, {})[first] = rows
        for *_, part in self._unpacked("alternatives", self._part, lambda part: part.nbytes):
            self._alternatives.append(part)
        self._read_names()

    def texts(self) -> dict[int, dict[int, bytes]]:
        """Units of text, by chunk and by position in it."""
        texts: dict[int, dict[int, bytes]] = {}
        for chunk, first, units in self._unpacked("texts", lambda row: unpack_text(row[-1]), len):
            texts.setdefault(chunk, {})[first] = units
        return texts

    def _unpacked(self, table: str, unpack: Callable[[Row], _Part], size: Callable[[_Part], int]) -> Iterator[Row]:
        """The rows of a table whose last column is a blob, with the blob decoded, within the budget. A forged file
        may have right checksums."""
        found, broken = every_row(self._connection, table)
        self.lost = self.lost or broken
        for row in found:
            try:
                part = unpack(row)
                self.budget.spend(OBJECT + size(part))
            except BlobError:
                self.lost = True
            else:
                yield *row[:-1], part

    def _part(self, row: Row) -> AlternativesBlock:
        first, _, blob = row
        if not 0 <= first <= self.budget.readings:
            raise BlobError(tr("more readings than there can be"))
        return unpack_alternatives(first, blob)

    def _read_names(self) -> None:
        models, first = every_row(self._connection, "models")
        names, second = keyed(self._connection, "names", "ORDER BY model, token")
        if second:
            names += keyed(self._connection, "names", "ORDER BY model DESC, token DESC")[0]
        self.lost = self.lost or first or second
        known = dict(models)
        for model, token, spelt in names:
            if model in known:
                self._names.setdefault(known[model], {})[token] = spelt

    # -------------------------------------------------------------------------------------------- as a file would

    def unread(self, chunk: int, count: int, covered: int, total: int) -> Unread:
        """The rows of a chunk, if all can be read."""
        return Unread(partial(self.rows, chunk, count), count, covered, total)

    def rows(self, chunk: int, count: int | None = None) -> TokenRows:
        """The contiguous rows of a chunk from its start; none where a count is wanted and is not met."""
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

    def layer(self, fingerprint: str) -> None:
        """They are in memory."""

    def alternatives(self, first: int, count: int) -> AlternativesBlock | None:
        """Those rows, empty where they are lost."""
        rows = empty_rows(first, count)
        for part in self._alternatives:
            start, end = max(first, part.first), min(first + count, part.first + len(part))
            if start < end:
                for mine, found in zip(rows.arrays, part.arrays, strict=True):
                    mine[start - first : end - first] = found[start - part.first : end - part.first]
        return rows

    def names(self, fingerprint: str, tokens: Sequence[int]) -> dict[int, bytes]:
        """The bytes of those tokens, as far as they can be read."""
        known = self._names.get(fingerprint, {})
        return {token: known[token] for token in tokens if token in known}

    def every_name(self) -> list[tuple[str, int, bytes]]:
        """Fingerprint, token, bytes of every name."""
        return [(model, token, spelt) for model, names in self._names.items() for token, spelt in names.items()]

    @property
    def last_alternative(self) -> int:
        """A lower bound for how many rows of alternatives there were."""
        return max((part.first + len(part) for part in self._alternatives), default=0)


def fitting(rows: TokenRows, units: int, sources: int, alternatives: int) -> TokenRows:
    """The rows that fit on that many units, and whose source and alternatives exist."""
    good = (rows["source"] < sources) & (rows["row"] < alternatives)
    return rows if are_whole(rows, 0, units) and bool(good.all()) else NONE
