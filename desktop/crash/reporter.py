"""Handles uncaught errors: saves the page first, then writes a report and shows it.

Catches errors in the window, on any thread, and those that Python cannot raise; also reports what ended the last run.
Shows one dialog at a time, however many errors come. Every step is guarded, so that a bug in here does no harm.
"""

import sys
import threading
import time
from collections.abc import Callable, Iterable
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any

from PySide6.QtCore import QObject, QThread, QTimer, Signal
from PySide6.QtWidgets import QApplication, QWidget

from desktop.crash.dialog import CrashDialog
from desktop.crash.fatal import Remains
from desktop.crash.report import Mistake, of_error, on_stderr, signature, without_home, written
from models.library.permissions import make_folder, opener
from resources.language import tr

REST = 1.0  # least seconds between two saves, however many errors come
MOST_WRITTEN = 20  # reports that one run writes into the file
LARGEST = 1 << 20  # bytes of the file of reports; then a new one begins, and one older file stays

SAVED = tr("Something went wrong in Inkfall. Your page is saved, and you can go on writing.")
NOT_SAVED = tr(
    "Something went wrong in Inkfall, and your page could not be saved. {why} Copy what you need from it before you "
    "close the window."
)
WHY_UNKNOWN = tr("It is not known why.")
LAST_RUN = tr("The last time, Inkfall was ended by a fault ({signal}). Your pages are as they were a moment before it.")


class CrashReporter(QObject):
    """Handles uncaught errors while it is installed as Python's three exception hooks."""

    _happened = Signal(object)  # Mistake; handled at once on the GUI thread, queued from other threads

    def __init__(
        self,
        save: Callable[[], str],
        report: Path,
        window: QWidget,
        text: Callable[[], str] = str,
        facts: Callable[[], Iterable[tuple[str, str]]] = tuple,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """save: saves the page; returns why it could not, or an empty text. report: the file of all reports. text:
        returns the page's text, which no report may contain. facts: names and values about program and machine.
        clock: in seconds."""
        super().__init__(window)
        self._save, self._file, self._window = save, report, window
        self._text, self._facts, self._clock = text, facts, clock
        self._hooks: tuple[Any, Any, Any] | None = None
        self._saved = -REST
        self._sentence = ""  # why the page could not be saved
        self._written = 0
        self._shown: set[tuple[str, str, int]] = set()  # signatures
        self._reporting = False
        self.count = 0  # uncaught errors of this run
        self.dialog: CrashDialog | None = None
        self._happened.connect(self._receive)

    def install(self) -> None:
        self._hooks = (sys.excepthook, threading.excepthook, sys.unraisablehook)
        sys.excepthook = self.caught
        threading.excepthook = self._caught_on_thread
        sys.unraisablehook = self._caught_unraisable

    def uninstall(self) -> None:
        if self._hooks is not None:
            sys.excepthook, threading.excepthook, sys.unraisablehook = self._hooks
            self._hooks = None

    # ------------------------------------------------------------------------------------------------ the hooks

    def caught(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        """Replaces sys.excepthook: an error in a slot, a timer or an event handler."""
        if issubclass(kind, KeyboardInterrupt):  # Ctrl+C in the terminal that started the window
            self._window.close()
        else:
            self._report_from_any_thread("in the window", error.with_traceback(trace))

    def _caught_on_thread(self, found: threading.ExceptHookArgs) -> None:
        if found.exc_value is not None and not isinstance(found.exc_value, SystemExit):
            self._report_from_any_thread(f"on the thread {found.thread.name if found.thread else '?'}", found.exc_value)

    def _caught_unraisable(self, found: "sys.UnraisableHookArgs") -> None:
        if found.exc_value is not None:
            self._report_from_any_thread(
                f"in {type(found.object).__name__}, where Python cannot raise it", found.exc_value
            )

    def _report_from_any_thread(self, where: str, error: BaseException) -> None:
        _guarded(lambda: on_stderr(error))
        _guarded(lambda: self._happened.emit(Mistake(where, error)))

    # ------------------------------------------------------------------------------------------------ on the GUI thread

    def _receive(self, mistake: Mistake) -> None:
        if self._reporting or QThread.currentThread() is not self.thread():
            return  # a bug of the reporter itself: it is on stderr already
        self._reporting = True
        try:
            self.count += 1
            _guarded(self._save_page)
            _guarded(lambda: self._write_and_show(mistake))
        finally:
            self._reporting = False

    def _save_page(self) -> None:
        if self._clock() - self._saved < REST:
            return
        self._saved, self._sentence = self._clock(), WHY_UNKNOWN
        self._sentence = self._save()

    def _write_and_show(self, mistake: Mistake) -> None:
        if self._written >= MOST_WRITTEN:
            self._update_count()
            return
        self._written += 1
        report = self._report(mistake)
        _guarded(lambda: self._append(report))
        mark = signature(mistake.error)
        if self.dialog is not None or mark in self._shown:
            self._update_count()
        else:
            self._shown.add(mark)
            words = NOT_SAVED.format(why=self._sentence) if self._sentence else SAVED
            self._show(words, report)

    def _report(self, mistake: Mistake) -> str:
        body = of_error(mistake.error, self._text())
        return written(f"A mistake in Inkfall, {mistake.where}.", datetime.now(), self._facts(), body)

    def report_last_run(self, left: Remains | None) -> None:
        """Show what ended the last run, unless it ended normally (None)."""
        if left is not None:
            _guarded(lambda: self._report_last_run(left))

    def _report_last_run(self, left: Remains) -> None:
        facts = [(name, left.program if name == "Inkfall" else value) for name, value in self._facts()]
        report = written(f"Inkfall was ended by a fault: {left.signal}.", left.when, facts, left.trace)
        _guarded(lambda: self._append(report))
        self._show(LAST_RUN.format(signal=left.signal), report)

    def _append(self, report: str) -> None:
        make_folder(self._file.parent)
        if self._file.exists() and self._file.stat().st_size > LARGEST:
            self._file.replace(self._file.with_name(self._file.name + ".old"))
        with open(self._file, "a", encoding="utf-8", errors="replace", opener=opener) as file:
            file.write(f"{report}\n")

    def _show(self, words: str, report: str) -> None:
        """Show the dialog after the current event, which may be a paint event."""
        parent = QApplication.activeModalWidget() or self._window
        self.dialog = CrashDialog(words, report, without_home(str(self._file)), parent)
        self.dialog.finished.connect(self._closed)
        QTimer.singleShot(0, self.dialog.show)

    def _closed(self) -> None:
        dialog, self.dialog = self.dialog, None
        if dialog is not None:
            dialog.deleteLater()

    def _update_count(self) -> None:
        if self.dialog is not None:
            self.dialog.show_count(self.count - 1)


def _guarded(step: Callable[[], object]) -> None:
    """Run a step; an error in it goes to stderr and nowhere else."""
    try:
        step()
    except Exception as error:  # noqa: BLE001  (the reporter must not fail)
        on_stderr(error)
