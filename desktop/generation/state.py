"""What the session is doing now, as a value. The status bar, the toolbar and the notices are made from it. No Qt."""

from dataclasses import dataclass
from enum import Enum

from models.engine.messages import ModelFacts
from models.engine.tokens import next_slide


class Phase(Enum):
    """One word for what the engine is busy with."""

    EMPTY = "no model"
    LOADING = "loading"
    READY = "ready"
    READING = "reading"  # evaluating a prompt, before the first token
    WRITING = "writing"
    STOPPING = "stopping"


@dataclass(frozen=True, slots=True)
class SessionState:
    """fraction: of a load or a prompt, 0 to 1.

    used: tokens in the context. dropped: tokens of the page that the window does not hold; keep: so many of its first
    ones are to stay in it. speed: tokens per second of the generation that runs or ran last, 0 before the first.
    reading_speed: the same of text that is read, as last measured. loading: the file that is being opened.
    """

    phase: Phase = Phase.EMPTY
    model: ModelFacts | None = None
    fraction: float = 0.0
    used: int = 0
    dropped: int = 0
    keep: int = 0
    speed: float = 0.0
    reading_speed: float = 0.0
    loading: str = ""

    @property
    def busy(self) -> bool:
        return self.phase not in (Phase.EMPTY, Phase.READY)

    @property
    def words(self) -> str:
        """The state for the status bar."""
        match self.phase:
            case Phase.EMPTY:
                return "Open a model to begin"
            case Phase.READY:
                return "Ready"
            case phase:
                return f"{phase.value.capitalize()}…"

    @property
    def tokens(self) -> int:
        """Tokens of the page, as the model counted them when it was last asked; 0 before."""
        front = 1 if self.model and self.model.bos >= 0 else 0
        return max(0, self.dropped + self.used - front)

    @property
    def next_slide(self) -> str:
        """When the window slides next and what that costs, in a sentence; empty before the model has read anything."""
        if self.model is None or not self.used:
            return ""
        model = self.model
        slide = next_slide(self.tokens, self.dropped, model.bos, model.context, self.keep, model.batch)
        takes = f", about {_seconds(slide.read / self.reading_speed)}" if self.reading_speed else ""
        when = f"In {slide.within:,} tokens" if slide.within > 1 else "With the next token"
        return f"{when} the window slides: {slide.read:,} tokens are read anew{takes}."

    @property
    def writing(self) -> bool:
        return self.phase in (Phase.READING, Phase.WRITING, Phase.STOPPING)


def _seconds(seconds: float) -> str:
    return f"{seconds:.1f} s" if seconds < 10 else f"{seconds:,.0f} s"


def details(model: ModelFacts) -> str:
    """What is known of a model, in a few lines."""
    return (
        f"{model.path}\n"
        f"{model.architecture}, {model.parameters / 1e6:,.0f} million parameters, {model.size / 1e6:,.0f} MB\n"
        f"vocabulary {model.vocabulary:,}, trained on {model.trained_context:,} tokens at once\n"
        f"{where(model)}"
    )


def where(model: ModelFacts) -> str:
    """Where it runs, and why not all of it on a graphics device."""
    return "\n".join(filter(None, (f"{model.device}, context {model.context:,} tokens", model.why)))
