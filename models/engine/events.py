"""What the engine answers: small frozen values that come up the pipe. Each repeats the number of the job that it
belongs to (requests.py).

Knows nothing of pipes, processes or llama.cpp.
"""

from __future__ import annotations  # array[int] can be written in an annotation, not evaluated, before Python 3.12

from array import array
from dataclasses import dataclass
from typing import Literal

from models.sampling.readings import Reading


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
