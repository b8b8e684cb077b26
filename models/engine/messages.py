"""What the window and the engine say to each other.

Small frozen values; nothing else crosses the pipe. Every request carries a job number that its answers repeat, so that
answers to a job nobody wants any more can be dropped. Knows nothing of pipes, processes or llama.cpp.
"""

from __future__ import annotations  # array[int] can be written in an annotation, not evaluated, before Python 3.12

import math
from array import array
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from models.engine.sampling import Sampling

if TYPE_CHECKING:
    from models.engine.backends import Verdict

SCRIPTED = "scripted:"  # a model's path that is no file: fixed odds (scripted.py)

# ------------------------------------------------------------------------------------------------ the prefix


@dataclass(frozen=True, slots=True)
class TextPiece:
    """Text that somebody wrote. The child tokenises it; never with special tokens."""

    text: str

    def __len__(self) -> int:
        return len(self.text)


@dataclass(frozen=True, slots=True)
class TokenPiece:
    """Tokens of the loaded model's vocabulary, exactly as they were sampled (typecode 'i', one id each)."""

    ids: array[int]

    def __len__(self) -> int:
        return len(self.ids)


@dataclass(frozen=True, slots=True)
class Gap:
    """A stretch of the page that is not sent: all of it lies before what the window can hold. tokens: how many it has,
    as well as is known.
    """

    tokens: int

    def __len__(self) -> int:
        """It stands in the prefix as one thing that cannot be divided."""
        return 1


Piece = TextPiece | TokenPiece | Gap


@dataclass(frozen=True, slots=True)
class Patch:
    """The prefix (the page up to where the model reads or writes) as a change of the prefix last sent to this child.

    Keep the first `kept` pieces whole and `within` units (code points of a text piece, ids of a token piece) of the
    next one; put `pieces` behind. Neighbouring pieces of one kind are one piece. Neither side ever holds an empty
    piece.
    """

    kept: int
    within: int
    pieces: tuple[Piece, ...]


# ------------------------------------------------------------------------------------------------ readings


@dataclass(frozen=True, slots=True)
class Alternatives:
    """The most likely tokens at one position, most likely (raw) first; the chosen token is always among them (last, if
    it ranks behind).

    ids: 'i'. raw: 'f', natural log-probability of the softmax of the logits. final: 'f', natural log-probability after
    the sampler chain, -inf where cut. cut: one byte each, 0 where kept, else 1 + the index in sampling.STAGES of the
    stage that cut it. texts: the bytes of each token.
    """

    ids: array[int]
    raw: array[float]
    final: array[float]
    cut: bytes
    texts: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Reading:
    """What the model said about one token, and how its coin fell.

    token: its id, or -1 for a distribution that nothing was drawn from. raw: log-probability in nats (softmax of the
    logits at temperature 1, no sampler). rank: 1 = most likely in the whole vocabulary. entropy: bits, of the raw
    distribution. final: log-probability in nats after the chain (-inf where the chain would have cut it). draw: the
    number in [0, 1) that was drawn, NaN where none was; [low, high): the interval of the chosen token, in the order in
    which the coin lays out its candidates, NaN where nothing was drawn. gate: the second number, that decides whether
    XTC strikes, NaN where the chain has no XTC.
    """

    token: int
    bytes: bytes
    raw: float
    rank: int
    entropy: float
    final: float
    draw: float
    low: float
    high: float
    alternatives: Alternatives
    gate: float = math.nan


@dataclass(frozen=True, slots=True)
class Span:
    """The shortest run of tokens whose bytes are whole characters, and its text (never empty; bytes that are no UTF-8
    are U+FFFD).

    absorbed: how many tokens *before* `readings`, already on the page as an unfinished span, belong to this run: that
    span is replaced. cut: true where a stop string ended the text inside a token; `text` is then shorter than the
    tokens' bytes and is to be kept as plain text.
    """

    text: str
    readings: tuple[Reading, ...]
    absorbed: int = 0
    cut: bool = False


# ------------------------------------------------------------------------------------------------ requests


@dataclass(frozen=True, slots=True)
class LoadOptions:
    """How a model is loaded. context: tokens, 0 = choose (the model's own, at most 8,192, less where memory is short).
    threads: 0 = choose. gpu_layers: -1 = as many as fit. device: names with commas between, empty for all, "cpu" for
    none. cache_type: of the numbers in the cache, "f16", "q8_0" or "f32". flash_attention: "auto", "on" or "off".
    """

    context: int = 0
    threads: int = 0
    gpu_layers: int = -1
    device: str = ""
    cache_type: str = "f16"
    flash_attention: str = "auto"


