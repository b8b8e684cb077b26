"""Paints the tokens of the visible lines as boxes with their ids below, their blanks and line feeds as signs, and the
token that the model puts before every text.

Two quiet fills alternate. A token that no model has read has only an outline, and text whose tokens are not known is
hatched below. A token without a width of its own (a combining mark, a part of an emoji, a blank that hangs over the end
of a line) shares the box of the one before it. The ids are painted after the letters: the model's ink would recolour
them.
"""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QFont, QFontMetricsF, QPainter, QPen

from desktop.editor.lines import Line
from desktop.editor.painting import CORNER, on_lines, token_box
from desktop.editor.soft_breaks import Positions, SoftBreaks
from desktop.editor.token_labels import HIDDEN, Wanted, place
from desktop.editor.typography import ID_ROWS, INSET, id_font, id_row
from desktop.page import utf16
from desktop.page.page import Page
from desktop.page.token_split import SplitRun, TokenSplit
from desktop.page.token_table import UNREAD, TokenRows
from resources.colours import Colours

BEGINNING = "BOS"  # the token before every text, as the field calls it
NO_ID = "?"  # of a token whose id is not known
_LINE_FEED, _TAB, _LEFT_OUT = "↵", "→", "·"
_TAB_UNIT = 9
_CHIP_WIDTH = 14.0  # of a line feed's box, in pixels
_MARGIN = 2.0  # pixels between the chip of the beginning and the text
_BLANKS = np.array([0x20, 0xA0, 0x1680, 0x202F, 0x205F, 0x3000, *range(0x2000, 0x200B)], np.uint16)
_DOT = 1.1  # pixels: the radius of a blank's dot


@dataclass(slots=True)
class Cell:
    """The box of a token on one line, in several parts where directions mix. read: by a model. ids: empty on all lines
    of the token but its last. line_feed: the part that stands for one."""

    boxes: list[QRectF]
    read: bool
    ids: list[str]
    line_feed: QRectF | None = None

    @property
    def label(self) -> str:
        return "+".join(self.ids)


@dataclass(frozen=True, slots=True)
class _Run:
    """The tokens that spell a view range."""

    start: int
    end: int
    ids: str
    read: bool = True


@dataclass(frozen=True, slots=True)
class TokenLine:
    """A line with the cells of its tokens, and the boxes of its text that no token covers."""

    line: Line
    cells: list[Cell]
    unread: list[QRectF]


