"""The dialogs of the Help menu: the keys of all commands, and the licences."""

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QHeaderView,
    QListWidget,
    QPlainTextEdit,
    QSplitter,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from desktop.qt.window_geometry import fit_to_screen
from desktop.shell.actions import key_text
from desktop.shell.command import Command
from desktop.shell.commands import COMMANDS, WRITE
from desktop.shell.licences import Licence
from resources.language import tr


class KeysDialog(QDialog):
    """Commands, their keys and what each does."""

    def __init__(self, commands: Sequence[Command] = COMMANDS, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Keys"))
        self.resize(760, 560)
        fit_to_screen(self)
        table = QTableWidget(len(commands), 3)
        table.setAccessibleName(tr("Commands and their keys"))
        table.setHorizontalHeaderLabels([tr("Command"), tr("Keys"), tr("What it does")])
        table.setEditTriggers(QTableWidget.EditTrigger.NoEditTriggers)
        table.setSelectionBehavior(QTableWidget.SelectionBehavior.SelectRows)
        table.verticalHeader().hide()
        table.setTabKeyNavigation(False)
        table.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        table.setShowGrid(False)
        table.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        table.horizontalHeader().setStretchLastSection(True)
        table.horizontalHeader().setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        for row, command in enumerate(sorted(commands, key=lambda one: one.menu != WRITE)):
            for column, words in enumerate(
                (command.plain_title, ", ".join(map(key_text, command.shown_keys)), command.help)
            ):
                table.setItem(row, column, QTableWidgetItem(words))
        _dialog(self, table)


class LicencesDialog(QDialog):
    """The licence of every part of the program."""

    def __init__(self, found: Sequence[Licence], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Licences"))
        self.resize(860, 600)
        fit_to_screen(self)
        self._found = list(found)
        self.names = QListWidget()
        self.names.setAccessibleName(tr("Parts of the program"))
        self.names.addItems([one.name for one in found])
        self.text = QPlainTextEdit()
        self.text.setReadOnly(True)
        self.text.setAccessibleName(tr("Licence of the part"))
        middle = QSplitter()
        middle.addWidget(self.names)
        middle.addWidget(self.text)
        middle.setStretchFactor(1, 1)
        middle.setSizes([240, 600])
        self.names.currentRowChanged.connect(self._show)
        self.names.setCurrentRow(0)
        _dialog(self, middle)

    def _show(self, row: int) -> None:
        self.text.setPlainText(self._found[row].text if row >= 0 else "")


def _dialog(dialog: QDialog, middle: QWidget) -> QDialogButtonBox:
    """Fill a dialog with a widget and, below it, a Close button. Returns the button box."""
    buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
    buttons.rejected.connect(dialog.reject)
    column = QVBoxLayout(dialog)
    column.setContentsMargins(20, 16, 20, 16)
    column.setSpacing(12)
    column.addWidget(middle)
    column.addWidget(buttons)
    return buttons
