"""Drops the readings of layers that fit no text of a page any more, when its file is closed (docs/pagefile.md)."""

import sqlite3
from collections.abc import Collection

from desktop.page.chunks import Limits
from desktop.page.layer_fits import TooLongError, fitting_rows
from desktop.pagefile import sealing
from desktop.pagefile.applying import put_readings
from desktop.pagefile.budget import Budget
from desktop.pagefile.encoding import BlobError
from desktop.pagefile.loading import load

LEAST = 4_096  # rows up to which a layer is left as it is
MOST = 2**21  # units of text that one closing may look at: 0.6 s of processor time


def prune(connection: sqlite3.Connection, numbers: Collection[int]) -> None:
    """Drop those readings from the layers with these numbers that outgrew the page: which have more rows than half the
    units of all its text, so about twice as many as read it once. Leaves all as it is where the page has too many
    states to look at, or any part of it is damaged. Raises sqlite3.Error."""
    try:
        outgrown = _outgrown(connection, numbers)
        if not outgrown:
            return
        loaded = load(connection, None, Limits(), Budget(_size(connection)))
        if loaded.unsound or loaded.lost:
            return
        contents = loaded.contents
        known = {layer: number for layer, number in loaded.numbers.layers.items() if number in outgrown}
        contents.layers = {layer.fingerprint: layer for layer in known}
        fitting = fitting_rows(contents, MOST)
    except (BlobError, TooLongError):
        return
    for layer, rows in fitting.items():
        if len(rows) < len(layer.table):
            number = known[layer]
            connection.execute("DELETE FROM readings WHERE layer = ?", (number,))
            sealing.write_rows(connection, "layers", [(number, layer.fingerprint, layer.name, len(rows))])
            put_readings(connection, number, 0, rows)


def _outgrown(connection: sqlite3.Connection, numbers: Collection[int]) -> set[int]:
    units = sum(row[1] for row in sealing.rows(connection, "chunks"))
    most = max(LEAST, units // 2)
    return {row[0] for row in sealing.rows(connection, "layers") if row[0] in numbers and row[3] > most}


def _size(connection: sqlite3.Connection) -> int:
    """Bytes of the file, with what its log holds."""
    (pages,), (size,) = (connection.execute(f"PRAGMA {name}").fetchone() for name in ("page_count", "page_size"))
    return int(pages * size)
