"""One of several generations that continue the page at one place, on a branch of its own, shown or not.

continuations.py holds them together, and says when one ends.
"""

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from desktop.page import branch_steps, forks, hashing
from desktop.page.edit import BranchGrowth, Edit, Operation
from desktop.page.forks import Branch, Content
from desktop.page.generation import Generation
from desktop.page.history import Recorded, Step, carried_through, encloses
from desktop.page.sources import Source
from desktop.page.span_rows import forget_reading, join_run
from desktop.page.token_table import TokenRows
from models.engine.events import Span

if TYPE_CHECKING:
    from desktop.page.continuations import Continuations


class Continuation(Generation):
    """One of several generations, on a branch of its own."""

    def __init__(self, group: "Continuations", source: Source, at: int, stream: int) -> None:
        """at: the position where it begins."""
        super().__init__(group.core, source, at, stream)
        self._group = group
        self._branch: Branch | None = None
        self._own: Step | None = None  # the newest undo step of its own, above that of all

    @property
    def awaited(self) -> bool:
        return self._branch is None

    @property
    def has_begun(self) -> bool:
        return self._group.fork is not None

    @property
    def is_shown(self) -> bool:
        if self._branch is None:
            return self._group.fork is None
        return self.hidden is None

    @property
    def step(self) -> Step | None:
        return self._own

    @property
    def is_newest(self) -> bool:
        return self._group.is_newest or self._grows_step

    @property
    def _grows_step(self) -> bool:
        """Whether what it writes now is part of a step of its own."""
        return self._own is not None and self._core.history.newest is self._own

    @property
    def hidden(self) -> Content | None:
        """The content at whose end it grows while its branch is not shown; None while it is, and before the first
        token."""
        return None if self._branch is None else self._branch.tail or self._group.holder

    @property
    def branch(self) -> tuple[int, int] | None:
        """The ids of its fork and of its branch; None before the first token."""
        return None if self._branch is None or self._group.fork is None else (self._group.fork.id, self._branch.id)

    @property
    def end(self) -> int:
        if self._branch is None:
            return self._group.place
        return len(self._core.branch) if self.hidden is None else self._group.place + self._length(self.hidden)

    def _length(self, hidden: Content) -> int:
        """Units of its branch up to where it grows. hidden: the content that holds it."""
        own = self._branch is not None and self._branch.tail is hidden
        assert self._group.fork is not None
        return self._end_in(hidden) - (0 if own else self._group.fork.position)

    def _end_in(self, hidden: Content) -> int:
        """Where it grows in the content that holds its branch."""
        return len(hidden.chunks)

    def look_at_edit(self) -> None:
        """The shown branch was edited: end where it cannot grow any more."""

    def rebind(self) -> None:
        if self._group.holder is None:  # else nothing has changed before it, or it would be closed
            super().rebind()

    def _hash_before(self, end: int) -> int:
        if self.hidden is None:
            return self._core.branch.hash_before(end)
        place, chunks, across = self._group.place, self.hidden.chunks, self.hidden.straddling
        hidden = int(chunks.hashes(np.array([self._end_in(self.hidden)], np.int64))[0])
        hidden += hashing.of_tokens(across)
        return (self._core.branch.hash_before(place) + hashing.power(place) * hidden) & hashing.MASK

    # -------------------------------------------------------------------------------------------- growth

    def _open(self, first: Span) -> None:
        none = self._core.chunks.rows(0, 0)
        unfinished = self._unfinished(self._group.place, first) if first.absorbed and self._group.fork is None else none
        self._branch = self._group.new_branch(unfinished, self._healed_by(first))
        self._group.show_first(self._branch)

    def _grow(self, spans: list[Span]) -> None:
        healed = self._healed_by(spans[0])
        gone = bool(spans[0].healed) and not healed
        rows, units = self._as_rows([replace(spans[0], healed="")] if gone else spans)
        old, removed = self._joined_by(spans[0])
        if gone or (spans[0].absorbed and not len(old)):
            forget_reading(rows)
        if len(old):
            rows = join_run(old, rows)
        self._bind(rows, units, healed)
        rows["bound"][: len(old)] = old["bound"]
        if self.hidden is None:
            self._grow_shown(removed, units, rows)
        else:
            self._grow_hidden(self.hidden, units, rows, healed)

    def _healed_by(self, span: Span) -> bytes:
        """The units before its end that the span's first token spells, too; none where there are no such."""
        if not span.healed or self._group.holder is not None:
            return b""
        if self.hidden is None:
            return self._healed(self.end, span)
        return b"" if self._end_in(self.hidden) else self._healed(self._group.place, span)

    def _joined_by(self, span: Span) -> tuple[TokenRows, int]:
        """The rows of the unfinished run that the span's first tokens join, and the units to be removed for it; the
        prefix goes back to before the run. No rows where it is gone, or was changed."""
        group, core, end = self._group, self._core, self.end
        none = core.chunks.rows(0, 0)
        if not span.absorbed:
            return none, 0
        taken = group.unfinished(span)
        if taken is not None and end == group.place == self._prefix.units - (len(taken[1]) >> 1):
            self._prefix.retreat(*taken)
            return taken[0], 0
        old = self._unfinished(end, span) if self.hidden is None and self.is_newest else none
        removed = int(old["length"][0]) if len(old) else 0
        if not removed or end - removed < group.place:
            return none, 0
        self._prefix.retreat(old, core.chunks.units(end - removed, end))
        core.history.redo.clear()  # what was undone may stand behind the run; it holds no generated token
        return old, removed

    def _grow_shown(self, removed: int, units: bytes, rows: TokenRows) -> None:
        if self._own is not None:
            self._begin_step()  # the step of all, which takes in what is not recorded, lies below
        self._put(self.end - removed, removed, units, rows)

    def _begin_step(self) -> None:
        """A step of several is one of all: what came to the others cannot be undone on the branch that is shown."""
        alone = len(self._group.members) == 1
        if alone and self.hidden is None and not self.is_newest:
            self._own = Step("generation")
            self._core.history.push(self._own)

    def _put(self, start: int, removed: int, units: bytes, rows: TokenRows) -> None:
        """Undo takes the branch away with all that has grown on it, so only what is a step of its own is recorded."""
        assert self._group.fork is not None
        edit = Edit(start, removed, units, rows, after_fork=self._group.fork.id)
        own = self._own if self._grows_step else None

        def record(inverse: Operation) -> None:
            if own is not None and isinstance(inverse, Edit):
                own.grow(inverse)

        self._core.apply([edit], "generation", record)

    def _grow_hidden(self, content: Content, units: bytes, rows: TokenRows, healed: bytes) -> None:
        self._put_hidden(content, len(content.chunks), units, rows, healed)

    def _put_hidden(self, content: Content, end: int, units: bytes, rows: TokenRows, healed: bytes) -> None:
        """end: in the content."""
        ids, own = self.branch, self._branch is not None and self._branch.tail is content
        assert ids is not None and self._group.fork is not None
        start = end - (0 if own else self._group.fork.position)
        stay = forks.outer(content.forks, ids[0])
        for fork in content.forks:
            if fork.position >= end and fork.id not in stay:  # as on the shown branch
                fork.position += len(units) >> 1
        if healed:  # the run reaches across the fork
            content.straddling, content.before, rows = rows, healed, rows[:0]
        content.chunks.splice(end, 0, units, rows)
        self._core.tell_growth(BranchGrowth(*ids, start, len(units) >> 1))


