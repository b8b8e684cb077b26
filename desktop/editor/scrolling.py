"""Where the view stands: following the end of the page, and staying put while text above it changes."""

import math
from collections.abc import Iterator
from contextlib import contextmanager

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QTextBlock, QTextCursor
from PySide6.QtWidgets import QPlainTextEdit, QScrollBar

from desktop.editor.lines import line_holding, line_start
from desktop.editor.spacing import SpacedLayout

NEAR = 2  # lines above the end of the page at which the view still counts as being there
_TRIES = 5  # the range of the bar is an estimate until the last blocks are laid out, and grows when they are


class PageBar(QObject):
    """Sets up the scroll bar of an editor. The bar always takes its room and is blank while all of the page is in
    view: no line ends elsewhere because the bar comes or goes. Its value is the number of the line at the top; it
    never passes the last line, where Qt's own range ends when the viewport is lower than one line and where no block
    is."""

    def __init__(self, editor: QPlainTextEdit) -> None:
        super().__init__(editor)
        self._bar, self._document = editor.verticalScrollBar(), editor.document()
        editor.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
        editor.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._bar.installEventFilter(self)
        self._bar.rangeChanged.connect(self.limit)
        self._bar.valueChanged.connect(self.limit)  # where lines are laid out that turn out to be fewer
        self._document.documentLayout().documentSizeChanged.connect(self.limit)

    def limit(self) -> None:
        """Have the bar end at the last line. To be called where the looks have changed: Qt tells of no change of the
        range where it sets the very one that this made of the former."""
        self._bar.setMaximum(min(self._bar.maximum(), self._document.lineCount() - 1))

    def eventFilter(self, _bar: QObject, event: QEvent) -> bool:
        return event.type() == QEvent.Type.Paint and self._bar.maximum() == 0


class Following(QObject):
    """Whether the view follows the end: from the moment it stands there until somebody scrolls away."""

    changed = Signal(bool)

    def __init__(self, bar: QScrollBar) -> None:
        super().__init__(bar)
        self._bar = bar
        self._active = True
        self._held = False
        self.slack = 0  # lines of room below the end: who does not see them is at the end all the same
        self.more_comes = False  # the document does not hold the page's end yet: its own end is not the page's
        self._left_at: int | None = None  # the value of the bar when the reader turned away from the end
        bar.valueChanged.connect(self.judge)

    @property
    def active(self) -> bool:
        return self._active

    @property
    def near(self) -> bool:
        """Whether text that is written at the end is to be followed: the view stands within two lines of the end, and
        the reader is not on the way up."""
        return self._active or (self._left_at is None and self._distance() <= NEAR)

    @contextmanager
    def held(self) -> Iterator[None]:
        """While the text changes, the bar moves without anybody scrolling: that decides nothing."""
        before, self._held = self._held, True
        try:
            yield
        finally:
            self._held = before

    def settle(self) -> None:
        """Go to the end, if the view follows it."""
        if not self._active or self.more_comes:
            return
        with self.held():
            for _ in range(_TRIES):
                if self._bar.value() >= self._bar.maximum():
                    return
                self._bar.setValue(self._bar.maximum())

    def start(self) -> None:
        """Follow from now on."""
        self._left_at = None
        if not self._active:
            self._active = True
            self.changed.emit(True)
        self.settle()

    def stop(self) -> None:
        """Stay where the view is, until it comes to the end again."""
        self._left_at = None
        if self._active:
            self._active = False
            self.changed.emit(False)

    def turn_away(self) -> None:
        """The reader scrolls up: stay where the view is, however near to the end, until it moves down again. Else a
        finger that scrolls by single lines would be pulled back by every token."""
        self.stop()
        self._left_at = self._bar.value()

    def judge(self) -> None:
        """Look where the view stands now."""
        if self._held:
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
        """Lines from the end of the page; more than there are while the document does not hold that end."""
        if self.more_comes:
            return self._bar.maximum() + NEAR + 1
        return self._bar.maximum() - self.slack - self._bar.value()


class FootRoom(QObject):
    """Room below the last line, so that the end of the page can be scrolled above what floats over the foot of the
    view. No text moves when it comes or goes: what is not wanted any more goes when the view has left it, or when text
    has filled it."""

    def __init__(self, layout: SpacedLayout, bar: QScrollBar, following: Following) -> None:
        super().__init__(bar)
        self._layout, self._bar, self._following = layout, bar, following
        self._wanted = 0
        self._soon = QTimer(self, singleShot=True, interval=0)
        self._soon.timeout.connect(self.give_back)
        bar.valueChanged.connect(self._on_scrolled)

    def want(self, pixels: int) -> None:
        """So many are covered now."""
        self._wanted = pixels
        if pixels > self._layout.room:
            self._set(pixels)
        else:
            self.give_back()

    def give_back(self) -> None:
        """Take away what is not wanted, as far as no line moves: a line is at least as high as the pitch, so the range
        shrinks by no more lines than that."""
        excess = self._layout.room - self._wanted
        spare = (self._bar.maximum() - self._bar.value()) * self._layout.pitch
        if excess > 0 and (spare > 0 or self._bar.maximum() == 0):
            self._set(self._layout.room - (min(excess, spare) if self._bar.maximum() else excess))

    def _set(self, room: float) -> None:
        self._following.slack = math.ceil(room / max(1.0, self._layout.pitch))
        with self._following.held():
            self._layout.set_room(room)

    def _on_scrolled(self) -> None:
        if self._layout.room > self._wanted:
            self._soon.start()


def lay_out_view(editor: QPlainTextEdit) -> None:
    """Lay out the blocks in view that are not: until then each counts as one line, and a view that seems to stand at
    the end may stand above it."""
    layout, height = editor.document().documentLayout(), editor.viewport().height()
    block, below = editor.firstVisibleBlock(), editor.contentOffset().y()
    while block.isValid() and below < height:
        below += layout.blockBoundingRect(block).height()
        block = block.next()
    layout.documentSizeChanged.emit(layout.documentSize())  # the bar counts anew


def top_line(editor: QPlainTextEdit) -> tuple[QTextBlock, int]:
    """The block at the top of the viewport and the number of its line there. Not by the bar's value, which counts lines
    that were laid out since only when the bar is next adjusted."""
    block = editor.firstVisibleBlock()
    layout, above = block.layout(), -editor.contentOffset().y()
    editor.document().documentLayout().blockBoundingRect(block)  # lays it out, if it was not
    for number in range(layout.lineCount()):
        line = layout.lineAt(number)
        if line.y() + line.height() / 2 > above:
            return block, number
    return block, max(0, layout.lineCount() - 1)


class TopLine:
    """The line at the top of the viewport, held through a change of the text above it or around it."""

    def __init__(self, editor: QPlainTextEdit) -> None:
        self._bar = editor.verticalScrollBar()
        block, number = top_line(editor)
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
    """The number, in the document, of the line that a cursor is in: what the bar counts."""
    line = line_holding(cursor)
    return cursor.block().firstLineNumber() + (line.lineNumber() if line.isValid() else 0)
