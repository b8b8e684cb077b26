"""The tables of a page's file, and the migration of older files.

docs/pagefile.md says what is in each. The first page of a file depends on nothing but this schema, which recovery.py
relies on: make tables in VERSION's order, and never an index or a table outside a step.
"""

import sqlite3
from collections.abc import Callable, Mapping

from desktop.pagefile.encoding import BlobError
from resources.language import tr

APPLICATION_ID = 0x496E6B66  # "Inkf"
FIRST = 2  # no older version was ever released
VERSION = 6
LAYERS = 4  # the first version with layers
PAGE = 4_096  # bytes of a page of the database

TABLES = (
    "CREATE TABLE meta (name TEXT PRIMARY KEY, value, checksum INTEGER NOT NULL) WITHOUT ROWID",
    "CREATE TABLE chunks (number INTEGER PRIMARY KEY, units INTEGER NOT NULL, tokens INTEGER NOT NULL,"
    " covered INTEGER, total INTEGER, checksum INTEGER NOT NULL)",
    "CREATE TABLE texts (chunk INTEGER NOT NULL, first INTEGER NOT NULL, text BLOB NOT NULL, checksum INTEGER NOT NULL,"
    " PRIMARY KEY (chunk, first))",
    "CREATE TABLE rows (chunk INTEGER NOT NULL, first INTEGER NOT NULL, rows BLOB NOT NULL, checksum INTEGER NOT NULL,"
    " PRIMARY KEY (chunk, first))",
    "CREATE TABLE contents (number INTEGER PRIMARY KEY, chunks BLOB NOT NULL, forks BLOB NOT NULL, straddling BLOB,"
    " before BLOB, checksum INTEGER NOT NULL)",
    "CREATE TABLE forks (number INTEGER PRIMARY KEY, id INTEGER NOT NULL, active INTEGER NOT NULL,"
    " writes INTEGER NOT NULL, checksum INTEGER NOT NULL)",
    "CREATE TABLE branches (fork INTEGER NOT NULL, place INTEGER NOT NULL, id INTEGER NOT NULL, tail INTEGER NOT NULL,"
    " checksum INTEGER NOT NULL, PRIMARY KEY (fork, place)) WITHOUT ROWID",
    "CREATE TABLE steps (stack INTEGER NOT NULL, place INTEGER NOT NULL, kind TEXT NOT NULL,"
    " operations INTEGER NOT NULL, checksum INTEGER NOT NULL, PRIMARY KEY (stack, place)) WITHOUT ROWID",
    "CREATE TABLE operations (stack INTEGER NOT NULL, step INTEGER NOT NULL, place INTEGER NOT NULL,"
    " kind TEXT NOT NULL, subject INTEGER, start INTEGER, removed INTEGER, units BLOB, rows BLOB, anchors BLOB,"
    " checksum INTEGER NOT NULL, PRIMARY KEY (stack, step, place))",
    "CREATE TABLE sources (number INTEGER PRIMARY KEY, source TEXT NOT NULL, checksum INTEGER NOT NULL)",
    "CREATE TABLE models (number INTEGER PRIMARY KEY, fingerprint TEXT NOT NULL UNIQUE, checksum INTEGER NOT NULL)",
    "CREATE TABLE names (model INTEGER NOT NULL, token INTEGER NOT NULL, bytes BLOB NOT NULL,"
    " checksum INTEGER NOT NULL, PRIMARY KEY (model, token)) WITHOUT ROWID",
    "CREATE TABLE alternatives (first INTEGER PRIMARY KEY, count INTEGER NOT NULL, rows BLOB NOT NULL,"
    " checksum INTEGER NOT NULL)",
    "CREATE TABLE layers (number INTEGER PRIMARY KEY, fingerprint TEXT NOT NULL, name TEXT NOT NULL,"
    " rows INTEGER NOT NULL, checksum INTEGER NOT NULL)",
    "CREATE TABLE readings (layer INTEGER NOT NULL, first INTEGER NOT NULL, rows BLOB NOT NULL,"
    " checksum INTEGER NOT NULL, PRIMARY KEY (layer, first))",
)
NAMES = tuple(table.split()[2] for table in TABLES)