class InsertedContinuation(Continuation):
    """One before text that stays behind it, and that its model does not see. It grows inside its branch: the recorded
    operations that lie behind the place move. It ends where an edit removes text on both sides of the place."""

    def __init__(self, group: "Continuations", source: Source, at: int, stream: int) -> None:
        super().__init__(group, source, at, stream)
        self._grown = 0  # units that it has written

    @property
    def step(self) -> Step | None:
        return self._group.step if self._group.is_recorded else None

    @property
    def end(self) -> int:
        return self._group.place if self._branch is None else carried_through(self._begun, self._recorded().done)

    @property
    def _begun(self) -> int:
        """Where it grows, in the text of its branch as it would be just after the step."""
        return self._group.begun + self._grown

    def _recorded(self) -> Recorded:
        group = self._group
        assert group.fork is not None and group.step is not None and self._branch is not None
        return branch_steps.on_branch(self._core.history, group.step, group.fork, self._branch.id)

    def _end_in(self, hidden: Content) -> int:  # noqa: ARG002
        return self.end - self._group.place

    def look_at_edit(self) -> None:
        grows_here = self.is_open and self._branch is not None and self.hidden is None
        if grows_here and encloses(self._begun, self._recorded().done):
            self.close()

    def _grow_shown(self, removed: int, units: bytes, rows: TokenRows) -> None:
        end = self.end
        if self._has_room((len(units) >> 1) - removed):
            self._put(end - removed, removed, units, rows)

    def _grow_hidden(self, content: Content, units: bytes, rows: TokenRows, healed: bytes) -> None:
        place = self._end_in(content)
        if self._has_room(len(units) >> 1):
            self._put_hidden(content, place, units, rows, healed)

    def _has_room(self, units: int) -> bool:
        """Move what was done, and undone, behind the place. It ends where a recorded operation encloses the place."""
        core, fork = self._core, self._group.fork
        assert fork is not None
        outer = partial(forks.outer, core.branch.forks, fork.id)
        room = core.history.make_room(self._begun, self._recorded(), units, outer)
        self._grown += units
        if not room:
            self.close()
        return room
