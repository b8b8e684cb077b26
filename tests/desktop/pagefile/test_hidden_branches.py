"""Branches that are not shown: they grow in the file too, and a fork that was undone comes back with all of them."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from desktop.page.generation import Generation
from desktop.page.page import Page
from desktop.page.sources import Source
from desktop.pagefile import schema
from desktop.pagefile.connecting import beside
from desktop.pagefile.delta import Delta
from desktop.pagefile.encoding import pack_numbers
from desktop.pagefile.opening import open_page
from desktop.pagefile.recovery import recover_page
from desktop.pagefile.store import Store, create_page, make_file
from desktop.pagefile.tracker import Tracker
from desktop.pagefile.values import Facts, PageFileError, View
from models.engine.events import Span
from tests.desktop.page.conftest import reading
from tests.desktop.pagefile.walking import LIMITS, every_branch, reopened, same
from tests.fuzz.page_mutations import sealed


class Saved:
    """A page in a file, on which several generations write."""

    def __init__(self, path: Path) -> None:
        self.path, self.page = path, Page(lambda: 0.0, LIMITS)
        self.tracker, self.store = Tracker(), create_page(path)
        self.page.write(0, 0, "Once upon a time")
        self.token = 0

    def begin(self, count: int) -> tuple[Generation, ...]:
        return self.page.begin_generations([Source("model A")] * count)

    def word(self, generation: Generation, text: str = " word") -> None:
        self.token += 1
        generation.append([Span(text, (reading(self.token, text.encode()),))])

    def save(self) -> Delta | None:
        delta = self.tracker.take(self.page.contents, View(), Facts())
        if delta is not None:
            self.store.write([delta])
        return delta


@pytest.fixture
def saved(tmp_path: Path) -> Saved:
    return Saved(tmp_path / "page.inkfall")


def texts(page: Page) -> list[str]:
    return [str(seen[0]) for seen in every_branch(page)]


def test_a_hidden_growth_is_a_piece(saved: Saved) -> None:
    """Only what is new is written, whichever branch it came to."""
    generations = saved.begin(8)
    for generation in generations:
        saved.word(generation)
    saved.save()
    for generation in generations[3:6]:
        saved.word(generation, " new")
    delta = saved.save()
    assert delta is not None and len(delta.pieces) == 3 and not delta.whole_chunks and not delta.contents
    assert all(piece.units == " new".encode("utf-16-le") and len(piece.rows) == 1 for piece in delta.pieces)
    assert saved.save() is None
    saved.store.close()
    same(saved.page, reopened(saved.path)[0])


def test_what_came_just_before_the_end_is_saved_too(saved: Saved) -> None:
    one, two = saved.begin(2)
    saved.word(one)
    saved.word(two)
    saved.save()
    saved.word(two, " last")
    saved.page.end_generation()
    saved.save()
    saved.store.close()
    assert texts(reopened(saved.path)[0])[1] == "Once upon a time word last"


def test_a_killed_program_loses_no_branch(saved: Saved, tmp_path: Path) -> None:
    generations = saved.begin(4)
    for step in range(200):
        saved.word(generations[step * 7 % 4])
        if step % 5 == 0:
            saved.save()
    saved.save()
    copy = tmp_path / "copy.inkfall"
    for suffix in ("", "-wal"):
        shutil.copyfile(beside(saved.path, suffix), beside(copy, suffix))
    page = reopened(copy)[0]
    saved.store.close()
    saved.page.end_generation()
    same(saved.page, page)


def undone(saved: Saved) -> Page:
    """A page whose redo brings a fork of three branches back."""
    for generation in saved.begin(3):
        saved.word(generation)
        saved.word(generation, " more")
    saved.save()
    saved.page.undo()
    saved.save()
    return saved.page


def test_an_undone_fork_comes_back_with_its_branches(saved: Saved) -> None:
    undone(saved)
    saved.store.close()
    page, opened = reopened(saved.path)
    assert isinstance(opened.store, Store)
    page.redo()
    assert len(page.forks()[0].branches) == 4 and texts(page)[:3] == ["Once upon a time word more"] * 3
    delta = opened.tracker.take(page.contents, View(), Facts())
    assert delta is not None and not delta.whole_chunks
    opened.store.write([delta])
    opened.store.close()
    same(page, reopened(saved.path)[0])


def test_it_is_recovered_with_its_branches(saved: Saved) -> None:
    undone(saved)
    saved.store.close()
    contents, sentence = recover_page(saved.path, LIMITS)
    saved.path.unlink()
    page = Page(lambda: 0.0, LIMITS)
    page.put(contents)
    assert sentence == "All of it is recovered."
    same(saved.page, page)


@pytest.mark.parametrize("version", [2, 3])
def test_the_former_formats_are_read(saved: Saved, version: int) -> None:
    one, two = saved.begin(2)
    saved.word(one)
    saved.word(two)
    saved.save()
    saved.store.close()
    with closing(sqlite3.connect(saved.path)) as connection:
        connection.execute("DROP TABLE layers")
        connection.execute("DROP TABLE readings")
        connection.execute(f"PRAGMA user_version = {version}")
    page, opened = reopened(saved.path)
    assert opened.store is not None and opened.sentence == ""
    opened.store.close()
    with closing(sqlite3.connect(saved.path)) as connection:
        assert schema.version(connection) == schema.VERSION
        found = connection.execute("SELECT name, rootpage FROM sqlite_schema ORDER BY rowid").fetchall()
    make_file(saved.path.with_name("fresh"))
    with closing(sqlite3.connect(saved.path.with_name("fresh"))) as connection:  # whose first page recovery uses
        assert connection.execute("SELECT name, rootpage FROM sqlite_schema ORDER BY rowid").fetchall() == found
    saved.page.end_generation()
    same(saved.page, page)


@pytest.mark.parametrize(
    "forgery",
    [
        "UPDATE operations SET subject = (SELECT min(number) FROM forks) WHERE kind = 'mark'",
        "UPDATE contents SET forks = pack((SELECT subject FROM operations WHERE kind = 'mark'))",
        "UPDATE branches SET tail = (SELECT value FROM meta WHERE name = 'root') WHERE tail > 0",
        "UPDATE branches SET tail = (SELECT min(tail) FROM branches WHERE tail > 0) WHERE tail > 0",
        "UPDATE branches SET tail = 0",
    ],
)
def test_forged_forks_are_refused(saved: Saved, forgery: str) -> None:
    """A sentence, or a page that can be undone and done again."""
    undone(saved)
    saved.store.close()
    with closing(sqlite3.connect(saved.path, isolation_level=None)) as connection:
        connection.create_function("pack", 1, lambda fork: pack_numbers((fork, 0)))
        connection.execute(forgery)
        for table in ("operations", "contents", "branches"):
            sealed(connection, table)
    try:
        opened = open_page(saved.path, LIMITS)
    except PageFileError:
        return
    page = Page(lambda: 0.0, LIMITS)
    page.put(opened.contents)
    while page.can_redo:
        page.redo()
    while page.can_undo:
        page.undo()
    assert opened.store is not None
    opened.store.close()
