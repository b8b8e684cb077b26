"""The controls of step mode below the odds: how fast tokens come, and where the writing hesitates."""

import math

from PySide6.QtCore import QEvent, QLocale, QObject, QSignalBlocker, Qt, QTimer, Signal
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QSizePolicy, QSlider, QToolButton, QVBoxLayout, QWidget

from desktop.generation.controls import NumberBox
from desktop.generation.stepper import Pace
from desktop.qt.plain_text import Label, tip
from resources.language import tr

SPEEDS = (0.0, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0, math.inf)  # tokens a second; 0: each when it is asked for
MOST_BITS = 20.0
SIDE = 8  # pixels at both sides


class StepBar(QWidget):
    """`pace_chosen`: the user changed one of the values below; `next_requested`, a wish: write the token that waits.

    switch: the button that turns step mode on, which is shown elsewhere. speed: index in SPEEDS. hesitates, bits:
    whether the writing waits where the entropy is above so many bits."""

    pace_chosen = Signal()
    next_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(tr("Step mode"))
        self.switch = QToolButton()
        self.switch.setCheckable(True)
        self.switch.setObjectName("small")
        self.switch.setText(tr("Step"))
        self.switch.setAccessibleName(tr("Step mode"))
        self.switch.setToolTip(tip(tr("Shows the odds and the draw of each token before it is written.")))
        self.switch.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.switch.toggled.connect(self._switch)
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setRange(0, len(SPEEDS) - 1)
        self.slider.setPageStep(1)
        self.slider.setAccessibleName(tr("Speed"))
        self.slider.valueChanged.connect(lambda _value: self._choose())
        self.words = Label()
        self.words.setObjectName("quiet")
        self.next = QToolButton()
        self.next.setObjectName("small")
        self.next.setText(tr("Next token"))
        self.next.setToolTip(tip(tr("Writes the token that waits (Ctrl+Shift+Enter).")))
        self.next.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.next.clicked.connect(self._ask_for_next)
        self.next.installEventFilter(self)
        self.forks = QCheckBox(tr("Hesitate at forks"))
        self.forks.setToolTip(tip(tr("Waits before a token whose entropy is above this many bits.")))
        self.forks.toggled.connect(lambda _on: self._choose())
        self.box = NumberBox(minimum=0, maximum=MOST_BITS, singleStep=0.5, decimals=1)
        self.box.setLocale(QLocale.c())
        before, _, behind = tr("> {number} bits").partition("{number}")
        self.box.setPrefix(before)
        self.box.setSuffix(behind)
        self.box.setAccessibleName(tr("Entropy of a fork, in bits"))
        self.box.valueChanged.connect(lambda _value: self._choose())
        column = QVBoxLayout(self)
        column.setContentsMargins(SIDE, 2, SIDE, 2)
        column.setSpacing(2)
        column.addLayout(_row(self.slider, self.next))
        column.addWidget(self.words)
        column.addLayout(_row(self.forks, self.box))
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.set_paused(False)
        self.show_values(speed=0, hesitates=False, bits=2.0)
        self.hide()

    @property
    def pace(self) -> Pace:
        fork = self.box.value() if self.forks.isChecked() else None
        return Pace(self.switch.isChecked(), SPEEDS[self.slider.value()], fork)

    @property
    def values(self) -> tuple[int, bool, float]:
        """speed, hesitates, bits."""
        return self.slider.value(), self.forks.isChecked(), self.box.value()

    def show_values(self, speed: int, hesitates: bool, bits: float) -> None:
        """Show these values; emits nothing."""
        with QSignalBlocker(self.slider), QSignalBlocker(self.forks), QSignalBlocker(self.box):
            self.slider.setValue(speed)
            self.forks.setChecked(hesitates)
            self.box.setValue(bits)
        self._show()

    def set_paused(self, paused: bool) -> None:
        """Set whether a token waits. With the focus, the button stays enabled, to be pressed for each token."""
        self._paused = paused
        self._enable_next()

    def _enable_next(self) -> None:
        has_focus = self.next.window().focusWidget() is self.next  # also while another window is in front
        self.next.setEnabled(self._paused or has_focus)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: ARG002
        """Disable the button, where nothing waits, once the focus has gone elsewhere."""
        if event.type() == QEvent.Type.FocusOut:
            QTimer.singleShot(0, self, self._enable_next)
        return False

    def _ask_for_next(self) -> None:
        if self._paused:
            self.next_requested.emit()

    def _switch(self, on: bool) -> None:
        self.setVisible(on)
        self.pace_chosen.emit()

    def _choose(self) -> None:
        self._show()
        self.pace_chosen.emit()

    def _show(self) -> None:
        words = speed_words(SPEEDS[self.slider.value()])
        self.words.setText(words)
        self.slider.setAccessibleDescription(words)
        self.slider.setToolTip(tip(words))


def speed_words(rate: float) -> str:
    """A speed in words. rate: as in Pace."""
    if rate == 0:
        return tr("One token a click")
    return tr("Full speed") if math.isinf(rate) else tr("{rate:g} tokens a second").format(rate=rate)


def _row(*widgets: QWidget) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setSpacing(6)
    for place, widget in enumerate(widgets):
        row.addWidget(widget, 0 if place else 1)
    return row
