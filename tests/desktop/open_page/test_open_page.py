"""The desk: pages come and go, and nothing that was on one is ever lost."""

import os
import sqlite3
from array import array
from collections.abc import Callable, Container, Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QCoreApplication, QObject
from pytestqt.qtbot import QtBot

from desktop.open_page import disk, saving
from desktop.open_page.open_page import OpenPage
from desktop.open_page.saving import Saver
from desktop.page.page import Page
from desktop.page.sources import Source
from desktop.pagefile import names
from desktop.pagefile.opening import open_page
from desktop.pagefile.store import Store
from desktop.pagefile.tracker import Tracker
from desktop.pagefile.unopened import peek
from desktop.pagefile.values import SUFFIX, CannotWriteError, DiskFullError, View
from models.engine.events import Span
from models.sampling.readings import Alternatives, Reading


def span(text: str) -> Span:
    """A token of one alternative, itself."""
    spelt = text.encode()
    found = Alternatives(array("i", [7]), array("f", [-1.5]), array("f", [-1.5]), bytes(1), (spelt,))
    return Span(text, (Reading(7, spelt, -1.5, 1, 1.75, -1.5, 0.5, 0.0, 1.0, found),))


def count(text: str) -> tuple[int, int]:
    return len(text.split()), len(text)


class Table:
    """A desk with a page on it, and what it told."""

    def __init__(self, folder: Path, qtbot: QtBot) -> None:
        self.folder = folder
        self.qtbot = qtbot
        self.page = Page()
        self.view = View()
        self.now = 1_000.0
        self.messages: list[str] = []
        self.views: list[View] = []
        self.saved: list[Path] = []
        self.desk = OpenPage(
            self.page, lambda: self.view, self._free, lambda text: (len(text.split()), len(text)), lambda: self.now
        )
        self.desk.message.connect(self.messages.append)
        self.desk.refused.connect(self.messages.append)
        self.desk.mended.connect(self.messages.append)
        self.desk.view_requested.connect(self.views.append)
        self.desk.page_saved.connect(lambda path, _facts: self.saved.append(path))

    def _free(self, title: str, promised: Container[Path]) -> Path:
        return names.free(self.folder, title or "page", promised)

    def writes(self, text: str) -> None:
        self.page.write(self.page.length, 0, text)

    def opens(self, path: Path) -> None:
        self.desk.open(path)
        self.settle()

    def settle(self) -> None:
        self.until(lambda: not self.desk.busy)

    def saves(self) -> None:
        assert self.desk.save() == ""

    def until(self, done: Callable[[], bool]) -> None:
        self.qtbot.waitUntil(done, timeout=10_000)

    def files(self) -> list[str]:
        return sorted(path.name for path in self.folder.glob("*"))


@pytest.fixture
def table(tmp_path: Path, qtbot: QtBot) -> Iterator[Table]:
    folder = tmp_path / "ünï pages"
    folder.mkdir()
    table = Table(folder, qtbot)
    yield table
    for path in (tmp_path, folder):
        path.chmod(0o755)
    table.desk.close()


def kept(path: Path) -> str:
    """The text that stands in a page's file."""
    opened = open_page(path)
    page = Page()
    page.put(opened.contents)
    if opened.store:
        opened.store.close()
    return page.text()


def test_a_page_gets_its_file_with_its_first_word(table: Table) -> None:
    table.saves()
    table.qtbot.wait(300)
    assert table.files() == []
    table.writes("Once")
    table.until(lambda: table.saved == [table.desk.path])
    assert table.desk.path.exists()


def test_closing_leaves_one_sound_file(table: Table) -> None:
    table.writes("Once")
    path = table.desk.path
    assert table.desk.close() == ""
    assert table.files() == [path.name]
    assert kept(path) == "Once"


