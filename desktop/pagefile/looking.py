"""What is done with a page's file without opening the page: its facts, its text, a copy, another title.

All of it also while the page is open elsewhere. Off the GUI thread. Knows nothing of trees, tokens or history.
"""

import os
import sqlite3
import uuid
from collections.abc import Generator
from contextlib import closing, contextmanager, suppress
from dataclasses import replace
from pathlib import Path

from desktop.page import utf16
from desktop.pagefile.connecting import (
    cannot_read,
    cannot_write,
    connect,
    connect_to_read,
    damaged,
    head,
    in_words,
    unreadable,
)
from desktop.pagefile.encoding import BlobError, unpack_numbers, unpack_text
from desktop.pagefile.packing import facts_from, to_json
from desktop.pagefile.store import Transaction, clear_remains, flush_folder
from desktop.pagefile.values import Facts

_MANY = 500  # chunks asked for in one statement


def peek(path: Path) -> Facts:
    """What a list of pages shows of it; nothing where no page was written into it yet. Raises PageFileError."""
    with _reading(path) as connection:
        found = connection.execute("SELECT value FROM meta WHERE name = 'facts'").fetchone()
        return facts_from(found[0]) if found else Facts()


def text_of(path: Path) -> str:
    """The page's text as it is shown; lone surrogates survive. Raises PageFileError."""
    with _reading(path) as connection:
        root = "SELECT chunks FROM contents WHERE number = (SELECT value FROM meta WHERE name = 'root')"
        found = connection.execute(root).fetchone()
        numbers = unpack_numbers(found[0]) if found else []
        texts = dict.fromkeys(numbers, b"")
        for first in range(0, len(numbers), _MANY):
            some = numbers[first : first + _MANY]
            query = f"SELECT chunk, text FROM texts WHERE chunk IN ({', '.join('?' * len(some))}) ORDER BY chunk, first"
            for number, blob in connection.execute(query, some):
                texts[number] += unpack_text(blob)
        return utf16.decode(b"".join(texts.values()))


def copy_page(source: Path, target: Path) -> None:
    """All that is in the first as a new file, with every write that is done, whole or not at all. Raises PageFileError,
    also where there is a file already."""
    part = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        if target.exists():
            raise FileExistsError(17, "there is a file of that name already")
        part.unlink(missing_ok=True)
        with _reading(source) as connection:
            try:
                connection.execute("VACUUM INTO ?", (str(part),))
            except sqlite3.OperationalError as error:
                raise in_words(target, error) from error
        _flush(part)
        clear_remains(target)
        part.rename(target)
        flush_folder(target.parent)
    except OSError as error:
        raise cannot_write(target, error) from error
    finally:
        with suppress(OSError):
            part.unlink()


def set_title(path: Path, title: str) -> None:
    """Another title for a page that is not open. Raises PageFileError."""
    head(path)
    try:
        with closing(connect(path, "rw")) as connection, Transaction(connection):
            found = dict(connection.execute("SELECT name, value FROM meta WHERE name IN ('facts', 'revision')"))
            facts = facts_from(found["facts"]) if "facts" in found else Facts()
            new = {
                "facts": to_json(replace(facts, title=title)),
                "revision": found["revision"] + 1,
                "writer": uuid.uuid4().hex,
            }
            connection.executemany("INSERT OR REPLACE INTO meta VALUES (?, ?)", new.items())
    except sqlite3.Error as error:
        raise in_words(path, error) from error
    except BlobError as error:
        raise damaged(path, str(error)) from error


@contextmanager
def _reading(path: Path) -> Generator[sqlite3.Connection]:
    found = head(path)
    try:
        with closing(connect_to_read(path, found.unclean)[0]) as connection:
            yield connection
    except sqlite3.Error as error:
        raise unreadable(path, error) from error
    except BlobError as error:
        raise damaged(path, str(error)) from error
    except OSError as error:
        raise cannot_read(path, error) from error


def _flush(path: Path) -> None:
    with path.open("rb+") as stream:
        os.fsync(stream.fileno())
