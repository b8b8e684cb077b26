"""Reads what lies in a page's file when it is wanted: the rows of a chunk, alternatives, token names.

Every read is small, a few milliseconds at most, so that the GUI thread may ask; any other thread may too. What cannot
be read is told once and is missing from then on. Knows nothing of pages.
"""

import sqlite3
import threading
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from desktop.page.alternatives import AlternativeRows, empty_rows
from desktop.page.chunk import Unread
from desktop.page.rows import NONE, TokenRows, joined
from desktop.pagefile.connecting import connect
from desktop.pagefile.delta import Keeper
from desktop.pagefile.encoding import BlobError, unpack_alternatives, unpack_rows
from desktop.pagefile.holding import identity
from desktop.pagefile.sealing import sound
from resources.language import tr

_MANY = 500  # tokens asked for in one statement


class Reader(Keeper):
    """The file's own, read-only connection, made when it is first needed. `told` is called once, with a sentence."""

    def __init__(self, path: Path, immutable: bool = False) -> None:
        """immutable: nobody can write there, and SQLite is not to try."""
        self.told: Callable[[str], None] | None = None
        self._path = path
        self._more = ("immutable=1",) if immutable else ()
        self._identity = identity(path)
        self._connection: sqlite3.Connection | None = None
        self._lock = threading.Lock()
        self.untold = ""  # what there was to tell before anybody listened
        self._failed = False

    def __del__(self) -> None:
        if self._connection is not None:
            self._connection.close()

    # -------------------------------------------------------------------------------------------- what is wanted

    def unread(self, chunk: int, count: int, covered: int, total: int) -> Unread:
        """How the rows of that chunk are read again."""
        return Unread(partial(self.rows, chunk, count), count, covered, total)

    def rows(self, chunk: int, count: int) -> TokenRows:
        """The rows of that chunk; none where they cannot be read any more."""
        try:
            found = self._ask("SELECT * FROM rows WHERE chunk = ? ORDER BY first", (chunk,))
            rows = joined([unpack_rows(sound(row)[2]) for row in found])
            if len(rows) != count:
                raise BlobError(tr("{found} rows of {count}").format(found=len(rows), count=count))
        except (sqlite3.Error, OSError, BlobError) as error:
            self._tell(error)
            return NONE
        return rows

    def alternatives(self, first: int, count: int) -> AlternativeRows | None:
        """The rows [first, first + count); those that cannot be read are empty."""
        rows = empty_rows(first, count)
        query = "SELECT * FROM alternatives WHERE first >= ? AND first < ?"
        try:
            for row in self._ask(query, (first, first + count)):
                start, _, blob = sound(row)
                part = unpack_alternatives(start, blob)
                size = min(len(part), first + count - start)
                where = slice(start - first, start - first + size)
                for mine, read in zip(rows.arrays, part.arrays, strict=True):
                    mine[where] = read[:size]
        except (sqlite3.Error, OSError, BlobError) as error:
            self._tell(error)
            return None
        return rows

    def names(self, fingerprint: str, tokens: Sequence[int]) -> dict[int, bytes]:
        """The bytes of those tokens in that model's vocabulary, as far as they can be read."""
        names: dict[int, bytes] = {}
        try:
            models = {name: number for number, name in map(sound, self._ask("SELECT * FROM models", ()))}
            for first in range(0, len(tokens) if fingerprint in models else 0, _MANY):
                some = tokens[first : first + _MANY]
                places = ", ".join("?" * len(some))
                query = f"SELECT * FROM names WHERE model = ? AND token IN ({places})"
                for _, token, spelt in map(sound, self._ask(query, (models[fingerprint], *some))):
                    names[token] = spelt
        except (sqlite3.Error, OSError, BlobError) as error:
            self._tell(error)
        return names

    def every_name(self) -> list[tuple[str, int, bytes]]:
        """Fingerprint, token, bytes: all there are."""
        try:
            models = dict(map(sound, self._ask("SELECT * FROM models", ())))
            found = map(sound, self._ask("SELECT * FROM names", ()))
            return [(models[model], token, spelt) for model, token, spelt in found]
        except (sqlite3.Error, OSError, BlobError) as error:
            self._tell(error)
            return []

    # -------------------------------------------------------------------------------------------- the connection

    def close(self) -> None:
        """The connection goes; the next read makes another."""
        with self.put_aside():
            pass

    @contextmanager
    def put_aside(self) -> Generator[None]:
        """The connection goes, and until the end of this nobody reads: they wait."""
        with self._lock:
            if self._connection is not None:
                self._connection.close()
                self._connection = None
            yield

    def _ask(self, query: str, values: tuple[object, ...]) -> list[Any]:
        with self._lock:
            if self._connection is None:
                if identity(self._path) != self._identity:
                    raise FileNotFoundError(tr("another file is in its place"))
                self._connection = connect(self._path, "ro", *self._more)
            return self._connection.execute(query, values).fetchall()

    def _tell(self, error: Exception) -> None:
        if self._failed:
            return
        self._failed = True
        sentence = tr("Some readings in “{name}” cannot be read ({error}). The text is not touched by this.").format(
            name=self._path.name, error=error
        )
        if self.told is not None:
            self.told(sentence)
        else:
            self.untold = sentence
