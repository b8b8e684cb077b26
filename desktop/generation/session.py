"""The session: what the user asks of the model becomes a run or a query, and the engine's answers become text on the
page and a state to show.

Each answer goes to the part that asked: the slot (a load), the run (text) or the query (a look or a score). Answers to
any other job are dropped. No widgets.
"""

import time
from collections.abc import Callable
from dataclasses import replace
from itertools import groupby

from PySide6.QtCore import QObject, QTimer, Signal

from desktop.generation import end_reason
from desktop.generation.context_gauge import ContextGauge
from desktop.generation.context_use import ContextUse
from desktop.generation.event_pump import EventPump
from desktop.generation.generation_run import RESUME_AFTER
from desktop.generation.model_slot import ModelSlot
from desktop.generation.queries import Queries
from desktop.generation.query import Look, Query, Score
from desktop.generation.recipe import Recipe
from desktop.generation.runs import Runs
from desktop.generation.sent_prefix import Version, version_of
from desktop.generation.side_queries import SideQueries
from desktop.generation.state import NO_MODEL, Phase, SessionState
from desktop.generation.stepper import Stepper
from desktop.page.choosing import Chosen, Place
from desktop.page.edit import Change
from desktop.page.page import Page
from models.engine.events import Died, Ended, Evaluated, Event, ModelFacts, Sampled, Scored, Started
from models.library.load_options import LoadOptions
from models.sampling.readings import Reading
from resources.language import tr

SHOW_NUMBERS_AFTER = 250  # milliseconds between two signals where only numbers changed that change with every token
HUNG_AFTER = 5_000  # milliseconds that a stop may take before the child is ended
_NO_OUTCOME = "", (0, 0)


