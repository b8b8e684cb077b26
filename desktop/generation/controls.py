"""The controls of the sampling panel: each shows one value, emits the value that the user chooses, and is marked where
that is not the default.

They have a label and a help text, and do not import samplers."""

from typing import Any, cast

from PySide6.QtCore import QLocale, QSignalBlocker, Qt, Signal
from PySide6.QtGui import QFont, QKeyEvent, QWheelEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QDoubleSpinBox,
    QHBoxLayout,
    QLineEdit,
    QPlainTextEdit,
    QSizePolicy,
    QSpinBox,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from desktop.generation.recipe import DEFAULT_LENGTH, SeedError, format_stops, parse_seed, parse_stops
from desktop.qt.plain_text import Label, tip
from models.engine.limits import LENGTH
from models.sampling.knob_checks import LONGEST_STOP, MOST_STOPS
from resources.language import tr

NUMBER_WIDTH = 78  # pixels
OFF = tr("off")


class IntegerBox(QSpinBox):
    """A spin box that ignores the wheel, so that the panel scrolls. A key replaces a word in place of the number."""

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        _select_word(self, event)
        super().keyPressEvent(event)


class NumberBox(QDoubleSpinBox):
    """The same for decimal numbers, shown without trailing zeros."""

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        _select_word(self, event)
        super().keyPressEvent(event)

    def textFromValue(self, value: float) -> str:
        if self.specialValueText() and value == self.minimum():
            return self.specialValueText()  # Qt shows it by itself, but does not tell it to screen readers
        return f"{value:.{self.decimals()}f}".rstrip("0").rstrip(".") or "0"


def _select_word(box: QSpinBox | QDoubleSpinBox, event: QKeyEvent) -> None:
    """Select the word that stands in place of the number, if the key types or deletes: no part of it is a number."""
    if box.specialValueText() and box.text() == box.specialValueText() and event.text().strip(" "):
        box.selectAll()


class Control(QWidget):
    """A label, an editor and a button that resets. `value_chosen` carries the value that the user chose."""

    value_chosen = Signal(object)

    def __init__(self, label: str, help: str, default: Any) -> None:  # noqa: A002
        super().__init__()
        self.default = default
        self.setToolTip(tip(help, several=True))
        self.label = Label(label, self)
        self.label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.reset_button = QToolButton(autoRaise=True)
        self.reset_button.setText("↺")
        self.reset_button.setToolTip(tip(tr("Reset to {value}").format(value=_text(default))))
        self.reset_button.setAccessibleName(tr("Reset {name}").format(name=label))
        self.reset_button.clicked.connect(self._reset)
        policy = self.reset_button.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self.reset_button.setSizePolicy(policy)
        self._mark(default)

    def show_value(self, value: Any) -> None:
        """Show that value; emits nothing."""
        self._mark(value)
        self._show(value)

    @property
    def changed(self) -> bool:
        return not self.reset_button.isHidden()

    def neighbour(self) -> QWidget:
        """The editor, for lost_focus.py: the reset button hides itself."""
        return self.label.buddy()

    def _show(self, value: Any) -> None:
        raise NotImplementedError

    def _choose(self, value: Any) -> None:
        self._mark(value)
        self.value_chosen.emit(value)

    def _reset(self) -> None:
        self.show_value(self.default)
        self.value_chosen.emit(self.default)

    def _mark(self, value: Any) -> None:
        changed = value != self.default
        font = self.label.font()
        font.setBold(changed)
        self.label.setFont(font)
        self.reset_button.setVisible(changed)

    @staticmethod
    def _reserve_bold_width(widget: QWidget) -> None:
        """Give the widget the width of its text in bold, so that nothing beside it moves when the text turns bold."""
        plain, bold = QFont(widget.font()), QFont(widget.font())
        bold.setBold(True)
        widget.setFont(bold)
        widget.setMinimumWidth(widget.sizeHint().width())
        widget.setFont(plain)

    def _lay_out(self, *editors: QWidget) -> None:
        """Put label, editors and reset button in one line."""
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        row.addWidget(self.label, 1)
        for editor in editors:
            row.addWidget(editor)
        row.addWidget(self.reset_button)

    def _lay_out_head(self) -> QVBoxLayout:
        """Put label and reset button in one line. Returns the column, in which the editors come below it."""
        head = QHBoxLayout()
        head.setContentsMargins(0, 0, 0, 0)
        head.addWidget(self.label, 1)
        head.addWidget(self.reset_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addLayout(head)
        return column

    def _label(self, editor: QWidget) -> None:
        """Give the editor the label as its accessible name and as its mnemonic."""
        self.label.setBuddy(editor)
        editor.setAccessibleName(self.label.text())
        editor.setAccessibleDescription(self.toolTip())


def _text(default: Any) -> str:
    match default:
        case bool():
            return tr("on") if default else tr("off")
        case None:
            return tr("random")
        case () | "":
            return tr("none")
        case tuple():
            return format_stops(cast("tuple[str, ...]", default)).replace("\n", "  ")
        case _:
            return f"{default:g}"


class NumberControl(Control):
    """A number within bounds, an integer where the default is one. has_off: the lowest number is shown as “off”."""

    def __init__(
        self,
        label: str,
        help: str,  # noqa: A002
        default: float,
        low: float,
        high: float,
        step: float,
        has_off: bool = False,
    ) -> None:
        bounds = tr("From {low:g} to {high:g}; default {default:g}.")
        super().__init__(label, f"{help}\n{bounds.format(low=low, high=high, default=default)}", default)
        self.box: QSpinBox | QDoubleSpinBox
        if isinstance(default, int):
            self.box = IntegerBox(minimum=int(low), maximum=int(high), singleStep=int(step))
        else:
            self.box = NumberBox(minimum=low, maximum=high, singleStep=step, decimals=3)
        if has_off:
            self.box.setSpecialValueText(OFF)
            self.reset_button.setToolTip(tip(tr("Reset to {value}").format(value=OFF)))
        self.box.setLocale(QLocale.c())
        self.box.setFixedWidth(NUMBER_WIDTH)
        self.box.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.box.setValue(default)  # type: ignore[arg-type]
        self.box.valueChanged.connect(self._choose)
        self._label(self.box)
        self._lay_out(self.box)

    def _show(self, value: float) -> None:
        with QSignalBlocker(self.box):
            self.box.setValue(value)  # type: ignore[arg-type]


class FlagControl(Control):
    """A switch. inverted: the box is checked where the value is false."""

    def __init__(self, label: str, help: str, default: bool, inverted: bool = False) -> None:  # noqa: A002
        super().__init__("", help, default)
        self.inverted = inverted
        self.label.hide()  # the box has its own
        self.reset_button.setAccessibleName(tr("Reset {name}").format(name=label))
        self.box = QCheckBox(label)
        self._reserve_bold_width(self.box)
        self.box.setChecked(default != inverted)
        self.box.setAccessibleDescription(help)
        self.box.toggled.connect(lambda checked: self._choose(checked != self.inverted))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.box, 1)
        row.addWidget(self.reset_button)

    def neighbour(self) -> QWidget:
        return self.box

    def _show(self, value: bool) -> None:
        with QSignalBlocker(self.box):
            self.box.setChecked(value != self.inverted)

    def _mark(self, value: Any) -> None:
        super()._mark(value)
        if hasattr(self, "box"):
            self.box.setFont(self.label.font())


