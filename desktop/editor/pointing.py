"""Which token is under the mouse. Reads the page; tells positions."""

from PySide6.QtCore import QObject, QPointF, Signal
from PySide6.QtWidgets import QPlainTextEdit

from desktop.editor.lines import character_at
from desktop.editor.soft_breaks import SoftBreaks
from desktop.page.page import Page

Range = tuple[int, int]


class Pointing(QObject):
    """Follows the mouse over one editor. Ranges are the page's."""

    hovered = Signal(object)  # the range of the token under the mouse, or None

    def __init__(self, editor: QPlainTextEdit, page: Page, breaks: SoftBreaks) -> None:
        super().__init__(editor)
        self._editor = editor
        self._page = page
        self._breaks = breaks
        self._over: Range | None = None

    def move(self, point: QPointF) -> None:
        """The mouse is at this point of the viewport."""
        self._tell(self.token_under(point))

    def leave(self) -> None:
        """The mouse is not over the text any more, or the text has moved away below it."""
        self._tell(None)

    def token_under(self, point: QPointF) -> Range | None:
        """The page range of the token (of its run, where a character takes several) under a point of the viewport."""
        position = character_at(self._editor, point)
        return None if position is None else self._page.span_at(self._breaks.page(position))

    def _tell(self, token: Range | None) -> None:
        if token != self._over:
            self._over = token
            self.hovered.emit(token)
