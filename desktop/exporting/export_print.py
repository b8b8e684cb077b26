"""Exports or prints the open page: asks for a file, shows the progress.

An export reads the page's file, which is saved first.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QWidget

from desktop.exporting.exports import Exports
from desktop.exporting.printing import PrintedText, Printing, Tints
from desktop.page.measures import Measure
from desktop.page.page import Page
from desktop.pagefile.names import with_suffix
from desktop.qt.file_dialogs import FileDialogs
from resources.language import tr

KINDS = (
    (tr("HTML with the odds"), ".html"),
    (tr("Text"), ".txt"),
    ("Markdown", ".md"),
    ("PDF", ".pdf"),
    (tr("Odds of every token (JSON lines)"), ".jsonl"),
)
FILTERS = ";;".join(f"{name} (*{suffix})" for name, suffix in KINDS)


class PageToExport(Protocol):
    """The open page (open_page/open_page.py)."""

    @property
    def file_name(self) -> str: ...

    @property
    def name(self) -> str: ...

    @property
    def blank(self) -> bool:
        """Whether there is no text on it."""
        ...

    def save_then(self, then: Callable[[Path | None], object]) -> object:
        """Save the page, then call `then` with its file; with None where it cannot be saved."""
        ...


class ExportPrint(QObject):
    """`message` carries a sentence for the user. `finished` carries one after success. `progressed` carries words and a
    fraction from 0 to 1 (-1: not known); the words are empty at the end."""

    message = Signal(str)
    finished = Signal(str)
    progressed = Signal(str, float)

    def __init__(
        self,
        open_page: PageToExport,
        page: Page,
        scratch: Path,
        print_style: Callable[[], tuple[QFont, Tints]],
        measure: Callable[[], Measure | None],
        dialogs: FileDialogs,
        window: QWidget,
    ) -> None:
        """scratch: a folder for a copy of the page. print_style: the font for printing, and the background
        colours. measure: what colours the text now."""
        super().__init__(window)
        self._open_page, self._page, self._window = open_page, page, window
        self._print_style, self._measure, self._dialogs = print_style, measure, dialogs
        self._exports = Exports(scratch, self)
        self._printing = Printing(self)
        self._exports.message.connect(lambda sentence: self._emit(sentence, self._exports.succeeded))
        self._exports.progressed.connect(lambda words: self.progressed.emit(words, -1.0))
        self._printing.progressed.connect(lambda fraction: self.progressed.emit(tr("Printing…"), fraction))
        self._printing.ended.connect(self._printed)

    def export(self) -> None:
        """Ask for a file, then export the page to it."""
        suggested = Path.home() / f"{self._open_page.file_name}.html"
        self._dialogs.save("exports", tr("Export page"), suggested, FILTERS, self._export_as)

    def _export_as(self, name: Path, kind: str) -> None:
        known = [suffix for _name, suffix in KINDS]
        wanted = next((suffix for suffix in known if f"*{suffix})" in kind), known[0])
        self.export_to(with_suffix(name, known, wanted))

    def export_to(self, target: Path) -> None:
        """Export the page to that file; the suffix decides the format."""
        if target.suffix.lower() == ".pdf":
            self._printing.write_pdf(self._printed_text(), target)
        elif self._open_page.blank:
            self.message.emit(tr("There is nothing on the page yet."))
        else:
            self._open_page.save_then(lambda page: self._export_saved(page, target))

    def _export_saved(self, page: Path | None, target: Path) -> None:
        if page is not None:
            self._exports.export(page, target, self._measure())
        else:
            self.message.emit(tr("The page was not exported: it cannot be saved now, and its file is not up to date."))

    def print_page(self) -> None:
        self._printing.open_dialog(self._printed_text(), self._window)

    def stop(self) -> None:
        """Cancel the running export or printing."""
        self._exports.stop()
        self._printing.stop()

    def close(self) -> None:
        self._printing.stop()
        self._exports.close()

    def _printed_text(self) -> PrintedText:
        font, tints = self._print_style()
        return PrintedText(self._page.text(), font, self._open_page.name, tints)

    def _printed(self, sentence: str) -> None:
        self.progressed.emit("", -1.0)
        if sentence:
            self._emit(sentence, self._printing.succeeded)

    def _emit(self, sentence: str, succeeded: bool) -> None:
        (self.finished if succeeded else self.message).emit(sentence)
