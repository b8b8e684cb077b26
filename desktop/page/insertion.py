"""A generation that puts its text into the shown branch; the text behind stays there. Written again, it begins a branch
that has the text behind, too.

With its first span it becomes one undo step, which grows; where the writer has changed the page meanwhile, it grows
below the writer's newer steps, or goes on as a new step if that is asked for.
"""

from dataclasses import dataclass, replace
from functools import partial

from desktop.page import forks
from desktop.page.branches import Branches
from desktop.page.core import PageCore
from desktop.page.edit import Change, Edit, Mark, Operation, Switch
from desktop.page.forks import Content, Fork
from desktop.page.generation import Awaited, Generation
from desktop.page.history import Step
from desktop.page.sources import Source
from desktop.page.span_rows import forget_reading, join_run
from models.engine.events import Span


@dataclass(slots=True, eq=False)
class Growth:
    """Where a generation goes on. fork: id of the fork where it began. end: its end in the text as it was just after
    its step."""

    step: Step
    fork: int
    end: int

    def record(self, inverse: Edit) -> None:
        """Add the inverse of a growth to the step; it is undone in the text as it was just after the step."""
        self.step.grow(replace(inverse, start=self.end - inverse.inserted))


class Insertion(Generation):
    """Grows at a position of the shown branch, which history carries along with the writer's edits."""

    def __init__(self, core: PageCore, source: Source, at: int) -> None:
        """at: the position where it begins."""
        super().__init__(core, source, at)
        core.history.interrupt()
        self._place: Awaited | Growth = Awaited(at, core.history.newest)

    @property
    def awaited(self) -> bool:
        return isinstance(self._place, Awaited)

    @property
    def is_shown(self) -> bool:
        return True

    @property
    def step(self) -> Step | None:
        return self._place.step if isinstance(self._place, Growth) else None

    @property
    def is_newest(self) -> bool:
        place = self._place
        return self._core.history.newest is (place.step if isinstance(place, Growth) else place.after)

    @property
    def end(self) -> int:
        place = self._place
        if isinstance(place, Growth):
            return self._core.history.carried(place.end, place.step)
        return place.position(self._core)

    def _hash_before(self, end: int) -> int:
        return self._core.branch.hash_before(end)

    # -------------------------------------------------------------------------------------------- the first token

    def _open(self, first: Span) -> None:  # noqa: ARG002
        """Make the generation an undo step."""
        core, position = self._core, self.end
        core.drop_redo()
        fork, operations = core.branch.fork_at(position), list[Operation]()
        if fork is None:
            fork = core.branch.new_fork(position)
            operations.append(core.branch.apply(Mark(fork, position), None))
        step = Step("generation", operations)
        core.history.push(step)
        fork.writes = True
        core.generation_fork = fork.id
        self._place = Growth(step, fork.id, fork.position)

    # -------------------------------------------------------------------------------------------- growth

    def _begin_step(self) -> None:
        growth, history = self._place, self._core.history
        if isinstance(growth, Growth) and history.newest is not growth.step:
            growth.end, growth.step = self.end, Step("generation")
            history.push(growth.step)

    def _grow(self, spans: list[Span]) -> None:
        core, growth = self._core, self._place
        assert isinstance(growth, Growth)
        end = core.history.carried(growth.end, growth.step)
        healed = self._healed(end, spans[0]) if spans[0].healed else b""
        gone = bool(spans[0].healed) and not healed
        rows, units = self._as_rows([replace(spans[0], healed="")] if gone else spans)
        old = self._unfinished(end, spans[0]) if spans[0].absorbed else rows[:0]
        if gone or (spans[0].absorbed and not len(old)):
            forget_reading(rows)
        removed = int(old["length"][0]) if len(old) else 0
        if removed:
            self._prefix.retreat(old, core.chunks.units(end - removed, end))
            rows = join_run(old, rows)
        self._bind(rows, units, healed)
        rows["bound"][: len(old)] = old["bound"]
        self._apply(growth, Edit(end - removed, removed, units, rows, after_fork=growth.fork))

    def _apply(self, growth: Growth, edit: Edit) -> None:
        """Apply a growth and record it: in the generation's step, below what the writer did since, where possible."""
        core, grown = self._core, edit.inserted - edit.removed
        end = edit.start + edit.removed
        on_top = core.history.newest is growth.step
        reaches_back = len(edit.rows) > 0 and int(edit.rows["start"][0]) < 0
        plain = not edit.removed and not reaches_back and not len(core.chunks.touched(end, end))
        outer = partial(forks.outer, core.branch.forks, growth.fork)
        has_room = plain and core.history.make_room(growth.end, core.history.recorded(growth.step), grown, outer)
        if not plain:
            core.history.redo.clear()  # undone edits of the writer only: an open generation is never undone

        def record(inverse: Operation) -> None:
            assert isinstance(inverse, Edit)
            if has_room or on_top:
                growth.record(inverse)
                growth.end += grown
            else:
                growth.step = Step("generation", [inverse])
                growth.end = end + grown
                core.history.push(growth.step)

        core.apply([edit], "generation", record)


class Reinsertion(Insertion):
    """An insertion in place of the one that began at a fork. With its first span that one stays as a branch, with the
    text behind it; the new branch begins with a copy of that text, without the forks in it."""

    def __init__(self, core: PageCore, source: Source, fork: Fork, former: Source) -> None:
        """former: the source of the insertion that is replaced."""
        super().__init__(core, source, fork.position)
        self._former = former
        self._place = Awaited(fork.position, core.history.newest, fork.id)

    def _open(self, first: Span) -> None:
        place, core = self._place, self._core
        assert isinstance(place, Awaited)
        fork = core.branch.find(place.replaced)
        if fork is None:
            super()._open(first)
            return
        core.drop_redo()
        start, end = fork.position, Branches(core).end_of_generation(fork.position, self._former)
        behind, branch, step = core.chunks.copy(end), core.branch.new_branch(fork), Step("generation")
        core.history.push(step)
        fork.writes, core.chosen_fork, core.generation_fork = True, fork.id, fork.id
        self._place = Growth(step, fork.id, start)
        copied = Edit(start, 0, b"", after_fork=fork.id, passage=Content(behind))
        change = Change(start, end - start, 0, "generation")
        core.apply_as([Switch(fork.id, branch.id), copied], change, step.operations.append)
