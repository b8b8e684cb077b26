"""What can be asked of the engine: small frozen values that go down the pipe.

Every request carries a job number that its answers (events.py) repeat, so that answers to a job nobody wants any more
can be dropped. Knows nothing of pipes, processes or llama.cpp.
"""

from dataclasses import dataclass, field

from models.engine.prefix import Patch
from models.library.load_options import LoadOptions
from models.library.model_ref import ModelRef
from models.sampling.knobs import Sampling


@dataclass(frozen=True, slots=True)
class BackendStatus:
    """What was found out of the files of one family of llama.cpp's backends. file: the one that is used, empty where
    none is. said: its devices, or why it is not used, in English (backend_messages.shown).
    """

    family: str
    file: str
    said: str

    @property
    def works(self) -> bool:
        return bool(self.file)


@dataclass(frozen=True, slots=True)
class Load:
    """notes: the file that remembers what worked on this machine, empty for none. backends: what was found out of
    llama.cpp's, None where the child has to look for itself. ceiling: the model failed with so
    many layers on its devices, so fewer are tried (-1: nothing failed yet); why: what happened, in words.
    """

    job: int
    model: ModelRef
    options: LoadOptions = field(default_factory=LoadOptions)
    notes: str = ""
    backends: tuple[BackendStatus, ...] | None = None
    ceiling: int = -1
    why: str = ""


@dataclass(frozen=True, slots=True)
class Generate:
    """Write on behind the prefix. length: tokens, None = endless. seed, take and first name the draws: token k of this
    job is drawn with Philox(seed, take, first + k). top: alternatives kept in each reading. n_keep: so many of the
    page's first tokens stay in the window when it slides (half the context at most).
    """

    job: int
    prefix: Patch
    sampling: Sampling
    length: int | None
    seed: int
    take: int = 0
    first: int = 0
    top: int = 10
    n_keep: int = 0


@dataclass(frozen=True, slots=True)
class Look:
    """The distribution of the next token behind the prefix; nothing is drawn. n_keep: as in Generate."""

    job: int
    prefix: Patch
    sampling: Sampling
    top: int = 10
    n_keep: int = 0


@dataclass(frozen=True, slots=True)
class Score:
    """A reading of every token of the prefix (the last ones that fit the context)."""

    job: int
    prefix: Patch
    top: int = 10


@dataclass(frozen=True, slots=True)
class Stop:
    """Stop that job, as soon as can be. A job that is not running any more ignores it."""

    job: int


Request = Load | Generate | Look | Score | Stop
