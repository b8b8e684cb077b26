"""What the inference loop asks of whatever runs a model: llama.cpp (models/llamacpp) or a script with fixed odds
(models/scripted).

Another engine is one more room with a class of these methods. Knows nothing of pipes, pages or the coin.
"""

from __future__ import annotations  # array[int] can be written in an annotation, not evaluated, before Python 3.12

from array import array
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from models.engine.events import ModelFacts
from models.sampling.stages import Logits, SampledModel
from models.worker.snapshots import State

Progress = Callable[[float], bool]  # gets 0…1 while a model loads, answers false to give up


class LanguageModel(SampledModel, Protocol):
    """A loaded model with one cache: the tokens evaluated so far, positions 0, 1, 2…"""

    facts: ModelFacts

    def tokenize(self, text: str, first: bool) -> array[int]:
        """Ids of text, special tokens never parsed. first: it starts the page (else no false space comes first)."""
        ...

    def is_unknown(self, token: int) -> bool:
        """Whether it stands for text that the vocabulary has nothing for, and shows a name instead."""
        ...

    def ends_text(self, token: int) -> bool: ...

    @property
    def truncates(self) -> bool:
        """Whether `truncate` can keep any number of tokens. Else it keeps all or none, and `restore` goes back."""
        ...

    def truncate(self, tokens: int) -> int:
        """Drop all cache entries from that position on. Returns how many are really left (none where the architecture
        cannot keep a part).
        """
        ...

    def state(self) -> State:
        """What `restore` needs beside the tokens before this place: a copy. Asked only where `truncates` is false."""
        ...

    def restore(self, tokens: int, state: State) -> int:
        """Go back to the place behind so many tokens, where it had that state, and nothing before that place has
        changed since. Returns how many tokens are really left.
        """
        ...

    def read(self, ids: Sequence[int]) -> None:
        """Put at most `facts.batch` ids behind the cache: `evaluate` for when nobody needs the logits, which takes
        less time.
        """
        ...

    def evaluate(self, ids: Sequence[int]) -> Logits:
        """Put at most `facts.batch` ids behind the cache; the logits after the last, float32[vocabulary], valid until
        the next call.
        """
        ...

    def evaluate_each(self, ids: Sequence[int]) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
        """The same, with the logits after every one of them, float32[len(ids), vocabulary]."""
        ...

    def ask_stop(self, wanted: bool) -> None:
        """From any thread. true: the evaluation that runs and every later one give up with Stopped, until false is
        said.
        """
        ...

    def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class OffloadPlan:
    """Where a model is to lie. devices: their names in words, empty where there are none to use. asked: the layers the
    user wants there, -1 = as many as fit; fitting: as many as are thought to. reason: why the CPU has a part in it,
    empty where it has none. key: the name under which is remembered how it went, empty for not at all. free: bytes
    free on the devices.
    """

    devices: str
    asked: int
    fitting: int
    all_layers: int
    reason: str = ""
    key: str = ""
    free: int = 0


class PreparedModel(Protocol):
    """A model about to be loaded."""

    @property
    def aim(self) -> OffloadPlan: ...

    def open(self, layers: int, progress: Progress) -> LanguageModel:
        """Load it with so many layers on the devices. Raises ModelError, or Stopped by progress."""
        ...
