"""The list, connected: actions on pages that are not open, and requests about the open one."""

import os
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtWidgets import QMessageBox, QPushButton
from pytestqt.qtbot import QtBot

from desktop.page_list.page_store import Entry, PageStore
from desktop.page_list.pages import Pages
from desktop.page_list.search import Hit
from tests.desktop.page_list.files import FILES, peek, put

Wait = Callable[[Callable[[], bool]], None]


@pytest.fixture
def wait(qtbot: QtBot) -> Wait:
    return lambda condition: qtbot.waitUntil(condition)


@pytest.fixture
def pages(qtbot: QtBot, store: PageStore) -> Iterator[Pages]:
    texts = {"one": "First words.\nThe clocks struck.", "two": "Clocks", "three": ""}
    for age, (title, text) in enumerate(texts.items()):
        path = put(store.new_path(title), title, text)
        os.utime(path, (1_000_000 - age, 1_000_000 - age))
    pages = Pages(store, now=lambda: 1_000_000.0, show=lambda url: pages.message.emit(url.toLocalFile()))
    qtbot.addWidget(pages.panel)
    pages.panel.resize(264, 400)
    pages.panel.show()
    qtbot.waitUntil(lambda: len(names(pages)) == 3)
    yield pages
    pages.close()


def names(pages: Pages) -> list[str]:
    rows = pages.panel.list.rows
    return [str(rows.data(rows.index(row))) for row in range(rows.rowCount())]


def path_of(pages: Pages, name: str) -> Path:
    return pages.store.folder / f"{name}.inkfall"


def test_the_list_is_read_when_it_is_shown(pages: Pages) -> None:
    assert names(pages) == ["one", "two", "three"]


def test_a_page_that_was_saved_goes_first_without_a_look_at_its_file(pages: Pages, wait: Wait) -> None:
    path = path_of(pages, "three")
    pages.set_open(path)
    facts = replace(peek(path), title="three, noted", modified=2_000_000.0)
    pages.page_saved(path, facts)
    assert names(pages) == ["three, noted", "one", "two"]
    pages.refresh()  # the file has older facts
    put(path_of(pages, "four"), "four", "")
    wait(lambda: "four" in names(pages))
    assert "three, noted" in names(pages)


def test_rename_duplicate_trash_restore(pages: Pages, wait: Wait) -> None:
    panel = pages.panel
    panel.rename_requested.emit(path_of(pages, "two"), "second")
    assert "second" in names(pages)  # at once
    wait(lambda: peek(path_of(pages, "two")).title == "second")
    panel.duplicate_requested.emit(path_of(pages, "one"))
    wait(lambda: "Copy of one" in names(pages))
    panel.trash_requested.emit(path_of(pages, "one"))
    wait(lambda: "one" not in names(pages) and panel.trash.text() == "Trash (1)")
    panel.restore_requested.emit(pages.store.trash_folder / "one.inkfall")
    wait(lambda: "one" in names(pages) and panel.trash.text() == "Trash")


def undone(pages: Pages) -> list[tuple[str, Callable[[], object]]]:
    """The offers to undo."""
    offered: list[tuple[str, Callable[[], object]]] = []
    pages.undo_offered.connect(lambda sentence, undo: offered.append((sentence, undo)))
    return offered


def test_moving_to_the_trash_can_be_undone(pages: Pages, wait: Wait) -> None:
    offered, opened = undone(pages), list[Path]()
    pages.open_requested.connect(lambda path, _position: opened.append(path))
    path = path_of(pages, "one")
    pages.trash(path)
    wait(lambda: bool(offered))
    assert offered[0][0] == "Moved to trash." and not path.exists()
    offered[0][1]()
    wait(lambda: "one" in names(pages))
    assert path.exists() and opened == []


def test_the_open_page_is_open_again_when_its_way_to_the_trash_is_undone(pages: Pages, wait: Wait) -> None:
    offered, opened = undone(pages), list[Path]()
    pages.open_requested.connect(lambda path, _position: opened.append(path))
    path = path_of(pages, "one")
    pages.set_open(path)
    pages.leave_requested.connect(lambda then: (pages.set_open(None), then(path)))
    pages.trash(path)
    wait(lambda: bool(offered))
    offered[0][1]()
    wait(lambda: opened == [path])


