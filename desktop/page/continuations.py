"""Several generations that continue the page at one place, each on a branch of its own of one fork.

A branch comes with the first token of its generation. The first one is shown; the others grow hidden until the user
switches to them, and the one that was left goes on growing hidden. Each grows at the end of its branch, so no operation
of the history has to move.

All of them are one undo step. A generation ends (`is_open` turns false) where the text that its model reads changes
under it while its branch is not shown, and where the user shows another branch of a fork inside its text. The
generation whose branch is shown goes on behind an edit, as an insertion does.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from desktop.page import forks, hashing
from desktop.page.core import PageCore
from desktop.page.edit import BranchGrowth, Edit, Mark, Operation, Switch
from desktop.page.forks import Branch, Content, Fork
from desktop.page.generation import Awaited, Generation
from desktop.page.history import Step
from desktop.page.sources import Source
from desktop.page.span_rows import forget_reading, join_run
from desktop.page.token_table import TokenRows, ends
from models.engine.events import Span


class Continuations:
    """The generations of one request, in the order of their streams. fork: where they begin; None until the first token
    of any comes. step: their undo step."""

    def __init__(self, core: PageCore, sources: Sequence[Source], at: int, replaced: int | None = None) -> None:
        """at: the position where they begin; the text behind it stays as a branch. replaced: as in Awaited."""
        core.history.interrupt()
        self.core = core
        self.fork: Fork | None = None
        self.step: Step | None = None
        self._awaited = Awaited(at, core.history.newest, replaced)
        # Forks that hide the fork, innermost first: a branch of each that is not shown holds the fork before it.
        self._outer: list[Fork] = []
        self._position = at  # of the outermost of those forks, else of the fork itself, when it was last looked at
        self._is_step = False
        self._unfinished: tuple[TokenRows, bytes] | None = None
        streams = enumerate(sources) if len(sources) > 1 else ((source.stream, source) for source in sources)
        self.members = [Continuation(self, replace(source, stream=stream), at, stream) for stream, source in streams]

    @property
    def place(self) -> int:
        """The position where the branches begin, on the page that shows one of them."""
        if self.fork is None:
            return self._awaited.position(self.core)
        return self.fork.position + sum(fork.position for fork in self._outer)

    @property
    def holder(self) -> Content | None:
        """The branch of an outer fork that holds the fork and is not shown; None where the fork is on the shown one."""
        if not self._outer:
            return None
        tails = (branch.tail for branch in self._outer[0].branches if branch.tail is not None)
        return next(tail for tail in tails if self.fork in tail.forks)

    @property
    def is_newest(self) -> bool:
        """Whether nothing was done to the page since the request, or since the first token."""
        return self.core.history.newest is (self.step if self.fork else self._awaited.after)

    # -------------------------------------------------------------------------------------------- branches

    def new_branch(self, unfinished: TokenRows, healed: bytes) -> Branch:
        """Add a branch. unfinished: rows of the run before the place that the first token joins: the branches of a new
        fork begin before it. healed: units before the place that the first token spells, too."""
        if self.fork is None:
            self.fork, self.step = self._begin(unfinished, healed)
            self._position = self.fork.position
        return self.core.branch.new_branch(self.fork)

    def _begin(self, unfinished: TokenRows, healed: bytes) -> tuple[Fork, Step]:
        core, position, step = self.core, self.place, Step("generation")
        core.drop_redo()
        fork = core.branch.find(self._awaited.replaced) or core.branch.fork_at(position)
        if fork is None:
            position -= self._take_unfinished(unfinished, position)
        if fork is None and len(core.chunks.touched(position, position)):  # inside a run: undo brings its rows back
            core.apply([Edit(position, 0, b"")], "generation", step.operations.append)
        size = len(healed) >> 1
        read = core.chunks.rows(position - size, position)  # of what is healed: undo brings them back
        if len(read) and (ends(read) <= position).all():
            core.apply([Edit(position - size, size, healed)], "generation", step.operations.append)
        if fork is None:
            fork = core.branch.new_fork(position)
            step.operations.append(core.branch.apply(Mark(fork, position, whole=True), None))
        fork.writes, core.chosen_fork, core.generation_fork = True, fork.id, fork.id
        return fork, step

    def show_first(self, branch: Branch) -> None:
        """Show this branch, unless a first one was shown: now it is a step of the history."""
        step, fork = self.step, self.fork
        if fork is None or step is None or self._is_step:
            return
        self._is_step = True

        def record(inverse: Operation) -> None:
            step.operations.append(inverse)
            self.core.history.push(step)

        self.core.apply([Switch(fork.id, branch.id)], "generation", record)

    def _take_unfinished(self, rows: TokenRows, position: int) -> int:
        """Keep the unfinished run for every branch to begin with; returns its length."""
        if not len(rows):
            return 0
        length = int(rows["length"][0])
        self._unfinished = rows, self.core.chunks.units(position - length, position)
        return length

    def unfinished(self, span: Span) -> tuple[TokenRows, bytes] | None:
        """The rows and units of the run before the request that the span joins, the first of its branch."""
        found = self._unfinished
        return found if found is not None and len(found[0]) == span.absorbed else None

    # -------------------------------------------------------------------------------------------- what happens to it

    def follow(self, operation: Operation) -> None:
        """Something was done to the shown branch: close the generations whose prefix is another one now."""
        match operation:
            case Switch():
                self._switched(operation.fork)
            case Edit() if self.fork is not None and (operation.removed or operation.inserted):
                before, self._position = self._position, [self.fork, *self._outer][-1].position
                if operation.start < before or self._position != before:
                    self._close([member for member in self.members if not member.is_shown])
            case _:
                pass

    def _switched(self, fork_id: int) -> None:
        """Another branch of that fork is shown."""
        if self.fork is None:
            self._close(self.members)
            return
        on_page, fork = self.core.branch.forks, self.core.branch.fork(fork_id)
        chain = [self.fork, *self._outer]
        first = next((index for index, one in enumerate(chain) if one in on_page), None)
        chain = [*chain, fork] if first is None else chain[: first + 1]
        self._outer, self._position = chain[1:], chain[-1].position
        if not self._outer and on_page.index(fork) > on_page.index(self.fork):
            self._close([member for member in self.members if member.is_shown])

    @staticmethod
    def _close(members: "list[Continuation]") -> None:
        for member in members:
            member.close()


class Continuation(Generation):
    """One of several generations, on a branch of its own."""

    def __init__(self, group: Continuations, source: Source, at: int, stream: int) -> None:
        """at: the position where it begins."""
        super().__init__(group.core, source, at, stream)
        self._group = group
        self._branch: Branch | None = None

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
    def is_newest(self) -> bool:
        return self._group.is_newest

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
        """Units of its branch. hidden: the content that holds it."""
        own = self._branch is not None and self._branch.tail is hidden
        assert self._group.fork is not None
        return len(hidden.chunks) - (0 if own else self._group.fork.position)

    def rebind(self) -> None:
        if self._group.holder is None:  # else nothing has changed before it, or it would be closed
            super().rebind()

    def _hash_before(self, end: int) -> int:
        if self.hidden is None:
            return self._core.branch.hash_before(end)
        place, chunks, across = self._group.place, self.hidden.chunks, self.hidden.straddling
        hidden = int(chunks.hashes(np.array([len(chunks)], np.int64))[0])
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
        return b"" if len(self.hidden.chunks) else self._healed(self._group.place, span)

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
        old = self._unfinished(end, span) if self.hidden is None and group.is_newest else none
        removed = int(old["length"][0]) if len(old) else 0
        if not removed or end - removed < group.place:
            return none, 0
        self._prefix.retreat(old, core.chunks.units(end - removed, end))
        core.history.redo.clear()  # what was undone may stand behind the run; it holds no generated token
        return old, removed

    def _grow_shown(self, removed: int, units: bytes, rows: TokenRows) -> None:
        """Undo takes the branch away with all that has grown on it, so nothing is recorded."""
        assert self._group.fork is not None
        edit = Edit(self.end - removed, removed, units, rows, after_fork=self._group.fork.id)
        self._core.apply([edit], "generation")

    def _grow_hidden(self, content: Content, units: bytes, rows: TokenRows, healed: bytes) -> None:
        ids, start, end = self.branch, self._length(content), len(content.chunks)
        assert ids is not None
        stay = forks.outer(content.forks, ids[0])
        for fork in content.forks:
            if fork.position == end and fork.id not in stay:  # as on the shown branch
                fork.position += len(units) >> 1
        if healed:  # the run reaches across the fork
            content.straddling, content.before, rows = rows, healed, rows[:0]
        content.chunks.splice(end, 0, units, rows)
        self._core.tell_growth(BranchGrowth(*ids, start, len(units) >> 1))
