"""Which token is under the mouse."""

from PySide6.QtCore import QObject, QPointF, Signal
from PySide6.QtWidgets import QPlainTextEdit

from desktop.editor.lines import character_at
from desktop.editor.soft_breaks import SoftBreaks
from desktop.page.page import Page

Range = tuple[int, int]


class Pointing(QObject):
    """Follows the mouse over one view. Ranges are the page's. `hovered` carries the range of the token under the mouse,
    or None."""

    hovered = Signal(object)

    def __init__(self, view: QPlainTextEdit, page: Page, breaks: SoftBreaks) -> None:
        super().__init__(view)
        self._view = view
        self._page = page
        self._breaks = breaks
        self._hovered: Range | None = None

    def move(self, point: QPointF) -> None:
        """The mouse is at this point of the viewport."""
        self._set(self.token_under(point))

    def leave(self) -> None:
        """The mouse has left the text, or the text has moved away from below it."""
        self._set(None)

    def token_under(self, point: QPointF) -> Range | None:
        """The page range of the token under a point of the viewport; of the run of tokens, where a character takes
        several."""
        position = character_at(self._view, point)
        return None if position is None else self._page.span_at(self._breaks.page(position))

    def _set(self, token: Range | None) -> None:
        if token != self._hovered:
            self._hovered = token
            self.hovered.emit(token)
