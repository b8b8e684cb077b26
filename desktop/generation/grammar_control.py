"""The grammar in the sampling panel: a field for its rules, the line of a mistake, and what it costs."""

from PySide6.QtCore import QSignalBlocker, QTimer, Signal
from PySide6.QtWidgets import QPlainTextEdit

from desktop.generation.controls import Control
from desktop.generation.state import SessionState
from desktop.qt.plain_text import Label
from resources.language import tr

FORMER_HOLDS = tr("Until it is mended, the last grammar without a mistake applies.")
NONE_HOLDS = tr("Until it is mended, no grammar applies.")
CHECK_AFTER = 400  # milliseconds without a change before what was typed is checked
LINES = 4


class GrammarControl(Control):
    """A grammar, "" for none. A mistake is told below the field, and that the last sound grammar holds meanwhile.
    `check_requested` carries what was typed; `show_verdict` has to follow. `typed` carries what is typed and does not
    apply, so that it can be kept; "" once nothing is."""

    check_requested = Signal(str)
    typed = Signal(str)

    def __init__(self, label: str, help: str, check_after: int = CHECK_AFTER) -> None:  # noqa: A002
        """check_after: milliseconds."""
        super().__init__(label, help, "")
        self._value = ""
        self.box = QPlainTextEdit(tabChangesFocus=True, placeholderText=tr('GBNF, such as root ::= "yes" | "no"'))
        self.box.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.box.setFixedHeight(self.fontMetrics().lineSpacing() * LINES + 14)
        self.complaint, self.cost = Label(several=True), Label()
        self.complaint.setObjectName("complaint")
        self.cost.setObjectName("quiet")
        self._resting = QTimer(self, interval=check_after, singleShot=True)
        self._resting.timeout.connect(lambda: self.check_requested.emit(self._typed))
        self.box.textChanged.connect(self._changed)
        self._label(self.box)
        self._arrange()

    def show_verdict(self, text: str, told: str) -> None:
        """What a check of that text found. told: a sentence on the mistake; "" where there is none."""
        if text != self._typed:
            return
        self._complain(f"{told}\n{FORMER_HOLDS if self._value else NONE_HOLDS}" if told else "")
        if told:
            return
        self.typed.emit("")
        if text != self._value:
            self._value = text
            self._choose(text)

    def show_typed(self, text: str) -> None:
        """Show what was typed in an earlier run and did not apply; it is checked again."""
        if text.strip():
            self.box.setPlainText(text)

    def show_state(self, state: SessionState) -> None:
        """Show what the grammar costs, if it is the one that was measured."""
        self.show_cost(state.grammar if state.measured == self._value == self._typed else 0.0)

    def show_cost(self, seconds: float) -> None:
        """What the grammar takes for each token; 0 where it is not known."""
        words = tr("The grammar takes {cost:.1f} ms a token.").format(cost=seconds * 1_000)
        self.cost.setText(words if seconds and self._value else "")
        self.cost.setVisible(bool(self.cost.text()))

    # -------------------------------------------------------------------------------------------- what is shown

    def _arrange(self) -> None:
        column = self._lay_out_head()
        column.addWidget(self.box)
        for words in (self.complaint, self.cost):
            words.setWordWrap(True)
            words.hide()
            column.addWidget(words)

    def _show(self, value: str) -> None:
        if value != self._value:
            self._value = value
            self._fill(value)

    def _fill(self, text: str) -> None:
        self._resting.stop()
        with QSignalBlocker(self.box):
            self.box.setPlainText(text)
        self.typed.emit("")
        self._complain("")
        self.show_cost(0.0)

    def _complain(self, sentence: str) -> None:
        self.complaint.setText(sentence)
        self.complaint.setVisible(bool(sentence))
        self.box.setAccessibleDescription(sentence or self.toolTip())

    # -------------------------------------------------------------------------------------------- what the user does

    @property
    def _typed(self) -> str:
        text = self.box.toPlainText()
        return text if text.strip() else ""

    def _changed(self) -> None:
        self.show_cost(0.0)
        self.reset_button.setVisible(bool(self.box.toPlainText()))
        if self._typed:
            self.typed.emit("" if self._typed == self._value else self._typed)
            self._resting.start()
        else:
            self._resting.stop()
            self.show_verdict("", "")

    def _reset(self) -> None:
        self._fill("")
        self._value = ""
        super()._reset()
