"""Damaged and forged files: a page or a sentence, and no code of the file is run."""

import gc
import random
import sqlite3
import tracemalloc
import zlib
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from desktop.page.chunk import Unread
from desktop.page.chunks import Chunks
from desktop.page.forks import Branch, Content, Fork, every_fork
from desktop.page.page import Page
from desktop.page.token_table import ROW
from desktop.pagefile import budget, connecting, open_files, salvage, schema, unopened
from desktop.pagefile.encoding import FORM, BlobError, pack_numbers, pack_rows, unpack_alternatives, unpack_rows
from desktop.pagefile.opening import open_page
from desktop.pagefile.reader import Reader
from desktop.pagefile.recovery import recover_page
from desktop.pagefile.store import create_page
from desktop.pagefile.tracker import Tracker
from desktop.pagefile.unopened import copy_page, peek, set_title, text_of
from desktop.pagefile.values import DamagedFileError, Facts, PageFileError, View
from tests.desktop.page.writing import write_spans
from tests.desktop.pagefile.conftest import MakeWalk
from tests.desktop.pagefile.test_faults import change, copied, forge, grown_old
from tests.desktop.pagefile.walking import LIMITS, Walk, history, reopened, same, shown
from tests.fuzz.page_mutations import ENDLESS, WITH_NUMBERS, name_one_leaf, name_one_row

Looking = Callable[[Path], object]


def copy_page_beside(path: Path) -> None:
    copy_page(path, path.with_name("copy.inkfall"))


LOOKS: tuple[Looking, ...] = (
    open_page,
    peek,
    text_of,
    copy_page_beside,
    lambda path: set_title(path, "another"),
)


def closed(walk: Walk) -> Path:
    walk.store.close()
    return walk.path


# ------------------------------------------------------------------------------------------------ what would be run


@pytest.mark.parametrize(
    "statements",
    [
        ["CREATE TRIGGER t AFTER UPDATE ON meta BEGIN DELETE FROM texts; END"],
        ["CREATE VIEW v AS SELECT 1"],
        ["DROP TABLE texts", "CREATE VIEW texts AS SELECT 1 AS chunk, 0 AS first, x'41' AS text, 0 AS checksum"],
        ["ALTER TABLE meta RENAME TO kept", f"CREATE VIEW meta AS {ENDLESS}"],
        ["DROP TABLE names", "CREATE VIRTUAL TABLE names USING fts5(model)"],
        ["CREATE INDEX i ON texts (length(text))"],
        ["ALTER TABLE texts RENAME TO kept", "CREATE TABLE TEXTS (chunk, first, text AS (hex(zeroblob(10000))))"],
        ["ALTER TABLE meta ADD COLUMN more AS (hex(zeroblob(100000)))"],
    ],
)
def test_files_that_are_no_data_are_not_opened(walked: MakeWalk, statements: list[str]) -> None:
    path = closed(walked())
    change(path, *statements)
    before = path.read_bytes()
    for look in LOOKS:
        with pytest.raises(PageFileError, match=r"which no page of Inkfall does\. It was not opened") as raised:
            look(path)
        assert not isinstance(raised.value, DamagedFileError)
    assert path.read_bytes() == before


def test_a_damaged_page_with_a_view_is_recovered_without_it(walked: MakeWalk) -> None:
    walk = walked(steps=60, seed=2)
    path = closed(walk)
    endless = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT x AS chunk, 0 AS first FROM n"
    change(path, "ALTER TABLE texts RENAME TO kept", f"CREATE VIEW texts AS {endless}")
    contents, _ = recover_page(path, LIMITS)
    assert contents.path.chunks.text(0, 10_000) == walk.page.text()


