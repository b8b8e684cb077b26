"""Several streams that continue one prefix together: each step evaluates the next token of every stream at once.

A step is padded to one of the model's widths, because the width decides both its speed and the exact numbers of its
rows (docs/engine.md). More streams than the model holds write in waves. The window never slides: a stream that meets
the end of the context ends.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from models.engine.events import Ended, EndReason, Event, Sampled, Span
from models.engine.requests import Draws, Generate, Replayed
from models.errors import ModelError, Stopped
from models.sampling.chain import Chain
from models.sampling.pending_reading import PendingReading
from models.sampling.stages import Logits
from models.worker.cache import Cache
from models.worker.characters import Characters
from models.worker.evaluation_thread import Evaluator
from models.worker.job_state import JobState
from models.worker.language_model import LanguageModel, Rows
from models.worker.stop_strings import Stops
from models.worker.stream_text import Text


@dataclass(slots=True)
class Stream:
    """One stream while it writes. number: in the job. sequence: of the model. width: of the step that gave `logits`.
    first: when its first token came, in seconds by the loop's clock. reason: why it ended; None while it writes.
    """

    number: int
    draws: Draws
    text: Text
    chain: Chain
    sequence: int
    logits: Logits
    width: int = 1
    tokens: int = 0
    first: float | None = None
    reason: EndReason | None = None
    sentence: str = ""
    flip: PendingReading | None = None
    replayed: Replayed | None = None

    @property
    def ends_here(self) -> bool:
        """Whether all tokens to take again are taken."""
        return self.replayed is not None and self.tokens == len(self.replayed.ids)


class Streams:
    """Writes the streams of one job. clock: seconds. unwanted: whether a stream is to stop. tail: bytes of a character
    that the prefix leaves unfinished.
    """

    def __init__(
        self,
        job: Generate,
        state: JobState,
        model: LanguageModel,
        cache: Cache,
        evaluator: Evaluator,
        clock: Callable[[], float],
        unwanted: Callable[[int], bool],
        tail: Sequence[bytes],
    ) -> None:
        self._job, self._state = job, state
        self._model, self._cache, self._evaluator, self._clock = model, cache, evaluator, clock
        self._unwanted, self._tail = unwanted, tail
        self._left = len(job.draws)

    def none(self, reason: EndReason) -> Iterator[Event]:
        """End all streams before they began."""
        for number in range(len(self._job.draws)):
            yield self._ended(number, reason)

    def write(self, logits: Logits) -> Iterator[Event]:
        """Yields Sampled… and one Ended for each stream. logits: after the prefix. Raises ModelError for settings out
        of bounds; what fails later ends the streams that it concerns.
        """
        if self._job.length == 0:
            yield from self.none("length")
            return
        logits = logits.copy()  # a later wave needs them again
        size, last = self._state.streams, len(self._job.draws)
        for first in range(0, last, size):
            wave = self._wave(range(first, min(first + size, last)), logits)
            try:
                yield from self._write_wave(wave)
            finally:
                for stream in wave:
                    stream.chain.close()

    def _wave(self, numbers: range, logits: Logits) -> list[Stream]:
        self._cache.fork(len(numbers))
        return [self._stream(number, sequence, logits) for sequence, number in enumerate(numbers, 1)]

    def _stream(self, number: int, sequence: int, logits: Logits) -> Stream:
        sampling, draws = self._job.sampling, self._job.draws[number]
        chain = Chain(sampling, self._model, self._state.page.ids, draws.seed, draws.take, in_turn=True)
        text = Text(Characters.after(self._tail), Stops(sampling.stop))
        replayed = self._job.replayed[number] if self._job.replayed else None
        return Stream(number, draws, text, chain, sequence, logits, replayed=replayed)

    # -------------------------------------------------------------------------------------------- steps

    def _write_wave(self, live: list[Stream]) -> Iterator[Event]:
        while live:
            self._draw_all(live)
            finish = self._start_step([stream for stream in live if stream.reason is None])
            try:
                for stream in live:
                    yield from self._show(stream)
            finally:
                rows = finish()  # also where the job is given up: an evaluation must end before the next begins
            for stream in [stream for stream in live if stream.reason is not None]:
                yield from self._end(stream)
            live = [stream for stream in live if stream.reason is None]
            for stream in live:
                stream.logits, stream.width = rows[stream.sequence], self._width(len(rows))

    def _draw_all(self, live: list[Stream]) -> None:
        """Draw the next token of each stream, half of them on the evaluator's thread, which has nothing else to do."""
        half = len(live) // 2
        wait = self._evaluator.start(lambda: [self._draw(stream) for stream in live[half:]])
        try:
            for stream in live[:half]:
                self._draw(stream)
        finally:
            wait()

    def _draw(self, stream: Stream) -> None:
        """Draw the stream's next token, or end it."""
        if self._unwanted(stream.number) or stream.ends_here:
            stream.reason = "stopped"
            return
        again = stream.replayed.ids[stream.tokens] if stream.replayed else -1
        try:
            flip = stream.chain.flip(stream.logits, stream.draws.first + stream.tokens, again)
        except ModelError as error:
            stream.reason, stream.sentence = "failed", str(error)
            return
        if again < 0 and self._model.ends_text(flip.token) and not self._job.sampling.ignore_eos:
            stream.reason = "end of text"
            return
        stream.chain.accept(flip.token)
        stream.flip = flip
        stream.tokens += 1
        stream.first = stream.first or self._clock()
        self._cache.drawn(stream.sequence, flip.token)
        if stream.tokens == self._job.length or (
            stream.replayed and stream.ends_here and not stream.replayed.last_evaluated
        ):
            stream.reason = "length"

    def _start_step(self, streams: list[Stream]) -> Callable[[], dict[int, Logits]]:
        """Start to evaluate the token that each of the streams drew. Calling the returned function waits; it gives the
        logits by sequence, and ends the streams where there are none.
        """
        width = self._width(len(streams))
        if not streams or self._cache.free < width:
            self._end_all(streams, "context full")
            return dict
        wait = self._cache.step([(stream.sequence, _token(stream)) for stream in streams], width)

        def finish() -> dict[int, Logits]:
            try:
                rows: Rows = wait()
            except Stopped:
                self._end_all(streams, "stopped")
            except ModelError as error:
                self._end_all(streams, "failed", str(error))
            else:
                return {stream.sequence: row for stream, row in zip(streams, rows, strict=True)}
            return {}

        return finish

    def _width(self, streams: int) -> int:
        return next((width for width in self._model.facts.widths if width >= streams), streams)

    def _end_all(self, streams: list[Stream], reason: EndReason, sentence: str = "") -> None:
        for stream in streams:
            if stream.reason is None:
                stream.reason, stream.sentence = reason, sentence

    # -------------------------------------------------------------------------------------------- events

    def _show(self, stream: Stream) -> Iterator[Event]:
        """The reading of the token that was just drawn."""
        if stream.flip is not None:
            spans, stream.flip = stream.text.feed(stream.flip, self._job.top), None
            if spans:
                yield self._sampled(stream, spans)
            if stream.text.met:
                stream.reason = "stop string"

    def _end(self, stream: Stream) -> Iterator[Event]:
        if spans := stream.text.flush():
            yield self._sampled(stream, spans)
        if stream.text.met:
            stream.reason = "stop string"
        self._cache.release(stream.sequence)
        yield self._ended(stream.number, stream.reason or "stopped", stream)

    def _sampled(self, stream: Stream, spans: tuple[Span, ...]) -> Sampled:
        state = self._state
        return Sampled(
            state.job,
            spans,
            state.used + stream.tokens,
            state.window.dropped,
            state.unseen,
            state.kept,
            stream.number,
            stream.width,
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
    assert stream.flip is not None
    return stream.flip.token
