"""Asks which model to compare with, or to read the page with, and shows whether it fits beside the loaded one."""

from collections.abc import Sequence
from typing import Literal

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QDialog, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from desktop.library import words
from desktop.library.second_models import SecondModelChoice
from desktop.library.table import Column, Table
from desktop.qt.plain_text import Label, window_title
from desktop.qt.window_geometry import fit_to_screen
from resources.language import tr

Purpose = Literal["compare", "read"]
TITLES = {"compare": tr("Compare with"), "read": tr("Read this page with")}
DO = {"compare": tr("Compare"), "read": tr("Read the page")}
MEANING = {
    "compare": tr("The odds of the second model stand beside those of the first. It writes nothing."),
    "read": tr("The model reads the page and is closed again. Its odds are kept with the page, as a layer."),
}
COLUMNS: tuple[Column[SecondModelChoice], ...] = (
    Column(tr("Model"), lambda choice: choice.name, wide=True, tip=lambda choice: choice.path),
    Column(tr("Size"), lambda choice: words.size(choice.size), number=True),
    Column(tr("Memory"), lambda choice: choice.words, tip=lambda choice: choice.sentence),
)
NONE = tr("No other models on this machine. Get one in File, Models, or choose a file.")


class SecondModelDialog(QDialog):
    """`chosen` carries the path of a model, and whether it takes turns with the first. `file_requested`, a wish: choose
    a file."""

    chosen = Signal(str, bool)
    file_requested = Signal()

    def __init__(self, purpose: Purpose, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(window_title(TITLES[purpose]))
        self.resize(620, 420)
        fit_to_screen(self)
        self.table: Table[SecondModelChoice] = Table(tr("Models on this machine"), COLUMNS)
        self.sentence = Label(wordWrap=True)
        self.sentence.setMinimumWidth(1)  # a long name in one word does not make the window wider
        self._purpose: Purpose = purpose
        file, cancel = QPushButton(tr("From disk…")), QPushButton(tr("Cancel"))
        self._turns, self._do = QPushButton(tr("Read in turns")), QPushButton(DO[purpose])
        self._do.setDefault(True)
        row = QHBoxLayout()
        row.addWidget(file)
        row.addStretch()
        for button in (self._turns, self._do, cancel):
            row.addWidget(button)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 14, 16, 14)
        column.setSpacing(10)
        column.addWidget(Label(MEANING[purpose], wordWrap=True))
        column.addWidget(self.table, 1)
        column.addWidget(self.sentence)
        column.addLayout(row)
        self.table.current_changed.connect(lambda _choice: self._offer())
        self.table.chosen.connect(lambda _choice: self._choose())
        self._do.clicked.connect(self._choose)
        self._turns.clicked.connect(self._choose)
        file.clicked.connect(self.file_requested)
        cancel.clicked.connect(self.reject)
        self._offer()
        self.table.setFocus()

    def put(self, choices: Sequence[SecondModelChoice]) -> None:
        """Show these models."""
        self.table.put(choices)
        if choices and self.table.current is None:
            self.table.select(0)
        self._offer()

    def put_one(self, choice: SecondModelChoice) -> None:
        """Show a model anew that is in the list, by its path."""
        self.put([choice if one.path == choice.path else one for one in self.table.rows.values])

    def add(self, choice: SecondModelChoice) -> None:
        """Show one more model, or the one of its path, and select it."""
        paths = [one.path for one in self.table.rows.values]
        if choice.path not in paths:
            self.table.put((choice, *self.table.rows.values))
        self.table.select(paths.index(choice.path) if choice.path in paths else 0)

    def say(self, sentence: str) -> None:
        self.sentence.setText(sentence)

    def _offer(self) -> None:
        """Enable what can be done with the current model."""
        choice = self.table.current
        in_turns = choice is not None and choice.fits_in_turns
        self._do.setEnabled(choice is not None and choice.fits)
        self._turns.setVisible(in_turns)
        self._turns.setEnabled(in_turns)
        self.say(choice.sentence if choice else "" if self.table.rows.values else NONE)

    def _choose(self) -> None:
        choice = self.table.current
        if choice is not None and (choice.fits or choice.fits_in_turns):
            self.accept()
            self.chosen.emit(choice.path, choice.fits_in_turns)
