"""Line spacing for a plain text document, and paragraphs that begin at the right where their text does: Qt's layout has
neither.

Qt asks for the bounding rectangle of a block right after it has laid the block out, and before it draws, scrolls or
hits it: there the lines are set apart. A line that was not yet moved stands at y = 0, so the second asking costs one
look. Knows nothing of the page."""

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QTextBlock, QTextDocument, QTextLayout, QTextLine
from PySide6.QtWidgets import QPlainTextDocumentLayout


class SpacedLayout(QPlainTextDocumentLayout):
    """Sets the lines of every block `pitch` pixels apart (taller lines of other scripts take what they need)."""

    def __init__(self, document: QTextDocument) -> None:
        super().__init__(document)
        self._pitch = 0.0
        self._room = 0.0

    @property
    def pitch(self) -> float:
        """From one line to the next, in pixels."""
        return self._pitch

    def set_pitch(self, pitch: float) -> None:
        """Takes hold of a block when it is next laid out: change the font or the width afterwards, or mark the document
        dirty."""
        self._pitch = pitch

    @property
    def room(self) -> float:
        """Pixels below the last line: the last block is taller by them, so the view can be scrolled on."""
        return self._room

    def set_room(self, room: float) -> None:
        self._room = room
        self.documentSizeChanged.emit(self.documentSize())  # the scroll bar counts anew

    def box(self, line: QTextLine) -> tuple[float, float]:
        """Top and height of the band that belongs to a line, in its block: bands touch, so that no gap shows between
        them."""
        slot = max(self._pitch, line.height())
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
        rect.setHeight(rect.height() + self._lead(last.height()) + room)
        return rect

    def _space(self, lines: QTextLayout) -> None:
        top = 0.0
        for number in range(lines.lineCount()):
            line = lines.lineAt(number)
            line.setPosition(QPointF(line.x(), top + self._lead(line.height())))
            top += max(self._pitch, line.height())

    def _lead(self, height: float) -> float:
        return max(1.0, (self._pitch - height) / 2)  # never 0: that is how a line that was not yet moved is known


def _begin_at_the_right(lines: QTextLayout) -> None:
    """Lines know where they stand when they are asked: the option counts then, too."""
    option = lines.textOption()
    option.setAlignment(Qt.AlignmentFlag.AlignRight)
    lines.setTextOption(option)
