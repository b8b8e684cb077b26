"""The engine's requests: small frozen values that the parent sends down the pipe.

Every request carries a job number that its events (events.py) repeat, so that events of an abandoned job can be
dropped.
"""

from __future__ import annotations  # array[int] can be written in an annotation, not evaluated, before Python 3.12

from array import array
from dataclasses import dataclass, field
from typing import NamedTuple

from models.engine.prefix import Patch
from models.library import memory
from models.library.load_options import LoadOptions
from models.library.model_ref import ModelRef
from models.sampling.coin import Retry
from models.sampling.knobs import Sampling
from models.sampling.place_state import FRESH, PlaceState


@dataclass(frozen=True, slots=True)
class BackendStatus:
    """The result of trying one family of llama.cpp's backends. file: the one to use, "" for none. message: its devices,
    or why it is not used, in English (backend_messages.translated).
    """

    family: str
    file: str
    message: str

    @property
    def works(self) -> bool:
        return bool(self.file)


@dataclass(frozen=True, slots=True)
class Load:
    """Load a model. notes: path of the launch cache, "" for none. backends: the status of llama.cpp's backends, None if
    the child must find them itself. ceiling: the number of layers on devices with which the model failed, so fewer are
    tried (-1: none failed yet); why: how it failed, for the user. streams: the most streams that may write at once.
    mapped: bytes of the weights of another model that runs beside it.
    """

    job: int
    model: ModelRef
    options: LoadOptions = field(default_factory=LoadOptions)
    notes: str = ""
    backends: tuple[BackendStatus, ...] | None = None
    ceiling: int = -1
    why: str = ""
    streams: int = memory.STREAMS
    mapped: int = 0


@dataclass(frozen=True, slots=True)
class Draws:
    """The draws of one stream: its token k is drawn with Philox(seed, take, first + k); see coin.Retry for a place that
    is drawn again.
    """

    seed: int
    take: int = 0
    first: int = 0


class StepWidth(NamedTuple):
    """A step of streams. rows: the streams that took it. width: the rows that were evaluated, fillers counted."""

    rows: int = 1
    width: int = 1


@dataclass(frozen=True, slots=True)
class Replayed:
    """The tokens that a stream wrote, to be taken again. last_evaluated: whether the model evaluated the last one too,
    as it does unless the length or the context ended the stream. steps: for a stream that wrote beside others and is
    taken again alone, the step that gave the odds of each token (of the first one: StepWidth(1, 1)); dummies take
    the place of the others. Empty: as the request's own streams fall. retries: which draw at its place gave each token;
    empty: the first. healed: the text behind the prefix that the first token spells, too, as in events.Healed; nothing
    else is healed then.
    """

    ids: array[int]
    last_evaluated: bool = False
    steps: tuple[StepWidth, ...] = ()
    retries: tuple[Retry, ...] = ()
    healed: str = ""


@dataclass(frozen=True, slots=True)
class Generate:
    """Continue the prefix, as often as there are draws: each is a stream, and its number is its place in `draws`.
    length: tokens of each stream, None = endless. top: alternatives in each reading. n_keep: the page's first tokens
    that stay in the window when it slides (half the context at most). The window slides only for a single stream.
    replayed: for each stream, the tokens to take in place of those that the coin chooses; it ends with them. allowed:
    how many tokens each stream sends before all wait for Allow, a single one sends one more at most; None: they never
    wait. fed: how many of the prefix's last bytes the grammar is fed first: those since it began.
    """

    job: int
    prefix: Patch
    sampling: Sampling
    length: int | None
    draws: tuple[Draws, ...]
    top: int = 10
    n_keep: int = 0
    replayed: tuple[Replayed, ...] = ()
    allowed: int | None = None
    fed: int = 0


