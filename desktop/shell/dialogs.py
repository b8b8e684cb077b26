"""Words of the window that explain: the keys, about. Made from the declared commands and from what is installed."""

from importlib.metadata import PackageNotFoundError, version

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QHeaderView,
    QLabel,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from desktop.shell.commands import COMMANDS

PARTS = ("PySide6-Essentials", "llama-cpp-python", "numpy", "psutil", "platformdirs", "rich")


class KeysDialog(QDialog):
    """Every command, its keys and what it does."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Keys")
        self.resize(760, 560)
        table = QTableWidget(len(COMMANDS), 3)
        table.setAccessibleName("Commands and their keys")
        table.setHorizontalHeaderLabels(["Command", "Keys", "What it does"])
        table.setEditTriggers(QTableWidget.EditTrigger.NoEditTriggers)
        table.setSelectionBehavior(QTableWidget.SelectionBehavior.SelectRows)
        table.verticalHeader().hide()
        table.setShowGrid(False)
        table.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        table.horizontalHeader().setStretchLastSection(True)
        table.horizontalHeader().setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        for row, command in enumerate(COMMANDS):
            for column, words in enumerate((command.title.replace("&", ""), ", ".join(command.keys), command.help)):
                table.setItem(row, column, QTableWidgetItem(words))
        _dialog(self, table)


class AboutDialog(QDialog):
    """Versions and licences."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("About Inkfall")
        rows = "".join(f"<tr><td>{part}&nbsp;&nbsp;</td><td>{_version(part)}</td></tr>" for part in PARTS)
        words = QLabel(
            f"<h2>Inkfall {_version('inkfall')}</h2><p>A page that a base language model writes on,<br>"
            f"and the odds of every token beside it.</p><table>{rows}</table>"
            "<p>Inkfall is free software under the MIT licence.<br>Models have licences of their own.</p>"
        )
        words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        _dialog(self, words)


def _dialog(dialog: QDialog, middle: QWidget) -> None:
    buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
    buttons.rejected.connect(dialog.reject)
    column = QVBoxLayout(dialog)
    column.setContentsMargins(20, 16, 20, 16)
    column.setSpacing(12)
    column.addWidget(middle)
    column.addWidget(buttons)


def _version(part: str) -> str:
    try:
        return version(part)
    except PackageNotFoundError:
        return "?"
