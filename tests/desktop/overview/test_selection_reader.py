"""The reader of a selection: off the GUI thread, and only what was asked for last is reported."""

import threading
from collections.abc import Iterator

import pytest
from pytestqt.qtbot import QtBot

from desktop.overview.selection_reader import SelectionReader
from desktop.page.chunk import Unread
from desktop.page.chunks import Limits
from desktop.page.page import Page
from desktop.page.statistics import Report
from tests.desktop.editor.harness import SOURCE, span
from tests.desktop.page.writing import write_spans


@pytest.fixture
def page() -> Page:
    page = Page(limits=Limits(units=64, tokens=8))
    page.begin_generation(SOURCE)
    write_spans(page, [span(" word") for _ in range(400)])
    page.end_generation()
    return page


@pytest.fixture
def reader(page: Page, qtbot: QtBot) -> Iterator[SelectionReader]:
    reader = SelectionReader(page)
    yield reader
    reader.close()


def test_the_last_report_is_on_all(page: Page, reader: SelectionReader, qtbot: QtBot) -> None:
    found: list[Report] = []
    reader.reported.connect(found.append)
    reader.read(0, page.length, (10, 100, 1_000))
    qtbot.waitUntil(lambda: bool(found) and found[-1].done)
    assert len(found) > 1 and found[-1].all.tokens == 400 and found[-1].own.tokens == 0


def test_only_what_was_asked_for_last_is_reported(page: Page, reader: SelectionReader, qtbot: QtBot) -> None:
    gate, threads = threading.Event(), list[threading.Thread]()
    (first, *_) = page.contents.path.chunks.parts
    rows = first.rows.copy()

    def read() -> object:
        gate.wait(10)
        threads.append(threading.current_thread())
        return rows

    first.unload(Unread(read, len(rows), first.covered, first.total))  # pyright: ignore[reportArgumentType]
    found: list[Report] = []
    reader.reported.connect(found.append)
    reader.read(0, page.length, (10, 100, 1_000))
    reader.read(page.length - 50, page.length, (10, 100, 1_000))
    qtbot.waitUntil(lambda: bool(found))
    gate.set()
    qtbot.waitUntil(lambda: bool(threads))
    qtbot.wait(50)
    assert [one.all.tokens for one in found] == [10] and threading.main_thread() not in threads