@dataclass(frozen=True, slots=True)
class Load:
    """notes: the file that remembers what worked on this machine, empty for none. backends: what was found out of
    llama.cpp's, None where the child has to look for itself. ceiling: the model failed with so
    many layers on its devices, so fewer are tried (-1: nothing failed yet); why: what happened, in words.
    """

    job: int
    path: str
    options: LoadOptions = field(default_factory=LoadOptions)
    notes: str = ""
    backends: tuple[Verdict, ...] | None = None
    ceiling: int = -1
    why: str = ""


@dataclass(frozen=True, slots=True)
class Generate:
    """Write on behind the prefix. length: tokens, None = endless. seed, take and first name the draws: token k of this
    job is drawn with Philox(seed, take, first + k). top: alternatives kept in each reading. keep: so many of the page's
    first tokens stay in the window when it slides (half the context at most).
    """

    job: int
    prefix: Patch
    sampling: Sampling
    length: int | None
    seed: int
    take: int = 0
    first: int = 0
    top: int = 10
    keep: int = 0


@dataclass(frozen=True, slots=True)
class Look:
    """The distribution of the next token behind the prefix; nothing is drawn. keep: as in Generate."""

    job: int
    prefix: Patch
    sampling: Sampling
    top: int = 10
    keep: int = 0


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

# ------------------------------------------------------------------------------------------------ events


@dataclass(frozen=True, slots=True)
class ModelFacts:
    """What is known of a loaded model. fingerprint: tells this file from any other. size: bytes. device: where it runs,
    in words; why: one sentence, why not all of it runs on a graphics device (empty where it does). offloaded: layers on
    devices, the output counted as one. batch: the most tokens one evaluation takes. bos: the id the child puts in front
    of every prefix, -1 where the vocabulary has none or wants none.
    """

    path: str
    name: str
    fingerprint: str
    architecture: str
    parameters: int
    size: int
    vocabulary: int
    layers: int
    context: int
    trained_context: int
    threads: int
    offloaded: int
    device: str
    bos: int
    batch: int
    chat: bool = False
    why: str = ""


@dataclass(frozen=True, slots=True)
class Loading:
    job: int
    fraction: float


@dataclass(frozen=True, slots=True)
class Trying:
    """The model is now loaded with so many layers on devices. sentence: what failed before, empty at first."""

    job: int
    layers: int
    sentence: str


@dataclass(frozen=True, slots=True)
class Unloaded:
    """The model before is given back, or went with its child: should this load fail, there is none."""

    job: int


@dataclass(frozen=True, slots=True)
class Loaded:
    job: int
    model: ModelFacts
    seconds: float


@dataclass(frozen=True, slots=True)
class Started:
    """A prefix was tokenised and its evaluation begins.

    prompt: the ids in the window, BOS among them. dropped: tokens of the prefix that the window does not hold. They
    stand between two places, in code points of what was sent (a gap counts for none): behind `kept`, where the window
    keeps the page's beginning, and before `unseen`. reused: ids whose cache entries are kept. exact: the logits this
    job starts from were evaluated in the batch shapes a fresh read of the same prefix would use, so the same seed gives
    the same text.
    """

    job: int
    prompt: array[int]
    dropped: int
    unseen: int
    reused: int
    exact: bool
    kept: int = 0


@dataclass(frozen=True, slots=True)
class Evaluated:
    """Progress on a long prompt, or on the text that is read anew when the window slides: done of total tokens. read:
    those that were read anew so far, in so many seconds (0 where that says nothing of the model's speed).
    """

    job: int
    done: int
    total: int
    read: int = 0
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Sampled:
    """Text for the page. used: tokens in the context now; dropped, kept and unseen: as in Started, now."""

    job: int
    spans: tuple[Span, ...]
    used: int
    dropped: int
    unseen: int
    kept: int = 0


@dataclass(frozen=True, slots=True)
class Looked:
    job: int
    reading: Reading


@dataclass(frozen=True, slots=True)
class Scored:
    """Readings of text that is on the page already, in order. offset: code points of what was sent before the first
    span, counted with the text of its token pieces (whole characters; U+FFFD where they are none).
    """

    job: int
    offset: int
    spans: tuple[Span, ...]


EndReason = Literal["length", "stop string", "end of text", "stopped", "done"]


@dataclass(frozen=True, slots=True)
class Ended:
    """The job is over and nothing of it follows. tokens were sampled or scored, evaluated were read anew first; seconds
    from the request's arrival: first = to the first token, total = to the end.
    """

    job: int
    reason: EndReason
    tokens: int
    evaluated: int
    first: float
    total: float
    used: int


@dataclass(frozen=True, slots=True)
class Failed:
    """The job could not be done. One sentence that the user can act on. The child lives."""

    job: int
    sentence: str


@dataclass(frozen=True, slots=True)
class Died:
    """The child is gone, and with it every job. The sentence says why. Made by the parent."""

    sentence: str


Event = Loading | Trying | Unloaded | Loaded | Started | Evaluated | Sampled | Looked | Scored | Ended | Failed | Died
