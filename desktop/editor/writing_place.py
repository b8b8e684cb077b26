"""The place in mid-page where the model writes: brought into view, and kept in view until the reader scrolls away.

Writing at the end of the page is followed by `Following` (scrolling.py). Positions are the page's.
"""

from PySide6.QtCore import QObject, QRect, Signal
from PySide6.QtGui import QTextCursor
from PySide6.QtWidgets import QPlainTextEdit

from desktop.editor.caret import Caret
from desktop.editor.page_display import PageDisplay
from desktop.editor.scrolling import Covered, Following
from desktop.editor.spacing import spacing_of
from desktop.editor.split_document import SplitDocument
from desktop.page.edit import Change
from desktop.page.page import Page


class WritingPlace(QObject):
    """`moved`: the place has moved, or the view.

    position: where the model writes, or has written last; None while that is the end of the page."""

    moved = Signal()

    def __init__(
        self,
        view: QPlainTextEdit,
        page: Page,
        document: SplitDocument,
        display: PageDisplay,
        following: Following,
        covered: Covered,
    ) -> None:
        super().__init__(view)
        self._view, self._page, self._document = view, page, document
        self._display, self._following, self._covered = display, following, covered
        self.position: int | None = None
        self._kept_in_view = False
        view.verticalScrollBar().valueChanged.connect(self._on_scrolled)

    def begin(self, position: int | None) -> None:
        """The model begins to write there: bring it into view, and keep it there."""
        self.position = position
        self.follow()

    def follow(self) -> None:
        """Bring the place into view, and keep it there."""
        if self.position is not None:
            self._following.stop()
            with self._following.suspended():
                self._display.reveal(self.position)
                self._uncover()
            self._following.update()
        self._kept_in_view = self.position is not None
        self.moved.emit()

    def turn_away(self) -> None:
        """Keep it in view no longer, because the reader scrolls up."""
        self._kept_in_view = False
        self.moved.emit()

    def show(self, change: Change) -> None:
        """Move with a change of the page that the view shows already."""
        if self.position is None:
            return
        written = self._page.generation_end if change.cause == "generation" else None
        if change.cause == "file":
            self.position, self._kept_in_view = None, False
        elif written is not None:
            self.position = written
        elif change.places is not None:
            self.position = Caret(self.position, self.position).among(change.places).position
        else:
            moved = Caret(self.position, self.position).after(change.start, change.removed, change.units, along=True)
            self.position = moved.position
        if self._kept_in_view and written is not None and not self._display.behind:
            with self._following.suspended():
                self._uncover()
            self._following.update()
        self.moved.emit()

    def side(self) -> int:
        """Where it is: -1 above the view, 1 below it, 0 in view."""
        assert self.position is not None
        breaks = self._document.breaks
        if self._display.behind or not breaks.holds(self.position):
            return -1 if self.position < breaks.page(self._view.firstVisibleBlock().position()) else 1
        rect = self._rect()
        if rect.bottom() <= 0:
            return -1
        return 1 if rect.top() >= self._view.viewport().height() - self._covered.foot() else 0

    def _rect(self) -> QRect:
        """Its line, in pixels of the viewport."""
        assert self.position is not None
        cursor = QTextCursor(self._view.document())
        cursor.setPosition(self._document.breaks.view(self.position))
        self._view.document().documentLayout().blockBoundingRect(cursor.block())  # lays it out, if it was not
        return self._view.cursorRect(cursor)

    def _uncover(self) -> None:
        """Scroll down by as many lines as bring all of its line into view, above what floats over the foot."""
        below = self._rect().bottom() - (self._view.viewport().height() - self._covered.foot())
        if below > 0:
            bar, pitch = self._view.verticalScrollBar(), max(1, round(spacing_of(self._view.document()).pitch))
            bar.setValue(bar.value() - (-below // pitch))

    def _on_scrolled(self) -> None:
        if self.position is None or self._following.is_suspended:
            return
        self._kept_in_view = self.side() == 0
        self.moved.emit()