Step = Callable[[sqlite3.Connection], None]


def _add_layers(connection: sqlite3.Connection) -> None:
    """Make the tables of the layers, behind the others. Sources got fields too, which have their defaults."""
    for table in TABLES[NAMES.index("layers") :]:
        connection.execute(table)


# From each version to the next; one that changes tables makes all of them anew, in order.
STEPS: dict[int, Step] = {
    2: lambda _connection: None,  # 3: undone forks may have several branches
    LAYERS - 1: _add_layers,
    4: lambda _connection: None,  # 5: rows may have another form
    5: lambda _connection: None,  # 6: rows may have two more
}


def make(connection: sqlite3.Connection) -> None:
    """Make the tables of this version, in an empty file."""
    connection.execute(f"PRAGMA page_size = {PAGE}")
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    connection.execute(f"PRAGMA user_version = {VERSION}")
    for table in TABLES:
        connection.execute(table)


class ForeignSchemaError(ValueError):
    """Something in the file would do more than hold data. Its text says what."""


def check(connection: sqlite3.Connection) -> None:
    """Check that all tables of the file's version exist, are tables, and have nothing but data beside them. Raises
    ForeignSchemaError, BlobError and sqlite3.Error."""
    wanted = NAMES if version(connection) >= LAYERS else NAMES[: NAMES.index("layers")]
    if not refuse_foreign(connection).issuperset(wanted):
        raise BlobError(tr("a part of the page is missing"))


def refuse_foreign(connection: sqlite3.Connection) -> set[str]:
    """The names of the existing tables. A view in place of a table, or a trigger, would run its author's code, and
    is refused. Further tables, of a later program, are accepted. Raises ForeignSchemaError, BlobError and
    sqlite3.Error."""
    ours = dict(zip(NAMES, TABLES, strict=True))
    found: set[str] = set()
    for kind, name, table, sql in _entries(connection):
        if kind not in ("table", "index") or (kind == "index" and sql and str(table).lower() in ours):
            raise ForeignSchemaError(tr("the {kind} “{name}”").format(kind=kind, name=name))
        if kind == "table" and (str(sql).upper().startswith("CREATE VIRTUAL") or not _may_be(ours, str(name), sql)):
            raise ForeignSchemaError(tr("the table “{name}” as it is made there").format(name=name))
        found.add(name)
    return found


def _entries(connection: sqlite3.Connection) -> sqlite3.Cursor:
    """The entries of the file's schema. An error of SQLite's in this simple query is damage of the file."""
    try:
        return connection.execute("SELECT type, name, tbl_name, sql FROM sqlite_schema")
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode != sqlite3.SQLITE_ERROR:
            raise
        raise BlobError(str(error)) from error


def _may_be(ours: Mapping[str, str], name: str, sql: str) -> bool:
    """Whether an entry with that name is allowed: only the table itself may have its name, in any case."""
    return ours.get(name.lower(), sql) == sql


def version(connection: sqlite3.Connection) -> int:
    """The version of the file's tables."""
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def migrate(connection: sqlite3.Connection, steps: dict[int, Step] | None = None, to: int = VERSION) -> None:
    """Migrate an older file to the version `to`: every step, or none; then its tables are as in a new file. Raises
    sqlite3.Error, and BlobError where the contents of the file prevent it."""
    steps = STEPS if steps is None else steps
    now = version(connection)
    if now == to:
        return
    connection.execute("BEGIN IMMEDIATE")
    try:
        for number in range(now, to):
            steps[number](connection)
            connection.execute(f"PRAGMA user_version = {number + 1}")
        connection.execute("COMMIT")
        connection.execute("VACUUM")
    except sqlite3.Error as error:
        if getattr(error, "sqlite_errorcode", None) != sqlite3.SQLITE_ERROR:
            raise
        raise BlobError(str(error)) from error
    finally:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
