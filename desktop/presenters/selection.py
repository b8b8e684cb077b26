"""Keeps the Selection panel up to date with the selected text, or with the page, while the panel is visible."""

import time
from collections.abc import Sequence

from PySide6.QtCore import QObject, QTimer

from desktop.editor.editor import Editor
from desktop.overview.selection_panel import SelectionPanel
from desktop.overview.selection_reader import SelectionReader
from desktop.page.edit import Change
from desktop.page.page import Page
from desktop.page.statistics import Report
from desktop.shell.status import StatusBar
from resources.language import tr

SOON, LATER = 120, 500  # milliseconds from a change of the selection, and of the page, to the new statistics


class Selection(QObject):
    """The panel and what counts for it."""

    def __init__(self, page: Page, editor: Editor, status: StatusBar, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._page, self._editor = page, editor
        self._classes: Sequence[int] = ()
        self._what = ""
        self._counting = self._again = False  # whether the reader counts; whether the page has changed meanwhile
        self._began, self._pause = 0.0, LATER  # seconds, when it began to count; milliseconds until it counts again
        self.panel = SelectionPanel()
        self._reader = SelectionReader(page, self)
        self._soon = QTimer(self, singleShot=True)
        self._soon.timeout.connect(self._read)
        self._reader.reported.connect(self._show)
        self.panel.shown.connect(self._panel_shown)
        self.panel.select_requested.connect(self._select)
        self.panel.copied.connect(status.say)
        page.listeners.append(self._page_changed)
        editor.selectionChanged.connect(lambda: self._start(SOON))

    def set_classes(self, classes: Sequence[int]) -> None:
        """The classes of ranks, in any order."""
        self._classes = sorted(classes)
        self._start(0)

    def give_up(self) -> None:
        """Another page comes."""
        self._soon.stop()
        self._reader.give_up()
        self._counting = self._again = False

    def close(self) -> None:
        self._soon.stop()
        self._reader.close()

    def _start(self, delay: int) -> None:
        if self.panel.isVisible() and not (self._soon.isActive() and self._soon.remainingTime() <= delay):
            self._soon.start(delay)

    def _panel_shown(self, shown: bool) -> None:
        if shown:
            self._soon.start(0)
        else:
            self.give_up()

    def _page_changed(self, _change: Change) -> None:
        if self._counting:
            self._again = True  # once it has counted, else it would never come to an end while the model writes
        else:
            self._start(self._pause)

    def _read(self) -> None:
        start, end = self._editor.page_selection()
        selected = start < end
        if not selected:
            start, end = 0, self._page.length
        self._what = tr("Selected text") if selected else tr("Whole page")
        self._counting, self._again, self._began = True, False, time.monotonic()
        self._reader.read(start, end, self._classes)

    def _show(self, report: Report) -> None:
        self.panel.show_report(report, self._what, self._classes)
        if report.done:
            self._counting = False
            self._pause = max(LATER, round(1_000 * (time.monotonic() - self._began)))  # half of the time at most
            if self._again:
                self._start(self._pause)

    def _select(self, start: int, end: int) -> None:
        self._editor.select(start, end)
        self._editor.setFocus()
