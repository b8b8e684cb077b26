"""Mutations of a page's file: of its bytes, rows, blobs, JSON, numbers, history and schema."""

import functools
import json
import random
import sqlite3
import zlib
from collections.abc import Callable, Sequence
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import numpy as np

from desktop.pagefile import schema
from desktop.pagefile.encoding import FORM, BlobError, pack_layer, pack_numbers, pack_rows, unpack_layer, unpack_rows
from desktop.pagefile.sealing import seal
from tests.fuzz.json_mutations import spoilt

Mutation = Callable[[random.Random, Path], None]
NUMBERS = (0, 1, -1, 2, 3, 7, 255, 2**15, 2**16, 2**31 - 1, 2**31, -(2**31), 2**40, 2**62, 2**63 - 1, -(2**63))
VALUES: tuple[object, ...] = (*NUMBERS, None, "", "text", "\0", "9" * 30, b"", b"\0", b"\xff" * 9, 0.5, 1e300, -1e999)
MANY = 2**20  # numbers of a blob: with more SQLite does not read it, and spoiling it costs more than looking at it
PACKED = (
    ("rows", "rows"),
    ("rows", "rows"),
    ("alternatives", "rows"),
    ("operations", "rows"),
    ("readings", "rows"),
    ("readings", "rows"),
    ("contents", "straddling"),
)


BEATS = 30  # of 100,000 steps of SQLite, that one mutation may take


def several(chance: random.Random, path: Path) -> None:
    """One to four of them."""
    for _ in range(chance.choice((1, 1, 1, 2, 4))):
        with suppress(sqlite3.Error, OSError, ValueError, TypeError):  # of what the one before left
            chance.choice(ALL)(chance, path)


# ------------------------------------------------------------------------------------------------ bytes


def some_bytes(chance: random.Random, path: Path) -> None:
    data = bytearray(path.read_bytes())
    for _ in range(chance.choice((1, 3, 30))):
        start = chance.randrange(len(data))
        size = chance.choice((1, 1, 2, 4, 100, 4_096))
        data[start : start + size] = chance.choice((chance.randbytes(size), bytes(size), b"\xff" * size))
    path.write_bytes(data)


def whole_pages(chance: random.Random, path: Path) -> None:
    """Pages of the database are copied over others, or cut off."""
    data = bytearray(path.read_bytes())
    count = len(data) // schema.PAGE
    for _ in range(chance.choice((1, 3, 10))):
        one, other = (chance.randrange(count) * schema.PAGE for _ in range(2))
        data[one : one + schema.PAGE] = data[other : other + schema.PAGE]
    if chance.random() < 0.3:
        del data[chance.randrange(len(data)) :]
    path.write_bytes(data)


def tree_pages(chance: random.Random, path: Path) -> None:
    """Numbers in the heads and cells of pages: trees that name a page many times, cells that lie anywhere."""
    data = bytearray(path.read_bytes())
    count = len(data) // schema.PAGE
    for _ in range(chance.choice((1, 5, 20))):
        page = chance.randrange(count) * schema.PAGE
        at = page + (100 if not page else 0) + chance.choice((0, 1, 3, 5, 7, 8, 10, 12, 14, 16, chance.randrange(200)))
        data[at : at + 4] = chance.choice((chance.randrange(count + 2), 0, 2**31)).to_bytes(4, "big")
    path.write_bytes(data)


# ------------------------------------------------------------------------------------------------ rows


def opened(path: Path) -> sqlite3.Connection:
    """A connection that ends what has no end: the mutation before may have put a view in a table's place."""
    connection = sqlite3.connect(path, isolation_level=None)
    beats = iter(range(BEATS))
    connection.set_progress_handler(lambda: next(beats, None) is None, 100_000)
    return connection


def columns_of(connection: sqlite3.Connection, table: str) -> list[str]:
    return [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]


def sealed(connection: sqlite3.Connection, table: str) -> None:
    """Compute the checksums of a table again, as a forger would."""
    columns = columns_of(connection, table)[:-1]
    connection.create_function("seal", -1, seal)
    connection.execute(f"UPDATE {table} SET checksum = seal({', '.join(columns)})")


