"""The notice: messages that float over the foot of the page, one at a time, with a button for an action.

Not a dialog, and nothing moves when it comes (floating.py).
"""

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QFrame, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from desktop.qt import accessible
from desktop.qt.plain_text import Label, caption
from resources.language import tr

_NARROW = 460  # pixels; below, the buttons stand under the sentence
_WIDEST = 640  # pixels
_MOST = 8  # messages that are held; older ones are dropped


@dataclass(frozen=True, slots=True)
class _Entry:
    sentence: str
    button: str
    then: Callable[[], object] | None
    topic: str


class Notice(QFrame):
    """Shows the newest message; when that goes, the one before it is shown again.

    A message goes when it is dismissed; one with a topic also when the topic is over or gets another message.
    `left`: the notice had the focus and is hidden now."""

    left = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("floating")
        self.setAccessibleName(tr("Notice"))
        self.setAutoFillBackground(True)
        self._entries: list[_Entry] = []
        self.content = _Content()
        self.content.dismiss.clicked.connect(self.dismiss)
        column = self._column = QVBoxLayout(self)
        column.setContentsMargins(14, 8, 10, 8)
        column.addWidget(self.content)
        self.hide()

    @property
    def sentence(self) -> str:
        """The message that is shown; empty if none is."""
        return self._entries[-1].sentence if self._entries else ""

    def say(self, sentence: str, button: str = "", then: Callable[[], object] | None = None, topic: str = "") -> None:
        """Show a message, with a button that runs `then`. The message stays after a click. topic: for `over`."""
        if sentence != self.sentence:
            accessible.announce(self, sentence)
        replaced = [one for one in self._entries if one.sentence == sentence or (topic and one.topic == topic)]
        self._entries = [one for one in self._entries if one not in replaced][1 - _MOST :]
        self._entries.append(_Entry(sentence, button, then, topic))
        self._show()

    def over(self, *topics: str) -> None:
        """Drop the messages of these topics: they no longer hold."""
        self._entries = [one for one in self._entries if one.topic not in topics]
        self._show()

    def dismiss(self) -> bool:
        """Drop the message that is shown. Returns whether there was one."""
        had_one = bool(self._entries)
        del self._entries[-1:]
        self._show()
        return had_one

    def clear(self) -> None:
        """Drop all messages."""
        self._entries = []
        self._show()

    def sizeHint(self) -> QSize:
        """As wide as the sentence in one line, within bounds."""
        margins = self.contentsMargins() + self._column.contentsMargins()
        width = min(self.content.natural_width() + margins.left() + margins.right(), _WIDEST)
        return QSize(width, self.heightForWidth(width))

    def _show(self) -> None:
        if not self._entries:
            had_focus = self.isAncestorOf(self.window().focusWidget() or self) and not self.isHidden()
            self.hide()
            if had_focus:
                self.left.emit()
            return
        entry = self._entries[-1]
        self.content.show_message(entry.sentence, entry.button, entry.then)
        self.updateGeometry()
        self.show()


class _Content(QWidget):
    """A message, and beside or below it its buttons."""

    def __init__(self) -> None:
        super().__init__()
        self.sentence = Label(wordWrap=True, textInteractionFlags=Qt.TextInteractionFlag.TextSelectableByMouse)
        self.action, self.dismiss = QPushButton(), QPushButton(tr("Dismiss"))
        self.action.hide()
        self.action.clicked.connect(lambda: self._then() if self._then else None)
        for button in (self.action, self.dismiss):
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # a click leaves the focus on the page
        self._then: Callable[[], object] | None = None
        self._buttons = QHBoxLayout()
        self._buttons.setSpacing(8)
        self._buttons.addWidget(self.action)
        self._buttons.addWidget(self.dismiss)
        self._buttons.addStretch()
        self._row = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(12)
        self._row.addWidget(self.sentence, 1)
        self._row.addLayout(self._buttons)

    def show_message(self, sentence: str, button: str, then: Callable[[], object] | None) -> None:
        self.sentence.setText(sentence)
        self.sentence.setAccessibleName(self.sentence.text())
        self.action.setText(caption(button))
        self.action.setVisible(bool(button))
        self._then = then

    def natural_width(self) -> int:
        """The pixels that the sentence in one line and the buttons beside it take."""
        words = self.sentence.fontMetrics().horizontalAdvance(self.sentence.text())
        return words + self._row.spacing() + self._buttons.sizeHint().width() + 8

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        narrow = event.size().width() < _NARROW and self.natural_width() > event.size().width()
        direction = QBoxLayout.Direction.TopToBottom if narrow else QBoxLayout.Direction.LeftToRight
        if self._row.direction() != direction:
            self._row.setDirection(direction)
