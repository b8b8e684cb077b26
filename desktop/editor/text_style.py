"""How the text of a view looks: its colours, its font, the spacing of its lines and the width of its column."""

from PySide6.QtGui import QColor, QFont, QPalette, QResizeEvent
from PySide6.QtWidgets import QPlainTextEdit

from desktop.editor.block_check import BlockCheck
from desktop.editor.page_marks import PageMarks
from desktop.editor.scroll_anchor import ScrollAnchor
from desktop.editor.scrolling import PageBar
from desktop.editor.spacing import spacing_of
from desktop.editor.split_document import SplitDocument
from desktop.editor.typography import COLUMN, INSET, SPACING, column_width, default_font, id_foot, pitch, token_font
from resources.colours import LIGHT, Colours


class TextStyle:
    """The style of one view."""

    def __init__(
        self,
        view: QPlainTextEdit,
        document: SplitDocument,
        marks: PageMarks,
        bar: PageBar,
        anchor: ScrollAnchor,
        blocks: BlockCheck,
    ) -> None:
        self._view = view
        self._document = document
        self._marks = marks
        self._bar = bar
        self._anchor = anchor
        self._blocks = blocks
        self._font, self._line_spacing, self._column = default_font(), SPACING, COLUMN
        self._as_tokens = False
        self.set_colours(LIGHT)
        self.set_font(self._font)

    @property
    def colours(self) -> Colours:
        return self._colours

    def set_colours(self, colours: Colours) -> None:
        self._colours = colours
        self._marks.set_colours(colours)
        palette = self._view.palette()
        for role, colour in (
            (QPalette.ColorRole.Base, colours.paper),
            (QPalette.ColorRole.Window, colours.paper),
            (QPalette.ColorRole.Text, colours.text),
            (QPalette.ColorRole.HighlightedText, colours.text),
            (QPalette.ColorRole.Highlight, "#00000000"),  # the selection is painted with the marks, without gaps
            (QPalette.ColorRole.PlaceholderText, colours.placeholder),
        ):
            palette.setColor(role, QColor(colour))
        self._view.setPalette(palette)
        self._view.viewport().update()

    def set_font(self, font: QFont) -> None:
        """Set the font; the width of the column and the spacing of the lines follow it."""
        self.set_typography(font, self._line_spacing, self._column)

    def set_typography(self, font: QFont, line_spacing: float = SPACING, column: int = COLUMN) -> None:
        """Set the font, the distance from line to line in sizes of its letters, and the width of the column in
        characters of average width; 0 is as wide as the window."""
        view, spacing = self._view, spacing_of(self._view.document())
        self._font, self._line_spacing, self._column = font, line_spacing, column
        shown = token_font(font) if self._as_tokens else font
        foot = id_foot(font) if self._as_tokens else 0.0
        height = pitch(font, line_spacing) + foot
        only_spacing = shown == view.font() and height != spacing.pitch
        self._marks.set_font(font)
        with self._anchor.preserved():
            spacing.set_pitch(height, foot)
            view.setFont(shown)
            self._place_column()
            if only_spacing:  # another font lays all lines out again by itself
                self._document.lay_out_again()
            size = view.viewport().size()
            QPlainTextEdit.resizeEvent(view, QResizeEvent(size, size))  # else Qt counts the lines in view only later
            self._bar.limit()
        self._blocks.start_if_split()

    def show_tokens(self, on: bool) -> None:
        """Make room for the ids of the tokens below each line, or take it away."""
        if on != self._as_tokens:
            self._as_tokens = on
            self._marks.show_tokens(on)
            self.set_font(self._font)

    def resize(self, event: QResizeEvent) -> None:
        """Handle a change of the view's size: the text stays where it is in its page."""
        with self._anchor.preserved():
            self._place_column()
            QPlainTextEdit.resizeEvent(self._view, event)
            self._bar.limit()
        self._blocks.start_if_split()

    def _place_column(self) -> None:
        """Centre the column in the width beside the scroll bar."""
        view, margins = self._view, self._view.viewportMargins()
        room = view.maximumViewportSize().width() + margins.left() + margins.right()
        width = column_width(view.font(), self._column) + 2 * INSET if self._column else room
        side = max(0, (room - width) // 2)
        if margins.left() != side:
            view.setViewportMargins(side, 0, side, 0)
