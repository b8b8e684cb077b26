"""The view: shows one page, and where it stands in it. It holds no truth of its own.

What the page tells, it shows (`DocumentSync`). Whoever appends to the page, once a frame, makes it stream. A long text
comes into view at once and into the document slice by slice, one in each turn of the event loop; what is asked for
meanwhile is answered in page positions. Knows neither keys nor mouse, and changes nothing: that is the editor's.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum

from PySide6.QtCore import QEvent, QRect, QTimer, Signal
from PySide6.QtGui import QShowEvent, QTextCursor
from PySide6.QtWidgets import QWidget

from desktop.editor.caret import Caret
from desktop.editor.composing import Composition
from desktop.editor.document_sync import SLICE
from desktop.editor.long_paragraphs import LIMIT
from desktop.editor.rewrap import rebalance
from desktop.editor.scrolling import TopLine
from desktop.editor.text_surface import TextSurface
from desktop.page.edit import Change
from desktop.page.page import Page
from desktop.pagefile.values import View

_BURST = 40  # changes of the page in one turn of the event loop, each of which may cost half a millisecond here


@dataclass(frozen=True, slots=True)
class _Away:
    """The page changes faster than it can be shown. caret; top: what is to be at the top, and look: what is to be in
    view instead, when it is shown again."""

    caret: Caret
    top: int
    look: int | None = None

    def after(self, change: Change, inserted: int) -> int:
        """Where the top stands after a change."""
        top = Caret(self.top, self.top)
        if change.places is not None:
            return top.among(change.places).position
        return top.after(change.start, change.removed, inserted).position


class Below(Enum):
    """What the model does below what is in view."""

    NOTHING = ""
    WRITING = "writing"
    ENDED = "ended"  # there, and the reader has not been there since


class PageView(TextSurface):
    """Shows one page. Positions in signals and methods are the page's: UTF-16 units."""

    caret_moved = Signal(int)
    following_changed = Signal(bool)
    below_changed = Signal(object)  # Below: what the model does or did below what is in view

    _away: _Away | None = None  # here, since events come before __init__ ends

    def __init__(self, page: Page, parent: QWidget | None = None, limit: int = LIMIT, slice_: int = SLICE) -> None:
        super().__init__(page, parent, limit, slice_)
        self._composition = Composition(self, self.mirror)
        self._told = 0  # the caret's page position, as last told
        self._quiet = False
        self._writing = False  # the page changes by the hand of this widget, which shows the change already
        self._unchecked: tuple[int, int] | None = None  # the range of the view that may hold a block too long
        self._awaited: Caret | None = None  # where the caret is while the document does not hold that place
        self._changes = 0  # of the page, in this turn of the event loop
        self._to_restore: View | None = None  # until the view has a size
        self.covered: Callable[[], int] = lambda: 0  # pixels at the foot of the view, by what floats over it
        self.covered_above: Callable[[], int] = lambda: 0  # the same at its head
        self._written = False  # the model writes at the end
        self._ended = False  # it has, out of view
        self._below = Below.NOTHING  # as last told
        self._turn = QTimer(self, singleShot=True, interval=0)
        self._turn.timeout.connect(self._on_turn)
        self._soon.timeout.connect(self._check)
        self.cursorPositionChanged.connect(self._on_cursor_moved)
        self.verticalScrollBar().valueChanged.connect(self._on_scrolled)
        self._following.changed.connect(self.following_changed)
        self._following.changed.connect(self._tell_below)
        self.verticalScrollBar().valueChanged.connect(self._tell_below)
        page.listeners.append(self._on_page_change)
        if page.length:
            self._following.stop()  # it is read from its start
            self._open(0, Caret(0, 0))

    # ----------------------------------------------------------------------------------------------- asking and setting

    @property
    def following(self) -> bool:
        """Whether the view follows the end of the page."""
        return self._following.active

    @property
    def filling(self) -> bool:
        """Whether the document does not hold all of the page yet."""
        return self._away is not None or self.mirror.partial

    @property
    def behind(self) -> bool:
        """Whether the page changes faster than it is shown: the document waits for the event loop to turn."""
        return self._away is not None

    def fill(self) -> None:
        """Hold all of the page now, rather than in the next turns of the event loop."""
        self._come_back()
        while self.mirror.partial:
            self._fill()

    def page_position(self) -> int:
        """Where the caret is."""
        return self._caret().position

    def page_selection(self) -> tuple[int, int]:
        """Start and end of the selection; the same twice if nothing is selected."""
        caret = self._caret()
        return min(caret.anchor, caret.position), max(caret.anchor, caret.position)

    def set_caret(self, position: int) -> None:
        """Put the caret there and make it visible."""
        self._composition.finish()
        self._reach(position)
        cursor = self.textCursor()
        cursor.setPosition(self.mirror.breaks.view(position))
        self.setTextCursor(cursor)
        self.show_caret()

    def show_caret(self) -> None:
        """Scroll, if need be, so that the caret is in view, and not below what floats over the page."""
        self.ensureCursorVisible()
        above = self.covered_above() - self.cursorRect().top()
        if above > 0:
            lines = -(-above // max(1, round(self._spacing.pitch)))
            self.verticalScrollBar().setValue(self.verticalScrollBar().value() - lines)
        below = self.cursorRect().bottom() - (self.viewport().height() - self.covered())
        if below > 0:
            lines = -(-below // max(1, round(self._spacing.pitch)))
            self.verticalScrollBar().setValue(self.verticalScrollBar().value() + lines)

    def caret_place(self) -> QRect:
        """Where the caret is, in pixels of this widget."""
        return self.cursorRect().translated(self.viewport().pos())

    def selected_place(self) -> QRect:
        """Where the caret is and the other end of the selection, in pixels of this widget."""
        cursor = self.textCursor()
        cursor.setPosition(cursor.anchor())
        return self.caret_place() | self.cursorRect(cursor).translated(self.viewport().pos())

    def select(self, start: int, end: int) -> None:
        """Select [start, end) of the page, with the caret at its end, and make it visible."""
        self._composition.finish()
        self._reach(end)
        with self._quietly():
            self._place(Caret(start, end), after=False)
        self.show_caret()

    def selectAll(self) -> None:
        self._composition.finish()
        if self.filling:
            with self._quietly():
                self._place(Caret(0, self._page.length))
        else:
            super().selectAll()

    def finish_composing(self) -> None:
        """Commit what an input method composes at the caret."""
        self._composition.finish()

    def show_position(self, position: int) -> None:
        """Scroll, if need be, so that this position of the page is in view. The caret stays where it is."""
        self._reach(position)
        self._standing.show(position)

    def make_room(self, pixels: int) -> None:
        """So many are covered at the foot: the end of the page can be scrolled above them. No text moves by that."""
        self._foot.want(pixels)

    def follow(self) -> None:
        """Go to the end of the page and stay there while it grows."""
        self._reach(self._page.length)
        self._following.start()

    def show_writing(self, writing: bool, busy: bool = False) -> None:
        """Whether the model is writing at the end of the page: `below_changed` tells when that is out of view. busy: it
        does that, or something else."""
        self._ended = not busy and not writing and (self._ended or self._written)
        self._written = writing
        self._tell_below()

    def view_state(self) -> View:
        """Where the page is left now."""
        if self._to_restore is not None:
            return self._to_restore
        self._come_back()
        if self._soon.isActive():  # what is in view has not come to rest yet
            self._soon.stop()
            self._check()
        caret = self._caret()
        return View(caret.position, caret.anchor, self._standing.top, self._following.active)

    def restore_view(self, view: View) -> None:
        """Stand where the page was left. Before the widget has a size, it does so as soon as it has one."""
        self._composition.finish()
        self._to_restore = None if self.isVisible() else view
        length = self._page.length
        position, anchor, top = (min(max(0, place), length) for place in (view.caret, view.anchor, view.top))
        away, self._away = self._away, None  # what was not shown yet need not be shown from where it would have been
        with self._quietly(), self._following.held():
            start = length if view.following else top
            if away is not None or not self.mirror.breaks.holds(start):
                self.mirror.open_at(start)
            self._place(Caret(anchor, position))
            if view.following:
                self._note_missing()
                self._following.start()
            else:
                self._following.stop()
                self._standing.begin_line_at(top)
                self._standing.put(top)
                rebalance(self, self.mirror)
                self._standing.put(top)
        self.viewport().setUpdatesEnabled(True)
        self._go_on()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        view, self._to_restore = self._to_restore, None
        if view is not None:
            self.restore_view(view)

    # ------------------------------------------------------------------------------------------------- the page changed

    def _on_page_change(self, change: Change) -> None:
        if self._ended and change.cause not in ("generation", "read"):
            self._ended = False  # the writer goes on
            self._tell_below()
        if self._writing:
            return
        if change.cause in ("undo", "redo", "file", "switch"):
            self._composition.cancel()
        inserted = change.units
        at_end = change.start + inserted == self._page.length
        caret = self._caret_after(change, inserted)
        if change.cause == "generation" and at_end and not self._following.active and self._following.near:
            self._following.start()
        if change.places is not None:
            self._mark(self._marks.among(change.places))
        else:
            self._mark(self._marks.after(change.start, change.removed, inserted))
        if change.removed or inserted:
            if self._too_much(change, inserted):
                self._leave(change, caret, inserted)
            else:
                with self._quietly(), self._following.held():
                    self._show(change, caret, at_end)
        self._following.judge()
        if change.cause != "generation" or not at_end:
            self._soon.start()
            self.viewport().update()  # readings behind the change may hold no more, or hold again

    def _caret_after(self, change: Change, inserted: int) -> Caret:
        """Where the caret goes with a change of the page."""
        if change.cause in ("undo", "redo", "file") and (change.removed or inserted):
            place = 0 if change.cause == "file" else change.start + inserted
            return Caret(place, place)
        if change.places is not None:
            return self._caret().among(change.places)
        composing = self._composition.active  # it stays where it is being composed
        along = change.cause in ("generation", "switch") and not composing
        return self._caret().after(change.start, change.removed, inserted, along=along)

    def _show(self, change: Change, caret: Caret, at_end: bool) -> None:
        top = TopLine(self)
        first, last = self.mirror.show(change.start, change.removed, change.inserted)
        self.mirror.split_long(first, last)
        self._place(caret)
        self._note_missing()
        if change.cause in ("undo", "redo", "file"):
            self._reach(caret.position)
            self.show_caret()
        elif change.cause == "switch" and not self._following.active:
            self.show_position(change.start)
        elif at_end:
            self._foot.give_back()
            self._following.settle()
        elif first < top.position:
            top.restore()

    def _check(self) -> None:
        """Soon after a change or a scroll: split what grew too long, and put soft breaks where lines end."""
        if self._away is not None:
            return
        start, end = self._unchecked or (0, -1)
        self._unchecked = None
        if start > end and not len(self.mirror.breaks):
            return
        top = TopLine(self)
        with self._quietly(), self._following.held():
            caret = self._caret()
            if start <= end and self.mirror.mend_halves(start, min(end, self.mirror.length)):
                self._place(caret)
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
            with self._composition.aside():
                yield
        finally:
            self._quiet = before
        self._tell_caret()

    def _caret(self) -> Caret:
        if self._away is not None:
            return self._away.caret
        return self._awaited or Caret.of(self.textCursor(), self.mirror.breaks)

    def _place(self, caret: Caret, *, after: bool = True) -> None:
        """Put the caret where it belongs, if it is not there, or as near as the document allows. after: behind a soft
        break that stands just there, not before it."""
        cursor, breaks = self.textCursor(), self.mirror.breaks
        if Caret.of(cursor, breaks) != caret:
            cursor.setPosition(breaks.view(caret.anchor, after=caret.anchor <= caret.position))
            cursor.setPosition(breaks.view(caret.position, after=after), QTextCursor.MoveMode.KeepAnchor)
            self.setTextCursor(cursor)
        held = breaks.holds(caret.anchor) and breaks.holds(caret.position)
        self._awaited = None if held else caret

    def _on_cursor_moved(self) -> None:
        if not self._quiet:
            self._awaited = None  # by the user's hand
            self._composition.follow_caret()
        self._tell_caret()

    def _tell_caret(self) -> None:
        position = self.page_position()
        if not self._quiet and position != self._told:
            self._told = position
            self.caret_moved.emit(position)

    def _tell_below(self) -> None:
        self._ended = self._ended and not self._following.near
        far = self._written and not self._following.near
        below = Below.WRITING if far else Below.ENDED if self._ended else Below.NOTHING
        if below is not self._below:
            self._below = below
            self.below_changed.emit(below)

    def _on_scrolled(self) -> None:
        if len(self.mirror.breaks) and not self.mirror.changing:
            self._soon.start()

    # ------------------------------------------------------------------------------------------------ more than at once

    def _too_much(self, change: Change, inserted: int) -> bool:
        """Whether a change is not to be shown by itself: it is long, or many in one, or one of many. Those of a model
        come once a frame."""
        if change.cause != "generation":
            self._changes += 1
        long = change.long > 0 or inserted > self.mirror.slice or change.places is not None
        much = long or self._changes > _BURST or self._away is not None
        if (self._changes and not self._turn.isActive()) or much:
            self._turn.start()
        return much

    def _leave(self, change: Change, caret: Caret, inserted: int) -> None:
        """Show nothing of this change, nor of the next ones, until the event loop turns."""
        away = self._away or _Away(caret, self._standing.top)
        look = None
        if change.cause in ("undo", "redo", "file"):
            look = caret.position
        elif change.cause == "switch" and not self._following.active:
            look = change.start
        self._away = _Away(caret, away.after(change, inserted), look)
        self.viewport().setUpdatesEnabled(False)

    def _come_back(self) -> None:
        """Show the page as it is now."""
        away, self._away = self._away, None
        if away is None:
            return
        end = self._page.length
        with self._quietly(), self._following.held():
            at = end if self._following.active else away.top
            self._open(at if away.look is None else away.look, away.caret)
            if away.look is not None:
                self._standing.show(away.look)
            elif self._following.active:
                self._following.settle()
            else:
                self._standing.put(away.top)
        self._following.judge()
        self.viewport().setUpdatesEnabled(True)

    def _reach(self, position: int) -> None:
        """Have the document hold this place of the page."""
        self._come_back()
        if not self.mirror.breaks.holds(position):
            self._open(position, self._caret())

    def _open(self, position: int, caret: Caret) -> None:
        with self._quietly(), self._following.held():
            self.mirror.open_at(position)
            self._place(caret)
        self._go_on()

    def _on_turn(self) -> None:
        self._changes = 0
        self._come_back()
        if self.mirror.partial:
            self._fill()

    def _fill(self) -> None:
        """Take one more slice of the page into the document; nothing that is in view moves."""
        top = TopLine(self)
        with self._quietly(), self._following.held():
            caret = self._caret()
            self.mirror.fill()
            self._place(caret)
            if not self._following.active:
                top.restore()
        self._go_on()

    def _go_on(self) -> None:
        """After the document was opened or filled: the rest is for the next turn."""
        self._note_missing()
        self._following.settle()
        if self.isVisible():
            self._following.judge()
        if self.mirror.partial:
            self._turn.start()

    def _note_missing(self) -> None:
        self._following.more_comes = self.mirror.breaks.last < self._page.length

    def event(self, event: QEvent) -> bool:
        if self._away is not None:
            self._come_back()
        return super().event(event)

    def viewportEvent(self, event: QEvent) -> bool:
        if self._away is not None and event.type() != QEvent.Type.Paint:
            self._come_back()
        return super().viewportEvent(event)
