"""Faults of a page's file: each has its error, and the open page is never in danger."""

import errno
import os
import secrets
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import pytest

from desktop.page.page import Page
from desktop.page.sources import Source
from desktop.pagefile import connecting, open_files, schema, unopened
from desktop.pagefile.delta import Delta
from desktop.pagefile.opening import open_page
from desktop.pagefile.sealing import seal, write_rows
from desktop.pagefile.store import Store, create_page, make_file
from desktop.pagefile.tracker import Tracker
from desktop.pagefile.unopened import copy_page, peek, text_of
from desktop.pagefile.values import (
    CannotWriteError,
    DamagedFileError,
    DiskFullError,
    Facts,
    ForeignWriteError,
    NewerFileError,
    PageFileError,
    View,
)
from models.engine.events import Span
from tests.desktop.page.conftest import reading
from tests.desktop.page.writing import write_spans
from tests.desktop.pagefile.conftest import MakeWalk
from tests.desktop.pagefile.walking import LIMITS, Walk, reopened, same, shown


def change(path: Path, *statements: str) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        for statement in statements:
            connection.execute(statement)


def forge(path: Path, *statements: str) -> None:
    """Change rows, with right checksums."""
    change(path, *statements)
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.create_function("seal", -1, seal)
        for name in schema.NAMES:
            columns = [row[1] for row in connection.execute(f"PRAGMA table_info({name})")][:-1]
            connection.execute(f"UPDATE {name} SET checksum = seal({', '.join(columns)})")


def test_the_whole_page_written_again_leaves_no_piece_to_be_folded(walked: MakeWalk) -> None:
    """As when another file could not take the page."""
    walk = walked()
    walk.page.begin_generation(Source("model A"))
    write_spans(walk.page, [Span("word", (reading(1, b"word"),))])
    walk.save()
    write_spans(walk.page, [Span(" on", (reading(2, b" on"),))])
    walk.save()
    walk.tracker.forget()
    walk.save()
    walk.store.close()
    assert shown(reopened(walk.path)[0]) == shown(walk.page)


# ------------------------------------------------------------------------------------------------ optional data


@pytest.mark.parametrize(
    ("statement", "remembered"),
    [
        ("SELECT 1", True),
        ("DELETE FROM meta WHERE name = 'ended'", False),  # as an older program leaves it
        ("UPDATE meta SET value = x'123456' WHERE name = 'ended'", False),
        ("UPDATE meta SET value = 'text' WHERE name = 'ended'", False),
    ],
)
def test_the_ends_that_a_model_chose_are_optional(walked: MakeWalk, statement: str, remembered: bool) -> None:
    walk = walked()
    walk.machine.end()
    generation = walk.page.begin_generation(Source("model A"))
    write_spans(walk.page, [Span("word", (reading(1, b"word"),))])
    walk.page.note_end(generation)
    generation.close()
    walk.save()
    walk.store.close()
    forge(walk.path, statement)
    page, opened = reopened(walk.path)
    assert page.ends_at(page.length) is remembered and opened.sentence == ""
    same(walk.page, page)


# ------------------------------------------------------------------------------------------------ what is no page


def test_a_newer_page_is_not_touched(walked: MakeWalk) -> None:
    walk = walked()
    walk.store.close()
    change(walk.path, f"PRAGMA user_version = {schema.VERSION + 1}")
    before = walk.path.read_bytes()
    with pytest.raises(NewerFileError, match="was written by a newer Inkfall"):
        open_page(walk.path)
    assert walk.path.read_bytes() == before


def test_other_files_are_not_pages(tmp_path: Path) -> None:
    text, database = tmp_path / "a.inkfall", tmp_path / "b.inkfall"
    text.write_text("no page " * 100)
    change(database, "CREATE TABLE t (x)")
    with pytest.raises(DamagedFileError, match="not an Inkfall page, or its beginning is damaged"):
        open_page(text)
    with pytest.raises(PageFileError, match="a database of another program"):
        open_page(database)
    with pytest.raises(PageFileError, match="could not be read: it is no longer there"):
        open_page(tmp_path / "c.inkfall")


def test_a_file_that_nothing_was_written_to(tmp_path: Path) -> None:
    create_page(tmp_path / "page.inkfall").close()
    with pytest.raises(DamagedFileError, match="no page was written into it"):
        open_page(tmp_path / "page.inkfall")


def test_no_page_takes_the_place_of_a_file(tmp_path: Path) -> None:
    (tmp_path / "page.inkfall").write_text("here already")
    with pytest.raises(ForeignWriteError, match="already"):
        create_page(tmp_path / "page.inkfall")
    assert [path.name for path in tmp_path.iterdir()] == ["page.inkfall"]


