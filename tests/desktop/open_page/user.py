"""A user of the open page, for tests: writes, opens, saves, and receives the messages."""

import sqlite3
from array import array
from collections.abc import Callable, Container
from pathlib import Path

from pytestqt.qtbot import QtBot

from desktop.open_page.open_page import OpenPage
from desktop.page.page import Page
from desktop.pagefile import names
from desktop.pagefile.opening import open_page
from desktop.pagefile.values import SUFFIX, DiskFullError, View
from models.engine.events import Span
from models.sampling.readings import Alternatives, Reading


def span(text: str) -> Span:
    """A token of one alternative, itself."""
    spelt = text.encode()
    found = Alternatives(array("i", [7]), array("f", [-1.5]), array("f", [-1.5]), bytes(1), (spelt,))
    return Span(text, (Reading(7, spelt, -1.5, 1, 1.75, -1.5, 0.5, 0.0, 1.0, found),))


def count(text: str) -> tuple[int, int]:
    return len(text.split()), len(text)


class User:
    """Writes on an open page, and hears its messages."""

    def __init__(self, folder: Path, qtbot: QtBot) -> None:
        self.folder = folder
        self.qtbot = qtbot
        self.page = Page()
        self.view = View()
        self.now = 1_000.0
        self.mistake: Exception | None = None  # raised by whatever is asked for the view
        self.new_path = self._free
        self.messages: list[str] = []
        self.views: list[View] = []
        self.saved: list[Path] = []
        self.open_page = OpenPage(
            self.page, self._view, lambda title, reserved: self.new_path(title, reserved), count, lambda: self.now
        )
        self.open_page.message.connect(self.messages.append)
        self.open_page.refused.connect(self.messages.append)
        self.open_page.mended.connect(self.messages.append)
        self.open_page.view_requested.connect(self.views.append)
        self.open_page.page_saved.connect(lambda path, _facts: self.saved.append(path))

    def _view(self) -> View:
        if self.mistake:
            raise self.mistake
        return self.view

    def _free(self, title: str, reserved: Container[Path]) -> Path:
        return names.free(self.folder, title or "page", reserved)

    def writes(self, text: str) -> None:
        self.page.write(self.page.length, 0, text)

    def opens(self, path: Path) -> None:
        self.open_page.open(path)
        self.settle()

    def settle(self) -> None:
        self.until(lambda: not self.open_page.busy)

    def saves(self) -> None:
        assert self.open_page.save() == ""

    def until(self, done: Callable[[], bool]) -> None:
        self.qtbot.waitUntil(done, timeout=10_000)

    def files(self) -> list[str]:
        return sorted(path.name for path in self.folder.glob("*"))


def text_in(path: Path) -> str:
    """The text in a page's file."""
    opened = open_page(path)
    page = Page()
    page.put(opened.contents)
    if opened.store:
        opened.store.close()
    return page.text()


def text_in_open_file(path: Path, folder: Path) -> str:
    target = folder / f"copy{SUFFIX}"
    target.unlink(missing_ok=True)
    with sqlite3.connect(path) as connection:
        connection.execute("VACUUM INTO ?", (str(target),))
    connection.close()
    return text_in(target)


def full(*_arguments: object) -> None:
    raise DiskFullError("The disk is full.")
