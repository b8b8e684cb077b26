"""What the user is asked about the open page: which file to open, where to save or export, what to call it.

Shows dialogs, and tells the desk. Knows no other room.
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
    """message: a sentence for the user. finished: the same, of what was done as it was wished."""

    message = Signal(str)
    finished = Signal(str)

    def __init__(self, desk: OpenPage, folder: Path, choosing: FileDialogs, window: QWidget) -> None:
        super().__init__(window)
        self._desk = desk
        self._choosing = choosing
        self._folder = folder
        self._window = window
        self._give_up = False  # what cannot be saved is to be lost
        self._background = Background((_NoRoomError,), self)

    def open_page(self) -> None:
        self._choosing.open("pages", tr("Open"), self._folder, PAGES, self._desk.open)

    def save(self) -> None:
        """Write at once, and say where the page is."""
        self._desk.keep_then(self._tell_where)

    def _tell_where(self, kept: Path | None) -> None:
        if kept is not None:
            self.finished.emit(tr("Saved in {path}.").format(path=kept))

    def save_as(self) -> None:
        """The page goes on in another file."""
        asked = self._desk.opened

        def chosen(name: Path, _kind: str) -> None:
            if not self._is_another(asked):
                self._save_as(name)

        self._choosing.save("pages", tr("Save page as"), self._suggested(SUFFIX), PAGE, chosen)

    def _save_as(self, name: Path) -> None:
        path, asked = with_suffix(name, (SUFFIX,), SUFFIX), self._desk.opened
        if self._desk.there and path == self._desk.path:
            return

        def made_room(_made: object) -> None:
            if not self._is_another(asked):
                self._desk.move_to(path)

        self._background.run("room", lambda: _make_room(path, asked_of=name), made_room, self.message.emit)

    def close(self) -> None:
        self._background.close()

    def rename(self) -> None:
        asked = self._desk.opened

        def chosen(title: str) -> None:
            if not self._is_another(asked):
                self._desk.rename(" ".join(title.split()))

        def make() -> QInputDialog:
            dialog = QInputDialog(self._window)
            dialog.setWindowTitle(tr("Rename page"))
            dialog.setLabelText(tr("Title of the page:"))
            dialog.setTextValue(self._desk.title)
            dialog.textValueSelected.connect(chosen)
            return dialog

        open_one(self._window, "rename page", make)

    def _is_another(self, asked: int) -> bool:
        """Whether another page was opened while the dialog was: a second start may hand one over."""
        another = self._desk.opened != asked
        if another:
            self.message.emit(tr("Another page was opened meanwhile: nothing was done."))
        return another

    def may_close(self, close: Callable[[], str]) -> bool:
        """Close the open page. Where it cannot be saved the window stays, and the user is asked."""
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
        path = self._desk.path
        return (path.parent if path.parent != self._folder else Path.home()) / (self._desk.file_name + suffix)


def _make_room(path: Path, asked_of: Path) -> None:
    """What lies there goes to the system's trash; the user has agreed to lose it, we do not lose it for them. asked_of:
    what they were asked about. Raises _NoRoomError."""
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
