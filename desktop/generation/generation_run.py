"""One generation: what is asked of the model in a slot, and what it writes onto the page.

After an edit of the page the job is given up, and the rest is asked for again behind the new text, as the same step of
the history and the same draw sequence. Does not choose draws, and shows nothing.
"""

from collections.abc import Callable, Sequence
from itertools import groupby

from PySide6.QtCore import QObject, QTimer, Signal

from desktop.generation.model_slot import ModelSlot
from desktop.generation.recipe import Recipe
from desktop.generation.sent_prefix import SentPrefix, prefix_for
from desktop.generation.speed import Speed
from desktop.page.page import Page
from desktop.page.sources import Source
from models.engine.events import Sampled
from models.engine.requests import Draws, StepWidth

RESUME_AFTER = 250  # milliseconds without an edit before the model goes on behind an edited page


class GenerationRun(QObject):
    """Owns the generation that is open on the page. `asked`: a request was sent, at first or behind an edit.

    job: of the last request, 0 where it was given up. prefix: what that request sent. tokens: written so far. exact: as
    its Started said.
    """

    asked = Signal()
    prefix: SentPrefix

    def __init__(
        self,
        page: Page,
        slot: ModelSlot,
        recipe: Recipe,
        draws: Draws,
        *,
        clock: Callable[[], float],
        resume_after: int = RESUME_AFTER,
    ) -> None:
        """clock: seconds. resume_after: milliseconds."""
        super().__init__()
        self.recipe, self.draws = recipe, draws
        self.tokens = 0
        self.exact = False
        self._page, self._slot, self._clock = page, slot, clock
        self.job = 0
        self._speed = Speed()
        self._resume = QTimer(self, interval=resume_after, singleShot=True)
        self._resume.timeout.connect(self.ask)

    @property
    def waiting(self) -> bool:
        """Whether it waits for the edits to rest."""
        return self._resume.isActive()

    @property
    def speed(self) -> float:
        """Tokens per second; 0 before it is known."""
        return self._speed.value()

    def source(self, window: int) -> Source:
        """Where its tokens come from. window: tokens of the page that the model does not see."""
        recipe = self.recipe
        return self._slot.source("generated", window, recipe.sampling, self.draws, recipe.n_keep)

    def ask(self) -> None:
        """Send the request for the tokens that are still wanted, with the draws that follow those already used."""
        recipe, page = self.recipe, self._page
        page.rebind()
        self.prefix = prefix_for(page, self._slot.model, recipe.sampling, recipe.n_keep, page.generation_end)
        self.job = self._slot.engine.generate(
            self.prefix.pieces,
            recipe.sampling,
            length=None if recipe.length is None else max(recipe.length - self.tokens, 0),
            seed=self.draws.seed,
            take=self.draws.take,
            first=self.draws.first + self.tokens,
            top=recipe.top,
            n_keep=recipe.n_keep,
        )
        self.asked.emit()

    def wants(self, job: int) -> bool:
        """Whether that job's answers are for this run: answers to a job that was given up are not."""
        return job != 0 and job == self.job

    def append(self, events: Sequence[Sampled]) -> None:
        """Write them onto the page; events that share window and step are one change of it."""
        tokens = sum(len(span.readings) for event in events for span in event.spans)
        self.tokens += tokens
        self._speed.add(self._clock(), tokens)
        for (window, step), group in groupby(events, lambda event: (event.dropped, StepWidth(event.rows, event.width))):
            spans = [span for event in group for span in event.spans]
            self._page.append(spans, window=window, step=step, exact=self.exact)

    def stop(self) -> None:
        """Ask the engine to stop the job; Ended follows."""
        self._slot.engine.stop(self.job)

    def interrupt(self) -> None:
        """The page was edited: give the job up, and ask again when the edits rest."""
        self.stop()
        self.job = 0
        self._resume.start()

    def close(self) -> None:
        """End the generation on the page; nothing more is asked."""
        self._resume.stop()
        self._page.end_generation()
