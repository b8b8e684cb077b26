"""Recovers what can be read of a damaged page: its text first, then its tokens, then its branches and history.

Works on a copy; the damaged file is only read. A broken first page is replaced by that of a new file, since it depends
only on the schema (schema.py). salvage.py reads tables around broken places.
"""

import os
import shutil
import sqlite3
import tempfile
from contextlib import closing, suppress
from pathlib import Path

from desktop.page.alternatives import AlternativesTable
from desktop.page.chunk import Chunk
from desktop.page.chunks import Chunks, Limits
from desktop.page.contents import Contents
from desktop.page.edit import Edit, Mark
from desktop.page.forks import Content, every_fork
from desktop.page.sources import Source, Sources
from desktop.pagefile.connecting import beside, bound, cannot_read, connect, unreadable
from desktop.pagefile.encoding import BlobError, unpack_numbers
from desktop.pagefile.loading import load
from desktop.pagefile.packing import source_from
from desktop.pagefile.salvage import Salvage, every_row, fitting, keyed
from desktop.pagefile.saved_layers import read_layers
from desktop.pagefile.schema import PAGE
from desktop.pagefile.store import make_file
from resources.language import tr

_NOTHING = tr("Nothing of it could be recovered.")
_SPREAD = 1_000  # numbers of sources for each that can be read: the rest is lost
_BROKEN = (
    sqlite3.Error,
    BlobError,
    ValueError,
    KeyError,
    TypeError,
    IndexError,
    OverflowError,
)  # damaged data may raise anything


def recover_page(path: Path, limits: Limits = Limits()) -> tuple[Contents, str]:  # noqa: B008
    """Recover a damaged file: its contents, all in memory, and a sentence that describes them. Raises PageFileError
    where the file cannot be read at all."""
    try:
        with tempfile.TemporaryDirectory(prefix="inkfall-", ignore_cleanup_errors=True) as folder:
            copy = Path(folder) / "copy.inkfall"
            shutil.copyfile(path, copy)
            with suppress(FileNotFoundError):
                shutil.copyfile(beside(path, "-wal"), beside(copy, "-wal"))
            found = _best(copy, limits)
    except sqlite3.Error as error:  # not the file's fault: the files beside the copy could not be made
        raise unreadable(path, error) from error
    except OSError as error:
        raise cannot_read(path, error) from error
    return found or (Contents(Content(Chunks(limits))), _NOTHING)


def _best(copy: Path, limits: Limits) -> tuple[Contents, str] | None:
    """The result of the first method that recovers something. Raises OSError, and sqlite3.Error where no new first
    page can be made."""
    cut_off = False
    for prepare in (_nothing, _new_first_page, _without_log):
        cut_off = prepare(copy) or cut_off
        for recover in (_whole_tree, _tree, _shown_path):
            with suppress(*_BROKEN), closing(connect(copy, "rw")) as connection:
                salvage = Salvage(connection, bound(connection, copy))
                salvage.lost = salvage.lost or cut_off
                found = recover(connection, salvage, limits)
                if found is not None:
                    return found
    return None


# ------------------------------------------------------------------------------------------------ the file


def _nothing(_copy: Path) -> bool:
    """Change nothing."""
    return False


def _new_first_page(copy: Path) -> bool:
    """Take the first page from a new file. Returns True where the file was cut off: then the roots of tables too."""
    new = copy.with_name("new.inkfall")
    make_file(new)
    fresh = new.read_bytes()
    whole = copy.stat().st_size // PAGE * PAGE
    with copy.open("rb+") as stream:
        stream.write(fresh[:24] + bytes(8) + fresh[32:PAGE])  # how many pages there are is to be counted
        stream.truncate(max(PAGE, whole))
        stream.seek(0, os.SEEK_END)
        return stream.write(fresh[stream.tell() :]) > 0


def _without_log(copy: Path) -> bool:
    for suffix in ("-wal", "-shm"):
        beside(copy, suffix).unlink(missing_ok=True)
    return True


# ------------------------------------------------------------------------------------------------ the page


