"""Writes a delta as SQL statements: what is new on a page goes into the tables. Runs inside a transaction of store.py.

Imports neither files nor their errors.
"""

import sqlite3
from collections.abc import Iterable

from desktop.page.alternatives import BLOCK, AlternativesBlock
from desktop.page.chunk import Chunk, Unread
from desktop.page.layer_blocks import LayerRows
from desktop.page.token_table import NONE, TokenRows, are_whole
from desktop.pagefile import schema
from desktop.pagefile.delta import REDO, UNDO, ContentPart, Delta, ForkPart, Inherited, Piece, StepPart, WholeChunk
from desktop.pagefile.encoding import flat, pack_alternatives, pack_layer, pack_numbers, pack_rows, pack_text
from desktop.pagefile.packing import pack_operation, pack_some, signed, to_json
from desktop.pagefile.sealing import write_rows

LAYER_PIECE = 4_096  # rows of a layer in one blob, at most


def apply(connection: sqlite3.Connection, delta: Delta) -> None:
    """Write all of the delta. The caller has checked that it is the next one. Raises sqlite3.Error."""
    if delta.whole:
        _empty(connection)
    _drop(connection, delta)
    for whole in delta.whole_chunks:
        _whole_chunk(connection, whole)
    for piece in delta.pieces:
        _piece(connection, piece)
    for content in delta.contents:
        _content(connection, content)
    for fork in delta.forks:
        _fork(connection, fork)
    _steps(connection, delta)
    _sources_and_alternatives(connection, delta)
    _layers(connection, delta)
    _meta(connection, delta)


def _empty(connection: sqlite3.Connection) -> None:
    for table in schema.NAMES:
        if table != "meta":
            connection.execute(f"DELETE FROM {table}")


def _drop(connection: sqlite3.Connection, delta: Delta) -> None:
    for number in delta.gone_chunks:
        drop_parts(connection, number)
        connection.execute("DELETE FROM chunks WHERE number = ?", (number,))
    connection.executemany("DELETE FROM contents WHERE number = ?", _ones(delta.gone_contents))
    connection.executemany("DELETE FROM forks WHERE number = ?", _ones(delta.gone_forks))
    connection.executemany("DELETE FROM branches WHERE fork = ?", _ones(delta.gone_forks))


def _ones(numbers: Iterable[int]) -> list[tuple[int]]:
    return [(number,) for number in numbers]


# ------------------------------------------------------------------------------------------------ chunks


def drop_parts(connection: sqlite3.Connection, chunk: int) -> None:
    """Delete the text and the rows of a chunk."""
    connection.execute("DELETE FROM texts WHERE chunk = ?", (chunk,))
    connection.execute("DELETE FROM rows WHERE chunk = ?", (chunk,))


def _whole_chunk(connection: sqlite3.Connection, whole: WholeChunk) -> None:
    rows = whole.rows.read() if isinstance(whole.rows, Unread) else whole.rows
    if not are_whole(rows, 0, whole.size):  # of a damaged file: the text stays
        rows = NONE
    put_chunk(connection, whole.chunk, bytes(whole.units[: 2 * whole.size]), rows)


def put_chunk(connection: sqlite3.Connection, number: int, units: bytes, rows: TokenRows) -> None:
    """Write a chunk in one piece, with the summary that stands for its rows until they are read."""
    chunk = Chunk(units, rows)
    write_rows(connection, "chunks", [(number, len(chunk), chunk.count, chunk.covered, signed(chunk.total))])
    _put_text(connection, number, 0, units)
    _put_rows(connection, number, 0, rows)


def _piece(connection: sqlite3.Connection, piece: Piece) -> None:
    units, tokens = piece.unit + (len(piece.units) >> 1), piece.row + len(piece.rows)
    write_rows(connection, "chunks", [(piece.chunk, units, tokens, None, None)])
    _put_text(connection, piece.chunk, piece.unit, piece.units)
    _put_rows(connection, piece.chunk, piece.row, piece.rows)


def _put_text(connection: sqlite3.Connection, chunk: int, first: int, units: bytes) -> None:
    if units:
        write_rows(connection, "texts", [(chunk, first, pack_text(units))])


def _put_rows(connection: sqlite3.Connection, chunk: int, first: int, rows: TokenRows) -> None:
    if len(rows):
        write_rows(connection, "rows", [(chunk, first, pack_rows(rows))])


# ------------------------------------------------------------------------------------------------ the tree


def _content(connection: sqlite3.Connection, part: ContentPart) -> None:
    chunks, forks = pack_numbers(part.chunks), pack_numbers(flat(part.forks))
    straddling, before = pack_some(part.straddling), pack_text(part.before) if part.before else None
    write_rows(connection, "contents", [(part.number, chunks, forks, straddling, before)])


def _fork(connection: sqlite3.Connection, part: ForkPart) -> None:
    write_rows(connection, "forks", [(part.number, part.id, part.active, int(part.writes))])
    connection.execute("DELETE FROM branches WHERE fork = ?", (part.number,))
    rows = [(part.number, place, branch, tail) for place, (branch, tail) in enumerate(part.branches)]
    write_rows(connection, "branches", rows)