def some_row(chance: random.Random, connection: sqlite3.Connection, table: str) -> tuple[Any, ...] | None:
    rows = connection.execute(f"SELECT * FROM {table}").fetchmany(10_000)  # of a view there may be no end
    return chance.choice(rows) if rows else None


def put(connection: sqlite3.Connection, table: str, column: str, value: object, row: Sequence[object]) -> None:
    """Another value in that row."""
    condition = " AND ".join(f"{name} IS ?" for name in columns_of(connection, table))
    connection.execute(f"UPDATE OR IGNORE {table} SET {column} = ? WHERE {condition}", (value, *row))


def a_cell(chance: random.Random, path: Path) -> None:
    with closing(opened(path)) as connection:
        table = chance.choice(schema.NAMES)
        if (row := some_row(chance, connection, table)) is None:
            return
        columns = columns_of(connection, table)[:-1]
        place = chance.randrange(len(columns))
        old = row[place]
        others = [*VALUES, *(connection.execute(f"SELECT {columns[place]} FROM {table} LIMIT 20").fetchall())]
        new = chance.choice(others)
        new = new[0] if isinstance(new, tuple) else new
        if isinstance(old, int) and chance.random() < 0.4:
            new = max(-(2**63), min(2**63 - 1, old + chance.choice((-1, 1, 2, -7, 100, 5_000))))
        put(connection, table, columns[place], new, row)
        if chance.random() < 0.9:
            sealed(connection, table)


def a_row(chance: random.Random, path: Path) -> None:
    """One goes, or comes twice under another number."""
    with closing(opened(path)) as connection:
        table = chance.choice(schema.NAMES)
        columns = columns_of(connection, table)
        if (row := some_row(chance, connection, table)) is None:
            return
        cells = list(row)
        if chance.random() < 0.5:
            connection.execute(f"DELETE FROM {table} WHERE {columns[0]} IS ? AND {columns[1]} IS ?", cells[:2])
        for _ in range(chance.choice((1, 1, 50))):
            cells[chance.randrange(min(3, len(cells) - 1))] = chance.choice((*NUMBERS, chance.randrange(40)))
            connection.execute(f"INSERT OR IGNORE INTO {table} VALUES ({', '.join('?' * len(cells))})", cells)
        sealed(connection, table)


def a_blob(chance: random.Random, path: Path) -> None:
    """Replace a blob by a bomb, or by other rows."""
    with closing(opened(path)) as connection:
        table, column = chance.choice(PACKED)
        if (row := some_row(chance, connection, table)) is None:
            return
        blob = row[columns_of(connection, table).index(column)]
        for _ in range(chance.choice((1, 1, 20))):
            put(connection, table, column, _other(chance, blob or b""), row)
        sealed(connection, table)


@functools.cache
def bomb(size: int) -> bytes:
    """A blob that unpacks to that many bytes."""
    return bytes([FORM]) + zlib.compress(bytes(size))


def _other(chance: random.Random, blob: bytes) -> bytes:
    kind = chance.randrange(4)
    if kind == 0:
        return bomb(chance.choice((10**4, 10**6, 10**8)))
    if kind == 1:
        return bytes([FORM]) + zlib.compress(chance.randbytes(chance.choice((73, 730, 1_300, 66_560))))
    if kind == 2:
        return bytes([chance.choice((0, FORM, 2))]) + blob[1 : chance.randrange(len(blob) + 1)]
    try:
        rows, pack = unpack_rows(blob).copy(), pack_rows
    except BlobError:
        try:
            rows, pack = unpack_layer(blob).copy(), pack_layer
        except BlobError:
            return b""
    for _ in range(chance.choice((1, 3))):
        if not len(rows):
            break
        name = chance.choice(rows.dtype.names or ())
        kind_of = rows.dtype[name]
        wild = chance.choice((float("nan"), float("inf"), -1e30, 1e30, 2.0)) if kind_of.kind == "f" else None
        near = int(chance.choice((-1, 0, 1, 2, 5, 200, 2**15, 2**31 - 1, 2**40))) & (256**kind_of.itemsize - 1)
        bits = np.array([near], np.uint64).view(np.uint8)[: kind_of.itemsize].view(kind_of)
        rows[name][chance.randrange(len(rows))] = bits[0] if wild is None else wild
    return pack(rows)