def test_a_page_comes_back_with_its_caret_and_history(table: Table, tmp_path: Path, qtbot: QtBot) -> None:
    table.writes("Once")
    table.page.begin_generation(Source("model"))
    table.page.append([span(" upon")])
    table.page.end_generation()
    table.view = View(caret=3, anchor=1, top=0, following=False)
    table.desk.rename("Tale")
    table.desk.view_moved()
    path = table.desk.path
    assert table.desk.close() == ""
    again = Table(table.folder, qtbot)
    again.opens(path)
    assert again.page.text() == "Once upon"
    assert again.views[-1] == table.view
    assert again.desk.title == "Tale"
    assert again.page.readings_at(5)[0].reading.bytes == b" upon"
    again.page.undo()
    assert again.page.text() == "Once"
    assert again.desk.close() == ""


def test_another_page_takes_its_place(table: Table) -> None:
    table.writes("first")
    first = table.desk.path
    table.desk.new("Second")
    assert table.page.text() == ""
    table.writes("second")
    second = table.desk.path
    table.saves()
    assert first != second
    table.opens(first)
    assert table.page.text() == "first"
    table.writes(" again")
    table.opens(second)
    assert table.page.text() == "second"
    table.opens(first)
    assert table.page.text() == "first again"


def test_what_was_typed_while_a_page_was_read_stays_on_the_former(table: Table) -> None:
    table.writes("first")
    first = table.desk.path
    table.desk.new()
    table.writes("second")
    second = table.desk.path
    table.saves()
    table.desk.open(first)
    table.writes(", typed late")
    table.settle()
    assert table.page.text() == "first"
    table.opens(second)
    assert table.page.text() == "second, typed late"


def test_the_last_of_two_pages_asked_for_is_opened(table: Table) -> None:
    paths: list[Path] = []
    for text in ("a", "b", "c"):
        table.desk.new()
        table.writes(text)
        table.saves()
        paths.append(table.desk.path)
    table.desk.new()
    for path in paths:
        table.desk.open(path)
    table.settle()
    assert table.page.text() == "c"
    table.opens(paths[0])
    assert table.page.text() == "a"


def test_a_text_becomes_a_page_and_its_file_stays(table: Table, tmp_path: Path) -> None:
    file = tmp_path / "notes.md"
    file.write_text("# Notes\n")
    table.opens(file)
    table.writes("more")
    table.saves()
    assert table.desk.title == "notes"
    assert file.read_text() == "# Notes\n"
    assert kept_while_open(table.desk.path, tmp_path) == "# Notes\nmore"


def kept_while_open(path: Path, folder: Path) -> str:
    target = folder / f"copy{SUFFIX}"
    target.unlink(missing_ok=True)
    with sqlite3.connect(path) as connection:
        connection.execute("VACUUM INTO ?", (str(target),))
    connection.close()
    return kept(target)


@pytest.mark.parametrize("name", ["none.inkfall", "none.txt", "a folder.inkfall"])
def test_what_cannot_be_opened_leaves_the_page(table: Table, tmp_path: Path, name: str) -> None:
    (tmp_path / "a folder.inkfall").mkdir()
    table.writes("mine")
    table.opens(tmp_path / name)
    assert table.page.text() == "mine"
    assert len(table.messages) == 1
    assert name in table.messages[0]


def test_a_file_that_is_no_page_is_refused(table: Table, tmp_path: Path) -> None:
    file = tmp_path / "odd.inkfall"
    file.write_bytes(b"PNG and so on" * 100)
    table.writes("mine")
    table.opens(file)
    assert file.read_bytes() == b"PNG and so on" * 100
    assert table.messages
    assert table.page.text() == "mine"


def test_a_file_from_a_newer_program_is_not_touched(table: Table) -> None:
    table.writes("from tomorrow")
    path = table.desk.path
    table.desk.new()
    table.until(lambda: table.desk.at_rest)
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA user_version = 999")
    connection.close()
    before = path.read_bytes()
    table.opens(path)
    assert table.page.text() == ""
    assert "newer" in table.messages[-1]
    assert path.read_bytes() == before


def test_a_file_that_someone_else_wrote_to_is_left_to_them(table: Table) -> None:
    table.writes("mine")
    table.saves()
    former = table.desk.path
    other = Table(table.folder, table.qtbot)
    other.opens(former)
    other.writes(" and theirs")
    other.saves()
    table.writes(", still mine")
    table.until(lambda: table.desk.path != former and table.desk.safe)
    table.saves()
    assert table.messages
    assert former.name in table.messages[0]
    assert other.desk.close() == ""
    assert kept(former) == "mine and theirs"
    path = table.desk.path
    assert table.desk.close() == ""
    assert kept(path) == "mine, still mine"


