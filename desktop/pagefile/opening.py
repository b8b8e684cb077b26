"""Opens a page's file: its contents, and whether it can be written to. Runs off the GUI thread.

A file that was not closed properly is checked first. A file of a newer program is not touched, a damaged one is not
loaded (recovery.py does that). loading.py reads the tables.
"""

import os
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from desktop.page.chunks import Limits
from desktop.page.contents import Contents
from desktop.page.edit import Unmark
from desktop.pagefile import schema
from desktop.pagefile.connecting import (
    bound,
    cannot_read,
    connect,
    connect_to_read,
    damaged,
    is_unclean,
    made_newer,
    may_write,
    not_ours,
    unreadable,
)
from desktop.pagefile.encoding import BlobError
from desktop.pagefile.loading import Loaded, load
from desktop.pagefile.reader import Reader
from desktop.pagefile.salvage import Salvage
from desktop.pagefile.store import Store, end_log
from desktop.pagefile.tracker import Tracker
from desktop.pagefile.values import Facts, View
from resources.language import tr


@dataclass(frozen=True, slots=True, eq=False)
class Opened:
    """A page and its file. store: None where the file cannot be written to. tracker: has the page as it is in the
    file. reader: reads what is not in memory yet; calls its `on_message` where that fails. sentence: for the user,
    or ""."""

    contents: Contents
    view: View
    facts: Facts
    store: Store | None
    tracker: Tracker
    reader: Reader
    sentence: str = ""


def open_page(path: Path, limits: Limits = Limits()) -> Opened:  # noqa: B008
    """Open the page in that file. Raises PageFileError: NewerFileError, DamagedFileError, or one that says what the
    file is."""
    path = Path(os.path.realpath(path))
    unclean = is_unclean(path)
    try:
        if not may_write(path):
            return _read_only(path, unclean, limits)
        if unclean:
            _look_through(path)
        with closing(connect(path, "rw")) as connection:
            budget = bound(connection, path)
            schema.check(connection)
            schema.migrate(connection)
            reader = Reader(path)
            connection.execute("BEGIN")  # one transaction: all reads see one state
            loaded = load(connection, reader, limits, budget)
        store = Store(path, reader, *loaded.state, loaded.serial)
    except sqlite3.Error as error:
        raise unreadable(path, error) from error
    except BlobError as error:
        raise damaged(path, str(error)) from error
    except schema.ForeignSchemaError as error:
        raise not_ours(path, str(error)) from error
    except OSError as error:
        raise cannot_read(path, error) from error
    return _opened(loaded, reader, store, path)


def _opened(loaded: Loaded, reader: Reader, store: Store | None, path: Path, sentence: str = "") -> Opened:
    tracker = Tracker(loaded.numbers, loaded.serial)
    tracker.resume(loaded.contents, loaded.view, loaded.facts)
    _end_generation(loaded.contents, loaded.growing)
    left_out = tr("“{name}” holds steps of undo that cannot be true, and was opened without them.")
    unsound = left_out.format(name=path.name) if loaded.unsound else ""
    if loaded.lost:
        reader.tell(tr("a part of the page is missing"))
    message = " ".join(filter(None, (sentence, unsound, reader.unreported)))
    return Opened(loaded.contents, loaded.view, loaded.facts, store, tracker, reader, message)


def _end_generation(contents: Contents, growing: int | None) -> None:
    """Drop the step of a generation that was open and had written nothing, as ending it would have done. growing: the
    place of its step."""
    step = contents.undo[growing] if growing is not None and growing < len(contents.undo) else None
    if step is not None and all(isinstance(operation, Unmark) for operation in step.operations):
        contents.undo.remove(step)
        begun = {operation.fork for operation in step.operations if isinstance(operation, Unmark)}
        forks = contents.path.forks
        forks[:] = [fork for fork in forks if fork.id not in begun or len(fork.branches) > 1]


def _look_through(path: Path) -> None:
    """Check a file that was not closed, and move its log into it. Raises DamagedFileError."""
    with closing(connect(path, "rw")) as connection:
        bound(connection, path)
        schema.check(connection)
        complaint = connection.execute("PRAGMA integrity_check(1)").fetchone()[0]
        if complaint != "ok":
            raise damaged(path, complaint.splitlines()[0].strip("* "))
        end_log(connection)


def _read_only(path: Path, unclean: bool, limits: Limits) -> Opened:
    """Read the file without writing, with its log where that can be read."""
    sentence = tr("“{name}” cannot be written to.").format(name=path.name)
    connection, immutable = connect_to_read(path, unclean)
    with closing(connection):
        budget = bound(connection, path)
        schema.check(connection)
        if immutable and unclean:
            sentence = tr(
                "“{name}” cannot be written to. It was not closed properly: what was written last may be missing."
            ).format(name=path.name)
        if schema.version(connection) == schema.VERSION:
            reader = Reader(path, immutable)
            connection.execute("BEGIN")
            return _opened(load(connection, reader, limits, budget), reader, None, path, sentence)
        with made_newer(connection, path) as (copy, budget):
            loaded = load(copy, Salvage(copy, budget), limits, budget)
            return _opened(loaded, Reader(path, immutable), None, path, sentence)
