"""One sentence above the page, with what can be done about it, and a bar for what takes time. Never a dialog in the
writer's way.
"""

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QFrame, QHBoxLayout, QProgressBar, QPushButton, QVBoxLayout, QWidget

from desktop import accessible
from desktop.plain import Label, caption
from resources.language import tr

_NARROW = 460  # pixels; below, the buttons stand under the sentence


class Notice(QFrame):
    """`say` shows a sentence that stays until it is dismissed or replaced; `progress` shows one with a bar above it and
    no way but Cancel, until `progress_ended`.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("notice")
        self.setAccessibleName(tr("Notice"))
        self._progress, self._said = _Progress(), _Said()
        self._said.dismissed.clicked.connect(self.clear)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 8, 12, 8)
        column.addWidget(self._progress)
        column.addWidget(self._said)
        self._progress.hide()
        self._said.hide()
        self.hide()

    @property
    def sentence(self) -> str:
        """What is said now."""
        return "" if self._said.isHidden() else self._said.words

    @property
    def work(self) -> str:
        """What the bar stands for."""
        return "" if self._progress.isHidden() else self._progress.sentence.text()

    def say(self, sentence: str, button: str = "", then: Callable[[], object] | None = None) -> None:
        """Show a sentence, and a button that runs `then` and stays until it is dismissed."""
        if sentence != self.sentence:
            accessible.announce(self, sentence)
        self._said.say(sentence, button, then)
        self._said.show()
        self._show()

    def progress(self, sentence: str, fraction: float, cancel: Callable[[], object] | None) -> None:
        """Show a sentence with a bar; fraction from 0 to 1."""
        self._progress.put(sentence, fraction, cancel)
        self._progress.show()
        self._show()

    def progress_ended(self) -> None:
        self._progress.hide()
        self._show()

    def dismiss(self) -> bool:
        """Put away what is said. False where nothing was."""
        said = bool(self.sentence)
        self.clear()
        return said

    def clear(self) -> None:
        self._said.hide()
        self._show()

    def _show(self) -> None:
        self.setHidden(self._said.isHidden() and self._progress.isHidden())


class _Said(QWidget):
    """A sentence, and beside or below it its buttons."""

    def __init__(self) -> None:
        super().__init__()
        self.words = ""  # as they were given; the label shows what could forge a sentence
        self.sentence = _sentence()
        self.action, self.dismissed = QPushButton(), QPushButton(tr("Dismiss"))
        self.action.hide()
        self.action.clicked.connect(lambda: self._then() if self._then else None)
        self._then: Callable[[], object] | None = None
        buttons = QHBoxLayout()
        buttons.setSpacing(12)
        buttons.addWidget(self.action)
        buttons.addWidget(self.dismissed)
        buttons.addStretch()
        self._row = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(12)
        self._row.addWidget(self.sentence, 1)
        self._row.addLayout(buttons)

    def say(self, sentence: str, button: str, then: Callable[[], object] | None) -> None:
        self.words = sentence
        self.sentence.setText(sentence)
        self.sentence.setAccessibleName(self.sentence.text())
        self.action.setText(caption(button))
        self.action.setVisible(bool(button))
        self._then = then

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        narrow = event.size().width() < _NARROW
        way = QBoxLayout.Direction.TopToBottom if narrow else QBoxLayout.Direction.LeftToRight
        if self._row.direction() != way:
            self._row.setDirection(way)


class _Progress(QWidget):
    """A sentence, a bar and Cancel."""

    def __init__(self) -> None:
        super().__init__()
        self.sentence = _sentence()
        self.bar = QProgressBar(maximum=1000, textVisible=False)
        self.bar.setFixedHeight(6)
        self.bar.setMaximumWidth(180)
        self.cancel = QPushButton(tr("Cancel"))
        self.cancel.clicked.connect(lambda: self._then() if self._then else None)
        self._then: Callable[[], object] | None = None
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(12)
        row.addWidget(self.sentence, 1)
        row.addWidget(self.bar)
        row.addWidget(self.cancel)

    def put(self, sentence: str, fraction: float, cancel: Callable[[], object] | None) -> None:
        self.sentence.setText(sentence)
        self.bar.setAccessibleName(self.sentence.text())
        self.bar.setValue(round(1000 * fraction))
        self.cancel.setVisible(cancel is not None)
        self._then = cancel


def _sentence() -> Label:
    return Label(wordWrap=True, textInteractionFlags=Qt.TextInteractionFlag.TextSelectableByMouse)
