"""Reads the layers of a page's file, as far as they can be read: optional data, whose damage never fails the load.

All rows are read once, for the index; those of a sound layer stay in the file until they are wanted.
"""

import sqlite3
from collections import defaultdict

import numpy as np

from desktop.page.layer_blocks import LAYER_ROW, LayerRows
from desktop.page.layer_table import Layer, LayerTable
from desktop.pagefile import schema
from desktop.pagefile.budget import OBJECT, Budget
from desktop.pagefile.checking import LARGEST
from desktop.pagefile.delta import WrittenFile
from desktop.pagefile.encoding import BlobError, unpack_layer
from desktop.pagefile.salvage import every_row
from desktop.pagefile.sealing import Row
from resources.language import tr

_IN_MEMORY = 2 * (LAYER_ROW.itemsize + 16)  # bytes of a row, here and in the page's own table, with the index


def read_layers(
    connection: sqlite3.Connection, budget: Budget, reader: WrittenFile | None = None
) -> tuple[dict[int, Layer], bool]:
    """The layers by their numbers, one for each model, within the budget; and whether readings are lost. A lost row
    takes its number, and is never found. reader: reads the rows of sound layers later; without one all are in
    memory."""
    if schema.version(connection) < schema.LAYERS:  # a damaged one: others were migrated
        return {}, False
    heads, broken = every_row(connection, "layers")
    readings, more = every_row(connection, "readings")
    pieces: dict[int, list[Row]] = defaultdict(list)
    for row in readings:
        pieces[row[0]].append(row)
    layers: dict[int, Layer] = {}
    models: set[str] = set()
    lost = broken or more
    for number, fingerprint, name, count in heads:
        mine = sorted(pieces[number], key=lambda row: int(row[1]))
        try:
            if not 0 < number < LARGEST or fingerprint in models:
                raise BlobError(tr("a part of the page stands in two places"))
            rows, whole = _rows(mine, count, budget)
        except BlobError:
            lost = True
            continue
        models.add(fingerprint)
        layers[number] = Layer(fingerprint, name, LayerTable(stay=reader is not None and not whole))
        file = reader.layer(fingerprint) if reader is not None and whole else None
        if file is None:
            layers[number].table.add(rows)
        else:
            layers[number].table.begin(rows, file)
        lost = lost or not whole
    return layers, lost


def _rows(pieces: list[Row], count: int, budget: Budget) -> tuple[LayerRows, bool]:
    """That many rows, zeros where they are lost; and whether all are there. Raises BlobError where they are more than
    there can be."""
    if not 0 <= count <= sum(len(blob) for _, _, blob in pieces):  # a row takes 20 bytes or more
        raise BlobError(tr("more readings than there can be"))
    budget.spend(OBJECT + _IN_MEMORY * count)
    rows: LayerRows = np.zeros(count, LAYER_ROW)
    done, whole = 0, True
    for _, first, blob in pieces:
        try:
            if not done <= first < count:
                raise BlobError(tr("a part of the page stands in two places"))
            piece = unpack_layer(blob, count - first)
        except BlobError:
            whole = False
            continue
        rows[first : first + len(piece)] = piece
        whole = whole and first == done
        done = first + len(piece)
    return rows, whole and done == count
