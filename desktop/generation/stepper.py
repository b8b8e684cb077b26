"""Step mode: holds the tokens of the continuations back, and brings one after the other onto the page, its odds first,
then its draw. Several continuations take each step together: what is shown is the coin of the one on the page.

The model draws a few tokens ahead and then waits (requests.Allow), in one job: so it writes what it would write at full
speed. What is held back when the run ends is never on the page, and its draws are not used up.
"""

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from PySide6.QtCore import QObject, QTimer, Signal

from desktop.generation.generation_run import GenerationRun
from desktop.generation.held_tokens import HeldTokens
from desktop.generation.runs import Runs
from models.engine.events import Ended, Event, Failed, Sampled
from models.sampling.readings import Reading

AHEAD = 4  # tokens of a stream that the model draws before the one that is shown is on the page
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
        return self.rate == 0 or self.is_fork(reading)

    def is_fork(self, reading: Reading) -> bool:
        """Whether the choice of that token is more open than the bound."""
        return self.fork is not None and reading.entropy > self.fork


class Stepper(QObject):
    """Stands between the engine's events and the run. `coin_shown` carries the odds of the token that comes next, a
    Reading that is a look, and the Reading with its draw, or None before that. `paused_changed`: whether the token that
    is shown waits, or waited, to be asked for, and its bits of entropy where it waits because it is a fork, else 0.

    needle: milliseconds that the draw is shown where the pace does not say."""

    coin_shown = Signal(object, object)
    paused_changed = Signal(bool, float)

    def __init__(self, runs: Runs, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.pace, self.needle = Pace(), NEEDLE
        self.paused, self._fork = False, 0.0
        self._runs = runs
        self._held: defaultdict[int, HeldTokens] = defaultdict(HeldTokens)  # by stream
        self._ended: list[Ended] = []  # what the run gets behind them, of each stream
        self._stopped: set[int] = set()  # streams that are being stopped; what still comes of them is dropped
        self._used: dict[int, int] = {}  # by stream: its tokens in the context, those alone that the run has got
        self._before = 0  # tokens of the run that were on the page before the request
        self._fallen = False  # the draw is shown
        self._pauses_next = False
        self._dropping = False
        self._timer = QTimer(self, singleShot=True)
        self._timer.timeout.connect(self._timed)
        runs.asked.connect(self._asked)

    # -------------------------------------------------------------------------------------------- asked by the user

    def set_pace(self, pace: Pace) -> None:
        """Hold back at that pace from now on. What waits only because it was asked for one by one waits no more."""
        self.pace, self._pauses_next = pace, False
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
        for event in ended:  # the model was done with these already, and has no other end to tell
            self._runs.answer(self._cut_short(replace(event, reason="stopped")))

    def stop_stream(self, stream: int) -> None:
        """One of several continuations is being stopped: drop what is held back of it."""
        if self._run is not None and (self.pace.holds or self._holds):
            self._drop([stream])

    def clear(self) -> None:
        """Forget what is held back."""
        self._timer.stop()
        self._held.clear()
        self._stopped.clear()
        self._ended, self._fallen, self._pauses_next = [], False, False
        self._dropping = False
        self._set_paused(False)

    def page_changed(self) -> None:
        """The page was edited, or shows another branch: what is held back was to follow other text, but that of several
        continuations waits for the branch where it belongs."""
        run = self._run
        if run is None or not run.several or run.waiting:
            self.clear()
        elif self.pace.holds or self._holds:
            self._drop(run.cut)

    def _drop(self, streams: Iterable[int]) -> None:
        """Drop what is held back of streams that are being stopped, and let the model go far enough to end them."""
        self._stopped.update(streams)
        for stream in self._stopped:
            self._held.pop(stream, None)
        self._allow()
        self._show_next()

    # -------------------------------------------------------------------------------------------- the engine's events

    def sampled(self, events: Sequence[Sampled]) -> None:
        """Take tokens; the run gets them at their time."""
        run = self._run
        if run is None or not (self.pace.holds or self._holds):
            self._hand_over(events)
            return
        for event in events:
            if run.wants(event.job) and not self._dropping and event.stream not in self._stopped:
                self._held[event.stream].add(event)
        self._show_where_it_rests()

    def answer(self, event: Event) -> bool:
        """Take another event of the run. False where it is of something else."""
        run = self._run
        if run is not None and run.wants(getattr(event, "job", 0)):
            if isinstance(event, Ended):
                dropped = self._dropping or event.stream in self._stopped
                self._ended.append(self._cut_short(event) if dropped else event)
                self._end()
                self._show_where_it_rests()
                return True
            if isinstance(event, Failed):
                self._write(span for held in self._held.values() for span in held.take_all())
                self.clear()
        return self._runs.answer(event)

    @property
    def _run(self) -> GenerationRun | None:
        return self._runs.current

    @property
    def _holds(self) -> bool:
        return any(self._held.values())

    def _cut_short(self, event: Ended) -> Ended:
        """The end of a stream whose last tokens were dropped: the page's context has not got those."""
        return replace(event, used=self._used.get(event.stream, 0))

    def _asked(self) -> None:
        self.clear()
        self._used.clear()
        self._before = self._run.tokens if self._run else 0

    # -------------------------------------------------------------------------------------------- one token

    @property
    def _shown(self) -> int | None:
        """The stream on the page; None where another branch is."""
        run = self._run
        return run.shown.stream if run is not None and run.shown is not None else None

    @property
    def _leader(self) -> HeldTokens | None:
        """Of the stream whose next token says when all go on: the one on the page, where that still writes. None where
        none does, or its token is not there yet."""
        run, shown = self._run, self._shown
        if run is None:
            return None
        over = {*self._stopped, *run.ended, *(event.stream for event in self._ended)}
        if shown is not None and (self._held[shown] or shown not in over):
            return self._held[shown] or None
        return next((held for held in self._held.values() if held), None)

    def _show_next(self) -> None:
        """Show the odds of the next token, behind those that need not wait."""
        self._timer.stop()
        self._fallen = False
        while (leader := self._leader) and not self._waits(leader):
            self._write(span for held in self._held.values() for span in held.take())
        if not self.pace.holds:
            self._write(span for held in self._held.values() for span in held.take_all())
        if not leader:
            self._set_paused(False)
            self._end()
            return
        self._end()
        self._show_coin(None)
        pauses = self._pauses_next or self.pace.pauses_at(leader.reading)
        hesitates = self.pace.rate > 0 and not self._pauses_next and self.pace.is_fork(leader.reading)
        self._set_paused(pauses, leader.reading.entropy if hesitates else 0.0)
        if not pauses:
            self._timer.start(self.pace.half(self.needle))

    def _show_where_it_rests(self) -> None:
        """The same, unless one is shown already."""
        if self._holds and not (self._timer.isActive() or self.paused):
            self._show_next()

    def _show_coin(self, drawn: Reading | None) -> None:
        """Show the odds of the token that comes next on the page."""
        shown = self._shown
        if shown is not None and (held := self._held[shown]):
            self.coin_shown.emit(held.reading.before, drawn and held.reading)

    def _waits(self, leader: HeldTokens) -> bool:
        """Whether a token of the span has to be shown before it is written."""
        if not self.pace.holds:
            return False
        return self.pace.rate < math.inf or self._pauses_next or any(map(self.pace.pauses_at, leader.span))

    @property
    def healed(self) -> str:
        """The typed text that the token which is shown spells, too."""
        shown = self._shown
        return self._held[shown].healed if shown is not None else ""

    def _fall(self) -> None:
        """Show the draw."""
        leader = self._leader
        self._fallen = True
        self._show_coin(leader.reading if leader else None)
        self._timer.start(self.pace.half(self.needle))

    def _timed(self) -> None:
        if not self._fallen:
            self._fall()
            return
        self._write(span for held in self._held.values() for span in held.step())
        self._show_next()

    def _write(self, spans: Iterable[Sampled]) -> None:
        """Give the run these spans, which were held back."""
        if events := [*spans]:
            self._hand_over(events)
            self._allow()

    def _hand_over(self, events: Sequence[Sampled]) -> None:
        self._used.update((event.stream, event.used) for event in events)
        self._runs.sampled(events)

    def _allow(self) -> None:
        """Let the model draw on, AHEAD of what is on the page."""
        run = self._run
        if run is not None and not self._ended_whole:
            written = max(map(run.tokens_of, range(len(run.draws)))) - self._before
            run.allow(written + AHEAD + len(self._stopped) if self.pace.holds else None)

    @property
    def _ended_whole(self) -> bool:
        """Whether the model is done with the request."""
        return any(event.left == 0 for event in self._ended)

    def _end(self) -> None:
        """Let the streams end whose tokens are on the page; the last one that the model told ends the run."""
        done = [event for event in self._ended if not (self._held[event.stream] if event.left else self._holds)]
        self._ended = [event for event in self._ended if event not in done]
        for event in done:
            self._runs.answer(event)

    def _set_paused(self, paused: bool, fork: float = 0.0) -> None:
        if (paused, fork) != (self.paused, self._fork):
            self.paused, self._fork = paused, fork
            self.paused_changed.emit(paused, fork)
