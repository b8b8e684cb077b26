"""Rescues generated tokens from a redo that is dropped: each stretch of them becomes a branch.

The undone steps are replayed on the page without telling listeners; what they make is copied before a later step takes
it apart again, never in the middle of a step. The page ends as it began. Costs as much as redoing the steps, and
nothing where they hold no generated token.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from desktop.page.edit import Edit, Mark, Operation, Switch
from desktop.page.forks import Branch, Content, Fork, every_fork, insert, is_empty
from desktop.page.history import Step
from desktop.page.shown_branch import ShownBranch
from desktop.page.token_table import any_generated


@dataclass(frozen=True, slots=True)
class _Rescued:
    """A branch to be. position: of its fork."""

    position: int
    tail: Content


def rescue(path: ShownBranch, redo: list[Step]) -> frozenset[int]:
    """Make branches of the generated tokens in these undone steps; the next one to redo is last in the list. Returns
    the positions of the branches' forks."""
    if not any(_holds(operation) for step in redo for operation in step.operations):
        return frozenset()
    replay = _Replay(path)
    replay.run([step.operations[::-1] for step in reversed(redo)])
    for rescued in replay.rescued:
        _attach(path, rescued)
    return frozenset(rescued.position for rescued in replay.rescued)


class _Replay:
    """Does the steps, copies generated text that would be lost, and undoes the steps."""

    def __init__(self, path: ShownBranch) -> None:
        self._path = path
        self._known = {fork.id for fork in every_fork(path.forks)}  # forks that need no copy
        self._reach = len(path)  # the earliest position that was touched: before it, the page is as it was
        self._pending = False  # generated tokens came in that no copy holds yet
        self._copies: list[Fork] = []
        self.rescued: list[_Rescued] = []

    def run(self, steps: Sequence[Sequence[Operation]]) -> None:
        """Do all steps, copy what must be rescued, undo all."""
        inverses: list[Operation] = []
        for step in steps:
            if self._pending and self._takes_apart(step):
                self._copy()
            inverses += map(self._do, step)
        if self._pending:
            self._copy()
        self._undo(inverses)
        for fork in self._copies:  # what the fork's first branch replaced is the page's own again
            fork.branches = [one for one in fork.branches if one.id == fork.active or one.tail is not None]

    def _do(self, operation: Operation) -> Operation:
        self._pending = self._pending or _holds(operation)
        start = _start(self._path, operation)
        inverse = self._path.apply(operation, None)
        self._reach = min(self._reach, start, _start(self._path, inverse))
        return inverse

    def _undo(self, inverses: Sequence[Operation]) -> None:
        for inverse in reversed(inverses):
            self._path.apply(inverse, None)

    def _takes_apart(self, step: Sequence[Operation]) -> bool:
        """Whether that step removes generated tokens."""
        inverses: list[Operation] = []
        for operation in step:
            if self._takes(operation):
                break
            inverses.append(self._path.apply(operation, None))
        self._undo(inverses)
        return len(inverses) < len(step)

    def _takes(self, operation: Operation) -> bool:
        match operation:
            case Edit():
                return self._path.chunks.generated(operation.start, operation.start + operation.removed)
            case Switch():
                return operation.fork in self._known or self._path.fork(operation.fork).position < len(self._path)
            case _:
                return False

    def _copy(self) -> None:
        """Copy the page from the earliest touched position on, with the forks that only these steps brought."""
        self._pending = False
        chunks = self._path.chunks.copy(self._reach)
        forks = [fork for fork in self._path.forks if fork.position >= self._reach and fork.id not in self._known]
        self._known |= {fork.id for fork in every_fork(forks)}
        copies = [_copied(fork, self._reach) for fork in forks]
        self._copies += copies
        self.rescued.append(_Rescued(self._reach, Content(chunks, copies)))


def _copied(fork: Fork, start: int) -> Fork:
    """A copy of the fork as it is now, which shares the branches that are not shown."""
    branches = [Branch(branch.id) if branch.id == fork.active else branch for branch in fork.branches]
    return Fork(fork.id, fork.position - start, branches, fork.active, fork.writes)


def _holds(operation: Operation) -> bool:
    """Whether the operation brings generated tokens that are on no branch now."""
    match operation:
        case Edit():
            brought = () if operation.passage is None else operation.passage.chunks.parts
            return any_generated(operation.rows) or any(chunk.count and any_generated(chunk.rows) for chunk in brought)
        case Mark():
            return any(branch.tail is not None and not is_empty(branch) for branch in operation.fork.branches)
        case _:
            return False


def _start(path: ShownBranch, operation: Operation) -> int:
    """The first unit that the operation touches, on the page before it."""
    match operation:
        case Edit():
            return operation.start + (min(0, int(operation.rows["start"][0])) if len(operation.rows) else 0)
        case Switch():
            position = path.fork(operation.fork).position
            across = path.chunks.touched(position, position)
            return int(across["start"][0]) if len(across) else position
        case Mark():
            return operation.position
        case _:
            return len(path)


def _attach(path: ShownBranch, rescued: _Rescued) -> None:
    """Add what was rescued as a branch; where it begins with a fork of several branches, add each of them."""
    fork = path.fork_at(rescued.position)
    if fork is None:
        fork = path.new_fork(rescued.position)
        insert(path.forks, fork)
    for tail in _apart(rescued.tail, fork):
        path.add_undone_branch(fork, tail)


def _apart(content: Content, fork: Fork) -> list[Content]:
    """The branches of a fork at the beginning of the content, which `fork` replaces; else the content itself."""
    first = content.forks[0] if content.forks else None
    if first is None or first.position or len(first.branches) == 1:
        return [content]
    del content.forks[0]
    fork.writes = fork.writes or first.writes
    branches = [branch for branch in first.branches if not is_empty(branch)]
    return [content if branch.tail is None else branch.tail for branch in branches]
