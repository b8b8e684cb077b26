"""The surface that a page is shown on: its font, the width of its column, its colours, and what is painted on it.

Knows what is marked; knows neither how the text comes nor where the view stands in it."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from PySide6.QtCore import QEvent, QPoint, QTimer
from PySide6.QtGui import (
    QColor,
    QFont,
    QHelpEvent,
    QPainter,
    QPaintEvent,
    QPalette,
    QResizeEvent,
    QTextCursor,
    QTextOption,
)
from PySide6.QtWidgets import QFrame, QPlainTextEdit, QWidget

from desktop.editor.document_sync import SLICE, DocumentSync
from desktop.editor.lines import visible_lines
from desktop.editor.long_paragraphs import LIMIT
from desktop.editor.painting import Marks, Painting
from desktop.editor.scroll_anchor import ScrollAnchor
from desktop.editor.scrolling import Following, FootRoom, PageBar
from desktop.editor.spacing import SpacedLayout
from desktop.editor.typography import COLUMN, SPACING, column_width, default_font, pitch
from desktop.page.page import Page
from desktop.qt.plain_text import show_tip
from resources.colours import LIGHT, Colours
from resources.language import tr

HINT = tr("Write the beginning of a text, then press Ctrl+Enter.")
OUT = tr("F6 moves to the panels.")
DESCRIPTION = " ".join((tr("The text that you and the model write."), HINT, OUT))
UNSEEN = tr("The model no longer sees this text.")
EDGE = tr("The model sees the text from here on.")
KEPT = tr("The model sees the text up to here.")

Range = tuple[int, int]
Hits = Callable[[int, int], tuple[Sequence[Range], Range | None]]
_INSET = 28  # pixels between the edge of the viewport and the text; the page's top margin too


class TextSurface(QPlainTextEdit):
    """Shows what the document holds of one page. Positions in methods are the page's: UTF-16 units."""

    def __init__(self, page: Page, parent: QWidget | None = None, limit: int = LIMIT, slice_: int = SLICE) -> None:
        super().__init__(parent)
        self._page = page
        self._spacing = self._plain_document()
        self._line_spacing, self._column = SPACING, COLUMN
        self.mirror = DocumentSync(self.document(), page, limit, slice_)
        self._painting = Painting(page, self.mirror.breaks, LIGHT)
        self._bar = PageBar(self)
        self._following = Following(self.verticalScrollBar())
        self._foot = FootRoom(self._spacing, self.verticalScrollBar(), self._following)
        self._standing = ScrollAnchor(self, self.mirror, self._following)
        self._marks = Marks()
        self._hits: Hits = lambda _start, _end: ((), None)
        self._soon = QTimer(self, singleShot=True, interval=0)  # for what a change of looks leaves to be done
        self.selectionChanged.connect(self._on_selection_changed)
        self.set_colours(LIGHT)
        self.set_text_font(default_font())

    def _plain_document(self) -> SpacedLayout:
        document = self.document()
        spacing = SpacedLayout(document)
        document.setDocumentLayout(spacing)
        document.setUndoRedoEnabled(False)
        document.setDocumentMargin(_INSET)
        self.setWordWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setAutoFillBackground(True)  # paper beside the column, too
        self.viewport().setMouseTracking(True)
        self.setAccessibleName(tr("Page"))
        self.setAccessibleDescription(DESCRIPTION)
        return spacing

    # ------------------------------------------------------------------------------------------------- marks

    @property
    def marks(self) -> Marks:
        """What is pointed out on the page now."""
        return self._marks

    def pin(self, position: int | None) -> None:
        """Mark the token that stands there as the chosen one, or none."""
        self._mark(replace(self._marks, pinned=None if position is None else self._page.span_at(position)))

    def set_heat(self, on: bool) -> None:
        """Tint every token by how unlikely the model found it."""
        self._mark(replace(self._marks, heat=on))

    def mark_hits(self, hits: Hits) -> None:
        """Mark what a search has found. hits: asked at each painting, for what is in view; gives the ranges that reach
        into a range of the page, and the one that the search stands at."""
        self._hits = hits
        self.viewport().update()

    def set_unseen(self, edge: int, kept: int = 0) -> None:
        """The model sees the page's [0, kept) and all from edge on: what lies between is dimmed, and where it sees
        again is marked. No edge at 0."""
        self._mark(replace(self._marks, unseen=max(edge, kept), kept=kept))
        self.setAccessibleDescription(self._described())

    def _described(self) -> str:
        """What an assistive tool says of the page, with the edge of what the model sees."""
        kept, edge = self._marks.kept, self._marks.unseen
        if kept >= edge:
            return DESCRIPTION
        all_behind = tr("The model sees the text from character {edge:,} on.")
        both = tr("The model sees its first {kept:,} characters and the text from character {edge:,} on.")
        return f"{DESCRIPTION} {(both if kept else all_behind).format(kept=kept, edge=edge)}"

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

    def said_at(self, point: QPoint) -> str:
        """What is to be said of a place of the viewport: whether the model sees the text there."""
        if self._marks.kept >= self._marks.unseen:
            return ""
        lines = list(visible_lines(self, self.viewport().rect()))
        return {"edge": EDGE, "kept": KEPT, "unseen": UNSEEN, "": ""}[self._painting.seen_at(lines, self._marks, point)]

    def viewportEvent(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            show_tip(event.globalPos(), self.said_at(event.pos()), self.viewport())
            return True
        return super().viewportEvent(event)

    # ------------------------------------------------------------------------------------------------- looks

    @property
    def colours(self) -> Colours:
        return self._colours

    def set_colours(self, colours: Colours) -> None:
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
        self.set_typography(font, self._line_spacing, self._column)

    def set_typography(self, font: QFont, line_spacing: float = SPACING, column: int = COLUMN) -> None:
        """The font; from line to line, in sizes of its letters; and how many characters stand in a line on average, 0
        for as many as the window holds."""
        self._line_spacing, self._column = line_spacing, column
        same = font == self.font() and pitch(font, line_spacing) != self._spacing.pitch
        with self._standing.kept():
            self._spacing.set_pitch(pitch(font, line_spacing))
            self.setFont(font)
            self._place_column()
            if same:  # another font lays all lines out again by itself
                self.mirror.lay_out_again()
            size = self.viewport().size()
            super().resizeEvent(QResizeEvent(size, size))  # else Qt counts only later how many lines are in view
            self._bar.limit()
        if len(self.mirror.breaks):
            self._soon.start()

    def resizeEvent(self, event: QResizeEvent) -> None:
        with self._standing.kept():
            self._place_column()
            super().resizeEvent(event)
            self._bar.limit()
        if len(self.mirror.breaks):
            self._soon.start()

    def _place_column(self) -> None:
        """Centre the text in what the scroll bar leaves of the window."""
        margins = self.viewportMargins()
        room = self.maximumViewportSize().width() + margins.left() + margins.right()
        width = column_width(self.font(), self._column) + 2 * _INSET if self._column else room
        side = max(0, (room - width) // 2)
        if margins.left() != side:
            self.setViewportMargins(side, 0, side, 0)

    # ------------------------------------------------------------------------------------------------- painting

    def paintEvent(self, event: QPaintEvent) -> None:
        lines = list(visible_lines(self, event.rect()))
        if not lines:
            super().paintEvent(event)
            return
        cursor = self.textCursor()
        found, in_turn = self._hits(*self._painting.pages(lines))
        selection = cursor.selectionStart(), cursor.selectionEnd()
        marks = replace(self._marks, selection=selection, found=found, in_turn=in_turn)
        painter = QPainter(self.viewport())
        self._painting.under(painter, lines, marks)
        painter.end()
        super().paintEvent(event)
        painter.begin(self.viewport())
        self._painting.over(painter, lines, marks)
        if self.document().isEmpty() and lines[0].preedit is None:
            self._painting.hint(painter, lines[0], HINT)
        painter.end()

    def _on_selection_changed(self) -> None:
        self.viewport().update()  # the bands between the lines are not Qt's to know
