"""What the session is doing now, as a value. The status bar, the toolbar and the notices are made from it. No Qt."""

from dataclasses import dataclass
from enum import Enum

from models.engine.messages import ModelFacts


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

    used: tokens in the context. dropped: tokens of the page before the window's start. speed: tokens per second of
    the generation that runs or ran last, 0 before the first. loading: the file that is being opened.
    """

    phase: Phase = Phase.EMPTY
    model: ModelFacts | None = None
    fraction: float = 0.0
    used: int = 0
    dropped: int = 0
    speed: float = 0.0
    loading: str = ""

    @property
    def busy(self) -> bool:
        return self.phase not in (Phase.EMPTY, Phase.READY)

    @property
    def writing(self) -> bool:
        return self.phase in (Phase.READING, Phase.WRITING, Phase.STOPPING)
