"""The window of “Check for updates”, on a server of its own."""

import json
from collections.abc import Callable, Iterator

import pytest
from PySide6.QtWidgets import QDialogButtonBox, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from desktop.updating.updates import Updates
from models.library.hub.connection import Ledger
from tests.desktop.updating.announcing import Announcing, announcing

URL = "https://example.org/inkfall"


class Room:
    """Updates with its window; `opened` are the pages that the browser was asked for."""

    def __init__(self, qtbot: QtBot, server: Announcing, limit: int = 10_000) -> None:
        self.opened: list[str] = []
        self.window = QWidget()
        qtbot.addWidget(self.window)
        self.ledger = Ledger()
        self.updates = Updates(
            lambda: "1.0.0", self.ledger, self.window, server.address, limit=limit, open_url=self.opened.append
        )

    @property
    def message(self) -> str:
        return self.updates.dialog.message_label.text() if self.updates.dialog else ""

    def button(self, words: str) -> QPushButton:
        assert self.updates.dialog is not None
        return next(one for one in self.updates.dialog.findChildren(QPushButton) if words in one.text())


@pytest.fixture
def server() -> Iterator[Announcing]:
    with announcing() as server:
        yield server


@pytest.fixture
def make(qtbot: QtBot, server: Announcing) -> Iterator[Callable[..., Room]]:
    made: list[Room] = []

    def one(limit: int = 10_000) -> Room:
        made.append(Room(qtbot, server, limit))
        return made[-1]

    yield one
    server.released.set()
    for room in made:
        room.updates.close()


def announces(server: Announcing, version: str, notes: str = "") -> None:
    server.body = json.dumps({"version": version, "url": URL, "notes": notes}).encode()


def test_a_newer_one(qtbot: QtBot, server: Announcing, make: Callable[..., Room]) -> None:
    announces(server, "1.1.0", "Faster.")
    room = make()
    room.updates.check()
    assert room.message.startswith("Asking 127.0.0.1")
    qtbot.waitUntil(lambda: "1.1.0 is available; this is 1.0.0" in room.message)
    assert room.updates.dialog is not None
    assert room.updates.dialog.notes.toPlainText() == "Faster."
    assert room.opened == []  # not by itself
    room.button("example.org").click()
    assert room.opened == [URL]
    assert [contact.why for contact in room.ledger.contacts()] == ["is there a newer Inkfall"]


def test_up_to_date(qtbot: QtBot, server: Announcing, make: Callable[..., Room]) -> None:
    announces(server, "1.0.0")
    room = make()
    room.updates.check()
    qtbot.waitUntil(lambda: room.message == "Inkfall 1.0.0 is the newest version.")
    assert room.updates.dialog is not None
    assert room.updates.dialog.notes.isHidden()
    room.updates.dialog.buttons.button(QDialogButtonBox.StandardButton.Close).click()
    assert room.updates.dialog is None
    room.updates.check()
    qtbot.waitUntil(lambda: "is the newest version" in room.message)


def test_a_failed_check(qtbot: QtBot, server: Announcing, make: Callable[..., Room]) -> None:
    server.status = 500
    room = make()
    room.updates.check()
    qtbot.waitUntil(lambda: "status 500" in room.message)


def test_offline(qtbot: QtBot, server: Announcing, make: Callable[..., Room]) -> None:
    room = make()
    room.updates.set_network("", True)
    room.updates.check()
    qtbot.waitUntil(lambda: "offline" in room.message)
    assert server.asked == []


def test_cancel(qtbot: QtBot, server: Announcing, make: Callable[..., Room]) -> None:
    announces(server, "9.0")
    server.answer = server.hangs
    room = make()
    room.updates.check()
    qtbot.waitUntil(lambda: len(server.asked) == 1)
    room.button("Cancel").click()
    assert room.updates.dialog is None
    server.answer = server._answer
    server.released.set()
    qtbot.wait(100)
    assert room.updates.dialog is None  # what still came was dropped


def test_a_limit_on_the_whole_check(qtbot: QtBot, server: Announcing, make: Callable[..., Room]) -> None:
    server.answer = server.hangs
    room = make(limit=200)
    room.updates.check()
    qtbot.waitUntil(lambda: "did not answer in time" in room.message)


def test_asking_twice_is_one_question(qtbot: QtBot, server: Announcing, make: Callable[..., Room]) -> None:
    announces(server, "1.0.0")
    room = make()
    room.updates.check()
    room.updates.check()
    qtbot.waitUntil(lambda: "is the newest version" in room.message)
    assert len(server.asked) == 1


def test_no_check_without_the_user(make: Callable[..., Room], server: Announcing) -> None:
    make()
    assert server.asked == []
