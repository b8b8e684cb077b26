"""The run of the session: begins it with the right draws, hands it the engine's answers, and says why it ended.

Tells the gauge what the engine counts. Shows nothing.
"""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QObject, Signal

from desktop.generation import end_reason
from desktop.generation.context_gauge import ContextGauge
from desktop.generation.draw_sequences import DrawSequences
from desktop.generation.generation_run import RESUME_AFTER, GenerationRun
from desktop.generation.model_slot import ModelSlot
from desktop.generation.recipe import Recipe
from desktop.page.choosing import Chosen, Place
from desktop.page.generation import Generation
from desktop.page.page import Page
from models.engine import stream_words
from models.engine.events import Ended, Evaluated, Event, Failed, Healed, Sampled, Started
from models.engine.requests import Draws


class Runs(QObject):
    """At most one run is under way. `asked`: a request was sent, at first or behind an edit. `foretold` carries a
    sentence on what the model or its context does not allow. `evaluated` carries an Evaluated. `written`: text came, on
    the shown branch or on another. `shown_grew`: on the shown one. `ended` carries the last event of the run and its
    outcome, `failed` the outcome and a sentence; nothing is under way then. `text_ended` carries the position on the
    page where the model ended the text that is shown.

    current: the run under way, or None. allowed: of the next runs, as in GenerationRun."""

    asked = Signal()
    foretold = Signal(str)
    evaluated = Signal(object)
    written = Signal()
    shown_grew = Signal()
    text_ended = Signal(int)
    ended = Signal(object, str)
    failed = Signal(str, str)

    def __init__(
        self,
        page: Page,
        slot: ModelSlot,
        gauge: ContextGauge,
        *,
        chance: Callable[[], int],
        clock: Callable[[], float],
        resume_after: int = RESUME_AFTER,
        parent: QObject | None = None,
    ) -> None:
        """chance: a seed where none is chosen. clock: seconds. resume_after: milliseconds."""
        super().__init__(parent)
        self._page, self._slot, self._gauge = page, slot, gauge
        self._clock, self._resume_after = clock, resume_after
        self._draws = DrawSequences(chance)
        self.current: GenerationRun | None = None
        self.allowed: int | None = None

    @property
    def job(self) -> int:
        """The job under way; 0 for none."""
        return self.current.job if self.current else 0

    # -------------------------------------------------------------------------------------------- beginning

    def write(self, recipe: Recipe, at: int | None, streams: int, window: int) -> None:
        """Begin a run at a position of the page; None: at its end. streams: how many continuations it writes. window:
        tokens of the page that the model does not see."""
        place = self._page.length if at is None else at
        run = self._new(recipe, self._draws.next_sequences(recipe, place, streams))
        run.begin(at, window)
        run.ask()

    def choose(self, recipe: Recipe, place: Place, what: Chosen | str, window: int) -> bool:
        """Put a token or text at that place of the page, and begin a run behind it. False where the page has another
        token there now. window: as in `write`."""
        self._draws.interrupted()
        run = self._new(recipe, self._draws.next_sequences(recipe, place.start))
        if not run.begin_behind(place, what, window):
            self.current = None
            return False
        run.ask()
        return True

    def again(self, recipe: Recipe, streams: int, window: int) -> bool:
        """Begin a run in place of the last generation on the page. False where there is none."""
        last = self._page.last_generation()
        if last is None:
            return False
        run = self._new(recipe, self._draws.next_takes(recipe, *last, streams))
        run.begin_again(window)
        run.ask()
        return True

    def _new(self, recipe: Recipe, draws: Sequence[Draws]) -> GenerationRun:
        run = GenerationRun(self._page, self._slot, recipe, draws, clock=self._clock, resume_after=self._resume_after)
        run.allowed = self.allowed
        run.asked.connect(self.asked)
        self.current = run
        return run

    # -------------------------------------------------------------------------------------------- while it is under way

    def page_changed(self) -> None:
        """The page was edited, or shows another branch."""
        if self.current is not None:
            self.current.page_changed()
        else:
            self._draws.interrupted()

    def give_up(self) -> str:
        """Stop the run; what still arrives of it is dropped. Returns the outcome; "" where there was none."""
        run = self.current
        if run is None:
            return ""
        run.stop()
        self._close(run)
        if run.several:
            return end_reason.stopped_streams(len(run.draws), run.tokens)
        return run.outcome(end_reason.of_writing("stopped", run.tokens))

    def child_died(self) -> str:
        """Its answers will not come. Returns the outcome; "" where there was none."""
        run = self.current
        if run is None:
            return ""
        self._close(run)
        return end_reason.failed(run.tokens)

    def _close(self, run: GenerationRun) -> None:
        self.current = None
        shown = run.shown
        stream, end = (shown.stream, shown.end) if shown else (0, None)
        run.close()
        self._gauge.closed()
        if not run.tokens:
            return
        if run.fork is not None:
            self._draws.taken(run.fork, max(draws.take for draws in run.draws))
        if end is None:
            self._draws.interrupted()
        else:
            self._draws.ended(run.draws[stream], run.tokens_of(stream), run.recipe, end)

    # -------------------------------------------------------------------------------------------- answers

    def sampled(self, events: Sequence[Sampled]) -> None:
        """Put the text on the page; what comes together is one change of it for each stream."""
        run = self.current
        if run is None or not (wanted := [event for event in events if run.wants(event.job)]):
            return
        run.append(wanted)
        shown = run.shown
        of_shown = [event for event in wanted if shown is not None and event.stream == shown.stream]
        if shown is not None and of_shown:
            self._gauge.written(run.prefix, of_shown[-1], shown.read)
        self.written.emit()
        if of_shown:
            self.shown_grew.emit()

    def _is_shown(self, run: GenerationRun, stream: int) -> bool:
        return run.shown is not None and run.shown.stream == stream

    def answer(self, event: Event) -> bool:
        """Handle an event of the run. False where it is another event."""
        run = self.current
        if run is None or not run.wants(getattr(event, "job", 0)):
            return False
        match event:
            case Started():
                run.exact = event.exact
                self._gauge.started(run.prefix, event)
                if sentences := stream_words.foretold(event, len(run.draws), run.recipe.length):
                    self.foretold.emit(" ".join(sentences))
            case Evaluated():
                self.evaluated.emit(event)
            case Healed():
                run.exact, run.healed = event.exact, event.text
            case Ended():
                self._stream_ended(run, event)
            case Failed():
                run.stop()
                self._close(run)
                why = end_reason.failed(run.tokens) if run.tokens else ""  # the sentence says it all
                self.failed.emit(run.outcome(why), event.sentence)
            case _:
                pass
        return True

    def _stream_ended(self, run: GenerationRun, event: Ended) -> None:
        run.ended[event.stream] = event
        if event.reason == "end of text":
            self._text_ended(run.generation(event.stream))
        if self._is_shown(run, event.stream):
            self._gauge.ended(event)
        if event.left:
            return
        self._close(run)
        if run.several:
            why = end_reason.of_streams(tuple(run.ended.values()), run.tokens, edited=bool(run.cut))
        else:
            why = end_reason.of_writing(event.reason, run.tokens, run.recipe.sampling.stop)
        self.ended.emit(event, end_reason.healed(run.outcome(why), run.healed))

    def _text_ended(self, generation: Generation) -> None:
        """The model ended a text by itself."""
        if not generation.is_open:
            return
        self._page.note_end(generation)
        if generation.is_shown:
            self.text_ended.emit(generation.end)
