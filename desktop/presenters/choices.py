"""Carries out what the user chooses in the odds panel: another token or text on the page, a token in the bias."""

from collections.abc import Callable

from PySide6.QtCore import QObject
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication

from desktop.editor.editor import Editor
from desktop.generation.recipe import Recipe
from desktop.generation.sampling_panel import SamplingPanel
from desktop.generation.sent_prefix import Version, version_of
from desktop.generation.session import Session
from desktop.odds.panel import OddsPanel
from desktop.odds.preview import Preview
from desktop.page.choosing import Chosen, Place
from desktop.page.edit import Change
from desktop.shell.tabbed_dock import TabbedDock

MOST = 64  # choices behind whose undoing the caret is put back


class Choices(QObject):
    """Between the odds panel and the page. recipe: gives the present one."""

    def __init__(
        self,
        odds: OddsPanel,
        preview: Preview,
        editor: Editor,
        session: Session,
        sampling: SamplingPanel,
        side_dock: TabbedDock,
        recipe: Callable[[], Recipe],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._odds, self._preview, self._editor, self._session = odds, preview, editor, session
        self._sampling, self._side_dock, self._recipe = sampling, side_dock, recipe
        self._carets: dict[Version, int] = {}  # where the caret was before a choice, by the page as it was
        session.page.listeners.append(self._page_changed)
        editor.installEventFilter(preview)
        preview.ghost_changed.connect(editor.marks.set_ghost)
        preview.put_requested.connect(self.put)
        odds.row_selected.connect(self._take_keys)
        odds.key_refused.connect(self._type)
        odds.bias_requested.connect(self._bias)
        odds.ask.closed.connect(editor.setFocus)

    def put(self, place: Place, what: Chosen | str, write_on: bool) -> None:
        """Put a token or text there. A caret in what it replaces goes behind it, and comes back when it is undone."""
        before, caret = version_of(self._session.page), self._editor.page_selection()[1]
        end = self._session.choose(self._recipe(), place, what, write_on)
        if end is not None:
            self._carets[before] = caret
            if len(self._carets) > MOST:
                del self._carets[next(iter(self._carets))]
        if end is not None and self._editor.page_selection() == (place.start, place.start):
            self._editor.set_caret(end)
        self._editor.setFocus()

    def _page_changed(self, change: Change) -> None:
        if change.cause == "typing":
            self._carets.clear()  # what is undone next is that
        if change.cause == "undo" and (caret := self._carets.pop(version_of(self._session.page), None)) is not None:
            self._editor.set_caret(caret)

    def ask(self) -> None:
        """Open the field that asks how likely a text is."""
        self._side_dock.show("odds")
        self._odds.ask.open()

    def toggle_all_tokens(self) -> None:
        """List the whole vocabulary in the odds panel, or end that."""
        self._side_dock.show("odds")
        self._odds.toggle_all()

    def _take_keys(self) -> None:
        """Give the page the keys of a preview, wherever they were, unless the table has them."""
        if not self._odds.rows_have_keys:
            self._editor.setFocus()

    def _type(self, event: QKeyEvent) -> None:
        """Type a key on the page that a panel has no use for."""
        self._preview.end()
        self._editor.setFocus()
        QApplication.sendEvent(self._editor, event)

    def _bias(self, token: int, favoured: bool) -> None:
        """Ban a token, or favour it and let the user say by how much."""
        if favoured:
            self._side_dock.show("sampling")
            self._sampling.favour(token)
        else:
            self._sampling.ban(token)
