"""The row below the alternatives that flips the coin of the place again, and above it the line that says how the flips
fell."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from desktop.qt import accessible
from desktop.qt.plain_text import Label, caption, tip
from resources.language import tr

SIDE, MARGIN = 8, 2  # pixels at the sides, above and below
AGAIN = tr("Draws the next number for this place, and shows the token where it lands. Nothing is written.")
MANY = tr("Flips the coin of this place {count:,} times, and shows beside the bars how often each token came.")
BATCHES = (100, 1_000)  # flips


class CoinBar(QWidget):
    """Wishes: `flip_requested` carries how often to flip; `take_requested`: put the token of the last flip there;
    `forget_requested`: the tally is no longer wanted. `height_changed`: the bar wants another height."""

    flip_requested = Signal(int)
    take_requested = Signal()
    forget_requested = Signal()
    height_changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._flip, self._tally, self._said = "", "", ""
        self.setAccessibleName(tr("Extra flips"))
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.again = _button(tr("Flip again"), tr("Flip again"), AGAIN)
        self.again.clicked.connect(lambda: self.flip_requested.emit(1))
        self.many = [self._batch(count) for count in BATCHES]
        self.take = _button(tr("Take"), tr("Take the token of this flip"), tr("Puts this token there (Enter)."))
        self.take.clicked.connect(self.take_requested)
        self.forget = _button("×", tr("Forget these flips"), tr("Forgets these flips."))
        self.forget.clicked.connect(self.forget_requested)
        self.line = Label(wordWrap=True)
        self.buttons = QHBoxLayout()
        self.buttons.setContentsMargins(0, 0, 0, 0)
        self.buttons.setSpacing(4)
        for button in (self.again, *self.many):
            button.setProperty("tight", True)  # four of them fit into a narrow panel
            self.buttons.addWidget(button)
        self.buttons.addStretch(1)
        said = QHBoxLayout()
        said.setSpacing(4)
        said.addWidget(self.line, 1)
        for button in (self.take, self.forget):
            said.addWidget(button, 0, Qt.AlignmentFlag.AlignTop)
        column = QVBoxLayout(self)
        column.setContentsMargins(SIDE, MARGIN, SIDE, MARGIN)
        column.setSpacing(4)
        column.addLayout(said)  # above the buttons, which stay under the mouse when it comes and goes
        column.addLayout(self.buttons)
        self._show()

    def add_switch(self, switch: QToolButton) -> None:
        """Put a button at the end of the row."""
        switch.setProperty("tight", True)
        self.buttons.addWidget(switch)

    def _batch(self, count: int) -> QToolButton:
        words = tr("Flip {count:,} times").format(count=count)
        button = _button(f"×{count:,}", words, MANY.format(count=count))
        button.clicked.connect(lambda: self.flip_requested.emit(count))
        return button

    @property
    def in_use(self) -> bool:
        """Whether it says something."""
        return bool(self._flip or self._tally or self._said)

    @property
    def height_of_buttons(self) -> int:
        """Pixels of its height without the line."""
        return self.again.sizeHint().height() + 2 * MARGIN

    def set_able(self, able: bool) -> None:
        """Set whether the coin can be flipped now."""
        for button in (self.again, *self.many):
            button.setEnabled(able)

    def show_flip(self, words: str) -> None:
        """Show where the last flip fell, or that none is shown any more (empty)."""
        self._flip, self._said = words, ""
        self._show()

    def show_tally(self, words: str) -> None:
        """Show that sentence about the tally; empty for none."""
        if words != self._tally:
            self._tally, self._said = words, ""
            self._show()

    def say(self, sentence: str) -> None:
        """Show why there was no flip, until there is one."""
        self._said = sentence
        self._show()

    def _show(self) -> None:
        words = self._said or self._flip or self._tally
        was = self.line.text()
        self.line.setText(words)
        self.line.setVisible(bool(words))
        self.take.setVisible(bool(self._flip) and not self._said)
        self.forget.setVisible(bool(words) and words == self._tally)
        if words != was:
            accessible.announce(self, words)
        self.height_changed.emit()


def _button(words: str, name: str, help_: str) -> QToolButton:
    button = QToolButton()
    button.setObjectName("small")
    button.setText(caption(words))
    button.setAccessibleName(name)
    button.setToolTip(tip(help_))
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # a click leaves the focus on the page, where Enter takes the token
    return button