def _whole_tree(connection: sqlite3.Connection, salvage: Salvage, limits: Limits) -> tuple[Contents, str] | None:
    """Recover text, branches and history as they were, and the readings that can be read."""
    contents = _loaded(connection, salvage, limits, history=True)
    if salvage.lost:
        return contents, tr("Its text, its branches and its history are recovered; some readings are lost.")
    return contents, tr("All of it is recovered.")


def _tree(connection: sqlite3.Connection, salvage: Salvage, limits: Limits) -> tuple[Contents, str] | None:
    """Recover text and branches as they were, and the readings that can be read."""
    contents = _loaded(connection, salvage, limits, history=False)
    return contents, tr("Its text and its branches are recovered; what could be undone is lost.")


def _loaded(connection: sqlite3.Connection, salvage: Salvage, limits: Limits, history: bool) -> Contents:
    """The page with all of it that can be read, in memory."""
    loaded = load(connection, salvage, limits, salvage.budget, history)
    if loaded.unsound:
        raise BlobError(tr("an operation is missing"))
    salvage.lost = salvage.lost or loaded.lost
    contents = loaded.contents
    for content in _every_content(contents):
        for chunk in content.chunks.parts:
            _read_now(chunk)
    return contents


def _shown_path(connection: sqlite3.Connection, salvage: Salvage, limits: Limits) -> tuple[Contents, str] | None:
    """Recover the text as it was shown, with the tokens that can be read; where even its order is lost, in the order
    in which it was written."""
    texts = salvage.texts()
    if not texts:
        return None
    sources = _sources(connection)
    table = AlternativesTable(salvage, salvage.last_alternative)
    numbers = list(dict.fromkeys(_order(connection)))
    if not any(number in texts for number in numbers):
        numbers = sorted(texts)
    gaps = sum(number not in texts for number in numbers)
    chunks: list[Chunk] = []
    for number in numbers:
        units = _joined(texts.get(number, {}))
        rows = fitting(salvage.rows(number), len(units) >> 1, len(sources), len(table))
        if units:
            chunks.append(Chunk(units, rows.copy()))
    if not chunks:
        return None
    sentence = tr("Its text is recovered, and what could be read of its tokens; branches and history are lost.")
    if gaps:
        sentence = tr("Parts of its text are recovered; the rest, branches and history are lost.")
    layers = {layer.fingerprint: layer for layer in read_layers(connection, salvage.budget)[0].values()}
    return Contents(Content(Chunks(limits, chunks)), sources, table, layers=layers), sentence


def _every_content(contents: Contents) -> list[Content]:
    operations = [operation for step in (*contents.undo, *contents.redo) for operation in step.operations]
    undone = [operation.fork for operation in operations if isinstance(operation, Mark)]
    forks = dict.fromkeys((*every_fork(contents.path.forks), *every_fork(undone)))
    tails = [branch.tail for fork in forks for branch in fork.branches]
    passages = [operation.passage for operation in operations if isinstance(operation, Edit)]
    return [contents.path, *(content for content in (*tails, *passages) if content is not None)]


def _read_now(chunk: Chunk) -> None:
    _ = chunk.rows


def _order(connection: sqlite3.Connection) -> list[int]:
    """The chunks of the shown branch; empty where that is lost."""
    found, _ = keyed(connection, "contents", "WHERE number = (SELECT value FROM meta WHERE name = 'root')")
    return unpack_numbers(found[0][1]) if found else []


def _joined(pieces: dict[int, bytes]) -> bytes:
    """The contiguous pieces from the start."""
    units = b""
    for first, piece in sorted(pieces.items()):
        if first != len(units) >> 1:
            break
        units += piece
    return units


def _sources(connection: sqlite3.Connection) -> Sources:
    """All sources; those that cannot be read become unknown ones."""
    found: dict[int, Source] = {}
    rows = every_row(connection, "sources")[0]
    for number, text in rows:
        if 0 <= number < _SPREAD * len(rows):
            with suppress(*_BROKEN):
                found[number] = source_from(text)
    unknown = (Source("", first=place) for place in range(max(found, default=-1) + 1))
    return Sources([found.get(place, source) for place, source in enumerate(unknown)])
