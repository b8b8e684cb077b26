"""Facts, text, copies and titles of pages without opening them."""

from pathlib import Path

import pytest

from desktop.pagefile.store import create_page
from desktop.pagefile.unopened import copy_page, peek, set_title, text_of
from desktop.pagefile.values import CannotWriteError, DamagedFileError, Facts, PageFileError
from tests.desktop.pagefile.conftest import MakeWalk
from tests.desktop.pagefile.walking import reopened, same, shown


@pytest.mark.parametrize("is_open", [True, False])
def test_facts_and_text(walked: MakeWalk, is_open: bool) -> None:
    walk = walked(seed=4)
    if not is_open:
        walk.store.close()
    files = sorted(path.name for path in walk.path.parent.iterdir())
    assert peek(walk.path) == Facts("a title", tokens=1)
    assert text_of(walk.path) == walk.page.text() != ""
    assert sorted(path.name for path in walk.path.parent.iterdir()) == files
    walk.store.close()


@pytest.mark.parametrize("is_open", [True, False])
def test_a_copy_holds_all(walked: MakeWalk, is_open: bool) -> None:
    walk = walked(seed=6)
    if not is_open:
        walk.store.close()
    copy = walk.path.with_name("more") / "copy.inkfall"
    copy_page(walk.path, copy)
    page, opened = reopened(copy)
    assert opened.store is not None and opened.facts == Facts("a title", tokens=1)
    assert shown(page) == shown(walk.page)
    walk.store.close()
    same(walk.page, page)
    assert [path.name for path in copy.parent.iterdir()] == ["copy.inkfall"]
    with pytest.raises(CannotWriteError, match="there is a file of that name already"):
        copy_page(walk.path, copy)


def test_another_title(walked: MakeWalk) -> None:
    walk = walked()
    walk.store.close()
    set_title(walk.path, "new — “title”")
    assert peek(walk.path) == Facts("new — “title”", tokens=1)
    page, opened = reopened(walk.path)
    assert opened.facts.title == "new — “title”"
    same(walk.page, page)
    assert [path.name for path in walk.path.parent.iterdir()] == ["page.inkfall"]


def test_a_file_without_a_page(tmp_path: Path) -> None:
    create_page(tmp_path / "page.inkfall").close()
    assert peek(tmp_path / "page.inkfall") == Facts()
    assert text_of(tmp_path / "page.inkfall") == ""


def test_what_cannot_be_read(tmp_path: Path) -> None:
    path = tmp_path / "page.inkfall"
    for ask in (peek, text_of, lambda p: set_title(p, "x"), lambda p: copy_page(p, tmp_path / "other.inkfall")):
        with pytest.raises(PageFileError, match="no longer there"):
            ask(path)
    path.write_bytes(b"SQLite")
    with pytest.raises(DamagedFileError):
        peek(path)
