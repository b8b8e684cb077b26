"""The starter model in the window: joined from its packages off the GUI thread, and its terms."""

from pathlib import Path
from threading import Thread

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QVBoxLayout, QWidget

from desktop.plain import Browser, Label
from models.library import starter
from resources.language import tr


class StarterModel(QObject):
    """`installed` carries the model's path, `failed` a sentence, `progressed` a fraction from 0 to 1."""

    installed = Signal(object)
    failed = Signal(str)
    progressed = Signal(float)

    def __init__(self, folder: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._folder = folder
        self._thread: Thread | None = None

    def install(self) -> None:
        """Have the model ready: at once where it is there, else after a second or two."""
        if here := starter.installed(self._folder):
            self.installed.emit(here)
        elif self._thread is None or not self._thread.is_alive():
            self._thread = Thread(target=self._install, name="starter")
            self._thread.start()

    def close(self) -> None:
        if self._thread is not None:
            self._thread.join()

    def _install(self) -> None:
        try:
            path = starter.install(self._folder, progress=lambda done, size: self.progressed.emit(done / size))
        except starter.StarterError as error:
            self.failed.emit(str(error))
        else:
            self.installed.emit(path)


class TermsDialog(QDialog):
    """Google's terms for Gemma, as they came with the weights."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Gemma Terms of Use"))
        self.resize(720, 640)
        try:
            terms = starter.terms()
            notice, page = terms.notice, terms.page.read_text(encoding="utf-8", errors="replace")
        except (starter.StarterError, OSError) as error:
            notice, page = str(error), '<a href="https://ai.google.dev/gemma/terms">ai.google.dev/gemma/terms</a>'
        text = Browser(openExternalLinks=True)
        keys = Qt.TextInteractionFlag.TextSelectableByKeyboard  # Tab leads on, not through two hundred links
        text.setTextInteractionFlags(
            text.textInteractionFlags() & ~Qt.TextInteractionFlag.LinksAccessibleByKeyboard | keys
        )
        text.setAccessibleName(tr("Terms"))
        text.setHtml(page)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 16, 20, 16)
        column.setSpacing(12)
        column.addWidget(Label(notice.strip(), several=True, wordWrap=True))
        column.addWidget(text, 1)
        column.addWidget(buttons)
