"""The engine's events: small frozen values that the child sends up the pipe. Each carries the number of its job
(requests.py).
"""

from __future__ import annotations  # array[int] can be written in an annotation, not evaluated, before Python 3.12

import math
from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from models.sampling.bias import BiasToken
from models.sampling.readings import ChainEffect, Reading


@dataclass(frozen=True, slots=True)
class Span:
    """The shortest run of tokens whose bytes are whole characters, and its text (never empty; bytes that are no UTF-8
    are U+FFFD).

    absorbed: tokens *before* `readings` that belong to this run and are on the page as an unfinished span, which this
    span replaces. healed: text that stands before it on the page, which the first token spells, too (see Healed); the
    run covers both. cut: a stop string ended the text inside a token; `text` is then shorter than the tokens' bytes,
    and the page holds it as plain text.
    """

    text: str
    readings: tuple[Reading, ...]
    absorbed: int = 0
    cut: bool = False
    healed: str = ""


@dataclass(frozen=True, slots=True)
class ModelFacts:
    """The facts of a loaded model. fingerprint: identifies the file's content. size: bytes. vocabulary, context,
    trained_context: tokens. offloaded: layers on devices, the output counted as one. device: where it runs, for the
    user; why: a sentence on why not all of it runs on a graphics device ("" if all does). bos: the id the child puts in
    front of every prefix, -1 if the vocabulary has none or wants none. batch: the most tokens of one evaluation. chat:
    it was tuned to chat. streams: the most streams that write at once. widths: the numbers of rows that a step of
    several streams may have, ascending; a step is padded to the next of them. build: the version of
    llama.cpp. cache_type, flash_attention: as in LoadOptions. mapped: the weights on the CPU are a mapped file, and not
    in memory that the process holds.
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
    streams: int = 1
    widths: tuple[int, ...] = (1,)
    build: str = ""
    cache_type: str = "f16"
    flash_attention: str = "auto"
    mapped: bool = True


@dataclass(frozen=True, slots=True)
class Loading:
    """Progress of a load. fraction: 0…1."""

    job: int
    fraction: float


@dataclass(frozen=True, slots=True)
class Trying:
    """An attempt to load the model with `layers` layers on devices. sentence: what failed before, "" at first."""

    job: int
    layers: int
    sentence: str


@dataclass(frozen=True, slots=True)
class Unloaded:
    """The previous model was freed, or died with its child: if this load fails, no model is loaded."""

    job: int


@dataclass(frozen=True, slots=True)
class Loaded:
    """The model is loaded."""

    job: int
    model: ModelFacts


@dataclass(frozen=True, slots=True)
class Started:
    """A prefix was tokenised and its evaluation starts.

    prompt: the ids in the window, with BOS. dropped: tokens of the prefix that the window does not hold; their text
    lies between the offsets `kept` (the end of the header) and `unseen`, in code points of the text sent (a gap counts
    for none). reused: ids whose cache entries are used again. exact: the logits this job starts from were evaluated in
    the batch shapes of a fresh read of the same prefix, so the same seed gives the same text. streams: how many write
    at once; more are written in waves. room: tokens that the context has left for each of them, -1 where the window
    slides instead.
    """

    job: int
    prompt: array[int]
    dropped: int
    unseen: int
    reused: int
    exact: bool
    kept: int = 0
    streams: int = 1
    room: int = -1


@dataclass(frozen=True, slots=True)
class Evaluated:
    """Progress on a long prompt, or on the text read again when the window slides: `done` of `total` tokens. read:
    tokens evaluated so far, in `seconds` (0 where that does not show the model's speed).
    """

    job: int
    done: int
    total: int
    read: int = 0
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Healed:
    """The typed text ended inside a token: the odds of the next token are those behind the prefix without its end
    `text`, and the token has to begin with that and go on. Comes after the prefix was read. prompt, exact: as in
    Started, of the prefix without that end.
    """

    job: int
    text: str
    prompt: array[int]
    exact: bool


@dataclass(frozen=True, slots=True)
class Sampled:
    """Generated text. used: tokens of the stream in the context now. dropped, unseen, kept: the present values, see
    Started. stream: its number in the job. width: rows of the step in which the odds of its tokens were computed (the
    first token's come from the prefix); rows: how many of them were streams, the others fillers.
    grammar: seconds that the stream's grammar took so far.
    """

    job: int
    spans: tuple[Span, ...]
    used: int
    dropped: int
    unseen: int
    kept: int = 0
    stream: int = 0
    width: int = 1
    rows: int = 1
    grammar: float = 0.0


@dataclass(frozen=True, slots=True)
class Looked:
    """The odds of the next token: reading.token is -1, or the token that was asked about; nothing was drawn."""

    job: int
    reading: Reading


@dataclass(frozen=True, slots=True)
class Scored:
    """Readings of text already on the page, in order. offset: code points of the prefix before the first span, counted
    with the text of its token pieces (whole characters; U+FFFD for bytes that are no UTF-8).
    """

    job: int
    offset: int
    spans: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class StringOdds:
    """The odds that a string comes next, one token after the other. ids: its tokens as the page would split it there;
    where the split would change the last token before it, the string by itself, without a leading space. raw: type code
    "d", nats, the log-probability of each token given those before it. rank: of the first token, by raw: 1 is the most
    likely. texts: the bytes of each token. begins: nats, the log-probability that the next token begins with the whole
    string: the sum over all tokens of the vocabulary that do (not control tokens); -inf where none does, NaN where it
    is not known.
    """

    text: str
    ids: array[int]
    raw: array[float]
    rank: int
    texts: tuple[bytes, ...]
    begins: float = math.nan

    @property
    def nats(self) -> float:
        """The log-probability of the whole string."""
        return math.fsum(self.raw)

    @property
    def bits(self) -> float:
        """Its information content."""
        return -self.nats / math.log(2)


@dataclass(frozen=True, slots=True)
class Distributed:
    """The distribution of the next token over the whole vocabulary, the most likely (raw) first, ties by id.

    ids: type code "i". raw, final: type code "f", nats, before and after the sampler chain; final is -inf where cut.
    cut: one byte a token, as in Alternatives. texts: the bytes of the tokens that a reading with as many alternatives
    lists; listed: their indices, ascending; empty: the first ones. entropy: bits, of the raw distribution. strings: in
    the order of the request. Where not the whole distribution was asked for, ids, raw, final and cut are empty. effect:
    of the chain, None where it is not known.
    """

    job: int
    ids: array[int]
    raw: array[float]
    final: array[float]
    cut: bytes
    texts: tuple[bytes, ...]
    entropy: float
    strings: tuple[StringOdds, ...]
    effect: ChainEffect | None = None
    listed: Sequence[int] = ()


@dataclass(frozen=True, slots=True)
class Flipped:
    """The result of extra flips. ids: type code "i", the tokens that came up, the most frequent first (ties by id), and
    those listed that did not. counts: type code "i", how often each came up; shares: type code "d", its probability in
    one flip. struck: the flips in which XTC applied. last: the reading of the last flip, without other alternatives.
    """

    job: int
    ids: array[int]
    counts: array[int]
    shares: array[float]
    struck: int
    last: Reading


@dataclass(frozen=True, slots=True)
class GreedyText:
    """The text of a greedy continuation so far: whole characters, more with each event."""

    job: int
    text: str


@dataclass(frozen=True, slots=True)
class VocabularyRead:
    """The bytes of every token, in one piece: those of token k are data[ends[k - 1] : ends[k]] (from 0 for the first).
    ends: type code "q".
    """

    job: int
    data: bytes
    ends: array[int]

    def text(self, token: int) -> bytes:
        """The bytes of one token."""
        return self.data[self.ends[token - 1] if token else 0 : self.ends[token]]


@dataclass(frozen=True, slots=True)
class BiasRead:
    """The token that each entry of a ReadBias means, in their order."""

    job: int
    tokens: tuple[BiasToken, ...]


EndReason = Literal[
    "length", "stop string", "end of text", "grammar", "stopped", "done", "context full", "failed", "not kept"
]


@dataclass(frozen=True, slots=True)
class Ended:
    """The end of a stream, or of a job without streams. tokens: sampled or scored. evaluated: tokens of the prefix
    evaluated for it. first, total: seconds from the request's arrival to the first token and to the end. used: tokens
    in the context. stream: its number; left: how many streams of the job go on, 0 = this is the job's last event.
    sentence: what failed, for the reason "failed". The reason "not kept" answers a Rechain whose logits are gone.
    """

    job: int
    reason: EndReason
    tokens: int
    evaluated: int
    first: float
    total: float
    used: int
    stream: int = 0
    left: int = 0
    sentence: str = ""


@dataclass(frozen=True, slots=True)
class Failed:
    """The last event of a job that failed. sentence: one the user can act on. The child still runs."""

    job: int
    sentence: str


@dataclass(frozen=True, slots=True)
class Died:
    """The child died, which ends every job. sentence: why. Made by the parent."""

    sentence: str


Answer = Sampled | Looked | Scored | Distributed | Flipped | GreedyText | VocabularyRead | BiasRead
Event = Loading | Trying | Unloaded | Loaded | Started | Evaluated | Healed | Answer | Ended | Failed | Died
