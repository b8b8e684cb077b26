"""Step mode: holds the tokens of a single continuation back, and brings one after the other onto the page, its odds
first, then its draw.

The model draws a few tokens ahead and then waits (requests.Allow), in one job: so it writes what it would write at full
speed. What is held back when the run ends is never on the page, and its draws are not used up.
"""

import math
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, replace

from PySide6.QtCore import QObject, QTimer, Signal

from desktop.generation.generation_run import GenerationRun
from desktop.generation.runs import Runs
from models.engine.events import Ended, Event, Failed, Sampled
from models.sampling.readings import Reading

AHEAD = 4  # tokens that the model draws before the one that is shown is on the page
NEEDLE = 500  # milliseconds


@dataclass(frozen=True, slots=True)
class Pace:
    """How the tokens come. on: whether step mode is on. rate: tokens a second; 0: each when it is asked for, infinity:
    as fast as they come. fork: bits of entropy above which one waits to be asked for, None: none does."""

    on: bool = False
    rate: float = 0.0
    fork: float | None = None

    @property
    def holds(self) -> bool:
        """Whether any token may have to wait."""
        return self.on and (self.rate < math.inf or self.fork is not None)

    def half(self, needle: int) -> int:
        """Milliseconds that the odds are shown, and then the draw. needle: where the rate does not say."""
        return round(500 / self.rate) if 0 < self.rate < math.inf else needle

    def pauses_at(self, reading: Reading) -> bool:
        """Whether that token waits to be asked for."""
        return self.rate == 0 or (self.fork is not None and reading.entropy > self.fork)


class Stepper(QObject):
    """Stands between the engine's events and the run. `coin_shown` carries the odds of the token that comes next, a
    Reading that is a look, and the Reading with its draw, or None before that. `paused_changed`: whether the token that
    is shown waits, or waited, to be asked for.

    needle: milliseconds that the draw is shown where the pace does not say."""

    coin_shown = Signal(object, object)
    paused_changed = Signal(bool)

    def __init__(self, runs: Runs, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.pace, self.needle = Pace(), NEEDLE
        self.paused = False
        self._runs = runs
        self._held: deque[Sampled] = deque()  # each with a single span
        self._part = 0  # index of the reading that comes next, in the first of them
        self._ended: Ended | None = None  # what the run gets behind them
        self._before = 0  # tokens of the run that were on the page before the request
        self._fallen = False  # the draw is shown
        self._pauses_next = False
        self._dropping = False
        self._timer = QTimer(self, singleShot=True)
        self._timer.timeout.connect(self._timed)
        runs.asked.connect(self._asked)

    # -------------------------------------------------------------------------------------------- asked by the user

    def set_pace(self, pace: Pace) -> None:
        """Hold back at that pace from now on."""
        self.pace = pace
        self._runs.allowed = AHEAD if pace.holds else None
        if self._run is not None:
            self._run.allowed = self._runs.allowed
            self._allow()
            self._show_next()

    def go_on(self, pause_again: bool) -> None:
        """Show the draw of the token that waits; where it is shown already, write the token now. pause_again: the next
        one waits, too."""
        self._pauses_next = pause_again
        if self.paused:
            (self._timed if self._fallen else self._fall)()

    def stop(self) -> None:
        """The request is being stopped: drop what is held back and what still comes of it."""
        ended = self._ended
        self.clear()
        self._dropping = True
        if ended is not None:  # the model was done already, and has no other end to tell
            self._runs.answer(replace(ended, reason="stopped"))

    def clear(self) -> None:
        """Forget what is held back."""
        self._timer.stop()
        self._held.clear()
        self._part, self._ended, self._fallen, self._pauses_next = 0, None, False, False
        self._dropping = False
        self._set_paused(False)

    # -------------------------------------------------------------------------------------------- the engine's events

    def sampled(self, events: Sequence[Sampled]) -> None:
        """Take tokens; the run gets them at their time."""
        run = self._run
        if run is None or not (self.pace.holds or self._held):
            self._runs.sampled(events)
            return
        wanted = [event for event in events if run.wants(event.job) and not self._dropping]
        self._held.extend(replace(event, spans=(span,)) for event in wanted for span in event.spans)
        if not (self._timer.isActive() or self.paused):
            self._show_next()

    def answer(self, event: Event) -> bool:
        """Take another event of the run. False where it is of something else."""
        run = self._run
        if run is not None and run.wants(getattr(event, "job", 0)):
            if isinstance(event, Ended) and self._held:
                self._ended = event
                return True
            if isinstance(event, Failed):
                self._write(len(self._held))
                self.clear()
        return self._runs.answer(event)

    @property
    def _run(self) -> GenerationRun | None:
        """The run whose tokens may be held back."""
        run = self._runs.current
        return None if run is None or run.several else run

    def _asked(self) -> None:
        self.clear()
        self._before = self._run.tokens if self._run else 0

    # -------------------------------------------------------------------------------------------- one token

    def _show_next(self) -> None:
        """Show the odds of the next token, behind those that need not wait."""
        self._timer.stop()
        self._fallen = False
        free = 0
        while free < len(self._held) and not self._waits(self._held[free]):
            free += 1
        self._write(free)
        if not self._held:
            self._set_paused(False)
            self._end()
            return
        reading = self._reading
        self.coin_shown.emit(reading.before, None)
        pauses = self._pauses_next or self.pace.pauses_at(reading)
        self._set_paused(pauses)
        if not pauses:
            self._timer.start(self.pace.half(self.needle))

    def _waits(self, event: Sampled) -> bool:
        """Whether a token of the span has to be shown before it is written."""
        if not self.pace.holds:
            return False
        readings = event.spans[0].readings
        return self.pace.rate < math.inf or self._pauses_next or any(map(self.pace.pauses_at, readings))

    @property
    def healed(self) -> str:
        """The typed text that the token which comes next spells, too."""
        return self._held[0].spans[0].healed if self._held and not self._part else ""

    @property
    def _reading(self) -> Reading:
        return self._held[0].spans[0].readings[self._part]

    def _fall(self) -> None:
        """Show the draw."""
        reading = self._reading
        self._fallen = True
        self.coin_shown.emit(reading.before, reading)
        self._timer.start(self.pace.half(self.needle))

    def _timed(self) -> None:
        if not self._fallen:
            self._fall()
            return
        self._part += 1
        if self._part >= len(self._held[0].spans[0].readings):
            self._write(1)
        self._show_next()

    def _write(self, count: int) -> None:
        """Give the run that many of the spans that are held back."""
        if count:
            events = [self._held.popleft() for _ in range(count)]
            self._part = 0
            self._runs.sampled(events)
            self._allow()

    def _allow(self) -> None:
        """Let the model draw on, AHEAD of what is on the page."""
        run = self._run
        if run is not None and self._ended is None:
            run.allow(run.tokens - self._before + AHEAD if self.pace.holds else None)

    def _end(self) -> None:
        """Everything is on the page: the run may end."""
        if (ended := self._ended) is not None:
            self._ended = None
            self._runs.answer(ended)

    def _set_paused(self, paused: bool) -> None:
        if paused != self.paused:
            self.paused = paused
            self.paused_changed.emit(paused)
