"""An uncaught error: the page is saved first, then a report is written and shown once."""

import gc
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from desktop.crash.fatal import Remains
from desktop.crash.reporter import LARGEST, MOST_WRITTEN, CrashReporter


class Crashing:
    """A reporter with its window; what it did, in order. `now` is its clock."""

    def __init__(self, qtbot: QtBot, folder: Path) -> None:
        self.order: list[str] = []
        self.sentence = ""
        self.now = 0.0
        self.page = "the secret of the page is long enough"
        self.window = QWidget()
        qtbot.addWidget(self.window)
        self.file = folder / "log" / "crash.log"
        self.reporter = CrashReporter(
            self._save, self.file, self.window, lambda: self.page, lambda: [("Inkfall", "9.9")], lambda: self.now
        )

    def _save(self) -> str:
        assert self.reporter.dialog is None or not self.reporter.dialog.isVisible() or self.reporter.count > 1
        self.order.append("saved")
        return self.sentence

    def fail(self, message: str = "a mistake") -> None:
        try:
            raise ZeroDivisionError(message)
        except ZeroDivisionError as error:
            self.reporter.caught(type(error), error, error.__traceback__)

    @property
    def shown(self) -> str:
        return self.reporter.dialog.report.toPlainText() if self.reporter.dialog else ""


