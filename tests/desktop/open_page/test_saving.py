"""The saver: no change is lost, whatever the disk does, and there is one write at a time."""

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QCoreApplication
from pytestqt.qtbot import QtBot
from shiboken6 import isValid

from desktop.open_page import saving
from desktop.open_page.saving import Saver
from desktop.pagefile.values import CannotWriteError, DamagedFileError, DiskFullError, ForeignWriteError, PageFileError


class Disk:
    """A store in memory that raises `fault`. A delta is a number here."""

    def __init__(self) -> None:
        self.path = Path("page.inkfall")
        self.written: list[int] = []
        self.fault: PageFileError | None = None
        self.closed = 0
        self.gate = threading.Event()
        self.gate.set()

    def write(self, deltas: Sequence[Any]) -> None:
        self.gate.wait(10)
        if self.fault:
            raise self.fault
        self.written += deltas

    def close(self) -> None:
        self.closed += 1
        if self.fault:
            raise self.fault


class Changes:
    """The changes of a page: numbers."""

    def __init__(self) -> None:
        self.new: list[int] = []

    def take(self) -> Any:
        return self.new.pop(0) if self.new else None


@pytest.fixture
def executor() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(1) as executor:
        yield executor


@pytest.fixture
def disk() -> Disk:
    return Disk()


@pytest.fixture
def changes() -> Changes:
    return Changes()


@pytest.fixture
def saver(
    disk: Disk, changes: Changes, executor: ThreadPoolExecutor, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Saver]:
    monkeypatch.setattr(saving, "RETRY", 50)
    saver = Saver(changes.take, lambda: disk, executor)
    yield saver
    if isValid(saver):
        saver.stop()  # no attempt after the end


def emitted(signal: Any) -> list[Any]:
    values: list[Any] = []
    signal.connect(lambda *arguments: values.append(arguments))
    return values


def until(qtbot: QtBot, done: Callable[[], bool]) -> None:
    qtbot.waitUntil(done, timeout=5_000)


def test_a_change_is_written_soon(saver: Saver, disk: Disk, changes: Changes, qtbot: QtBot) -> None:
    saved = emitted(saver.saved)
    changes.new = [1]
    saver.touch(10)
    until(qtbot, lambda: disk.written == [1])
    until(qtbot, lambda: len(saved) == 1)


def test_a_change_during_a_write_is_written_after_it(saver: Saver, disk: Disk, changes: Changes, qtbot: QtBot) -> None:
    disk.gate.clear()
    changes.new = [1]
    saver.touch(1)
    until(qtbot, lambda: not changes.new)
    changes.new = [2]
    saver.touch(1)
    qtbot.wait(50)
    assert changes.new == [2]  # nothing is taken while a write is under way
    disk.gate.set()
    until(qtbot, lambda: disk.written == [1, 2])


@pytest.mark.parametrize("fault", [DiskFullError("The disk is full."), CannotWriteError("It cannot be written.")])
def test_a_failed_write_is_tried_again_with_all_that_was_taken(
    saver: Saver, disk: Disk, changes: Changes, qtbot: QtBot, fault: PageFileError
) -> None:
    failed, mended = emitted(saver.failed), emitted(saver.mended)
    disk.fault = fault
    changes.new = [1, 2, 3]
    saver.touch(1)
    until(qtbot, lambda: saver.failing)
    saver.touch(1)  # is left to the next attempt
    qtbot.wait(120)
    assert failed == [(fault,)]  # once
    assert disk.written == []
    disk.fault = None
    until(qtbot, lambda: disk.written == [1, 2, 3])
    until(qtbot, lambda: mended == [()])
    assert not saver.failing


def test_a_foreign_write_is_reported_and_not_tried_again(
    saver: Saver, disk: Disk, changes: Changes, qtbot: QtBot
) -> None:
    failed = emitted(saver.failed)
    disk.fault = ForeignWriteError("Someone else wrote.")
    changes.new = [1]
    saver.touch(1)
    until(qtbot, lambda: len(failed) == 1)
    disk.fault = None
    qtbot.wait(120)
    assert disk.written == []


@pytest.mark.parametrize("leaving", [False, True])
def test_a_failure_of_another_kind_is_reported_as_well(
    saver: Saver, disk: Disk, changes: Changes, qtbot: QtBot, leaving: bool
) -> None:
    """A full disk is waited for; that the file went away meanwhile is for the open page, which can make another."""
    failed = emitted(saver.failed)
    full, foreign, damaged = DiskFullError("Full."), ForeignWriteError("Someone else wrote."), DamagedFileError("No.")
    disk.fault = full
    changes.new = [1]
    saver.leave() if leaving else saver.touch(0)
    until(qtbot, lambda: len(failed) == 1)
    disk.fault = foreign
    until(qtbot, lambda: len(failed) == 2)
    assert saver.flush() is foreign
    assert failed == [(full,), (foreign,)]  # once
    disk.fault = damaged
    assert saver.flush() is damaged
    assert saver.failing


