"""The texts that the ledger reports as missing, with real page files and a real page store."""

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


class TwoPages:
    """An open page and another one, for a ledger that is notified by a program with bugs."""

    def __init__(self, home: Path) -> None:
        self.home = home
        files = PageFiles(unopened.peek, unopened.text_of, unopened.set_title, unopened.copy_page)
        self.shelf = PageStore(home / "pages", home / "elsewhere.json", files, lambda: datetime(2026, 3, 4))
        self.shelf.folder.mkdir()
        self.text, self.path = "", Path()
        self.ledger = Ledger(lambda: self.text, lambda: self.path)

    def leaves(self, name: str, text: str, saved: str) -> Path:
        """Leave the page with one text on it and another in its file."""
        self.text, self.path = text, self.shelf.folder / f"{name}.inkfall"
        page, store = Page(), create_page(self.path)
        page.write(0, 0, saved)
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
def pages(tmp_path: Path) -> TwoPages:
    return TwoPages(tmp_path)


def test_a_page_that_was_kept_is_not_missing(pages: TwoPages) -> None:
    path = pages.leaves("a", "all of it", "all of it")
    assert not pages.missing()
    pages.opens(path, "all of it")
    assert not pages.ledger.wrong and not pages.ledger.left


def test_a_page_without_its_last_words_is_missing(pages: TwoPages) -> None:
    path = pages.leaves("a", "all of it", "all of")
    (sentence,) = pages.missing()
    assert "nowhere" in sentence and "all of it" in sentence
    pages.opens(path, "all of")
    (sentence,) = pages.ledger.wrong
    assert "all of it" in sentence


def test_a_page_whose_file_is_gone_is_missing(pages: TwoPages) -> None:
    pages.leaves("a", "all of it", "all of it").unlink()
    (sentence,) = pages.missing()
    assert "nowhere" in sentence


def test_a_trash_that_takes_the_wrong_page(pages: TwoPages) -> None:
    wanted, other = pages.leaves("a", "unloved", "unloved"), pages.leaves("b", "dear", "dear")
    pages.ledger.trashed(wanted)
    pages.shelf.trash(wanted)
    assert not pages.missing()
    pages.shelf.trash(other)
    (sentence,) = pages.missing()
    assert "in the trash" in sentence and "dear" in sentence


def test_a_page_that_is_deleted_for_good_was_in_the_trash_by_wish(pages: TwoPages) -> None:
    wanted, other = pages.leaves("a", "unloved", "unloved"), pages.leaves("b", "dear", "dear")
    pages.ledger.trashed(wanted)
    for path in (wanted, other):
        pages.shelf.delete(pages.shelf.trash(path))
    pages.ledger.deleted()
    (sentence,) = pages.missing()
    assert "nowhere" in sentence and "dear" in sentence


def test_missing_pages_are_reported_in_the_next_life(pages: TwoPages) -> None:
    pages.leaves("a", "all of it", "all of")
    pages.ledger.write(pages.home / "ledger")
    again = Ledger(str, Path)
    again.read(pages.home / "ledger")
    assert again.missing(pages.home, pages.home / "scratch") == pages.missing() != []
