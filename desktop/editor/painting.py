"""Paints under and over the letters of the visible lines: boxes, dots, the selection, and the model's ink.

Under the text: the colours of a measure (tints.py), hits of a search, the selection, the hovered and the pinned token,
dots below stale readings. Over it: the ink of generated text, bars in the colours of a measure, and a veil over text
that the model no longer sees. For the ink, the letters are drawn in the writer's colour and then recoloured in place:
one rectangle a line, and no text format.
"""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from PySide6.QtCore import QPoint, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from desktop.editor import end_mark
from desktop.editor.lines import Line
from desktop.editor.soft_breaks import SoftBreaks
from desktop.editor.tints import PLAIN, Tinting, Tints
from desktop.page.bands import bands
from desktop.page.offset_map import OffsetMap
from desktop.page.page import Page
from desktop.page.token_table import UNREAD
from resources.colours import Colours

Range = tuple[int, int]
Seen = Literal["edge", "kept", "unseen", "behind", ""]

CORNER = 3.0
_ARM = 0.3  # of a line's height: how far the hook of an edge reaches to both sides
_REACH = 4  # pixels from the mark of an edge within which the mouse points at it
_LINE_FEED_WIDTH = 6.0  # pixels that a selection reaches behind a line whose end it holds


@dataclass(frozen=True, slots=True)
class Marks:
    """The marks on the page. pinned, hovered: page ranges of tokens; selection: a view range. The model does not see
    the page's [kept, unseen), nor, while it is writing, the text behind the place. tinting: how a measure colours the
    tokens. found: page ranges of the hits of a search in view; current_hit: that of the current one. ghost: a text that
    is shown over a page range; ahead: one behind it, of one line. ended: the page position where the model ended the
    text."""

    pinned: Range | None = None
    hovered: Range | None = None
    selection: Range = (0, 0)
    unseen: int = 0
    kept: int = 0
    writing: bool = False
    tinting: Tinting = PLAIN
    found: Sequence[Range] = ()
    current_hit: Range | None = None
    ghost: tuple[int, int, str] | None = None
    ahead: str = ""
    ended: int | None = None

    def after(self, start: int, removed: int, inserted: int) -> "Marks":
        """The marks after `removed` units of the page at start became `inserted` ones; a touched token loses its
        mark."""
        moved = [_moved(pages, start, removed, inserted) for pages in (self.pinned, self.hovered)]
        kept, unseen = (_edge_after(edge, start, removed, inserted) for edge in (self.kept, self.unseen))
        ended = end_mark.after(self.ended, start, removed, inserted)
        return replace(self, pinned=moved[0], hovered=moved[1], unseen=unseen, kept=kept, ended=ended)

    def among(self, places: OffsetMap) -> "Marks":
        """As `after`, for a change of many places at once."""
        moved = [
            None if pages is None or places.touched(*pages) else (places.after(pages[0]), places.after(pages[1], False))
            for pages in (self.pinned, self.hovered)
        ]
        kept, unseen = (places.after(edge) if edge else 0 for edge in (self.kept, self.unseen))
        ended = self.ended
        if ended is not None:
            ended = None if places.touched(max(0, ended - 1), ended + 1) else places.after(ended)
        return replace(self, pinned=moved[0], hovered=moved[1], unseen=unseen, kept=kept, ended=ended)


