"""Checksums of every row: changed bits are noticed."""

import random
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from desktop.page.page import Page
from desktop.pagefile import schema
from desktop.pagefile.encoding import BlobError
from desktop.pagefile.opening import open_page
from desktop.pagefile.recovery import recover_page
from desktop.pagefile.sealing import rows, seal, write_rows
from desktop.pagefile.store import make_file
from desktop.pagefile.values import DamagedFileError, ForeignWriteError, PageFileError
from tests.desktop.page.writing import write_spans
from tests.desktop.pagefile.conftest import MakeWalk
from tests.desktop.pagefile.test_faults import change
from tests.desktop.pagefile.walking import LIMITS, Walk, every_branch, history, reopened, shown


def written(walked: MakeWalk) -> Walk:
    """A page with branches and a history, in a closed file."""
    walk = walked(steps=60, seed=5)
    walk.page.begin_generation(walk.machine.source, walk.page.length)
    write_spans(walk.page, [walk.machine.span(" word", (1,), False)])
    walk.page.regenerate(walk.machine.source)
    write_spans(walk.page, [walk.machine.span(" other", (2,), False)])
    walk.save()
    walk.store.close()
    return walk


@pytest.mark.parametrize("value", [0, -1, 2**63 - 1, None, "", "1", "ünï", b"", b"\0\xff"])
def test_a_row_comes_back_as_it_was(value: object, tmp_path: Path) -> None:
    make_file(tmp_path / "x")
    with closing(sqlite3.connect(tmp_path / "x", isolation_level=None)) as connection:
        connection.execute("CREATE TABLE some (name PRIMARY KEY, value, checksum)")
        write_rows(connection, "some", [("one", value), ("two", 2)])
        assert list(rows(connection, "some", "ORDER BY name")) == [("one", value), ("two", 2)]
        connection.execute("UPDATE some SET value = 3 WHERE name = 'two'")
        assert list(rows(connection, "some", "WHERE name = ?", ("one",))) == [("one", value)]
        with pytest.raises(BlobError):
            list(rows(connection, "some"))


def test_different_rows_have_different_checksums() -> None:
    one = seal(1, None, "text", b"blob")
    for other in (
        (2, None, "text", b"blob"),
        (1, 0, "text", b"blob"),
        (1, None, "texT", b"blob"),
        (1, None, "text", b""),
    ):
        assert seal(*other) != one


def test_no_changed_bit_changes_a_page_unnoticed(walked: MakeWalk) -> None:
    """The page comes as it was, or it is said that it is damaged, or that readings are."""
    walk = written(walked)
    sound = walk.path.read_bytes()
    expected = everything(reopened(walk.path)[0])
    chance, noticed = random.Random(7), 0
    for _ in range(80):
        changed = bytearray(sound)
        changed[chance.randrange(len(changed))] ^= 1 << chance.randrange(8)
        walk.path.write_bytes(bytes(changed))
        try:
            page, opened = reopened(walk.path)
        except PageFileError:
            noticed += 1
            continue
        messages: list[str] = list(filter(None, [opened.sentence]))
        opened.reader.on_message = messages.append
        if everything(page) != expected or messages:
            assert messages
            noticed += 1
    assert noticed > 10


def everything(page: Page) -> list[object]:
    """All that is to be seen of a page, at every step and in every branch."""
    return [shown(page), *history(page), *every_branch(page)]


@pytest.mark.parametrize("table", schema.NAMES)
def test_a_number_that_the_disk_changed_is_noticed_in_every_table(walked: MakeWalk, table: str) -> None:
    walk = written(walked)
    with closing(sqlite3.connect(walk.path)) as connection:
        columns = [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]
    change(walk.path, f"UPDATE {table} SET checksum = checksum + 1")
    assert columns[-1] == "checksum"
    try:
        page, opened = reopened(walk.path)
    except DamagedFileError:
        return
    messages: list[str] = list(filter(None, [opened.sentence]))
    opened.reader.on_message = messages.append
    shown(page)
    assert messages


@pytest.mark.parametrize("table", ["names", "alternatives", "readings"])
def test_a_row_that_a_changed_key_hides_is_noticed(walked: MakeWalk, table: str) -> None:
    """A bit that changes in a key leads past the row, which no checksum tells of."""
    walk = written(walked)
    with closing(sqlite3.connect(walk.path, isolation_level=None)) as connection:
        assert connection.execute(f"DELETE FROM {table}").rowcount > 0
    page, opened = reopened(walk.path)
    messages: list[str] = list(filter(None, [opened.sentence]))
    opened.reader.on_message = messages.append
    everything(page)
    assert len(messages) == 1 and "The text is not touched by this" in messages[0]


def test_a_page_that_is_damaged_while_it_is_open_is_not_written_to(walked: MakeWalk) -> None:
    walk = walked()
    change(walk.path, "UPDATE meta SET value = value + 1 WHERE name = 'revision'")
    walk.take()
    with pytest.raises(ForeignWriteError, match="was damaged while it was open here"):
        walk.write()
    walk.store.close()


def test_a_history_that_is_damaged_leaves_the_branches(walked: MakeWalk) -> None:
    walk = written(walked)
    change(walk.path, "UPDATE operations SET start = start + 1 WHERE start IS NOT NULL")
    with pytest.raises(DamagedFileError):
        open_page(walk.path, LIMITS)
    contents, sentence = recover_page(walk.path, LIMITS)
    assert sentence == "Its text and its branches are recovered; what could be undone is lost."
    assert contents.path.chunks.text(0, walk.page.length) == walk.page.text()
    assert [fork.id for fork in contents.path.forks] == [fork.id for fork in walk.page.contents.path.forks]
    assert contents.path.forks and not contents.undo and not contents.redo
