"""The file of a page, and where the page continues when that cannot be written: no text is ever lost."""

import os
import threading
from pathlib import Path

import pytest

from desktop.open_page import disk, saving
from desktop.open_page.saving import Saver
from desktop.pagefile import names
from desktop.pagefile.store import Store
from desktop.pagefile.values import SUFFIX, CannotWriteError
from tests.desktop.open_page.user import User, full, text_in, text_in_open_file


def fail_at(monkeypatch: pytest.MonkeyPatch, *places: Path) -> None:
    """No file can be made there."""
    make = disk.create_page

    def refusing(path: Path) -> Store:
        if path in places:
            raise CannotWriteError(f"“{path.name}” cannot be written.")
        return make(path)

    monkeypatch.setattr(disk, "create_page", refusing)


def test_a_file_that_another_program_wrote_to_is_left_to_it(user: User) -> None:
    user.writes("mine")
    user.saves()
    former = user.open_page.path
    other = User(user.folder, user.qtbot)
    other.opens(former)
    other.writes(" and theirs")
    other.saves()
    user.writes(", still mine")
    user.until(lambda: user.open_page.path != former and user.open_page.safe)
    user.saves()
    assert user.messages
    assert former.name in user.messages[0]
    assert other.open_page.close() == ""
    assert text_in(former) == "mine and theirs"
    path = user.open_page.path
    assert user.open_page.close() == ""
    assert text_in(path) == "mine, still mine"


def test_a_page_whose_file_was_moved_away_gets_a_new_one(user: User, tmp_path: Path) -> None:
    user.writes("mine")
    user.saves()
    former = user.open_page.path
    for path in user.folder.glob("*"):
        path.rename(tmp_path / path.name)
    user.writes(", still")
    user.until(lambda: user.open_page.path.exists() and user.open_page.safe)
    user.saves()
    path = user.open_page.path
    assert user.open_page.close() == ""
    assert text_in(path) == "mine, still"
    assert user.messages
    assert (tmp_path / former.name).exists()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_page_in_a_read_only_file_continues_in_a_new_one(user: User, tmp_path: Path) -> None:
    user.writes("read only")
    path = user.open_page.path
    user.open_page.new()
    elsewhere = tmp_path / "locked"
    elsewhere.mkdir()
    user.until(lambda: user.open_page.at_rest)
    read_only = path.rename(elsewhere / path.name)
    read_only.chmod(0o444)
    elsewhere.chmod(0o555)
    try:
        user.opens(read_only)
        assert user.page.text() == "read only"
        user.qtbot.wait(300)
        assert user.open_page.path == read_only
        user.writes(", yet I write")
        user.saves()
        assert user.open_page.path.parent == user.folder
        assert user.messages
    finally:
        elsewhere.chmod(0o755)
    assert text_in(read_only) == "read only"


def test_moving_to_another_file(user: User, tmp_path: Path) -> None:
    user.writes("here")
    user.saves()
    former = user.open_page.path
    user.open_page.move_to(tmp_path / "there.inkfall")
    user.writes(" and there")
    user.saves()
    assert user.open_page.close() == ""
    assert text_in(former) == "here"
    assert text_in(tmp_path / "there.inkfall") == "here and there"


def test_a_name_that_is_taken_when_the_file_is_made_gives_way_to_the_next(user: User, tmp_path: Path) -> None:
    user.new_path = lambda title, reserved: names.unreserved(user.folder, "page", reserved)
    opened: list[Path] = []
    user.open_page.new("page")
    user.open_page.page_opened.connect(opened.append)
    for taken in ("page", "page 2"):
        (user.folder / f"{taken}{SUFFIX}").write_text("not ours")
    (user.folder / f"page 3{SUFFIX}").symlink_to(tmp_path / "nowhere")
    (user.folder / f"page 4{SUFFIX}-wal").write_text("remains")
    reserved = user.open_page.path
    assert reserved.name == f"page{SUFFIX}" or reserved.name == f"page 2{SUFFIX}"
    user.writes("text")
    user.saves()
    assert (
        user.open_page.path == opened[-1] == user.saved[-1]
        and text_in_open_file(user.open_page.path, tmp_path) == "text"
    )
    assert reserved.read_text() == "not ours" and not (tmp_path / "nowhere").exists()
    assert (user.folder / f"page 4{SUFFIX}-wal").read_text() == "remains"


