"""The page's file, if it has one, and the draft that keeps the page when it has none.

A second after the last change the page's text goes to the draft, off the GUI thread; the next start begins with it.
Opening a file is one step of the page's history, so that nothing that stood there is lost. Shows file dialogs; knows
no other room.
"""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QFileDialog, QWidget

from desktop.keeping import Keeper
from desktop.page.edit import Change
from desktop.page.files import TextError, TextFile, encoded, read_text, replace_file, write_text
from desktop.page.page import Page

TEXTS = "Text (*.txt *.md);;All files (*)"


class Document(QObject):
    """`told` carries a sentence for the user; `title_changed` the window's title and whether the file is behind the
    page.
    """

    told = Signal(str)
    title_changed = Signal(str, bool)

    def __init__(self, page: Page, draft: Path, window: QWidget) -> None:
        super().__init__(window)
        self._page = page
        self._draft = draft
        self._window = window
        self._path: Path | None = None
        self._newline = "\n"
        self._modified = False
        self._keeper = Keeper(self._snapshot, "draft", parent=self)
        self._keeper.failed.connect(self._not_kept)
        page.listeners.append(self._changed)

    @property
    def path(self) -> Path | None:
        return self._path

    def recover(self) -> None:
        """Put the kept text of the last run on the (empty) page."""
        if self._draft.exists():
            try:
                self._page.start_with(read_text(self._draft).text)
            except TextError as error:
                self.told.emit(str(error))
        self._set_modified(False)

    def open_dialog(self) -> None:
        name, _ = QFileDialog.getOpenFileName(self._window, "Open text", self._folder(), TEXTS)
        if name:
            self.open(Path(name))

    def open(self, path: Path) -> None:
        """Make that file's text the page. The former page comes back with undo."""
        try:
            file = read_text(path)
        except TextError as error:
            self.told.emit(str(error))
            return
        self._page.replace_all(file.text)
        self._path, self._newline = path, file.newline
        self._set_modified(False)

    def save(self) -> None:
        if self._path is None:
            self.save_as()
        else:
            self._save(self._path)

    def save_as(self) -> None:
        name, _ = QFileDialog.getSaveFileName(self._window, "Save text as", self._folder(), TEXTS)
        if name:
            self._save(Path(name))

    def keep(self) -> None:
        """Write the draft now and wait for the disk: the page is safe when this returns."""
        self._keeper.flush()

    def close(self) -> None:
        self._keeper.close()

    def _save(self, path: Path) -> None:
        try:
            write_text(path, TextFile(self._page.text(), self._newline))
        except TextError as error:
            self.told.emit(str(error))
            return
        self._path = path
        self._set_modified(False)

    def _folder(self) -> str:
        return str(self._path.parent) if self._path else str(Path.home())

    def _changed(self, change: Change) -> None:
        if not change.removed and not change.inserted:
            return  # only readings came
        self._keeper.touch()
        if not self._modified:
            self._set_modified(True)

    def _set_modified(self, modified: bool) -> None:
        self._modified = modified
        self.title_changed.emit(self._path.name if self._path else "", modified and self._path is not None)

    def _snapshot(self) -> Callable[[], None]:
        path, text = self._draft, self._page.text()
        return lambda: _write_draft(path, text)

    def _not_kept(self, error: OSError) -> None:
        self.told.emit(f"The page could not be kept in {self._draft}: {(error.strerror or 'it failed').lower()}.")


def _write_draft(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    replace_file(path, encoded(text))
