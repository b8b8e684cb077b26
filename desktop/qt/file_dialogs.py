"""Which file? The system's own dialog, in the folder where a file of that purpose was chosen last.

It is opened and answers later, so that the page goes on meanwhile. Knows no room and no files.
"""

import time
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QFileDialog, QWidget

from desktop.qt.one_dialog import open_one

Then = Callable[[Path, str], object]
AT_ONCE = 0.3  # seconds: faster than anybody cancels


class FileDialogs(QObject):
    """Asks in dialogs above one window."""

    def __init__(
        self,
        window: QWidget,
        folder_of: Callable[[str], str],
        keep: Callable[[str, str], object],
        by_portal: bool = False,
    ) -> None:
        """folder_of: where a file of that purpose was chosen last, empty for nowhere yet; keep: purpose and folder are
        to be remembered. by_portal: the system's dialog comes from a portal, which may be out of order."""
        super().__init__(window)
        self._window, self._folder_of, self._keep, self._by_portal = window, folder_of, keep, by_portal

    def open(self, purpose: str, title: str, folder: Path, kinds: str, then: Callable[[Path], object]) -> None:
        """Ask for a file that is there. folder: to begin with, where none was chosen yet. then: gets its path."""

        def make() -> QFileDialog:
            dialog = QFileDialog(self._window, title, str(self._begin_in(purpose) or folder), kinds)
            dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
            return dialog

        self._show(make, purpose, lambda path, _kind: then(path), self._by_portal)

    def save(self, purpose: str, title: str, suggested: Path, kinds: str, then: Then) -> None:
        """Ask for a file to be written. then: gets its path and the kind that was chosen, as `kinds` says it."""

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
        """by_portal: one that is refused at once was never shown, and Qt's own takes its place."""
        begun = time.monotonic()

        def refused() -> None:
            if by_portal and time.monotonic() - begun < AT_ONCE:
                self._show(make, purpose, then, by_portal=False)

        def connected() -> QFileDialog:
            dialog = make()
            dialog.setOption(QFileDialog.Option.DontUseNativeDialog, self._by_portal and not by_portal)

            def chosen(name: str) -> None:
                self._keep(purpose, str(Path(name).parent))
                then(Path(name), dialog.selectedNameFilter())

            dialog.fileSelected.connect(chosen)
            dialog.rejected.connect(refused)
            return dialog

        open_one(self._window, f"choose a file: {purpose}", connected)
