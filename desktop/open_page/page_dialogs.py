"""The questions to the user about the open page: which file to open, where to save or export, what to call it.

Shows dialogs, and calls the open page. Imports no other room.
"""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtWidgets import QAbstractButton, QInputDialog, QWidget
from send2trash import TrashPermissionError, send2trash

from desktop.open_page.open_page import OpenPage
from desktop.pagefile.names import companions, with_suffix
from desktop.pagefile.values import SUFFIX
from desktop.qt.background import Background
from desktop.qt.file_dialogs import FileDialogs
from desktop.qt.one_dialog import open_one
from desktop.qt.plain_text import MessageBox
from resources.language import tr

PAGES = tr("Pages and texts") + f" (*{SUFFIX} *.txt *.md);;" + tr("All files") + " (*)"
PAGE = tr("Page") + f" (*{SUFFIX})"


class _NoRoomError(Exception):
    """Its text is one sentence for the user."""


class PageDialogs(QObject):
    """message: a sentence for the user. finished: the same, about a request that was met."""

    message = Signal(str)
    finished = Signal(str)

    def __init__(self, open_page: OpenPage, folder: Path, file_dialogs: FileDialogs, window: QWidget) -> None:
        super().__init__(window)
        self._open_page = open_page
        self._file_dialogs = file_dialogs
        self._folder = folder
        self._window = window
        self._give_up = False  # the user closes without saving
        self._background = Background((_NoRoomError,), self)

    def open_page(self) -> None:
        self._file_dialogs.open("pages", tr("Open"), self._folder, PAGES, self._open_page.open)

    def save(self) -> None:
        """Save the page now, and say in which file it is."""
        self._open_page.save_then(self._show_where)

    def _show_where(self, file: Path | None) -> None:
        if file is not None:
            self.finished.emit(tr("Saved in {path}.").format(path=file))

    def save_as(self) -> None:
        """Ask for another file; the page continues in it."""
        asked = self._open_page.opened

        def chosen(name: Path, _kind: str) -> None:
            if not self._is_another(asked):
                self._save_as(name)

        self._file_dialogs.save("pages", tr("Save page as"), self._suggested(SUFFIX), PAGE, chosen)

    def _save_as(self, name: Path) -> None:
        path, asked = with_suffix(name, (SUFFIX,), SUFFIX), self._open_page.opened
        if self._open_page.has_file and path == self._open_page.path:
            return

        def made_room(_made: object) -> None:
            if not self._is_another(asked):
                self._open_page.move_to(path)

        self._background.run("room", lambda: _make_room(path, asked_of=name), made_room, self.message.emit)

    def close(self) -> None:
        self._background.close()

    def rename(self) -> None:
        asked = self._open_page.opened

        def chosen(title: str) -> None:
            if not self._is_another(asked):
                self._open_page.rename(" ".join(title.split()))

        def make() -> QInputDialog:
            dialog = QInputDialog(self._window)
            dialog.setWindowTitle(tr("Rename page"))
            dialog.setLabelText(tr("Title of the page:"))
            dialog.setTextValue(self._open_page.title)
            dialog.textValueSelected.connect(chosen)
            return dialog

        open_one(self._window, "rename page", make)

    def _is_another(self, asked: int) -> bool:
        """Whether another page was opened while the dialog was: a second start may hand one over."""
        another = self._open_page.opened != asked
        if another:
            self.message.emit(tr("Another page was opened meanwhile: nothing was done."))
        return another

    def may_close(self, close: Callable[[], str]) -> bool:
        """Close the open page; whether the window may close. Where the page cannot be saved, the user is asked."""
        if self._give_up:
            return True
        sentence = close()
        if sentence:
            self._ask_whether_to_close(sentence)
        return not sentence

    def _ask_whether_to_close(self, sentence: str) -> None:
        def make() -> MessageBox:
            box = MessageBox(MessageBox.Icon.Warning, "Inkfall", sentence, self._window)
            box.setInformativeText(tr("If the window closes now, what is not saved is lost."))
            again = box.addButton(tr("Try again"), MessageBox.ButtonRole.AcceptRole)
            lose = box.addButton(tr("Close without saving"), MessageBox.ButtonRole.DestructiveRole)
            box.setDefaultButton(box.addButton(tr("Go on writing"), MessageBox.ButtonRole.RejectRole))

            def clicked(button: QAbstractButton) -> None:
                self._give_up = button is lose
                if button in (again, lose):
                    QTimer.singleShot(0, self._window.close)

            box.buttonClicked.connect(clicked)
            return box

        open_one(self._window, "cannot be saved", make)

    def _suggested(self, suffix: str) -> Path:
        path = self._open_page.path
        return (path.parent if path.parent != self._folder else Path.home()) / (self._open_page.file_name + suffix)


def _make_room(path: Path, asked_of: Path) -> None:
    """Move the file at that path to the system's trash: the user agreed to replace it, and it is not deleted for good.
    asked_of: the path that the user was asked about. Raises _NoRoomError."""
    try:
        if not path.exists():
            return
        if path != asked_of:  # the dialog asked about the name without the suffix
            sentence = tr("There is a file “{name}” already: choose another name, or type this name in full.")
            raise _NoRoomError(sentence.format(name=path.name))
        send2trash([one for one in (path, *companions(path)) if one.exists()])
    except (OSError, TrashPermissionError) as error:
        sentence = tr("“{name}” could not be replaced: {reason}.")
        raise _NoRoomError(sentence.format(name=path.name, reason=error)) from error
