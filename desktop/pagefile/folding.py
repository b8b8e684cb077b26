"""Folds pieces: what was appended to a chunk bit by bit becomes one blob of text and one of rows.

A chunk is folded when it has many pieces, when another chunk is written to, and on closing; a layer on closing.
"""

import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import islice, pairwise

import numpy as np

from desktop.page.alternatives import BLOCK
from desktop.page.layer_blocks import LayerRows
from desktop.pagefile import sealing
from desktop.pagefile.applying import LAYER_PIECE, drop_parts, put_alternatives, put_chunk
from desktop.pagefile.delta import Delta
from desktop.pagefile.encoding import (
    BlobError,
    pack_layer,
    unpack_alternatives,
    unpack_layer,
    unpack_pieces,
    unpack_text,
)

MANY = 32  # pieces


@dataclass(slots=True, eq=False)
class Folding:
    """The chunks that lie in pieces, and about how many pieces each has. layers: that were added to."""

    pieces: dict[int, int] = field(default_factory=dict[int, int])
    layers: set[int] = field(default_factory=set[int])

    @classmethod
    def of(cls, connection: sqlite3.Connection) -> "Folding":
        """The pieces of a file as it was opened."""
        found = connection.execute("SELECT number FROM chunks WHERE total IS NULL")
        return cls({number: MANY for (number,) in found})

    def tidy(self, connection: sqlite3.Connection, deltas: Sequence[Delta]) -> None:
        """After these deltas, in their transaction: fold the chunks that have many pieces, or are no longer appended
        to."""
        last: set[int] = set()
        for delta in deltas:
            if delta.whole:  # nothing is left of what the file held
                self.pieces.clear()
                self.layers.clear()
            for number in (*delta.gone_chunks, *(whole.chunk for whole in delta.whole_chunks)):
                self.pieces.pop(number, None)
            self.layers |= {part.number for part in delta.layers}
            last = {piece.chunk for piece in delta.pieces} or last
            for piece in delta.pieces:
                self.pieces[piece.chunk] = self.pieces.get(piece.chunk, 1) + 1
        settled = [number for number, count in self.pieces.items() if count > MANY or (last and number not in last)]
        self._fold(connection, settled)

    def fold_all(self, connection: sqlite3.Connection) -> None:
        """On closing: make every chunk, and the last alternatives, one blob of each kind, and those of layers few."""
        self._fold(connection, list(self.pieces))
        for layer in self.layers:
            _fold_layer(connection, layer)
        self.layers.clear()
        _fold_alternatives(connection)

    def _fold(self, connection: sqlite3.Connection, numbers: Iterable[int]) -> None:
        for number in numbers:
            del self.pieces[number]
            _fold_chunk(connection, number)


def _fold_chunk(connection: sqlite3.Connection, number: int) -> None:
    """Fold a chunk; one that is damaged stays as it is."""
    try:
        _, size, count, *_ = next(sealing.rows(connection, "chunks", "WHERE number = ?", (number,)))
        of_chunk = "WHERE chunk = ? ORDER BY first"
        texts = islice(sealing.rows(connection, "texts", of_chunk, (number,)), size)  # no piece is empty
        units = b"".join(unpack_text(row[2]) for row in texts)
        table = unpack_pieces((row[2] for row in sealing.rows(connection, "rows", of_chunk, (number,))), count)
    except BlobError:
        return
    if size != len(units) >> 1:
        return
    drop_parts(connection, number)
    put_chunk(connection, number, units, table)


def _fold_alternatives(connection: sqlite3.Connection) -> None:
    """Fold the block that is not full yet; one that is damaged stays as it is."""
    try:
        found = [row[1] for row in sealing.rows(connection, "meta", "WHERE name = 'alternatives'")]
        first = found[0] // BLOCK * BLOCK if found else 0
        pieces = sealing.rows(connection, "alternatives", "WHERE first >= ? ORDER BY first", (first,))
        parts = [unpack_alternatives(start, blob) for start, _, blob in islice(pieces, BLOCK)]
    except BlobError:
        return
    if len(parts) > 1 and all(after.first == before.first + len(before) for before, after in pairwise(parts)):
        put_alternatives(connection, parts[0].followed_by(parts[1:]))


def _fold_layer(connection: sqlite3.Connection, number: int) -> None:
    """Join small pieces of a layer that has many; one that is damaged stays as it is."""
    try:
        found = sealing.rows(connection, "readings", "WHERE layer = ? ORDER BY first", (number,))
        pieces = [(first, unpack_layer(blob)) for _, first, blob in found]
    except BlobError:
        return
    if len(pieces) <= MANY:
        return
    groups: list[list[tuple[int, LayerRows]]] = []
    for first, rows in pieces:
        before = groups[-1] if groups else []
        size = sum(len(piece) for _, piece in before)
        if before and before[0][0] + size == first and size + len(rows) <= LAYER_PIECE:
            before.append((first, rows))
        else:
            groups.append([(first, rows)])
    for group in groups:
        if len(group) > 1:
            first, last = group[0][0], group[-1][0]
            connection.execute("DELETE FROM readings WHERE layer = ? AND first BETWEEN ? AND ?", (number, first, last))
            joined = np.concatenate([rows for _, rows in group])
            sealing.write_rows(connection, "readings", [(number, first, pack_layer(joined))])