class TokenBoxes:
    """The token boxes of one view. beginning: id of the token that the model puts before every text, -1 for none.
    split: the tokens of text that no model has read."""

    def __init__(self, page: Page, breaks: SoftBreaks, colours: Colours) -> None:
        self.beginning = -1
        self.split = TokenSplit()
        self._page = page
        self._breaks = breaks
        self._font, self._row = QFont(), 0.0
        self._widths: dict[str, float] = {}
        self.set_colours(colours)

    def set_colours(self, colours: Colours) -> None:
        self._fills = [QColor(fill) for fill in colours.token]
        self._outline, self._unread = QPen(QColor(colours.edge), 1.0), QPen(QColor(colours.stale), 1.0)
        self._ink = QColor(colours.quiet)
        self._hatch = QBrush(QColor(colours.stale), Qt.BrushStyle.BDiagPattern)

    def set_font(self, font: QFont) -> None:
        """Set the font of the page, from which that of the ids follows."""
        self._font, self._row = id_font(font), id_row(font)
        metrics = QFontMetricsF(self._font)
        self._ascent = metrics.ascent()
        self._widths = {sign: metrics.horizontalAdvance(sign) for sign in f"0123456789+{NO_ID}"}

    # -------------------------------------------------------------------------------------------- the cells

    def on_lines(self, lines: Sequence[Line]) -> list[TokenLine]:
        """The cells of the tokens on these lines (from the top, without gaps)."""
        start, end = self._breaks.page(lines[0].start), self._breaks.page(lines[-1].end) + 1
        rows = self._page.tokens(start, end)
        read = self._runs(rows[rows["kind"] != UNREAD])
        runs = _merged(read, [self._split_run(run) for run in self.split.between(start, end)])
        on_each = _on_each(lines, runs)
        return [TokenLine(line, self._cells_of(line, here), _unread(line, here)) for line, here in on_each]

    def _runs(self, rows: TokenRows) -> list[_Run]:
        heads = rows[rows["part"] == 0]
        starts = heads["start"].astype(np.int64)
        firsts = self._breaks.views(starts, after=True).tolist()
        lasts = self._breaks.views(starts + heads["length"], after=False).tolist()
        ids = list(map(_id, rows["id"].tolist()))
        joined: list[str] = []
        place = 0
        for parts in heads["parts"].tolist():
            joined.append(ids[place] if parts == 1 else "+".join(ids[place : place + parts]))
            place += parts
        return [_Run(*run) for run in zip(firsts, lasts, joined, strict=True)]

    def _split_run(self, run: SplitRun) -> _Run:
        start, end = self._breaks.view(run.start), self._breaks.view(run.end, after=False)
        return _Run(start, end, "+".join(_id(token) for token, _ in run.tokens), read=False)

    def _cells_of(self, line: Line, runs: Sequence[_Run]) -> list[Cell]:
        cells: list[Cell] = []
        for run in runs:
            boxes = [_apart(token_box(box, line)) for box in line.boxes(run.start, run.end)]
            ends_here = run.end <= line.end or (run.end == line.end + 1 and self._closes_paragraph(line))
            feed = None
            if run.end > line.end and self._closes_paragraph(line):
                feed = _apart(token_box(_line_feed_box(line), line))
                boxes.append(feed)
            if boxes:
                cells.append(Cell(boxes, run.read, [run.ids] if ends_here else [], feed))
            elif cells and ends_here:
                cells[-1].ids.append(run.ids)
        return cells

    def _closes_paragraph(self, line: Line) -> bool:
        """Whether a line feed of the page ends the line, where any text follows."""
        return line.closes_block and not self._breaks.at(line.end)

    # -------------------------------------------------------------------------------------------- under the letters

    def under(self, painter: QPainter, lines: Sequence[TokenLine]) -> None:
        """Fill the boxes."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        for one in lines:
            for number, cell in enumerate(one.cells):
                painter.setBrush(self._fills[number % 2])
                for box in cell.boxes if cell.read else ():
                    painter.drawRoundedRect(box, CORNER, CORNER)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)

    # -------------------------------------------------------------------------------------------- over the letters

    def over(self, painter: QPainter, lines: Sequence[TokenLine], outlined: bool) -> None:
        """Paint the ids, blanks and line feeds. outlined: all boxes as well, because something else fills them."""
        font = painter.font()
        painter.setFont(self._font)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for one in lines:
            self._paint_outlines(painter, one.cells, outlined)
            self._paint_unread(painter, one)
            painter.setPen(self._ink)
            self._paint_ids(painter, one.line, one.cells)
            self._paint_line_feeds(painter, one.cells)
        self._paint_blanks(painter, [one.line for one in lines])
        self._paint_beginning(painter, lines[0].line)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        painter.setFont(font)

    def _paint_outlines(self, painter: QPainter, cells: Sequence[Cell], every: bool) -> None:
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for cell in cells:
            painter.setPen(self._outline if every else self._unread)
            for box in cell.boxes if every or not cell.read else ():
                painter.drawRoundedRect(box, CORNER, CORNER)

    def _paint_unread(self, painter: QPainter, one: TokenLine) -> None:
        """Hatch the foot below text that no token covers."""
        for box in one.unread:
            foot = QRectF(box.left(), one.line.foot_top + 1, box.width(), self._row - 2)
            painter.fillRect(foot, self._hatch)

    def _paint_ids(self, painter: QPainter, line: Line, cells: Sequence[Cell]) -> None:
        labelled = [(_widest(cell.boxes), cell.label) for cell in cells if cell.ids]
        if line.mixed:
            labelled.sort(key=lambda one: one[0].left())
        wanted = [Wanted(box.left(), box.right(), self._width(label)) for box, label in labelled]
        end = painter.viewport().width() - 1.0
        for (box, label), placed in zip(labelled, place(wanted, ID_ROWS, end), strict=True):
            if placed.row == HIDDEN:
                painter.drawText(QPointF(box.center().x(), line.foot_top + self._ascent), _LEFT_OUT)
            else:
                baseline = line.foot_top + placed.row * self._row + self._ascent
                painter.drawText(QPointF(placed.left, baseline), label)

    def _paint_line_feeds(self, painter: QPainter, cells: Sequence[Cell]) -> None:
        for cell in cells:
            if cell.line_feed:
                painter.drawText(cell.line_feed, Qt.AlignmentFlag.AlignCenter, _LINE_FEED)

    def _paint_blanks(self, painter: QPainter, lines: Sequence[Line]) -> None:
        first, last = self._breaks.page(lines[0].start), self._breaks.page(lines[-1].end)
        units = np.frombuffer(utf16.encode(self._page.text(first, last)), np.uint16)
        painter.setBrush(self._ink)
        for line, box in self._boxes_of(lines, first + np.flatnonzero(np.isin(units, _BLANKS))):
            painter.drawEllipse(QPointF(box.center().x(), _middle(line)), _DOT, _DOT)
        for line, box in self._boxes_of(lines, first + np.flatnonzero(units == _TAB_UNIT)):
            painter.drawText(token_box(box, line), Qt.AlignmentFlag.AlignCenter, _TAB)

    def _boxes_of(self, lines: Sequence[Line], pages: Positions) -> Iterator[tuple[Line, QRectF]]:
        """The boxes of single units of the page."""
        views = self._breaks.views(pages, after=True).tolist()
        for line, _, start, end in on_lines(lines, [(view, view + 1) for view in views]):
            for box in line.boxes(start, end):
                yield line, box

    def _paint_beginning(self, painter: QPainter, line: Line) -> None:
        """Paint the token before every text in the margin, beside the first letter of the page."""
        if self.beginning < 0 or line.start or self._breaks.first:
            return
        text = line.line.naturalTextRect().translated(line.left, line.top)
        label, width = str(self.beginning), INSET - 2 * _MARGIN
        left = text.right() + _MARGIN if line.from_right else text.left() - _MARGIN - width
        box = token_box(QRectF(left, line.top, width, line.text_height), line)
        painter.setPen(self._outline)
        painter.setBrush(self._fills[0])
        painter.drawRoundedRect(box, CORNER, CORNER)
        painter.setPen(self._ink)
        painter.setFont(_fitting(self._font, BEGINNING, width - 2))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, BEGINNING)
        painter.setFont(_fitting(self._font, label, width))
        foot = QRectF(left, line.foot_top, width, self._row)
        painter.drawText(foot, Qt.AlignmentFlag.AlignCenter, label)

    def _width(self, label: str) -> float:
        return sum(self._widths[sign] for sign in label)


def _id(token: int) -> str:
    return str(token) if token >= 0 else NO_ID


def _merged(read: list[_Run], split: Sequence[_Run]) -> list[_Run]:
    """The runs in order; of those that overlap, the ones that were read."""
    if not split:
        return read
    starts = [run.start for run in read]
    for run in split:
        place = bisect_left(starts, run.start)
        free = place == len(read) or read[place].start >= run.end
        if free and (not place or read[place - 1].end <= run.start):
            read.insert(place, run)
            starts.insert(place, run.start)
    return read


def _on_each(lines: Sequence[Line], runs: Sequence[_Run]) -> Iterator[tuple[Line, list[_Run]]]:
    """Each line with the runs that have a part on it; a line feed at the end of a line is on it."""
    first = 0
    for line in lines:
        reach = line.end + line.closes_block
        while first < len(runs) and runs[first].end <= line.start:
            first += 1
        last = first
        while last < len(runs) and runs[last].start < reach:
            last += 1
        yield line, list(runs[first:last])


def _unread(line: Line, runs: Sequence[_Run]) -> list[QRectF]:
    """The boxes of the text on a line that none of the runs covers."""
    boxes: list[QRectF] = []
    start = line.start
    for run in runs:
        if start < run.start:
            boxes += line.boxes(start, run.start)
        start = max(start, run.end)
    return boxes + line.boxes(start, line.end)


def _apart(box: QRectF) -> QRectF:
    """The box with a fine gap to its neighbours, at least two pixels wide."""
    return box.adjusted(1, 0, -1, 0) if box.width() > 4 else box


def _line_feed_box(line: Line) -> QRectF:
    x = line.x(line.end) - (_CHIP_WIDTH if line.from_right else 0)
    return QRectF(x, line.top, _CHIP_WIDTH, line.text_height)


def _fitting(font: QFont, text: str, width: float) -> QFont:
    """The font, or a smaller one in which the text is no wider than that."""
    found = QFontMetricsF(font).horizontalAdvance(text)
    if found <= width:
        return font
    smaller = QFont(font)
    smaller.setPointSizeF(font.pointSizeF() * width / found)
    return smaller


def _widest(boxes: Sequence[QRectF]) -> QRectF:
    return max(boxes, key=lambda box: box.width())


def _middle(line: Line) -> float:
    """The y of the middle of small letters."""
    return line.baseline - line.line.ascent() * 0.3
