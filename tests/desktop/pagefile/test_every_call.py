"""Every call of SQLite or the system that may fail: the result is a PageFileError with a sentence, and no file stays
open."""

import errno
import io
import os
import shutil
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from desktop.open_page.load_page import read_page
from desktop.pagefile import connecting, open_files, store
from desktop.pagefile.opening import open_page
from desktop.pagefile.recovery import recover_page
from desktop.pagefile.store import create_page
from desktop.pagefile.unopened import copy_page, peek, set_title, text_of
from desktop.pagefile.values import PageFileError
from tests.desktop.pagefile.conftest import MakeWalk
from tests.desktop.pagefile.walking import LIMITS, Walk, reopened, same

OF_THE_SYSTEM = ("stat", "open", "link", "rename", "replace", "unlink", "mkdir", "fsync", "truncate", "chmod")
WRONG = {
    "sync": sqlite3.SQLITE_IOERR_FSYNC,
    "read": sqlite3.SQLITE_IOERR_READ,
    "full": sqlite3.SQLITE_FULL,
    "locked": sqlite3.SQLITE_BUSY,
    "corrupt": sqlite3.SQLITE_CORRUPT,
    "no file": sqlite3.SQLITE_CANTOPEN,
}


class Machine:
    """Counts calls, and makes one of them fail, or that one and all that follow."""

    def __init__(self) -> None:
        self.fail()

    def fail(self, at: int = -1, code: int = sqlite3.SQLITE_IOERR_FSYNC, lasting: bool = False) -> None:
        """The call that has this number from now on, with SQLite's code; below 0: none."""
        self.calls, self.fails_at, self.lasting, self.sqlite = 0, at, lasting, code
        self.system = (errno.EIO, errno.ENOSPC, errno.EACCES)[at % 3]

    @property
    def failed(self) -> bool:
        return self.calls > self.fails_at >= 0

    def _now(self) -> bool:
        self.calls += 1
        return self.fails_at >= 0 and (self.calls > self.fails_at if self.lasting else self.calls == self.fails_at + 1)

    def asks_sqlite(self) -> None:
        if self._now():
            error = sqlite3.OperationalError if self.sqlite != sqlite3.SQLITE_CORRUPT else sqlite3.DatabaseError
            made = error("said by SQLite")
            made.sqlite_errorcode = self.sqlite
            raise made

    def asks_the_system(self, path: object) -> None:
        if _ours(path) and self._now():
            raise OSError(self.system, os.strerror(self.system))


def _ours(path: object) -> bool:
    """Python looks at files of its own, too."""
    return isinstance(path, int) or (isinstance(path, str | os.PathLike) and "page" in os.fspath(path))


MACHINE = Machine()


class Cursor(sqlite3.Cursor):
    def execute(self, *given: Any) -> "Cursor":
        MACHINE.asks_sqlite()
        return super().execute(*given)  # pyright: ignore[reportReturnType]

    def executemany(self, *given: Any) -> "Cursor":
        MACHINE.asks_sqlite()
        return super().executemany(*given)  # pyright: ignore[reportReturnType]

    def __next__(self) -> Any:
        MACHINE.asks_sqlite()
        return super().__next__()


class Connection(open_files.Connection):
    def execute(self, sql: str, parameters: Sequence[Any] = (), /) -> sqlite3.Cursor:  # type: ignore[override]
        return self.cursor(Cursor).execute(sql, parameters)

    def executemany(self, sql: str, parameters: Iterable[Any], /) -> sqlite3.Cursor:  # type: ignore[override]
        return self.cursor(Cursor).executemany(sql, parameters)

    def backup(self, *given: Any, **named: Any) -> None:
        MACHINE.asks_sqlite()
        super().backup(*given, **named)


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Iterator[Machine]:
    MACHINE.fail()
    connect = sqlite3.connect

    def connected(*given: Any, **named: Any) -> sqlite3.Connection:
        MACHINE.asks_sqlite()
        return connect(*given, **{**named, "factory": Connection})

    def failing(real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*given: Any, **named: Any) -> Any:
            MACHINE.asks_the_system(given[0])
            return real(*given, **named)

        return call

    monkeypatch.setattr(sqlite3, "connect", connected)
    for name in OF_THE_SYSTEM:
        monkeypatch.setattr(os, name, failing(getattr(os, name)))
    monkeypatch.setattr(io, "open", failing(io.open))
    monkeypatch.setattr(shutil, "copyfile", failing(shutil.copyfile))
    monkeypatch.setattr(connecting, "PATIENCE", 0.01)
    monkeypatch.setattr(store, "_ALONE", 0.0)
    yield MACHINE
    MACHINE.fail()