def a_text(chance: random.Random, path: Path) -> None:
    with closing(opened(path)) as connection:
        if (row := some_row(chance, connection, "texts")) is None:
            return
        number, _, old, _ = row
        halves = "\ud800\udc00".encode("utf-8", "surrogatepass")
        new = chance.choice((old + b"more", old[:-1], halves, b"\xff", b"x" * 10**6))
        put(connection, "texts", "text", new, row)
        if chance.random() < 0.7:
            with suppress(UnicodeDecodeError):
                units = len(new.decode("utf-8", "surrogatepass").encode("utf-16-le", "surrogatepass")) >> 1
                connection.execute("UPDATE chunks SET units = ? WHERE number = ?", (units, number))
                sealed(connection, "chunks")
        sealed(connection, "texts")


def numbers_of_parts(chance: random.Random, path: Path) -> None:
    """Which chunks and forks a content has, and where."""
    with closing(opened(path)) as connection:
        if (row := some_row(chance, connection, "contents")) is None:
            return
        column, place = chance.choice((("chunks", 1), ("forks", 2)))
        numbers = np.frombuffer(row[place], "<i8").tolist() if len(row[place]) % 8 == 0 else []
        for _ in range(chance.choice((1, 3))):
            how = chance.randrange(4)
            if how == 0 and numbers:
                numbers[chance.randrange(len(numbers))] = chance.choice((*NUMBERS, chance.randrange(60)))
            elif how == 1:
                numbers += numbers[:2] or [1, 0]
            elif how == 2 and numbers:
                del numbers[chance.randrange(len(numbers))]
            else:
                numbers *= chance.choice((2, 2, 2_000))
        put(connection, "contents", column, pack_numbers(numbers[:MANY]), row)
        sealed(connection, "contents")


def some_meta(chance: random.Random, path: Path) -> None:
    with closing(opened(path)) as connection:
        names = [name for (name,) in connection.execute("SELECT name FROM meta")]
        if names:
            value = chance.choice((*VALUES, "9" * 5_000, "[" * 10_000))
            connection.execute("UPDATE meta SET value = ? WHERE name = ?", (value, chance.choice(names)))
            sealed(connection, "meta")


def some_json(chance: random.Random, path: Path) -> None:
    with closing(opened(path)) as connection:
        table, column = chance.choice((("meta", "value"), ("sources", "source")))
        rows = (
            connection.execute(f"SELECT rowid, {column} FROM sources")
            if table == "sources"
            else connection.execute("SELECT name, value FROM meta WHERE name IN ('view', 'facts')")
        )
        if not (found := rows.fetchall()):
            return
        key, text = chance.choice(found)
        try:
            new = spoilt(chance, json.loads(text))
        except (ValueError, TypeError, RecursionError):
            return
        named = "name" if table == "meta" else "number"
        connection.execute(f"UPDATE {table} SET {column} = ? WHERE {named} = ?", (new, key))
        sealed(connection, table)


# ------------------------------------------------------------------------------------------------ history


def some_steps(chance: random.Random, path: Path) -> None:
    """Put forged steps on top of undo or redo, or in place of one."""
    with closing(opened(path)) as connection:
        stack = chance.randrange(2)
        count = connection.execute("SELECT count(*) FROM steps WHERE stack = ?", (stack,)).fetchone()[0]
        place = chance.choice((count, count, chance.randrange(count + 1)))
        operations = [_operation(chance, connection) for _ in range(chance.choice((1, 1, 2, 5)))]
        connection.execute("DELETE FROM operations WHERE stack = ? AND step = ?", (stack, place))
        kind = chance.choice(("typing", "erasing", "change", "generation", "switch"))
        connection.execute("INSERT OR REPLACE INTO steps VALUES (?, ?, ?, ?, 0)", (stack, place, kind, len(operations)))
        for number, operation in enumerate(operations):
            row = (stack, place, number, *operation)
            connection.execute(f"INSERT OR REPLACE INTO operations VALUES ({', '.join('?' * len(row))}, 0)", row)
        sealed(connection, "steps")
        sealed(connection, "operations")


