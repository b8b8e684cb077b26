"""Line spacing for a plain text document, and right-to-left paragraphs that begin at the right: Qt's layout for plain
text has neither.

Qt calls `blockBoundingRect` right after it has laid a block out, and before it draws, scrolls or hit-tests it: that
call sets the lines apart. A first line that was not moved yet is at y = 0, so further calls are cheap.
"""

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QTextBlock, QTextDocument, QTextLayout, QTextLine
from PySide6.QtWidgets import QPlainTextDocumentLayout


class SpacedLayout(QPlainTextDocumentLayout):
    """Sets the lines of every block `pitch` pixels apart, of which `foot` pixels below the letters stay free; taller
    lines of other scripts take their own height."""

    def __init__(self, document: QTextDocument) -> None:
        super().__init__(document)
        self._pitch = 0.0
        self._foot = 0.0
        self._room = 0.0

    @property
    def pitch(self) -> float:
        """From one line to the next, in pixels."""
        return self._pitch

    @property
    def foot(self) -> float:
        """Pixels of each line's band, at its foot, that are not the letters'."""
        return self._foot

    def set_pitch(self, pitch: float, foot: float = 0.0) -> None:
        """Set the pitch (foot included) of blocks that are laid out from now on. To have it everywhere, change the font
        or the width afterwards, or mark the document dirty."""
        self._pitch, self._foot = pitch, foot

    @property
    def room(self) -> float:
        """Pixels below the last line. The last block is taller by them, so the view can be scrolled further."""
        return self._room

    def set_room(self, room: float) -> None:
        self._room = room
        self.documentSizeChanged.emit(self.documentSize())  # the scroll bar updates its range

    def box(self, line: QTextLine) -> tuple[float, float]:
        """Top and height of a line's band, in pixels from the top of its block. Bands touch, without a gap."""
        slot = max(self._pitch, line.height() + self._foot)
        return line.y() - self._lead(line.height()), slot

    def blockBoundingRect(self, block: QTextBlock) -> QRectF:
        rect = super().blockBoundingRect(block)
        if not block.isValid() or not block.isVisible():
            return rect
        lines = block.layout()
        if not lines.lineCount():
            return rect
        if lines.lineAt(0).y() == 0:
            self._space(lines)
            if block.textDirection() == Qt.LayoutDirection.RightToLeft:
                _begin_at_the_right(lines)
            rect = super().blockBoundingRect(block)
        last = lines.lineAt(lines.lineCount() - 1)
        room = self._room if self._room and block == self.document().lastBlock() else 0.0
        rect.setHeight(rect.height() + self._lead(last.height()) + self._foot + room)
        return rect

    def _space(self, lines: QTextLayout) -> None:
        top = 0.0
        for number in range(lines.lineCount()):
            line = lines.lineAt(number)
            line.setPosition(QPointF(line.x(), top + self._lead(line.height())))
            top += max(self._pitch, line.height() + self._foot)

    def _lead(self, height: float) -> float:
        return max(1.0, (self._pitch - self._foot - height) / 2)  # never 0, which marks a line not moved yet


def spacing_of(document: QTextDocument) -> SpacedLayout:
    """The layout of a view's document."""
    layout = document.documentLayout()
    assert isinstance(layout, SpacedLayout)
    return layout


def _begin_at_the_right(lines: QTextLayout) -> None:
    """Align the lines at the right. Qt reads the option whenever a line's position is asked for, so it works after the
    layout, too."""
    option = lines.textOption()
    option.setAlignment(Qt.AlignmentFlag.AlignRight)
    lines.setTextOption(option)
