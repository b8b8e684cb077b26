"""Brings the changes of a page into the document of a view.

A change is shown at once, but for one that is too long, or one of many in one turn of the event loop: those are
postponed and shown together when the event loop turns. A long page comes into view at once and into the document slice
by slice, one in each turn.
"""

from contextlib import nullcontext
from dataclasses import dataclass

from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QPlainTextEdit

from desktop.editor.caret import Caret
from desktop.editor.document_sync import DocumentSync
from desktop.editor.end_growth import repainting_end
from desktop.editor.page_caret import PageCaret
from desktop.editor.scroll_anchor import ScrollAnchor
from desktop.editor.scrolling import Following, FootRoom, TopLine
from desktop.page.edit import Change
from desktop.page.page import Page

_BURST = 40  # changes of the page in one turn of the event loop, each of which may cost half a millisecond here


@dataclass(frozen=True, slots=True)
class _Postponed:
    """Changes that are not shown yet. top: the page position that belongs at the top of the view. target: the position
    that is to be in view instead, or None."""

    top: int
    target: int | None = None

    def top_after(self, change: Change) -> int:
        top = Caret(self.top, self.top)
        if change.places is not None:
            return top.among(change.places).position
        return top.after(change.start, change.removed, change.units).position


class PageDisplay(QObject):
    """The part of one view that shows its page. Positions are the page's."""

    def __init__(
        self,
        view: QPlainTextEdit,
        page: Page,
        sync: DocumentSync,
        caret: PageCaret,
        following: Following,
        foot: FootRoom,
        anchor: ScrollAnchor,
    ) -> None:
        super().__init__(view)
        self._view = view
        self._page = page
        self._sync = sync
        self._caret = caret
        self._following = following
        self._foot = foot
        self._anchor = anchor
        self._postponed: _Postponed | None = None
        self._changes = 0  # of the page, in this turn of the event loop
        self._turn = QTimer(self, singleShot=True, interval=0)
        self._turn.timeout.connect(self._on_turn)

    @property
    def filling(self) -> bool:
        """Whether the document does not hold all of the page as it is now."""
        return self._sync.behind or self._sync.partial

    @property
    def behind(self) -> bool:
        """Whether changes are postponed."""
        return self._sync.behind

    def fill(self) -> None:
        """Hold all of the page now, rather than in the next turns of the event loop."""
        self.catch_up()
        while self._sync.partial:
            self._add_slice()

    def reach(self, position: int) -> None:
        """Hold the part of the page around this position."""
        self.catch_up()
        if not self._sync.breaks.holds(position):
            self.open_at(position)

    def open_at(self, position: int) -> None:
        """Hold the slice of the page around this position; the rest comes in the next turns of the event loop."""
        with self._caret.changing(), self._following.suspended():
            caret = self._caret.current()
            self._sync.open_at(position)
            self._caret.put(caret)
        self.fill_later()

    def fill_later(self) -> None:
        """After the document was opened or has grown: the rest comes in the next turns of the event loop."""
        self.note_end()
        self._following.scroll_to_end()
        if self._view.isVisible():
            self._following.update()
        if self._sync.partial:
            self._turn.start()

    def note_end(self) -> None:
        """Tell whether the document holds the end of the page, which is what the view may follow."""
        self._following.end_missing = self._sync.breaks.last < self._page.length

    # -------------------------------------------------------------------------------------------- a change of the page

    def show(self, change: Change, caret: Caret) -> None:
        """Show a change of the text, now or when the event loop turns. caret: where the caret is after it."""
        if self._is_too_much(change):
            self._postpone(change, caret)
            return
        with self._caret.changing(), self._following.suspended():
            at_end = change.start + change.units == self._page.length
            top = None if at_end else TopLine(self._view)
            inserted = self._page.text(change.start, change.start + change.units)
            grows = at_end and not change.removed and not self._following.end_missing
            with repainting_end(self._view) if grows else nullcontext():
                first, last = self._sync.show(change.start, change.removed, inserted)
            self._sync.document.split_long(first, last)
            self._caret.put(caret)
            self.note_end()
            self._scroll_after(change, caret, top, first)

    def _scroll_after(self, change: Change, caret: Caret, top: TopLine | None, first: int) -> None:
        """Scroll after a change, whose first unit the view shows at `first`. top: what was at the top; None behind a
        change that reaches the end of the page."""
        if change.cause in ("undo", "redo", "file"):
            self.reach(caret.position)
            self._caret.ensure_visible()
        elif change.cause == "switch" and not self._following.active:
            self.reveal(change.start)
        elif top is None:
            self._foot.shrink()
            self._following.scroll_to_end()
        elif first < top.position:
            top.restore()

    def reveal(self, position: int) -> None:
        """Scroll, if need be, so that this position is in view."""
        self.reach(position)
        self._anchor.reveal(position)

    # -------------------------------------------------------------------------------------------- postponed changes

    def _is_too_much(self, change: Change) -> bool:
        """Whether to postpone a change: it is long, or many in one, or one of many. A model's come once a frame."""
        if change.cause != "generation":
            self._changes += 1
        long = change.units > self._sync.slice or change.places is not None
        too_much = long or self._changes > _BURST or self._sync.behind
        if (self._changes and not self._turn.isActive()) or too_much:
            self._turn.start()
        return too_much

    def _postpone(self, change: Change, caret: Caret) -> None:
        """Show nothing of this change, nor of the next ones, until the event loop turns."""
        before = self._postponed or _Postponed(self._anchor.top)
        target = None
        if change.cause in ("undo", "redo", "file"):
            target = caret.position
        elif change.cause == "switch" and not self._following.active:
            target = change.start
        self._set_postponed(_Postponed(before.top_after(change), target))
        self._caret.postpone(caret)
        self._view.viewport().setUpdatesEnabled(False)

    def catch_up(self) -> None:
        """Show the changes that were postponed."""
        postponed, following = self._postponed, self._following
        if postponed is None:
            return
        self._set_postponed(None)
        with self._caret.changing(), following.suspended():
            top = self._page.length if following.active else postponed.top
            self.open_at(top if postponed.target is None else postponed.target)
            if postponed.target is not None:
                self._anchor.reveal(postponed.target)
            elif following.active:
                following.scroll_to_end()
            else:
                self._anchor.scroll_to(postponed.top)
        following.update()
        self._view.viewport().setUpdatesEnabled(True)

    def reopen_at(self, position: int) -> None:
        """Hold the part of the page around this position, without the place and the caret of postponed changes."""
        postponed = self._postponed is not None
        self._set_postponed(None)
        if postponed or not self._sync.breaks.holds(position):
            self._sync.open_at(position)
        self._view.viewport().setUpdatesEnabled(True)

    def _set_postponed(self, postponed: _Postponed | None) -> None:
        self._postponed = postponed
        self._sync.behind = postponed is not None

    # ------------------------------------------------------------------------------------------ turns of the event loop

    def _on_turn(self) -> None:
        self._changes = 0
        self.catch_up()
        if self._sync.partial:
            self._add_slice()

    def _add_slice(self) -> None:
        """Take one more slice of the page into the document; nothing that is in view moves."""
        top = TopLine(self._view)
        with self._caret.changing(), self._following.suspended():
            caret = self._caret.current()
            self._sync.add_slice()
            self._caret.put(caret)
            if not self._following.active:
                top.restore()
        self.fill_later()