def _operation(chance: random.Random, connection: sqlite3.Connection) -> tuple[object, ...]:
    def one_of(query: str) -> int:
        found = [row[0] for row in connection.execute(query)]
        return chance.choice([*found, *found, *found, 0, 1, 999]) if found else chance.choice((0, 1, 999))

    length = connection.execute("SELECT coalesce(sum(units), 0) FROM chunks").fetchone()[0]
    size = int(length) if isinstance(length, int) and 0 <= length < 10**6 else 10
    place = chance.choice((0, 1, size // 2, size, size + 1, -1, 2**31, 2**62, chance.randrange(size + 1)))
    kind = chance.choice(("edit", "edit", "edit", "passage", "switch", "mark", "unmark"))
    if kind == "switch":
        return kind, one_of("SELECT id FROM forks"), one_of("SELECT id FROM branches"), None, None, None, None
    if kind == "mark":
        return kind, one_of("SELECT number FROM forks"), place, chance.choice((None, 0, 1)), None, None, None
    if kind == "unmark":
        return kind, one_of("SELECT id FROM forks"), None, chance.choice((None, 0, 1)), None, None, None
    removed = chance.choice((0, 0, 1, 3, size, -1, 2**40, None))
    units = chance.choice((None, b"x", "\U0001f600".encode(), b"\xff", b"long " * 9_000))
    blobs = [row[0] for row in connection.execute("SELECT rows FROM rows LIMIT 5")]
    others = [_other(chance, blob) for blob in blobs[:1]]
    rows = chance.choice((None, None, *blobs, *others))
    anchors = [one_of("SELECT id FROM forks"), chance.choice((0, 1, -1, size, 2**40))]
    packed = chance.choice((None, None, pack_numbers(anchors), pack_numbers(anchors * 2), b"odd"))
    number = one_of("SELECT number FROM contents") if kind == "passage" else chance.choice((0, None, 1, -5))
    return kind, number, place, removed, None if kind == "passage" else units, rows, packed


# ------------------------------------------------------------------------------------------------ schema

_COUNTING = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n)"
ENDLESS = f"{_COUNTING} SELECT x AS a, 0 AS b, x'41' AS c, 0 AS d FROM n"
STATEMENTS = (
    *(f"DROP TABLE {name}" for name in schema.NAMES),
    f"CREATE VIEW endless AS {ENDLESS}",
    "CREATE TRIGGER t AFTER UPDATE ON meta BEGIN DELETE FROM texts; END",
    "CREATE TABLE later (x)",
    "CREATE TABLE more (x, y AS (hex(zeroblob(1000000))) STORED)",
    "CREATE INDEX i ON chunks (units)",
    "ALTER TABLE meta ADD COLUMN more",
    "ALTER TABLE chunks RENAME COLUMN units TO more",
    "PRAGMA user_version = 1",
    "PRAGMA user_version = 0",
    "PRAGMA user_version = 2",
    "PRAGMA user_version = 3",
    "PRAGMA user_version = 5",
    "PRAGMA application_id = 5",
    "PRAGMA journal_mode = WAL",
    "PRAGMA auto_vacuum = 1",
    "PRAGMA encoding = 'UTF-16'",
    "VACUUM",
)


def other_tables(chance: random.Random, path: Path) -> None:
    with closing(opened(path)) as connection:
        name = chance.choice(schema.NAMES)
        for statement in chance.choice(
            (
                [chance.choice(STATEMENTS)],
                [f"ALTER TABLE {name} RENAME TO kept", f"CREATE VIEW {name} AS {ENDLESS}"],
                [f"DROP TABLE {name}", f"CREATE VIRTUAL TABLE {name} USING fts5(x)"],
                [f"ALTER TABLE {name} RENAME TO kept", f"CREATE TABLE {name} AS SELECT * FROM kept"],
            )
        ):
            connection.execute(statement)


def other_roots(chance: random.Random, path: Path) -> None:
    """Move a table or an index to the root page of another one."""
    with closing(opened(path)) as connection:
        connection.execute("PRAGMA writable_schema = ON")
        found = connection.execute("SELECT rowid, rootpage FROM sqlite_schema WHERE rootpage > 0").fetchall()
        if not found:
            return  # it was spoilt before
        one, other = chance.choice(found)[0], chance.choice(found)[1]
        other = chance.choice((other, other, chance.randrange(60)))
        connection.execute("UPDATE sqlite_schema SET rootpage = ? WHERE rowid = ?", (other, one))


def name_one_row(path: Path, table: str, times: int) -> None:
    """The index of `texts` or `rows` names the longest row that many times: the last value of an entry is the row's
    number, and those between the key and it are not looked at."""
    with closing(opened(path)) as connection:
        blob = {"texts": "text", "rows": "rows", "readings": "rows"}[table]
        key = "layer" if table == "readings" else "chunk"
        longest = f"SELECT {key}, first, rowid FROM {table} ORDER BY length({blob}) DESC LIMIT 1"
        chunk, first, row = connection.execute(longest).fetchone()
        connection.execute("CREATE TABLE forged (a, b, c, d, PRIMARY KEY (a, b, c, d)) WITHOUT ROWID")
        connection.execute("BEGIN")
        entries = ((chunk, first, number, row) for number in range(times))
        connection.executemany("INSERT INTO forged VALUES (?, ?, ?, ?)", entries)
        connection.execute("COMMIT")
        connection.execute("PRAGMA writable_schema = ON")
        root = connection.execute("SELECT rootpage FROM sqlite_schema WHERE name = 'forged'").fetchone()[0]
        index = f"sqlite_autoindex_{table}_1"
        connection.execute("UPDATE sqlite_schema SET rootpage = ? WHERE name = ?", (root, index))
        connection.execute("DELETE FROM sqlite_schema WHERE name = 'forged'")


WITH_NUMBERS = (
    "chunks",
    "texts",
    "rows",
    "contents",
    "forks",
    "operations",
    "sources",
    "models",
    "alternatives",
    "layers",
    "readings",
)


def name_one_leaf(path: Path, table: str, levels: int, width: int) -> None:
    """The b-tree of a table with row numbers becomes that many levels of pages, each of which names the next one
    `width` times; the last one names what was the root."""
    with closing(opened(path)) as connection:
        found = connection.execute("SELECT rootpage FROM sqlite_schema WHERE name = ?", (table,)).fetchone()
        journal = connection.execute("PRAGMA journal_mode = DELETE").fetchone()[0]
    data = bytearray(path.read_bytes())
    if found is None or not 1 < found[0] <= len(data) // schema.PAGE or journal != "delete":
        return
    root = (found[0] - 1) * schema.PAGE
    new = len(data) // schema.PAGE + 1
    pages = [_branching(number, width) for number in range(new, new + levels)]
    leaf = data[root : root + schema.PAGE]
    data[root : root + schema.PAGE] = pages[0]
    data += b"".join(pages[1:]) + leaf
    data[28:32] = (len(data) // schema.PAGE).to_bytes(4, "big")
    path.write_bytes(data)


def _branching(child: int, width: int) -> bytes:
    """A page of a b-tree of row numbers that names another one: its head, where its cells lie, and its cells."""
    cells = [child.to_bytes(4, "big") + bytes([129 + number // 128, number % 128]) for number in range(width)]
    begin = schema.PAGE - 6 * width
    places = b"".join((begin + 6 * number).to_bytes(2, "big") for number in range(width))
    head = b"\5\0\0" + width.to_bytes(2, "big") + begin.to_bytes(2, "big") + b"\0" + child.to_bytes(4, "big")
    return (head + places).ljust(begin, b"\0") + b"".join(cells)


def one_leaf_again_and_again(chance: random.Random, path: Path) -> None:
    name_one_leaf(path, chance.choice(WITH_NUMBERS), chance.choice((1, 2, 5, 15)), chance.choice((2, 20, 500)))


def one_row_again_and_again(chance: random.Random, path: Path) -> None:
    name_one_row(path, chance.choice(("texts", "rows", "readings")), chance.choice((3, 1_000, 30_000)))


ALL: tuple[Mutation, ...] = (
    some_bytes,
    whole_pages,
    tree_pages,
    a_cell,
    a_cell,
    a_cell,
    a_row,
    a_blob,
    a_blob,
    a_text,
    numbers_of_parts,
    some_meta,
    some_json,
    some_steps,
    some_steps,
    some_steps,
    other_tables,
    other_roots,
    one_row_again_and_again,
    one_leaf_again_and_again,
)