class Painting:
    """Paints the lines of one view, from its page."""

    def __init__(self, page: Page, breaks: SoftBreaks, colours: Colours) -> None:
        self._page = page
        self._breaks = breaks
        self._tints = Tints()
        self.set_colours(colours)

    def set_colours(self, colours: Colours) -> None:
        self._selection = QColor(colours.selection)
        self._paper = QColor(colours.paper)
        self._hovered = QColor(colours.hovered)
        self._pinned = QColor(colours.pinned)
        self._pinned_edge = QColor(colours.pinned_edge)
        self._found, self._current_hit = QColor(colours.found), QColor(colours.current_hit)
        self._current_hit_edge = QColor(colours.current_hit_edge)
        self._placeholder = QColor(colours.placeholder)
        self._stale = QPen(QColor(colours.stale), 1.0, Qt.PenStyle.DotLine)
        self._ink = QColor(colours.ink)
        self._unseen = QColor(colours.unseen)
        self._end = QPen(QColor(colours.quiet), 1.0)
        self._edge = QPen(QColor(colours.seen_edge), 1.0)
        self._tints.set_colours(colours)
        # dark letters take the brighter of their colour and the ink, so that light paper keeps its own colour
        light = QColor(colours.paper).lightness() > QColor(colours.text).lightness()
        mode = QPainter.CompositionMode
        self._recolour = mode.CompositionMode_Lighten if light else mode.CompositionMode_Darken

    def under(self, painter: QPainter, lines: Sequence[Line], marks: Marks) -> None:
        """Paint everything under the letters of these lines (from the top, without gaps)."""
        rows = self._page.tokens(*self.pages(lines))
        rows = rows[rows["kind"] != UNREAD]
        if not marks.tinting.underlined:
            self._tint(painter, lines, marks.tinting)
        for line, _, start, end in on_lines(lines, self._views(marks.found)):
            for box in line.boxes(start, end):
                painter.fillRect(token_box(box, line), self._found)
        if marks.selection[0] < marks.selection[1]:
            self._paint_selection(painter, lines, marks.selection)
        if marks.current_hit:
            self._paint_box(painter, lines, marks.current_hit, self._current_hit, self._current_hit_edge)
        if marks.hovered:
            self._paint_box(painter, lines, marks.hovered, self._hovered, None)
        if marks.pinned:
            self._paint_box(painter, lines, marks.pinned, self._pinned, self._pinned_edge)
        if len(rows):
            self._paint_stale(painter, lines, rows[self._page.stale(rows)])

    def over(self, painter: QPainter, lines: Sequence[Line], marks: Marks) -> None:
        """Paint everything over the letters of these lines but the ghost (ghost.py)."""
        start, end = self.pages(lines)
        written = self._views(self._page.generated_ranges(start, end))
        if written:
            painter.setCompositionMode(self._recolour)
            for line, _, first, last in on_lines(lines, written):
                for box in line.inked(first, last):
                    painter.fillRect(box, self._ink)
            painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_SourceOver)
        if marks.tinting.underlined:  # over the ink, which would change its colours
            self._tint(painter, lines, marks.tinting)
        if marks.kept < marks.unseen:
            self._paint_unseen(painter, lines, (marks.kept, marks.unseen))
        if marks.writing:
            self._dim(painter, lines, self._behind())
        if square := self._end_box(lines, marks):
            end_mark.paint(painter, square, self._end)

    def is_at_end(self, lines: Sequence[Line], marks: Marks, point: QPoint) -> bool:
        """Whether the mark where the model ended the text is at a point of the viewport."""
        return end_mark.is_at(self._end_box(lines, marks), point)

    def _end_box(self, lines: Sequence[Line], marks: Marks) -> QRectF | None:
        return None if marks.ended is None else end_mark.box(lines, self._breaks.view(marks.ended, after=False))

    def hint(self, painter: QPainter, line: Line, text: str) -> None:
        """Paint the hint of an empty page, where its first line will stand."""
        painter.setPen(self._placeholder)
        left, top = line.left + line.line.x(), line.baseline - line.line.ascent()
        room = QRectF(left, top, line.line.width(), painter.viewport().height())
        painter.drawText(room, Qt.TextFlag.TextWordWrap, text)

    def _tint(self, painter: QPainter, lines: Sequence[Line], tinting: Tinting) -> None:
        """Paint the bands of a measure."""
        if tinting.measure is None:
            return
        found = bands(self._page, tinting.measure, *self.pages(lines))
        if tinting.band is not None:
            found = found.only(tinting.band)
        if not tinting.underlined:  # each token has a bar of its own
            found = found.joined()
        steps, stale = found.steps.tolist(), found.stale.tolist()
        for line, index, start, end in on_lines(lines, self._between(found.starts, found.ends)):
            for box in line.boxes(start, end):
                self._tints.paint(painter, tinting, line, box, steps[index], stale[index])

    def _paint_selection(self, painter: QPainter, lines: Sequence[Line], selection: Range) -> None:
        for line in lines:
            for box in line.boxes(*selection):
                painter.fillRect(box, self._selection)
            if selection[0] <= line.end < selection[1] and line.closes_block:
                x = line.x(line.end) - (_LINE_FEED_WIDTH if line.from_right else 0)
                painter.fillRect(QRectF(x, line.top, _LINE_FEED_WIDTH, line.text_height), self._selection)

    def _paint_box(
        self, painter: QPainter, lines: Sequence[Line], pages: Range, fill: QColor, edge: QColor | None
    ) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(fill)
        painter.setPen(QPen(edge, 1.0) if edge else Qt.PenStyle.NoPen)
        for line, _, start, end in on_lines(lines, self._views([pages])):
            for box in line.boxes(start, end):
                painter.drawRoundedRect(token_box(box, line), CORNER, CORNER)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)

    def _paint_stale(self, painter: QPainter, lines: Sequence[Line], rows: np.ndarray) -> None:
        if not len(rows):
            return
        painter.setPen(self._stale)
        for line, _, start, end in on_lines(lines, _joined(self._spans(rows))):
            below = round(line.baseline) + 3.5
            for box in line.boxes(start, end):
                painter.drawLine(QPointF(box.left(), below), QPointF(box.right(), below))

    def _paint_unseen(self, painter: QPainter, lines: Sequence[Line], unseen: Range) -> None:
        """Dim the text that the model does not see, and mark both its edges."""
        self._dim(painter, lines, unseen)
        start, _ = self._views([unseen])[0]
        painter.setPen(self._edge)
        for page, view in ((unseen[0], start), (unseen[1], self._breaks.view(unseen[1]))):
            line = edge_line(lines, view) if 0 < page < self._page.length else None
            if line:
                painter.drawPolyline(edge_mark(line, view))

    def _dim(self, painter: QPainter, lines: Sequence[Line], unseen: Range) -> None:
        ((start, end),) = self._views([unseen])
        for line in lines:
            for box in line.boxes(start, end):
                painter.fillRect(box, self._unseen)

    def _behind(self) -> Range:
        """The text behind where the model writes; empty where it writes at the end, or on another branch."""
        length, end = self._page.length, self._page.generation_end
        return (length if end is None else end), length

    def seen_at(self, lines: Sequence[Line], marks: Marks, point: QPoint) -> Seen:
        """The thing at a point of the viewport: one of the edges that _paint_unseen draws, the text between them, the
        text behind where the model writes, or none."""
        seen: Seen = self._seen_at(lines, marks, point) if marks.kept < marks.unseen else ""
        if seen or not marks.writing:
            return seen
        ((start, end),) = self._views([self._behind()])
        over = next((line for line in lines if line.top <= point.y() < line.top + line.height), None)
        if over and any(box.contains(point.x(), point.y()) for box in over.boxes(start, end)):
            return "behind"
        return ""

    def _seen_at(self, lines: Sequence[Line], marks: Marks, point: QPoint) -> Seen:
        start, end = self._breaks.view(marks.kept), self._breaks.view(marks.unseen)
        names: tuple[Seen, Seen] = ("edge", "kept")
        for name, view in zip(names, (end, start), strict=True):
            line = edge_line(lines, view)
            if line and (view or name == "edge") and _near(edge_mark(line, view), point):
                return name
        over = next((line for line in lines if line.top <= point.y() < line.top + line.height), None)
        if over and any(box.contains(point.x(), point.y()) for box in over.boxes(start, end)):
            return "unseen"
        return ""

    def pages(self, lines: Sequence[Line]) -> Range:
        """The range of the page that these lines show."""
        return self._breaks.page(lines[0].start), self._breaks.page(lines[-1].end)

    def _views(self, pages: Sequence[Range]) -> list[Range]:
        return [(self._breaks.view(start), self._breaks.view(end, after=False)) for start, end in pages]

    def _spans(self, rows: np.ndarray) -> list[Range]:
        starts = rows["start"].astype(np.int64)
        return self._between(starts, starts + rows["length"])

    def _between(self, starts: np.ndarray, ends: np.ndarray) -> list[Range]:
        """The view ranges from these starts to these ends."""
        firsts, lasts = self._breaks.views(starts, after=True), self._breaks.views(ends, after=False)
        return list(zip(firsts.tolist(), lasts.tolist(), strict=True))


