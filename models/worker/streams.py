"""Several streams that continue one prefix together: each step evaluates the next token of every stream at once.

A step is padded to one of the model's widths, because the width decides both its speed and the exact numbers of its
rows (docs/engine.md). More streams than the model holds write in waves. The window never slides: a stream that meets
the end of the context ends. A stream that wrote beside others can be replayed alone: dummies take the steps of the
others, so that its tokens lie in the same cells as then.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from models.engine.events import Ended, EndReason, Event, Sampled, Span
from models.engine.requests import Draws, Generate, Replayed, StepWidth
from models.errors import BrokenNumbersError, ModelError, Stopped
from models.sampling.chain import Chain
from models.sampling.readings import Reading
from models.sampling.stages import Logits
from models.sampling.statistics import ChainBuffers
from models.worker.banned_strings import BannedStrings
from models.worker.cache import Cache
from models.worker.drawing import Drawing
from models.worker.evaluation_thread import Evaluator
from models.worker.grammars import Grammars
from models.worker.job_state import JobState
from models.worker.language_model import LanguageModel, Rows
from models.worker.runner import Control
from models.worker.stream_text import Text

DUMMY = 0  # the token of a dummy: what it is makes no difference to the others


@dataclass(slots=True)
class Stream:
    """One stream while it writes. number: in the job. sequence: of the model. step: the one that gave `logits`. first:
    when its first token came, in seconds by the loop's clock. reason: why it ended; None while it writes. broken: its
    logits were no usable numbers. back: tokens that the last draw has taken back. tokens: drawn; sent: of those.
    """

    number: int
    draws: Draws
    text: Text
    chain: Chain
    drawing: Drawing
    sequence: int
    logits: Logits
    step: StepWidth = StepWidth()  # noqa: RUF009  (never changes)
    tokens: int = 0
    sent: int = 0
    first: float | None = None
    reason: EndReason | None = None
    sentence: str = ""
    broken: bool = False
    drawn: Reading | None = None  # the token that was just drawn, until it is shown
    back: int = 0
    replayed: Replayed | None = None

    @property
    def ends_here(self) -> bool:
        """Whether all tokens to take again are taken."""
        return self.replayed is not None and self.tokens == len(self.replayed.ids)

    @property
    def next_step(self) -> StepWidth | None:
        """The step that gave the odds of the next token when it wrote beside others; None where it writes freely."""
        steps = self.replayed.steps if self.replayed else ()
        return steps[min(self.tokens, len(steps) - 1)] if steps else None


class Streams:
    """Writes the streams of one job. clock: seconds. tail: bytes of a character that the prefix leaves unfinished.
    go_back: reads what is missing of the prefix, and returns the logits after it.
    """

    def __init__(
        self,
        job: Generate,
        state: JobState,
        model: LanguageModel,
        cache: Cache,
        evaluator: Evaluator,
        clock: Callable[[], float],
        control: Control,
        tail: Sequence[bytes],
        go_back: Callable[[], Generator[Event, None, Logits]],
        grammars: Grammars,
    ) -> None:
        self._job, self._state = job, state
        self._model, self._cache, self._evaluator, self._clock = model, cache, evaluator, clock
        self._control, self._tail, self._go_back, self._grammars = control, tail, go_back, grammars
        self._left = len(job.draws)
        self._fillers = self._spare(state.streams)  # rows that may be added to a step
        self._banned = BannedStrings.of(job.sampling.banned)
        self._buffers = ChainBuffers(model.vocabulary, model.team(2))  # shared: one's own would have left the caches
        self._stopped = False  # the whole job, not one of its streams

    @property
    def room(self) -> int:
        """The tokens that the context holds for each stream of a whole wave. The last one takes no place."""
        streams = self._state.streams
        free = self._model.facts.context - self._state.used
        return 1 + max(0, (free - self._width(streams)) // streams + 1)

    def none(self, reason: EndReason, first: int = 0) -> Iterator[Event]:
        """End the streams from that one on before they began."""
        for number in range(first, len(self._job.draws)):
            yield self._ended(number, reason)

    def write(self, logits: Logits) -> Iterator[Event]:
        """Yields Sampled… and one Ended for each stream. logits: after the prefix. Raises ModelError for settings out
        of bounds; what fails later ends the streams that it concerns.
        """
        if self._job.length == 0:
            yield from self.none("length")
            return
        size, last = self._state.streams, len(self._job.draws)
        for first in range(0, last, size):
            try:
                logits = (yield from self._go_back()) if first else logits
            except Stopped:
                self._stopped = True
            if self._stopped:
                yield from self.none("stopped", first)
                return
            yield from self._write_wave(self._wave(range(first, min(first + size, last)), logits))

    def _wave(self, numbers: range, logits: Logits) -> list[Stream]:
        sequences = max(len(numbers), self._dummies(numbers) + 1)
        self._cache.fork(sequences)
        self._fillers = self._spare(sequences)
        return [self._stream(number, sequence, logits) for sequence, number in enumerate(numbers, 1)]

    def _spare(self, sequences: int) -> int:
        """The most fillers beside that many sequences."""
        facts = self._model.facts  # a stream that has ended cannot be a filler where what that adds stays in its cells
        return facts.widths[-1] if self._model.truncates else facts.streams - sequences

    def _stream(self, number: int, sequence: int, logits: Logits) -> Stream:
        sampling, draws = self._job.sampling, self._job.draws[number]
        history, healing = self._state.page.ids, self._state.healing
        only = healing and healing.ids
        grammar = self._grammars.at_end(sampling, self._state.page, self._job.fed)
        chain = Chain(
            sampling,
            self._model,
            history,
            draws.seed,
            draws.take,
            buffers=self._buffers,
            healing=only,
            grammar=grammar,
        )
        text = Text.behind(self._tail, healing, sampling.stop)
        replayed = self._job.replayed[number] if self._job.replayed else None
        drawing = Drawing(
            chain,
            self._model,
            draws,
            banned=self._banned,
            page=self._state.page,
            ends=sampling.ends,
            healing=healing,
            replayed=replayed,
            sequence=sequence,
        )
        return Stream(number, draws, text, chain, drawing, sequence, logits, replayed=replayed)

    def _dummies(self, numbers: range) -> int:
        """The most dummies that take a step with a stream that is replayed alone."""
        steps = [step for number in numbers if self._job.replayed for step in self._job.replayed[number].steps]
        return max((step.rows for step in steps), default=1) - 1

    # -------------------------------------------------------------------------------------------- steps

    def _write_wave(self, wave: list[Stream]) -> Iterator[Event]:
        try:
            yield from self._write_all(wave)
        finally:
            for stream in wave:
                stream.chain.close()
            if any(stream.broken for stream in wave):
                self._cache.wipe()

    def _write_all(self, live: list[Stream]) -> Iterator[Event]:
        while live:
            self._draw_all(live)
            writing = [stream for stream in live if stream.reason is None]
            step = self._next_step(writing)
            finish = self._start_step(writing, step)
            try:
                for stream in live:
                    yield from self._show(stream)
                self._control.flush()  # a step of many is what a child dies of
            finally:
                rows = finish()  # also where the job is given up: an evaluation must end before the next begins
            for stream in [stream for stream in live if stream.reason is not None]:
                yield from self._end(stream)
            live = [stream for stream in live if stream.reason is None]
            for stream in live:
                stream.logits, stream.step = rows[stream.sequence], step
            yield from self._control.aside()
            yield from self._hold(live)

    def _hold(self, live: list[Stream]) -> Iterator[Event]:
        """Wait as long as all of these are to, which have sent enough; where the job is stopped meanwhile, end them."""
        if not live:
            return
        try:
            yield from self._control.hold(min(stream.sent for stream in live))
        except Stopped:
            self._stopped = True
            self._end_all(live, "stopped")
            for stream in live:
                yield from self._end(stream)
            live.clear()

    def _draw_all(self, live: list[Stream]) -> None:
        """Draw the next token of each stream, on the evaluator's thread, where llama.cpp's threads help. Their readings
        are made there, too: beside an evaluation they would take a core from those threads, which wait for each other.
        """
        self._evaluator.start(lambda: [self._draw(stream) for stream in live])()

    def _draw(self, stream: Stream) -> None:
        """Draw the stream's next token, and make its reading, or end it."""
        if self._control.unwanted(stream.number) or stream.ends_here:
            stream.reason = "stopped"
            return
        try:
            flip = stream.drawing.draw(stream.logits, partial(self._cache.take_back, sequence=stream.sequence))
        except ModelError as error:
            stream.reason, stream.sentence, stream.broken = "failed", str(error), isinstance(error, BrokenNumbersError)
            return
        stream.back, stream.tokens = stream.drawing.back, stream.drawing.place
        if flip is None:
            stream.reason = "grammar" if stream.drawing.is_over else "end of text"
            return
        stream.drawn = flip.reading(self._job.top)
        stream.first = stream.first or self._clock()
        self._cache.drawn(stream.sequence, flip.token)
        if stream.tokens == self._job.length or (
            stream.replayed and stream.ends_here and not stream.replayed.last_evaluated
        ):
            stream.reason = "length"

    def _next_step(self, streams: list[Stream]) -> StepWidth:
        """The step that these streams take. One that is replayed alone takes the step that it took beside others."""
        alone = streams[0].next_step if len(streams) == 1 else None
        return alone or StepWidth(len(streams), self._width(len(streams)))

    def _start_step(self, streams: list[Stream], step: StepWidth) -> Callable[[], dict[int, Logits]]:
        """Start to evaluate the token that each of the streams drew. Calling the returned function waits; it gives the
        logits by sequence, and ends the streams where there are none.
        """
        if not streams or self._cache.free < step.width:
            self._end_all(streams, "context full")
            return dict
        taken = [(stream.sequence, _token(stream)) for stream in streams]
        last = max(sequence for sequence, _ in taken)
        dummies = [(last + place, DUMMY) for place in range(1, step.rows - len(streams) + 1)]
        wait = self._cache.step(taken + dummies, step.width)

        def finish() -> dict[int, Logits]:
            try:
                rows: Rows = wait()
            except Stopped:
                self._stopped = True
                self._end_all(streams, "stopped")
            except ModelError as error:
                self._end_all(streams, "failed", str(error))
            else:
                return {stream.sequence: row for stream, row in zip(streams, rows, strict=False)}
            return {}

        return finish

    def _width(self, streams: int) -> int:
        width = next((width for width in self._model.facts.widths if width >= streams), streams)
        return width if width - streams <= self._fillers else streams

    def _end_all(self, streams: list[Stream], reason: EndReason, sentence: str = "") -> None:
        for stream in streams:
            if stream.reason is None:
                stream.reason, stream.sentence = reason, sentence

    # -------------------------------------------------------------------------------------------- events

    def _show(self, stream: Stream) -> Iterator[Event]:
        """The reading of the token that was just drawn."""
        stream.text.take_back(stream.back)
        stream.back = 0
        if stream.drawn is not None:
            spans, stream.drawn = stream.text.feed(stream.drawn, stream.drawing.held), None
            if spans:
                yield self._sampled(stream, spans)
            if stream.text.met:
                stream.reason = "stop string"

    def _end(self, stream: Stream) -> Iterator[Event]:
        if spans := stream.text.flush():
            yield self._sampled(stream, spans)
        if stream.text.met:
            stream.reason = "stop string"
        yield self._ended(stream.number, stream.reason or "stopped", stream)

    def _sampled(self, stream: Stream, spans: tuple[Span, ...]) -> Sampled:
        state = self._state
        stream.sent += sum(len(span.readings) for span in spans)
        return Sampled(
            state.job,
            spans,
            state.used + stream.tokens,
            state.window.dropped,
            state.unseen,
            state.kept,
            stream.number,
            stream.step.width,
            stream.step.rows,
            stream.chain.grammar_seconds,
        )

    def _ended(self, number: int, reason: EndReason, stream: Stream | None = None) -> Ended:
        now, state = self._clock(), self._state
        self._left -= 1
        tokens, first = (stream.tokens, stream.first or now) if stream else (0, now)
        return Ended(
            state.job,
            reason,
            tokens,
            state.evaluated,
            first - state.arrived,
            now - state.arrived,
            state.used + tokens,
            number,
            self._left,
            stream.sentence if stream else "",
        )


def _token(stream: Stream) -> int:
    assert stream.drawn is not None
    return stream.drawn.token
