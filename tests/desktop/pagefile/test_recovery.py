"""Damaged pages: nothing crashes, the file is unchanged, and readable parts are recovered."""

import random
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from desktop.page.page import Page
from desktop.pagefile.opening import open_page
from desktop.pagefile.recovery import recover_page
from desktop.pagefile.store import create_page, make_file
from desktop.pagefile.tracker import Tracker
from desktop.pagefile.values import DamagedFileError, Facts, PageFileError, View
from tests.desktop.pagefile.conftest import MakeWalk
from tests.desktop.pagefile.walking import LIMITS, reopened, same, shown


def recovered(path: Path) -> tuple[Page, str]:
    contents, sentence = recover_page(path, LIMITS)
    page = Page(lambda: 0.0, LIMITS)
    page.put(contents)
    return page, sentence


def change(path: Path, statement: str) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute(statement)


def overwrite(path: Path, offset: int, data: bytes) -> None:
    with path.open("rb+") as stream:
        stream.seek(offset)
        stream.write(data)


def test_a_sound_page_is_recovered_whole(walked: MakeWalk) -> None:
    walk = walked(steps=80, seed=2)
    walk.store.close()
    page, sentence = recovered(walk.path)
    assert sentence == "All of it is recovered."
    same(walk.page, page)


def test_a_page_with_a_log_is_recovered_whole(walked: MakeWalk) -> None:
    walk = walked(steps=80, seed=2)
    page, sentence = recovered(walk.path)
    walk.store.close()
    assert sentence == "All of it is recovered." and shown(page) == shown(walk.page)


@pytest.mark.parametrize("size", [100, 600, 4096])
def test_a_broken_beginning(walked: MakeWalk, size: int) -> None:
    """The first page, without which SQLite finds nothing."""
    walk = walked(steps=80, seed=3)
    walk.store.close()
    overwrite(walk.path, 0, bytes(size))
    before = walk.path.read_bytes()
    with pytest.raises(DamagedFileError):
        open_page(walk.path)
    page, sentence = recovered(walk.path)
    assert sentence == "All of it is recovered."
    same(walk.page, page)
    assert walk.path.read_bytes() == before


def test_the_first_page_depends_on_the_schema_alone(tmp_path: Path) -> None:
    make_file(tmp_path / "x")
    assert (tmp_path / "x").read_bytes()[100] == 0x0D  # it is a leaf: the schema fits


def test_lost_rows_leave_text_and_tree(walked: MakeWalk) -> None:
    walk = walked(steps=80, seed=5)
    walk.store.close()
    change(walk.path, "UPDATE rows SET rows = x'0102'")
    page, sentence = recovered(walk.path)
    assert sentence == "Its text, its branches and its history are recovered; some readings are lost."
    assert page.text() == walk.page.text()
    assert [fork.id for fork in page.forks()] == [fork.id for fork in walk.page.forks()]


def test_lost_readings_are_reported_once(walked: MakeWalk) -> None:
    """The page opens: only those who look at the readings notice."""
    walk = walked(steps=80, seed=5)
    walk.store.close()
    change(walk.path, "UPDATE rows SET rows = x'0102'")
    page, opened = reopened(walk.path)
    messages: list[str] = []
    opened.reader.on_message = messages.append
    assert page.text() == walk.page.text()
    assert len(page.tokens(0, page.length)) == 0
    assert len(messages) == 1 and "Some readings in “page.inkfall” cannot be read" in messages[0]
    page.write(0, 0, "goes on ")
    assert opened.store is not None
    delta = opened.tracker.take(page.contents, View(), Facts())
    assert delta is not None
    opened.store.write([delta])
    opened.store.close()
    assert reopened(walk.path)[0].text() == "goes on " + walk.page.text()


@pytest.mark.parametrize("table", ["alternatives", "names", "models"])
def test_lost_alternatives_leave_the_rest(walked: MakeWalk, table: str) -> None:
    walk = walked(steps=80, seed=5)
    walk.store.close()
    change(walk.path, f"DELETE FROM {table}")
    page, _ = reopened(walk.path)
    assert shown(page)[:3] == shown(walk.page)[:3]


@pytest.mark.parametrize("table", ["steps", "operations", "forks", "branches", "contents", "meta", "sources"])
def test_a_lost_table_leaves_the_text(walked: MakeWalk, table: str) -> None:
    walk = walked(steps=80, seed=5)
    walk.machine.overwrite("all ")  # one content that is shown, others in the history
    walk.page.write(4, 0, "the text")
    walk.save()
    walk.store.close()
    change(walk.path, f"DELETE FROM {table}")
    with pytest.raises(DamagedFileError):
        open_page(walk.path, LIMITS)
    page, sentence = recovered(walk.path)
    assert "all the text" in page.text()
    if table in ("steps", "operations"):
        assert sentence == "Its text and its branches are recovered; what could be undone is lost."
    else:
        assert sentence == "Its text is recovered, and what could be read of its tokens; branches and history are lost."


def test_nothing_is_left(tmp_path: Path) -> None:
    path = tmp_path / "page.inkfall"
    path.write_bytes(bytes(10_000))
    page, sentence = recovered(path)
    assert page.length == 0 and sentence == "Nothing of it could be recovered."
    with pytest.raises(PageFileError, match="no longer there"):
        recover_page(tmp_path / "other.inkfall")


def test_a_recovered_page_is_saved_anew(walked: MakeWalk) -> None:
    walk = walked(steps=80, seed=2)
    walk.store.close()
    contents, _ = recover_page(walk.path, LIMITS)
    delta = Tracker().take(contents, View(), Facts())
    assert delta is not None
    store = create_page(walk.path.with_name("new.inkfall"))
    store.write([delta])
    store.close()
    same(walk.page, reopened(store.path)[0])


def zeros(chance: random.Random, path: Path) -> None:
    overwrite(path, chance.randrange(path.stat().st_size), bytes(chance.choice([1, 50, 5_000])))


def noise(chance: random.Random, path: Path) -> None:
    for _ in range(chance.choice([1, 10, 200])):
        overwrite(path, chance.randrange(path.stat().st_size), chance.randbytes(chance.choice([1, 8])))


def short(chance: random.Random, path: Path) -> None:
    path.write_bytes(path.read_bytes()[: chance.randrange(path.stat().st_size)])


@pytest.mark.parametrize("damage", [zeros, noise, short])
def test_damage_anywhere(walked: MakeWalk, damage: Callable[[random.Random, Path], None]) -> None:
    """Any damage gives a page or a sentence, and leaves the file unchanged."""
    walk = walked(steps=30, seed=7)
    walk.store.close()
    sound = walk.path.read_bytes()
    chance = random.Random(1)
    texts = parts = 0
    for number in range(16):
        path = walk.path.with_name(f"{number}.inkfall")
        path.write_bytes(sound)
        damage(chance, path)
        before = path.read_bytes()
        try:
            shown(reopened(path)[0])
        except PageFileError:
            page, sentence = recovered(path)
            shown(page)
            assert path.read_bytes() == before
            assert (page.length == 0) == (sentence == "Nothing of it could be recovered.")
            texts += page.text() == walk.page.text()
            parts += page.length > 0
        else:
            texts += 1
    assert texts + parts >= 12
