"""Shows the welcome below the page, and does what its buttons say. The view is made when it is first shown.

app.py decides when that is.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtGui import QKeySequence, QPalette

from desktop.editor.editor import Editor
from desktop.generation.session import Session
from desktop.generation.state import Phase, SessionState
from desktop.open_page.open_page import OpenPage
from desktop.page.page import Page
from desktop.shell.window import Window
from models.library.app_dirs import AppDirs
from resources.language import tr

if TYPE_CHECKING:
    from desktop.shell.examples import Example
    from desktop.shell.welcome import ModelStatus, Welcome

HIDING = ("write", "again", "step", "score", "find", "new_page", "open_page")  # commands that need the page in view


class WelcomePresenter(QObject):
    """`write_requested`: a beginning was chosen and a model is loaded. `temperature_requested` carries the temperature
    of the page that it begins."""

    library_requested = Signal()
    write_requested = Signal()
    temperature_requested = Signal(float)

    def __init__(
        self,
        window: Window,
        editor: Editor,
        page: Page,
        session: Session,
        open_page: OpenPage,
        home: AppDirs,
    ) -> None:
        super().__init__(window)
        self._window, self._editor, self._page = window, editor, page
        self._session, self._open_page, self._home = session, open_page, home
        self._preparing = False  # the starter model is being unpacked
        self._write_when_ready = False
        self._soon = False
        self.view: Welcome | None = None

    @property
    def shown(self) -> bool:
        return self.view is not None and not self.view.isHidden()

    @property
    def wanted(self) -> bool:
        """Whether it is shown, or will be as soon as the window is painted."""
        return self._soon or self.shown

    def open_soon(self) -> None:
        """Show it as soon as the window is painted."""
        self._soon = True
        QTimer.singleShot(0, self, self.open)

    def open(self) -> None:
        """Show it below the page."""
        self._soon = False
        view = self._ensure_view()
        self.update_style()
        self.show_state(self._session.state)
        view.show()
        self._editor.setFocus()
        self._editor.ensureCursorVisible()

    def update_style(self) -> None:
        """Take over the colours and the font of the page."""
        if self.view is not None:
            paper = self._editor.palette().color(QPalette.ColorRole.Base)
            self.view.show_style(paper.name(), self._editor.font())

    def prepare(self, preparing: bool) -> None:
        """Say whether the starter model is being unpacked."""
        self._preparing = preparing
        self.show_state(self._session.state)

    def show_state(self, state: SessionState) -> None:
        """Show whether a model is ready; ask for the writing that was waiting for it."""
        if self._write_when_ready and state.phase is Phase.READY:
            self._write_when_ready = False
            self.write_requested.emit()
        if self.view is not None:
            self.view.show_model_status(_model_status(state, self._preparing))

    def _ensure_view(self) -> Welcome:
        if self.view is not None:
            return self.view
        from desktop.shell.welcome import Welcome

        self.view = Welcome(_short(self._home.pages), _short(self._home.models))
        self.view.hide()
        self.view.example_requested.connect(self._try)
        self.view.model_requested.connect(self.library_requested)
        self.view.empty_requested.connect(self._start_empty)
        self.view.dismissed.connect(self._editor.setFocus)
        odds = self._window.actions_["show_odds"]
        odds.toggled.connect(self._show_panel)
        self._show_panel(odds.isChecked())
        self._editor.installEventFilter(self.view)
        for name in HIDING:
            self._window.actions_[name].triggered.connect(self.view.dismiss)
        self._window.add_below(self.view)
        return self.view

    def _show_panel(self, shown: bool) -> None:
        assert self.view is not None
        key = self._window.actions_["show_odds"].shortcut()
        self.view.show_panel(shown, key.toString(QKeySequence.SequenceFormat.NativeText))

    def _start_empty(self) -> None:
        assert self.view is not None
        self.view.dismiss()
        if self._page.length or self._open_page.busy:
            self._open_page.new()

    def _try(self, opening: Example) -> None:
        """Put the beginning on an empty page: on a new one where the open page has text."""
        assert self.view is not None
        self.view.dismiss()
        if self._page.length or self._open_page.busy:
            self._open_page.new()
        if opening.temperature is not None:
            self.temperature_requested.emit(opening.temperature)
        self._put(opening.text)

    def _put(self, text: str) -> None:
        self._page.write(0, self._page.length, text)
        self._editor.set_caret(self._page.length)
        self._editor.setFocus()
        state = self._session.state
        if state.phase is Phase.READY:
            self.write_requested.emit()
        else:
            self._write_when_ready = self._preparing or state.phase is Phase.LOADING


def _model_status(state: SessionState, preparing: bool) -> ModelStatus:
    from desktop.shell.welcome import ModelStatus

    if state.phase is Phase.LOADING or (preparing and state.model is None):
        return ModelStatus(tr("The model is loading; you can start typing."), tr("Other models…"))
    if state.model is not None:
        return ModelStatus(tr("{name} is ready to write.").format(name=state.model.name), tr("Other models…"))
    return ModelStatus(tr("There is no model yet. Get one in the library."), tr("Get a model…"))


def _short(folder: Path) -> str:
    """The folder's path, with ~ for the user's home."""
    home = Path.home()
    return str(Path("~") / folder.relative_to(home)) if folder.is_relative_to(home) else str(folder)
