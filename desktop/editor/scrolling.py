"""Scrolling: following the end of the page, room below it, and holding the top line while text above it changes."""

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QTextBlock, QTextCursor
from PySide6.QtWidgets import QPlainTextEdit, QScrollBar

from desktop.editor.lines import line_holding, line_start
from desktop.editor.spacing import SpacedLayout

NEAR = 2  # lines above the end of the page at which the view still counts as being there
_TRIES = 5  # the range of the bar is an estimate until the last blocks are laid out, and grows when they are


class PageBar(QObject):
    """Sets up the scroll bar of a view.

    The bar always takes its room and is blank while all of the page is in view, so that lines do not break elsewhere
    when it comes or goes. Its value is the number of the line at the top. It never passes the last line; Qt's own range
    does where the viewport is lower than one line."""

    def __init__(self, view: QPlainTextEdit) -> None:
        super().__init__(view)
        self._bar, self._document = view.verticalScrollBar(), view.document()
        view.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
        view.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._bar.installEventFilter(self)
        self._bar.rangeChanged.connect(self.limit)
        self._bar.valueChanged.connect(self.limit)  # a block that is laid out may have fewer lines than estimated
        self._document.documentLayout().documentSizeChanged.connect(self.limit)

    def limit(self) -> None:
        """End the bar at the last line. Call it after a change of font or width: Qt emits no change of the range where
        the new range equals the one that was limited here."""
        self._bar.setMaximum(min(self._bar.maximum(), self._document.lineCount() - 1))

    def eventFilter(self, _bar: QObject, event: QEvent) -> bool:
        return event.type() == QEvent.Type.Paint and self._bar.maximum() == 0


class Following(QObject):
    """Whether the view follows the end of the page: from when it stands there until the reader scrolls away.

    changed carries whether it follows the end now. room_lines: lines of room below the end; a view that shows all but
    those is at the end. end_missing: the document does not hold the page's end yet."""

    changed = Signal(bool)

    def __init__(self, bar: QScrollBar) -> None:
        super().__init__(bar)
        self._bar = bar
        self._active = True
        self._suspended = False
        self.room_lines = 0
        self.end_missing = False
        self._left_at: int | None = None  # the value of the bar when the reader turned away from the end
        bar.valueChanged.connect(self.update)

    @property
    def active(self) -> bool:
        return self._active

    @property
    def near_end(self) -> bool:
        """Whether to follow text that is written at the end: the view stands within two lines of the end, and the
        reader has not scrolled up."""
        return self._active or (self._left_at is None and self._distance() <= NEAR)

    @property
    def is_suspended(self) -> bool:
        """Whether movements of the bar come from a change of the text."""
        return self._suspended

    @contextmanager
    def suspended(self) -> Iterator[None]:
        """While the text changes, movements of the bar do not change whether the view follows the end."""
        before, self._suspended = self._suspended, True
        try:
            yield
        finally:
            self._suspended = before

    def scroll_to_end(self) -> None:
        """Scroll to the end, if the view follows it."""
        if not self._active or self.end_missing:
            return
        with self.suspended():
            for _ in range(_TRIES):
                if self._bar.value() >= self._bar.maximum():
                    return
                self._bar.setValue(self._bar.maximum())

    def start(self) -> None:
        """Follow the end from now on."""
        self._left_at = None
        if not self._active:
            self._active = True
            self.changed.emit(True)
        self.scroll_to_end()

    def stop(self) -> None:
        """Stop following, until the view is at the end again."""
        self._left_at = None
        if self._active:
            self._active = False
            self.changed.emit(False)

    def turn_away(self) -> None:
        """Stop following because the reader scrolls up, even near the end, until the reader scrolls down. Without that,
        every token would pull back a reader who scrolls by single lines."""
        self.stop()
        self._left_at = self._bar.value()

    def update(self) -> None:
        """Work out from the bar's value whether the view follows the end now."""
        if self._suspended:
            return
        if self._left_at is not None:
            if self._bar.value() <= self._left_at and self._bar.maximum() > 0:
                self._left_at = self._bar.value()
                return
            self._left_at = None
        if self._active != (self._distance() <= 0):
            self._active = not self._active
            self.changed.emit(self._active)

    def _distance(self) -> int:
        """Lines from the end of the page; more than the document has while it does not hold that end."""
        if self.end_missing:
            return self._bar.maximum() + NEAR + 1
        return self._bar.maximum() - self.room_lines - self._bar.value()


