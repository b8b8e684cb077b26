"""The tokens of the page: shows and leaves the view of boxes, asks for the tokens of text that no model has read,
copies tokens as lines of text, and goes from token to token.
"""

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QApplication

from desktop.editor.editor import Editor
from desktop.generation.session import Session
from desktop.odds import token_lines, token_walk
from desktop.page.page import Page
from desktop.qt import accessible
from desktop.settings.fields import Settings
from desktop.settings.preferences import Preferences
from desktop.shell.status import StatusBar
from models.engine.events import ModelFacts
from resources.language import tr, tr_count

NO_TOKENS = tr("The tokens of this text are not known: no model is loaded, or it is busy.")


class TokensView(QObject):
    def __init__(
        self,
        page: Page,
        editor: Editor,
        session: Session,
        preferences: Preferences,
        action: QAction,
        status: StatusBar,
        parent: QObject | None = None,
    ) -> None:
        """action: of the command that shows and leaves the view."""
        super().__init__(parent)
        self._page, self._editor, self._split = page, editor, session.beside.token_ids.split
        self._preferences, self._action, self._status = preferences, action, status
        marks = editor.marks
        marks.set_split(self._split)
        marks.on_unread = session.beside.token_ids.want
        marks.tip_of = self._tip
        session.beside.token_ids.changed.connect(editor.viewport().update)
        session.model_changed.connect(self._model_changed)

    def toggle(self) -> None:
        """Show the view, or leave it, as the command's check mark says."""
        self._preferences.change(tokens=self._action.isChecked())

    def leave(self) -> bool:
        """Show the page as text again. False where it is shown so."""
        shown = self._preferences.value.tokens
        self._preferences.change(tokens=False)
        return shown

    def apply(self, settings: Settings) -> None:
        self._editor.text_style.show_tokens(settings.tokens)
        self._action.setChecked(settings.tokens)

    def copy(self) -> None:
        """Copy a line for each selected token, or for the one at the caret."""
        start, end = self._editor.page_selection()
        lines = self._lines(start, end) if start < end else self._lines(start - 1, start) or self._lines(end, end + 1)
        few = lines[: token_lines.MOST]
        if few:
            QApplication.clipboard().setText("\n".join(few))
        copied = tr_count("Copied {count:,} token.", "Copied {count:,} tokens.", len(few)).format(count=len(few))
        first = tr("Copied only the first {count:,} tokens.").format(count=len(few))
        self._status.say(NO_TOKENS if not few else copied if len(few) == len(lines) else first)

    def step(self, by: int) -> None:
        """Put the caret at the end of the next token (1) or of the one before (-1), and have a screen reader say it."""
        at, editor = self._editor.page_position(), self._editor
        find = token_walk.next_stop if by > 0 else token_walk.previous_stop
        stop = find(self._page, self._split, at)
        if stop is not None:
            editor.set_caret(stop.end)
        edge = tr("End of the page") if by > 0 else tr("Beginning of the page")
        accessible.announce(editor, stop.spoken if stop else edge)

    def _lines(self, start: int, end: int) -> list[str]:
        return token_lines.lines(self._page, self._split, max(0, start), min(end, self._page.length))

    def _tip(self, position: int) -> str:
        return "\n".join(self._lines(position, position + 1)) or NO_TOKENS

    def _model_changed(self, model: ModelFacts | None) -> None:
        self._editor.marks.set_beginning(model.bos if model else -1)