# ------------------------------------------------------------------------------------------------ other programs


def test_a_page_that_another_program_wrote_to(walked: MakeWalk) -> None:
    walk = walked()
    forge(walk.path, "UPDATE meta SET value = value + 1 WHERE name = 'revision'")
    walk.take()
    with pytest.raises(ForeignWriteError, match="was changed by another program while it was open here"):
        walk.write()
    walk.store.close()
    other = open_page(walk.path, LIMITS)
    assert other.facts.tokens == 1  # nothing of ours came in


def test_two_windows_on_one_page(walked: MakeWalk) -> None:
    walk = walked()
    walk.store.close()
    (_, one), (page, two) = reopened(walk.path), reopened(walk.path)
    assert one.store is not None and two.store is not None
    page.write(0, 0, "mine")
    delta = two.tracker.take(page.contents, two.view, two.facts)
    late = one.tracker.take(one.contents, two.view, two.facts.__class__("late"))
    assert delta is not None and late is not None
    two.store.write([delta])
    with pytest.raises(ForeignWriteError):
        one.store.write([late])
    one.store.close()
    two.store.close()
    assert reopened(walk.path)[0].text().startswith("mine")


@pytest.mark.parametrize("what", ["moved", "replaced"])
def test_a_page_that_is_gone(walked: MakeWalk, what: str) -> None:
    walk = walked()
    other = walk.path.with_name("other")
    walk.path.rename(other)
    if what == "replaced":
        shutil.copyfile(other, walk.path)
    before = walk.path.read_bytes() if what == "replaced" else b""
    walk.take()
    with pytest.raises(ForeignWriteError, match=what):
        walk.write()
    walk.store.close()
    assert what == "moved" or walk.path.read_bytes() == before


