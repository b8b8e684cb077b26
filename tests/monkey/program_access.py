"""The monkey's access to the program's objects, through public attributes only. Everything else it does through widgets
that it finds in the windows, as a user does."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
from PySide6.QtCore import QObject
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QApplication, QDialog, QDockWidget, QWidget

from desktop.editor.replacement_chars import shown
from desktop.generation.state import Phase
from desktop.pagefile.values import SUFFIX

if TYPE_CHECKING:
    from desktop.app import Inkfall


class ProgramAccess:
    """Access to one running program."""

    def __init__(self, program: "Inkfall") -> None:
        self.program = program
        self.window = program.window
        self.editor = program.editor
        self.page = program.page
        self.open_page = program.open_page
        self.home = program.home

    # ------------------------------------------------------------------------------------------------ the page

    @property
    def text(self) -> str:
        return self.page.text()

    def view(self) -> tuple[str, str] | None:
        """The text of the editor's document, and the text that it should have: that part of the page. None while it
        waits for the event loop."""
        if self.editor.behind:
            return None
        sync = self.editor.sync
        return sync.document.text(), shown(self.page.text(sync.breaks.first, sync.breaks.last))

    def caret(self) -> tuple[int, int, int]:
        """The start and the end of the selection, and the caret, in UTF-16 units of the page."""
        return (*self.editor.page_selection(), self.editor.page_position())

    @property
    def has_branches(self) -> bool:
        """Whether there is another continuation to show that is not one to redo."""
        undone = self.page.can_redo and not self.page.branch_position().shown
        return any(len(fork.branches) > 1 for fork in self.page.forks()) and not undone

    @property
    def opened(self) -> int:
        """How many pages have been opened."""
        return self.program.open_page.opened

    @property
    def pages(self) -> Path:
        return self.home.pages

    def page_files(self, folder: Path) -> list[Path]:
        """The page files in a folder and below it."""
        return [path for path in folder.rglob(f"*{SUFFIX}") if path.is_file()]

    # ------------------------------------------------------------------------------------------------ the engine

    @property
    def phase(self) -> Phase:
        return self.program.session.state.phase

    @property
    def idle(self) -> bool:
        return self.phase in (Phase.READY, Phase.EMPTY)

    @property
    def paused(self) -> bool:
        """Whether step mode waits to be asked for the next token."""
        return self.program.session.state.paused

    @property
    def loading(self) -> bool:
        return self.phase is Phase.LOADING

    @property
    def has_model(self) -> bool:
        return self.program.session.state.model is not None

    def children(self) -> list[psutil.Process]:
        """The processes that the program started."""
        return psutil.Process().children()

    # ------------------------------------------------------------------------------------------------ the window

    def command(self, name: str) -> QAction:
        """The action of the command with that name."""
        action = self.window.findChild(QAction, name)
        assert isinstance(action, QAction), f"no command {name}"
        return action

    def commands(self) -> list[str]:
        """The names of all commands."""
        return [action.objectName() for action in self.window.actions() if action.objectName()]

    def docks(self) -> list[QDockWidget]:
        return self.window.findChildren(QDockWidget)

    def free_windows(self) -> list[QWidget]:
        """The windows that no modal dialog blocks, the active one first."""
        shown_ = [one for one in QApplication.topLevelWidgets() if one.isVisible() and not one.isMinimized()]
        dialogs = [one for one in shown_ if isinstance(one, QDialog) and one.isModal()]
        free = [one for one in shown_ if not any(_blocks(dialog, one) for dialog in dialogs)]
        return sorted(free, key=lambda one: one is not QApplication.activeWindow())

    def dialogs(self) -> list[QDialog]:
        """The modal dialogs that can be used now."""
        return [one for one in self.free_windows() if isinstance(one, QDialog) and one.isModal()]

    @property
    def page_is_free(self) -> bool:
        return self.window in self.free_windows()

    def objects(self) -> Iterator[QObject]:
        """All Qt objects of the program, its windows and the application."""
        roots = [self.program, QApplication.instance(), *QApplication.topLevelWidgets()]
        seen: set[int] = set()
        for root in filter(None, roots):
            for one in root.findChildren(QObject):
                if id(one) not in seen:
                    seen.add(id(one))
                    yield one


def _blocks(dialog: QWidget, window: QWidget) -> bool:
    """Whether a modal dialog keeps the window from being used."""
    if window is dialog or _above(window, dialog):
        return False
    return dialog.windowModality().name == "ApplicationModal" or _above(dialog, window)


def _above(child: QWidget, ancestor: QWidget) -> bool:
    """Whether one window is a child of the other, directly or not."""
    parent = child.parentWidget()
    while parent is not None:
        if parent.window() is ancestor:
            return True
        parent = parent.window().parentWidget()
    return False
