"""The session: turns wishes (write, step, again, stop, look) into requests, and the engine's answers into text on the
page.

It is the only place that knows which job is wanted. Answers to any other job are dropped. When the writer edits the
page while the model writes, the job is given up and asked for again behind the new text, as the same step of the
history and the same row of coins. Knows no widgets.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import groupby

from PySide6.QtCore import QObject, QTimer, Signal

from desktop.generation import end_reason
from desktop.generation.context_use import ContextUse, ContextUses, Version
from desktop.generation.draw_sequences import DrawSequence, DrawSequences
from desktop.generation.event_pump import EventPump
from desktop.generation.model_slot import ModelSlot
from desktop.generation.recipe import Recipe
from desktop.generation.sent_positions import SentPositions
from desktop.generation.speed import Speed
from desktop.generation.state import Phase, SessionState, front
from desktop.page.edit import Change
from desktop.page.excerpt import Excerpt
from desktop.page.page import Page
from desktop.page.sources import Source
from models.engine.events import (
    Died,
    Ended,
    Evaluated,
    Event,
    Failed,
    Looked,
    ModelFacts,
    Sampled,
    Scored,
    Started,
)
from models.library.load_options import LoadOptions
from models.sampling.knobs import NEUTRAL, Sampling
from resources.language import tr

RESUME_AFTER = 250  # milliseconds without a key before the model goes on behind an edited page
GAUGES = 100  # milliseconds from one telling of numbers that change with every token to the next
HUNG_AFTER = 5_000  # milliseconds that a stop may take before the child is given up


@dataclass(slots=True)
class Writing:
    """One generation under way. left: tokens still wanted, None = endless."""

    recipe: Recipe
    row: DrawSequence
    left: int | None
    job: int = 0


class Session(QObject):
    """Signals: facts in the past tense. `message` carries a sentence for the user."""

    state_changed = Signal(object)
    token_appended = Signal(int)  # page position where the newest token begins
    edge_moved = Signal(int, int)  # edge, kept: the model sees nothing of the page between kept and edge
    looked = Signal(object)  # Reading
    model_changed = Signal(object)  # ModelFacts, or None
    message = Signal(str)
    began = Signal()  # a generation was asked for; not where it goes on behind an edit
    ended = Signal(object)  # Ended, of a generation

    def __init__(
        self,
        page: Page,
        link: EventPump,
        *,
        chance: Callable[[], int],
        clock: Callable[[], float] = time.monotonic,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.page = page
        self.state = SessionState()
        self._link = link
        self._engine = link.engine
        self._coins = DrawSequences(chance)
        self._clock = clock
        self._writing: Writing | None = None
        self.tokens = 0  # of the generation that runs or ran last
        self._asked = 0  # the job of a look or a score
        self._scoring = 0  # the job of the last score
        self._unscored = 0  # tokens of the page that its window does not hold
        self._aside = False  # that window is another than the one for writing, which keeps the page's beginning
        self._asked_of: Version = 0, 0  # of the page that the last request is about
        self._uses = ContextUses(page)
        self._noted = ContextUse()  # the last one
        self._edge: tuple[int, int] | None = None  # as last told, where the page has not changed since
        self._outcome: tuple[str, Version] = "", (0, 0)  # the last one, and the page that it is about
        self._sent = SentPositions(page, Excerpt(()))  # of the last request
        self._slot = self._make_slot()
        self._speed = Speed()
        self._resume = self._timer(RESUME_AFTER, self._ask)
        self._hung = self._timer(HUNG_AFTER, self._give_up)
        self._gauges = self._timer(GAUGES, self._tell_state)
        link.arrived.connect(self._receive)
        page.listeners.append(self._page_changed)

    def _make_slot(self) -> ModelSlot:
        slot = ModelSlot(self._engine, self)
        slot.message.connect(self.message)
        slot.progressed.connect(lambda fraction: self._set(fraction=fraction))
        slot.loaded.connect(self._loaded)
        slot.moved.connect(self._moved)
        slot.load_ended.connect(self._load_ended)
        return slot

    def _timer(self, milliseconds: int, then: Callable[[], None]) -> QTimer:
        timer = QTimer(self, interval=milliseconds, singleShot=True)
        timer.timeout.connect(then)
        return timer

    # -------------------------------------------------------------------------------------------- wishes

    def open_model(self, path: str, options: LoadOptions) -> None:
        """Load that file in place of whatever is loaded. A generation under way is stopped first."""
        self._finish()
        self._slot.load(path, options)
        self._set(phase=Phase.LOADING, fraction=0.0, loading=path, outcome="")

    def write(self, recipe: Recipe) -> None:
        """Write on at the end of the page."""
        if not self._ready():
            return
        row = self._coins.next_row(recipe, self.page.length)
        writing = Writing(recipe, row, recipe.length)
        self.page.begin_generation(self._source(writing))
        self._begin(writing)

    def step(self, recipe: Recipe) -> None:
        """Flip exactly one coin."""
        self.write(replace(recipe, length=1))

    def again(self, recipe: Recipe) -> None:
        """Write the last continuation anew with the next row of coins. The one it replaces stays as a branch."""
        if self.state.model is None:
            self.message.emit(tr("Open a model first: File, Open model."))
            return
        if self.state.phase is Phase.LOADING:
            return
        self._finish()
        last = self.page.last_generation()
        if last is None:
            self.write(recipe)
            return
        writing = Writing(recipe, self._coins.another_row(recipe, *last), recipe.length)
        self.page.regenerate(self._source(writing))
        self._begin(writing)

    def look(self, recipe: Recipe) -> None:
        """Ask for the odds of the next token at the end of the page."""
        if self._ready():
            excerpt = self._excerpt(recipe.sampling, recipe.keep)
            self._set(keep=recipe.keep)
            self._await(self._engine.look(excerpt.pieces, recipe.sampling, top=recipe.top, n_keep=recipe.keep))

    def score(self, recipe: Recipe) -> None:
        """Ask for the odds of everything on the page, the writer's own words included: of the end of it, where the
        context holds no more."""
        if self._ready():
            self._scoring = self._engine.score(self._excerpt(NEUTRAL, 0).pieces, top=recipe.top)
            self._aside = recipe.keep > 0
            self._await(self._scoring)

    def stop(self) -> None:
        """Stop whatever runs. What was written stays; a load is given up."""
        if self._resume.isActive():
            self._finish(end_reason.of_writing("stopped", self.tokens))
        elif self.state.phase is not Phase.STOPPING and (job := self._job()):
            self._engine.stop(job)
            self._hung.start()
            if self.state.phase is not Phase.LOADING:
                self._set(phase=Phase.STOPPING)

    def close(self) -> None:
        """The window closes: whatever runs is given up."""
        self._finish()

    def undo(self) -> Change | None:
        """Take the newest step back, of the writer or the model. Returns the change behind which the caret belongs."""
        if self.page.undo_stops_generation:
            awaiting = self.page.awaiting
            self._finish(end_reason.undone())
            change = None if awaiting else self.page.undo()  # what is awaited is all that there was to take back
            self._conclude(end_reason.undone())
            return change
        return self.page.undo()

    def redo(self) -> Change | None:
        """Do again what was last undone; as `undo`."""
        writing = self._writing is not None
        self._finish()
        change = self.page.redo()
        if writing:
            self._conclude(self._outcome[0])
        return change

    def previous(self) -> None:
        self._finish()
        self.page.previous_branch()

    def next(self) -> None:
        self._finish()
        self.page.next_branch()

    # -------------------------------------------------------------------------------------------- asking

    def _ready(self) -> bool:
        if self.state.model is None and self.state.phase is not Phase.LOADING:
            self.message.emit(tr("Open a model first: File, Open model."))
        return self.state.phase is Phase.READY

    def _await(self, job: int) -> None:
        """That job was asked about the page as it is now."""
        self._asked, self._asked_of = job, self._uses.version()
        self._set(phase=Phase.READING, fraction=0.0, outcome="")

    def _source(self, writing: Writing) -> Source:
        return Source(
            fingerprint=self._fingerprint(),
            window=self.state.dropped,
            sampling=writing.recipe.sampling,
            seed=writing.row.seed,
            take=writing.row.take,
            first=writing.row.first,
            keep=writing.recipe.keep,
        )

    def _excerpt(self, sampling: Sampling, keep: int, end: int | None = None) -> Excerpt:
        """What to send of the page; the answers are about that."""
        context = self.state.model.context if self.state.model else 0
        reach = max(context, sampling.repeat_last_n, sampling.dry_last_n)
        excerpt = self.page.excerpt(end, self._fingerprint(), reach, keep)
        self._sent = SentPositions(self.page, excerpt)
        return excerpt

    def _fingerprint(self) -> str:
        return self.state.model.fingerprint if self.state.model else ""

    def _begin(self, writing: Writing) -> None:
        self._writing = writing
        self.tokens = 0
        self._speed = Speed()
        self._set(speed=0.0, outcome="")
        self._ask()
        self.began.emit()

    def _ask(self) -> None:
        """Send the request for what is still wanted of the generation under way."""
        writing = self._writing
        if writing is None:
            return
        self.page.rebind()
        self._asked_of = self._uses.version(self.page.generation_end)
        recipe = writing.recipe
        writing.job = self._engine.generate(
            self._excerpt(recipe.sampling, recipe.keep, self.page.generation_end).pieces,
            recipe.sampling,
            length=writing.left,
            seed=writing.row.seed,
            take=writing.row.take,
            first=writing.row.first + self.tokens,
            top=recipe.top,
            n_keep=recipe.keep,
        )
        self._set(phase=Phase.READING, fraction=0.0, keep=recipe.keep)

    def _job(self) -> int:
        if self.state.phase is Phase.LOADING:
            return self._slot.job
        return self._writing.job if self._writing else self._asked

    def _finish(self, why: str = "") -> None:
        """Close the generation under way here and now; whatever of it still arrives is dropped. why: in a sentence,
        where it is not that the user wished for something else."""
        self._resume.stop()
        self._hung.stop()
        if self._asked:
            self._engine.stop(self._asked)
            self._asked = 0
        if self._writing is not None:
            self._engine.stop(self._writing.job)
            self._close_writing()
            self._conclude(why or end_reason.of_writing("stopped", self.tokens), phase=Phase.READY)
        if self.state.writing:
            self._set(phase=Phase.READY)

    def _close_writing(self) -> None:
        writing, self._writing = self._writing, None
        self._uses.keep_growing()
        self.page.end_generation()
        if writing is not None and self.tokens:
            self._coins.ended(writing.row, self.tokens, writing.recipe, self.page.length)

    def _give_up(self) -> None:
        """The child did not stop when asked: end it. The next request starts another."""
        self._engine.kill()

    def _page_changed(self, change: Change) -> None:
        """The writer changed the page while the model writes: give up the job, and go on when the keys rest."""
        if change.cause == "generation":
            return
        if change.cause == "read":
            self._count()
            return
        self._edge = None
        self._count()
        if change.cause == "file":  # what the model did on the former page says nothing of this one
            self._outcome = "", (0, 0)
            self._set(speed=0.0)
            if self._edge is None:
                self._tell_edge((0, 0))
        if change.cause != "typing" and self._writing is None:
            sentence, about = self._outcome
            self._set(outcome=sentence if sentence and about == self._uses.version() else "")
        if self._writing is None:
            self._coins.interrupted()
            return
        self._engine.stop(self._writing.job)
        self._writing.job = 0
        self._resume.start()

    # -------------------------------------------------------------------------------------------- answers

    def _receive(self, events: tuple[Event, ...]) -> None:
        """In order, but all tokens that came in a row are one change of the page, and so are their readings."""
        for kind, group in groupby(events, type):
            if kind is Sampled:
                if wanted := [event for event in group if isinstance(event, Sampled) and self._wants(event.job)]:
                    self._append(wanted)
            elif kind is Scored:
                self._scored([event for event in group if isinstance(event, Scored) and event.job == self._asked])
            else:
                for event in group:
                    self._answer(event)

    def _wants(self, job: int) -> bool:
        return self._writing is not None and job != 0 and job == self._writing.job

    def _append(self, events: list[Sampled]) -> None:
        """All that came in one frame is one change of the page."""
        assert self._writing is not None
        tokens = sum(len(span.readings) for event in events for span in event.spans)
        self.tokens += tokens
        if self._writing.left is not None:
            self._writing.left = max(self._writing.left - tokens, 0)
        self._speed.add(self._clock(), tokens)
        for window, group in groupby(events, lambda event: event.dropped):
            self.page.append([span for event in group for span in event.spans], window=window)
        last = events[-1]
        self._note(self._uses.version(self.page.generation_end), last.used, last, growing=True)
        phase = Phase.STOPPING if self.state.phase is Phase.STOPPING else Phase.WRITING
        self._set(phase=phase, speed=self._speed.value() or self.state.speed)
        self.token_appended.emit(max((self.page.generation_end or 0) - 1, 0))

    def _answer(self, event: Event) -> None:
        match event:
            case Died():
                self._died(event.sentence)
            case _ if self._slot.answer(event):
                pass
            case _ if event.job == self._asked or self._wants(event.job):
                self._job_answered(event)
            case _:
                pass

    def _loaded(self, model: ModelFacts) -> None:
        self._hung.stop()
        self._uses.forget()
        self._tell_edge((0, 0))
        self._set(phase=Phase.READY, model=model, speed=0.0, reading_speed=0.0, loading="")
        self._count()
        self.model_changed.emit(model)

    def _moved(self, model: ModelFacts) -> None:
        """Another child runs the model, perhaps elsewhere than the one that died."""
        if self.state.model and self.state.model.context != model.context:
            self._uses.forget()
        self._set(model=model)
        self._count()
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
        """After a load that came to nothing: what the slot still holds."""
        if self._slot.model is not None:
            self._set(phase=Phase.READY, loading="")
            return
        self._set(phase=Phase.EMPTY, model=None, loading="", outcome="")
        self.model_changed.emit(None)

    def _job_answered(self, event: Event) -> None:
        match event:
            case Started():
                self._started(event)
            case Evaluated():
                self._reading(event)
            case Looked():
                if self._page_is_as_asked():
                    self.looked.emit(event.reading)
            case Ended():
                self._job_ended(event)
            case Failed():
                self._finish(end_reason.failed(self.tokens))
                self.message.emit(event.sentence)
            case _:
                pass

    def _started(self, event: Started) -> None:
        """What the model sees of the page: of a score, where that is what it sees when it writes."""
        if event.job == self._scoring:
            self._unscored = event.dropped
            if self._aside:
                return
        self._note(self._asked_of, len(event.prompt), event)

    def _note(self, page: Version, used: int, window: Started | Sampled, *, growing: bool = False) -> None:
        """The engine has counted that version of the page."""
        edge = self._noted.edge, self._noted.kept
        if not growing or window.dropped != self._noted.dropped:
            position = self._sent.position
            edge = (position(window.unseen), position(window.kept)) if window.dropped else (0, 0)
        self._noted = ContextUse(used, window.dropped, *edge)
        self._uses.note(page, self._noted, growing=growing)
        self._count()
        if not growing and not self.state.about:
            self._uses.learn(self.state.tokens)
        self._tell_edge(edge)

    def _count(self) -> None:
        """How many tokens the page has as it is now, and what of them the model sees."""
        model = self.state.model
        use = self._uses.now(model.context if model else 0, front(model), self.state.keep)
        self._set(used=use.used, dropped=use.dropped, about=not use.exact)
        if use.exact:
            self._tell_edge((use.edge, use.kept))

    def _tell_edge(self, edge: tuple[int, int]) -> None:
        if edge != self._edge:
            self._edge = edge
            self.edge_moved.emit(*edge)

    def _reading(self, event: Evaluated) -> None:
        """The model reads: the page, when it was just asked, or what the window holds after it slid."""
        phase = Phase.READING if self.state.phase is Phase.WRITING else self.state.phase
        speed = event.read / event.seconds if event.read and event.seconds else self.state.reading_speed
        self._set(phase=phase, fraction=event.done / max(event.total, 1), reading_speed=speed)

    def _scored(self, events: list[Scored]) -> None:
        """Each goes on where the one before it ended."""
        if not events or not self._page_is_as_asked():
            return
        source = Source(fingerprint=self._fingerprint(), window=self._unscored, kind="read")
        spans = [span for event in events for span in event.spans]
        self.page.add_readings(self._sent.position(events[0].offset), spans, source)

    def _page_is_as_asked(self) -> bool:
        return self._uses.version() == self._asked_of

    def _job_ended(self, event: Ended) -> None:
        self._hung.stop()
        scored = event.job == self._scoring
        writing = self._writing
        if writing is None:
            self._asked = 0
            why = end_reason.read(event.tokens, self._unscored) if scored and event.reason == "done" else ""
        else:
            self._written_all(event)
            self._close_writing()
            why = end_reason.of_writing(event.reason, self.tokens, writing.recipe.sampling.stop)
        self._conclude(why, phase=Phase.READY)
        if writing is not None:
            self.ended.emit(event)

    def _written_all(self, event: Ended) -> None:
        """The engine's last count of what it wrote on. It is not the page's where a stop string came, which the engine
        has read, nor where the window is full or slid behind the last token: how much it left out is not told."""
        context = self.state.model.context if self.state.model else 0
        if event.reason == "stop string" or event.used < self._noted.used or event.used >= context:
            self._uses.drop_growing()
        else:
            self._noted = replace(self._noted, used=event.used)
            self._uses.note(self._uses.version(self.page.generation_end), self._noted)
        self._count()

    def _conclude(self, why: str, **changes: object) -> None:
        """That is what came of it: said until something else begins, while the page is the one that it is about."""
        self._outcome = why, self._uses.version()
        self._set(outcome=why, **changes)

    def _died(self, sentence: str) -> None:
        """The page and the window live on; the next request starts a new child with the same model."""
        was_loading = self.state.phase is Phase.LOADING
        self._asked = 0
        self._slot.child_died()
        self._resume.stop()
        self._hung.stop()
        if self._writing is not None:
            self._close_writing()
            self._conclude(end_reason.failed(self.tokens), phase=Phase.READY)
        if was_loading:
            self._show_former_model()
        elif self.state.model is not None:
            self._set(phase=Phase.READY)
        self.message.emit(sentence)

    def _set(self, **changes: object) -> None:
        state = replace(self.state, **changes)  # pyright: ignore[reportArgumentType]
        if state == self.state:
            return
        gauged, self.state = replace(self.state, used=state.used, speed=state.speed) == state, state
        self._link.set_busy(state.busy)
        if not gauged:
            self._tell_state()
        elif not self._gauges.isActive():
            self._gauges.start()

    def _tell_state(self) -> None:
        self._gauges.stop()
        self.state_changed.emit(self.state)