# ------------------------------------------------------------------------------------------------ steps


def _steps(connection: sqlite3.Connection, delta: Delta) -> None:
    for stack in (UNDO, REDO):
        kept = delta.kept_steps[stack]
        connection.execute("DELETE FROM steps WHERE stack = ? AND place >= ?", (stack, kept))
        connection.execute("DELETE FROM operations WHERE stack = ? AND step >= ?", (stack, kept))
    for step in delta.steps:
        _step(connection, step)


def _step(connection: sqlite3.Connection, part: StepPart) -> None:
    write_rows(connection, "steps", [(part.stack, part.place, part.kind, part.first + len(part.operations))])
    where = (part.stack, part.place, part.first)
    connection.execute("DELETE FROM operations WHERE stack = ? AND step = ? AND place >= ?", where)
    rows = [
        (part.stack, part.place, part.first + place, *pack_operation(operation))
        for place, operation in enumerate(part.operations)
    ]
    write_rows(connection, "operations", rows)


# ------------------------------------------------------------------------------------------------ sources, alternatives


def _sources_and_alternatives(connection: sqlite3.Connection, delta: Delta) -> None:
    sources = [(delta.first_source + place, to_json(source)) for place, source in enumerate(delta.sources)]
    write_rows(connection, "sources", sources)
    if delta.inherited is not None:
        _inherit(connection, delta.inherited)
    put_names(connection, delta.names)
    for rows in delta.alternatives:
        put_alternatives(connection, rows)


def _inherit(connection: sqlite3.Connection, inherited: Inherited) -> None:
    put_names(connection, inherited.file.every_name())
    for first in range(0, inherited.count, BLOCK):
        rows = inherited.file.alternatives(first, BLOCK)
        if rows is not None:
            put_alternatives(connection, rows)


def put_names(connection: sqlite3.Connection, names: Iterable[tuple[str, int, bytes]]) -> None:
    """Write the bytes of tokens, by model."""
    numbers: dict[str, int] = {}
    rows: list[tuple[int, int, bytes]] = []
    for fingerprint, token, spelt in names:
        if fingerprint not in numbers:
            numbers[fingerprint] = _model(connection, fingerprint)
        rows.append((numbers[fingerprint], token, spelt))
    write_rows(connection, "names", rows)


def _model(connection: sqlite3.Connection, fingerprint: str) -> int:
    """The number of a model; a new one where it has none."""
    found = connection.execute("SELECT number FROM models WHERE fingerprint = ?", (fingerprint,)).fetchone()
    if found is None:
        found = connection.execute("SELECT coalesce(max(number), 0) + 1 FROM models").fetchone()
        write_rows(connection, "models", [(found[0], fingerprint)])
    return int(found[0])


def put_alternatives(connection: sqlite3.Connection, rows: AlternativesBlock) -> None:
    """Write rows of alternatives in place of those from their first to their last."""
    last = rows.first + len(rows)
    connection.execute("DELETE FROM alternatives WHERE first >= ? AND first < ?", (rows.first, last))
    write_rows(connection, "alternatives", [(rows.first, len(rows), pack_alternatives(rows))])


# ------------------------------------------------------------------------------------------------ layers


def _layers(connection: sqlite3.Connection, delta: Delta) -> None:
    for number in (*delta.gone_layers, *(part.number for part in delta.layers if not part.first)):
        connection.execute("DELETE FROM layers WHERE number = ?", (number,))
        connection.execute("DELETE FROM readings WHERE layer = ?", (number,))  # also what a lost layer left
    for part in delta.layers:
        write_rows(connection, "layers", [(part.number, part.fingerprint, part.name, part.count)])
        first = part.first
        for piece in part.rows:
            rows = piece() if callable(piece) else piece
            put_readings(connection, part.number, first, rows)
            first += len(rows)


def put_readings(connection: sqlite3.Connection, layer: int, first: int, rows: LayerRows) -> None:
    """Write rows of a layer, from number `first` on, in pieces."""
    for start in range(0, len(rows), LAYER_PIECE):
        piece = rows[start : start + LAYER_PIECE]
        write_rows(connection, "readings", [(layer, first + start, pack_layer(piece))])


# ------------------------------------------------------------------------------------------------ the rest


def _meta(connection: sqlite3.Connection, delta: Delta) -> None:
    values = {
        "serial": delta.serial,
        "root": delta.root,
        "next id": delta.next_id,
        "written": delta.written,
        "touched": delta.touched,
        "growing": delta.growing,
        "sources": delta.first_source + len(delta.sources),
        "alternatives": delta.alternatives_end,
        "view": to_json(delta.view),
        "facts": to_json(delta.facts),
        "ended": pack_numbers(flat([(units, signed(hash_)) for units, hash_ in delta.ended])),
    }
    write_rows(connection, "meta", values.items())
