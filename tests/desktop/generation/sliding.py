"""Writes long pages through many slides, and compares what the model was given with the page.

The oracle is the page's token table (and the vocabulary, for typed text), cut by the simplest rule: drop a quarter of
the room at a time until the rest fits.
"""

from __future__ import annotations

import time
from array import array
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from desktop.page.page import Page
from desktop.page.sources import Source
from desktop.page.token_table import GENERATED
from models.engine.events import Sampled, Started
from models.engine.prefix import Patch
from models.engine.requests import Draws, Generate
from models.sampling.knobs import Sampling
from models.sampling.stages import Logits, Stage
from models.worker.language_model import LanguageModel, SecondContext
from models.worker.loop import Loop
from models.worker.snapshots import State
from tests.desktop.page.writing import write_spans
from tests.models.asking import InlineWorker

ENDLESS = Sampling(ignore_eos=True)
SEED = 1


@dataclass
class Given:
    """A language model that records what it is given. windows: each state of its cache before a part was dropped, with
    the number of the page's tokens outside the window by then.
    """

    backend: LanguageModel
    cache: array[int] = field(default_factory=lambda: array("i"))
    windows: list[tuple[int, array[int]]] = field(default_factory=list[tuple[int, "array[int]"]])
    dropped: int = 0
    read_anew: int = 0  # tokens evaluated several at a time
    reading: float = 0.0  # seconds that took
    heals: bool = False

    def __post_init__(self) -> None:
        self.facts = self.backend.facts
        self.control = self.backend.control

    @property
    def vocabulary(self) -> int:
        return self.facts.vocabulary

    def tokenize(self, text: str, first: bool) -> array[int]:
        return self.backend.tokenize(text, first)

    def token_bytes(self, token: int) -> bytes:
        return self.backend.token_bytes(token)

    def is_unknown(self, token: int) -> bool:
        return False

    def ends_text(self, token: int) -> bool:
        return self.backend.ends_text(token)

    def truncate(self, tokens: int) -> int:
        if tokens < len(self.cache):
            self.windows.append((self.dropped, self.cache[:]))
        left = self.backend.truncate(tokens)
        del self.cache[left:]
        return left

    @property
    def truncates(self) -> bool:
        return True

    def peek(self, tokens: int, ids: Sequence[int]) -> Logits | None:
        return self.backend.peek(tokens, ids)

    def state(self, sequence: int = 0) -> State:
        return self.backend.state(sequence)

    def go_back(self, tokens: int, state: State | None, sequence: int = 0) -> None:
        self.backend.go_back(tokens, state, sequence)

    def restore(self, tokens: int, state: State) -> int:
        return self.backend.restore(tokens, state)

    def read(self, ids: Sequence[int]) -> None:
        self.evaluate(ids)

    def evaluate(self, ids: Sequence[int]) -> Logits:
        begun = time.perf_counter()
        logits = self.backend.evaluate(ids)
        if len(ids) > 1:
            self.read_anew += len(ids)
            self.reading += time.perf_counter() - begun
        self.cache.extend(ids)
        return logits

    def wipe(self) -> None:
        self.cache = array("i")
        self.backend.wipe()

    def shares(self) -> bool:
        return self.backend.shares()

    def fork(self, streams: int) -> None:
        self.backend.fork(streams)

    def step(self, rows: Sequence[tuple[int, int]], width: int) -> np.ndarray[Any, np.dtype[np.float32]]:
        return self.backend.step(rows, width)

    def team(self, rows: int) -> int:
        return self.backend.team(rows)

    def adopt(self, sequence: int) -> None:
        self.backend.adopt(sequence)

    def stages(self, sampling: Sampling) -> list[Stage]:
        return self.backend.stages(sampling)

    def open_second(self, room: int, outputs: int) -> SecondContext:
        return self.backend.open_second(room, outputs)

    def ask_stop(self, wanted: bool) -> None:
        self.backend.ask_stop(wanted)

    def close(self) -> None:
        self.backend.close()


@dataclass(frozen=True, slots=True)
class Written:
    """A page after it was written. seconds: to write it. given: whether tokens were read anew, and in how many
    seconds."""

    page: Page
    given: Given
    tokens: int
    slides: int
    seconds: float

    @property
    def oracle(self) -> list[int]:
        """The page's tokens, from its table; typed text as the vocabulary spells it."""
        ids: list[int] = []
        done, page = 0, self.page
        rows = page.tokens(0, page.length)
        for row in rows[rows["kind"] == GENERATED]:
            start = int(row["start"])
            if start > done:
                ids += self.given.tokenize(page.text(done, start), done == 0)
            ids.append(int(row["id"]))
            done = max(done, start + int(row["length"]))
        return ids + list(self.given.tokenize(page.text(done), done == 0) if done < page.length else ())

    def check(self, n_keep: int) -> None:
        """Assert that every window was the header and the page's tokens from the edge on."""
        ids, facts = self.oracle, self.given.facts
        front = [facts.bos] if facts.bos >= 0 else []
        room = facts.context - len(front)
        assert self.slides
        for dropped, window in self.given.windows:
            tokens = dropped + len(window) - len(front)
            head = min(n_keep, room // 2) if dropped else 0
            assert dropped == naively_dropped(tokens, room, head)
            assert list(window) == front + ids[:head] + ids[head + dropped : tokens]


def naively_dropped(tokens: int, room: int, head: int) -> int:
    """How many tokens behind the header are dropped, a quarter of the room at a time, until the rest fits."""
    if tokens <= room:
        return 0
    rest = tokens - head
    while rest > room - head:
        rest -= max(1, (room - head) // 4)
    return tokens - head - rest


def write_long(
    backend: LanguageModel, tokens: int, n_keep: int, parts: Sequence[str] = ("",), page: Page | None = None
) -> Written:
    """Write `tokens` tokens, in one generation behind each part of typed text. page: an empty one where not given."""
    given = Given(backend)
    loop, page = Loop(given, InlineWorker(), time.monotonic), page or Page()
    begun, slides, each = time.perf_counter(), 0, tokens // len(parts)
    for part in parts:
        if part:
            page.write(page.length, 0, part)
        page.begin_generation(Source(backend.facts.fingerprint, seed=SEED, n_keep=n_keep))
        sent = page.excerpt(None, backend.facts.fingerprint, backend.facts.context, n_keep)
        job = Generate(1, Patch(0, 0, ()), ENDLESS, each, (Draws(SEED),), n_keep=n_keep)
        before = given.dropped
        for event in loop.generate(job, sent.pieces, time.monotonic()):
            if isinstance(event, Started | Sampled):
                slides += event.dropped > before
                before = given.dropped = event.dropped
            if isinstance(event, Sampled):
                write_spans(page, event.spans, window=event.dropped)
        page.end_generation()
    given.windows.append((given.dropped, given.cache[:]))
    return Written(page, given, each * len(parts), slides, time.perf_counter() - begun)