def test_tables_of_a_later_program_stay(walked: MakeWalk) -> None:
    walk = walked()
    path = closed(walk)
    change(path, "CREATE TABLE later (x)", "CREATE INDEX i ON later (x)", "INSERT INTO later VALUES ('kept')")
    forge(path, "INSERT INTO meta VALUES ('later', 'kept too', 0)")
    page, opened = reopened(path)
    page.write(0, 0, "more ")
    delta = opened.tracker.take(page.contents, View(), Facts())
    assert opened.store is not None and delta is not None
    opened.store.write([delta])
    opened.store.close()
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT x FROM later").fetchall() == [("kept",)]
        assert connection.execute("SELECT value FROM meta WHERE name = 'later'").fetchall() == [("kept too",)]


# ------------------------------------------------------------------------------------------------ no end to it


def test_blobs_that_unpack_to_too_much_are_refused() -> None:
    bomb = bytes([FORM]) + zlib.compress(bytes(10**8))
    with pytest.raises(BlobError):
        unpack_rows(bomb)
    with pytest.raises(BlobError):
        unpack_alternatives(0, bomb)


def test_a_file_that_leads_in_circles(walked: MakeWalk, monkeypatch: pytest.MonkeyPatch) -> None:
    path = closed(walked())
    monkeypatch.setattr(connecting, "_STRIDE", 10)
    monkeypatch.setattr(connecting, "_STEPS", 3)
    monkeypatch.setattr(connecting, "_STEPS_A_BYTE", 0)
    for look in (open_page, text_of):
        with pytest.raises(DamagedFileError, match="leads in circles"):
            look(path)


@pytest.mark.parametrize("table", WITH_NUMBERS)
def test_a_table_that_names_one_leaf_again_and_again(
    walked: MakeWalk, monkeypatch: pytest.MonkeyPatch, table: str
) -> None:
    """Of 125,000 rows and more only a few are read."""
    path = closed(walked(steps=60, seed=2))
    name_one_leaf(path, table, 3, 50)
    taken = 0
    counted = connecting._counted

    def count(*given: Any) -> tuple[object, ...]:
        nonlocal taken
        taken += 1
        return counted(*given)

    monkeypatch.setattr(connecting, "_counted", count)
    monkeypatch.setattr(salvage, "_AGAIN", 100)
    for look in (*LOOKS, recover_page):
        with suppress(PageFileError):
            look(path)
    assert taken < 20_000


def test_a_table_in_circles_is_not_made_small(walked: MakeWalk, monkeypatch: pytest.MonkeyPatch) -> None:
    """The table is read completely only when the page is closed."""
    walk = walked(steps=40, seed=4)
    path = closed(walk)
    change(path, "CREATE TABLE more (x)", "INSERT INTO more VALUES (zeroblob(6000000))", "DROP TABLE more")
    page, opened = reopened(path)
    page.write(0, 0, "more ")
    delta = opened.tracker.take(page.contents, View(), Facts())
    assert opened.store is not None and delta is not None
    opened.store.write([delta])
    monkeypatch.setattr(connecting, "_STRIDE", 10)
    monkeypatch.setattr(connecting, "_STEPS", 3)
    monkeypatch.setattr(connecting, "_STEPS_A_BYTE", 0)
    opened.store.close()
    monkeypatch.undo()
    assert path.stat().st_size > 6_000_000 and text_of(path) == page.text()


def test_a_tree_that_is_none(walked: MakeWalk) -> None:
    walk = walked(steps=80, seed=5)
    walk.page.write(0, 0, "some text")
    walk.page.begin_generation(walk.machine.source, 4)
    write_spans(walk.page, [walk.machine.span(" word", (1,), False)])
    walk.page.regenerate(walk.machine.source)
    walk.save()
    path = closed(walk)
    with closing(sqlite3.connect(path)) as connection:
        root = connection.execute("SELECT value FROM meta WHERE name = 'root'").fetchone()[0]
    sound = path.read_bytes()
    for statement in (
        f"UPDATE branches SET tail = {root} WHERE tail != 0",
        "UPDATE branches SET tail = (SELECT max(tail) FROM branches)",
        "UPDATE meta SET value = (SELECT max(tail) FROM branches) WHERE name = 'root'",
        "UPDATE forks SET active = (SELECT max(id) FROM branches WHERE fork = number) - 1",
        "UPDATE meta SET value = 1 WHERE name = 'next id'",
        "UPDATE meta SET value = 'many' WHERE name = 'alternatives'",
        "UPDATE meta SET value = 1 << 60 WHERE name = 'alternatives'",
        "UPDATE meta SET value = -1 WHERE name = 'growing'",
    ):
        path.write_bytes(sound)
        forge(path, statement)
        with pytest.raises(DamagedFileError):
            open_page(path, LIMITS)
        contents, _ = recover_page(path, LIMITS)
        assert len(contents.path.chunks)