@dataclass(frozen=True, slots=True)
class Look:
    """Ask for the odds of the next token after the prefix; nothing is drawn. top, n_keep, fed: as in Generate. state:
    what a generation had there; text that it names as healed is not in the prefix, and nothing else is healed then.
    token: the answer is that one's reading there; -1 for none.
    """

    job: int
    prefix: Patch
    sampling: Sampling
    top: int = 10
    n_keep: int = 0
    state: PlaceState = FRESH
    token: int = -1
    fed: int = 0


@dataclass(frozen=True, slots=True)
class Score:
    """Ask for a reading of every token of the prefix (of the last ones that fit the context). top: as in Generate.
    since: code points of the prefix; tokens that begin before get no reading, and cost no more than a look. odds:
    false where only the tokens are wanted, the very first one included: nothing is evaluated, and the readings have
    only their token and its bytes.
    """

    job: int
    prefix: Patch
    top: int = 10
    since: int = 0
    odds: bool = True


@dataclass(frozen=True, slots=True)
class Greedy:
    """Ask for the greedy continuation of the prefix: at each step the model's most likely token, without the sampler
    chain and without a draw; no control token, none that the grammar (GBNF, "" for none) does not allow, and not beyond
    the end of the text. length: tokens at most. n_keep, fed: as in Generate.
    """

    job: int
    prefix: Patch
    length: int
    n_keep: int = 0
    grammar: str = ""
    fed: int = 0


ALL_STREAMS = -1


@dataclass(frozen=True, slots=True)
class Distribution:
    """Ask for the whole distribution of the next token after the prefix, and for the odds of each string there. texts:
    how many tokens are listed with their bytes, as in Generate. n_keep, fed: as there; state: as in Look. whole: false
    where only the strings are wanted.
    """

    job: int
    prefix: Patch
    sampling: Sampling
    strings: tuple[str, ...] = ()
    texts: int = 0
    n_keep: int = 0
    state: PlaceState = FRESH
    whole: bool = True
    fed: int = 0


@dataclass(frozen=True, slots=True)
class Rechain:
    """Ask for the odds that another sampler chain gives where an earlier job looked: its logits are kept for a while,
    so nothing is evaluated. looked: the number of that Look or Distribution, whose healing stays. top, state, token: as
    in Look.
    """

    job: int
    looked: int
    sampling: Sampling
    top: int = 10
    state: PlaceState = FRESH
    token: int = -1


@dataclass(frozen=True, slots=True)
class Flips:
    """Flip the coin of the next token after the prefix `count` times, at least once; nothing is written. seed, take,
    place, first: which numbers are drawn (coin.extra_draws). listed: tokens whose share is wanted though they may not
    come up; recorded: the probability of each after the chain, as it was recorded there, which the coin has then
    (extra_flips.RecordedOdds), with the gate of the state; empty: the coin has the odds of now. n_keep, state, fed: as
    in Look.
    """

    job: int
    prefix: Patch
    sampling: Sampling
    seed: int
    take: int = 0
    place: int = 0
    first: int = 0
    count: int = 1
    listed: tuple[int, ...] = ()
    recorded: tuple[float, ...] = ()
    n_keep: int = 0
    state: PlaceState = FRESH
    fed: int = 0


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Ask for the bytes of every token of the loaded model."""

    job: int


@dataclass(frozen=True, slots=True)
class ReadBias:
    """Ask which token of the loaded model each entry of a logit bias means."""

    job: int
    entries: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Stop:
    """Stop a job, or one stream of it, as soon as possible. No effect if it is over."""

    job: int
    stream: int = ALL_STREAMS


@dataclass(frozen=True, slots=True)
class Allow:
    """Let a generation that waits go on. tokens: its `allowed` from now on, counted from its beginning. No effect if
    the job is over.
    """

    job: int
    tokens: int | None


Query = Look | Score | Distribution | Flips | Greedy  # of a prefix; nothing is written
Request = Load | Generate | Query | Rechain | Vocabulary | ReadBias | Stop | Allow
