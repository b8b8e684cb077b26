"""Undo and redo as they were last taken, and which of their steps are new.

Both are stacks: steps are pushed, popped and changed near the top, so the steps below are not compared. Imports no
SQLite.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from desktop.page.edit import Edit, Mark, Operation
from desktop.page.history import Step

_SIMPLE = frozenset({"typing", "erasing", "change"})


@dataclass(frozen=True, slots=True, eq=False)
class Changed:
    """A step that is new or changed: its operations from the place `first` on."""

    place: int
    step: Step
    first: int
    operations: tuple[Operation, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Difference:
    """kept: how many steps stay; those above are gone. structural: a step came or went that may have changed the
    tree."""

    kept: int
    changed: tuple[Changed, ...] = ()
    structural: bool = False


@dataclass(slots=True, eq=False)
class _Taken:
    step: Step
    operations: tuple[Operation, ...]

    @property
    def simple(self) -> bool:
        """Whether the step left the tree, and each chunk's owner, unchanged."""
        edits = [operation for operation in self.operations if isinstance(operation, Edit) and not operation.passage]
        return self.step.kind in _SIMPLE and len(edits) == len(self.operations)


@dataclass(slots=True, eq=False)
class Stack:
    """One of the two stacks. firm: how many steps from the bottom cannot change any more while they stay."""

    taken: list[_Taken] = field(default_factory=list[_Taken])
    firm: int = 0
    linked: list[int] = field(default_factory=list[int])  # places of steps that hold a fork or a content

    def take(self, steps: Sequence[Step], firm: int) -> Difference:
        """The steps that are new since the last call. firm: how many of these steps will not change until the next
        time, unless they go."""
        common = self._common(steps)
        changed = [found for place in range(min(self.firm, common), common) if (found := self._changed(place))]
        gone = self.taken[common:]
        fresh = [_Taken(step, tuple(step.operations)) for step in steps[common:]]
        self.taken[common:] = fresh
        self.firm = firm
        self._link(min([common, *(found.place for found in changed)]))
        relinked = any(map(_links, (operation for found in changed for operation in found.operations)))
        changed += [Changed(common + i, new.step, 0, new.operations) for i, new in enumerate(fresh)]
        return Difference(common, tuple(changed), relinked or any(not taken.simple for taken in (*gone, *fresh)))

    def _common(self, steps: Sequence[Step]) -> int:
        """How many steps from the bottom are those of the last time. Nothing above a step that differs is the same."""
        low, high = 0, min(len(steps), len(self.taken))
        while low < high:
            middle = (low + high + 1) // 2
            if steps[middle - 1] is self.taken[middle - 1].step:
                low = middle
            else:
                high = middle - 1
        return low

    def _changed(self, place: int) -> Changed | None:
        taken = self.taken[place]
        now = tuple(taken.step.operations)
        if len(now) == len(taken.operations) and all(map(_same, now, taken.operations)):
            return None
        first = next((i for i, pair in enumerate(zip(now, taken.operations, strict=False)) if not _same(*pair)), None)
        first = min(len(now), len(taken.operations)) if first is None else first
        taken.operations = now
        return Changed(place, taken.step, first, now[first:])

    def _link(self, first: int) -> None:
        self.linked = [place for place in self.linked if place < first]
        for place in range(first, len(self.taken)):
            if any(map(_links, self.taken[place].operations)):
                self.linked.append(place)

    def links(self) -> list[Operation]:
        """The operations that hold a fork or a content."""
        return [operation for place in self.linked for operation in self.taken[place].operations if _links(operation)]


def _links(operation: Operation) -> bool:
    return isinstance(operation, Mark) or (isinstance(operation, Edit) and operation.passage is not None)


def _same(one: Operation, other: Operation) -> bool:
    return one is other