def test_branches_thousands_deep() -> None:
    forks: list[Fork] = []
    for number in range(5_000):
        forks = [Fork(number, 0, [Branch(1), Branch(2, Content(Chunks(), forks))], 1)]
    assert [fork.id for fork in every_fork(forks)] == list(range(4_999, -1, -1))


# ------------------------------------------------------------------------------------------------ small damage


@pytest.mark.parametrize("table", schema.NAMES)
def test_a_table_that_is_not_there(walked: MakeWalk, table: str) -> None:
    """The missing table is noticed on opening, although it is used only when the page is written to."""
    path = closed(walked())
    change(path, f"DROP TABLE {table}")
    for look in LOOKS:
        with pytest.raises(DamagedFileError, match="a part of the page is missing"):
            look(path)
    recover_page(path, LIMITS)


def test_tables_of_a_form_that_no_sqlite_reads(walked: MakeWalk) -> None:
    path = closed(walked())
    data = bytearray(path.read_bytes())
    data[44:48] = (9).to_bytes(4, "big")
    path.write_bytes(data)
    for look in LOOKS:
        with pytest.raises(DamagedFileError, match="unsupported file format"):
            look(path)


def of_a_name_that_is_taken(connection: sqlite3.Connection) -> None:
    connection.execute("CREATE TABLE Later (x)")


def of_a_value_that_cannot_be(connection: sqlite3.Connection) -> None:
    connection.execute("INSERT INTO forks SELECT NULL, NULL, NULL, NULL, NULL")


def of_nothing(_connection: sqlite3.Connection) -> None:
    """The migration fails, since the tables must be as in a new file."""


@pytest.mark.parametrize("step", [of_a_name_that_is_taken, of_a_value_that_cannot_be, of_nothing])
def test_an_older_page_that_cannot_be_made_newer(
    walked: MakeWalk, monkeypatch: pytest.MonkeyPatch, step: schema.Step
) -> None:
    walk = walked()
    grown_old(walk, monkeypatch, step)
    with closing(sqlite3.connect(walk.path, isolation_level=None)) as connection:
        connection.execute("CREATE TABLE later (x)")
        if step is of_nothing:
            connection.execute("PRAGMA writable_schema = ON")
            connection.execute("UPDATE sqlite_schema SET sql = 'CREATE TABLE later (x, y AS (z))' WHERE name = 'later'")
    for look in LOOKS:
        with pytest.raises(DamagedFileError):
            look(walk.path)


def test_tables_that_are_not_there(tmp_path: Path) -> None:
    path = tmp_path / "page.inkfall"
    create_page(path).close()
    change(path, "DROP TABLE steps")
    with pytest.raises(PageFileError):
        open_page(path)


@pytest.mark.parametrize(
    "value", ["{", "{}", '{"caret": "x"}', '{"title": 7}', '{"created": NaN}', '{"created": 1e300}']
)
def test_the_place_and_the_facts_are_not_worth_the_page(walked: MakeWalk, value: str) -> None:
    walk = walked()
    path = closed(walk)
    forge(path, f"UPDATE meta SET value = '{value}' WHERE name IN ('view', 'facts')")
    page, opened = reopened(path)
    assert (opened.view, opened.facts) == (View(), Facts())
    same(walk.page, page)