def test_a_locked_page(walked: MakeWalk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connecting, "PATIENCE", 0.05)
    walk = walked()
    walk.store.close()
    page, opened = reopened(walk.path)
    page.write(0, 0, "x")
    delta = opened.tracker.take(page.contents, opened.view, opened.facts)
    assert delta is not None and opened.store is not None
    with closing(sqlite3.connect(walk.path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(CannotWriteError, match="another program holds it locked"):
            opened.store.write([delta])
        other.execute("ROLLBACK")
    opened.store.write([delta])
    opened.store.close()
    assert reopened(walk.path)[0].text() == page.text()


ELSEWHERE = """
import sys
from pathlib import Path
from desktop.pagefile.opening import open_page
print(open_page(Path(sys.argv[1])).contents.path.chunks.text(0, 4))
"""


def opened_elsewhere(path: Path) -> str:
    """How the page begins, as another process finds it."""
    done = subprocess.run([sys.executable, "-c", ELSEWHERE, str(path)], capture_output=True, text=True, check=True)
    return done.stdout.strip()


def test_a_look_at_an_open_page_leaves_its_locks(walked: MakeWalk) -> None:
    """Else another process would take the log away, and what is written here would go nowhere."""
    walk = walked()
    walk.page.write(0, 0, "one ")
    walk.save()
    for look in (peek, text_of, connecting.is_unclean):
        look(walk.path)
        assert opened_elsewhere(walk.path) == "one"
        assert connecting.beside(walk.path, "-wal").exists()
    walk.page.write(0, 0, "two ")
    walk.save()
    assert opened_elsewhere(walk.path) == "two"
    walk.store.close()
    walk.store.reader.close()
    connecting.is_unclean(walk.path)
    found = walk.path.stat()
    assert (found.st_dev, found.st_ino) not in open_files._open


@pytest.mark.skipif(os.name == "nt", reason="an open file cannot be deleted there")
def test_a_log_that_another_program_deletes(walked: MakeWalk) -> None:
    walk = walked()
    connecting.beside(walk.path, "-wal").unlink()
    walk.take()
    with pytest.raises(ForeignWriteError, match="lost the “-wal” file beside it while it was open here"):
        walk.write()
    walk.store.close()


def test_the_log_of_a_page_that_is_gone(walked: MakeWalk) -> None:
    """A log of an earlier file of that name is not taken for the new one's."""
    walk = walked()
    for path in (walk.path.with_name("new.inkfall"), walk.path.with_name("copy.inkfall")):
        shutil.copyfile(connecting.beside(walk.path, "-wal"), connecting.beside(path, "-wal"))
    copy_page(walk.path, walk.path.with_name("copy.inkfall"))
    assert shown(reopened(walk.path.with_name("copy.inkfall"))[0]) == shown(walk.page)
    store = create_page(walk.path.with_name("new.inkfall"))
    delta = Tracker().take(Page().contents, View(), Facts())
    assert delta is not None
    store.write([delta])
    store.close()
    assert reopened(store.path)[0].text() == ""
    walk.store.close()


# ------------------------------------------------------------------------------------------------ the disk


def test_a_full_disk_and_room_again(walked: MakeWalk) -> None:
    walk = walked()
    assert walk.store._connection is not None
    pages = walk.store._connection.execute("PRAGMA page_count").fetchone()[0]
    walk.store._connection.execute(f"PRAGMA max_page_count = {pages}")
    before = shown(reopened(walk.path)[0])
    walk.page.write(0, 0, "long " * 800)
    walk.take()
    with pytest.raises(DiskFullError, match="There is no room on the disk"):
        walk.write()
    assert shown(reopened(walk.path)[0]) == before
    walk.page.write(0, 0, "more")
    walk.take()
    walk.write()  # room again: a connection made anew has no limit
    walk.store.close()
    same(walk.page, reopened(walk.path)[0])


class Failing(open_files.Connection):
    """A disk that fails when a transaction is to be made durable; `early`: before, else just after it got in."""

    early = True
    left = 0

    def execute(self, sql: str, parameters: Sequence[object] = (), /) -> sqlite3.Cursor:  # type: ignore[override]
        if sql != "COMMIT" or not Failing.left:
            return super().execute(sql, parameters)
        Failing.left -= 1
        if not Failing.early:
            super().execute(sql)
        error = sqlite3.OperationalError("disk I/O error")
        error.sqlite_errorcode = sqlite3.SQLITE_IOERR_FSYNC
        raise error


@pytest.mark.parametrize("early", [True, False])
@pytest.mark.parametrize("times", [1, 3])
def test_a_failing_flush(walked: MakeWalk, monkeypatch: pytest.MonkeyPatch, early: bool, times: int) -> None:
    """Whether the commit got in or not: every delta is applied once, in order."""
    walk = walked()
    connect = sqlite3.connect
    monkeypatch.setattr(sqlite3, "connect", lambda *a, **k: connect(*a, **{**k, "factory": Failing}))
    walk.store.close()
    page, opened = reopened(walk.path)
    assert opened.store is not None
    page.listeners[:] = walk.page.listeners
    walk.machine.page, walk.store, walk.tracker = page, opened.store, opened.tracker
    Failing.early, Failing.left = early, times
    for _ in range(times):
        walk.step()
        walk.take()
        with pytest.raises(CannotWriteError, match="could not be written: disk I/O error"):
            walk.write()
    walk.step()
    walk.machine.end()
    walk.save()
    walk.store.close()
    same(walk.page, reopened(walk.path)[0])


def test_deltas_out_of_turn_are_a_mistake_of_ours(walked: MakeWalk) -> None:
    walk = walked()
    walk.take()
    lost: list[Delta] = list(walk.waiting)
    walk.waiting.clear()
    walk.take()
    with pytest.raises(ValueError, match="does not follow"):
        walk.write()
    walk.store.write([*lost, *walk.waiting])
    walk.store.close()


# ------------------------------------------------------------------------------------------------ read-only


def read_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """The system's error for a read-only folder (root may write anywhere)."""
    monkeypatch.setattr(os, "access", lambda *_a, **_k: False)


def test_a_read_only_page_opens(walked: MakeWalk, monkeypatch: pytest.MonkeyPatch) -> None:
    walk = walked()
    walk.store.close()
    before = walk.path.read_bytes()
    read_only(monkeypatch)
    page, opened = reopened(walk.path)
    assert opened.store is None
    assert opened.sentence == "“page.inkfall” cannot be written to."
    same(walk.page, page)
    assert walk.path.read_bytes() == before and len(list(walk.path.parent.iterdir())) == 1


def test_a_folder_that_cannot_be_written_to(tmp_path: Path) -> None:
    (tmp_path / "folder").write_text("no folder")
    with pytest.raises(CannotWriteError, match="could not be written"):
        create_page(tmp_path / "folder" / "page.inkfall")


def test_words_for_every_error(tmp_path: Path) -> None:
    def error(code: int) -> sqlite3.OperationalError:
        made = sqlite3.OperationalError("said by SQLite")
        made.sqlite_errorcode = code
        return made

    def kind(code: int) -> type[PageFileError]:
        return type(connecting.in_words(tmp_path / "x", error(code)))

    assert kind(sqlite3.SQLITE_FULL) is DiskFullError
    assert kind(sqlite3.SQLITE_READONLY) is kind(sqlite3.SQLITE_IOERR_WRITE) is CannotWriteError
    assert kind(sqlite3.SQLITE_CORRUPT) is kind(sqlite3.SQLITE_NOTADB) is DamagedFileError
    assert isinstance(connecting.cannot_write(tmp_path, OSError(errno.ENOSPC, "full")), DiskFullError)
    with pytest.raises(sqlite3.OperationalError, match="said by SQLite"):
        connecting.in_words(tmp_path / "x", error(sqlite3.SQLITE_ERROR))


def test_a_full_disk_keeps_a_page_that_was_cut_off_closed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """SQLite needs room beside it to read its log; without it, it says nothing that would help."""
    error = sqlite3.OperationalError("disk I/O error")
    error.sqlite_errorcode = sqlite3.SQLITE_IOERR_SHMSIZE
    assert str(connecting.unreadable(tmp_path / "x", error)) == "“x” could not be read: disk I/O error."
    monkeypatch.setattr(connecting, "_ROOM", 2**70)
    assert "no room on the disk" in str(connecting.unreadable(tmp_path / "x", error))


# ------------------------------------------------------------------------------------------------ older files


def test_an_older_file_is_made_a_newer_one(tmp_path: Path) -> None:
    def rename(connection: sqlite3.Connection) -> None:
        connection.execute("ALTER TABLE old RENAME TO middle")

    def fill(connection: sqlite3.Connection) -> None:
        connection.execute("INSERT INTO middle VALUES (2)")

    def fail(connection: sqlite3.Connection) -> None:
        connection.execute("DROP TABLE middle")
        raise sqlite3.OperationalError("no")

    change(tmp_path / "x", "CREATE TABLE old (x)", "INSERT INTO old VALUES (1)")
    with closing(sqlite3.connect(tmp_path / "x", isolation_level=None)) as connection:
        with pytest.raises(sqlite3.OperationalError):
            schema.migrate(connection, {0: rename, 1: fail}, 2)
        assert schema.version(connection) == 0 and connection.execute("SELECT * FROM old").fetchall() == [(1,)]
        schema.migrate(connection, {0: rename, 1: fill}, 2)
        assert schema.version(connection) == 2
        assert connection.execute("SELECT * FROM middle").fetchall() == [(1,), (2,)]


def made_anew(connection: sqlite3.Connection) -> None:
    """An invented step, to a version that has revisions."""
    for table, name in zip(schema.TABLES, schema.NAMES, strict=True):
        connection.execute(f"ALTER TABLE {name} RENAME TO aside")
        connection.execute(table)
        connection.execute(f"INSERT INTO {name} SELECT * FROM aside")
        connection.execute("DROP TABLE aside")
    write_rows(connection, "meta", [("revision", 0)])


def grown_old(walk: Walk, monkeypatch: pytest.MonkeyPatch, step: schema.Step = made_anew) -> None:
    """The page in a closed file of an invented older version; that step makes it one of this version."""
    walk.store.close()
    older = schema.VERSION - 1
    change(walk.path, "DELETE FROM meta WHERE name = 'revision'", f"PRAGMA user_version = {older}")
    monkeypatch.setattr(connecting, "FIRST", older)
    monkeypatch.setattr(schema, "STEPS", {older: step})


def test_a_page_of_an_older_version_opens_and_becomes_one_of_this(
    walked: MakeWalk, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    walk = walked()
    grown_old(walk, monkeypatch)
    with monkeypatch.context() as context:
        read_only(context)
        assert shown(reopened(walk.path)[0]) == shown(walk.page)
    page, opened = reopened(walk.path)
    assert isinstance(opened.store, Store)
    same(walk.page, page)
    page.write(0, 0, "more ")
    delta = opened.tracker.take(page.contents, View(), Facts())
    assert delta is not None
    opened.store.write([delta])
    opened.store.close()
    with closing(sqlite3.connect(walk.path)) as connection:
        assert schema.version(connection) == schema.VERSION
    same(page, reopened(walk.path)[0])
    make_file(tmp_path / "fresh.inkfall")
    assert roots(walk.path) == roots(tmp_path / "fresh.inkfall")  # recovery puts in a first page from such a one


def roots(path: Path) -> list[tuple[str, int]]:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute("SELECT name, rootpage FROM sqlite_schema ORDER BY rowid").fetchall()


def test_looking_at_a_page_of_an_older_version_changes_nothing(
    walked: MakeWalk, monkeypatch: pytest.MonkeyPatch
) -> None:
    walk = walked()
    grown_old(walk, monkeypatch)
    before = walk.path.read_bytes()
    assert text_of(walk.path) == walk.page.text()
    peek(walk.path)
    assert walk.path.read_bytes() == before


@pytest.mark.parametrize("number", [0, 1])
def test_there_is_no_version_before_the_first(walked: MakeWalk, number: int) -> None:
    walk = walked()
    walk.store.close()
    change(walk.path, f"PRAGMA user_version = {number}")
    with pytest.raises(DamagedFileError, match=f"there is no page format {number}"):
        open_page(walk.path)


def test_every_version_has_its_step() -> None:
    assert sorted(schema.STEPS) == list(range(schema.FIRST, schema.VERSION))


# ------------------------------------------------------------------------------------------------ crashes


def copied(walk: Walk, name: str) -> Path:
    """Copy the file and its log as they are now, as a crash would leave them."""
    target = walk.path.with_name(name)
    shutil.copyfile(walk.path, target)
    log = connecting.beside(walk.path, "-wal")
    if log.exists():
        shutil.copyfile(log, connecting.beside(target, "-wal"))
    return target


@pytest.mark.parametrize("seed", range(3))
def test_a_crash_at_any_moment(walked: MakeWalk, seed: int) -> None:
    walk = walked(seed=seed, steps=10)
    for number in range(12):
        walk.step()
        walk.save()
        path = copied(walk, f"crash{number}.inkfall")
        page, opened = reopened(path)
        assert opened.view.caret == walk.taken
        assert shown(page)[0] == walk.page.text()
        assert not connecting.is_unclean(path)  # looked through, and one file again
        assert opened.store is not None
    walk.store.close()


@pytest.mark.parametrize("seed", range(2))
def test_a_log_that_is_cut_off(walked: MakeWalk, seed: int) -> None:
    """Power is lost while the log grows: the page is one that was taken, an earlier one at worst."""
    walk = walked(seed=seed, steps=5)
    texts = {walk.taken: walk.page.text()}
    for _ in range(8):
        walk.step()
        walk.save()
        texts[walk.taken] = walk.page.text()
    size = connecting.beside(walk.path, "-wal").stat().st_size
    for share in range(0, 100, 7):
        path = copied(walk, f"cut{share}.inkfall")
        os.truncate(connecting.beside(path, "-wal"), size * share // 100)
        try:
            page, opened = reopened(path)
        except DamagedFileError as error:
            assert "no page was written into it" in str(error)  # before the first delta
            continue
        assert page.text() == texts[opened.view.caret]
    walk.store.close()


# ------------------------------------------------------------------------------------------------ temporary files


@pytest.mark.parametrize("make", ["new", "copy"])
@pytest.mark.parametrize("broken", ["make", "rename", "fsync"])
def test_a_file_that_cannot_be_made_leaves_nothing(
    make: str, broken: str, walked: MakeWalk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    walk = walked()
    walk.store.close()
    folder = tmp_path / "pages"
    folder.mkdir()

    def refuse(*_given: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    if broken == "make":
        monkeypatch.setattr(schema, "make", refuse)
        monkeypatch.setattr(unopened, "_fill", refuse)
    else:
        monkeypatch.setattr(os, broken, refuse)
    if broken == "rename":
        monkeypatch.setattr(os, "link", refuse)  # by which a new page gets its name where the disk has links
    with pytest.raises(PageFileError):
        create_page(folder / "a.inkfall") if make == "new" else copy_page(walk.path, folder / "a.inkfall")
    assert [path.name for path in folder.iterdir() if path.name.startswith(".")] == []
    assert broken == "fsync" or not list(folder.iterdir())


@pytest.mark.skipif(os.name == "nt", reason="links need a privilege there")
@pytest.mark.parametrize("make", ["new", "copy"])
def test_a_link_at_the_temporary_name_is_not_followed(
    make: str, walked: MakeWalk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    walk = walked()
    walk.store.close()
    folder, victim = tmp_path / "pages", tmp_path / "victim"
    folder.mkdir()
    victim.touch()  # empty: SQLite would take it
    for name in (".a.inkfall.guessed.part", f".a.inkfall.{os.getpid()}.part"):
        (folder / name).symlink_to(victim)
    monkeypatch.setattr(secrets, "token_hex", lambda _size: "guessed")

    def make_it() -> None:
        create_page(folder / "a.inkfall") if make == "new" else copy_page(walk.path, folder / "a.inkfall")

    with pytest.raises(PageFileError):
        make_it()
    assert victim.read_bytes() == b""
    monkeypatch.undo()
    make_it()
    assert victim.read_bytes() == b"" and (folder / "a.inkfall").stat().st_size
