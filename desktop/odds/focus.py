"""Which token the odds panel shows: the pinned one, else the one under the mouse, else the newest while writing, else
the caret's.

A token stays pinned until it is released, the writer types or a generation begins. A look at the next token's odds is
shown until the page or the caret changes. Decides positions only, at most once a frame; reads the page, paints nothing.
"""

from collections.abc import Iterator

from PySide6.QtCore import QObject, QTimer, Signal

from desktop.odds.rows import OddsView, view_of_look, view_of_token
from desktop.page.edit import Change
from desktop.page.page import Page
from models.sampling.readings import Reading

FRAME = 16  # milliseconds


class Focus(QObject):
    """`view_changed` carries an OddsView, or None where nothing is known of the text there.

    `pinned_changed`: a position, or None.
    """

    view_changed = Signal(object)
    pinned_changed = Signal(object)

    def __init__(self, page: Page, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._page = page
        self._pinned: int | None = None
        self._hovered: int | None = None
        self._newest: int | None = None
        self._caret = 0
        self._look: Reading | None = None
        self._vocabulary = 0
        self._soon = QTimer(self, interval=FRAME, singleShot=True)
        self._soon.timeout.connect(self._show)
        page.listeners.append(self._page_changed)

    # -------------------------------------------------------------------------------------------- what happened

    def set_vocabulary(self, size: int) -> None:
        self._vocabulary = size
        self._soon.start()

    def hover(self, position: int | None) -> None:
        if position != self._hovered:
            self._hovered = position
            self._later()

    def pin(self, position: int) -> None:
        """Keep showing that token; none where nothing is known of the text there."""
        self._pin(self._start_of(position))

    def unpin(self) -> bool:
        """Show again what is pointed at. False where nothing was pinned."""
        pinned = self._pinned is not None
        self._pin(None)
        return pinned

    def toggle_pin(self) -> None:
        """Keep the token that is shown now, or release the one that is kept."""
        if self.unpin():
            return
        for position, why in self._places():
            if why == "look":
                return
            if (start := self._start_of(position)) is not None:
                self._pin(start)
                return

    def move_caret(self, position: int) -> None:
        if position != self._caret:
            self._caret, self._look = position, None
            self._later()

    def follow(self, position: int) -> None:
        """The newest token begins there; the model is writing."""
        self._newest, self._look = position, None
        self._later()

    def rest(self) -> None:
        """The model writes no more: the caret's token is shown again, or the newest where the caret knows none."""
        self._later()

    def show_look(self, reading: Reading) -> None:
        self._look = reading
        self._pin(None)
        self._later()

    # -------------------------------------------------------------------------------------------- what is shown

    def current(self) -> OddsView | None:
        """What the panel shows now."""
        for position, why in self._places():
            if why == "look" and self._look is not None:
                return view_of_look(self._look, self._vocabulary)
            if view := self._token(position, why):
                return view
        return None

    def _places(self) -> Iterator[tuple[int, str]]:
        """Where the token to be shown may stand, and why it is that one: the first of which something is known."""
        if self._pinned is not None:
            yield self._pinned, "pinned"
            return
        if self._hovered is not None:
            yield self._hovered, "hovering"
        if self._look is not None:
            yield -1, "look"
        elif self._page.generating and self._newest is not None:
            yield self._newest, "newest"
        else:
            yield self._caret - 1, "caret"  # the token behind which the caret stands
            yield self._caret, "caret"
            if self._newest is not None:
                yield self._newest, "newest"

    def _token(self, position: int, why: str) -> OddsView | None:
        if not 0 <= position < self._page.length:
            return None
        readings = self._page.readings_at(position)
        return view_of_token(readings, why, self._vocabulary) if readings else None

    def _start_of(self, position: int) -> int | None:
        readings = self._page.readings_at(position) if 0 <= position < self._page.length else ()
        return readings[0].start if readings else None

    def _pin(self, position: int | None) -> None:
        if position != self._pinned:
            self._pinned = position
            self.pinned_changed.emit(position)
            self._later()

    def _page_changed(self, change: Change) -> None:
        """Positions behind a change move with their text. A pinned token is released when it is touched, and when the
        writer goes on writing, wherever that is."""
        if not change.removed and not change.units:
            self._later()  # only readings came
            return
        if change.cause == "typing":
            self._pin(None)
        end = change.start + change.removed
        self._look = self._hovered = None
        moved = change.units - change.removed
        if self._pinned is not None:
            if change.start <= self._pinned < end:
                self._pin(None)
            elif self._pinned >= end:
                self._pin(self._pinned + moved)
        if self._newest is not None and self._newest >= change.start:
            self._newest = self._newest + moved if self._newest >= end else None
        self._later()

    def _later(self) -> None:
        if not self._soon.isActive():
            self._soon.start()

    def _show(self) -> None:
        self.view_changed.emit(self.current())