def test_a_page_left_empty_goes_unless_it_was_opened_again(pages: Pages, wait: Wait) -> None:
    offered = undone(pages)
    pages.set_open(path_of(pages, "two"))
    pages.trash_empty(path_of(pages, "two"))
    pages.trash_empty(path_of(pages, "one"))  # which another program has written to
    pages.trash_empty(path_of(pages, "gone"))
    pages.trash_empty(path_of(pages, "three"))
    wait(lambda: "three" not in names(pages))
    assert {"one", "two"} <= set(names(pages)) and offered == []


def test_actions_on_the_open_page_are_requested_first(pages: Pages, wait: Wait) -> None:
    path = path_of(pages, "one")
    pages.set_open(path)
    asked: list[tuple[str, Callable[[Path], None]]] = []
    titles: list[str] = []
    pages.leave_requested.connect(lambda then: asked.append(("leave", then)))
    pages.save_requested.connect(lambda then: asked.append(("keep", then)))
    pages.rename_open_requested.connect(titles.append)
    pages.panel.trash_requested.emit(path)
    pages.panel.duplicate_requested.emit(path)
    pages.panel.rename_requested.emit(path, "new title")
    assert [name for name, _ in asked] == ["leave", "keep"] and titles == ["new title"]
    assert path.exists() and peek(path).title == "one"
    opened: list[Path] = []
    pages.open_requested.connect(lambda path, _position: opened.append(path))
    asked[1][1](path)
    wait(lambda: opened == [path_of(pages, "Copy of one")])
    asked[0][1](path)
    wait(lambda: not path.exists())


def test_a_copy_is_not_opened_where_another_page_was_meanwhile(pages: Pages, wait: Wait) -> None:
    path, opened = path_of(pages, "one"), list[Path]()
    pages.open_requested.connect(lambda path, _position: opened.append(path))
    pages.save_requested.connect(lambda then: then(path))
    pages.set_open(path)
    pages.duplicate(path)
    pages.set_open(path_of(pages, "two"))
    wait(lambda: path_of(pages, "Copy of one").exists() and "Copy of one" in names(pages))
    assert opened == []


def test_an_open_page_leaves_before_it_is_restored_or_deleted(pages: Pages, wait: Wait) -> None:
    away, left = pages.store.trash(path_of(pages, "one")), list[Callable[[Path], None]]()
    pages.leave_requested.connect(left.append)
    pages.set_open(away)
    pages.panel.restore_requested.emit(away)
    pages.panel.delete_requested.emit(away)
    press(pages, "Delete")
    assert away.exists() and len(left) == 2
    opened: list[Path] = []
    pages.open_requested.connect(lambda path, _position: opened.append(path))
    pages.set_open(None)
    left[0](away)
    wait(lambda: opened == [path_of(pages, "one")])


def test_a_page_on_its_way_is_trashed_when_it_is_at_rest(pages: Pages, wait: Wait) -> None:
    path, waits, left = path_of(pages, "one"), list[Callable[[], None]](), list[bool]()
    pages.leave_requested.connect(lambda _then: left.append(True))
    pages.when_at_rest = lambda _path, then: waits.append(then)
    for wish in (pages.trash, pages.duplicate, lambda path: pages.panel.rename_requested.emit(path, "other")):
        wish(path)
    assert path.exists() and len(waits) == 3
    pages.set_open(path)  # it was being read, to be the open page
    waits[0]()
    assert left == [True]


def press(pages: Pages, answer: str) -> QMessageBox:
    """Answer the question that is asked last."""
    box = pages.panel.window().findChildren(QMessageBox)[-1]
    next(b for b in box.findChildren(QPushButton) if b.text().replace("&", "") == answer).click()
    return box


