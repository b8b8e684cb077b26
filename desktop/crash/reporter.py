"""A mistake of ours: the page is put away first, then it is told, with a report that helps to mend it.

Catches what nobody caught in the window, on any thread, and what Python cannot raise; tells what ended the last run.
One window at a time, whatever storms; every step is guarded, so that a mistake in here does no harm. Sends nothing.
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

REST = 1.0  # seconds between two times that a storm of mistakes makes the page be saved
MOST_WRITTEN = 20  # reports that one run writes into the file
LARGEST = 1 << 20  # bytes of the file of reports; then it begins anew, and one older file is kept

KEPT = tr("Something went wrong in Inkfall. Your page is saved, and you can go on writing.")
NOT_KEPT = tr(
    "Something went wrong in Inkfall, and your page could not be saved. {why} Copy what you need from it before you "
    "close the window."
)
WHY_UNKNOWN = tr("It is not known why.")
LAST_RUN = tr("The last time, Inkfall was ended by a fault ({signal}). Your pages are as they were a moment before it.")


class CrashReporter(QObject):
    """`install` takes over Python's three hooks, `uninstall` gives them back."""

    _happened = Signal(object)  # Mistake; handled where it happened on the GUI thread, else queued to it

    def __init__(
        self,
        save: Callable[[], str],
        report: Path,
        window: QWidget,
        text: Callable[[], str] = str,
        facts: Callable[[], Iterable[tuple[str, str]]] = tuple,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """save: puts the page away; a sentence where that cannot be. report: the file of all reports. text: the
        writer's, which no report may tell. facts: what is known of the program and this machine."""
        super().__init__(window)
        self._save, self._file, self._window = save, report, window
        self._text, self._facts, self._clock = text, facts, clock
        self._hooks: tuple[Any, Any, Any] | None = None
        self._saved = -REST
        self._sentence = ""  # why the page could not be saved
        self._written = 0
        self._told: set[tuple[str, str, int]] = set()
        self._reporting = False
        self.count = 0  # mistakes of this run
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
        """In place of sys.excepthook: a slot, a timer, an event."""
        if issubclass(kind, KeyboardInterrupt):  # Ctrl+C in the terminal that started the window
            self._window.close()
        else:
            self._tell("in the window", error.with_traceback(trace))

    def _caught_on_thread(self, found: threading.ExceptHookArgs) -> None:
        if found.exc_value is not None and not isinstance(found.exc_value, SystemExit):
            self._tell(f"on the thread {found.thread.name if found.thread else '?'}", found.exc_value)

    def _caught_unraisable(self, found: "sys.UnraisableHookArgs") -> None:
        if found.exc_value is not None:
            self._tell(f"in {type(found.object).__name__}, where Python cannot raise it", found.exc_value)

    def _tell(self, where: str, error: BaseException) -> None:
        """From any thread."""
        _guarded(lambda: on_stderr(error))
        _guarded(lambda: self._happened.emit(Mistake(where, error)))

    # ------------------------------------------------------------------------------------------------ on the GUI thread

    def _receive(self, mistake: Mistake) -> None:
        if self._reporting or QThread.currentThread() is not self.thread():
            return  # a mistake of the reporter itself: it stands on stderr
        self._reporting = True
        try:
            self.count += 1
            _guarded(self._put_away)
            _guarded(lambda: self._write_and_show(mistake))
        finally:
            self._reporting = False

    def _put_away(self) -> None:
        if self._clock() - self._saved < REST:
            return
        self._saved, self._sentence = self._clock(), WHY_UNKNOWN
        self._sentence = self._save()

    def _write_and_show(self, mistake: Mistake) -> None:
        if self._written >= MOST_WRITTEN:
            self._count_on()
            return
        self._written += 1
        report = self._report(mistake)
        _guarded(lambda: self._append(report))
        mark = signature(mistake.error)
        if self.dialog is not None or mark in self._told:
            self._count_on()
        else:
            self._told.add(mark)
            words = NOT_KEPT.format(why=self._sentence) if self._sentence else KEPT
            self._show(words, report)

    def _report(self, mistake: Mistake) -> str:
        body = of_error(mistake.error, self._text())
        return written(f"A mistake in Inkfall, {mistake.where}.", datetime.now(), self._facts(), body)

    def tell_of_last_run(self, left: Remains | None) -> None:
        """Show what ended the last run, where something did."""
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
        """As soon as the event is over in which it happened: it may have been painting."""
        parent = QApplication.activeModalWidget() or self._window
        self.dialog = CrashDialog(words, report, without_home(str(self._file)), parent)
        self.dialog.finished.connect(self._closed)
        QTimer.singleShot(0, self.dialog.show)

    def _closed(self) -> None:
        dialog, self.dialog = self.dialog, None
        if dialog is not None:
            dialog.deleteLater()

    def _count_on(self) -> None:
        if self.dialog is not None:
            self.dialog.show_count(self.count - 1)


def _guarded(step: Callable[[], object]) -> None:
    """Do that; where it fails, that goes to stderr and nowhere else."""
    try:
        step()
    except Exception as error:  # noqa: BLE001  (the reporter must not fail: whatever it is, the program goes on)
        on_stderr(error)
