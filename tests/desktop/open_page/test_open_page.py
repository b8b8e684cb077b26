"""The open page: pages are opened, replaced and closed."""

import sqlite3
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from desktop.page.sources import Source
from desktop.pagefile.values import View
from tests.desktop.open_page.user import User, span, text_in, text_in_open_file
from tests.desktop.page.writing import write_spans


def test_a_page_gets_its_file_with_its_first_word(user: User) -> None:
    user.saves()
    user.qtbot.wait(300)
    assert user.files() == []
    user.writes("Once")
    user.until(lambda: user.saved == [user.open_page.path])
    assert user.open_page.path.exists()


def test_closing_leaves_one_sound_file(user: User) -> None:
    user.writes("Once")
    path = user.open_page.path
    assert user.open_page.close() == ""
    assert user.files() == [path.name]
    assert text_in(path) == "Once"


def test_a_page_comes_back_with_its_caret_and_history(user: User, tmp_path: Path, qtbot: QtBot) -> None:
    user.writes("Once")
    user.page.begin_generation(Source("model"))
    write_spans(user.page, [span(" upon")])
    user.page.end_generation()
    user.view = View(caret=3, anchor=1, top=0, following=False)
    user.open_page.rename("Tale")
    user.open_page.view_moved()
    path = user.open_page.path
    assert user.open_page.close() == ""
    again = User(user.folder, qtbot)
    again.opens(path)
    assert again.page.text() == "Once upon"
    assert again.views[-1] == user.view
    assert again.open_page.title == "Tale"
    assert again.page.readings_at(5)[0].reading.bytes == b" upon"
    again.page.undo()
    assert again.page.text() == "Once"
    assert again.open_page.close() == ""


def test_pages_are_opened_in_turn(user: User) -> None:
    user.writes("first")
    first = user.open_page.path
    user.open_page.new("Second")
    assert user.page.text() == ""
    user.writes("second")
    second = user.open_page.path
    user.saves()
    assert first != second
    user.opens(first)
    assert user.page.text() == "first"
    user.writes(" again")
    user.opens(second)
    assert user.page.text() == "second"
    user.opens(first)
    assert user.page.text() == "first again"


def test_text_typed_while_another_page_is_read_stays_on_the_former_page(user: User) -> None:
    user.writes("first")
    first = user.open_page.path
    user.open_page.new()
    user.writes("second")
    second = user.open_page.path
    user.saves()
    user.open_page.open(first)
    user.writes(", typed late")
    user.settle()
    assert user.page.text() == "first"
    user.opens(second)
    assert user.page.text() == "second, typed late"


def test_the_last_of_two_pages_asked_for_is_opened(user: User) -> None:
    paths: list[Path] = []
    for text in ("a", "b", "c"):
        user.open_page.new()
        user.writes(text)
        user.saves()
        paths.append(user.open_page.path)
    user.open_page.new()
    for path in paths:
        user.open_page.open(path)
    user.settle()
    assert user.page.text() == "c"
    user.opens(paths[0])
    assert user.page.text() == "a"


def test_a_text_becomes_a_page_and_its_file_stays(user: User, tmp_path: Path) -> None:
    file = tmp_path / "notes.md"
    file.write_text("# Notes\n")
    user.opens(file)
    user.writes("more")
    user.saves()
    assert user.open_page.title == "notes"
    assert file.read_text() == "# Notes\n"
    assert text_in_open_file(user.open_page.path, tmp_path) == "# Notes\nmore"


@pytest.mark.parametrize("name", ["none.inkfall", "none.txt", "a folder.inkfall"])
def test_a_file_that_cannot_be_opened_leaves_the_page(user: User, tmp_path: Path, name: str) -> None:
    (tmp_path / "a folder.inkfall").mkdir()
    user.writes("mine")
    user.opens(tmp_path / name)
    assert user.page.text() == "mine"
    assert len(user.messages) == 1
    assert name in user.messages[0]