def test_flush_waits_for_the_disk_and_reports_errors(saver: Saver, disk: Disk, changes: Changes) -> None:
    changes.new = [1]
    assert saver.flush() is None
    assert disk.written == [1]
    disk.fault = DiskFullError("The disk is full.")
    changes.new = [2]
    assert saver.flush() is disk.fault
    disk.fault = None
    assert saver.flush() is None
    assert disk.written == [1, 2]


def test_flush_while_a_write_is_under_way(saver: Saver, disk: Disk, changes: Changes, qtbot: QtBot) -> None:
    disk.gate.clear()
    changes.new = [1]
    saver.touch(1)
    until(qtbot, lambda: not changes.new)
    changes.new = [2]
    disk.gate.set()
    assert saver.flush() is None
    assert disk.written == [1, 2]
    qtbot.wait(20)  # the signal of the first write comes late and changes nothing
    assert disk.written == [1, 2]


def test_closing_writes_closes_and_reports_errors(saver: Saver, disk: Disk, changes: Changes) -> None:
    changes.new = [1]
    assert saver.close() is None
    assert (disk.written, disk.closed) == ([1], 1)


def test_a_file_that_cannot_be_closed_is_reported(saver: Saver, disk: Disk, changes: Changes) -> None:
    changes.new = [1]
    assert saver.flush() is None
    disk.fault = CannotWriteError("It cannot be written.")
    assert saver.close() is disk.fault


def test_leaving_writes_the_rest_without_a_wait(saver: Saver, disk: Disk, changes: Changes, qtbot: QtBot) -> None:
    left = emitted(saver.left)
    changes.new = [1]
    disk.gate.clear()
    saver.leave()
    changes.new = [99]  # of the next page
    disk.gate.set()
    until(qtbot, lambda: left == [()])
    assert (disk.written, disk.closed) == ([1], 1)


def test_leaving_with_a_full_disk_goes_on_until_it_is_written(
    saver: Saver, disk: Disk, changes: Changes, qtbot: QtBot
) -> None:
    left = emitted(saver.left)
    disk.fault = DiskFullError("The disk is full.")
    changes.new = [1]
    saver.leave()
    until(qtbot, lambda: saver.failing)
    changes.new = [99]
    qtbot.wait(120)
    assert left == []
    disk.fault = None
    until(qtbot, lambda: left == [()])
    assert (disk.written, disk.closed) == ([1], 1)


def test_leaving_a_page_that_was_never_written(saver: Saver, disk: Disk, qtbot: QtBot) -> None:
    left = emitted(saver.left)
    saver.leave()
    until(qtbot, lambda: left == [()])
    assert disk.written == []


def test_after_a_stop_nothing_is_written_there(saver: Saver, disk: Disk, changes: Changes, qtbot: QtBot) -> None:
    changes.new = [1]
    assert saver.flush() is None
    changes.new = [2]
    saver.touch(1)
    saver.stop()
    qtbot.wait(50)
    assert (disk.written, disk.closed) == ([1], 0)
    saver.release()
    until(qtbot, lambda: disk.closed == 1)
    assert changes.new == [2]  # it is the next file's


def test_a_bug_in_the_store_surfaces_and_nothing_is_lost(
    saver: Saver, disk: Disk, changes: Changes, qtbot: QtBot
) -> None:
    disk.fault = ZeroDivisionError()  # pyright: ignore[reportAttributeAccessIssue]
    changes.new = [1]
    with qtbot.captureExceptions() as caught:
        assert isinstance(saver.flush(), CannotWriteError) and saver.failing
        QCoreApplication.processEvents()
    assert [kind for kind, _, _ in caught] == [ZeroDivisionError]
    disk.fault = None
    changes.new = [2]
    assert saver.flush() is None and disk.written == [1, 2]


def test_something_waits_for_the_write(saver: Saver, disk: Disk, changes: Changes, qtbot: QtBot) -> None:
    seen: list[list[int]] = []
    saver.when_written(lambda: seen.append([]))  # nothing is new
    until(qtbot, lambda: len(seen) == 1)
    disk.gate.clear()
    changes.new = [1]
    saver.touch(1)
    until(qtbot, lambda: not changes.new)
    changes.new = [2]
    saver.when_written(lambda: seen.append(list(disk.written)))
    qtbot.wait(20)
    assert len(seen) == 1
    disk.gate.set()
    until(qtbot, lambda: len(seen) == 2)
    assert seen[1] == [1, 2]


def test_callbacks_are_called_after_a_failed_write(saver: Saver, disk: Disk, changes: Changes, qtbot: QtBot) -> None:
    seen: list[int] = []
    disk.fault = DiskFullError("The disk is full.")
    changes.new = [1]
    saver.when_written(lambda: seen.append(1))
    until(qtbot, lambda: seen == [1])
    saver.when_written(lambda: seen.append(2))
    assert seen == [1, 2]


def test_leaving_while_a_write_waits_for_its_turn(saver: Saver, disk: Disk, changes: Changes, qtbot: QtBot) -> None:
    left = emitted(saver.left)
    disk.gate.clear()
    changes.new = [1]
    saver.touch(1)
    until(qtbot, lambda: not changes.new)
    changes.new = [2]
    saver.leave()
    disk.gate.set()
    until(qtbot, lambda: left == [()])
    assert (disk.written, disk.closed) == ([1, 2], 1)