class Session(QObject):
    """`state_changed` carries the SessionState; `message` a sentence for the user."""

    state_changed = Signal(object)
    token_appended = Signal(int)  # page position where the newest token begins
    edge_moved = Signal(int, int)  # edge, kept: the model sees nothing of the page between kept and edge
    looked = Signal(object, int, object)  # Reading of the next token, its page position, and the reading's Source
    coin_shown = Signal(object, int, object, object)  # as looked, and the Reading with its draw, None before that
    model_changed = Signal(object)  # ModelFacts, or None
    message = Signal(str)
    refused = Signal(str)  # why a request about the page's text, as it is now, could not be done
    began = Signal()  # a generation was asked for; not emitted where it goes on behind an edit
    ended = Signal(object)  # Ended, of a generation
    text_ended = Signal(int)  # page position where the model ended the text

    def __init__(
        self,
        page: Page,
        pump: EventPump,
        *,
        chance: Callable[[], int],
        clock: Callable[[], float] = time.monotonic,
        resume_after: int = RESUME_AFTER,
        hung_after: int = HUNG_AFTER,
        parent: QObject | None = None,
    ) -> None:
        """chance: a seed where none is chosen. clock: seconds. resume_after, hung_after: milliseconds."""
        super().__init__(parent)
        self.page = page
        self.state = SessionState()
        self._pump = pump
        self._slot = self._make_slot()
        self._gauge = ContextGauge(page, self._slot, self)
        self._runs = Runs(
            page, self._slot, self._gauge, chance=chance, clock=clock, resume_after=resume_after, parent=self
        )
        self.steps = Stepper(self._runs, self)
        self._queries = Queries(self._slot, self)
        self.beside = SideQueries(
            page,
            self._slot,
            idle=lambda: self.state.phase is Phase.READY,
            paused=lambda: self.state.paused,
            speed=lambda: self.state.speed or self.state.reading_speed,
            parent=self,
        )
        self._connect()
        self._outcome: tuple[str, Version] = _NO_OUTCOME  # the last one, and the page that it is about
        self._hung = self._timer(hung_after, self._slot.engine.kill)  # the next request starts another child
        self._numbers = self._timer(SHOW_NUMBERS_AFTER, self._emit_state)
        pump.arrived.connect(self._receive)
        page.listeners.append(self._page_changed)

    def _make_slot(self) -> ModelSlot:
        slot = ModelSlot(self._pump.engine, self)
        slot.message.connect(self.message)
        slot.progressed.connect(lambda fraction: self._set(fraction=fraction))
        slot.loaded.connect(self._loaded)
        slot.moved.connect(self._moved)
        slot.load_ended.connect(self._load_ended)
        return slot

    def _connect(self) -> None:
        runs, queries = self._runs, self._queries
        self._gauge.counted.connect(self._counted)
        self._gauge.edge_moved.connect(self.edge_moved)
        runs.asked.connect(self._run_asked)
        runs.foretold.connect(self.message)
        runs.written.connect(self._written)
        runs.shown_grew.connect(lambda: self.token_appended.emit(max((self.page.generation_end or 0) - 1, 0)))
        runs.ended.connect(self._run_ended)
        runs.text_ended.connect(self.text_ended)
        runs.failed.connect(self._run_failed)
        self.steps.coin_shown.connect(self._coin_shown)
        self.steps.paused_changed.connect(lambda paused, fork: self._set(paused=paused, fork=fork))
        queries.started.connect(self._query_started)
        queries.looked.connect(self._looked)
        queries.ended.connect(self._query_ended)
        queries.failed.connect(self._query_failed)
        self.beside.busy_changed.connect(self._pace)
        for part in (runs, queries):
            part.evaluated.connect(self._reading)

    def _timer(self, milliseconds: int, then: Callable[[], None]) -> QTimer:
        timer = QTimer(self, interval=milliseconds, singleShot=True)
        timer.timeout.connect(then)
        return timer

    @property
    def tokens(self) -> int:
        """Tokens that the generation under way has written."""
        return self._runs.current.tokens if self._runs.current else 0

    # -------------------------------------------------------------------------------------------- asked by the user

    def open_model(self, path: str, options: LoadOptions, mapped: int = 0) -> None:
        """Load that file in place of whatever is loaded. A generation under way is stopped first. mapped: bytes of the
        weights of a model beside it."""
        self._finish()
        self._slot.load(path, options, mapped)
        self._set(phase=Phase.LOADING, fraction=0.0, loading=path, outcome="")

    def unload(self) -> None:
        """Close the model, which frees its memory: `model_changed` carries None once it is free. What runs is given
        up."""
        self._finish()
        if self._slot.unload():
            self._set(phase=Phase.STOPPING)
        else:
            self._show_former_model()

    def write(self, recipe: Recipe, at: int | None = None, streams: int = 1) -> None:
        """Write on at a position of the page, by default its end; the text behind is not seen by the model. A single
        continuation is put before that text; of several, each is a branch beside it. In step mode a token that waits is
        written, and what comes behind it."""
        if self.state.paused:
            self.steps.go_on(pause_again=False)
        elif self._ready():
            self._begin(lambda: self._runs.write(recipe, at, streams, self.state.dropped), streams)

    def step(self, recipe: Recipe) -> None:
        """Write exactly one token; in step mode, the one that waits."""
        if self.state.paused:
            self.steps.go_on(pause_again=True)
        else:
            self.write(replace(recipe, length=1))

    def again(self, recipe: Recipe, streams: int = 1) -> None:
        """Write the last continuation again, as often as there are streams, with the next takes. The one that is
        replaced stays as a branch."""
        if self.state.model is None:
            self._ask_for_model()
            return
        if self.state.phase is Phase.LOADING:
            return
        self._finish()
        if self.page.last_generation() is None:
            self.write(recipe, streams=streams)
        else:
            self._begin(lambda: self._runs.again(recipe, streams, self.state.dropped), streams)

    def choose(self, recipe: Recipe, place: Place, what: Chosen | str, write_on: bool) -> int | None:
        """Put a token or text at a place of the page; what stood there stays as a branch. write_on: the model goes on
        behind it. What runs is given up, of several continuations all: the choice is on the branch that is shown.
        Returns the position behind it; None where nothing was put there."""
        run = self._runs.current
        others = run is not None and run.writes_others
        self._finish()
        if goes_on := write_on and self._ready():
            begun = self._begin(lambda: self._runs.choose(recipe, place, what, self.state.dropped), 1)
            end = self.page.generation_end if begun else None
            if end and isinstance(what, Chosen):  # the newest token until the model has written one
                self.token_appended.emit(end - 1)
        else:
            end = self.page.choose(place, what)
        if end is None:
            self.refused.emit(tr("The text there has changed: choose again."))
        elif not goes_on:
            why = end_reason.CHOSEN if run is not None and not others else ""
            self._conclude(end_reason.branched(why, place.token is not None, others))
        elif others and self._runs.current is not None:
            self._runs.current.others_stopped = True
            self.message.emit(f"{end_reason.OTHERS_STOPPED}.")  # the status bar says that the model writes
        return end

    def look(self, recipe: Recipe, at: int | None = None) -> None:
        """Ask for the odds of the next token at a position of the page, by default its end. A look or score that is
        under way is given up."""
        if not (self._queries.job or self._runs.current) and not self._ready():
            return
        if at is None and self._runs.current is None:
            self._gauge.n_keep = recipe.n_keep
            self._set(n_keep=recipe.n_keep)
        self._await(Look(self.page, self._slot, recipe, at))

    def score(self, recipe: Recipe) -> None:
        """Ask for the odds of every token on the page, the writer's own text included: of as many at its end as the
        context holds."""
        if self._ready():
            self._await(Score(self.page, self._slot, recipe))

    def stop(self) -> None:
        """Stop whatever runs. What was written stays; a load is given up."""
        run = self._runs.current
        if run is not None and run.waiting:
            self._finish()
        elif self.state.phase is not Phase.STOPPING and (job := self._slot.job or self._runs.job or self._queries.job):
            self._slot.engine.stop(job)
            self._hung.start()
            if self.state.phase is not Phase.LOADING:
                self._set(phase=Phase.STOPPING)
            self.steps.stop()

    def stop_stream(self, stream: int) -> None:
        """Stop one of several continuations; the others go on."""
        if self._runs.current is not None:
            self._runs.current.stop(stream)
            self.steps.stop_stream(stream)

    def close(self) -> None:
        """Give up whatever runs: the window closes, or another page comes."""
        self._finish()

    def undo(self) -> Change | None:
        """Take the newest step back, of the writer or the model. Returns the change behind which the caret belongs."""
        if self.page.undo_stops_generation:
            awaiting = self.page.awaiting
            self._finish(end_reason.undone())
            change = None if awaiting else self.page.undo()  # without a first token, there is nothing else to undo
            self._conclude(end_reason.undone())
            return change
        change = self.page.undo()
        self._emit_state()  # the last operations, which remove a fork, change no text that the page would tell of
        return change

    def redo(self) -> Change | None:
        """Do again what was last undone. Returns the change behind which the caret belongs."""
        writing = self._runs.current is not None
        self._finish()
        change = self.page.redo()
        if writing:
            self._conclude(self._outcome[0])
        return change

    def previous(self) -> None:
        """Show the branch before the one that is shown. Several continuations are written on meanwhile."""
        self._switch(self.page.previous_branch)

    def next(self) -> None:
        """Show the branch behind the one that is shown. Several continuations are written on meanwhile."""
        self._switch(self.page.next_branch)

    # -------------------------------------------------------------------------------------------- runs and queries

    def _ready(self) -> bool:
        if self.state.model is None and self.state.phase is not Phase.LOADING:
            self._ask_for_model()
        return self.state.phase is Phase.READY

    def _ask_for_model(self) -> None:
        self.message.emit(NO_MODEL)

    def _await(self, query: Query) -> None:
        self.beside.give_up()
        self._queries.begin(query)
        if self._runs.current is None:
            self._set(phase=Phase.READING, fraction=0.0, outcome="")

    def _begin(self, ask: Callable[[], object], streams: int) -> bool:
        self.beside.give_up()
        self._set(speed=0.0, outcome="", streams=streams, written=0)
        begun = ask() is not False
        if begun:
            self.began.emit()
        return begun

    def _pace(self) -> None:
        """Take events once a frame while something is under way that someone waits for."""
        writes = self.state.busy and not self.state.paused
        self._pump.set_busy(writes or self.beside.busy, writes)

    def _run_asked(self) -> None:
        run = self._runs.current
        assert run is not None
        self._gauge.n_keep = run.recipe.n_keep
        self._set(phase=Phase.READING, fraction=0.0, n_keep=run.recipe.n_keep)

    def _finish(self, why: str = "") -> None:
        """Give up the run and the query under way; what still arrives of them is dropped. why: the outcome of a run,
        where it is not that the user stopped it."""
        self._hung.stop()
        self._queries.give_up()
        self.beside.give_up()
        self.steps.clear()
        if outcome := self._runs.give_up():
            self._conclude(why or outcome, phase=Phase.READY)
        if self.state.writing:
            self._set(phase=Phase.READY)

    def _switch(self, show: Callable[[], object]) -> None:
        """Show another branch. What cannot go on hidden is given up."""
        run = self._runs.current
        if run is not None and run.several and not self.page.awaiting:
            show()
            return
        self._finish()
        show()
        if run is not None:
            self._set(outcome=self._outcome[0])  # it is about the branch that was left, and is shown there again

    def _conclude(self, why: str, **changes: object) -> None:
        """Show that outcome until something else begins, as long as the page is the one that it is about."""
        self._outcome = why, version_of(self.page)
        self._set(outcome=why, **changes)
        self._gauge.count()  # of the whole page again, where the model wrote in its middle

    def _page_changed(self, change: Change) -> None:
        """An edit while the model writes interrupts the run."""
        if change.cause == "generation" and self._runs.current is not None:
            return
        self._gauge.page_changed(change)
        if change.cause == "read":
            return
        if change.cause == "file":  # what the model did on the page before does not concern this one
            self._outcome = _NO_OUTCOME
            self._set(speed=0.0)
        if self._runs.current is None and (change.cause != "typing" or not self.page.length):
            sentence, about = self._outcome
            self._set(outcome=sentence if sentence and about == version_of(self.page) else "")
        self._runs.page_changed()
        self.steps.page_changed()
        run = self._runs.current
        if self.state.phase is Phase.STOPPING and run is not None and run.waiting:
            self._finish()  # what was stopped does not go on behind the edit

    # -------------------------------------------------------------------------------------------- answers

    def _receive(self, events: tuple[Event, ...]) -> None:
        """Take the events in order. Tokens that come one after the other are one change of the page, and so are
        readings."""
        for kind, group in groupby(events, type):
            if kind is Sampled:
                self.steps.sampled([event for event in group if isinstance(event, Sampled)])
            elif kind is Scored:
                scored = [event for event in group if isinstance(event, Scored)]
                self._queries.scored(scored)
                self.beside.scored(scored)
            else:
                for event in group:
                    self._answer(event)

    def _answer(self, event: Event) -> None:
        if isinstance(event, Died):
            self._died(event.sentence)
        else:
            any(part.answer(event) for part in (self._slot, self.steps, self._queries, self.beside))

    def _written(self) -> None:
        run = self._runs.current
        assert run is not None
        phase = Phase.STOPPING if self.state.phase is Phase.STOPPING else Phase.WRITING
        cost, measured = run.grammar_cost, run.recipe.sampling.grammar
        speed = run.speed or self.state.speed
        self._set(phase=phase, speed=speed, written=run.tokens, grammar=cost, measured=measured)

    def _coin_shown(self, odds: Reading, drawn: Reading | None) -> None:
        """In step mode: the coin of the next token, before it is written."""
        run = self._runs.current
        assert run is not None
        if self.state.phase is Phase.READING:
            self._set(phase=Phase.WRITING)
        stream = run.shown.stream if run.shown else 0
        source = replace(run.sources(self.state.dropped)[stream], healed=self.steps.healed)
        self.coin_shown.emit(odds, self.page.generation_end or self.page.length, source, drawn)

    def _query_started(self, query: Query, event: Started) -> None:
        if query.sees_like_writing and self._runs.current is None:
            self._gauge.started(query.prefix, event)

    def _looked(self, query: Look, reading: Reading) -> None:
        sampling, n_keep = query.recipe.sampling, query.recipe.n_keep
        source = self._slot.source("read", query.left_out, sampling, n_keep=n_keep)
        source = replace(source, healed=query.healed)
        self.looked.emit(reading, query.position, source)

    def _reading(self, event: Evaluated) -> None:
        """The model reads the page, or what the window holds after it slid."""
        phase = Phase.READING if self.state.phase is Phase.WRITING else self.state.phase
        speed = event.read / event.seconds if event.read and event.seconds else self.state.reading_speed
        self._set(phase=phase, fraction=event.done / max(event.total, 1), reading_speed=speed)

    def _run_ended(self, event: Ended, why: str) -> None:
        self._hung.stop()
        self._conclude(why, phase=Phase.READY)
        if event.reason == "failed" and event.sentence:
            self.refused.emit(event.sentence)
        self.ended.emit(event)

    def _query_ended(self, why: str) -> None:
        if self._runs.current is None:
            self._hung.stop()
            self._conclude(why, phase=Phase.READY)

    def _run_failed(self, why: str, sentence: str) -> None:
        """The request could not be done; the child lives."""
        self._hung.stop()
        self._conclude(why, phase=Phase.READY)
        self.refused.emit(sentence)

    def _query_failed(self, sentence: str) -> None:
        self._query_ended("")
        self.refused.emit(sentence)

    def _died(self, sentence: str) -> None:
        """The page and the window live on; the next request starts a new child with the same model."""
        was_loading, unloading = self.state.phase is Phase.LOADING, self._slot.unloading
        for part in (self._queries, self.beside, self._slot):
            part.child_died()
        self._hung.stop()
        self.steps.clear()
        if why := self._runs.child_died():
            self._conclude(why, phase=Phase.READY)
        if unloading:
            if not self._slot.job:
                self._show_former_model()
            return
        if was_loading:
            self._show_former_model()
        elif self.state.model is not None:
            self._set(phase=Phase.READY)
        self.message.emit(sentence)

    # -------------------------------------------------------------------------------------------- the model

    def _loaded(self, model: ModelFacts) -> None:
        self._hung.stop()
        self._gauge.model_loaded()
        self.beside.model_changed()
        self._set(phase=Phase.READY, model=model, speed=0.0, grammar=0.0, reading_speed=0.0, loading="")
        self._gauge.count()
        self.model_changed.emit(model)

    def _moved(self, model: ModelFacts) -> None:
        """Another child runs the model, perhaps on another device than the one that died."""
        if self.state.model and self.state.model.context != model.context:
            self._gauge.forget()
        self.beside.model_changed()
        self._set(model=model)
        self._gauge.count()
        self.model_changed.emit(model)

    def _load_ended(self, sentence: str) -> None:
        """The file was refused, or the load given up (no sentence)."""
        self._hung.stop()
        self._show_former_model()
        if sentence:
            self.message.emit(sentence)
        else:
            self._conclude(tr("Loading was stopped."))

    def _show_former_model(self) -> None:
        """After a load that failed: show what the slot still holds."""
        if self._slot.model is not None:
            self._set(phase=Phase.READY, loading="")
            return
        self._set(phase=Phase.EMPTY, model=None, loading="", outcome="")
        self.model_changed.emit(None)

    # -------------------------------------------------------------------------------------------- the state

    def _counted(self, use: ContextUse) -> None:
        self._set(used=use.used, dropped=use.dropped, estimated=not use.exact)

    def _set(self, **changes: object) -> None:
        state = replace(self.state, **changes)  # pyright: ignore[reportArgumentType]
        if state == self.state:
            return
        numbers = {name: getattr(state, name) for name in ("used", "speed", "written", "grammar")}
        only_numbers = replace(self.state, **numbers) == state
        rests = state.phase is Phase.READY and self.state.phase is not Phase.READY
        self.state = state
        self._pace()
        if rests:
            self.beside.rest()
        if not only_numbers:
            self._emit_state()
        elif not self._numbers.isActive():
            self._numbers.start()

    def _emit_state(self) -> None:
        self._numbers.stop()
        self.state_changed.emit(self.state)