@contextmanager
def in_a_sentence() -> Iterator[None]:
    """A PageFileError is what may come out."""
    with suppress(PageFileError):
        yield


def opens(path: Path) -> None:
    opened = open_page(path, LIMITS)
    if opened.store is not None:
        opened.store.close()


def reads(path: Path) -> None:
    read = read_page(path)
    if read.store is not None:
        read.store.close()


def recovers(path: Path) -> None:
    recover_page(path, LIMITS)


def reads_broken(path: Path) -> None:
    reads(path)


def copies(path: Path) -> None:
    copy_page(path, path.with_name("copy of a page.inkfall"))


def makes(path: Path) -> None:
    create_page(path.with_name("new page.inkfall")).close()


def reads_readings(path: Path) -> None:
    opened = open_page(path, LIMITS)
    opened.reader.every_name()
    opened.reader.alternatives(0, 5)
    opened.reader.rows(1, 3)
    opened.reader.close()


def names(path: Path) -> None:
    set_title(path, "Another")


ACTIONS: tuple[Callable[[Path], object], ...] = (
    *(opens, reads, recovers, reads_broken, copies, makes, reads_readings, peek, text_of, names),
)


def put_files(path: Path, page: bytes, log: bytes) -> None:
    """Put the files into an empty folder."""
    for one in path.parent.iterdir():
        one.unlink()
    path.write_bytes(page)
    if log:
        connecting.beside(path, "-wal").write_bytes(log)


def close(walk: Walk, unclean: bool) -> tuple[bytes, bytes]:
    """The file, and its log where it was not closed."""
    page, log = walk.path.read_bytes(), connecting.beside(walk.path, "-wal").read_bytes()
    walk.store.close()
    walk.store.reader.close()
    return (page, log) if unclean else (walk.path.read_bytes(), b"")


@pytest.mark.parametrize("unclean", [False, True], ids=["closed", "unclean"])
@pytest.mark.parametrize("lasting", [False, True], ids=["once", "lasting"])
@pytest.mark.parametrize("action", ACTIONS)
def test_any_call_may_fail(
    walked: MakeWalk, machine: Machine, action: Callable[[Path], object], lasting: bool, unclean: bool
) -> None:
    walk = walked(steps=6, seed=4)
    page, log = close(walk, unclean)
    if action is reads_broken:
        page = bytes(600) + page[600:]
    kinds = list(WRONG.values())
    at = 0
    while True:
        put_files(walk.path, page, log)
        machine.fail(at, kinds[at % len(kinds)], lasting)
        with in_a_sentence():
            action(walk.path)
        if not machine.failed:
            break
        assert not open_files._open
        machine.fail()
        at += 1
    assert at > 9


def test_a_fault_while_a_page_is_written(walked: MakeWalk, machine: Machine) -> None:
    """Then all of it is there, once."""
    walk = walked(steps=6, seed=4)
    kinds = list(WRONG.values())
    at = 0
    while True:
        walk.step()
        walk.take()
        machine.fail(at, kinds[at % len(kinds)])
        with in_a_sentence():
            walk.write()
        failed = machine.failed
        machine.fail()
        walk.write()
        if not failed:
            break
        at += 1
    walk.machine.end()
    walk.save()
    walk.store.close()
    same(walk.page, reopened(walk.path)[0])


def test_a_fault_while_a_page_is_closed(walked: MakeWalk, machine: Machine) -> None:
    at = 0
    while True:
        walk = walked(steps=3, seed=at, name=f"page {at}.inkfall")
        machine.fail(at, sqlite3.SQLITE_IOERR_FSYNC)
        with in_a_sentence():
            walk.store.close()
        failed = machine.failed
        machine.fail()
        walk.store.reader.close()
        same(walk.page, reopened(walk.path)[0])
        if not failed:
            break
        at += 1


@pytest.mark.skipif(os.name == "nt", reason="links need a privilege there")
def test_a_link_that_leads_to_itself(tmp_path: Path) -> None:
    path = tmp_path / "page.inkfall"
    path.symlink_to(path)
    for action in (open_page, read_page, recover_page, peek, text_of):
        with pytest.raises(PageFileError, match="could not be read"):
            action(path)


def test_a_name_longer_than_any(tmp_path: Path) -> None:
    for path in (tmp_path / f"{'x' * 300}.inkfall", tmp_path / ("x" * 300)):
        with pytest.raises(PageFileError, match="could not be read"):
            read_page(path)
