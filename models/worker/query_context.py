"""The second context, which answers queries, and its contents: always in the canonical layout of cache.py.

It opens when first needed. What the page's cache holds is copied where that is cheaper than reading; the page's cache
itself never changes.
"""

from __future__ import annotations

import contextlib
from array import array
from collections.abc import Callable, Generator, Iterator
from typing import TypeVar

from models.engine.prefix import common
from models.errors import ModelError
from models.library import memory
from models.sampling.stages import Logits
from models.worker.cache import Cache, Rows
from models.worker.evaluation_thread import Evaluator
from models.worker.language_model import LanguageModel, SecondContext
from models.worker.snapshots import Snapshots
from resources.language import tr

T = TypeVar("T")

LEAST_ROOM = 512  # tokens
COPYING = 64  # copying so many tokens takes at most as long as reading one (docs/engine.md)
NO_ROOM = tr("There is not enough memory to read {tokens:,} tokens beside the page.")


class QueryContext:
    """Reads prefixes beside the page. All evaluations go through `evaluator`. snapshots: bytes for the states of a
    model that cannot truncate its cache.
    """

    def __init__(
        self, model: LanguageModel, page: Cache, evaluator: Evaluator, snapshots: int = memory.QUERY_SNAPSHOTS
    ) -> None:
        self._model = model
        self._page = page
        self._evaluator = evaluator
        self._chunk = model.facts.batch
        self._snapshots = Snapshots(snapshots)  # empty for a model that truncates
        self._second: SecondContext | None = None
        self._outputs: int = 0  # of one evaluation, at most
        self._logits: Logits | None = None  # behind `ids`, where they were read last
        self.room: int = 0  # tokens
        self.ids: array[int] = array("i")

    def reuse(self, wanted: array[int], more: int = 0) -> int:
        """Get ready to read `wanted` (not empty) and `more` tokens behind it. Returns how many tokens need no reading.
        Raises ModelError where memory cannot be had.
        """
        outputs = min(self._chunk, memory.OUTPUTS) if more else 1
        needed, held = len(wanted) + more, self._page.held
        if self._logits is not None and self.ids == wanted and self._suffices(needed, outputs):
            return len(wanted)
        own = self._border(min(common(self.ids, wanted), len(wanted) - 1)) if self._suffices(needed, outputs) else 0
        shared = next(self._page.borders(wanted), 0)
        copies = (shared - own) * COPYING >= held > 0
        rooms = (max(needed, held), needed) if copies else (needed,)
        self._open(rooms, outputs)
        copied = self._copy(shared) if copies and self.room >= held else 0
        return copied or self._truncate(min(own, len(self.ids)))

    def read(self, wanted: array[int]) -> Generator[int, None, Logits]:
        """After `reuse`: evaluate the missing tokens, one chunk an item. Yields the tokens read so far, returns the
        logits after the last, valid until `reuse` or `read_each`. Raises Stopped and ModelError.
        """
        second = self._opened
        while len(self.ids) < len(wanted):
            part = wanted[len(self.ids) : (len(self.ids) // self._chunk + 1) * self._chunk]
            if len(self.ids) + len(part) < len(wanted):
                self._evaluate(part, lambda part=part: second.read(part))
            else:
                self._logits = self._evaluate(part, lambda part=part: second.evaluate(part)).copy()
            yield len(self.ids)
        if self._logits is None:
            raise ValueError("nothing to read: an empty prefix")
        return self._logits

    def peek(self, wanted: array[int]) -> Logits | None:
        """As Cache.peek: of this context."""
        same = min(common(self.ids, wanted), len(wanted) - 1)
        part, second = wanted[same:], self._opened
        if not self._model.truncates or len(part) > min(self.room - len(self.ids), self._chunk):
            return None
        logits = self._evaluator.start(lambda: second.peek(same, part))()
        return None if logits is None else logits.copy()

    def read_each(self, wanted: array[int]) -> Iterator[tuple[int, Rows]]:
        """Read all of `wanted` again. Yields, for at most memory.OUTPUTS tokens at a time, the index of the first and
        the logits after each, float32[tokens, vocabulary]. Raises Stopped and ModelError.
        """
        step = min(self._chunk, memory.OUTPUTS)
        self._open((len(wanted),), step)
        self._truncate(0)
        second = self._opened
        try:
            while len(self.ids) < len(wanted):
                first = len(self.ids)
                part = wanted[first : first + step]
                yield first, self._evaluate(part, lambda part=part: second.evaluate_each(part))
        finally:
            if step < self._chunk:  # not the canonical layout
                self._truncate(0)

    def read_behind(self, prefix: array[int], tokens: array[int]) -> Generator[Rows, None, None]:
        """Evaluate tokens behind the prefix, and go back to it. Yields the logits after each, for at most a chunk and
        memory.OUTPUTS tokens at a time: the first of them in one evaluation, whatever place of its chunk the prefix
        ends at. Raises Stopped and ModelError.
        """
        if not tokens:
            return
        step = min(self._chunk, memory.OUTPUTS)
        with self._leading_back(prefix, len(tokens)):
            for first in range(0, len(tokens), step):
                yield self._evaluate_behind(tokens[first : first + step])

    def write_behind(
        self, prefix: array[int], length: int, choose: Callable[[Logits], int | None]
    ) -> Generator[int, None, None]:
        """Write at most `length` tokens behind the prefix, and go back to it. choose: returns the next token, from the
        logits before it, or None to end. Yields each token. Raises Stopped and ModelError.
        """
        with self._leading_back(prefix, length) as logits:
            for written in range(length):
                token = choose(logits)
                if token is None:
                    return
                yield token
                if written + 1 < length:
                    (logits,) = self._evaluate_behind(array("i", [token]))

    @contextlib.contextmanager
    def _leading_back(self, prefix: array[int], more: int) -> Generator[Logits]:
        """While `more` tokens are evaluated behind the prefix, to which it then goes back. Gives the logits behind the
        prefix.
        """
        self.reuse(prefix, more)
        for _ in self.read(prefix):  # nothing, unless a state was too large to go back to the prefix
            pass
        logits = self._logits
        if logits is None:
            raise ValueError("the prefix was not read")
        if not self._model.truncates:
            self._snapshots.save(len(prefix), self._opened.state())
        try:
            yield logits
        finally:
            if self._back(len(prefix), moved=True) == len(prefix):
                self._logits = logits

    def drop(self) -> None:
        """Give the context up, after an evaluation in it gave no usable numbers: the next query opens another."""
        if self._second is not None:
            self._second.close()
        self._forget()
        self._second, self.room, self._outputs = None, 0, 0

    def _evaluate_behind(self, part: array[int]) -> Rows:
        second = self._opened
        return self._evaluator.start(lambda: second.evaluate_each(part))()

    # ------------------------------------------------------------------------------------------ contents

    @property
    def _opened(self) -> SecondContext:
        if self._second is None:
            raise ValueError("`reuse` comes first")
        return self._second

    def _suffices(self, tokens: int, outputs: int) -> bool:
        return self._second is not None and self.room >= tokens and self._outputs >= outputs

    def _open(self, rooms: tuple[int, ...], outputs: int) -> None:
        """Open an empty context with the first of these rooms for which there is memory, unless the one there has it.
        rooms: tokens, descending. Raises ModelError.
        """
        if self._suffices(rooms[0], outputs):
            return
        outputs = max(outputs, self._outputs)
        self._forget()
        self._second, self.room, self._outputs = None, 0, 0
        for room in (self._rounded(rooms[0]), *rooms):
            with contextlib.suppress(ModelError, MemoryError):
                self._second = self._model.open_second(room, outputs)
                self.room, self._outputs = room, outputs
                return
        raise ModelError(NO_ROOM.format(tokens=rooms[-1]))

    def _rounded(self, tokens: int) -> int:
        """Room for that many tokens and some more, so that a page which grows does not need another context soon."""
        return max(tokens, min(max(LEAST_ROOM, 1 << (tokens - 1).bit_length()), self._model.facts.context))

    def _copy(self, tokens: int) -> int:
        """Take over that many tokens of the page's cache. Returns how many it holds now: 0 if that failed."""
        page, state = self._page, self._page.state(tokens)
        self._forget()
        copied = self._opened.copy(len(page.ids), tokens, state)
        self.ids = page.ids[:copied]
        if state is not None and copied:
            self._snapshots.save(copied, state)
        return copied

    def _border(self, tokens: int) -> int:
        """The last border of a chunk, at or before so many tokens, to which the context can go back."""
        border = tokens // self._chunk * self._chunk
        if self._model.truncates or border == len(self.ids):
            return border
        return max((place for place in self._snapshots if place <= border and place % self._chunk == 0), default=0)

    def _truncate(self, tokens: int) -> int:
        """Drop all tokens from that index on: a border of `_border`. Returns how many are left."""
        return self._back(tokens, moved=tokens < len(self.ids))

    def _back(self, tokens: int, *, moved: bool) -> int:
        """The same, to the end of the contents too. moved: the context may have read more than `ids`."""
        if moved:
            self._logits = None
            if self._model.truncates or tokens not in self._snapshots:
                tokens = self._opened.truncate(tokens if self._model.truncates else 0)
            else:
                tokens = self._opened.restore(tokens, self._snapshots.state(tokens))
            del self.ids[tokens:]
            self._snapshots.truncate(tokens)
        return tokens

    def _forget(self) -> None:
        self.ids, self._logits = array("i"), None
        self._snapshots.truncate(0)

    def _evaluate(self, part: array[int], work: Callable[[], T]) -> T:
        self._logits = None
        try:
            result = self._evaluator.start(work)()
        except Exception:
            self._back(self._border(len(self.ids)), moved=True)  # the state of some models is unknown now
            raise
        self.ids.extend(part)
        if not self._model.truncates and len(self.ids) % self._chunk == 0:
            self._snapshots.save(len(self.ids), self._opened.state())
        return result