def test_nothing_is_deleted_before_the_answer(pages: Pages, wait: Wait, qtbot: QtBot) -> None:
    away = pages.store.trash(path_of(pages, "one"))
    pages.refresh()
    for answer, stays in (("Cancel", True), ("Delete", False)):
        pages.panel.delete_requested.emit(away)
        assert press(pages, answer).defaultButton().text().replace("&", "") == "Cancel"
        wait(lambda stays=stays: away.exists() == stays)
    wait(lambda: pages.panel.trash.text() == "Trash")


def test_failures_are_reported(pages: Pages, wait: Wait) -> None:
    messages: list[str] = []
    pages.message.connect(messages.append)
    path_of(pages, "two").unlink()
    pages.panel.trash_requested.emit(path_of(pages, "two"))
    wait(lambda: messages == ["“two.inkfall” could not be moved: no such file or directory."])
    wait(lambda: names(pages) == ["one", "three"])


def test_a_page_elsewhere_is_listed_and_forgotten(pages: Pages, wait: Wait, tmp_path: Path) -> None:
    far = put(tmp_path / "far" / "far.inkfall", "far", "text")
    pages.set_open(far)
    wait(lambda: "far" in names(pages))
    pages.panel.forget_requested.emit(far)
    wait(lambda: "far" not in names(pages))
    assert far.exists()


def test_the_folder_is_shown(pages: Pages) -> None:
    messages: list[str] = []
    pages.message.connect(messages.append)
    pages.panel.show_in_folder_requested.emit(path_of(pages, "one"))
    assert [Path(one) for one in messages] == [pages.store.folder]


def test_words_in_all_pages(pages: Pages, wait: Wait) -> None:
    pages.find()
    pages.panel.field.setText("clocks")
    wait(lambda: names(pages) == ["one", "two"])
    value = pages.panel.list.current
    assert isinstance(value, Hit) and value.line == "The clocks struck." and value.position == 17
    pages.panel.field.setText("nowhere")
    wait(lambda: pages.panel.list.placeholder == "Nothing found for “nowhere”.")
    pages.panel.field.clear()
    wait(lambda: len(names(pages)) == 3)


def test_the_open_page_is_kept_before_it_is_searched(pages: Pages, wait: Wait) -> None:
    path = path_of(pages, "three")
    pages.set_open(path)

    def keep(then: Callable[[Path], None]) -> None:
        put(path, "three", "typed a moment ago")
        then(path)

    pages.save_requested.connect(keep)
    pages.panel.field.setText("moment")
    wait(lambda: names(pages) == ["three"])


def test_a_search_that_is_no_longer_wanted_stops(qtbot: QtBot, store: PageStore, wait: Wait) -> None:
    for number in range(50):
        put(store.new_path(f"{number}"), f"{number}", "no")
    read: list[Path] = []
    go_on = threading.Event()

    def slow(path: Path) -> str:
        read.append(path)
        go_on.wait(10)
        return "x"

    slow_shelf = PageStore(store.folder, store.folder / "list.json", replace(FILES, text_of=slow))
    pages = Pages(slow_shelf)
    qtbot.addWidget(pages.panel)
    pages.refresh()
    wait(lambda: len(names(pages)) == 50)
    pages.panel.field.setText("x")
    wait(lambda: len(read) == 1)
    pages.panel.field.setText("")
    wait(lambda: len(names(pages)) == 50 and isinstance(pages.panel.list.current, Entry))
    go_on.set()
    pages.close()
    assert len(read) <= 2


@pytest.mark.parametrize(
    ("modified", "order"),
    [
        (999_998.5, ["one", "two", "three"]),
        (999_999.5, ["one", "three", "two"]),
        (2_000_000.0, ["three", "one", "two"]),
    ],
)
def test_a_page_that_was_only_looked_at_keeps_its_place(pages: Pages, modified: float, order: list[str]) -> None:
    path = path_of(pages, "three")
    pages.set_open(path)
    for _ in range(2):
        pages.page_saved(path, replace(peek(path), title="three", modified=modified))
        assert names(pages) == order
