"""What the model has read so far: the tokens in its cache, and in which shapes they were evaluated.

The same token evaluated in another batch shape gives slightly other numbers (docs/engine.md), so a prefix is read in
one canonical layout: chunks of `chunk` tokens at multiples of `chunk`, then the rest. An edit goes back to the chunk
in which it lies. The logits at recent starting points are kept and continued from. A model that cannot truncate goes
back by the states that it had (snapshots.py). Knows nothing of text, pages or
the coin.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from models.engine.prefix import common
from models.errors import Stopped
from models.library import memory
from models.sampling.stages import Logits
from models.worker.evaluation_thread import Ahead
from models.worker.language_model import LanguageModel
from models.worker.snapshots import Snapshots

T = TypeVar("T")
Rows = np.ndarray[tuple[int, int], np.dtype[np.float32]]


@dataclass(frozen=True, slots=True)
class ReadPrefix:
    """The logits behind a prefix. exact: evaluated in the canonical layout."""

    logits: Logits
    exact: bool


@dataclass(frozen=True, slots=True)
class ReusePlan:
    """How to get to a wanted prefix. reused: tokens that stay. exact: its logits will be those of a fresh read."""

    reused: int
    exact: bool


class Cache:
    """The model's cache and what is known about it. All evaluations go through `ahead`."""

    def __init__(self, model: LanguageModel, ahead: Ahead, snapshots: int = memory.SNAPSHOTS) -> None:
        """snapshots: bytes for the states of a model that cannot truncate."""
        self._model = model
        self._ahead = ahead
        self._chunk = model.facts.batch
        self._shapes: list[int] = []  # tokens of each evaluation, in order; they add up to len(ids)
        self._kept: dict[
            int, ReadPrefix
        ] = {}  # by the length of the prefix, the one used last at the end; 1 MB each with 262,144 tokens
        self._snapshots = Snapshots(snapshots)  # empty for a model that truncates
        self.ids: array[int] = array("i")
        self.written: int | None = None  # the token drawn last, not yet evaluated

    def go(self, wanted: array[int]) -> ReusePlan:
        """Drop what does not belong to `wanted` (not empty) and say how the rest is got."""
        same = common(self.ids, wanted)
        kept = self._kept.get(len(wanted))
        if kept and same == len(wanted) == self._reachable(same) == self._cut(same):
            return ReusePlan(same, kept.exact)
        if same == len(self.ids) == len(wanted) - 1 and self.written == wanted[-1]:
            return ReusePlan(same, self._exact(same) and same % self._chunk == 0)
        start = self._cut(min(same, len(wanted) - 1) // self._chunk * self._chunk)
        return ReusePlan(start, self._exact(start))

    def read(self, wanted: array[int]) -> Generator[int, None, Logits]:
        """After `go`: evaluate what is missing, a chunk an item; gives the tokens read so far, returns the logits
        behind them all, which are remembered. Raises Stopped and ModelError.
        """
        logits = self._remembered(len(wanted))
        while len(self.ids) < len(wanted):
            part = wanted[len(self.ids) : (len(self.ids) // self._chunk + 1) * self._chunk]
            if len(self.ids) + len(part) < len(wanted):
                self._record(part, self._ahead.start(lambda part=part: self._model.read(part)))
            else:
                logits = self.start(part)()
            yield len(self.ids)
        if logits is None:
            raise ValueError("nothing to read: an empty prefix")
        if not self._model.truncates:
            self._snapshots.save(len(wanted), self._model.state(), starting_point=True)
        if len(wanted) not in self._kept:
            self._kept[len(wanted)] = ReadPrefix(logits.copy(), self._exact(len(wanted)))
            while len(self._kept) > memory.STARTING_POINTS:
                del self._kept[next(iter(self._kept))]
        return logits

    def start(self, part: array[int]) -> Callable[[], Logits]:
        """Begin to evaluate at most a chunk behind the cache; calling the answer waits for its logits (valid until
        the next evaluation).
        """
        finish = self._ahead.start(lambda: self._model.evaluate(part))

        def wait() -> Logits:
            return self._record(part, finish)

        return wait

    def read_each(self, wanted: array[int]) -> Iterator[tuple[int, Rows]]:
        """Read all of `wanted` anew, canonically; a chunk an item: the place of its first token, and the logits after
        each.
        """
        self._cut(0)
        while len(self.ids) < len(wanted):
            first = len(self.ids)
            part = wanted[first : first + self._chunk]
            finish = self._ahead.start(lambda part=part: self._model.evaluate_each(part))
            yield first, self._record(part, finish)

    def _remembered(self, tokens: int) -> Logits | None:
        found = self._kept.pop(tokens, None)
        if found is None:
            return None
        self._kept[tokens] = found  # the one used last is forgotten last
        return found.logits

    def _record(self, part: array[int], finish: Callable[[], T]) -> T:
        self.written = None
        try:
            result = finish()
        except Exception as error:
            if isinstance(error, Stopped) and len(part) == 1:
                self.written = part[0]
            self._cut(len(self.ids), broken=True)
            raise
        self.ids.extend(part)
        self._shapes.append(len(part))
        if not self._model.truncates and len(self.ids) % self._chunk == 0:
            self._snapshots.save(len(self.ids), self._model.state())
        return result

    def _reachable(self, tokens: int) -> int:
        """The place at or before that one to which the model can go back."""
        if self._model.truncates or tokens == len(self.ids):
            return tokens
        return self._snapshots.nearest(tokens, self._chunk)

    def _cut(self, tokens: int, *, broken: bool = False) -> int:
        """Drop all from that place on (the end of an evaluation); how many are left: fewer, where the model cannot go
        back to just there. broken: an evaluation failed, which leaves the state of some models at no place.
        """
        if self._model.truncates or not (broken or tokens < len(self.ids)):
            left = self._model.truncate(tokens)
        else:
            left = self._snapshots.nearest(tokens, self._chunk)
            left = self._model.restore(left, self._snapshots.state(left)) if left else self._model.truncate(0)
        if left < len(self.ids):
            self.written = None
            self._kept = {length: kept for length, kept in self._kept.items() if length <= left}
        self._snapshots.truncate(left)
        del self.ids[left:]
        while sum(self._shapes) > left:
            self._shapes.pop()
        return left

    def _exact(self, tokens: int) -> bool:
        """The first `tokens` (the end of an evaluation) were read in the canonical layout."""
        whole, rest = divmod(tokens, self._chunk)
        canonical = [self._chunk] * whole + ([rest] if rest else [])
        return self._shapes[: len(canonical)] == canonical
