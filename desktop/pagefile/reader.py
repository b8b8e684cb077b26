"""Reads parts of a page's file when they are needed: the rows of a chunk, alternatives, token names.

Every read takes a few milliseconds at most, so that the GUI thread may call it, as may any other. Data that cannot be
read are reported once, and missing from then on.
"""

import sqlite3
import threading
from collections.abc import Callable, Generator, Sequence
from contextlib import closing, contextmanager
from functools import partial
from itertools import islice
from pathlib import Path

import numpy as np

from desktop.page.alternatives import AlternativesBlock, empty_rows
from desktop.page.chunk import Unread
from desktop.page.layer_blocks import LAYER_ROW, LayerRows, SavedLayer
from desktop.page.token_table import NONE, TokenRows
from desktop.pagefile.budget import OBJECT, Budget
from desktop.pagefile.checking import LARGEST
from desktop.pagefile.connecting import bound, connect
from desktop.pagefile.delta import WrittenFile
from desktop.pagefile.encoding import BlobError, unpack_alternatives, unpack_layer, unpack_pieces
from desktop.pagefile.open_files import identity
from desktop.pagefile.sealing import Row, rows
from resources.language import tr

_MANY = 500  # tokens asked for in one statement
# A layer by its model: a page that is written whole has other numbers. Damaged numbers are left out as on opening.
_LAYER = f"(SELECT min(number) FROM layers WHERE fingerprint = ? AND number > 0 AND number < {LARGEST})"
_PIECES = (  # of a layer, from the one that holds a row on
    f"WHERE layer = {_LAYER}"
    f" AND first >= coalesce((SELECT max(first) FROM readings WHERE layer = {_LAYER} AND first <= ?), ?)"
    " AND first < ? ORDER BY first"
)


class Reader(WrittenFile):
    """Reads by a read-only connection of its own, made when it is first needed. `on_message` gets one sentence,
    once."""

    def __init__(self, path: Path, immutable: bool = False) -> None:
        """immutable: the folder cannot be written, so SQLite must not try."""
        self._connection: sqlite3.Connection | None = None  # first: the next line may raise, and this is read then
        self.on_message: Callable[[str], None] | None = None
        self._path = path
        self._more = ("immutable=1",) if immutable else ()
        self._identity = identity(path)
        self._names: Budget | None = None  # bytes of all names in memory
        self._lock = threading.Lock()
        self.unreported = ""  # the sentence, where it came before `on_message` was set
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
            with self._rows_of("rows", "WHERE chunk = ? ORDER BY first", (chunk,)) as found:
                return unpack_pieces((blob for _, _, blob in found), count)
        except (sqlite3.Error, OSError, BlobError) as error:
            self.tell(error)
            return NONE

    def alternatives(self, first: int, count: int) -> AlternativesBlock | None:
        """The rows [first, first + count); those that cannot be read are empty."""
        rows = empty_rows(first, count)
        last = first + count
        try:
            with self._rows_of("alternatives", "WHERE first >= ? AND first < ?", (first, last)) as found:
                read = 0
                for start, _, blob in islice(found, count):
                    part = unpack_alternatives(start, blob)
                    size = min(len(part), last - start) if start >= first else 0
                    where = slice(start - first, start - first + size)
                    for mine, theirs in zip(rows.arrays, part.arrays, strict=True):
                        mine[where] = theirs[:size]
                    read += size
            self._expect(read, count)
        except (sqlite3.Error, OSError, BlobError) as error:
            self.tell(error)
            return None
        return rows

    def layer(self, fingerprint: str) -> SavedLayer:
        """How the rows of that model's layer are read."""
        return partial(self.readings, fingerprint)

    def readings(self, fingerprint: str, first: int, count: int) -> LayerRows:
        """The rows [first, first + count) of that model's layer; those that cannot be read are zeros."""
        readings: LayerRows = np.zeros(count, LAYER_ROW)
        end = first + count
        try:
            with self._rows_of("readings", _PIECES, (fingerprint, fingerprint, first, first, end)) as found:
                read = 0
                for _, start, blob in islice(found, count + 1):
                    part = unpack_layer(blob)[max(0, first - start) : end - start]
                    start = max(0, start - first)
                    readings[start : start + len(part)] = part
                    read += len(part)
            self._expect(read, count)
        except (sqlite3.Error, OSError, BlobError, ValueError) as error:
            self.tell(error)
        return readings

    def names(self, fingerprint: str, tokens: Sequence[int]) -> dict[int, bytes]:
        """The bytes of those tokens in that model's vocabulary, as far as they can be read."""
        names: dict[int, bytes] = {}
        try:
            with self._rows_of("models") as found:
                models = {name: number for number, name in found}
            for first in range(0, len(tokens) if fingerprint in models else 0, _MANY):
                some = tokens[first : first + _MANY]
                places = ", ".join("?" * len(some))
                wanted = (models[fingerprint], *some)
                with self._rows_of("names", f"WHERE model = ? AND token IN ({places})", wanted) as found:
                    for _, token, spelt in found:
                        self._spend(len(spelt))
                        names[token] = spelt
            self._expect(len(names), len(set(tokens)))
        except (sqlite3.Error, OSError, BlobError) as error:
            self.tell(error)
        return names

    def every_name(self) -> list[tuple[str, int, bytes]]:
        """Fingerprint, token, bytes of every name."""
        try:
            names: list[tuple[str, int, bytes]] = []
            with self._rows_of("models") as found:
                models: dict[int, str] = dict(found)
            with self._rows_of("names") as found:
                for model, token, spelt in found:
                    self._spend(OBJECT)
                    names.append((models.get(model, ""), token, spelt))
        except (sqlite3.Error, OSError, BlobError) as error:
            self.tell(error)
            return []
        return names

    # -------------------------------------------------------------------------------------------- the connection

    def close(self) -> None:
        """Close the connection; the next read makes another."""
        with self.disconnected():
            pass

    @contextmanager
    def disconnected(self) -> Generator[None]:
        """Close the connection; until the end of the block, reads on other threads wait."""
        with self._lock:
            if self._connection is not None:
                self._connection.close()
                self._connection = None
            yield

    @contextmanager
    def _rows_of(self, table: str, rest: str = "", values: tuple[object, ...] = ()) -> Generator[Generator[Row]]:
        """Rows of a table, without their checksums, read one at a time; other threads wait meanwhile."""
        with self._lock:
            if self._connection is None:
                if identity(self._path) != self._identity:
                    raise FileNotFoundError(tr("another file is in its place"))
                self._connection = connect(self._path, "ro", *self._more)
            budget = bound(self._connection, self._path)
            self._names = self._names or budget
            with closing(rows(self._connection, table, rest, values)) as found:
                yield found

    def _expect(self, found: int, wanted: int) -> None:
        """Report missing rows; those that are there are used. A bit that changed in a row's key hides the row, and no
        checksum tells of that.
        """
        if found < wanted:
            self.tell(tr("{found} rows of {count}").format(found=found, count=wanted))

    def _spend(self, count: int) -> None:
        """Count the bytes of a name, which stays in memory. Raises BlobError where all of them exceed the limit."""
        if self._names is not None:
            self._names.spend(count)

    def tell(self, error: object) -> None:
        """Report, once, that readings cannot be read."""
        if self._failed:
            return
        self._failed = True
        sentence = tr("Some readings in “{name}” cannot be read ({error}). The text is not touched by this.").format(
            name=self._path.name, error=error
        )
        if self.on_message is not None:
            self.on_message(sentence)
        else:
            self.unreported = sentence