class FootRoom(QObject):
    """Room below the last line, so that the end of the page can be scrolled above what floats over the foot of the
    view. No text moves when the room changes: it shrinks once the view has left it, or text has filled it."""

    def __init__(self, layout: SpacedLayout, bar: QScrollBar, following: Following) -> None:
        super().__init__(bar)
        self._layout, self._bar, self._following = layout, bar, following
        self._needed = 0
        self._timer = QTimer(self, singleShot=True, interval=0)
        self._timer.timeout.connect(self.shrink)
        bar.valueChanged.connect(self._on_scrolled)

    def set_needed(self, pixels: int) -> None:
        """Set how many pixels at the foot of the view are covered now."""
        self._needed = pixels
        if pixels > self._layout.room:
            self._set(pixels)
        else:
            self.shrink()

    def shrink(self) -> None:
        """Remove room that is not needed, as far as no line moves: a line is at least as high as the pitch, so the
        range shrinks by no more lines than that."""
        excess = self._layout.room - self._needed
        spare = (self._bar.maximum() - self._bar.value()) * self._layout.pitch
        if excess > 0 and (spare > 0 or self._bar.maximum() == 0):
            self._set(self._layout.room - (min(excess, spare) if self._bar.maximum() else excess))

    def _set(self, room: float) -> None:
        self._following.room_lines = math.ceil(room / max(1.0, self._layout.pitch))
        with self._following.suspended():
            self._layout.set_room(room)

    def _on_scrolled(self) -> None:
        if self._layout.room > self._needed:
            self._timer.start()


@dataclass(slots=True)
class Covered:
    """How many pixels at the head and at the foot of a view are covered by what floats over it, as functions that are
    called whenever the answer matters."""

    head: Callable[[], int] = lambda: 0
    foot: Callable[[], int] = lambda: 0

    @property
    def any(self) -> bool:
        return bool(self.head() or self.foot())


def lay_out_view(view: QPlainTextEdit) -> None:
    """Lay out the blocks in view. A block that is not laid out counts as one line, so a view that seems to stand at the
    end may stand above it."""
    layout, height = view.document().documentLayout(), view.viewport().height()
    block, below = view.firstVisibleBlock(), view.contentOffset().y()
    while block.isValid() and below < height:
        below += layout.blockBoundingRect(block).height()
        block = block.next()
    layout.documentSizeChanged.emit(layout.documentSize())  # the bar counts again


def top_line(view: QPlainTextEdit) -> tuple[QTextBlock, int]:
    """The block at the top of the viewport and the number of its line there. The bar's value cannot tell: it counts
    lines that were laid out since only when the bar is next adjusted."""
    block = view.firstVisibleBlock()
    layout, above = block.layout(), -view.contentOffset().y()
    view.document().documentLayout().blockBoundingRect(block)  # lays it out, if it was not
    for number in range(layout.lineCount()):
        line = layout.lineAt(number)
        if line.y() + line.height() / 2 > above:
            return block, number
    return block, max(0, layout.lineCount() - 1)


class TopLine:
    """The line at the top of the viewport, held through a change of the text above it or around it."""

    def __init__(self, view: QPlainTextEdit) -> None:
        self._bar = view.verticalScrollBar()
        block, number = top_line(view)
        self._cursor = QTextCursor(block)
        if block.layout().lineCount():
            self._cursor.setPosition(line_start(block, number))

    @property
    def position(self) -> int:
        """The view position of its start."""
        return self._cursor.position()

    def restore(self) -> None:
        """Scroll so that the line is at the top again."""
        self._bar.setValue(line_number(self._cursor))


def line_number(cursor: QTextCursor) -> int:
    """The number, in the document, of the line that a cursor is in: the unit of the bar's value."""
    line = line_holding(cursor)
    return cursor.block().firstLineNumber() + (line.lineNumber() if line.isValid() else 0)
