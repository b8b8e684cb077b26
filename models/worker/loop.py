"""The inference loop: read the prefix, flip a coin, put the token behind it, again. Every answer is a stream of
events.

Not asking for the next event cancels. While a token is evaluated (`ahead`), the reading of it is worked out and
handed on. Knows nothing of pipes and processes.
"""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass, field

from models.engine.events import Ended, EndReason, Evaluated, Event, Looked, Sampled, Scored, Span, Started
from models.engine.prefix import Piece
from models.engine.requests import Generate, Look, Score
from models.errors import ModelError, Stopped
from models.library import memory
from models.sampling.chain import Chain
from models.sampling.pending_reading import PendingReading
from models.sampling.stages import Logits
from models.worker import tokens
from models.worker.cache import Cache
from models.worker.characters import Characters
from models.worker.evaluation_thread import Ahead
from models.worker.language_model import LanguageModel
from models.worker.scoring import Scoring
from models.worker.stop_strings import Stops
from models.worker.tokens import PageTokens, TextOffsets, Tokens, Window
from resources.language import tr

EMPTY = tr("The page is empty, and this model cannot start from nothing: write a first word.")
_TOGETHER = 4  # spans of a score in one event


@dataclass(slots=True)
class JobState:
    """How one job is going. arrived, first: by the loop's clock; first: when its first token was there.

    n_keep: tokens of the page's beginning that are to stay in the window. kept, unseen: see events.Started.
    """

    job: int
    arrived: float
    page: PageTokens
    n_keep: int
    shown: TextOffsets
    window: Window
    kept: int = 0
    unseen: int = 0
    reason: EndReason = "stopped"
    tokens: int = 0
    evaluated: int = 0
    first: float | None = None

    @property
    def used(self) -> int:
        return len(self.window.ids)


@dataclass(slots=True)
class Text:
    """From readings to spans that may be shown: whole characters, and nothing that may become a stop string."""

    characters: Characters
    stops: Stops
    met: bool = False

    def feed(self, drawn: PendingReading, top: int) -> tuple[Span, ...]:
        span = self.characters.feed(drawn.reading(top))
        return self._past_stops(span)

    def flush(self) -> tuple[Span, ...]:
        """All that was held back, when nothing follows."""
        if self.met:
            return ()
        spans = self._past_stops(self.characters.flush())
        return spans if self.met else spans + self.stops.flush()

    def _past_stops(self, span: Span | None) -> tuple[Span, ...]:
        if span is None:
            return ()
        spans, self.met = self.stops.feed(span)
        return spans


