"""Files that were damaged in small ways, or made with bad intent: a page or a sentence, and nothing is run."""

import sqlite3
import zlib
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from desktop.page.chunks import Chunks
from desktop.page.forks import Branch, Content, Fork, every_fork
from desktop.pagefile import connecting, looking
from desktop.pagefile.encoding import FORM, BlobError, unpack_alternatives, unpack_rows
from desktop.pagefile.looking import copy_page, peek, set_title, text_of
from desktop.pagefile.opening import open_page
from desktop.pagefile.recovery import recover_page
from desktop.pagefile.store import create_page
from desktop.pagefile.values import DamagedFileError, Facts, PageFileError, View
from tests.desktop.pagefile.conftest import MakeWalk
from tests.desktop.pagefile.test_faults import change, copied, forge
from tests.desktop.pagefile.walking import LIMITS, Walk, reopened, same, shown

Looking = Callable[[Path], object]
LOOKS: tuple[Looking, ...] = (
    open_page,
    peek,
    text_of,
    lambda path: copy_page(path, path.with_name("copy.inkfall")),
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
        ["DROP TABLE names", "CREATE VIRTUAL TABLE names USING fts5(model)"],
        ["CREATE INDEX i ON texts (length(text))"],
        ["ALTER TABLE meta ADD COLUMN more AS (hex(zeroblob(100000)))"],
    ],
)
def test_what_is_no_data_is_not_opened(walked: MakeWalk, statements: list[str]) -> None:
    path = closed(walked())
    change(path, *statements)
    before = path.read_bytes()
    for look in LOOKS:
        with pytest.raises(PageFileError, match=r"which no page of Inkfall does\. It was not opened") as told:
            look(path)
        assert not isinstance(told.value, DamagedFileError)
    assert path.read_bytes() == before


def test_a_damaged_page_with_a_view_is_recovered_without_it(walked: MakeWalk) -> None:
    walk = walked(steps=60, seed=2)
    path = closed(walk)
    endless = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT x AS chunk, 0 AS first FROM n"
    change(path, "ALTER TABLE texts RENAME TO kept", f"CREATE VIEW texts AS {endless}")
    contents, _ = recover_page(path, LIMITS)
    assert contents.path.chunks.text(0, 10_000) == walk.page.text()


def test_what_a_later_program_added_stays(walked: MakeWalk) -> None:
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


def test_what_unpacks_to_too_much_is_not_unpacked() -> None:
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


def test_a_tree_that_is_none(walked: MakeWalk) -> None:
    walk = walked(steps=80, seed=5)
    walk.page.write(0, 0, "some text")
    walk.page.begin_generation(walk.machine.source, 4)
    walk.page.append([walk.machine.span(" word", (1,), False)])
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


def test_tables_that_are_not_there(tmp_path: Path) -> None:
    path = tmp_path / "page.inkfall"
    create_page(path).close()
    change(path, "DROP TABLE steps")
    with pytest.raises(PageFileError):
        open_page(path)
    change(path, "PRAGMA user_version = 0")
    with pytest.raises(DamagedFileError, match="there is no page format 0"):
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


def test_a_text_that_is_not_what_was_written(walked: MakeWalk) -> None:
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
    """Though the page is written to while it is read."""
    walk = walked(steps=60, seed=3)
    before, unpack = walk.page.text(), looking.unpack_text

    def unpack_slowly(blob: bytes) -> bytes:
        walk.page.write(0, walk.page.length, "something else")
        walk.save()
        return unpack(blob)

    monkeypatch.setattr(looking, "_MANY", 1)
    monkeypatch.setattr(looking, "unpack_text", unpack_slowly)
    assert text_of(walk.path) == before
    monkeypatch.undo()
    assert text_of(walk.path) == "something else"
    walk.store.close()


def test_readings_that_are_lost_while_the_page_grows(walked: MakeWalk) -> None:
    """In pieces, after a crash: the page opens, with its branches, and goes on."""
    walk = walked(steps=40, seed=4)
    walk.page.begin_generation(walk.machine.source, walk.page.length)
    for _ in range(3):
        walk.page.append([walk.machine.span(" a", (1,), False)])
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
    page.append([walk.machine.span(" more", (2,), False)])
    delta = opened.tracker.take(page.contents, View(), Facts())
    assert opened.store is not None and delta is not None
    opened.store.write([delta])
    opened.store.close()
    page.end_generation()
    assert shown(reopened(path)[0])[:2] == shown(page)[:2]


def test_a_blob_that_says_more_than_it_holds(walked: MakeWalk) -> None:
    """A checksum that is right does not make what it stands beside right."""
    walk = walked(steps=40, seed=4)
    path = closed(walk)
    bomb = bytes([FORM]) + zlib.compress(bytes(10**7))
    forge(path, f"UPDATE rows SET rows = x'{bomb.hex()}'", f"UPDATE alternatives SET rows = x'{bomb.hex()}'")
    page, _ = reopened(path)
    assert page.text() == walk.page.text() and not len(page.tokens(0, page.length))
