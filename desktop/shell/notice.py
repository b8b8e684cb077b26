"""One sentence above the page, with what can be done about it. Never a dialog in the writer's way."""

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QProgressBar, QPushButton, QWidget


class Notice(QFrame):
    """`say` shows a sentence that stays until it is dismissed or replaced; `progress` shows one with a bar and no way
    but Cancel.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("notice")
        self.setAccessibleName("Notice")
        self._sentence = QLabel(wordWrap=True, textInteractionFlags=Qt.TextInteractionFlag.TextSelectableByMouse)
        self._bar = QProgressBar(maximum=1000, textVisible=False)
        self._bar.setFixedSize(180, 6)
        self._button = QPushButton()
        self._dismiss = QPushButton("Dismiss")
        self._dismiss.clicked.connect(self.clear)
        self._button.clicked.connect(self._pressed)
        self._then: Callable[[], object] | None = None
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 8, 12, 8)
        row.setSpacing(12)
        row.addWidget(self._sentence, 1)
        for widget in (self._bar, self._button, self._dismiss):
            row.addWidget(widget)
        self.hide()

    @property
    def sentence(self) -> str:
        return self._sentence.text() if not self.isHidden() else ""

    def say(self, sentence: str, button: str = "", then: Callable[[], object] | None = None) -> None:
        """Show a sentence, and a button that runs `then` and stays until it is dismissed."""
        self._show(sentence, button, then)
        self._bar.hide()
        self._dismiss.show()

    def progress(self, sentence: str, fraction: float, cancel: Callable[[], object] | None) -> None:
        """Show a sentence with a bar; fraction from 0 to 1."""
        self._show(sentence, "Cancel" if cancel else "", cancel)
        self._bar.setValue(round(1000 * fraction))
        self._bar.setAccessibleName(sentence)
        self._bar.show()
        self._dismiss.hide()

    def progress_ended(self) -> None:
        """Take the bar away; a sentence that came meanwhile stays."""
        if not self._bar.isHidden():
            self.clear()

    def clear(self) -> None:
        self._then = None
        self.hide()

    def _show(self, sentence: str, button: str, then: Callable[[], object] | None) -> None:
        self._sentence.setText(sentence)
        self._sentence.setAccessibleName(sentence)
        self._button.setText(button)
        self._button.setVisible(bool(button))
        self._then = then
        self.show()

    def _pressed(self) -> None:
        if self._then is not None:
            self._then()
