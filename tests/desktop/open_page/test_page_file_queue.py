"""The thread for pages' files: one job at a time, and only the last requested page is opened."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from desktop.open_page.load_page import ReadPage
from desktop.open_page.page_file_queue import PageFileQueue


def same(path: Path) -> Path:
    return path


@pytest.fixture
def queue(qtbot: QtBot) -> Iterator[PageFileQueue]:
    queue = PageFileQueue()
    yield queue
    queue.close()


def texts(folder: Path, *names: str) -> list[Path]:
    paths = [folder / f"{name}.txt" for name in names]
    for path in paths:
        path.write_text(path.stem)
    return paths


def test_only_the_reading_that_was_asked_for_last_is_given(queue: PageFileQueue, tmp_path: Path, qtbot: QtBot) -> None:
    first, second = texts(tmp_path, "first", "second")
    read: list[ReadPage] = []
    ended: list[None] = []
    queue.page_read.connect(read.append)
    queue.unwanted_ended.connect(lambda: ended.append(None))
    queue.read(None, lambda: first, same, first)
    queue.read(None, lambda: second, same, second)
    assert queue.busy and queue.paths == {first, second}
    qtbot.waitUntil(lambda: not queue.paths)
    assert [page.path for page in read] == [second] and len(ended) == 1 and not queue.busy


def test_a_reading_that_was_cancelled_is_not_given(queue: PageFileQueue, tmp_path: Path, qtbot: QtBot) -> None:
    (path,) = texts(tmp_path, "page")
    read: list[ReadPage] = []
    queue.page_read.connect(read.append)
    queue.read(None, lambda: path, same, path)
    queue.cancel()
    assert not queue.busy
    with qtbot.waitSignal(queue.unwanted_ended):
        assert queue.paths == {path}
    assert read == [] and queue.paths == set()


def test_the_open_file_is_not_read_again(queue: PageFileQueue, tmp_path: Path, qtbot: QtBot) -> None:
    (path,) = texts(tmp_path, "page")
    with qtbot.waitSignal(queue.page_read) as given:
        queue.read(path, lambda: tmp_path / "." / "page.txt", same)
    assert given.args == [None]


def test_a_file_that_cannot_be_read_gives_a_sentence(queue: PageFileQueue, tmp_path: Path, qtbot: QtBot) -> None:
    with qtbot.waitSignal(queue.reading_failed) as given:
        queue.read(None, lambda: tmp_path / "none.txt", same)
    assert given.args and "none.txt" in given.args[0]


def test_jobs_are_done_in_turn(queue: PageFileQueue) -> None:
    gate, done = threading.Event(), list[int]()
    queue.in_turn(lambda: gate.wait(10))
    result = queue.in_turn(lambda: done.append(1))
    assert done == []
    gate.set()
    result()
    assert done == [1]


def test_after_the_end_jobs_are_done_by_their_caller(queue: PageFileQueue) -> None:
    queue.close()
    assert queue.closed and queue.in_turn(lambda: 3)() == 3