def test_a_text_that_was_changed(walked: MakeWalk) -> None:
    walk = walked()
    path = closed(walk)
    assert text_of(path) == walk.page.text()
    change(path, "UPDATE texts SET text = x'41'")
    with pytest.raises(DamagedFileError, match="a checksum differs"):
        text_of(path)
    change(path, "DELETE FROM texts")
    with pytest.raises(DamagedFileError, match="text is missing"):
        text_of(path)


def test_a_text_is_of_one_moment(walked: MakeWalk, monkeypatch: pytest.MonkeyPatch) -> None:
    """A text is of one moment, although the page is written to while it is read."""
    walk = walked(steps=60, seed=3)
    before, unpack = walk.page.text(), unopened.unpack_text

    def unpack_slowly(blob: bytes) -> bytes:
        walk.page.write(0, walk.page.length, "something else")
        walk.save()
        return unpack(blob)

    monkeypatch.setattr(unopened, "_MANY", 1)
    monkeypatch.setattr(unopened, "unpack_text", unpack_slowly)
    assert text_of(walk.path) == before
    monkeypatch.undo()
    assert text_of(walk.path) == "something else"
    walk.store.close()


def test_readings_that_are_lost_while_the_page_grows(walked: MakeWalk) -> None:
    """After a crash with pieces, the page opens with its branches and continues."""
    walk = walked(steps=40, seed=4)
    walk.page.begin_generation(walk.machine.source, walk.page.length)
    for _ in range(3):
        write_spans(walk.page, [walk.machine.span(" a", (1,), False)])
        walk.save()
    path = copied(walk, "crash.inkfall")
    walk.store.close()
    walk.page.end_generation()
    broken = "UPDATE rows SET rows = x'0102' WHERE chunk IN (SELECT number FROM chunks WHERE total IS NULL)"
    change(path, broken)
    contents, sentence = recover_page(path, LIMITS)
    assert sentence == "Its text, its branches and its history are recovered; some readings are lost."
    assert len(contents.path.forks) == len(walk.page.forks())
    page, opened = reopened(path)
    assert "Some readings in “crash.inkfall” cannot be read" in opened.sentence
    assert page.text() == walk.page.text() and len(page.forks()) == len(walk.page.forks())
    page.begin_generation(walk.machine.source, page.length)
    write_spans(page, [walk.machine.span(" more", (2,), False)])
    delta = opened.tracker.take(page.contents, View(), Facts())
    assert opened.store is not None and delta is not None
    opened.store.write([delta])
    opened.store.close()
    page.end_generation()
    assert shown(reopened(path)[0])[:2] == shown(page)[:2]


def test_a_blob_that_says_more_than_it_holds(walked: MakeWalk) -> None:
    """A right checksum does not make a blob valid."""
    walk = walked(steps=40, seed=4)
    path = closed(walk)
    bomb = bytes([FORM]) + zlib.compress(bytes(10**7))
    forge(path, f"UPDATE rows SET rows = x'{bomb.hex()}'", f"UPDATE alternatives SET rows = x'{bomb.hex()}'")
    page, _ = reopened(path)
    assert page.text() == walk.page.text() and not len(page.tokens(0, page.length))


def test_forged_rows_do_not_go_to_another_file(walked: MakeWalk) -> None:
    """Those that nobody looked at come from the first file, and do not fit the text."""
    walk = walked(steps=60, seed=2)
    path = closed(walk)
    with closing(sqlite3.connect(path)) as connection:
        for chunk, count in connection.execute("SELECT number, tokens FROM chunks WHERE tokens > 0").fetchall():
            rows = np.zeros(count, ROW)
            rows["start"], rows["length"], rows["parts"] = 10_000, 1, 1
            where = "WHERE chunk = ? AND first = 0"
            connection.execute(f"UPDATE rows SET rows = ? {where}", (pack_rows(rows), chunk))
        connection.commit()
    forge(path)
    _, opened = reopened(path)
    opened.tracker.forget()
    delta = opened.tracker.take(opened.contents, View(), Facts())
    store = create_page(path.with_name("other.inkfall"))
    assert delta is not None and any(isinstance(whole.rows, Unread) for whole in delta.whole_chunks)
    store.write([delta])
    store.close()
    assert text_of(store.path) == walk.page.text()


