"""One request for text: what is asked of the model in a slot, and what its streams write onto the page.

A single stream goes on behind an edit of the page: the job is given up, and the rest is asked for again behind the new
text, as the same step of the history and the same draw sequence. Of several streams, an edit stops those whose text it
changes, and the others go on. Does not choose draws, and shows nothing.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import groupby

from PySide6.QtCore import QObject, QTimer, Signal

from desktop.generation import end_reason
from desktop.generation.model_slot import ModelSlot
from desktop.generation.recipe import Recipe
from desktop.generation.sent_prefix import SentPrefix, prefix_for
from desktop.generation.speed import Speed
from desktop.page.choosing import Chosen, Place
from desktop.page.generation import Generation
from desktop.page.grammar_place import fed_at_end, fed_behind, fed_since
from desktop.page.page import Page
from desktop.page.sources import Source
from models.engine.events import Ended, Sampled
from models.engine.requests import Draws, StepWidth

RESUME_AFTER = 250  # milliseconds without an edit before the model goes on behind an edited page


class GenerationRun(QObject):
    """Owns the generations that are open on the page, one a stream. `asked`: a request was sent, at first or behind an
    edit.

    draws: of each stream. job: of the last request, 0 where it was given up. prefix: what that request sent. exact: as
    its Started said. healed: the typed text that a first token had to begin with. branched: it goes on behind what took
    the place of other text. others_stopped: other continuations were written until it began. ended: the last event of
    each stream that has ended. cut: the streams that edits have stopped. allowed: how many tokens of each stream the
    model may send before it waits (requests.Generate).
    """

    asked = Signal()
    prefix: SentPrefix

    def __init__(
        self,
        page: Page,
        slot: ModelSlot,
        recipe: Recipe,
        draws: Sequence[Draws],
        *,
        clock: Callable[[], float],
        resume_after: int = RESUME_AFTER,
    ) -> None:
        """clock: seconds. resume_after: milliseconds."""
        super().__init__()
        self.recipe, self.draws = recipe, tuple(draws)
        self.exact = False
        self.healed = ""
        self.branched = self.others_stopped = False
        self.allowed: int | None = None
        self.job = 0
        self.ended: dict[int, Ended] = {}
        self.cut: set[int] = set()
        self._tokens = [0] * len(self.draws)
        self._grammar = [0.0] * len(self.draws)  # seconds
        self._fed = 0  # bytes before it that its grammar is fed
        self._generations: tuple[Generation, ...] = ()
        self._page, self._slot, self._clock = page, slot, clock
        self._speed = Speed()
        self._resume = QTimer(self, interval=resume_after, singleShot=True)
        self._resume.timeout.connect(self.ask)

    @property
    def several(self) -> bool:
        """Whether it has more than one stream."""
        return len(self.draws) > 1

    @property
    def tokens(self) -> int:
        """Tokens written so far, by all streams."""
        return sum(self._tokens)

    @property
    def waiting(self) -> bool:
        """Whether it waits for the edits to rest."""
        return self._resume.isActive()

    @property
    def speed(self) -> float:
        """Tokens per second of all streams; 0 before it is known."""
        return self._speed.value()

    @property
    def grammar_cost(self) -> float:
        """Seconds a token that the grammar takes; 0 without one."""
        return sum(self._grammar) / self.tokens if self.tokens else 0.0

    # -------------------------------------------------------------------------------------------- on the page

    def begin(self, at: int | None, window: int) -> None:
        """Await its text at a position of the page; None: at the end. window: tokens that the model does not see."""
        self._fed = fed_at_end(self._page, self._page.length if at is None else at, self.recipe.sampling)
        sources = self.sources(window)
        if self.several:
            self._generations = self._page.begin_generations(sources, at)
        else:
            self._generations = (self._page.begin_generation(sources[0], at),)

    def begin_behind(self, place: Place, what: Chosen | str, window: int) -> bool:
        """Put a token or text at that place of the page, and await its text behind it. False where the page has another
        token there now. window: as in `begin`."""
        self._fed = fed_behind(self._page, place, what, self.recipe.sampling)
        generation = self._page.choose_and_begin(place, what, self.sources(window)[0])
        self._generations = () if generation is None else (generation,)
        self.branched = place.token is not None
        return generation is not None

    def begin_again(self, window: int) -> None:
        """Await its text in place of the last generation on the page. window: as in `begin`."""
        self._fed = self._fed_again(*(self._page.last_generation() or (0, None)))
        self._page.regenerate(*self.sources(window))
        self._generations = self._page.generations

    def _fed_again(self, fork: int, replaced: Source | None) -> int:
        """What the grammar was fed where the last generation began. replaced: its source, or that of a chosen token
        behind which it wrote nothing."""
        sampling = self.recipe.sampling
        if replaced is None or replaced.sampling.grammar != sampling.grammar:
            return 0
        if replaced.kind != "chosen":
            return replaced.fed
        begins = next(one.position for one in self._page.forks() if one.id == fork)
        return fed_at_end(self._page, begins, sampling)

    def sources(self, window: int) -> list[Source]:
        """Where the tokens of each stream come from. window: as in `begin`."""
        recipe, source = self.recipe, self._slot.source
        return [
            replace(source("generated", window, recipe.sampling, draws, recipe.n_keep), fed=self._fed)
            for draws in self.draws
        ]

    @property
    def shown(self) -> Generation | None:
        """The generation on the branch that is shown; None where that is another branch, or it was closed."""
        return next((one for one in self._generations if one.is_open and one.is_shown), None)

    @property
    def writes_others(self) -> bool:
        """Whether continuations are being written that are not shown."""
        return any(one.is_open and not one.is_shown and one.stream not in self.ended for one in self._generations)

    def outcome(self, why: str) -> str:
        """Why it ended, "" for none, and what the choice did that it goes on behind."""
        return end_reason.branched(why, self.branched, self.others_stopped)

    @property
    def fork(self) -> int | None:
        """The id of the fork whose branches its streams write; None before the first token, and of a single stream
        that writes into the shown branch."""
        return next((one.branch[0] for one in self._generations if one.branch is not None), None)

    def generation(self, stream: int) -> Generation:
        """What a stream writes onto the page."""
        return self._generations[stream]

    def tokens_of(self, stream: int) -> int:
        """Tokens that a stream has written so far."""
        return self._tokens[stream]

    # -------------------------------------------------------------------------------------------- the request

    def ask(self) -> None:
        """Send the request for the tokens that are still wanted, with the draws that follow those already used."""
        recipe, page = self.recipe, self._page
        page.rebind()
        written = self._tokens[0]  # several streams are asked for again only while they have written nothing
        end, fed = page.generation_end, self._fed
        if written and recipe.sampling.grammar:
            fed += fed_since(page, page.length if end is None else end)
        self.prefix = prefix_for(page, self._slot.model, recipe.sampling, recipe.n_keep, end, fed)
        self.job = self._slot.engine.generate_streams(
            self.prefix.pieces,
            recipe.sampling,
            length=None if recipe.length is None else max(recipe.length - written, 0),
            draws=[Draws(draws.seed, draws.take, draws.first + written) for draws in self.draws],
            top=recipe.top,
            n_keep=recipe.n_keep,
            allowed=self.allowed,
            fed=fed,
        )
        self.asked.emit()

    def wants(self, job: int) -> bool:
        """Whether that job's answers are for this run: answers to a job that was given up are not."""
        return job != 0 and job == self.job

    def append(self, events: Sequence[Sampled]) -> None:
        """Write them onto the page; events of a stream that share window and step are one change of it."""
        arrival = {stream: place for place, stream in enumerate(dict.fromkeys(event.stream for event in events))}
        in_turn = sorted(events, key=lambda event: arrival[event.stream])
        before = self.tokens
        for (stream, window, step), group in groupby(
            in_turn, lambda event: (event.stream, event.dropped, StepWidth(event.rows, event.width))
        ):
            generation = self._generations[stream]
            if generation.is_open:
                spans = [span for event in group for span in event.spans]
                self._tokens[stream] += sum(len(span.readings) for span in spans)
                by_steps = self.allowed is not None  # the writer has seen what came last, so undo takes that back first
                generation.append(spans, window, step, self.exact, apart=by_steps)
        for event in events:
            self._grammar[event.stream] = event.grammar
        self._speed.add(self._clock(), self.tokens - before)

    def allow(self, tokens: int | None) -> None:
        """Let the model send that many tokens of the request; None: all."""
        if self.job:
            self._slot.engine.allow(self.job, tokens)

    def stop(self, stream: int | None = None) -> None:
        """Ask the engine to stop the job, or one stream of it; Ended follows."""
        if stream is None:
            self._slot.engine.stop(self.job)
        else:
            self._slot.engine.stop(self.job, stream)

    def page_changed(self) -> None:
        """The page was edited, or shows another branch."""
        if not self.several or self._page.awaiting:
            self.interrupt()
            return
        for generation in self._generations:
            stream = generation.stream
            if stream not in self.ended and stream not in self.cut and (generation.is_edited or not generation.is_open):
                self.cut.add(stream)
                self.stop(stream)
                generation.close()

    def interrupt(self) -> None:
        """Give the job up, and ask again when the edits rest."""
        self.stop()
        self.job = 0
        self._resume.start()

    def close(self) -> None:
        """End the generations on the page; nothing more is asked."""
        self._resume.stop()
        self._page.end_generation()
