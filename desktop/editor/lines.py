"""The visible lines of a view with their positions, and the character under a point. Only reads Qt's layout."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QTextBlock, QTextCursor, QTextLayout, QTextLine
from PySide6.QtWidgets import QPlainTextEdit

from desktop.editor.spacing import spacing_of
from desktop.page import utf16

_RIGHT_TO_LEFT = re.compile(
    "[\u0590-\u08ff\u200f\u202b\u202e\u2067\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001efff]"
)
_PICTURES = re.compile(
    "[\u2600-\u27bf\u2b00-\u2bff\U0001f000-\U0001faff]+[\u200d\ufe0f\u2600-\u27bf\U0001f000-\U0001faff]*"
)


@dataclass(frozen=True, slots=True)
class Preedit:
    """Text of an input method, in the layout and not in the document. at: its offset in its block; length: in UTF-16
    units."""

    at: int
    length: int


@dataclass(frozen=True, slots=True)
class Line:
    """One visual line. start and end: view positions of its text. left: the x of its block; top and height: of its band
    (pixels of the viewport); foot: pixels at the foot of the band that are not the letters'. mixed: it may hold
    right-to-left text, so that neighbours in the text need not be neighbours on the line. from_right: its paragraph
    begins at the right. pictures: view ranges of emoji in its block, which have colours of their own. closes_block: it
    is the last line of its block."""

    line: QTextLine
    block_start: int
    start: int
    end: int
    left: float
    top: float
    height: float
    foot: float
    mixed: bool
    from_right: bool
    closes_block: bool
    pictures: tuple[tuple[int, int], ...]
    preedit: Preedit | None

    def boxes(self, start: int, end: int) -> list[QRectF]:
        """The boxes of the view's [start, end) on this line, as high as its band without the foot: one, or several
        where directions mix."""
        start, end = max(start, self.start), min(end, self.end)
        if start >= end:
            return []
        if self.mixed:
            return [QRectF(a, self.top, b - a, self.text_height) for a, b in self._runs(start, end)]
        edge = self.left + self.line.naturalTextRect().right()  # without blanks that hang over the end of a line
        left, right = min(self.x(start), edge), min(self.x(end), edge)
        return [QRectF(left, self.top, right - left, self.text_height)] if left < right else []

    def inked(self, start: int, end: int) -> list[QRectF]:
        """As `boxes`, without emoji."""
        boxes: list[QRectF] = []
        for picture_start, picture_end in self.pictures:
            if start < picture_end and picture_start < end:
                boxes += self.boxes(start, picture_start)
                start = picture_end
        return boxes + self.boxes(start, end)

    def x(self, position: int) -> float:
        """The x of the caret at a view position of this line."""
        return self.left + self.line.cursorToX(self._in_layout(position))[0]  # pyright: ignore[reportIndexIssue]

    @property
    def baseline(self) -> float:
        """The y that the letters stand on."""
        return self.top + self.lead + self.line.ascent()

    @property
    def lead(self) -> float:
        """Pixels of the band above the letters' own height."""
        return max(0.0, (self.text_height - self.line.height()) / 2)

    @property
    def text_height(self) -> float:
        """Pixels of the band above its foot."""
        return self.height - self.foot

    @property
    def foot_top(self) -> float:
        """The y where the foot of the band begins."""
        return self.top + self.text_height

    def _runs(self, start: int, end: int) -> list[tuple[float, float]]:
        sides = sorted(self._cluster(position) for position in range(start, end))
        runs: list[tuple[float, float]] = []
        for left, right in sides:
            if runs and left <= runs[-1][1] + 0.5:
                runs[-1] = runs[-1][0], max(right, runs[-1][1])
            else:
                runs.append((left, right))
        return runs

    def _cluster(self, position: int) -> tuple[float, float]:
        inside = self._in_layout(position)
        leading = self.line.cursorToX(inside, QTextLine.Edge.Leading)[0]  # pyright: ignore[reportIndexIssue]
        trailing = self.line.cursorToX(inside, QTextLine.Edge.Trailing)[0]  # pyright: ignore[reportIndexIssue]
        if leading == trailing:  # at the edge of a run, Qt gives the caret of the other direction
            return self._ink(inside)
        return self.left + min(leading, trailing), self.left + max(leading, trailing)

    def _ink(self, inside: int) -> tuple[float, float]:
        rect = QRectF()
        for glyphs in self.line.glyphRuns(inside, 1):
            rect |= glyphs.boundingRect()
        return self.left + rect.left(), self.left + rect.right()

    def _in_layout(self, position: int) -> int:
        offset = position - self.block_start
        return offset + self.preedit.length if self.preedit and offset > self.preedit.at else offset


