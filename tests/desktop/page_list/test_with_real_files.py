"""The store, the search and the exports on real page files."""

import json
from datetime import datetime
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from desktop.exporting import export_job
from desktop.exporting.export_job import export
from desktop.exporting.exports import Exports
from desktop.page.page import Page
from desktop.page_list.page_store import PageFiles, PageStore, PageStoreError
from desktop.page_list.search import search
from desktop.pagefile.store import Store, create_page
from desktop.pagefile.tracker import Tracker
from desktop.pagefile.unopened import copy_page, peek, set_title, text_of
from desktop.pagefile.values import Facts, PageFileError, View
from models.launch.child_process import ChildProcess
from tests.desktop.exporting.spans import span_of, written


@pytest.fixture
def store(tmp_path: Path) -> PageStore:
    files = PageFiles(peek, text_of, set_title, copy_page)
    return PageStore(tmp_path / "pages", tmp_path / "list.json", files, lambda: datetime(2026, 3, 4))


def page_of(text: str) -> Page:
    page = Page()
    page.write(0, 0, text)
    written(page, [span_of(" there was 🎉"), span_of(" a lamp", -9.0)])
    return page


def stored(path: Path, page: Page, title: str = "") -> Store:
    """The page in a file, which is still open for writing."""
    file = create_page(path)
    delta = Tracker().take(page.contents, View(), Facts(title, page.text(0, 40), 7, 30, 2, "gemma", 1e9, 1.5e9))
    assert delta is not None
    file.write([delta])
    return file


def test_list_rename_duplicate_trash_restore_delete(store: PageStore) -> None:
    path = store.new_path("First")
    stored(path, page_of("Once"), "First").close()
    (entry,) = store.entries()
    assert entry.facts is not None and (entry.facts.title, entry.facts.words) == ("First", 7)
    assert entry.modified == 1.5e9
    store.rename(path, "Second")
    copy = store.duplicate(path)
    titles = {entry.facts.title for entry in store.entries() if entry.facts}
    assert titles == {"Second", "Copy of Second"}
    assert store.text_of(copy) == store.text_of(path) == "Once there was 🎉 a lamp"
    store.delete(store.trash(copy))
    back = store.restore(store.trash(path))
    assert back == path and [one.path for one in store.entries()] == [path]
    assert sorted(one.name for one in store.folder.iterdir()) == ["First.inkfall", "trash"]


def test_a_page_that_was_never_closed_moves_with_its_newest_words(store: PageStore, tmp_path: Path) -> None:
    path = store.new_path("page")
    file = stored(path, page_of("Once"))
    lost = tmp_path / "pages" / "lost.inkfall"
    for one in path.parent.glob("page.inkfall*"):  # as after a power cut
        lost.with_name(one.name.replace("page", "lost")).write_bytes(one.read_bytes())
    file.close()
    assert lost.with_name("lost.inkfall-wal").exists()
    away = store.trash(lost)
    assert store.text_of(store.restore(away)) == "Once there was 🎉 a lamp"


def test_a_file_that_is_no_page_is_listed_with_a_sentence(store: PageStore) -> None:
    path = store.new_path("broken")
    path.parent.mkdir(parents=True)
    path.write_bytes(b"nothing of ours" * 100)
    (entry,) = store.entries()
    assert entry.facts is None and "broken.inkfall" in entry.problem
    with pytest.raises(PageStoreError):
        store.rename(path, "x")
    with pytest.raises(PageStoreError):
        store.duplicate(path)
    assert path.read_bytes() == b"nothing of ours" * 100


def test_words_in_a_page_that_is_open(store: PageStore) -> None:
    file = stored(store.new_path("page"), page_of("Once"))
    (found,) = search(store.entries(), "LAMP", lambda entry: store.text_of(entry.path))
    assert [hit.position for hit in found.hits] == [len("Once there was 🎉 a ".encode("utf-16-le")) // 2]
    file.close()


@pytest.mark.parametrize("suffix", [".txt", ".md", ".html", ".jsonl", ".JSONL", ".other"])
def test_every_kind_of_export_while_the_page_is_open(tmp_path: Path, suffix: str) -> None:
    path, target, scratch = tmp_path / "page.inkfall", tmp_path / f"out{suffix}", tmp_path / "scratch"
    scratch.mkdir()
    page = page_of("Once")
    file = stored(path, page, "A title")
    progress: list[int] = []
    export(path, target, scratch, progress.append)
    text = target.read_text(encoding="utf-8")
    if suffix == ".html":
        assert "<h1>A title</h1>" in text and "there was 🎉" in text and "gemma" in text
    elif suffix.lower() == ".jsonl":
        records = [json.loads(line) for line in text.splitlines()]
        assert "".join(record.get("text", "") for record in records) == page.text()
        assert [record["stale"] for record in records if record["type"] == "token"] == [False, False]
        assert len(records[-2]["top"]) == 3
    else:
        assert text == page.text()
    file.close()
    assert sorted(one.name for one in tmp_path.iterdir()) == sorted([target.name, path.name, "scratch"])


def test_an_export_of_a_file_that_is_no_page(tmp_path: Path) -> None:
    (tmp_path / "page.inkfall").write_bytes(b"no")
    with pytest.raises(PageFileError):
        export(tmp_path / "page.inkfall", tmp_path / "out.txt", tmp_path, lambda _count: None)
    assert not (tmp_path / "out.txt").exists()


def test_the_process_that_exports(tmp_path: Path, qtbot: QtBot) -> None:
    path, scratch = tmp_path / "page.inkfall", tmp_path / "scratch"
    file = stored(path, page_of("Once"))
    exports = Exports(scratch)
    for source, target, expected in (
        (path, tmp_path / "out.html", f"Exported to {tmp_path / 'out.html'}."),
        (path, tmp_path / "nowhere" / "out.txt", "“out.txt” could not be written: no such file or directory."),
        (tmp_path / "none.inkfall", tmp_path / "out.txt", "“none.inkfall”"),
    ):
        with qtbot.waitSignal(exports.message, timeout=20_000) as blocker:
            exports.export(source, target)
        assert blocker.args is not None and expected in blocker.args[0]
    exports.close()
    file.close()
    assert sorted(one.name for one in tmp_path.iterdir()) == ["out.html", "page.inkfall", "scratch"]
    assert [one.name for one in scratch.iterdir()] == ["export.log"]


def test_a_traceback_of_the_process_stays_in_a_file(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    scratch = tmp_path / "export-1"
    scratch.mkdir()
    process = ChildProcess(export_job.run, "a secret", tmp_path / "x.html", scratch, name="export")
    assert process.end(60).exit_code == 1 and capfd.readouterr().err == ""
    assert "Traceback" in (tmp_path / "export.log").read_text()