# ------------------------------------------------------------------------------------------------ too much in memory


def most_memory(look: Callable[[], object]) -> int:
    """Bytes that Python and numpy came to hold at once."""
    tracemalloc.start()
    try:
        with suppress(PageFileError):
            look()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def large(path: Path) -> Path:
    """A page of some length, of which nothing can be packed small; its chunks are as large as any."""
    page, store = Page(), create_page(path)
    chance = random.Random(1)
    page.write(0, 0, "".join(chance.choice("abcdefghijklmnopqrstuvwxyz ") for _ in range(100_000)))
    delta = Tracker().take(page.contents, View(), Facts())
    assert delta is not None
    store.write([delta])
    store.close()
    return path


@pytest.mark.parametrize("look", [open_page, text_of, recover_page, copy_page_beside])
def test_an_index_that_names_one_row_again_and_again(look: Looking, tmp_path: Path) -> None:
    path = large(tmp_path / "page.inkfall")
    name_one_row(path, "texts", 30_000)
    assert most_memory(lambda: look(path)) < 200 * 2**20
    assert sum(file.stat().st_size for file in tmp_path.iterdir()) < 3 * path.stat().st_size


def test_an_index_that_names_the_rows_of_a_chunk_again_and_again(walked: MakeWalk) -> None:
    """Readings are read when they are shown: then they are lost, and reported once."""
    walk = walked(steps=60, seed=3)
    path = closed(walk)
    name_one_row(path, "rows", 30_000)
    page, opened = reopened(path)
    messages: list[str] = []
    opened.reader.on_message = messages.append
    assert most_memory(lambda: page.tokens(0, page.length)) < 10 * 2**20
    assert page.text() == walk.page.text() and len(messages) + bool(opened.sentence) == 1