def test_a_file_that_is_no_page_is_refused(user: User, tmp_path: Path) -> None:
    file = tmp_path / "odd.inkfall"
    file.write_bytes(b"PNG and so on" * 100)
    user.writes("mine")
    user.opens(file)
    assert file.read_bytes() == b"PNG and so on" * 100
    assert user.messages
    assert user.page.text() == "mine"


def test_a_file_from_a_newer_program_is_not_touched(user: User) -> None:
    user.writes("from tomorrow")
    path = user.open_page.path
    user.open_page.new()
    user.until(lambda: user.open_page.at_rest)
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA user_version = 999")
    connection.close()
    before = path.read_bytes()
    user.opens(path)
    assert user.page.text() == ""
    assert "newer" in user.messages[-1]
    assert path.read_bytes() == before


def test_a_damaged_page_is_recovered_into_a_new_one_and_its_file_stays(user: User) -> None:
    user.writes("word " * 50_000)
    path = user.open_page.path
    user.open_page.new()
    user.until(lambda: user.open_page.at_rest)
    with sqlite3.connect(path) as connection:  # the end was unclean, as far as the file knows
        connection.execute("PRAGMA journal_mode = WAL")
    connection.close()
    data = bytearray(path.read_bytes())
    for at in range(len(data) // 2, len(data) // 2 + 8_192):
        data[at] ^= 0x55
    path.write_bytes(data)
    damaged = path.read_bytes()
    user.opens(path)
    user.saves()
    assert user.page.text().startswith("word word")
    assert user.open_page.path != path
    assert path.read_bytes() == damaged
    assert "recovered" in user.open_page.title
    assert user.messages


def test_save_then_and_leave_then_get_the_file_of_their_own_page(user: User) -> None:
    user.writes("one")
    one, seen = user.open_page.path, list[Path | None]()
    user.open_page.save_then(seen.append)
    user.open_page.new()
    user.writes("two")
    user.until(lambda: bool(seen))
    assert seen == [one]
    two = user.open_page.path
    user.open_page.leave_then(lambda path: seen.append(path))
    user.open_page.open(one)  # before it is closed
    user.until(lambda: len(seen) == 2 and not user.open_page.busy)
    assert seen[-1] == two and user.page.text() == "one"


@pytest.mark.parametrize("wanted", [True, False])
def test_when_at_rest_waits_while_a_page_is_read_or_written(user: User, wanted: bool) -> None:
    user.writes("on")
    user.saves()
    one, seen = user.open_page.path, list[str]()
    user.writes("e")
    user.open_page.new()
    user.open_page.when_at_rest(one, lambda: seen.append("left"))  # it is on its way to its file
    assert seen == []
    user.until(lambda: seen == ["left"])
    user.open_page.open(one)
    user.open_page.when_at_rest(one, lambda: seen.append(user.page.text()))
    if not wanted:
        user.open_page.new()
    user.until(lambda: len(seen) == 2)
    assert seen[1] == ("one" if wanted else "")
    user.open_page.when_at_rest(user.folder / "elsewhere.inkfall", lambda: seen.append("at once"))
    assert seen[2:] == ["at once"]


def test_the_page_that_is_chosen_is_opened(user: User) -> None:
    user.writes("one")
    one = user.open_page.path
    user.open_page.new()
    user.open_page.open_chosen(lambda: one)
    user.settle()
    assert user.page.text() == "one" and user.open_page.path == one


def test_where_no_page_is_chosen_the_open_one_stays(user: User) -> None:
    user.writes("one")
    one = user.open_page.path
    user.open_page.open_chosen(lambda: None)
    user.settle()
    assert user.page.text() == "one" and user.open_page.path == one


def test_save_after_close_gives_no_error(user: User) -> None:
    user.writes("mine")
    assert user.open_page.close() == ""
    assert user.open_page.save() == ""
