"""A mistake of ours: the page is put away first, then it is told, with the words that help to mend it."""

import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from types import TracebackType

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QMessageBox, QWidget


class CrashReporter:
    """Installs itself as sys.excepthook: saves the page, writes the report to a file, and shows it once."""

    def __init__(self, save: Callable[[], object], report: Path, window: QWidget) -> None:
        self._save = save
        self._report = report
        self._window = window
        self._told = False

    def install(self) -> None:
        sys.excepthook = self.caught

    def caught(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        self._save()
        words = "".join(traceback.format_exception(kind, error, trace))
        if sys.__stderr__ is not None:
            sys.__stderr__.write(words)
        self._report.parent.mkdir(parents=True, exist_ok=True)
        with self._report.open("a", encoding="utf-8") as file:
            file.write(words + "\n")
        if not self._told:
            self._told = True
            QTimer.singleShot(0, lambda: self._tell(words))

    def _tell(self, words: str) -> None:
        box = QMessageBox(
            QMessageBox.Icon.Critical,
            "Inkfall",
            "Something went wrong in Inkfall. Your page was kept.",
            parent=self._window,
        )
        box.setInformativeText(f"The report is in {self._report}. You can go on writing.")
        box.setDetailedText(words)
        box.exec()
        self._told = False