def test_blobs_that_together_unpack_to_too_much(walked: MakeWalk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each for itself would be in order."""
    monkeypatch.setattr(budget, "ROOM", 2**20)
    walk = walked(steps=40, seed=4)
    path = closed(walk)
    rows = pack_rows(np.zeros(100, ROW))
    steps = [(1, place, "typing", 1, 0) for place in range(2_000)]
    operations = [(1, place, 0, "edit", 0, 0, 0, None, rows, None, 0) for place in range(2_000)]
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("DELETE FROM steps WHERE stack = 1")
        connection.execute("DELETE FROM operations WHERE stack = 1")
        connection.executemany(f"INSERT INTO steps VALUES ({', '.join('?' * 5)})", steps)
        connection.executemany(f"INSERT INTO operations VALUES ({', '.join('?' * 11)})", operations)
        connection.commit()
    forge(path)
    with pytest.raises(DamagedFileError, match="it holds more than a file of its size can"):
        open_page(path, LIMITS)
    contents, sentence = recover_page(path, LIMITS)
    assert contents.path.chunks.text(0, 10_000) == walk.page.text()
    assert "what could be undone is lost" in sentence


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE chunks SET tokens = 1 << 40",
        "UPDATE meta SET value = 1 << 40 WHERE name = 'sources'",
        "UPDATE meta SET value = 1 << 40 WHERE name = 'alternatives'",
        "UPDATE contents SET chunks = zeroblob(16000000)",
        "UPDATE contents SET forks = zeroblob(16000000)",
        "UPDATE texts SET text = zeroblob(20000000)",
        "UPDATE meta SET value = zeroblob(20000000) WHERE name = 'facts'",
    ],
)
def test_numbers_and_blobs_beyond_all_bounds(walked: MakeWalk, statement: str) -> None:
    path = closed(walked(steps=60, seed=2))
    forge(path, statement)
    before = path.read_bytes()
    for look in (open_page, text_of, peek, recover_page):
        assert most_memory(lambda look=look: look(path)) < 250 * 2**20
    assert path.read_bytes() == before


@pytest.mark.parametrize("revision", [str(2**63 - 1), "-1", "'x'", "NULL"])
def test_a_title_for_a_page_whose_revision_is_none(walked: MakeWalk, revision: str) -> None:
    path = closed(walked())
    forge(path, f"UPDATE meta SET value = {revision} WHERE name = 'revision'")
    with pytest.raises(DamagedFileError, match="its revision is lost"):
        set_title(path, "another")


def test_a_chunk_that_a_content_names_a_million_times(walked: MakeWalk) -> None:
    path = closed(walked(steps=60, seed=2))
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        numbers = connection.execute("SELECT chunks FROM contents ORDER BY length(chunks) DESC").fetchone()[0]
        connection.execute("UPDATE contents SET chunks = ?", (numbers * (1_000_000 // len(numbers)),))
    forge(path)
    for look in (text_of, open_page):
        with pytest.raises(DamagedFileError, match="stands in two places"):
            look(path)


def test_a_real_page_with_all_that_there_is_stays_within_its_bounds(
    walked: MakeWalk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its budget is not what keeps it from being opened, even with no room to spare."""
    monkeypatch.setattr(budget, "ROOM", 0)
    walk = walked(steps=300, seed=6)
    path = closed(walk)
    same(walk.page, reopened(path)[0])


# ------------------------------------------------------------------------------------------------ impossible steps

IMPOSSIBLE = {
    "an edit behind the end": ("edit", 0, "(SELECT sum(units) + 1 FROM chunks)", 0, "x'41'", None),
    "an edit before the beginning": ("edit", 0, -1, 0, "x'41'", None),
    "an edit that removes too much": ("edit", 0, 0, "(SELECT sum(units) + 1 FROM chunks)", None, None),
    "an edit that removes less than nothing": ("edit", 0, 1, -1, None, None),
    "a fork beside the page": ("edit", 0, 0, 1, None, "anchors"),
    "a fork that is not there": ("switch", 999, 1, None, None, None),
    "a branch that is not there": ("switch", "(SELECT id FROM forks LIMIT 1)", 99_999, None, None, None),
    "a mark before the page": ("mark", 5_000, -5, None, None, None),
    "a mark behind the page": ("mark", 5_000, "(SELECT sum(units) + 1 FROM chunks)", None, None, None),
    "an unmark of nothing": ("unmark", 999, None, None, None, None),
    "an unmark without a number": ("unmark", None, None, None, None, None),
}


@pytest.mark.parametrize("stack", [0, 1])
@pytest.mark.parametrize("which", IMPOSSIBLE)
def test_a_step_that_cannot_be_true(walked: MakeWalk, which: str, stack: int) -> None:
    """The page opens with its text and without that history; what was never undone is not in danger."""
    walk = walked(steps=60, seed=7)
    walk.page.write(0, 0, "some text ")
    walk.page.begin_generation(walk.machine.source, 4)
    write_spans(walk.page, [walk.machine.span(" word", (1,), False)])
    walk.page.end_generation()
    walk.save()
    path = closed(walk)
    kind, subject, start, removed, units, anchors = ("NULL" if value is None else value for value in IMPOSSIBLE[which])
    far = f"x'{pack_numbers([one_fork(path), 10**6]).hex()}'" if anchors == "anchors" else "NULL"
    place = f"(SELECT count(*) FROM steps WHERE stack = {stack})"
    operation = f"'{kind}', {subject}, {start}, {removed}, {units}, NULL, {far}"
    forge(
        path,
        f"INSERT INTO operations VALUES ({stack}, {place}, 0, {operation}, 0)",
        f"INSERT INTO steps VALUES ({stack}, {place}, 'change', 1, 0)",
        "INSERT INTO forks VALUES (5000, 0, 1, 0, 0)",
        "INSERT INTO branches VALUES (5000, 0, 1, 0, 0)",
    )
    before, text = path.read_bytes(), walk.page.text()
    try:
        page, opened = reopened(path)
    except DamagedFileError:
        assert which == "an unmark without a number"
        contents, sentence = recover_page(path, LIMITS)
        assert contents.path.chunks.text(0, 10_000) == text and "what could be undone is lost" in sentence
        return
    assert opened.sentence == "“page.inkfall” holds steps of undo that cannot be true, and was opened without them."
    assert (page.can_undo, page.can_redo) == ((False, walk.page.can_redo) if stack == 0 else (True, False))
    assert page.text() == text and path.read_bytes() == before
    history(page)
    assert page.text() == text or stack
    page.write(0, 0, "on ")
    delta = opened.tracker.take(page.contents, View(), Facts())
    assert opened.store is not None and delta is not None
    opened.store.write([delta])
    opened.store.close()
    again, opened = reopened(path)
    assert not opened.sentence and again.text() == page.text() and again.can_undo


@pytest.mark.parametrize("stack", [0, 1])
@pytest.mark.parametrize(
    ("table", "about"), [("steps", "a step is missing"), ("operations", "an operation of an unknown kind")]
)
def test_a_step_of_a_kind_that_there_is_not(walked: MakeWalk, table: str, about: str, stack: int) -> None:
    walk = walked(steps=60, seed=7)
    walk.page.write(0, 0, "one")
    walk.page.write(0, 0, "two")
    walk.page.undo()
    walk.save()
    path, text = closed(walk), walk.page.text()
    forge(path, f"UPDATE {table} SET kind = 'exchange' WHERE stack = {stack}")
    with pytest.raises(DamagedFileError, match=about):
        open_page(path, LIMITS)
    contents, sentence = recover_page(path, LIMITS)
    assert contents.path.chunks.text(0, 10_000) == text and "what could be undone is lost" in sentence


def one_fork(path: Path) -> int:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute("SELECT id FROM forks LIMIT 1").fetchone()[0]


# ------------------------------------------------------------------------------------------------ JSON; files that go


@pytest.mark.parametrize(
    "json_text", ["[" * 100_000, '{"title":' * 100_000, '{"title":' * 900 + "1" + "}" * 900, "9" * 5_000]
)
def test_json_without_end(walked: MakeWalk, json_text: str) -> None:
    walk = walked()
    path = closed(walk)
    forge(path, f"UPDATE meta SET value = '{json_text}' WHERE name IN ('view', 'facts')")
    with pytest.raises(DamagedFileError, match=r"not JSON|not an object"):
        peek(path)
    same(walk.page, reopened(path)[0])
    forge(path, f"UPDATE sources SET source = '{json_text}'")
    with pytest.raises(DamagedFileError, match=r"not JSON|not an object"):
        open_page(path, LIMITS)


@pytest.mark.parametrize(
    "field",
    [
        '"window": "x"',
        '"seed": 0.5',
        '"take": true',
        '"fingerprint": 5',
        '"sampling": {"temperature": "hot"}',
        '"kind": []',
    ],
)
def test_sources_of_other_kinds(walked: MakeWalk, field: str) -> None:
    path = closed(walked())
    forge(path, f'UPDATE sources SET source = \'{{"fingerprint": "f", {field}}}\'')
    with pytest.raises(DamagedFileError, match="a field is of another kind"):
        open_page(path, LIMITS)


def test_a_reader_of_a_file_that_is_gone(tmp_path: Path) -> None:
    """A missing file gives one message only."""
    with pytest.raises(FileNotFoundError):
        Reader(tmp_path / "gone.inkfall")
    gc.collect()


@pytest.mark.parametrize("error", [MemoryError(), UnicodeDecodeError("utf-8", b"\xff", 0, 1, "invalid")])
def test_values_that_sqlite3_cannot_convert_are_a_damaged_file(
    walked: MakeWalk, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    path, rows = closed(walked()), sqlite3.Cursor.__next__

    class Short(open_files.Cursor):
        def __next__(self) -> object:
            return open_files._read(self._short)

        def _short(self) -> object:
            row = rows(self)
            if len(row) > 2:
                raise error
            return row

    monkeypatch.setattr(open_files, "Cursor", Short)
    for look in LOOKS:
        with suppress(PageFileError):
            look(path)
    recover_page(path, LIMITS)