def on_lines(lines: Sequence[Line], ranges: Sequence[Range]) -> Iterator[tuple[Line, int, int, int]]:
    """Every part of a view range on a line: the line, the index of the range, start and end of the part. Ranges ascend
    and do not overlap."""
    ends = [end for _, end in ranges]
    for line in lines:
        for index in range(bisect_right(ends, line.start), len(ranges)):
            start, end = ranges[index]
            if start >= line.end:
                break
            yield line, index, max(start, line.start), min(end, line.end)


def edge_line(lines: Sequence[Line], view: int) -> Line | None:
    """The line that starts at this view position or holds it inside, or None."""
    return next((line for line in lines if line.start <= view < line.end or view == line.start), None)


def edge_mark(line: Line, view: int) -> list[QPointF]:
    """The corners of an edge's mark: a fine line across the column above a line that starts there; inside a line, a
    hook between the letters before and those behind."""
    top, bottom = round(line.top) + 0.5, round(line.top + line.text_height) - 0.5
    left, right = line.left + line.line.x(), line.left + line.line.x() + line.line.width()
    if view == line.start:
        return [QPointF(left, top), QPointF(right, top)]
    x, arm = round(line.x(view)) - 0.5, line.text_height * _ARM
    inset = max(0.0, line.lead - 1)
    top, bottom = round(top + inset) + 0.5, round(bottom - inset) - 0.5
    return [QPointF(x - arm, bottom), QPointF(x, bottom), QPointF(x, top), QPointF(x + arm, top)]


