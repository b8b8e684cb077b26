"""The window of “Check for updates”: the progress, the answer, and a button to the web page of a newer release."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QPlainTextEdit,
    QProgressBar,
    QVBoxLayout,
    QWidget,
)

from desktop.qt.plain_text import Label, caption, tip
from desktop.qt.visible import visible_lines
from desktop.qt.window_geometry import fit_to_screen
from desktop.updating.newest import Release
from models.library.hub.errors import host_of
from resources.language import tr

THERE_IS = tr(
    "Inkfall {version} is available; this is {ours}. Its page opens in your browser. Nothing is "
    "downloaded or installed by itself."
)


class UpdateDialog(QDialog):
    """Shows one check. `cancelled`: the user closed it before the answer came. `web_page_requested` carries the URL of
    the release's page."""

    cancelled = Signal()
    web_page_requested = Signal(str)

    def __init__(self, host: str, parent: QWidget | None = None) -> None:
        """host: of the address that is asked."""
        super().__init__(parent)
        self.setWindowTitle(tr("Check for updates"))
        self.setMinimumWidth(420)
        self._url, self.host = "", host
        self.message_label = Label(tr("Asking {host} for the newest version…").format(host=host), wordWrap=True)
        self.message_label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.bar = QProgressBar(maximum=0, textVisible=False)
        self.bar.setFixedHeight(6)
        self.bar.setAccessibleName(tr("Asking"))
        self.notes = QPlainTextEdit(readOnly=True)
        self.notes.setAccessibleName(tr("What is new"))
        self.notes.hide()
        self.buttons = QDialogButtonBox()
        self.stop = self.buttons.addButton(QDialogButtonBox.StandardButton.Cancel)
        self.buttons.rejected.connect(self.reject)
        self.rejected.connect(self._cancel)
        self._asking = True
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 16, 20, 16)
        column.setSpacing(12)
        for widget in (self.message_label, self.bar, self.notes, self.buttons):
            column.addWidget(widget, 1 if widget is self.notes else 0)

    def show_newest(self, release: Release, ours: str, newer: bool) -> None:
        """Show the answer. ours: the version of this program. newer: whether the release is newer than that."""
        if not newer:
            self._say(tr("Inkfall {version} is the newest version.").format(version=ours))
            return
        self._say(THERE_IS.format(version=release.version, ours=ours))
        self._url = release.url
        self.notes.setPlainText(visible_lines(release.notes))
        self.notes.setVisible(bool(release.notes))
        words = tr("&Open {host}").format(host=caption(host_of(release.url)))
        button = self.buttons.addButton(words, QDialogButtonBox.ButtonRole.ActionRole)
        button.setToolTip(tip(release.url))
        button.setDefault(True)
        button.clicked.connect(lambda: self.web_page_requested.emit(self._url))
        if release.notes:
            self.resize(560, 420)
            fit_to_screen(self)

    def show_failure(self, sentence: str) -> None:
        """Show why the check failed."""
        self._say(sentence)

    def _say(self, sentence: str) -> None:
        self._asking = False
        self.message_label.setText(sentence)
        self.bar.hide()
        self.buttons.removeButton(self.stop)
        self.stop.deleteLater()  # else it would become a window
        self.buttons.addButton(QDialogButtonBox.StandardButton.Close)

    def _cancel(self) -> None:
        if self._asking:
            self.cancelled.emit()