def test_a_file_that_was_taken_away_is_made_anew(table: Table, tmp_path: Path) -> None:
    table.writes("mine")
    table.saves()
    former = table.desk.path
    for path in table.folder.glob("*"):
        path.rename(tmp_path / path.name)
    table.writes(", still")
    table.until(lambda: table.desk.path.exists() and table.desk.safe)
    table.saves()
    path = table.desk.path
    assert table.desk.close() == ""
    assert kept(path) == "mine, still"
    assert table.messages
    assert (tmp_path / former.name).exists()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_page_that_cannot_be_written_goes_on_in_a_copy(table: Table, tmp_path: Path) -> None:
    table.writes("read only")
    path = table.desk.path
    table.desk.new()
    elsewhere = tmp_path / "locked"
    elsewhere.mkdir()
    table.until(lambda: table.desk.at_rest)
    there = path.rename(elsewhere / path.name)
    there.chmod(0o444)
    elsewhere.chmod(0o555)
    try:
        table.opens(there)
        assert table.page.text() == "read only"
        table.qtbot.wait(300)
        assert table.desk.path == there
        table.writes(", yet I write")
        table.saves()
        assert table.desk.path.parent == table.folder
        assert table.messages
    finally:
        elsewhere.chmod(0o755)
    assert kept(there) == "read only"


