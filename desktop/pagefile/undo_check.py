"""Checks that each step of undo and redo can be applied to the page that it will meet: all are tried on a shadow of it,
which has its forks, its branches and the lengths of its texts, but no text.

So no forged step is ever applied to the page itself. Imports no SQLite.
"""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, cast

from desktop.page import forks
from desktop.page.chunks import Chunks, Limits
from desktop.page.contents import Contents
from desktop.page.edit import Cause, Edit, Mark, Operation, Unmark
from desktop.page.forks import Branch, Content, Fork
from desktop.page.history import Step
from desktop.page.shown_branch import ShownBranch
from desktop.page.token_table import NONE, TokenRows, are_whole, ends

if TYPE_CHECKING:
    from desktop.page.edit import Change

_FAR = 2**31  # units: no page is as long
_MOST = 50_000_000  # forks that all steps together may move: seconds


class _ImpossibleError(ValueError):
    """A step cannot be applied."""


def drop_impossible(contents: Contents, every: Iterable[Content], every_fork: Iterable[Fork]) -> bool:
    """Drop all undo, or all redo, where one step of it cannot be applied; returns whether that was so. every,
    every_fork: all contents and forks in the file, each in one place (checking.py)."""
    every, every_fork = list(every), list(every_fork)
    unsound = [
        steps for steps in (contents.undo, contents.redo) if not _Shadow.of(contents, every, every_fork).takes(steps)
    ]
    for steps in unsound:
        steps.clear()
    return bool(unsound)


@dataclass(slots=True, eq=False)
class _Lengths:
    """Stands for a text of that many UTF-16 units."""

    size: int

    def __len__(self) -> int:
        return self.size

    def splice(self, _position: int, _removed: int) -> tuple[bytes, TokenRows]:
        return b"", NONE

    def units(self, _start: int, _end: int) -> bytes:
        return b""

    def cut(self, position: int) -> "_Lengths":
        tail, self.size = _Lengths(self.size - position), position
        return tail

    def extend(self, tail: "_Lengths") -> None:
        self.size += tail.size


class _Shadow(ShownBranch):
    """Switches branches as the page does; an edit changes only a length."""

    def __init__(self, content: Content, forks: dict[Fork, Fork], placed: set[Fork]) -> None:
        """forks: the shadow of each fork of the page. placed: those that are in a text."""
        super().__init__(Limits(), _nobody, content, 0)
        self._of_fork, self._placed = forks, placed
        self._moved = 0

    @classmethod
    def of(cls, contents: Contents, every: Sequence[Content], every_fork: Sequence[Fork]) -> "_Shadow":
        shadows = {fork: Fork(fork.id, fork.position, [], fork.active) for fork in every_fork}
        held = {content: _shadow(content, shadows) for content in every}
        for fork, shadow in shadows.items():
            shadow.branches = [Branch(one.id, held[one.tail] if one.tail else None) for one in fork.branches]
        return cls(held[contents.path], shadows, {fork for one in held.values() for fork in one.forks})

    def takes(self, steps: Sequence[Step]) -> bool:
        """Whether all steps can be applied, the last one first."""
        try:
            for step in reversed(steps):
                for operation in reversed(step.operations):
                    self.apply(self._shadowed(operation), None)
        except (LookupError, TypeError, ValueError):
            return False
        return True

    def _shadowed(self, operation: Operation) -> Operation:
        match operation:
            case Mark():
                return replace(operation, fork=self._of_fork[operation.fork])
            case _:
                return operation

    def _edit(self, edit: Edit, cause: Cause | None) -> Edit:  # noqa: ARG002
        length, end = len(self), edit.start + edit.removed
        possible = 0 <= edit.start <= end <= length
        if len(edit.rows):
            low, high = edit.start + int(edit.rows["start"][0]), end + int(ends(edit.rows)[-1]) - edit.inserted
            possible = possible and low >= 0 and high <= length and are_whole(edit.rows, -_FAR, _FAR)
        if not (possible and self._anchored(edit)):
            raise _ImpossibleError(edit)
        forks.follow(self.forks, edit, length)
        cast("_Lengths", self.chunks).size += edit.inserted - edit.removed
        self._look_at_forks(len(self.forks) - bisect_left(self.forks, edit.start, key=forks.position_of))
        return edit

    def _anchored(self, edit: Edit) -> bool:
        """Whether its anchors are forks in the text that it removes, each once, and go to positions in the text that
        it inserts."""
        ids, end = [fork_id for fork_id, _ in edit.anchors], edit.start + edit.removed
        within = all(0 <= offset <= edit.inserted for _, offset in edit.anchors)
        held = [fork for fork in self.forks if fork.id in ids] if ids else []
        return within and len(ids) == len(set(ids)) and all(edit.start <= fork.position <= end for fork in held)

    def _cut(self, fork: Fork) -> Content:
        self._look_at_forks(len(self.forks))
        return super()._cut(fork)

    def _mark(self, mark: Mark) -> Operation:
        there = self.find(mark.fork.id) is not None
        if there and (mark.whole or len(mark.fork.branches) == 1):
            # its own undo would remove the fork, which this step's undo then misses
            raise _ImpossibleError(mark)
        if not there:
            if mark.fork in self._placed:
                raise _ImpossibleError(mark)
            self._placed.add(mark.fork)
        inverse = super()._mark(mark)
        self._look_at_forks(1)
        return inverse

    def _unmark(self, unmark: Unmark) -> Operation:
        inverse = super()._unmark(unmark)
        if isinstance(inverse, Mark) and (inverse.whole or len(inverse.fork.branches) == 1):
            self._placed.discard(inverse.fork)
        return inverse

    def _look_at_forks(self, moved: int) -> None:
        """Check that all forks are within the page, and that the steps end. moved: how many forks this operation
        moved. Raises _ImpossibleError."""
        self._moved += moved
        outside = self.forks and not 0 <= self.forks[0].position <= self.forks[-1].position <= len(self)
        if outside or self._moved > _MOST:
            raise _ImpossibleError


def _shadow(content: Content, shadows: dict[Fork, Fork]) -> Content:
    lengths = cast("Chunks", _Lengths(len(content.chunks)))
    return Content(lengths, [shadows[fork] for fork in content.forks])


def _nobody(_change: "Change") -> None:
    """Ignores a change: a shadow has no listeners."""
