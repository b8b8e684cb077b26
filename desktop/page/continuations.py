"""Several generations that continue the page at one place, each on a branch of its own of one fork.

A branch comes with the first token of its generation. The first one is shown; the others grow hidden until the user
switches to them, and the one that was left goes on growing hidden. Each grows at the end of its branch, so no operation
of the history has to move.

All of them are one undo step. A generation ends (`is_open` turns false) where the text that its model reads changes
under it while its branch is not shown, and where the user shows another branch of a fork inside its text. The
generation whose branch is shown goes on behind an edit, as an insertion does. In place of an insertion the text behind
it stays behind each (`InsertedContinuation`); these end where another branch of an outer fork is shown.
"""

from collections.abc import Sequence
from dataclasses import replace

from desktop.page.branches import Branches
from desktop.page.chunks import Chunks
from desktop.page.continuation import Continuation, InsertedContinuation
from desktop.page.core import PageCore
from desktop.page.edit import Change, Edit, Mark, Operation, Switch
from desktop.page.forks import Branch, Content, Fork
from desktop.page.generation import Awaited
from desktop.page.history import Step
from desktop.page.sources import Source
from desktop.page.token_table import TokenRows, ends
from models.engine.events import Span


class Continuations:
    """The generations of one request, in the order of their streams. fork: where they begin; None until the first token
    of any comes. step: their undo step."""

    def __init__(
        self,
        core: PageCore,
        sources: Sequence[Source],
        at: int,
        replaced: int | None = None,
        former: Source | None = None,
    ) -> None:
        """at: the position where they begin; the text behind it stays as a branch. replaced: as in Awaited. former: the
        source of the insertion that is replaced: each branch gets a copy of the text behind that, without its forks."""
        core.history.interrupt()
        self.core = core
        self.fork: Fork | None = None
        self.step: Step | None = None
        self._awaited = Awaited(at, core.history.newest, replaced)
        # Forks that hide the fork, innermost first: a branch of each that is not shown holds the fork before it.
        self._outer: list[Fork] = []
        self._position = at  # of the outermost of those forks, else of the fork itself, when it was last looked at
        self.is_recorded = False  # the step is in the history
        self._unfinished: tuple[TokenRows, bytes] | None = None
        self._former = former
        self._kept: Chunks | None = None  # the text behind
        self.begun = at  # the fork's position when the step was made
        streams = enumerate(sources) if len(sources) > 1 else ((source.stream, source) for source in sources)
        kind, inserted = (Continuation, False) if former is None else (InsertedContinuation, True)
        named = [replace(source, stream=stream, inserted=source.inserted or inserted) for stream, source in streams]
        self.members = [kind(self, source, at, source.stream) for source in named]

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
        return self.core.branch.new_branch(self.fork, Content(self._kept.copy(0)) if self._kept else None)

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
        if self._former is not None:
            self._kept = core.chunks.copy(Branches(core).end_of_generation(position, self._former))
        self.begun = position
        return fork, step

    def show_first(self, branch: Branch) -> None:
        """Show this branch, unless a first one was shown: now it is a step of the history."""
        step, fork = self.step, self.fork
        if fork is None or step is None or self.is_recorded:
            return
        self.is_recorded = True

        def record(inverse: Operation) -> None:
            step.operations.append(inverse)
            self.core.history.push(step)

        switch, kept = Switch(fork.id, branch.id), self._kept
        if kept is None:
            self.core.apply([switch], "generation", record)
        else:
            removed = len(self.core.branch) - fork.position - len(kept)
            self.core.apply_as([switch], Change(fork.position, removed, 0, "generation"), record)

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
                for member in self.members:
                    member.look_at_edit()
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
        if self._outer and self._former is not None:
            self._close(self.members)
        if not self._outer and on_page.index(fork) > on_page.index(self.fork):
            self._close([member for member in self.members if member.is_shown])

    @staticmethod
    def _close(members: list[Continuation]) -> None:
        for member in members:
            member.close()