def _near(mark: Sequence[QPointF], point: QPoint) -> bool:
    xs, ys = [corner.x() for corner in mark], [corner.y() for corner in mark]
    across = min(xs) - _REACH <= point.x() <= max(xs) + _REACH
    return across and min(ys) - _REACH <= point.y() <= max(ys) + _REACH


def _edge_after(edge: int, start: int, removed: int, inserted: int) -> int:
    """The position of an edge of the context after a change. 0 is no edge, and stays 0."""
    if not edge:
        return 0
    return edge + inserted - removed if start + removed <= edge else min(edge, start)


def _moved(pages: Range | None, start: int, removed: int, inserted: int) -> Range | None:
    if pages is None or (start < pages[1] and pages[0] < start + removed) or pages[0] < start < pages[1]:
        return None
    by = inserted - removed if start + removed <= pages[0] else 0
    return pages[0] + by, pages[1] + by


def _joined(ranges: Sequence[Range]) -> list[Range]:
    joined: list[Range] = []
    for start, end in ranges:
        if joined and start <= joined[-1][1] + 1:  # a soft break may stand between
            joined[-1] = joined[-1][0], max(end, joined[-1][1])
        else:
            joined.append((start, end))
    return joined


def token_box(box: QRectF, line: Line) -> QRectF:
    """The box of a token, as high as its letters rather than its band, so that boxes of two lines never touch."""
    inset = max(0.0, line.lead - 1.5)
    return QRectF(
        round(box.left()) - 0.5,
        round(box.top() + inset) - 0.5,
        round(box.width()) + 1,
        round(box.height() - 2 * inset) + 1,
    )
