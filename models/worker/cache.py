"""The model's cache: which tokens it holds, and in which batch shapes they were evaluated.

The same token evaluated in another batch shape gives slightly different numbers (docs/engine.md), so a prefix is read
in one canonical layout: chunks of `chunk` tokens at multiples of `chunk`, then the rest. After an edit the prefix is
read again from the start of the edited chunk. The logits of recent starting points are remembered. A model that cannot
truncate its cache goes back by the states it had there (snapshots.py).
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass, field
from typing import TypeVar

from models.engine.prefix import common
from models.errors import Stopped
from models.library import memory
from models.sampling.stages import Logits
from models.worker.evaluation_thread import Evaluator
from models.worker.language_model import LanguageModel, Rows
from models.worker.snapshots import Snapshots, State

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class ReadPrefix:
    """The logits after a prefix. exact: evaluated in the canonical layout."""

    logits: Logits
    exact: bool


@dataclass(frozen=True, slots=True)
class Shape:
    """How a run of tokens was evaluated: all at once, in a step with `width` rows of several streams (1: alone)."""

    tokens: int
    width: int = 1


@dataclass(slots=True)
class Branch:
    """What a stream has read behind the cache, in the widths of its steps. written: drawn last, not yet evaluated."""

    ids: array[int] = field(default_factory=lambda: array("i"))
    widths: list[int] = field(default_factory=list[int])
    written: int | None = None


@dataclass(frozen=True, slots=True)
class ReusePlan:
    """How a wanted prefix is reached. reused: tokens that stay in the cache. exact: its logits will equal those of a
    fresh read.
    """

    reused: int
    exact: bool


class Cache:
    """The model's cache and its contents. All evaluations go through `evaluator`."""

    def __init__(self, model: LanguageModel, evaluator: Evaluator, snapshots: int = memory.SNAPSHOTS) -> None:
        """snapshots: bytes for the states of a model that cannot truncate its cache."""
        self._model = model
        self._evaluator = evaluator
        self._chunk = model.facts.batch
        self._shapes: list[Shape] = []  # of each evaluation, in order; their tokens add up to len(ids)
        self._branches: dict[int, Branch] = {}  # by the model's sequence: streams that began at the end of ids
        # by the length of the prefix, the one used last at the end: 1 MB each for a vocabulary of 262,144 tokens
        self._start_points: dict[int, ReadPrefix] = {}
        self._snapshots = Snapshots(snapshots)  # empty for a model that truncates
        self.ids: array[int] = array("i")
        self.written: int | None = None  # the token drawn last, not yet evaluated

    def reuse(self, wanted: array[int]) -> ReusePlan:
        """Truncate the cache to what `wanted` (not empty) shares with it or with one of its streams, and plan the
        rest.
        """
        self._adopt(self._longest(wanted))
        same = common(self.ids, wanted)
        known = self._start_points.get(len(wanted))
        if known and same == len(wanted) == self._reachable(same) == self._truncate(same):
            return ReusePlan(same, known.exact)
        if same == len(self.ids) == len(wanted) - 1 and self.written == wanted[-1]:
            return ReusePlan(same, self._exact(same) and same % self._chunk == 0)
        start = self._truncate(min(same, len(wanted) - 1) // self._chunk * self._chunk)
        return ReusePlan(start, self._exact(start))

    def read(self, wanted: array[int]) -> Generator[int, None, Logits]:
        """After `reuse`: evaluate the missing tokens, one chunk an item. Yields the tokens read so far, returns the
        logits after the last, and remembers them. Raises Stopped and ModelError.
        """
        logits = self._known_logits(len(wanted))
        while len(self.ids) < len(wanted):
            part = wanted[len(self.ids) : (len(self.ids) // self._chunk + 1) * self._chunk]
            if len(self.ids) + len(part) < len(wanted):
                self._record(part, self._evaluator.start(lambda part=part: self._model.read(part)))
            else:
                logits = self._record(part, self._evaluator.start(lambda part=part: self._model.evaluate(part)))
            yield len(self.ids)
        if logits is None:
            raise ValueError("nothing to read: an empty prefix")
        if not self._model.truncates:
            self._snapshots.save(len(wanted), self._model.state(), starting_point=True)
        if len(wanted) not in self._start_points:
            self._start_points[len(wanted)] = ReadPrefix(logits.copy(), self._exact(len(wanted)))
            while len(self._start_points) > memory.STARTING_POINTS:
                del self._start_points[next(iter(self._start_points))]
        return logits

    def peek(self, wanted: array[int]) -> Logits | None:
        """The logits behind a prefix of which the cache holds all but the last tokens; the cache stays as it is. None
        where the model or the room does not allow it. Raises Stopped and ModelError.
        """
        same = min(common(self.ids, wanted), len(wanted) - 1)
        part = wanted[same:]
        if not self._model.truncates or len(part) > min(self.free, self._chunk):
            return None
        logits = self._evaluator.start(lambda: self._model.peek(same, part))()
        return None if logits is None else logits.copy()

    def start(self, part: array[int], then: Callable[[Logits], T]) -> Callable[[], T]:
        """Start to evaluate at most one chunk after the cached tokens. then: what the evaluator does next with the
        logits (valid until the next evaluation). Calling the returned function waits for its result; it raises Stopped
        and ModelError.
        """
        return self._evaluator.start(lambda: then(self._record(part, lambda: self._model.evaluate(part))))

    def wipe(self) -> None:
        """Drop everything, after an evaluation gave no usable numbers (LanguageModel.wipe)."""
        self._branches, self._start_points = {}, {}
        self._snapshots.truncate(0)
        self._shapes, self.ids, self.written = [], array("i"), None
        self._model.wipe()

    @property
    def held(self) -> int:
        """The tokens in the model's cache."""
        return len(self.ids) + sum(len(branch.ids) for branch in self._branches.values())

    def borders(self, wanted: array[int]) -> Iterator[int]:
        """The places before the end of `wanted`, the last first, up to which another context can take over this cache:
        borders of canonical chunks, where the model can go back to.
        """
        same = min(common(self.ids, wanted), len(wanted) - 1)
        for border in range(same // self._chunk * self._chunk, 0, -self._chunk):
            if self._exact(border) and (self._model.truncates or border in self._snapshots):
                yield border

    def state(self, tokens: int) -> State | None:
        """The state behind so many tokens, of a model that cannot truncate its cache; else None."""
        return None if self._model.truncates else self._snapshots.state(tokens)

    # -------------------------------------------------------------------------------------------- streams

    @property
    def free(self) -> int:
        """Tokens for which the context has room beside the cache and its streams."""
        held = sum(len(branch.ids) for branch in self._branches.values())
        return self._model.facts.context - len(self.ids) - held

    def fork(self, streams: int) -> None:
        """Let streams begin at the end of the cache, in the model's sequences 1 … `streams`."""
        self._model.fork(streams)
        self._branches = {sequence: Branch() for sequence in range(1, streams + 1)}

    def drawn(self, sequence: int, token: int) -> None:
        """Note the token that a stream has drawn."""
        self._branches[sequence].written = token

    def step(self, rows: list[tuple[int, int]], width: int) -> Callable[[], Rows]:
        """Start to evaluate one token of each of some streams: rows of (sequence, token). Calling the returned function
        waits for the logits, float32[len(rows), vocabulary] (valid until the next evaluation); it raises Stopped and
        ModelError.
        """
        finish = self._evaluator.start(lambda: self._model.step(rows, width))

        def wait() -> Rows:
            try:
                logits = finish()
            except Exception:
                self._branches = self._branches if self._model.truncates else {}
                raise
            for sequence, token in rows:
                branch = self._branches[sequence]
                branch.ids.append(token)
                branch.widths.append(width)
                branch.written = None
            return logits

        return wait

    def take_back(self, tokens: int, state: State | None, sequence: int = 0) -> None:
        """Drop the last tokens, which were evaluated step by step. state: of a model that cannot truncate, before them.
        sequence: a stream, else the cache. Raises ModelError.
        """
        branch = self._branches[sequence] if sequence else None
        left = len(self.ids) - tokens + (len(branch.ids) if branch else 0)
        self._model.go_back(left, state, sequence)
        if branch:
            del branch.ids[-tokens:], branch.widths[-tokens:]
            branch.written = None
        else:
            self._forget(left)

    def _longest(self, wanted: array[int]) -> int:
        """The sequence that holds most of `wanted`: that of a stream, or 0, the cache itself."""
        behind = wanted[len(self.ids) :]
        if common(self.ids, wanted) < len(self.ids):
            return 0
        shared = {sequence: common(branch.ids, behind) for sequence, branch in self._branches.items()}
        return max(shared, key=shared.__getitem__) if any(shared.values()) else 0

    def _adopt(self, sequence: int) -> None:
        """Let a stream become the cache, and drop the others; 0 drops all."""
        if not self._branches:
            return
        self._model.adopt(sequence)
        if sequence:
            branch = self._branches[sequence]
            self.ids.extend(branch.ids)
            self._shapes.extend(Shape(1, width) for width in branch.widths)
            self.written = branch.written
        self._branches = {}

    # -------------------------------------------------------------------------------------------- the cache

    def _known_logits(self, tokens: int) -> Logits | None:
        found = self._start_points.pop(tokens, None)
        if found is None:
            return None
        self._start_points[tokens] = found  # the last one used is forgotten last
        return found.logits

    def _record(self, part: array[int], finish: Callable[[], T]) -> T:
        self.written = None
        try:
            result = finish()
        except Exception as error:
            if isinstance(error, Stopped) and len(part) == 1:
                self.written = part[0]
            self._truncate(len(self.ids), broken=True)
            raise
        self.ids.extend(part)
        self._shapes.append(Shape(len(part)))
        if not self._model.truncates and len(self.ids) % self._chunk == 0:
            self._snapshots.save(len(self.ids), self._model.state())
        return result

    def _reachable(self, tokens: int) -> int:
        """The last place at or before `tokens` to which the model can go back."""
        if self._model.truncates or tokens == len(self.ids):
            return tokens
        return self._snapshots.nearest(tokens, self._chunk)

    def _truncate(self, tokens: int, *, broken: bool = False) -> int:
        """Drop all tokens from that index on (the end of an evaluation). Returns how many are left: fewer if the model
        cannot go back to just there. broken: an evaluation failed, after which the state of some models is unknown.
        """
        if self._model.truncates or not (broken or tokens < len(self.ids)):
            left = self._model.truncate(tokens)
        else:
            left = self._snapshots.nearest(tokens, self._chunk)
            left = self._model.restore(left, self._snapshots.state(left)) if left else self._model.truncate(0)
        self._forget(left)
        return left

    def _forget(self, left: int) -> None:
        """Forget what was known of the tokens that the model has dropped; so many are left."""
        if left < len(self.ids):
            self.written = None
            self._start_points = {length: known for length, known in self._start_points.items() if length <= left}
        self._snapshots.truncate(left)
        del self.ids[left:]
        while sum(shape.tokens for shape in self._shapes) > left:
            self._shapes.pop()

    def _exact(self, tokens: int) -> bool:
        """Whether the first `tokens` (the end of an evaluation) were read in the canonical layout."""
        chunks, rest = divmod(tokens, self._chunk)
        canonical = [Shape(self._chunk)] * chunks + ([Shape(rest)] if rest else [])
        return self._shapes[: len(canonical)] == canonical
