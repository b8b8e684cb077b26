"""The protocol of a loaded model, as the inference loop uses it: llama.cpp (models/llamacpp) or fixed odds
(models/scripted).

Another engine is another room with a class of these methods.
"""

from __future__ import annotations  # array[int] can be written in an annotation, not evaluated, before Python 3.12

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from models.engine.events import ModelFacts
from models.sampling.stages import Logits, SampledModel
from models.worker.snapshots import State

Progress = Callable[[float], bool]  # gets 0…1 while a model loads; returns false to stop the load


Rows = np.ndarray[tuple[int, int], np.dtype[np.float32]]


class LanguageModel(SampledModel, Protocol):
    """A loaded model with one cache: the tokens evaluated so far, positions 0, 1, 2… For streams it has up to
    `facts.streams` sequences more, 1, 2…, that begin as copies of the cache (sequence 0) and share its memory.
    """

    facts: ModelFacts
    heals: bool  # whether the end of a typed text may be taken back (healing.py)

    def is_unknown(self, token: int) -> bool:
        """Whether the token stands for text that the vocabulary cannot represent, and shows a name such as <unk>."""
        ...

    def ends_text(self, token: int) -> bool:
        """Whether it is an end-of-text token."""
        ...

    @property
    def truncates(self) -> bool:
        """Whether `truncate` can keep any number of tokens. Else it keeps all or none, and `restore` goes back."""
        ...

    def truncate(self, tokens: int) -> int:
        """Drop the cache entries from position `tokens` on. Returns how many are left: 0 if the architecture cannot
        drop a part.
        """
        ...

    def state(self, sequence: int = 0) -> State:
        """A copy of what `restore` or `go_back` needs to come back to this place. Called only where `truncates` is
        false.
        """
        ...

    def go_back(self, tokens: int, state: State | None, sequence: int = 0) -> None:
        """Drop what was evaluated last in a sequence, step by step, behind its first `tokens` tokens. state: what it
        had there, where `truncates` is false. Raises ModelError.
        """
        ...

    def restore(self, tokens: int, state: State) -> int:
        """Go back to the first `tokens` tokens of the cache, where the model had that state; the tokens before that
        place have not changed since. Returns how many tokens are left: fewer if that failed.
        """
        ...

    def read(self, ids: Sequence[int]) -> None:
        """Put at most `facts.batch` ids behind the cache, without logits: faster than `evaluate`. Raises Stopped and
        ModelError.
        """
        ...

    def evaluate(self, ids: Sequence[int]) -> Logits:
        """Append at most `facts.batch` ids to the cache. Returns the logits after the last, float32[vocabulary], valid
        until the next call. Raises Stopped and ModelError.
        """
        ...

    def peek(self, tokens: int, ids: Sequence[int]) -> Logits | None:
        """The logits behind the first `tokens` tokens of the cache and these ids (at most `facts.batch`), valid until
        the next call. The cache stays as it is; meanwhile it needs room for the ids. None where its parts cannot be
        shared. Called only where `truncates` is true, and without streams. Raises Stopped and ModelError.
        """
        ...

    def open_second(self, room: int, outputs: int) -> SecondContext:
        """Open a second context for `room` tokens, with at most `outputs` logits of one evaluation, in place of the one
        opened before. Raises ModelError, and there is none then.
        """
        ...

    def wipe(self) -> None:
        """Drop the cache and all sequences, and put zeros in their memory: where it holds NaN, llama.cpp's attention
        without flash attention spreads it to every later evaluation, also from cells that were dropped.
        """
        ...

    def shares(self) -> bool:
        """Whether other sequences can take over the cache, so that streams can write together. It may evaluate a token,
        which leaves nothing behind.
        """
        ...

    def fork(self, streams: int) -> None:
        """Make sequences 1 … `streams` copies of the cache, in the place of those that were there."""
        ...

    def step(self, rows: Sequence[tuple[int, int]], width: int) -> Rows:
        """Append one token to each of some sequences after `fork`: rows of (sequence, token). width: rows that are
        evaluated, at least len(rows); the others are fillers, which leave nothing behind. Where `truncates` is false,
        a filler needs a sequence behind those of `fork`. Returns the logits after each token, float32[len(rows),
        vocabulary], valid until the next call. Raises Stopped and ModelError: no sequence has grown then, or, where
        `truncates` is false, the streams are lost.
        """
        ...

    def team(self, rows: int) -> int:
        """How many threads wait behind an evaluation of so many rows, on the thread that made it, for more work there;
        1: that thread alone.
        """
        ...

    def adopt(self, sequence: int) -> None:
        """Put a sequence in the place of the cache, and drop all others. 0: the cache stays, without streams."""
        ...

    def ask_stop(self, wanted: bool) -> None:
        """From any thread. wanted: true makes the running evaluation and every later one raise Stopped, in both
        contexts; false ends that.
        """
        ...

    def close(self) -> None:
        """Free the model and its contexts. A second call does nothing."""
        ...


class SecondContext(Protocol):
    """Another context of the same model, with a cache of its own: positions 0, 1, 2… `truncate`, `state`, `restore`,
    `read`, `evaluate` and `peek` are as in LanguageModel.
    """

    def copy(self, held: int, tokens: int, state: State | None) -> int:
        """Take over the first `tokens` tokens of the page's cache, which holds `held`, in place of the own contents.
        state: of a model that cannot truncate, the one it had behind `tokens`; else None. Returns how many tokens it
        holds now: 0 if that failed.
        """
        ...

    def truncate(self, tokens: int) -> int: ...

    def state(self) -> State: ...

    def restore(self, tokens: int, state: State) -> int: ...

    def read(self, ids: Sequence[int]) -> None: ...

    def evaluate(self, ids: Sequence[int]) -> Logits: ...

    def peek(self, tokens: int, ids: Sequence[int]) -> Logits | None: ...

    def evaluate_each(self, ids: Sequence[int]) -> Rows:
        """As `evaluate`, with the logits after every id, float32[len(ids), vocabulary]: at most `outputs` ids."""
        ...

    def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class OffloadPlan:
    """Which layers go to devices. devices: the names of the devices, for the user; "" if there are none to use. asked:
    layers the user wants there, -1 = as many as fit. fitting: layers estimated to fit. all_layers: layers of the model.
    reason: a sentence on why the CPU takes a part; "" if it takes none. key: of the outcome in the launch cache; "" to
    remember nothing. free: bytes free on the devices.
    """

    devices: str
    asked: int
    fitting: int
    all_layers: int
    reason: str = ""
    key: str = ""
    free: int = 0


class PreparedModel(Protocol):
    """A model whose file is checked and which is about to be loaded."""

    @property
    def plan(self) -> OffloadPlan: ...

    def open(self, layers: int, progress: Progress) -> LanguageModel:
        """Load it with `layers` layers on the devices. Raises ModelError, or Stopped if progress returns false."""
        ...