@pytest.fixture
def crashing(qtbot: QtBot, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> Crashing:
    return Crashing(qtbot, tmp_path)


@pytest.fixture
def installed(crashing: Crashing) -> Iterator[Crashing]:
    """Installs the reporter's hooks, as in the running program."""
    before = (sys.excepthook, threading.excepthook, sys.unraisablehook)
    crashing.reporter.install()
    yield crashing
    crashing.reporter.uninstall()
    assert before == (sys.excepthook, threading.excepthook, sys.unraisablehook)


def seen(qtbot: QtBot, crashing: Crashing) -> None:
    qtbot.waitUntil(lambda: crashing.reporter.dialog is not None and crashing.reporter.dialog.isVisible())


def test_the_page_is_safe_before_anything_is_shown(qtbot: QtBot, crashing: Crashing) -> None:
    crashing.fail("division by zero")
    assert crashing.order == ["saved"]
    seen(qtbot, crashing)
    assert "ZeroDivisionError: division by zero" in crashing.shown
    assert "Inkfall:    9.9" in crashing.shown
    assert crashing.file.read_text().strip() == crashing.shown.strip()
    assert crashing.reporter.dialog is not None
    assert not crashing.reporter.dialog.isModal()
    assert "Your page is saved" in crashing.reporter.dialog.words.text()


def test_the_report_holds_no_text_of_the_page(qtbot: QtBot, crashing: Crashing) -> None:
    crashing.fail(f"cannot place: {crashing.page}")
    seen(qtbot, crashing)
    assert "secret" not in crashing.shown
    assert "secret" not in crashing.file.read_text()


def test_many_errors_show_one_window_and_a_count(qtbot: QtBot, crashing: Crashing) -> None:
    for number in range(500):
        crashing.now = number / 100
        crashing.fail(str(number))
    seen(qtbot, crashing)
    dialog = crashing.reporter.dialog
    assert dialog is not None
    assert dialog.more.text() == "It has happened 499 more times since."
    assert crashing.order == ["saved"] * 5  # once a second
    assert crashing.file.read_text().count("A mistake in Inkfall") == MOST_WRITTEN
    dialog.reject()
    crashing.fail()
    qtbot.wait(20)
    assert crashing.reporter.dialog is None  # what was read once is not shown again


def test_another_mistake_is_shown_after_the_first_was_closed(qtbot: QtBot, crashing: Crashing) -> None:
    crashing.fail()
    seen(qtbot, crashing)
    assert crashing.reporter.dialog is not None
    crashing.reporter.dialog.reject()
    try:
        raise LookupError("another")
    except LookupError as error:
        crashing.reporter.caught(type(error), error, error.__traceback__)
    seen(qtbot, crashing)
    assert "LookupError: another" in crashing.shown


def test_a_page_that_cannot_be_saved_is_reported(qtbot: QtBot, crashing: Crashing) -> None:
    crashing.sentence = "The disk is full."
    crashing.fail()
    seen(qtbot, crashing)
    assert crashing.reporter.dialog is not None
    assert "could not be saved. The disk is full." in crashing.reporter.dialog.words.text()


@pytest.mark.parametrize("broken", ["save", "text", "facts", "file"])
def test_a_bug_of_the_reporter_does_no_harm(qtbot: QtBot, tmp_path: Path, broken: str, capfd: object) -> None:
    def breaks() -> str:
        raise RuntimeError("inside the reporter")

    def fine() -> str:
        return ""

    window = QWidget()
    qtbot.addWidget(window)
    file = tmp_path / "crash.log"
    if broken == "file":
        file.mkdir()
    reporter = CrashReporter(
        breaks if broken == "save" else fine,
        file,
        window,
        breaks if broken == "text" else fine,
        breaks if broken == "facts" else tuple,  # pyright: ignore[reportArgumentType]
    )
    error = ValueError("the first")
    reporter.caught(ValueError, error, None)
    qtbot.wait(20)
    assert reporter.count == 1
    assert (reporter.dialog is not None) == (broken in ("save", "file"))
    if broken == "save" and reporter.dialog:
        assert "could not be saved. It is not known why." in reporter.dialog.words.text()


# ------------------------------------------------------------------------------------------------ raised for real


class Button(QObject):
    pressed = Signal()


def test_a_slot_and_a_timer(qtbot: QtBot, installed: Crashing) -> None:
    def slot() -> None:
        raise LookupError("in a slot")

    button = Button()
    button.pressed.connect(slot)
    button.pressed.emit()
    QTimer.singleShot(0, slot)
    qtbot.waitUntil(lambda: installed.reporter.count == 2)
    assert "LookupError: in a slot" in installed.shown


def test_a_thread(qtbot: QtBot, installed: Crashing) -> None:
    def work() -> None:
        raise LookupError("on a thread")

    thread = threading.Thread(target=work, name="worker")
    thread.start()
    thread.join()
    assert installed.order == []  # the page belongs to the window's thread
    seen(qtbot, installed)
    assert installed.order == ["saved"]
    assert "on the thread worker" in installed.shown


def test_errors_that_python_cannot_raise(qtbot: QtBot, installed: Crashing) -> None:
    class Sour:
        def __del__(self) -> None:
            raise LookupError("in a finalizer")

    Sour()
    gc.collect()
    seen(qtbot, installed)
    assert "LookupError: in a finalizer" in installed.shown
    assert "where Python cannot raise it" in installed.shown


def test_ctrl_c_closes_the_window(qtbot: QtBot, crashing: Crashing) -> None:
    crashing.window.show()
    crashing.reporter.caught(KeyboardInterrupt, KeyboardInterrupt(), None)
    assert not crashing.window.isVisible()
    assert crashing.reporter.count == 0


def test_an_error_while_one_is_reported_is_not_reported(
    qtbot: QtBot, crashing: Crashing, capfd: pytest.CaptureFixture[str]
) -> None:
    crashing.reporter._text = lambda: crashing.fail("again") or ""
    crashing.fail("first")
    seen(qtbot, crashing)
    assert crashing.reporter.count == 1
    assert capfd.readouterr().err.count("ZeroDivisionError: (") > 1


def test_no_word_of_the_page_reaches_the_terminal(installed: Crashing, capfd: pytest.CaptureFixture[str]) -> None:
    words = "The lighthouse keeper \x1b[2J had a secret"

    def fail() -> None:
        try:
            raise ValueError(words)
        except ValueError as error:
            error.add_note(words)
            raise RuntimeError(words) from error

    class Fails:
        def __del__(self) -> None:
            fail()

    try:
        fail()
    except RuntimeError as error:
        sys.excepthook(type(error), error, error.__traceback__)
    thread = threading.Thread(target=fail)
    thread.start()
    thread.join()
    Fails()
    output = capfd.readouterr().err
    assert output.count("RuntimeError: (its message is left out") == output.count("in fail") / 2 == 3
    assert "secret" not in output and "\x1b" not in output


# ------------------------------------------------------------------------------------------------ what is shown


def test_the_end_of_the_last_run_is_reported(qtbot: QtBot, crashing: Crashing) -> None:
    trace = "Fatal Python error: Segmentation fault\n\nCurrent thread 0x1 (most recent call first):\n  File"
    crashing.reporter.report_last_run(None)
    assert crashing.reporter.dialog is None
    crashing.reporter.report_last_run(Remains("8.8 (abc)", datetime.now(UTC), trace))
    seen(qtbot, crashing)
    assert "Inkfall:    8.8 (abc)" in crashing.shown
    assert "Current thread 0x1" in crashing.shown
    assert crashing.reporter.dialog is not None
    assert "(Segmentation fault)" in crashing.reporter.dialog.words.text()


def test_copy_and_save(qtbot: QtBot, crashing: Crashing, tmp_path: Path) -> None:
    crashing.fail()
    seen(qtbot, crashing)
    dialog = crashing.reporter.dialog
    assert dialog is not None
    dialog.copy.click()
    assert QGuiApplication.clipboard().text() == crashing.shown
    dialog.save_to(tmp_path / "report.txt")
    assert (tmp_path / "report.txt").read_text() == crashing.shown
    dialog.save_to(tmp_path / "no folder" / "report.txt")
    assert "could not be saved" in dialog.message_label.text()


def test_the_file_of_reports_does_not_grow_for_ever(qtbot: QtBot, crashing: Crashing) -> None:
    crashing.file.parent.mkdir(parents=True)
    crashing.file.write_bytes(b"x" * (LARGEST + 1))
    crashing.fail()
    assert crashing.file.stat().st_size < 10_000
    assert crashing.file.with_name("crash.log.old").stat().st_size == LARGEST + 1


def test_system_exit_on_a_thread_is_no_error(installed: Crashing) -> None:
    def leave() -> None:
        raise SystemExit

    thread = threading.Thread(target=leave)
    thread.start()
    thread.join()
    assert installed.reporter.count == 0


def test_the_signal_is_handled_where_the_window_lives(qtbot: QtBot, crashing: Crashing) -> None:
    """A report from another thread waits for the GUI thread."""
    heard: list[threading.Thread] = []
    save = crashing._save
    crashing.reporter._save = lambda: (heard.append(threading.current_thread()), save())[1]
    thread = threading.Thread(target=crashing.fail)
    thread.start()
    thread.join()
    qtbot.waitUntil(lambda: len(heard) == 1)
    assert heard == [threading.main_thread()]
