"""The open page for others: asked which file, exported or printed, with a word on how it goes.

An export reads the page's file, which is written first. Knows no other room.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QWidget

from desktop.exporting.exports import Exports
from desktop.exporting.printing import PrintedText, Printing, Tints
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
        """There is no text on it."""
        ...

    def save_then(self, then: Callable[[Path | None], object]) -> object:
        """Bring its file up to date, then run that with the file; with None where it cannot be saved."""
        ...


class ExportPrint(QObject):
    """message: a sentence for the user. finished: the same, of what was done as it was wished. progressed: words and a
    fraction (-1 where it is not known); no words when it is over."""

    message = Signal(str)
    finished = Signal(str)
    progressed = Signal(str, float)

    def __init__(
        self,
        desk: PageToExport,
        page: Page,
        scratch: Path,
        look: Callable[[], tuple[QFont, Tints]],
        choosing: FileDialogs,
        window: QWidget,
    ) -> None:
        """scratch: a folder for a copy of the page. look: the font it is printed in, and the grounds of its text."""
        super().__init__(window)
        self._desk, self._page, self._look, self._choosing, self._window = desk, page, look, choosing, window
        self._exports = Exports(scratch, self)
        self._printing = Printing(self)
        self._exports.message.connect(lambda sentence: self._tell(sentence, self._exports.succeeded))
        self._exports.progressed.connect(lambda words: self.progressed.emit(words, -1.0))
        self._printing.progressed.connect(lambda fraction: self.progressed.emit(tr("Printing…"), fraction))
        self._printing.ended.connect(self._printed)

    def export(self) -> None:
        """Ask for a file, and write the page there as that kind of file."""
        suggested = Path.home() / f"{self._desk.file_name}.html"
        self._choosing.save("exports", tr("Export page"), suggested, FILTERS, self._export_as)

    def _export_as(self, name: Path, kind: str) -> None:
        known = [suffix for _name, suffix in KINDS]
        wanted = next((suffix for suffix in known if f"*{suffix})" in kind), known[0])
        self.export_to(with_suffix(name, known, wanted))

    def export_to(self, target: Path) -> None:
        """Write the page to that file; its suffix says as what."""
        if target.suffix.lower() == ".pdf":
            self._printing.write_pdf(self._sheet(), target)
        elif self._desk.blank:
            self.message.emit(tr("There is nothing on the page yet."))
        else:
            self._desk.save_then(lambda page: self._export_kept(page, target))

    def _export_kept(self, page: Path | None, target: Path) -> None:
        if page is not None:
            self._exports.export(page, target)
        else:
            self.message.emit(tr("The page was not exported: it cannot be saved now, and its file is not up to date."))

    def print_page(self) -> None:
        self._printing.open_dialog(self._sheet(), self._window)

    def stop(self) -> None:
        """Give up what goes on."""
        self._exports.stop()
        self._printing.stop()

    def close(self) -> None:
        self._printing.stop()
        self._exports.close()

    def _sheet(self) -> PrintedText:
        font, tints = self._look()
        return PrintedText(self._page.text(), font, self._desk.name, tints)

    def _printed(self, sentence: str) -> None:
        self.progressed.emit("", -1.0)
        if sentence:
            self._tell(sentence, self._printing.succeeded)

    def _tell(self, sentence: str, succeeded: bool) -> None:
        (self.finished if succeeded else self.message).emit(sentence)
