"""Which token the odds panel shows: the held one (another is being chosen in its place), else the pinned one, else the
one under the mouse, else the newest while the model writes, else the one at the caret. Where the user puts the caret
elsewhere while the model writes, the one there is shown until the writer types, or other writing begins.

Where the caret is at the end of the page, the last token is shown, and a text that is asked about or put there comes
next, behind it. A token stays pinned until it is unpinned, the writer types or the token is changed. The odds of the
next token (a look) are shown until the page or the caret changes. A trial shows the odds of a token under other
settings, for a while. The view is made at most once a frame, and ten times a second where it only follows the model:
nobody reads numbers faster, and each view takes time from the model where cores are few.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from PySide6.QtCore import QObject, QTimer, Signal

from desktop.odds import choices
from desktop.odds.choices import Choice
from desktop.odds.read_again import ReadTwice, Recorded
from desktop.odds.rows import OddsView, calm, view_of_look, view_of_token
from desktop.page.choosing import Coin, Place, state_of
from desktop.page.edit import Change
from desktop.page.page import Page
from desktop.page.sources import Source
from desktop.page.token_reading import TokenReading
from models.library.machine import has_few_cores, logical_cores
from models.sampling.knobs import Sampling
from models.sampling.place_state import FRESH, PlaceState
from models.sampling.readings import Reading

FRAME = 16  # milliseconds
FOLLOWING = 100  # milliseconds between two views while the model writes and nothing else changes
SLOWLY = 300  # the same where cores are few (docs/performance.md)


@dataclass(frozen=True, slots=True)
class _Look:
    """The odds of the next token. position: of it, in UTF-16 units. source: of the reading. drawn: the token with its
    draw, where it is about to be written. state: what was recorded there. asked: the user has asked for it."""

    reading: Reading
    position: int
    source: Source
    drawn: Reading | None = None
    state: PlaceState = FRESH
    asked: bool = True


@dataclass(frozen=True, slots=True)
class Shown:
    """The token that the panel shows, or the odds of the next one. start, length: of its run of tokens in UTF-16 units,
    length 0 for a look. before: ids of the tokens that begin the character which this token goes on with."""

    reading: Reading
    source: Source
    start: int
    length: int = 0
    before: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class _Trial:
    """What other settings make of the odds at a place. model: its fingerprint."""

    place: Place
    reading: Reading
    sampling: Sampling
    model: str


@dataclass(frozen=True, slots=True)
class _ReadAgain:
    """The log-probability of the token at a place, as the model of that fingerprint read it again."""

    place: Place
    raw: float
    model: str


@dataclass(frozen=True, slots=True)
class _Held:
    """What goes on being shown: a position and why it is shown; a look has no position of its own. replaced: a text
    that is put there takes the place of the token, as the model was writing on behind it."""

    position: int
    why: str
    replaced: bool


class Focus(QObject):
    """`view_changed` carries an OddsView, or None where the text has no reading. `pinned_changed` carries the position
    of the pinned token in UTF-16 units, or None."""

    view_changed = Signal(object)
    pinned_changed = Signal(object)

    def __init__(
        self,
        page: Page,
        parent: QObject | None = None,
        clock: Callable[[], float] = time.monotonic,
        cores: Callable[[], int] = logical_cores,
    ) -> None:
        """clock: seconds. cores: how many this machine has."""
        super().__init__(parent)
        self._page = page
        self._clock = clock
        self._following = SLOWLY if has_few_cores(cores) else FOLLOWING
        self._shown_at = 0.0
        self._pinned: int | None = None
        self._hovered: int | None = None
        self._newest: int | None = None
        self._caret = 0
        self._away = False  # the user has put the caret elsewhere than where the model writes
        self._typed = False  # the caret is about to move behind what was typed
        self._look: _Look | None = None
        self._trial: _Trial | None = None
        self._again: _ReadAgain | None = None
        self._held: _Held | None = None
        self._vocabulary = 0
        self._frame_timer = QTimer(self, interval=FRAME, singleShot=True)
        self._frame_timer.timeout.connect(self._show)
        page.listeners.append(self._page_changed)

    # -------------------------------------------------------------------------------------------- what happened

    def set_vocabulary(self, size: int) -> None:
        self._vocabulary = size
        self._schedule()

    def hover(self, position: int | None) -> None:
        if position != self._hovered:
            self._hovered = position
            self._schedule()

    def pin(self, position: int) -> None:
        """Keep showing the token at that position; unpin where it has no reading."""
        self._pin(self._start_of(position))

    def unpin(self) -> bool:
        """Stop keeping a token. False where none was pinned."""
        pinned = self._pinned is not None
        self._pin(None)
        return pinned

    def toggle_pin(self) -> None:
        """Pin the token that is shown now, or unpin the pinned one."""
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
            self._schedule()

    def place_caret(self, position: int) -> None:
        """The user has put the caret there, where it is already, or has typed."""
        self._away = self._page.generating and not self._typed and position != self._page.generation_end
        self._typed = False
        self._schedule()

    def follow_new_writing(self) -> None:
        """The model begins to write: show its newest token."""
        self._away = False
        self.unpin()

    def follow(self, position: int) -> None:
        """Show the newest token, which begins at that position, while the model writes."""
        self._newest, self._look = position, None
        self._schedule_following()

    def stop_following(self) -> None:
        """The model has stopped writing: show the token at the caret again, or the newest where that has no reading."""
        self._schedule()

    def show_look(self, reading: Reading, position: int, source: Source) -> None:
        """Show the odds of the next token, at that position. source: of the reading."""
        self._look = _Look(reading, position, source)
        self._pin(None)
        self._schedule()

    def show_coin(self, reading: Reading, position: int, source: Source, drawn: Reading | None) -> None:
        """Show the odds of the token that is about to be written at that position, or its draw (None: not yet). source:
        of the reading."""
        state = PlaceState.of(reading, source.sampling)  # the text before the position is healed anew
        self._look = _Look(reading, position, source, drawn, state, asked=False)
        self._schedule()

    def show_trial(self, place: Place, reading: Reading, sampling: Sampling, model: str) -> None:
        """Show these odds, under that sampling, in the place of those that the token there has. Of a next token they
        become its odds. Does nothing where another token is shown now. model: the fingerprint of the one that gave
        them."""
        if self.place(place.part) != place:
            return
        if place.token is None and self._look is not None:
            source = replace(self._look.source, sampling=sampling)
            self._look = replace(self._look, reading=reading, source=source, asked=True)
        else:
            self._trial = _Trial(place, reading, sampling, model)
        self._schedule()

    def end_trial(self) -> None:
        """Show the token's own odds again."""
        if self._trial is not None:
            self._trial = None
            self._schedule()

    def show_again(self, place: Place, raw: float, model: str) -> None:
        """Show beside the probability of the token at a place that of now, where it differs. raw: its log-probability
        in nats. model: the fingerprint of the one that read it."""
        self._again = _ReadAgain(place, raw, model)
        self._schedule()

    def end_again(self) -> None:
        """Show it no more."""
        if self._again is not None:
            self._again = None
            self._schedule()

    def hold(self) -> None:
        """Go on showing what is shown now, until `release`, or until it is changed."""
        if self._held is None and (shown := self._at()):
            position, why = shown
            start = position if why == "look" else self._start_of(position) or 0
            self._held = _Held(start, why, self._page.generating)

    @property
    def holds(self) -> bool:
        """Whether a token, or the odds of the next one, is held."""
        return self._held is not None

    def release(self) -> None:
        """Show again what the mouse, the model or the caret is at."""
        if self._held is not None:
            self._held = None
            self._schedule()

    # -------------------------------------------------------------------------------------------- what is shown

    def current(self) -> OddsView | None:
        """The view that the panel shows; None where the text has no reading."""
        shown = self._at()
        return self._view(*shown) if shown else None

    @property
    def follows(self) -> bool:
        """Whether the newest token is shown because the model writes: another one is about to take its place."""
        return self._why() == "newest" and self._page.generating

    def choice(self, what: int | Reading, part: int = 0) -> Choice | None:
        """What that row of the view, or an extra flip there, stands for; None for no token. part: the view's, of those
        that spell one character."""
        for position, why in self._places():
            if why == "look" and (look := self._look) is not None:
                return choices.of_look(look.reading, look.position, look.source, what)
            if readings := self._readings(position):
                return choices.of_token(readings, min(part, len(readings) - 1), what)
        return None

    def coin(self, part: int = 0) -> Coin | None:
        """The coin of the place that is shown; None where the text has no reading. part: as in `choice`."""
        for position, why in self._places():
            if why == "look" and (look := self._look) is not None:
                return Coin(choices.next_place(look.position, look.source), look.reading, look.source)
            if readings := self._readings(position):
                return choices.coin_of(readings, min(part, len(readings) - 1))
        return None

    def shown(self, part: int = 0) -> Shown | None:
        """The token that is shown; None where there is none. part: as in `choice`."""
        for position, why in self._places():
            if why == "look" and (look := self._look) is not None:
                return Shown(look.reading, look.source, choices.next_place(look.position, look.source).start)
            if readings := self._readings(position):
                part = min(part, len(readings) - 1)
                one, before = readings[part], tuple(token.reading.token for token in readings[:part])
                return Shown(one.reading, one.source, one.start, one.length, before)
        return None

    def recorded(self) -> Recorded | None:
        """The odds of the token that is shown, or of the next one, as they were first computed: not a trial's. None
        where there are none, or they are outdated."""
        for position, why in self._places():
            if why == "look" and (look := self._look) is not None:
                return Recorded(look.reading, look.source, written=False)
            if readings := self._on_page(position):
                return _recorded(readings[0])
        return None

    def text_place(self, part: int = 0) -> Place:
        """Where a text goes that is asked about or put there: behind the page where the caret is at its end, else in
        the place of the token that is shown. part: as in `choice`."""
        pointed = self._why() in ("pinned", "hovering", "look") or (self._held is not None and self._held.replaced)
        if self._caret >= self._page.length and not pointed:
            return Place(self._page.length)
        return self.place(part)

    def place(self, part: int = 0) -> Place:
        """The place of the token that is shown; without one, the caret's. part: as in `choice`."""
        for position, why in self._places():
            if why == "look" and self._look is not None:
                return Place(self._look.position, state=self._look.state)
            if readings := self._on_page(position):
                part = min(part, len(readings) - 1)
                one = readings[part]
                return Place(one.start, part, one.reading.token, state=state_of(one.reading, one.source, part))
        return Place(min(self._caret, self._page.length))

    def sampling(self, part: int = 0) -> Sampling | None:
        """The sampling that the token which is shown, or the next one, was computed with: not a trial's. None where the
        text has no reading. part: as in `choice`."""
        for position, why in self._places():
            if why == "look" and self._look is not None:
                return self._look.source.sampling
            if readings := self._on_page(position):
                return readings[min(part, len(readings) - 1)].source.sampling
        return None

    def _places(self) -> Iterator[tuple[int, str]]:
        """(position, why) of the tokens that may be shown; the first one with a reading is."""
        if self._held is not None:
            yield self._held.position, self._held.why
        if self._pinned is not None:
            yield self._pinned, "pinned"
            return
        if self._hovered is not None:
            yield self._hovered, "hovering"
        if self._look is not None:
            yield -1, "look"
        elif self._page.generating and self._newest is not None and not self._away:
            yield self._newest, "newest"
        else:
            yield self._caret - 1, "caret"  # the token before the caret
            yield self._caret, "caret"
            if self._newest is not None:
                yield self._newest, "newest"

    def _at(self) -> tuple[int, str] | None:
        """(position, why) of the token that is shown; None where none is."""
        for position, why in self._places():
            if self._look if why == "look" else self._on_page(position):
                return position, why
        return None

    def _why(self) -> str:
        """Why the token in view is shown; empty where none is."""
        _, why = self._at() or (0, "")
        return why

    def _view(self, position: int, why: str) -> OddsView | None:
        if why == "look":
            return self._view_of_look(self._look) if self._look else None
        readings = self._on_page(position)
        tried, again = self._tried(readings), self._read_again(readings)
        return view_of_token(self._with_trial(readings), why, self._vocabulary, tried, again)

    def _read_again(self, readings: Sequence[TokenReading]) -> tuple[int, ReadTwice] | None:
        """Which of these readings was read again, by a trial or else, and what came of it; None where it does not
        differ."""
        trial, found = self._trial, self._again
        if trial is not None and self._tried(readings) is not None:
            found = _ReadAgain(trial.place, trial.reading.raw, trial.model)
        part = _part_of(found.place, readings) if found else None
        if found is None or part is None:
            return None
        recorded = _recorded(readings[part])
        twice = recorded and recorded.read_again(readings[part].reading.token, found.raw, found.model)
        return (part, twice) if twice else None

    def _view_of_look(self, look: _Look) -> OddsView:
        if look.asked:
            return view_of_look(look.reading, self._vocabulary, look.drawn)
        sampling = look.source.sampling
        return view_of_look(calm(look.reading, sampling), self._vocabulary, look.drawn and calm(look.drawn, sampling))

    def _readings(self, position: int) -> tuple[TokenReading, ...]:
        """Of the run there, with the trial in the place of the reading that it is about."""
        return self._with_trial(self._on_page(position))

    def _with_trial(self, readings: tuple[TokenReading, ...]) -> tuple[TokenReading, ...]:
        tried, trial = self._tried(readings), self._trial
        if tried is None or trial is None:
            return readings
        one = readings[tried]
        source = replace(one.source, sampling=trial.sampling)
        shown = replace(one, reading=replace(trial.reading, draw=one.reading.draw), source=source, stale=False)
        return (*readings[:tried], shown, *readings[tried + 1 :])

    def _tried(self, readings: Sequence[TokenReading]) -> int | None:
        """Which of these readings the trial is about."""
        return _part_of(self._trial.place, readings) if self._trial else None

    def _on_page(self, position: int) -> tuple[TokenReading, ...]:
        return self._page.readings_at(position) if 0 <= position < self._page.length else ()

    def _start_of(self, position: int) -> int | None:
        readings = self._readings(position)
        return readings[0].start if readings else None

    def _pin(self, position: int | None) -> None:
        if position != self._pinned:
            self._pinned = position
            self.pinned_changed.emit(position)
            self._schedule()

    def _page_changed(self, change: Change) -> None:
        """Move the positions after a change with their text. A pinned token is unpinned when it is changed, and when
        the writer types anywhere."""
        if not change.removed and not change.units:
            self._schedule()  # only readings came
            return
        self._drop_outdated(change.start)
        if change.cause == "typing":
            self._pin(None)
            self._typed = True
        end = change.start + change.removed
        self._look = self._hovered = None
        moved = change.units - change.removed
        if self._pinned is not None:
            if change.start <= self._pinned < end:
                self._pin(None)
            elif self._pinned >= end:
                self._pin(self._pinned + moved)
        if self._held is not None:
            held = self._held.position
            gone = self._held.why == "look" or change.start <= held < end
            self._held = None if gone else replace(self._held, position=held + moved if held >= end else held)
        if self._newest is not None and self._newest >= change.start:
            self._newest = self._newest + moved if self._newest >= end else None
        if change.cause == "generation":
            self._schedule_following()
        else:
            self._schedule()

    def _drop_outdated(self, start: int) -> None:
        """Drop what was read behind a text that has changed from there on."""
        if self._trial is not None and start <= self._trial.place.start:
            self._trial = None
        if self._again is not None and start <= self._again.place.start:
            self._again = None

    def _schedule(self) -> None:
        """Show the view in a frame."""
        if not self._frame_timer.isActive() or self._frame_timer.interval() != FRAME:
            self._frame_timer.start(FRAME)

    def _schedule_following(self) -> None:
        """Show the view in a frame, but not sooner than some time behind the last one."""
        if not self._frame_timer.isActive():
            waited = round(1e3 * (self._clock() - self._shown_at))
            self._frame_timer.start(max(FRAME, self._following - waited))

    def _show(self) -> None:
        self._typed = False
        self._shown_at = self._clock()
        self.view_changed.emit(self.current())


def _part_of(place: Place, readings: Sequence[TokenReading]) -> int | None:
    """Which of these readings, of one run, is of the token at that place."""
    if place.part >= len(readings) or readings[0].start != place.start:
        return None
    return place.part if readings[place.part].reading.token == place.token else None


def _recorded(one: TokenReading) -> Recorded | None:
    return None if one.stale else Recorded(one.reading, one.source, written=one.source.kind == "generated")
