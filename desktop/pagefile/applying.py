"""A delta as statements: what is new on a page goes into the tables. Runs inside a transaction of store.py's.

Knows nothing of files and errors.
"""

import sqlite3
from collections.abc import Iterable

from desktop.page.alternatives import BLOCK, AlternativeRows
from desktop.page.chunk import Chunk, Unread
from desktop.page.rows import TokenRows
from desktop.pagefile import schema
from desktop.pagefile.delta import REDO, UNDO, ContentPart, Delta, ForkPart, Inherited, Piece, StepPart, Whole
from desktop.pagefile.encoding import checksum, flat, pack_alternatives, pack_numbers, pack_rows, pack_text
from desktop.pagefile.packing import pack_operation, pack_some, signed, sum_of, to_json


def apply(connection: sqlite3.Connection, delta: Delta) -> None:
    """All of it. Whether it is in turn, the caller has looked. Raises sqlite3.Error."""
    if delta.whole:
        _empty(connection)
    _drop(connection, delta)
    for whole in delta.wholes:
        _whole(connection, whole)
    for piece in delta.pieces:
        _piece(connection, piece)
    for content in delta.contents:
        _content(connection, content)
    for fork in delta.forks:
        _fork(connection, fork)
    _steps(connection, delta)
    _said(connection, delta)
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
    """Text and rows of a chunk go."""
    connection.execute("DELETE FROM texts WHERE chunk = ?", (chunk,))
    connection.execute("DELETE FROM rows WHERE chunk = ?", (chunk,))


def _whole(connection: sqlite3.Connection, whole: Whole) -> None:
    rows = whole.rows.read() if isinstance(whole.rows, Unread) else whole.rows
    put_chunk(connection, whole.chunk, bytes(whole.units[: 2 * whole.size]), rows)


def put_chunk(connection: sqlite3.Connection, number: int, units: bytes, rows: TokenRows) -> None:
    """A chunk in one piece, with all that is said of it while its rows are not read."""
    chunk = Chunk(units, rows)
    facts = (number, len(chunk), chunk.count, chunk.covered, signed(chunk.total))
    connection.execute("INSERT OR REPLACE INTO chunks VALUES (?, ?, ?, ?, ?)", facts)
    _put_text(connection, number, 0, units)
    _put_rows(connection, number, 0, rows)


def _piece(connection: sqlite3.Connection, piece: Piece) -> None:
    facts = (piece.unit + (len(piece.units) >> 1), piece.row + len(piece.rows), piece.chunk)
    connection.execute("UPDATE chunks SET units = ?, tokens = ?, covered = NULL, total = NULL WHERE number = ?", facts)
    _put_text(connection, piece.chunk, piece.unit, piece.units)
    _put_rows(connection, piece.chunk, piece.row, piece.rows)


def _put_text(connection: sqlite3.Connection, chunk: int, first: int, units: bytes) -> None:
    if units:
        blob = pack_text(units)
        connection.execute("INSERT INTO texts VALUES (?, ?, ?, ?)", (chunk, first, blob, checksum(blob)))


def _put_rows(connection: sqlite3.Connection, chunk: int, first: int, rows: TokenRows) -> None:
    if len(rows):
        blob = pack_rows(rows)
        connection.execute("INSERT INTO rows VALUES (?, ?, ?, ?)", (chunk, first, blob, checksum(blob)))


# ------------------------------------------------------------------------------------------------ the tree


def _content(connection: sqlite3.Connection, part: ContentPart) -> None:
    chunks, forks = pack_numbers(part.chunks), pack_numbers(flat(part.forks))
    straddling, before = pack_some(part.straddling), pack_text(part.before) if part.before else None
    row = (part.number, chunks, forks, straddling, before, sum_of(chunks, forks, straddling, before))
    connection.execute("INSERT OR REPLACE INTO contents VALUES (?, ?, ?, ?, ?, ?)", row)


def _fork(connection: sqlite3.Connection, part: ForkPart) -> None:
    row = (part.number, part.id, part.active, int(part.writes))
    connection.execute("INSERT OR REPLACE INTO forks VALUES (?, ?, ?, ?)", row)
    connection.execute("DELETE FROM branches WHERE fork = ?", (part.number,))
    rows = [(part.number, place, branch, tail) for place, (branch, tail) in enumerate(part.branches)]
    connection.executemany("INSERT INTO branches VALUES (?, ?, ?, ?)", rows)


# ------------------------------------------------------------------------------------------------ steps


def _steps(connection: sqlite3.Connection, delta: Delta) -> None:
    for stack in (UNDO, REDO):
        kept = delta.kept_steps[stack]
        connection.execute("DELETE FROM steps WHERE stack = ? AND place >= ?", (stack, kept))
        connection.execute("DELETE FROM operations WHERE stack = ? AND step >= ?", (stack, kept))
    for step in delta.steps:
        _step(connection, step)


def _step(connection: sqlite3.Connection, part: StepPart) -> None:
    facts = (part.stack, part.place, part.kind, part.first + len(part.operations))
    connection.execute("INSERT OR REPLACE INTO steps VALUES (?, ?, ?, ?)", facts)
    where = (part.stack, part.place, part.first)
    connection.execute("DELETE FROM operations WHERE stack = ? AND step = ? AND place >= ?", where)
    rows = [
        (part.stack, part.place, part.first + place, *pack_operation(operation))
        for place, operation in enumerate(part.operations)
    ]
    connection.executemany("INSERT INTO operations VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", rows)


# ------------------------------------------------------------------------------------------------ what was said


def _said(connection: sqlite3.Connection, delta: Delta) -> None:
    sources = [(delta.first_source + place, to_json(source)) for place, source in enumerate(delta.sources)]
    connection.executemany("INSERT OR REPLACE INTO sources VALUES (?, ?)", sources)
    if delta.inherited is not None:
        _inherit(connection, delta.inherited)
    put_names(connection, delta.names)
    for rows in delta.alternatives:
        put_alternatives(connection, rows)


def _inherit(connection: sqlite3.Connection, inherited: Inherited) -> None:
    put_names(connection, inherited.kept.every_name())
    for first in range(0, inherited.count, BLOCK):
        rows = inherited.kept.alternatives(first, BLOCK)
        if rows is not None:
            put_alternatives(connection, rows)


def put_names(connection: sqlite3.Connection, names: Iterable[tuple[str, int, bytes]]) -> None:
    """The bytes of tokens, by model."""
    numbers: dict[str, int] = {}
    rows: list[tuple[int, int, bytes]] = []
    for fingerprint, token, spelt in names:
        if fingerprint not in numbers:
            connection.execute("INSERT OR IGNORE INTO models (fingerprint) VALUES (?)", (fingerprint,))
            found = connection.execute("SELECT number FROM models WHERE fingerprint = ?", (fingerprint,))
            numbers[fingerprint] = found.fetchone()[0]
        rows.append((numbers[fingerprint], token, spelt))
    connection.executemany("INSERT OR REPLACE INTO names VALUES (?, ?, ?)", rows)


def put_alternatives(connection: sqlite3.Connection, rows: AlternativeRows) -> None:
    """Rows that take the place of whatever there is from their first to their last."""
    blob = pack_alternatives(rows)
    last = rows.first + len(rows)
    connection.execute("DELETE FROM alternatives WHERE first >= ? AND first < ?", (rows.first, last))
    row = (rows.first, len(rows), blob, checksum(blob))
    connection.execute("INSERT INTO alternatives VALUES (?, ?, ?, ?)", row)


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
    }
    connection.executemany("INSERT OR REPLACE INTO meta VALUES (?, ?)", values.items())
