"""Work off the GUI thread: results arrive on it, in order, unless the work is stale."""

import threading
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QThread
from pytestqt.qtbot import QtBot

from desktop.qt.background import Background


class RefusedError(Exception):
    pass


@pytest.fixture
def background(qtbot: QtBot) -> Iterator[Background]:
    background = Background((RefusedError,))
    yield background
    background.close()


def test_a_result_arrives_on_the_gui_thread(background: Background, qtbot: QtBot) -> None:
    got: list[tuple[int, bool]] = []
    here = QThread.currentThread()
    background.run("a", lambda: 7, lambda value: got.append((value, QThread.currentThread() is here)))
    qtbot.waitUntil(lambda: got == [(7, True)])


def test_a_stream_arrives_in_order_and_ends(background: Background, qtbot: QtBot) -> None:
    got: list[object] = []
    background.stream("a", lambda: iter(range(50)), got.append, lambda: got.append("end"))
    qtbot.waitUntil(lambda: got == [*range(50), "end"])


def test_newer_work_makes_older_work_stale(background: Background, qtbot: QtBot) -> None:
    gate, got = threading.Event(), list[object]()
    background.run("a", lambda: gate.wait(5), lambda _value: got.append("old"))
    background.run("a", lambda: "new", got.append)
    qtbot.waitUntil(lambda: got == ["new"])
    gate.set()
    qtbot.wait(50)
    assert got == ["new"]


def test_a_stale_stream_is_not_asked_further(background: Background, qtbot: QtBot) -> None:
    asked, gate = list[int](), threading.Event()

    def numbers() -> Iterator[int]:
        for number in range(1_000):
            asked.append(number)
            yield number
            gate.wait(5)

    background.stream("a", numbers, lambda _value: None, lambda: None)
    qtbot.waitUntil(lambda: len(asked) == 1)
    background.cancel("a")
    gate.set()
    qtbot.wait(50)
    assert len(asked) <= 2


def test_an_expected_error_goes_to_failed(background: Background, qtbot: QtBot) -> None:
    sentences: list[str] = []

    def work() -> None:
        raise RefusedError("The hub did not answer.")

    background.run("a", work, lambda _value: None, sentences.append)
    qtbot.waitUntil(lambda: sentences == ["The hub did not answer."])


def test_a_bug_surfaces_on_the_gui_thread(background: Background, qtbot: QtBot) -> None:
    with qtbot.capture_exceptions() as caught:
        background.run("a", lambda: 1 // 0, lambda _value: None)
        qtbot.waitUntil(lambda: len(caught) == 1)
    assert caught[0][0] is ZeroDivisionError
