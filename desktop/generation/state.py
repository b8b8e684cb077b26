"""The state of the session, as a value. The status bar, the toolbar and the notices show it. No Qt."""

from dataclasses import dataclass
from enum import Enum

from desktop.qt.visible import lines
from models.engine.events import ModelFacts
from models.library.words import number
from models.worker.tokens import next_slide
from resources.language import tr

NO_MODEL = tr("Open a model first: File, Open model.")


class Phase(Enum):
    """The engine's current work; _BUSY has the words for the status bar."""

    EMPTY = "no model"
    LOADING = "loading"
    READY = "ready"
    READING = "reading"  # evaluating a prompt, before the first token
    WRITING = "writing"
    STOPPING = "stopping"


_BUSY = {
    Phase.LOADING: tr("Loading…"),
    Phase.READING: tr("Reading…"),
    Phase.WRITING: tr("Writing…"),
    Phase.STOPPING: tr("Stopping…"),
}


@dataclass(frozen=True, slots=True)
class SessionState:
    """fraction: of a load or a prompt, 0 to 1.

    used: tokens in the context. dropped: tokens of the page that the context does not hold. estimated: both are
    estimates, since the model has not read the page as it is now. n_keep: how many of the page's first tokens stay in
    the context. speed: tokens per second of the generation that runs or ran last on this page, 0 before the first.
    streams, written: how many continuations are written together, or were last, and the tokens of all of them.
    reading_speed: tokens per second of text that the model reads, as measured last; 0 before that. loading: the file
    that is being opened. paused: step mode waits to be asked for the next token; fork: bits of its entropy, where it is
    a fork at which step mode hesitates, else 0. outcome: why the last request ended, in a sentence, while its text is
    in view. grammar: seconds a token that the grammar takes, as speed; 0 without one. measured: the grammar that this
    was measured with.
    """

    phase: Phase = Phase.EMPTY
    model: ModelFacts | None = None
    fraction: float = 0.0
    used: int = 0
    dropped: int = 0
    estimated: bool = False
    n_keep: int = 0
    speed: float = 0.0
    streams: int = 1
    written: int = 0
    reading_speed: float = 0.0
    loading: str = ""
    paused: bool = False
    fork: float = 0.0
    outcome: str = ""
    grammar: float = 0.0
    measured: str = ""

    @property
    def busy(self) -> bool:
        return self.phase not in (Phase.EMPTY, Phase.READY)

    @property
    def words(self) -> str:
        """The state for the status bar."""
        match self.phase:
            case Phase.EMPTY:
                return tr("Open a model to begin")
            case Phase.READY:
                return self.outcome or tr("Ready")
            case Phase.WRITING if self.paused and self.fork:
                return tr("Paused at a fork: {bits:.1f} bits of entropy").format(bits=self.fork)
            case Phase.WRITING if self.paused:
                return tr("Paused before the next token")
            case Phase.WRITING if self.streams > 1:
                words = tr("{count:,} continuations, {tokens:,} tokens")
                return words.format(count=self.streams, tokens=self.written)
            case phase:
                return _BUSY[phase]

    @property
    def tokens(self) -> int:
        """Tokens of the page."""
        return max(0, self.dropped + self.used - bos_tokens(self.model))

    @property
    def next_slide(self) -> str:
        """A sentence that says when the window slides next and what that costs; empty where the model has not read the
        page."""
        if self.model is None or not self.used or self.estimated:
            return ""
        model = self.model
        slide = next_slide(self.tokens, self.dropped, model.bos, model.context, self.n_keep, model.batch)
        if self.reading_speed:
            later = tr("In {within:,} tokens the context moves on: {read:,} tokens will be read again, about {time}.")
            now = tr("With the next token the context moves on: {read:,} tokens will be read again, about {time}.")
            time = _seconds(slide.read / self.reading_speed)
        else:
            later = tr("In {within:,} tokens the context moves on: {read:,} tokens will be read again.")
            now = tr("With the next token the context moves on: {read:,} tokens will be read again.")
            time = ""
        return (later if slide.within > 1 else now).format(within=slide.within, read=slide.read, time=time)

    @property
    def writing(self) -> bool:
        return self.phase in (Phase.READING, Phase.WRITING, Phase.STOPPING)


def bos_tokens(model: ModelFacts | None) -> int:
    """Tokens that stand before the page in the context: 1 where the model wants a beginning-of-text token."""
    return 1 if model and model.bos >= 0 else 0


def _seconds(seconds: float) -> str:
    return (tr("{seconds:.1f} s") if seconds < 10 else tr("{seconds:,.0f} s")).format(seconds=seconds)


def details(model: ModelFacts) -> str:
    """The facts of a model, in a few lines."""
    sizes = tr("{architecture}, {count} parameters, {megabytes:,.0f} MB").format(
        architecture=model.architecture, count=number(model.parameters), megabytes=model.size / 1e6
    )
    limits = tr("vocabulary of {vocabulary:,} tokens, trained with a context of {context:,}").format(
        vocabulary=model.vocabulary, context=model.trained_context
    )
    return "\n".join((lines(model.path, sizes, limits), where(model)))


def where(model: ModelFacts) -> str:
    """Where the model runs, and why not all of it on a graphics device."""
    place = tr("{device}, context {count:,} tokens").format(device=model.device, count=model.context)
    return lines(place, model.why)