def visible_lines(editor: QPlainTextEdit, rect: QRect) -> Iterator[Line]:
    """The lines that overlap a rectangle of the viewport, from the top."""
    for block, left, top in visible_blocks(editor, rect):
        yield from _lines_of(editor, block, left, top, rect)


def visible_blocks(editor: QPlainTextEdit, rect: QRect) -> Iterator[tuple[QTextBlock, float, float]]:
    """The blocks that overlap a rectangle of the viewport, with the left and the top of each in pixels."""
    block, offset = editor.firstVisibleBlock(), editor.contentOffset()
    top = editor.blockBoundingGeometry(block).translated(offset).top()
    while block.isValid() and top <= rect.bottom():
        height = editor.blockBoundingRect(block).height()
        if block.isVisible() and top + height >= rect.top():
            yield block, offset.x(), top
        top += height
        block = block.next()


def line_at(editor: QPlainTextEdit, y: float) -> Line | None:
    """The line whose band holds this y of the viewport."""
    row = QRect(0, int(y), 1, 1)
    return next((line for line in visible_lines(editor, row) if line.top <= y < line.top + line.height), None)


def character_at(editor: QPlainTextEdit, point: QPointF) -> int | None:
    """The view position of the character under a point of the viewport; None beside the text."""
    line = line_at(editor, point.y())
    if line is None:
        return None
    text = line.line.naturalTextRect().translated(line.left, 0)
    if not text.left() <= point.x() < text.right():
        return None
    offset = line.line.xToCursor(point.x() - line.left, QTextLine.CursorPosition.CursorOnCharacter)
    if line.preedit and offset > line.preedit.at:
        offset = max(line.preedit.at, offset - line.preedit.length)
    return line.block_start + offset


def _lines_of(editor: QPlainTextEdit, block: QTextBlock, left: float, top: float, rect: QRect) -> Iterator[Line]:
    layout, spacing = block.layout(), spacing_of(editor.document())
    preedit = _preedit(layout)
    text, position = block.text(), block.position()
    from_right = _begins_at_the_right(block)
    mixed = from_right or _has_right_to_left(text)
    pictures = () if text.isascii() else tuple(_pictures(text, position))
    for number in range(_first_line(layout, rect.top() - top - spacing.pitch), layout.lineCount()):
        line = layout.lineAt(number)
        y, height = spacing.box(line)
        if top + y > rect.bottom():
            return
        if top + y + height < rect.top():
            continue
        start, end = line.textStart(), line.textStart() + line.textLength()
        if preedit:
            start, end = (_without(preedit, offset) for offset in (start, end))
        closes = number == layout.lineCount() - 1
        yield Line(
            line,
            position,
            position + start,
            position + end,
            left,
            top + y,
            height,
            spacing.foot,
            mixed,
            from_right,
            closes,
            pictures,
            preedit,
        )


def may_mix_directions(block: QTextBlock) -> bool:
    """Whether neighbours in the block's text may not be neighbours on a line."""
    return _begins_at_the_right(block) or _has_right_to_left(block.text())


def _begins_at_the_right(block: QTextBlock) -> bool:
    return block.textDirection() == Qt.LayoutDirection.RightToLeft


def _has_right_to_left(text: str) -> bool:
    return not text.isascii() and _RIGHT_TO_LEFT.search(text) is not None


def _first_line(layout: QTextLayout, y: float) -> int:
    """The number of the first line that ends below y, a height inside the block."""
    low, high = 0, layout.lineCount()
    while low < high:
        middle = (low + high) // 2
        line = layout.lineAt(middle)
        if line.y() + line.height() < y:
            low = middle + 1
        else:
            high = middle
    return low


def _preedit(layout: QTextLayout) -> Preedit | None:
    text = layout.preeditAreaText()
    return Preedit(layout.preeditAreaPosition(), utf16.length(text)) if text else None


def line_start(block: QTextBlock, number: int) -> int:
    """The view position at which a line of a block starts."""
    layout = block.layout()
    preedit, start = _preedit(layout), layout.lineAt(number).textStart()
    return block.position() + (_without(preedit, start) if preedit else start)


def line_holding(cursor: QTextCursor) -> QTextLine:
    """The line that a cursor is in; an invalid one where its block is not laid out."""
    layout, offset = cursor.block().layout(), cursor.positionInBlock()
    preedit = _preedit(layout)
    return layout.lineForTextPosition(offset + preedit.length if preedit and offset > preedit.at else offset)


def _without(preedit: Preedit, offset: int) -> int:
    return max(preedit.at, offset - preedit.length) if offset > preedit.at else offset


def _pictures(text: str, position: int) -> Iterator[tuple[int, int]]:
    for found in _PICTURES.finditer(text):
        start = position + utf16.length(text[: found.start()])
        yield start, start + utf16.length(found[0])
