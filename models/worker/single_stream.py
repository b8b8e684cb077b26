"""Writes a single stream, whose window slides.

The evaluation thread goes on by itself: it draws the next token from the logits it has just computed, makes its
reading, and evaluates it, while this thread sends the reading of the token before. So no thread waits for another
between two evaluations, and nothing but the sending takes a core from llama.cpp's threads, which wait for each other.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator
from dataclasses import dataclass

from models.engine.events import Event, Sampled, Span
from models.engine.requests import Generate
from models.sampling.chain import Chain
from models.sampling.readings import Reading
from models.sampling.stages import Logits
from models.worker.cache import Cache
from models.worker.drawing import Drawing
from models.worker.evaluation_thread import Evaluator
from models.worker.job_state import JobState
from models.worker.language_model import LanguageModel
from models.worker.runner import Control
from models.worker.snapshots import State
from models.worker.stream_text import Text


@dataclass(frozen=True, slots=True)
class Turn:
    """One token that was drawn. reading: None where the model ended the text instead. used: tokens of the window with
    it. finish: waits for what follows: the next turn, or the logits after this token where the thread does not go on by
    itself; None where nothing is evaluated. back: tokens before it that were taken back; held: as in Drawing.
    """

    reading: Reading | None
    used: int
    finish: Callable[[], Turn | Logits] | None
    back: int = 0
    held: int = 0


class SingleStream:
    """Writes the stream of one job. slide: drops the oldest tokens of a full context and reads the rest again."""

    def __init__(
        self,
        job: Generate,
        state: JobState,
        chain: Chain,
        drawing: Drawing,
        text: Text,
        model: LanguageModel,
        cache: Cache,
        evaluator: Evaluator,
        clock: Callable[[], float],
        control: Control,
        slide: Callable[[], Generator[Event, None, Logits]],
    ) -> None:
        self._job, self._state, self._chain, self._drawing, self._text = job, state, chain, drawing, text
        self._model, self._cache, self._evaluator = model, cache, evaluator
        self._clock, self._control, self._slide = clock, control, slide
        self._sent = 0  # tokens whose text was not held back
        self._halted = False
        self._taken = threading.Semaphore()  # free while this thread has taken the last turn: the other is one ahead

    def write(self, logits: Logits) -> Generator[Event, None, None]:
        """Yields Sampled…, and says in the job's state why it ended. logits: after the prefix. state.tokens counts the
        tokens whose turn was taken.
        """
        state = self._state
        if self._job.length == 0:
            state.reason = "length"
            return
        if self._control.unwanted(state.stream):
            return
        turn = self._begin(logits)
        try:
            while turn.reading is not None:
                state.first = state.first or self._clock()
                self._take_back(turn.back)
                state.tokens += 1
                spans = self._text.feed(turn.reading, turn.held)
                self._taken.release()
                if spans:
                    self._sent += sum(len(span.readings) for span in spans)
                    yield self.sampled(spans, turn.used)
                if self._text.met:
                    return
                if state.tokens == self._job.length:
                    state.reason = "length"
                    return
                if self._control.unwanted(state.stream):
                    return
                finish, turn = turn.finish, Turn(None, 0, None)
                following = finish() if finish else (yield from self._slid())
                if not isinstance(following, Turn):
                    yield from self._control.aside()
                    yield from self._control.hold(self._sent)
                    following = self._begin(following)
                turn = following
            self._take_back(turn.back)
            state.reason = "grammar" if self._drawing.is_over else "end of text"
        finally:
            self._halt(turn)

    def _take_back(self, tokens: int) -> None:
        """Drop the last tokens of those whose turn was taken."""
        if tokens:
            self._text.take_back(tokens)
            self._state.tokens -= tokens

    def sampled(self, spans: tuple[Span, ...], used: int) -> Sampled:
        state = self._state
        used, seconds = min(used, self._model.facts.context), self._chain.grammar_seconds
        seen = state.window.dropped, state.unseen, state.kept
        return Sampled(state.job, spans, used, *seen, state.stream, grammar=seconds)

    def _begin(self, logits: Logits) -> Turn:
        """The first turn, or the one behind a pause."""
        return self._evaluator.start(lambda: self._turn(logits))()

    # --------------------------------------------------------------------------------------- on the evaluation thread

    def _turn(self, logits: Logits) -> Turn:
        """Draw a token, make its reading and start to evaluate it. Raises ModelError."""
        self._taken.acquire()
        state, drawing = self._state, self._drawing
        flip = drawing.draw(logits, self._go_back)
        if flip is None:
            return Turn(None, state.used, None, drawing.back)
        state.page.ids.append(flip.token)
        state.window.ids.append(flip.token)
        self._cache.written = flip.token
        reading, used, last = flip.reading(self._job.top), state.used, drawing.place == self._job.length
        return Turn(reading, used, None if last else self._evaluation(), drawing.back, drawing.held)

    def _go_back(self, tokens: int, state: State | None) -> None:
        """Drop the last tokens, all of which were evaluated."""
        del self._state.page.ids[-tokens:], self._state.window.ids[-tokens:]
        self._cache.take_back(tokens, state)

    def _slid(self) -> Generator[Event, None, Logits]:
        self._drawing.settle()
        return (yield from self._slide())

    def _evaluation(self) -> Callable[[], Turn | Logits] | None:
        """Start to evaluate the token just appended; None if the window must slide first."""
        if self._state.used > self._model.facts.context:
            return None
        return self._cache.start(self._state.window.ids[-1:], self._go_on)

    def _go_on(self, logits: Logits) -> Turn | Logits:
        """The next turn, unless this job is over or is to wait, or a query waits."""
        waits = self._halted or self._control.waits() or self._control.held(self._sent)
        return logits if waits else self._turn(logits)

    def _halt(self, turn: Turn) -> None:
        """Wait for the running evaluation and ignore its result: it must end before the next one starts."""
        self._halted = True
        self._taken.release()
        while turn.finish:
            try:
                following = turn.finish()
            except Exception:  # noqa: BLE001
                return
            if not isinstance(following, Turn):
                return
            turn = following
            self._taken.release()