@dataclass(slots=True)
class Loop:
    """A loaded model at work. One job at a time. snapshots: bytes for the states of a model that cannot truncate."""

    model: LanguageModel
    ahead: Ahead
    clock: Callable[[], float]
    snapshots: int = memory.SNAPSHOTS
    _cache: Cache = field(init=False)
    _tokens: Tokens = field(init=False)

    def __post_init__(self) -> None:
        self._cache = Cache(self.model, self.ahead, self.snapshots)
        self._tokens = Tokens(self.model)

    def generate(self, job: Generate, pieces: tuple[Piece, ...], arrived: float) -> Generator[Event, None, None]:
        """Started, Evaluated…, Sampled…, Ended. Raises ModelError, when all tokens that were drawn are told of."""
        course = self._course(job.job, pieces, job.n_keep, arrived)
        failure: Exception | None = None
        text = Text(Characters.after(self._tokens.tail(pieces)), Stops(job.sampling.stop))
        chain = Chain(job.sampling, self.model, course.page.ids, job.seed, job.take)
        try:
            yield from self._write(job, course, chain, text)
        except Stopped:
            course.reason = "stopped"
        except Exception as error:  # noqa: BLE001  (whatever it is, what was drawn is the page's)
            failure = error
        finally:
            chain.close()
        if spans := text.flush():
            yield self._sampled(course, spans)
        if failure is not None:
            raise failure
        if text.met:
            course.reason = "stop string"
        yield self._ended(course)

    def look(self, job: Look, pieces: tuple[Piece, ...], arrived: float) -> Iterator[Event]:
        """Started, Evaluated…, Looked, Ended. Raises ModelError."""
        course = self._course(job.job, pieces, job.n_keep, arrived)
        try:
            logits = yield from self._read(course)
        except Stopped:
            yield self._ended(course)
            return
        chain = Chain(job.sampling, self.model, course.page.ids, 0, 0)
        try:
            yield Looked(job.job, chain.look(logits).reading(job.top))
        finally:
            chain.close()
        course.reason, course.first = "done", self.clock()
        yield self._ended(course)

    def score(self, job: Score, pieces: tuple[Piece, ...], arrived: float) -> Iterator[Event]:
        """Started, then Scored and Evaluated a chunk each, Ended. Raises ModelError."""
        course = self._course(job.job, pieces, 0, arrived)
        failure: Exception | None = None
        yield Started(job.job, course.window.ids[:], course.window.dropped, course.unseen, 0, True)
        scoring = Scoring(self.model, course.page, course.window, job.top)
        try:
            for first, rows in self._cache.read_each(course.window.ids):
                course.evaluated = first + len(rows)
                yield from _scored(course, scoring, scoring.chunk(first, rows))
                yield Evaluated(job.job, course.evaluated, course.used)
            course.reason = "done"
        except Stopped:
            course.reason = "stopped"
        except Exception as error:  # noqa: BLE001  (what was read is told of)
            failure = error
        yield from _scored(course, scoring, scoring.flush())
        if failure is not None:
            raise failure
        yield self._ended(course)

    # ------------------------------------------------------------------------------------------ reading the prefix

    def _course(self, job: int, pieces: tuple[Piece, ...], n_keep: int, arrived: float) -> JobState:
        page = self._tokens.of(pieces)
        window = tokens.window(page, self.model.facts.bos, self.model.facts.context, n_keep)
        if not window.ids:
            raise ModelError(EMPTY)
        shown = TextOffsets(self.model, page)
        kept = shown.by(window.kept)
        return JobState(job, arrived, page, n_keep, shown, window, kept, shown.by(window.start))

    def _read(self, course: JobState) -> Generator[Event, None, Logits]:
        """Read the window; returns the logits behind it."""
        window, way = course.window, self._cache.go(course.window.ids)
        yield Started(course.job, window.ids[:], window.dropped, course.unseen, way.reused, way.exact, course.kept)
        course.evaluated = course.used - way.reused
        return (yield from self._evaluate(course, way.reused))

    def _evaluate(self, course: JobState, reused: int) -> Generator[Event, None, Logits]:
        reading, began = self._cache.read(course.window.ids), self.clock()
        while True:
            try:
                done = next(reading)
            except StopIteration as end:
                logits: Logits = end.value
                return logits
            if course.used - reused > self.model.facts.batch:
                yield Evaluated(course.job, done, course.used, done - reused, self.clock() - began)

    # ------------------------------------------------------------------------------------------ writing behind it

    def _write(self, job: Generate, course: JobState, chain: Chain, text: Text) -> Generator[Event, None, None]:
        logits = yield from self._read(course)
        coming: Callable[[], Logits] | None = None
        try:
            for index in range(job.first, job.first + (sys.maxsize if job.length is None else job.length)):
                flip = chain.flip(logits, index)
                if self.model.ends_text(flip.token) and not job.sampling.ignore_eos:
                    course.reason = "end of text"
                    return
                self._put(course, chain, flip.token)
                coming = None if course.tokens == job.length else self._begin(course)
                if spans := text.feed(flip, job.top):
                    yield self._sampled(course, spans)
                if text.met:
                    return
                if course.tokens != job.length:
                    arriving, coming = coming, None
                    logits = arriving() if arriving else (yield from self._slide(course))
            course.reason = "length"
        finally:
            if coming:
                _let_finish(coming)

    def _put(self, course: JobState, chain: Chain, token: int) -> None:
        chain.accept(token)
        course.page.ids.append(token)
        course.window.ids.append(token)
        course.tokens += 1
        course.first = course.first or self.clock()
        self._cache.written = token

    def _begin(self, course: JobState) -> Callable[[], Logits] | None:
        """Start to evaluate the token just put; None where the window has to slide first."""
        if course.used > self.model.facts.context:
            return None
        return self._cache.start(course.window.ids[-1:])

    def _slide(self, course: JobState) -> Generator[Event, None, Logits]:
        """The context is full: drop the oldest tokens in one large step and read the rest anew."""
        facts, first_time = self.model.facts, not course.window.dropped
        course.window = tokens.window(course.page, facts.bos, facts.context, course.n_keep)
        if first_time:
            course.kept = course.shown.by(course.window.kept)
        course.unseen = course.shown.by(course.window.start)
        way = self._cache.go(course.window.ids)
        return (yield from self._evaluate(course, way.reused))

    # ------------------------------------------------------------------------------------------ events

    def _sampled(self, course: JobState, spans: tuple[Span, ...]) -> Sampled:
        used = min(course.used, self.model.facts.context)
        return Sampled(course.job, spans, used, course.window.dropped, course.unseen, course.kept)

    def _ended(self, course: JobState) -> Ended:
        now = self.clock()
        return Ended(
            course.job,
            course.reason,
            course.tokens,
            course.evaluated,
            (course.first or now) - course.arrived,
            now - course.arrived,
            min(course.used, self.model.facts.context),
        )


def _let_finish(coming: Callable[[], Logits]) -> None:
    """An evaluation that runs must end before the next begins; what became of it matters to nobody."""
    with contextlib.suppress(Exception):
        coming()


def _scored(course: JobState, scoring: Scoring, spans: tuple[Span, ...]) -> Iterator[Scored]:
    """A few at a time: whoever takes them in has other things to do in between."""
    for first in range(0, len(spans), _TOGETHER):
        few, offset = spans[first : first + _TOGETHER], scoring.offset
        scoring.offset += sum(len(span.text) for span in few)
        course.tokens += sum(len(span.readings) for span in few)
        yield Scored(course.job, offset, few)
