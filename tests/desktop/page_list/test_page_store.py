"""The store of pages: nothing is overwritten, and failures are reported."""

import os
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from desktop.page_list.page_store import VANISHED, PageStore, PageStoreError, copy_title
from desktop.pagefile.values import Facts
from tests.desktop.page_list.files import FILES, put


def made(store: PageStore, title: str, text: str = "Some words.", age: float = 0.0) -> Path:
    path = put(store.new_path(title), title, text)
    os.utime(path, (1_000_000 - age, 1_000_000 - age))
    return path


def titles(store: PageStore) -> list[str]:
    return [entry.facts.title for entry in store.entries() if entry.facts and not entry.trashed]


def test_the_page_written_last_comes_first(store: PageStore) -> None:
    made(store, "old", age=50)
    made(store, "new", age=5)
    made(store, "middle", age=20)
    assert titles(store) == ["new", "middle", "old"]


def test_text_in_the_log_counts_as_written(store: PageStore) -> None:
    old = made(store, "old", age=50)
    made(store, "new", age=5)
    old.with_name(old.name + "-wal").touch()
    assert [path.stem for path in store.paths()] == ["old", "new"]


def test_no_folder_no_pages(store: PageStore) -> None:
    assert list(store.entries()) == [] and not store.folder.exists()


def test_two_pages_of_one_title(store: PageStore) -> None:
    assert made(store, "same") != made(store, "same")
    assert titles(store) == ["same", "same"]


def test_a_file_that_cannot_be_read_is_listed_with_a_sentence(store: PageStore) -> None:
    broken = made(store, "broken")
    broken.write_text("not a page", encoding="utf-8")
    entry = store.entry(broken)
    assert entry.facts is None and entry.problem == "“broken.inkfall” is no page." and entry.modified > 0


@pytest.mark.parametrize("error", [RecursionError("deep"), MemoryError(), KeyError("x"), OverflowError("large")])
def test_a_page_that_is_our_mistake_leaves_the_others_on_the_list(
    store: PageStore, tmp_path: Path, error: Exception
) -> None:
    good, bad = made(store, "good", age=5), made(store, "bad", age=50)

    def failing(path: Path) -> Facts:
        if path == bad:
            raise error
        return FILES.peek(path)

    store = PageStore(store.folder, tmp_path / "pages-elsewhere.json", replace(FILES, peek=failing))
    entries = {entry.path: entry for entry in store.entries()}
    assert entries[good].facts and not entries[good].problem
    assert entries[bad].facts is None and entries[bad].problem.startswith("“bad.inkfall” could not be read: ")


def test_a_page_elsewhere_is_remembered_until_it_is_forgotten(store: PageStore, tmp_path: Path) -> None:
    far = put(tmp_path / "far" / "a.inkfall", "far", "text")
    store.remember(far)
    store.remember(far)
    again = PageStore(store.folder, tmp_path / "pages-elsewhere.json", FILES)
    assert [(entry.path, entry.elsewhere) for entry in again.entries()] == [(far, True)]
    far.unlink()
    assert again.entry(far).problem == VANISHED
    again.forget(far)
    assert list(again.entries()) == []


def test_two_windows_remember_pages_at_the_same_moment(store: PageStore, tmp_path: Path) -> None:
    """Each has a list of its own in memory; the file has both."""
    start = threading.Barrier(12)

    def remember(number: int) -> None:
        window = PageStore(store.folder, tmp_path / "pages-elsewhere.json", FILES)
        start.wait()
        window.remember(tmp_path / f"{number}.inkfall")

    threads = [threading.Thread(target=remember, args=(number,)) for number in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(store.elsewhere()) == 12


def test_a_page_of_ours_is_not_remembered_twice(store: PageStore) -> None:
    store.remember(made(store, "ours"))
    assert store.elsewhere() == []


@pytest.mark.skipif(os.name == "nt", reason="links need a privilege there")
def test_the_folder_may_be_spelt_in_another_way(store: PageStore, tmp_path: Path) -> None:
    path = made(store, "page")
    (tmp_path / "link").symlink_to(store.folder, target_is_directory=True)
    assert store.listed_as(tmp_path / "link" / "page.inkfall") == path
    store.remember(tmp_path / "link" / "page.inkfall")
    assert store.paths() == [path]


def test_a_list_that_cannot_be_saved(store: PageStore, tmp_path: Path) -> None:
    (tmp_path / "pages-elsewhere.json").mkdir()
    with pytest.raises(PageStoreError, match="The list of pages could not be saved"):
        store.remember(tmp_path / "far.inkfall")


def test_rename_changes_the_title_not_the_file(store: PageStore) -> None:
    path = made(store, "before")
    store.rename(path, "  after\nall ")
    assert titles(store) == ["after all"] and path.exists()


def test_a_duplicate_has_a_title_of_its_own(store: PageStore) -> None:
    path = made(store, "page", "text")
    copy = store.duplicate(path)
    assert copy.name == "Copy of page.inkfall" and sorted(titles(store)) == ["Copy of page", "page"]
    assert store.text_of(copy) == "text"


def test_the_copy_of_a_page_without_title() -> None:
    assert copy_title(Facts(line="It was a bright cold day in April, and the clocks were striking")) == (
        "Copy of It was a bright cold day in April, and t"
    )
    assert copy_title(Facts()) == ""


def test_trash_restore_and_delete(store: PageStore) -> None:
    path = made(store, "page")
    log = path.with_name(path.name + "-wal")
    log.write_bytes(b"the newest words")
    away = store.trash(path)
    assert not path.exists() and not log.exists()
    assert away.with_name(away.name + "-wal").read_bytes() == b"the newest words"
    assert store.paths() == [] and store.entry(away).trashed
    other = made(store, "page")  # the name is taken meanwhile
    back = store.restore(away)
    assert back.name == "page 2.inkfall" and back.with_name(back.name + "-wal").exists() and other.exists()
    gone = store.trash(back)
    store.delete(gone)
    assert [path.name for path in store.trash_folder.iterdir()] == [] and store.paths() == [other]


def test_only_pages_in_the_trash_are_deleted(store: PageStore, tmp_path: Path) -> None:
    path = made(store, "page")
    with pytest.raises(PageStoreError, match="is not in the trash"):
        store.delete(path)
    with pytest.raises(PageStoreError, match="outside the folder of pages"):
        store.trash(put(tmp_path / "far.inkfall", "far", "text"))
    assert path.exists() and (tmp_path / "far.inkfall").exists()


def test_a_vanished_page_cannot_be_moved(store: PageStore) -> None:
    path = made(store, "page")
    path.unlink()
    with pytest.raises(PageStoreError, match=r"“page\.inkfall” could not be moved: no such file"):
        store.trash(path)


def test_a_file_is_read_again_only_when_it_was_written(store: PageStore) -> None:
    path = made(store, "before")
    first = store.entry(path)
    assert store.entry(path) is first
    put(path, "after", "text")
    assert store.entry(path) is not first