@pytest.mark.parametrize("moves", [1, 2])
@pytest.mark.parametrize("leaves", [False, True])
def test_a_page_returns_to_its_former_file_where_the_new_one_cannot_be_made(
    user: User, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, moves: int, leaves: bool
) -> None:
    user.writes("here")
    user.saves()
    former = user.open_page.path
    places = [tmp_path / f"no {number}{SUFFIX}" for number in range(moves)]
    fail_at(monkeypatch, *places)
    for place in places:
        user.open_page.move_to(place)
    user.writes(" and on")
    if leaves:
        user.open_page.new()
    user.until(lambda: bool(user.messages))
    user.until(lambda: user.open_page.at_rest and user.open_page.safe)
    user.saves()
    assert user.messages == [f"“{places[-1].name}” cannot be written. Your page stays in “{former.name}”."]
    if not leaves:
        assert user.open_page.path == former
        assert user.open_page.close() == ""
    assert text_in(former) == "here and on"


def test_after_two_moves_the_page_is_in_the_last_and_every_file_is_closed(user: User, tmp_path: Path) -> None:
    user.writes("here")
    user.saves()
    former = user.open_page.path
    for place in ("a", "b"):
        user.open_page.move_to(tmp_path / f"{place}{SUFFIX}")
    user.writes(" and there")
    user.saves()
    user.until(lambda: len(user.open_page.findChildren(Saver)) == 1)
    assert text_in(former) == "here" and not (tmp_path / f"a{SUFFIX}").exists()
    assert user.open_page.close() == ""
    assert text_in(tmp_path / f"b{SUFFIX}") == "here and there"


def test_closing_after_the_file_was_moved_away(user: User, tmp_path: Path) -> None:
    user.writes("mine")
    user.saves()
    former = user.open_page.path
    former.rename(tmp_path / former.name)
    user.writes(", still")
    assert user.open_page.close() == ""
    assert user.open_page.path != former
    assert text_in(user.open_page.path) == "mine, still"


def test_a_page_returns_to_its_former_file_where_the_folder_cannot_be_made(user: User, tmp_path: Path) -> None:
    user.writes("here")
    user.saves()
    former = user.open_page.path
    (tmp_path / "a file").write_text("no folder")
    user.open_page.move_to(tmp_path / "a file" / "there.inkfall")
    user.writes(", and typed meanwhile")
    user.until(lambda: user.open_page.path == former and user.open_page.safe)
    user.writes(", and later")
    user.saves()
    assert len(user.messages) == 1
    assert user.open_page.close() == ""
    assert text_in(former) == "here, and typed meanwhile, and later"
    assert user.files() == [former.name]


@pytest.mark.parametrize("tried", [False, True])
def test_save_returns_to_the_former_file_before_it_reports_a_failure(
    user: User, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tried: bool
) -> None:
    """tried: the write to the new place failed already, and no message was shown yet."""
    user.writes("here")
    user.saves()
    former = user.open_page.path
    (tmp_path / "a file").write_text("no folder")
    user.open_page.move_to(tmp_path / "a file" / "there.inkfall")
    user.writes(", and more")
    if tried:
        gate = threading.Event()
        user.open_page.in_turn(gate.wait)  # the thread for files has other work
        user.open_page.save_then(lambda _path: None)
        user.qtbot.wait(20)  # the write is under way
        gate.set()
        user.open_page.in_turn(lambda: None)()
    assert user.open_page.save() == ""
    assert user.open_page.path == former and user.open_page.safe
    assert text_in(former) == "here, and more"
    (sentence,) = user.messages
    assert former.name in sentence
    user.open_page.move_to(tmp_path / "a file" / "there.inkfall")
    monkeypatch.setattr(Store, "write", full)
    assert "full" in user.open_page.save()
    assert user.open_page.path == former and not user.open_page.safe


@pytest.mark.parametrize("leaving", [False, True])
def test_a_file_that_is_moved_away_while_the_disk_is_full(
    user: User, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, leaving: bool
) -> None:
    monkeypatch.setattr(saving, "RETRY", 50)
    user.writes("mine")
    user.saves()
    former = user.open_page.path
    with monkeypatch.context() as failing:
        failing.setattr(Store, "write", full)
        user.writes(", still")
        if leaving:
            user.open_page.new()
        user.until(lambda: bool(user.messages))
        former.rename(tmp_path / former.name)
    user.until(lambda: user.open_page.at_rest and user.open_page.safe)
    user.saves()
    assert [text_in(path) for path in user.folder.glob("*.inkfall")] == ["mine, still"]
    assert user.open_page.close() == ""
