"""Readings that nobody asked for: of the writer's own text at the caret, and of what was typed, when the typing rests.

They yield to whatever the user asks, never start a child or load a model, and say nothing where they fail. The caret
goes before what was typed, the newest edit before older ones.
"""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QObject, QTimer, Signal

from desktop.generation.model_slot import ModelSlot
from desktop.generation.queries import Queries
from desktop.generation.query import PartScore
from desktop.generation.recipe import Recipe
from desktop.page import utf16
from desktop.page.edit import Change
from desktop.page.page import Page
from desktop.page.token_table import READ
from models.engine.events import Event, Scored

CARET_RESTS = 120  # milliseconds without a move after which the text at the caret is read
TYPING_RESTS = 1_000  # milliseconds without an edit after which what was typed is read
BEFORE, BEHIND = 24, 12  # units of text around the caret that are read
PART = 600  # units that one query reads
SLOWEST = 20.0  # tokens per second of a model that reads what was typed
MOST_EDITS = 64  # that are remembered
_BREAKS = " \n\t"

Range = tuple[int, int]


class Asides(QObject):
    """`reading_changed` carries whether the text at the caret is being read, and how much of it, 0 to 1.

    on: whether anything is read. speed: of the model, in tokens per second, 0 where it is not known yet; idle: whether
    the session has nothing to do; both are asked when they are wanted."""

    reading_changed = Signal(bool, float)

    def __init__(
        self,
        page: Page,
        slot: ModelSlot,
        *,
        idle: Callable[[], bool],
        speed: Callable[[], float],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.on = False
        self._recipe = Recipe()
        self.on_battery: Callable[[], bool] = lambda: False
        self._page, self._slot = page, slot
        self._idle, self._speed = idle, speed
        self._queries = Queries(slot, self)
        self._queries.evaluated.connect(lambda event: self._tell(event.done / max(event.total, 1)))
        self._queries.ended.connect(lambda _outcome: self._ended())
        self._queries.failed.connect(lambda _sentence: self._failed())
        self._caret = 0
        self._at_caret = False  # the query under way is about the caret
        self._part: Range | None = None  # of an edit, which the query under way reads
        self._edits: list[Range] = []  # not read yet, the newest last
        self._unable = False  # the child died, or had no memory: only what the user asks may start another
        self._caret_rests = self._timer(CARET_RESTS, self._read_caret)
        self._typing_rests = self._timer(TYPING_RESTS, self._typing_rested)
        page.listeners.append(self._page_changed)

    def _timer(self, milliseconds: int, then: Callable[[], None]) -> QTimer:
        timer = QTimer(self, interval=milliseconds, singleShot=True)
        timer.timeout.connect(then)
        return timer

    # -------------------------------------------------------------------------------------------- what happens

    def set_on(self, on: bool) -> None:
        """Set whether anything is read by itself."""
        self.on = on
        if not on:
            self.give_up()
            self._edits.clear()

    def set_top(self, top: int) -> None:
        """Set how many alternatives are stored with each token."""
        self._recipe = Recipe(top=top)

    def caret_moved(self, position: int) -> None:
        """The caret is there. The query about where it was is given up."""
        if position == self._caret:
            return
        self._caret = position
        if self._at_caret:
            self.give_up()
        self._caret_rests.start()

    def rest(self) -> None:
        """The session has nothing more to do, or another model is loaded: what was left is read."""
        if self._edits and not self._typing_rests.isActive():
            self._typing_rests.start()
        if not self._caret_rests.isActive():
            self._caret_rests.start()  # the caret may have moved while the session was busy

    def model_changed(self) -> None:
        """Another model is loaded, or another child runs it."""
        self._unable = False
        self.rest()

    def give_up(self) -> None:
        """Read nothing for now: something that the user asked comes first. An edit is read later."""
        self._queries.give_up()
        self._finish()

    def child_died(self) -> None:
        """Nothing is asked until a child runs again, which is not started from here."""
        self._queries.child_died()
        self._finish()
        self._unable = True

    def scored(self, events: Sequence[Scored]) -> None:
        """Put readings on the page."""
        self._queries.scored(events)

    def answer(self, event: Event) -> bool:
        """Handle an event. False where it is another event."""
        return self._queries.answer(event)

    def _page_changed(self, change: Change) -> None:
        if change.cause == "file":
            self._edits.clear()
            self.give_up()
        if not (change.units or change.removed):
            return
        if change.places is None:
            moved = ((change.after(start, along=False), change.after(end, along=False)) for start, end in self._edits)
            self._edits = [edit for edit in moved if edit[0] < edit[1]]
        else:
            self._edits.clear()
        if change.cause != "typing" or not self.on:
            return
        if self._queries.job:
            self.give_up()
        if change.units and change.places is None:
            self._note(change.start, change.start + change.units)
        self._typing_rests.start()

    def _note(self, start: int, end: int) -> None:
        """Remember an edit, joined with the newest one where they meet."""
        if self._edits and self._edits[-1][0] <= end and start <= self._edits[-1][1]:
            first, last = self._edits.pop()
            start, end = min(start, first), max(end, last)
        self._edits = [*self._edits[-MOST_EDITS:], (start, end)]

    # -------------------------------------------------------------------------------------------- what is read

    @property
    def _may(self) -> bool:
        return self.on and not self._unable and self._slot.model is not None and self._idle()

    @property
    def may_read_typing(self) -> bool:
        """Whether what was typed is read now: the model is fast enough, and the computer is not on battery."""
        return self._may and not 0 < self._speed() < SLOWEST and not self.on_battery()

    def _read_caret(self) -> None:
        """Read the text around the caret, where it has no readings."""
        if not self._may or self._typing_rests.isActive() or self._known(self._caret):
            return
        start = max(0, self._caret - BEFORE)
        end = min(self._page.length, self._caret + BEHIND)
        self._ask(word_start(self._page, start), end, at_caret=True)

    def _known(self, position: int) -> bool:
        """Whether a model wrote a token beside the position, or one there has a reading that still holds. On an empty
        page there is nothing to know, nor of its very first token."""
        start, end = max(0, position - 1), min(position + 1, self._page.length)
        rows = self._page.tokens(start, end)
        holds = (rows["kind"] != READ) | ~self._page.stale(rows)
        return start == end or position <= 1 or bool(holds.any())

    def _typing_rested(self) -> None:
        self._read_edit()
        if not self._queries.job:
            self._read_caret()

    def _read_edit(self) -> None:
        """Read the newest edit, or its first part."""
        if not self._edits or self._queries.job or not self.may_read_typing:
            return
        start, end = self._edits[-1]
        self._part = start, min(end, start + PART)
        self._ask(word_start(self._page, start), self._part[1], at_caret=False)

    def _ask(self, start: int, end: int, *, at_caret: bool) -> None:
        if start >= end:
            return
        self._queries.begin(PartScore(self._page, self._slot, self._recipe, start, end))
        self._at_caret = at_caret
        self._tell(0.0)

    def _ended(self) -> None:
        part = self._part
        if part is not None and self._edits and self._edits[-1][0] == part[0]:
            _, end = self._edits.pop()
            if part[1] < end:
                self._edits.append((part[1], end))
        self._finish()
        self._read_edit()

    def _failed(self) -> None:
        self._finish()
        self._unable = True

    def _finish(self) -> None:
        told, self._at_caret, self._part = self._at_caret, False, None
        if told:
            self.reading_changed.emit(False, 1.0)

    def _tell(self, fraction: float) -> None:
        if self._at_caret:
            self.reading_changed.emit(True, fraction)


def word_start(page: Page, position: int) -> int:
    """The start of the word at a position, at most BEFORE units before it: a token may begin there. With the blank in
    front of it."""
    first = max(0, position - BEFORE)
    text = page.text(first, position)
    found = max(text.rfind(sign) for sign in _BREAKS)
    return position if not text else first + utf16.unit_offset(text, max(found, 0))
