"""The window that shows a crash report, to read, copy and save. Not modal; sends nothing."""

import os
from pathlib import Path

from PySide6.QtCore import QStandardPaths, Qt
from PySide6.QtGui import QFontDatabase, QGuiApplication
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QFileDialog, QPlainTextEdit, QVBoxLayout, QWidget

from desktop.qt.one_dialog import open_one
from desktop.qt.plain_text import Label
from desktop.qt.scrolled import scrolled
from desktop.qt.window_geometry import fit_to_screen
from models.library.atomic_file import replacing
from resources.language import tr, tr_count
from resources.reasons import reason

PRIVATE = tr(
    "The report holds none of your text and is sent nowhere. It lies in {file}; read it before you pass it on."
)
NAME = "inkfall-report.txt"


class CrashDialog(QDialog):
    """Shows one report, and how many errors came after it."""

    def __init__(self, words: str, report: str, file: str, parent: QWidget | None = None) -> None:
        """words: what happened, for the user. file: path of the file of all reports, as it is shown."""
        super().__init__(parent)
        self.setWindowTitle(tr("Something went wrong"))
        self.setWindowModality(Qt.WindowModality.NonModal)
        self.resize(720, 460)
        self.words = Label(words, wordWrap=True)
        self.words.setObjectName("lead")
        self.more = Label()
        self.more.hide()
        self.report = QPlainTextEdit(report, readOnly=True, lineWrapMode=QPlainTextEdit.LineWrapMode.NoWrap)
        self.report.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self.report.setAccessibleName(tr("Report"))
        self.message_label = Label(PRIVATE.format(file=file), wordWrap=True)
        self.message_label.setObjectName("quiet")
        inside = QWidget()
        contents = QVBoxLayout(inside)
        contents.setSpacing(12)
        contents.setContentsMargins(0, 0, 0, 0)
        for widget in (self.words, self.more, self.report, self.message_label):
            contents.addWidget(widget, 1 if widget is self.report else 0)
        column = QVBoxLayout(self)
        column.setSpacing(12)
        column.setContentsMargins(20, 16, 20, 16)
        column.addWidget(scrolled(inside), 1)
        column.addWidget(self._buttons())
        fit_to_screen(self)

    def _buttons(self) -> QDialogButtonBox:
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        role = QDialogButtonBox.ButtonRole.ActionRole
        self.copy = buttons.addButton(tr("&Copy report"), role)
        self.save = buttons.addButton(tr("&Save report…"), role)
        self.copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(self.report.toPlainText()))
        self.save.clicked.connect(self._ask_where)
        buttons.rejected.connect(self.reject)
        return buttons

    def show_count(self, more: int) -> None:
        """Show how many errors came after the one of the report."""
        self.more.setText(
            tr_count(
                "It has happened {count} more time since.", "It has happened {count} more times since.", more
            ).format(count=more)
        )
        self.more.show()

    def _ask_where(self) -> None:
        folder = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)

        def make() -> QFileDialog:
            dialog = QFileDialog(self, tr("Save report"), folder)
            dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
            dialog.selectFile(NAME)
            dialog.fileSelected.connect(lambda name: self.save_to(Path(name)))
            return dialog

        open_one(self, "save report", make)

    def save_to(self, file: Path) -> None:
        """Write the report to a file, and show below it whether that worked."""
        try:
            with replacing(Path(os.path.realpath(file))) as new:  # a link stays a link
                new.write(self.report.toPlainText().encode("utf-8", "replace"))
        except OSError as error:
            self.message_label.setText(tr("The report could not be saved: {why}.").format(why=reason(error)))
        else:
            self.message_label.setText(tr("The report was saved as {file}.").format(file=file))
