"""The monkey's check of a page's file: it tells what is lost, except readings of a file that the monkey damaged."""

from __future__ import annotations

import random
import sqlite3
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from desktop.page.page import Page
from tests.desktop.pagefile.walking import Walk
from tests.monkey import checks

PROBLEM = "the tokens spell"


def access_to(path: Path, page: Page) -> Any:
    """What the check uses of the program, in which the page is saved."""
    open_page = SimpleNamespace(save=lambda: "", path=path, has_file=True)
    return cast("Any", SimpleNamespace(open_page=open_page, page=page, text=page.text()))


def written(path: Path) -> Page:
    """A page with generated tokens, saved in that file."""
    walk = Walk(path, random.Random(1))
    for _ in range(40):
        walk.step()
    walk.machine.end()
    walk.save()
    walk.store.close()
    return walk.page


@pytest.mark.parametrize(("name", "found"), [("a page", True), ("damaged", False), ("damaged 2", False)])
def test_lost_readings_are_told_unless_the_monkey_damaged_the_file(name: str, found: bool, tmp_path: Path) -> None:
    path = tmp_path / f"{name}.inkfall"
    page = written(path)
    assert not list(checks.file_is_page(access_to(path, page), tmp_path / "scratch"))
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("UPDATE names SET bytes = x'00'")  # now the checksums are wrong
    told = list(checks.file_is_page(access_to(path, page), tmp_path / "scratch"))
    assert any(PROBLEM in sentence for sentence in told) == found


@pytest.mark.parametrize("name", ["a page", "damaged"])
def test_lost_text_and_lost_steps_are_told_always(name: str, tmp_path: Path) -> None:
    path = tmp_path / f"{name}.inkfall"
    page = written(path)
    access = access_to(path, page)
    access.text += "x"
    assert any("the file holds" in sentence for sentence in checks.file_is_page(access, tmp_path / "scratch"))
    access = access_to(path, page)
    while page.can_undo:
        page.undo()
    assert any("other steps" in sentence for sentence in checks.file_is_page(access, tmp_path / "scratch"))
