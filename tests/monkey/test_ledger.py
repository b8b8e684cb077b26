"""What the monkey takes for lost: on real page files and the real shelf."""

from datetime import datetime
from pathlib import Path

import pytest

from desktop.page.page import Page
from desktop.page_list.page_store import PageFiles, PageStore
from desktop.pagefile import unopened
from desktop.pagefile.store import create_page
from desktop.pagefile.tracker import Tracker
from desktop.pagefile.values import Facts, View
from tests.monkey.ledger import Ledger


class Desk:
    """A page is open, and another one; what a ledger is told of that, by a program that may make mistakes."""

    def __init__(self, home: Path) -> None:
        self.home = home
        files = PageFiles(unopened.peek, unopened.text_of, unopened.set_title, unopened.copy_page)
        self.shelf = PageStore(home / "pages", home / "elsewhere.json", files, lambda: datetime(2026, 3, 4))
        self.shelf.folder.mkdir()
        self.text, self.path = "", Path()
        self.ledger = Ledger(lambda: self.text, lambda: self.path)

    def leaves(self, name: str, text: str, kept: str) -> Path:
        """That text is on the page as it leaves, and the other in its file."""
        self.text, self.path = text, self.shelf.folder / f"{name}.inkfall"
        page, store = Page(), create_page(self.path)
        page.write(0, 0, kept)
        delta = Tracker().take(page.contents, View(), Facts())
        assert delta is not None
        store.write([delta])
        store.close()
        self.ledger.leaving()
        return self.path

    def opens(self, path: Path, text: str) -> None:
        self.text, self.path = text, path
        self.ledger.changed("file")
        self.ledger.opened(path)

    def missing(self) -> list[str]:
        return self.ledger.missing(self.home, self.home / "scratch")


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def test_a_page_that_was_kept_is_not_missing(desk: Desk) -> None:
    path = desk.leaves("a", "all of it", "all of it")
    assert not desk.missing()
    desk.opens(path, "all of it")
    assert not desk.ledger.wrong and not desk.ledger.left


def test_a_page_without_its_last_words_is_missing(desk: Desk) -> None:
    path = desk.leaves("a", "all of it", "all of")
    (sentence,) = desk.missing()
    assert "nowhere" in sentence and "all of it" in sentence
    desk.opens(path, "all of")
    (sentence,) = desk.ledger.wrong
    assert "all of it" in sentence


def test_a_page_whose_file_is_gone_is_missing(desk: Desk) -> None:
    desk.leaves("a", "all of it", "all of it").unlink()
    (sentence,) = desk.missing()
    assert "nowhere" in sentence


def test_a_trash_that_takes_the_wrong_page(desk: Desk) -> None:
    wanted, other = desk.leaves("a", "unloved", "unloved"), desk.leaves("b", "dear", "dear")
    desk.ledger.trashed(wanted)
    desk.shelf.trash(wanted)
    assert not desk.missing()
    desk.shelf.trash(other)
    (sentence,) = desk.missing()
    assert "in the trash" in sentence and "dear" in sentence


def test_a_page_that_is_deleted_for_good_was_in_the_trash_by_wish(desk: Desk) -> None:
    wanted, other = desk.leaves("a", "unloved", "unloved"), desk.leaves("b", "dear", "dear")
    desk.ledger.trashed(wanted)
    for path in (wanted, other):
        desk.shelf.delete(desk.shelf.trash(path))
    desk.ledger.deleted()
    (sentence,) = desk.missing()
    assert "nowhere" in sentence and "dear" in sentence


def test_what_is_missing_is_known_in_the_next_life(desk: Desk) -> None:
    desk.leaves("a", "all of it", "all of")
    desk.ledger.write(desk.home / "ledger")
    again = Ledger(str, Path)
    again.read(desk.home / "ledger")
    assert again.missing(desk.home, desk.home / "scratch") == desk.missing() != []