class StopsControl(Control):
    """Stop strings or other texts, one per line. most: of them; longest: code points of one."""

    def __init__(
        self,
        label: str,
        help: str,  # noqa: A002
        default: tuple[str, ...] = (),
        most: int = MOST_STOPS,
        longest: int = LONGEST_STOP,
    ) -> None:
        self._bounds = most, longest
        escapes = tr("One per line; \\n is a line break, \\t a tab, \\\\ a backslash.")
        super().__init__(label, f"{help}\n{escapes}", default)
        self.box = QPlainTextEdit(tabChangesFocus=True, placeholderText=tr("one per line; \\n is a line break"))
        self.box.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.box.setFixedHeight(self.fontMetrics().lineSpacing() * 3 + 14)
        self.box.setPlainText(format_stops(default))
        self.box.textChanged.connect(lambda: self._choose(self._typed()))
        self._label(self.box)
        self._lay_out_head().addWidget(self.box)

    def _typed(self) -> tuple[str, ...]:
        return parse_stops(self.box.toPlainText(), *self._bounds)

    def _show(self, value: tuple[str, ...]) -> None:
        if self._typed() != value:
            with QSignalBlocker(self.box):
                self.box.setPlainText(format_stops(value))


class LengthControl(Control):
    """A number of tokens, or endless (None)."""

    def __init__(self) -> None:
        about = tr("How many tokens are written at a time. From 1 to {most:,}, or until you stop it.")
        super().__init__(tr("Length"), about.format(most=LENGTH.high), DEFAULT_LENGTH)
        self.box = IntegerBox(minimum=LENGTH.low, maximum=LENGTH.high, singleStep=16, value=DEFAULT_LENGTH)
        self.box.setFixedWidth(NUMBER_WIDTH)
        self.box.setLocale(QLocale.c())
        self.endless = QCheckBox(tr("Endless"))
        preferred = QSizePolicy.Policy.Preferred
        self.label.setSizePolicy(preferred, preferred)  # the row has no room to spare
        self._reserve_bold_width(self.label)
        self.endless.setAccessibleDescription(tr("Writes until you stop it."))
        self.box.valueChanged.connect(self._choose)
        self.endless.toggled.connect(self._toggled)
        self._label(self.box)
        self._lay_out(self.endless, self.box)

    def _toggled(self, endless: bool) -> None:
        self.box.setEnabled(not endless)
        self._choose(None if endless else self.box.value())

    def _show(self, value: int | None) -> None:
        with QSignalBlocker(self.box), QSignalBlocker(self.endless):
            self.endless.setChecked(value is None)
            self.box.setEnabled(value is not None)
            if value is not None:
                self.box.setValue(value)


class SeedControl(Control):
    """A seed, or a new one each time (None). Where the text is not a seed, a sentence under it says so, and the last
    valid seed stays."""

    def __init__(self) -> None:
        about = tr("The same model, page, settings and seed give the same text. Empty: a random seed each time.")
        super().__init__(tr("Seed"), about, None)
        self.box = QLineEdit(placeholderText=tr("random"), maxLength=100)
        self.box.textEdited.connect(self._typed)
        self.complaint = Label()
        self.complaint.setWordWrap(True)
        self.complaint.setObjectName("complaint")
        self.complaint.hide()
        self._label(self.box)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        line = QWidget()
        row = QHBoxLayout(line)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        row.addWidget(self.label, 1)
        row.addWidget(self.box, 3)
        row.addWidget(self.reset_button)
        column.addWidget(line)
        column.addWidget(self.complaint)

    def _typed(self, typed: str) -> None:
        try:
            seed = parse_seed(typed)
        except SeedError as error:
            self._complain(str(error))
            self.reset_button.setVisible(True)
            return
        self._complain("")
        self._choose(seed)

    def _complain(self, sentence: str) -> None:
        self.complaint.setText(sentence)
        self.complaint.setVisible(bool(sentence))
        self.box.setAccessibleDescription(sentence or self.toolTip())

    def _show(self, value: int | None) -> None:
        self._complain("")
        self.box.setText("" if value is None else str(value))