def test_a_damaged_page_is_recovered_into_a_new_one_and_kept(table: Table) -> None:
    table.writes("word " * 50_000)
    path = table.desk.path
    table.desk.new()
    table.until(lambda: table.desk.at_rest)
    with sqlite3.connect(path) as connection:  # the end was unclean, as far as the file knows
        connection.execute("PRAGMA journal_mode = WAL")
    connection.close()
    data = bytearray(path.read_bytes())
    for at in range(len(data) // 2, len(data) // 2 + 8_192):
        data[at] ^= 0x55
    path.write_bytes(data)
    damaged = path.read_bytes()
    table.opens(path)
    table.saves()
    assert table.page.text().startswith("word word")
    assert table.desk.path != path
    assert path.read_bytes() == damaged
    assert "recovered" in table.desk.title
    assert table.messages


def test_moving_to_another_file(table: Table, tmp_path: Path) -> None:
    table.writes("here")
    table.saves()
    former = table.desk.path
    table.desk.move_to(tmp_path / "there.inkfall")
    table.writes(" and there")
    table.saves()
    assert table.desk.close() == ""
    assert kept(former) == "here"
    assert kept(tmp_path / "there.inkfall") == "here and there"


def test_leaving_for_something_that_needs_the_file_closed(table: Table) -> None:
    table.writes("gone")
    path = table.desk.path
    seen: list[tuple[Path, list[str]]] = []
    table.desk.leave_then(lambda left: seen.append((left, table.files())))
    table.until(lambda: bool(seen))
    assert seen == [(path, [path.name])]
    assert table.page.text() == ""


def test_what_waits_for_a_page_that_left_is_done_although_the_desk_closes(table: Table) -> None:
    table.writes("gone")
    path, seen = table.desk.path, list[Path]()
    table.desk.leave_then(seen.append)
    assert table.desk.close() == "" and seen == [path] and kept(path) == "gone"
    table.until(lambda: table.desk.at_rest)
    assert seen == [path]


def test_what_is_asked_of_an_empty_page_does_not_befall_the_next(table: Table) -> None:
    left: list[Path] = []
    table.desk.new()
    table.desk.leave_then(left.append)
    assert table.messages == ["There is nothing on the page yet."]
    table.writes("written later")
    path = table.desk.path
    table.desk.new()
    table.until(lambda: table.desk.at_rest)
    assert left == [] and kept(path) == "written later"


def test_what_waits_for_a_page_gets_that_page(table: Table) -> None:
    table.writes("one")
    one, seen = table.desk.path, list[Path | None]()
    table.desk.keep_then(seen.append)
    table.desk.new()
    table.writes("two")
    table.until(lambda: bool(seen))
    assert seen == [one]
    two = table.desk.path
    table.desk.leave_then(lambda path: seen.append(path))
    table.desk.open(one)  # before it is closed
    table.until(lambda: len(seen) == 2 and not table.desk.busy)
    assert seen[-1] == two and table.page.text() == "one"


@pytest.mark.parametrize("wanted", [True, False])
def test_a_page_on_its_way_is_waited_for(table: Table, wanted: bool) -> None:
    table.writes("on")
    table.saves()
    one, seen = table.desk.path, list[str]()
    table.writes("e")
    table.desk.new()
    table.desk.when_at_rest(one, lambda: seen.append("left"))  # it is on its way to its file
    assert seen == []
    table.until(lambda: seen == ["left"])
    table.desk.open(one)
    table.desk.when_at_rest(one, lambda: seen.append(table.page.text()))
    if not wanted:
        table.desk.new()
    table.until(lambda: len(seen) == 2)
    assert seen[1] == ("one" if wanted else "")
    table.desk.when_at_rest(table.folder / "elsewhere.inkfall", lambda: seen.append("at once"))
    assert seen[2:] == ["at once"]


def test_a_name_that_is_taken_when_the_file_is_made_gives_way_to_the_next(table: Table, tmp_path: Path) -> None:
    table.desk._new_path = lambda _title, promised: names.unpromised(table.folder, "page", promised)
    told: list[Path] = []
    table.desk.new("page")
    table.desk.page_opened.connect(told.append)
    for taken in ("page", "page 2"):
        (table.folder / f"{taken}{SUFFIX}").write_text("not ours")
    (table.folder / f"page 3{SUFFIX}").symlink_to(tmp_path / "nowhere")
    (table.folder / f"page 4{SUFFIX}-wal").write_text("remains")
    promised = table.desk.path
    assert promised.name == f"page{SUFFIX}" or promised.name == f"page 2{SUFFIX}"
    table.writes("text")
    table.saves()
    assert table.desk.path == told[-1] == table.saved[-1] and kept_while_open(table.desk.path, tmp_path) == "text"
    assert promised.read_text() == "not ours" and not (tmp_path / "nowhere").exists()
    assert (table.folder / f"page 4{SUFFIX}-wal").read_text() == "remains"


def fail_at(monkeypatch: pytest.MonkeyPatch, *places: Path) -> None:
    """No file can be made there."""
    make = disk.create_page

    def refusing(path: Path) -> Store:
        if path in places:
            raise CannotWriteError(f"“{path.name}” cannot be written.")
        return make(path)

    monkeypatch.setattr(disk, "create_page", refusing)


@pytest.mark.parametrize("moves", [1, 2])
@pytest.mark.parametrize("leaves", [False, True])
def test_where_it_cannot_be_saved_as_the_page_stays_where_it_was(
    table: Table, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, moves: int, leaves: bool
) -> None:
    table.writes("here")
    table.saves()
    former = table.desk.path
    places = [tmp_path / f"no {number}{SUFFIX}" for number in range(moves)]
    fail_at(monkeypatch, *places)
    for place in places:
        table.desk.move_to(place)
    table.writes(" and on")
    if leaves:
        table.desk.new()
    table.until(lambda: bool(table.messages))
    table.until(lambda: table.desk.at_rest and table.desk.safe)
    table.saves()
    assert table.messages == [f"“{places[-1].name}” cannot be written. Your page stays in “{former.name}”."]
    if not leaves:
        assert table.desk.path == former
        assert table.desk.close() == ""
    assert kept(former) == "here and on"


def test_after_two_moves_the_page_is_in_the_last_and_every_file_is_closed(table: Table, tmp_path: Path) -> None:
    table.writes("here")
    table.saves()
    former = table.desk.path
    for place in ("a", "b"):
        table.desk.move_to(tmp_path / f"{place}{SUFFIX}")
    table.writes(" and there")
    table.saves()
    table.until(lambda: len(table.desk.findChildren(Saver)) == 1)
    assert kept(former) == "here" and not (tmp_path / f"a{SUFFIX}").exists()
    assert table.desk.close() == ""
    assert kept(tmp_path / f"b{SUFFIX}") == "here and there"


def test_pages_that_went_leave_nothing_behind(table: Table) -> None:
    children = len(table.desk.findChildren(QObject))
    for number in range(50):
        table.writes(f"page {number}")
        table.desk.new()
    table.until(lambda: table.desk.at_rest)
    table.until(lambda: len(table.desk.findChildren(QObject)) == children)
    table.opens(table.folder / f"page{SUFFIX}")
    table.desk.open(table.folder / f"page 2{SUFFIX}")
    table.desk.open(table.folder / f"page 3{SUFFIX}")
    table.settle()
    assert table.page.text() == "page 2"
    table.until(lambda: not table.desk._coming and len(table.desk.findChildren(QObject)) == children)


def test_saving_does_not_depend_on_the_view(table: Table, qtbot: QtBot) -> None:
    def fails() -> View:
        raise ZeroDivisionError("no line")

    table.view = View(3, 3, 1, False)
    table.writes("Once")
    table.saves()
    table.desk._view = fails
    with qtbot.captureExceptions() as caught:
        table.writes(" upon")
        table.saves()
        path = table.desk.path
        table.desk.new()
        while not table.desk.at_rest:
            QCoreApplication.processEvents()
        QCoreApplication.processEvents()
    assert {kind for kind, _, _ in caught} == {ZeroDivisionError}
    opened = open_page(path)
    assert opened.view == View(3, 3, 1, False) and kept(path) == "Once upon"


def test_a_tracker_that_fails_loses_nothing(table: Table, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    failing, look = iter((False, True, False, True)), Tracker._look_at_chunks

    def at_times(tracker: Tracker, *args: Any) -> None:
        look(tracker, *args)
        if next(failing, False):
            raise ZeroDivisionError("a mistake")

    monkeypatch.setattr(Tracker, "_look_at_chunks", at_times)
    with qtbot.captureExceptions() as caught:
        for word in ("Once", " upon", " a", " time"):
            table.writes(word)
            table.saves()
            QCoreApplication.processEvents()
        path = table.desk.path
        assert table.desk.close() == ""
    assert caught and {kind for kind, _, _ in caught} == {ZeroDivisionError}
    assert kept(path) == "Once upon a time"


def test_a_listener_that_fails_does_not_stop_saving(table: Table, qtbot: QtBot) -> None:
    def fails(_change: object) -> None:
        raise ZeroDivisionError

    table.page.listeners.insert(0, fails)
    with qtbot.captureExceptions() as caught:
        table.writes("Once")
        table.writes(" upon")
        table.page.undo()
        table.saves()
        path = table.desk.path
        assert table.desk.close() == ""
    assert len(caught) == 3
    opened = open_page(path)
    page = Page()
    page.put(opened.contents)
    assert page.text() == "Once" and page.redo() and page.text() == "Once upon"
    assert opened.store
    opened.store.close()


def test_the_page_that_is_chosen_is_opened(table: Table) -> None:
    table.writes("one")
    one = table.desk.path
    table.desk.new()
    table.desk.open_chosen(lambda: one)
    table.settle()
    assert table.page.text() == "one" and table.desk.path == one


def test_where_no_page_is_chosen_the_open_one_stays(table: Table) -> None:
    table.writes("one")
    one = table.desk.path
    table.desk.open_chosen(lambda: None)
    table.settle()
    assert table.page.text() == "one" and table.desk.path == one


def test_facts(table: Table) -> None:
    seen: list[Any] = []
    table.desk.page_saved.connect(lambda _path, facts: seen.append(facts))
    table.desk.set_model("gemma")
    table.now = 2_000.0
    table.writes("\n  The lighthouse\nand more")
    table.page.begin_generation(Source("model"))
    table.page.append([span(" of it")])
    table.desk.set_counts(5, 31)
    table.saves()
    facts = seen[-1]
    assert (facts.line, facts.words, facts.characters) == ("The lighthouse", 5, 31)
    assert (facts.tokens, facts.model, facts.created, facts.modified) == (1, "gemma", 1_000.0, 2_000.0)


def test_a_page_that_leaves_before_it_was_counted_is_counted(table: Table, qtbot: QtBot) -> None:
    table.writes("one two three")
    path = table.desk.path
    table.desk.new()
    table.until(lambda: table.desk.at_rest)
    assert (peek(path).words, peek(path).characters) == (3, 13)


def test_closing_after_the_file_was_taken_away(table: Table, tmp_path: Path) -> None:
    table.writes("mine")
    table.saves()
    former = table.desk.path
    former.rename(tmp_path / former.name)
    table.writes(", still")
    assert table.desk.close() == ""
    assert table.desk.path != former
    assert kept(table.desk.path) == "mine, still"


def test_leaving_after_the_file_was_taken_away(table: Table, tmp_path: Path) -> None:
    table.writes("mine")
    table.saves()
    former = table.desk.path
    former.rename(tmp_path / former.name)
    table.writes(", still")
    table.desk.new()
    table.until(lambda: table.desk.at_rest)
    assert [kept(path) for path in table.folder.glob("*.inkfall")] == ["mine, still"]
    assert table.messages


def test_a_place_that_cannot_be_written_leaves_the_page_where_it_is(table: Table, tmp_path: Path) -> None:
    table.writes("here")
    table.saves()
    former = table.desk.path
    (tmp_path / "a file").write_text("no folder")
    table.desk.move_to(tmp_path / "a file" / "there.inkfall")
    table.writes(", and typed meanwhile")
    table.until(lambda: table.desk.path == former and table.desk.safe)
    table.writes(", and later")
    table.saves()
    assert len(table.messages) == 1
    assert table.desk.close() == ""
    assert kept(former) == "here, and typed meanwhile, and later"
    assert table.files() == [former.name]


@pytest.mark.parametrize("tried", [False, True])
def test_saving_at_once_goes_back_before_it_tells_a_failure(
    table: Table, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tried: bool
) -> None:
    """tried: the write to the new place failed already, and nobody was told yet."""
    table.writes("here")
    table.saves()
    former = table.desk.path
    (tmp_path / "a file").write_text("no folder")
    table.desk.move_to(tmp_path / "a file" / "there.inkfall")
    table.writes(", and more")
    if tried:
        table.desk._state.saver._begin()
        table.desk._executor.submit(lambda: None).result()
    assert table.desk.save() == ""
    assert table.desk.path == former and table.desk.safe
    assert kept(former) == "here, and more"
    (sentence,) = table.messages
    assert former.name in sentence
    table.desk.move_to(tmp_path / "a file" / "there.inkfall")
    monkeypatch.setattr(Store, "write", full)
    assert "full" in table.desk.save()
    assert table.desk.path == former and not table.desk.safe


def test_a_page_that_left_and_cannot_be_saved_is_not_opened_from_its_old_file(
    table: Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    table.writes("old")
    table.saves()
    first = table.desk.path
    monkeypatch.setattr(Store, "write", full)
    table.writes(" and new")
    table.desk.new()
    table.until(lambda: bool(table.messages))
    table.opens(first)
    assert table.page.text() == ""
    assert "not fully saved" in table.messages[-1]
    monkeypatch.undo()
    table.until(lambda: table.desk.at_rest)
    table.opens(first)
    assert table.page.text() == "old and new"


@pytest.mark.parametrize("leaving", [False, True])
def test_a_file_that_is_taken_away_while_the_disk_is_full(
    table: Table, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, leaving: bool
) -> None:
    monkeypatch.setattr(saving, "RETRY", 50)
    table.writes("mine")
    table.saves()
    former = table.desk.path
    with monkeypatch.context() as failing:
        failing.setattr(Store, "write", full)
        table.writes(", still")
        if leaving:
            table.desk.new()
        table.until(lambda: bool(table.messages))
        former.rename(tmp_path / former.name)
    table.until(lambda: table.desk.at_rest and table.desk.safe)
    table.saves()
    assert [kept(path) for path in table.folder.glob("*.inkfall")] == ["mine, still"]
    assert table.desk.close() == ""


def full(*_arguments: object) -> None:
    raise DiskFullError("The disk is full.")


def test_saving_after_the_end_is_no_fault(table: Table) -> None:
    table.writes("mine")
    assert table.desk.close() == ""
    assert table.desk.save() == ""
