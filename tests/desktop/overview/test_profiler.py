"""Profiles of the open page: rows in the file are read on a thread, and what came too late is dropped."""

import threading
from collections.abc import Iterator

import pytest
from pytestqt.qtbot import QtBot

from desktop.overview.profiler import Profiler
from desktop.page.chunk import Unread
from desktop.page.chunks import Limits
from desktop.page.edit import Change
from desktop.page.page import Page
from tests.desktop.editor.harness import SOURCE, span
from tests.desktop.page.writing import write_spans

TOKENS = 200


@pytest.fixture
def page() -> Page:
    page = Page(limits=Limits(units=64, tokens=8))
    page.begin_generation(SOURCE)
    write_spans(page, [span(" word") for _ in range(TOKENS)])
    page.end_generation()
    return page


@pytest.fixture
def profiler(page: Page, qtbot: QtBot) -> Iterator[Profiler]:
    profiler = Profiler(page, delay=0)
    page.listeners.append(profiler.page_changed)
    yield profiler
    profiler.close()


class File:
    """Holds the rows of a page's chunks, and which thread read them."""

    def __init__(self, page: Page) -> None:
        self.threads: list[threading.Thread] = []
        self.gate = threading.Event()
        self.gate.set()
        for chunk in page.contents.path.chunks.parts:
            rows = chunk.rows.copy()

            def read(rows: object = rows) -> object:
                self.gate.wait(10)
                self.threads.append(threading.current_thread())
                return rows

            chunk.unload(Unread(read, len(rows), chunk.covered, chunk.total))  # pyright: ignore[reportArgumentType]


def total(page: Page) -> int | None:
    found = page.overview.total(0, page.length)
    return None if found is None else found.tokens


def test_rows_in_memory_are_summed(page: Page, profiler: Profiler, qtbot: QtBot) -> None:
    assert total(page) is None
    profiler.set_on(True)
    qtbot.waitUntil(lambda: total(page) == TOKENS)


def test_rows_in_the_file_are_read_on_a_thread_and_stay_there(page: Page, profiler: Profiler, qtbot: QtBot) -> None:
    file = File(page)
    profiler.set_on(True)
    qtbot.waitUntil(lambda: total(page) == TOKENS)
    assert file.threads and threading.main_thread() not in file.threads
    assert all(chunk.unread is not None for chunk in page.contents.path.chunks.parts)
    read = len(file.threads)
    profiler.page_changed(Change(0, 0, 0, "read"))
    with qtbot.waitSignal(profiler.profiled):
        pass
    assert len(file.threads) == read  # nothing is read twice


def test_typing_meanwhile_is_counted(page: Page, profiler: Profiler, qtbot: QtBot) -> None:
    file = File(page)
    file.gate.clear()
    profiler.set_on(True)
    qtbot.waitUntil(lambda: profiler.reading)
    assert total(page) is None
    file.gate.set()
    page.write(2, 1, "X")  # dissolves a token
    qtbot.waitUntil(lambda: total(page) == TOKENS - 1)


def test_another_page_takes_the_place_of_what_is_read(page: Page, profiler: Profiler, qtbot: QtBot) -> None:
    file = File(page)
    file.gate.clear()
    profiler.set_on(True)
    qtbot.waitUntil(lambda: profiler.reading)
    chunks = list(page.contents.path.chunks.parts)
    page.put(page.blank())
    assert not profiler.reading
    file.gate.set()
    qtbot.waitUntil(lambda: total(page) == 0)
    profiler.close()
    assert len(file.threads) < len(chunks)


def test_it_does_nothing_while_it_is_off(page: Page, profiler: Profiler, qtbot: QtBot) -> None:
    page.write(0, 0, "x")
    qtbot.wait(30)
    assert total(page) is None
    profiler.set_on(True)
    profiler.set_on(False)
    qtbot.wait(30)
    assert total(page) is None
