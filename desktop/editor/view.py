"""The view: shows one page, where it stands, and what is marked on it. It holds no truth of its own.

What the page tells, it shows (`Mirror`). Whoever appends to the page, once a frame, makes it stream. Knows neither keys
nor mouse, and changes nothing: that is the editor's.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QColor, QFont, QPainter, QPaintEvent, QPalette, QResizeEvent, QTextCursor, QTextOption
from PySide6.QtWidgets import QFrame, QPlainTextEdit, QWidget

from desktop.editor.balance import rebalance
from desktop.editor.caret import Caret
from desktop.editor.colours import LIGHT, EditorColours
from desktop.editor.lines import visible_lines
from desktop.editor.long_paragraphs import LIMIT
from desktop.editor.mirror import Mirror
from desktop.editor.painting import Marks, Painting
from desktop.editor.scrolling import Following, TopLine
from desktop.editor.spacing import SpacedLayout
from desktop.editor.typography import column_width, default_font, pitch
from desktop.page import utf16
from desktop.page.edit import Change
from desktop.page.page import Page

HINT = "Write the beginning of a text, then press Ctrl+Enter."

_INSET = 28  # pixels between the edge of the viewport and the text; the page's top margin too


class PageView(QPlainTextEdit):
    """Shows one page. Positions in signals and methods are the page's: UTF-16 units."""

    caret_moved = Signal(int)
    following_changed = Signal(bool)

    def __init__(self, page: Page, parent: QWidget | None = None, limit: int = LIMIT) -> None:
        super().__init__(parent)
        self._page = page
        self._spacing = self._plain_document()
        self.mirror = Mirror(self.document(), page, limit)
        self._painting = Painting(page, self.mirror.breaks, LIGHT)
        self._following = Following(self.verticalScrollBar())
        self._marks = Marks()
        self._told = 0  # the caret's page position, as last told
        self._quiet = False
        self._writing = False  # the page changes by the hand of this widget, which shows the change already
        self._unchecked: tuple[int, int] | None = None  # the range of the view that may hold a block too long
        self._soon = QTimer(self, singleShot=True, interval=0)
        self._soon.timeout.connect(self._check)
        self.cursorPositionChanged.connect(self._tell_caret)
        self.selectionChanged.connect(self._on_selection_changed)
        self.verticalScrollBar().valueChanged.connect(self._on_scrolled)
        self._following.changed.connect(self.following_changed)
        page.listeners.append(self._on_page_change)
        self.set_colours(LIGHT)
        self.set_text_font(default_font())
        self._show_all()

    def _plain_document(self) -> SpacedLayout:
        document = self.document()
        spacing = SpacedLayout(document)
        document.setDocumentLayout(spacing)
        document.setUndoRedoEnabled(False)
        document.setDocumentMargin(_INSET)
        self.setWordWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.viewport().setMouseTracking(True)
        self.setAccessibleName("Page")
        self.setAccessibleDescription("The text that you and the model write. " + HINT)
        return spacing

    def _show_all(self) -> None:
        if self._page.length:
            self.mirror.show(0, 0, self._page.text())
            self._following.stop()  # it is read from its start
            self.set_caret(0)

    # ----------------------------------------------------------------------------------------------- asking and setting

    @property
    def following(self) -> bool:
        """Whether the view follows the end of the page."""
        return self._following.active

    @property
    def colours(self) -> EditorColours:
        return self._colours

    @property
    def marks(self) -> Marks:
        """What is pointed out on the page now."""
        return self._marks

    def page_position(self) -> int:
        """Where the caret is."""
        return self.mirror.breaks.page(self.textCursor().position())

    def page_selection(self) -> tuple[int, int]:
        """Start and end of the selection; the same twice if nothing is selected."""
        cursor, breaks = self.textCursor(), self.mirror.breaks
        return breaks.page(cursor.selectionStart()), breaks.page(cursor.selectionEnd())

    def set_caret(self, position: int) -> None:
        """Put the caret there and make it visible."""
        cursor = self.textCursor()
        cursor.setPosition(self.mirror.breaks.view(position))
        self.setTextCursor(cursor)
        self.ensureCursorVisible()

    def select(self, start: int, end: int) -> None:
        """Select [start, end) of the page, with the caret at its end, and make it visible."""
        breaks = self.mirror.breaks
        cursor = self.textCursor()
        cursor.setPosition(breaks.view(start))
        cursor.setPosition(breaks.view(end, after=False), QTextCursor.MoveMode.KeepAnchor)
        self.setTextCursor(cursor)
        self.ensureCursorVisible()

    def show_position(self, position: int) -> None:
        """Scroll, if need be, so that this position of the page is in view. The caret stays where it is."""
        cursor = QTextCursor(self.document())
        cursor.setPosition(self.mirror.breaks.view(position))
        rect = self.cursorRect(cursor)
        if rect.top() >= 0 and rect.bottom() <= self.viewport().height():
            return
        line = cursor.block().layout().lineForTextPosition(cursor.positionInBlock())
        above = round(self.viewport().height() / 3 / self._spacing.pitch)
        number = cursor.block().firstLineNumber() + (line.lineNumber() if line.isValid() else 0)
        self.verticalScrollBar().setValue(max(0, number - above))

    def follow(self) -> None:
        """Go to the end and stay there."""
        self.verticalScrollBar().setValue(self.verticalScrollBar().maximum())
        self._following.settle()

    def pin(self, position: int | None) -> None:
        """Mark the token that stands there as the chosen one, or none."""
        self._mark(replace(self._marks, pinned=None if position is None else self._page.span_at(position)))

    def set_heat(self, on: bool) -> None:
        """Tint every token by how unlikely the model found it."""
        self._mark(replace(self._marks, heat=on))

    def set_unseen(self, position: int) -> None:
        """The model can no longer see what stands before this position: it is dimmed."""
        self._mark(replace(self._marks, unseen=position))

    def set_colours(self, colours: EditorColours) -> None:
        self._colours = colours
        self._painting.set_colours(colours)
        palette = self.palette()
        for role, colour in (
            (QPalette.ColorRole.Base, colours.paper),
            (QPalette.ColorRole.Window, colours.paper),
            (QPalette.ColorRole.Text, colours.text),
            (QPalette.ColorRole.HighlightedText, colours.text),
            (QPalette.ColorRole.Highlight, "#00000000"),  # the selection is painted with the rest, without gaps
            (QPalette.ColorRole.PlaceholderText, colours.placeholder),
        ):
            palette.setColor(role, QColor(colour))
        self.setPalette(palette)
        self.viewport().update()

    def set_text_font(self, font: QFont) -> None:
        """The font of the page; the width of its column and the spacing of its lines follow."""
        with self._following.held():
            self._spacing.set_pitch(pitch(font))
            self.setFont(font)
            self._place_column()
            self._following.settle()
        if len(self.mirror.breaks):
            self._soon.start()

    def _mark(self, marks: Marks) -> None:
        if marks != self._marks:
            self._marks = marks
            self.viewport().update()

    def _repaint(self, pages: tuple[int, int] | None) -> None:
        """Have the lines painted again that this range of the page stands on."""
        if pages is None:
            return
        cursor = QTextCursor(self.document())
        cursor.setPosition(self.mirror.breaks.view(pages[0]))
        rect = self.cursorRect(cursor)
        cursor.setPosition(min(self.mirror.breaks.view(pages[1], after=False), self.mirror.length))
        rect |= self.cursorRect(cursor)
        more = round(self._spacing.pitch)
        self.viewport().update(0, rect.top() - more, self.viewport().width(), rect.height() + 2 * more)

    # ------------------------------------------------------------------------------------------------- the page changed

    def _on_page_change(self, change: Change) -> None:
        if self._writing:
            return
        inserted = utf16.length(change.inserted)
        at_end = change.start + inserted == self._page.length
        composing = self.textCursor().block().layout().preeditAreaText()  # it stays where it is being composed
        along = change.cause in ("generation", "switch") and not composing
        caret = Caret.of(self.textCursor(), self.mirror.breaks)
        caret = caret.after(change.start, change.removed, inserted, along=along)
        self._mark(self._marks.after(change.start, change.removed, inserted))
        if change.removed or inserted:
            with self._quietly(), self._following.held():
                self._show(change, caret, at_end)
        self._following.judge()
        if change.cause != "generation" or not at_end:
            self._soon.start()
            self.viewport().update()  # readings behind the change may hold no more, or hold again

    def _show(self, change: Change, caret: Caret, at_end: bool) -> None:
        top = TopLine(self)
        first, last = self.mirror.show(change.start, change.removed, change.inserted)
        self.mirror.split_long(first, last)
        self._restore(caret)
        if change.cause in ("undo", "redo"):
            self.set_caret(change.start + utf16.length(change.inserted))
        elif change.cause == "file":
            self.set_caret(0)
        elif change.cause == "switch" and not self._following.active:
            self.show_position(change.start)
        elif at_end:
            self._following.settle()
        elif first < top.position:
            top.restore()

    def _restore(self, caret: Caret) -> None:
        """Put the caret back where it belongs, if Qt took it along."""
        cursor, breaks = self.textCursor(), self.mirror.breaks
        if Caret.of(cursor, breaks) != caret:
            cursor.setPosition(breaks.view(caret.anchor, after=caret.anchor <= caret.position))
            cursor.setPosition(breaks.view(caret.position), QTextCursor.MoveMode.KeepAnchor)
            self.setTextCursor(cursor)

    def _check(self) -> None:
        """Soon after a change or a scroll: split what grew too long, and put soft breaks where lines end."""
        start, end = self._unchecked or (0, -1)
        self._unchecked = None
        if start > end and not len(self.mirror.breaks):
            return
        top = TopLine(self)
        with self._quietly(), self._following.held():
            self.mirror.split_long(start, min(end, self.mirror.length))
            rebalance(self, self.mirror)
            if self._following.active:
                self._following.settle()
            elif len(self.mirror.breaks):
                top.restore()
        self._following.judge()

    @contextmanager
    def _quietly(self) -> Iterator[None]:
        """The caret is on its way and is told of when it has arrived."""
        before, self._quiet = self._quiet, True
        try:
            yield
        finally:
            self._quiet = before
        self._tell_caret()

    def _tell_caret(self) -> None:
        position = self.page_position()
        if not self._quiet and position != self._told:
            self._told = position
            self.caret_moved.emit(position)

    # -------------------------------------------------------------------------------------------------------- seeing it

    def paintEvent(self, event: QPaintEvent) -> None:
        lines = list(visible_lines(self, event.rect()))
        if not lines:
            super().paintEvent(event)
            return
        cursor = self.textCursor()
        marks = replace(self._marks, selection=(cursor.selectionStart(), cursor.selectionEnd()))
        painter = QPainter(self.viewport())
        self._painting.under(painter, lines, marks)
        painter.end()
        super().paintEvent(event)
        painter.begin(self.viewport())
        self._painting.over(painter, lines, marks)
        if self.document().isEmpty() and lines[0].preedit is None:
            self._painting.hint(painter, lines[0], HINT)
        painter.end()

    def resizeEvent(self, event: QResizeEvent) -> None:
        with self._following.held():
            self._place_column()
            super().resizeEvent(event)
            self._following.settle()
        self._following.judge()
        if len(self.mirror.breaks):
            self._soon.start()

    def _place_column(self) -> None:
        """Centre the text in what the scroll bar leaves of the window."""
        margins = self.viewportMargins()
        room = self.viewport().width() + margins.left() + margins.right()
        side = max(0, (room - column_width(self.font()) - 2 * _INSET) // 2)
        if margins.left() != side:
            self.setViewportMargins(side, 0, side, 0)

    def _on_scrolled(self) -> None:
        if len(self.mirror.breaks) and not self.mirror.changing:
            self._soon.start()

    def _on_selection_changed(self) -> None:
        self.viewport().update()  # the bands between the lines are not Qt's to know
