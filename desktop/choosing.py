"""Which file? The system's own dialog, in the folder where a file of that purpose was chosen last.

It is opened and answers later, so that the page goes on meanwhile. Knows no room and no files.
"""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QFileDialog, QWidget

Then = Callable[[Path, str], object]


class Choosing(QObject):
    """Asks in dialogs above one window."""

    def __init__(self, window: QWidget, folder_of: Callable[[str], str], keep: Callable[[str, str], object]) -> None:
        """folder_of: where a file of that purpose was chosen last, empty for nowhere yet; keep: purpose and folder are
        to be remembered."""
        super().__init__(window)
        self._window, self._folder_of, self._keep = window, folder_of, keep

    def open(self, purpose: str, title: str, folder: Path, kinds: str, then: Callable[[Path], object]) -> None:
        """Ask for a file that is there. folder: to begin with, where none was chosen yet. then: gets its path."""
        dialog = QFileDialog(self._window, title, str(self._begin_in(purpose) or folder), kinds)
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        self._show(dialog, purpose, lambda path, _kind: then(path))

    def save(self, purpose: str, title: str, suggested: Path, kinds: str, then: Then) -> None:
        """Ask for a file to be written. then: gets its path and the kind that was chosen, as `kinds` says it."""
        place = self._begin_in(purpose)
        dialog = QFileDialog(self._window, title, str(place or suggested.parent), kinds)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setFileMode(QFileDialog.FileMode.AnyFile)
        dialog.selectFile(suggested.name)
        self._show(dialog, purpose, then)

    def _begin_in(self, purpose: str) -> Path | None:
        folder = self._folder_of(purpose)
        return Path(folder) if folder and Path(folder).is_dir() else None

    def _show(self, dialog: QFileDialog, purpose: str, then: Then) -> None:
        def chosen(name: str) -> None:
            self._keep(purpose, str(Path(name).parent))
            then(Path(name), dialog.selectedNameFilter())

        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(chosen)
        dialog.open()
