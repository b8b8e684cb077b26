"""Which pages there are, and what is done with them: nothing is overwritten, and what fails says so."""

import os
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from desktop.pagefile.values import Facts
from desktop.page_list.page_store import VANISHED, PageStore, PageStoreError, copy_title
from tests.desktop.page_list.files import put


def made(shelf: PageStore, title: str, text: str = "Some words.", age: float = 0.0) -> Path:
    path = put(shelf.new_path(title), title, text)
    os.utime(path, (1_000_000 - age, 1_000_000 - age))
    return path


def titles(shelf: PageStore) -> list[str]:
    return [entry.facts.title for entry in shelf.entries() if entry.facts and not entry.trashed]


def test_the_page_written_last_comes_first(shelf: PageStore) -> None:
    made(shelf, "old", age=50)
    made(shelf, "new", age=5)
    made(shelf, "middle", age=20)
    assert titles(shelf) == ["new", "middle", "old"]


def test_what_lies_in_the_log_counts_as_written(shelf: PageStore) -> None:
    old = made(shelf, "old", age=50)
    made(shelf, "new", age=5)
    old.with_name(old.name + "-wal").touch()
    assert [path.stem for path in shelf.paths()] == ["old", "new"]


def test_no_folder_no_pages(shelf: PageStore) -> None:
    assert list(shelf.entries()) == [] and not shelf.folder.exists()


def test_two_pages_of_one_title(shelf: PageStore) -> None:
    assert made(shelf, "same") != made(shelf, "same")
    assert titles(shelf) == ["same", "same"]


def test_a_file_that_cannot_be_read_is_listed_with_a_sentence(shelf: PageStore) -> None:
    broken = made(shelf, "broken")
    broken.write_text("not a page", encoding="utf-8")
    entry = shelf.entry(broken)
    assert entry.facts is None and entry.problem == "“broken.inkfall” is no page." and entry.modified > 0


@pytest.mark.parametrize("error", [RecursionError("deep"), MemoryError(), KeyError("x"), OverflowError("large")])
def test_a_page_that_is_our_mistake_leaves_the_others_on_the_list(shelf: PageStore, error: Exception) -> None:
    good, bad = made(shelf, "good", age=5), made(shelf, "bad", age=50)
    peek = shelf._files.peek

    def failing(path: Path) -> Facts:
        if path == bad:
            raise error
        return peek(path)

    shelf._files = replace(shelf._files, peek=failing)
    entries = {entry.path: entry for entry in shelf.entries()}
    assert entries[good].facts and not entries[good].problem
    assert entries[bad].facts is None and entries[bad].problem.startswith("“bad.inkfall” could not be read: ")


def test_a_page_elsewhere_is_remembered_until_it_is_forgotten(shelf: PageStore, tmp_path: Path) -> None:
    far = put(tmp_path / "far" / "a.inkfall", "far", "text")
    shelf.remember(far)
    shelf.remember(far)
    again = PageStore(shelf.folder, tmp_path / "pages-elsewhere.json", shelf._files)
    assert [(entry.path, entry.elsewhere) for entry in again.entries()] == [(far, True)]
    far.unlink()
    assert again.entry(far).problem == VANISHED
    again.forget(far)
    assert list(again.entries()) == []


def test_two_windows_remember_pages_at_the_same_moment(shelf: PageStore, tmp_path: Path) -> None:
    """Each has a list of its own in memory; the file has both."""
    start = threading.Barrier(12)

    def remember(number: int) -> None:
        window = PageStore(shelf.folder, tmp_path / "pages-elsewhere.json", shelf._files)
        start.wait()
        window.remember(tmp_path / f"{number}.inkfall")

    threads = [threading.Thread(target=remember, args=(number,)) for number in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(shelf.elsewhere()) == 12


def test_a_page_of_ours_is_not_remembered_twice(shelf: PageStore) -> None:
    shelf.remember(made(shelf, "ours"))
    assert shelf.elsewhere() == []


@pytest.mark.skipif(os.name == "nt", reason="links need a privilege there")
def test_the_folder_may_be_spelt_in_another_way(shelf: PageStore, tmp_path: Path) -> None:
    path = made(shelf, "page")
    (tmp_path / "link").symlink_to(shelf.folder, target_is_directory=True)
    assert shelf.listed_as(tmp_path / "link" / "page.inkfall") == path
    shelf.remember(tmp_path / "link" / "page.inkfall")
    assert shelf.paths() == [path]


def test_a_list_that_cannot_be_saved(shelf: PageStore, tmp_path: Path) -> None:
    (tmp_path / "pages-elsewhere.json").mkdir()
    with pytest.raises(PageStoreError, match="The list of pages could not be saved"):
        shelf.remember(tmp_path / "far.inkfall")


def test_rename_changes_the_title_not_the_file(shelf: PageStore) -> None:
    path = made(shelf, "before")
    shelf.rename(path, "  after\nall ")
    assert titles(shelf) == ["after all"] and path.exists()


def test_a_duplicate_has_a_title_of_its_own(shelf: PageStore) -> None:
    path = made(shelf, "page", "text")
    copy = shelf.duplicate(path)
    assert copy.name == "Copy of page.inkfall" and sorted(titles(shelf)) == ["Copy of page", "page"]
    assert shelf.text_of(copy) == "text"


def test_the_copy_of_a_page_without_title() -> None:
    assert copy_title(Facts(line="It was a bright cold day in April, and the clocks were striking")) == (
        "Copy of It was a bright cold day in April, and t"
    )
    assert copy_title(Facts()) == ""


def test_trash_restore_and_delete(shelf: PageStore) -> None:
    path = made(shelf, "page")
    log = path.with_name(path.name + "-wal")
    log.write_bytes(b"the newest words")
    away = shelf.trash(path)
    assert not path.exists() and not log.exists()
    assert away.with_name(away.name + "-wal").read_bytes() == b"the newest words"
    assert shelf.paths() == [] and shelf.entry(away).trashed
    other = made(shelf, "page")  # the name is taken meanwhile
    back = shelf.restore(away)
    assert back.name == "page 2.inkfall" and back.with_name(back.name + "-wal").exists() and other.exists()
    gone = shelf.trash(back)
    shelf.delete(gone)
    assert [path.name for path in shelf.trash_folder.iterdir()] == [] and shelf.paths() == [other]


def test_only_what_is_in_the_trash_is_deleted(shelf: PageStore, tmp_path: Path) -> None:
    path = made(shelf, "page")
    with pytest.raises(PageStoreError, match="is not in the trash"):
        shelf.delete(path)
    with pytest.raises(PageStoreError, match="outside the folder of pages"):
        shelf.trash(put(tmp_path / "far.inkfall", "far", "text"))
    assert path.exists() and (tmp_path / "far.inkfall").exists()


def test_what_vanished_cannot_be_moved(shelf: PageStore) -> None:
    path = made(shelf, "page")
    path.unlink()
    with pytest.raises(PageStoreError, match=r"“page\.inkfall” could not be moved: no such file"):
        shelf.trash(path)


def test_a_file_is_read_again_only_when_it_was_written(shelf: PageStore) -> None:
    path = made(shelf, "before")
    first = shelf.entry(path)
    assert shelf.entry(path) is first
    put(path, "after", "text")
    assert shelf.entry(path) is not first
