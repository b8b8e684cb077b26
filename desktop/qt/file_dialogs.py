"""The system's file dialogs, which start in the folder where a file of the same purpose was chosen last.

A dialog is opened without blocking and calls back with the file that was chosen.
"""

import time
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QFileDialog, QWidget

from desktop.qt.one_dialog import open_one

Then = Callable[[Path, str], object]
AT_ONCE = 0.3  # seconds; a dialog that is rejected faster was never shown


class FileDialogs(QObject):
    """Opens file dialogs above one window."""

    def __init__(
        self,
        window: QWidget,
        folder_of: Callable[[str], str],
        remember: Callable[[str, str], object],
        by_portal: bool = False,
    ) -> None:
        """folder_of: returns the folder where a file of a purpose was chosen last, empty if none was; remember: gets a
        purpose and the folder to store for it. by_portal: the system's dialog comes from a desktop portal, which may
        fail."""
        super().__init__(window)
        self._window, self._folder_of, self._remember, self._by_portal = window, folder_of, remember, by_portal

    def open(self, purpose: str, title: str, folder: Path, kinds: str, then: Callable[[Path], object]) -> None:
        """Ask for an existing file. folder: where the dialog starts if none was chosen yet. kinds: the file filters.
        then: gets the path."""

        def make() -> QFileDialog:
            dialog = QFileDialog(self._window, title, str(self._begin_in(purpose) or folder), kinds)
            dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
            return dialog

        self._show(make, purpose, lambda path, _kind: then(path), self._by_portal)

    def save(self, purpose: str, title: str, suggested: Path, kinds: str, then: Then) -> None:
        """Ask for a file to write. then: gets the path and the chosen filter, as `kinds` spells it."""

        def make() -> QFileDialog:
            dialog = QFileDialog(self._window, title, str(self._begin_in(purpose) or suggested.parent), kinds)
            dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
            dialog.setFileMode(QFileDialog.FileMode.AnyFile)
            dialog.selectFile(suggested.name)
            return dialog

        self._show(make, purpose, then, self._by_portal)

    def _begin_in(self, purpose: str) -> Path | None:
        folder = self._folder_of(purpose)
        return Path(folder) if folder and Path(folder).is_dir() else None

    def _show(self, make: Callable[[], QFileDialog], purpose: str, then: Then, by_portal: bool) -> None:
        """by_portal: a dialog that is rejected at once was never shown; show Qt's own instead."""
        started = time.monotonic()

        def refused() -> None:
            if by_portal and time.monotonic() - started < AT_ONCE:
                self._show(make, purpose, then, by_portal=False)

        def connected() -> QFileDialog:
            dialog = make()
            dialog.setOption(QFileDialog.Option.DontUseNativeDialog, self._by_portal and not by_portal)

            def chosen(name: str) -> None:
                self._remember(purpose, str(Path(name).parent))
                then(Path(name), dialog.selectedNameFilter())

            dialog.fileSelected.connect(chosen)
            dialog.rejected.connect(refused)
            return dialog

        open_one(self._window, f"choose a file: {purpose}", connected)
