"""Pages that were replaced: each is written and its file closed."""

from functools import partial
from pathlib import Path

import pytest
from PySide6.QtCore import QObject

from desktop.pagefile.store import Store
from desktop.pagefile.values import SUFFIX
from tests.desktop.open_page.user import User, full, text_in


def test_leave_then_gives_the_file_when_it_is_closed(user: User) -> None:
    user.writes("gone")
    path = user.open_page.path
    seen: list[tuple[Path, list[str]]] = []
    user.open_page.leave_then(lambda left: seen.append((left, user.files())))
    user.until(lambda: bool(seen))
    assert seen == [(path, [path.name])]
    assert user.page.text() == ""


def test_leave_then_is_called_although_the_program_closes(user: User) -> None:
    user.writes("gone")
    path, seen = user.open_page.path, list[Path]()
    user.open_page.leave_then(seen.append)
    assert user.open_page.close() == "" and seen == [path] and text_in(path) == "gone"
    user.until(lambda: user.open_page.at_rest)
    assert seen == [path]


def test_leave_then_on_an_empty_page_does_not_affect_the_next_one(user: User) -> None:
    left: list[Path] = []
    user.open_page.new()
    user.open_page.leave_then(left.append)
    assert user.messages == ["There is nothing on the page yet."]
    user.writes("written later")
    path = user.open_page.path
    user.open_page.new()
    user.until(lambda: user.open_page.at_rest)
    assert left == [] and text_in(path) == "written later"


def test_leaving_after_the_file_was_moved_away(user: User, tmp_path: Path) -> None:
    user.writes("mine")
    user.saves()
    former = user.open_page.path
    former.rename(tmp_path / former.name)
    user.writes(", still")
    user.open_page.new()
    user.until(lambda: user.open_page.at_rest)
    assert [text_in(path) for path in user.folder.glob("*.inkfall")] == ["mine, still"]
    assert user.messages


def test_a_page_that_left_and_cannot_be_saved_is_not_opened_from_its_old_file(
    user: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    user.writes("old")
    user.saves()
    first = user.open_page.path
    monkeypatch.setattr(Store, "write", full)
    user.writes(" and new")
    user.open_page.new()
    user.until(lambda: bool(user.messages))
    user.opens(first)
    assert user.page.text() == ""
    assert "not fully saved" in user.messages[-1]
    monkeypatch.undo()
    user.until(lambda: user.open_page.at_rest)
    user.opens(first)
    assert user.page.text() == "old and new"


def test_pages_that_left_leave_no_object_behind(user: User) -> None:
    children = len(user.open_page.findChildren(QObject))
    for number in range(50):
        user.writes(f"page {number}")
        user.open_page.new()
    user.until(lambda: user.open_page.at_rest)
    user.until(lambda: len(user.open_page.findChildren(QObject)) == children)
    user.opens(user.folder / f"page{SUFFIX}")
    user.open_page.open(user.folder / f"page 2{SUFFIX}")
    user.open_page.open(user.folder / f"page 3{SUFFIX}")
    user.settle()
    assert user.page.text() == "page 2"
    moving = {user.folder / f"{name}{SUFFIX}" for name in ("page", "page 2", "page 3")}
    for path in tuple(moving):
        user.open_page.when_at_rest(path, partial(moving.remove, path))
    user.until(lambda: not moving and len(user.open_page.findChildren(QObject)) == children)
