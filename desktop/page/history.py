"""Undo and redo: steps of operations, and how an open generation grows below the writer's newer steps.

The operations of a step are inverses: applied to the page as it is now, the last one first, they undo the step (on the
undo stack) or do it again (on the redo stack). What they return, their own inverses, is a step of the other stack.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Literal

from desktop.page.edit import Edit, Operation
from desktop.page.token_table import ends

Kind = Literal["typing", "erasing", "change", "generation", "switch"]

JOIN_SECONDS = 1.0


@dataclass(slots=True, eq=False)
class Step:
    """What one undo takes back."""

    kind: Kind
    operations: list[Operation] = field(default_factory=list)

    def grow(self, inverse: Edit) -> None:
        """Add the inverse of a growth, which is undone first."""
        last = self.operations[-1] if self.operations else None
        adjoins = isinstance(last, Edit) and last.start + last.removed == inverse.start
        if isinstance(last, Edit) and adjoins and not inverse.inserted and not len(inverse.rows):
            self.operations[-1] = replace(last, removed=last.removed + inverse.removed)
        else:
            self.operations.append(inverse)


@dataclass(frozen=True, slots=True)
class Recorded:
    """Operations on the text around one place, as (step, index in it). done: oldest first. undone: in the order of
    redo."""

    done: list[tuple[Step, int]]
    undone: list[tuple[Step, int]]


@dataclass(frozen=True, slots=True)
class _Move:
    """An operation that a growth moves. index: in the step. lies_after: whether its start moves, not only its anchors.
    position: of the growth, in the text that the operation's anchors refer to."""

    step: Step
    index: int
    operation: Edit
    lies_after: bool
    position: int


class History:
    """The undo and redo stacks of a page, the newest step last in both."""

    def __init__(self, clock: Callable[[], float], undo: list[Step], redo: list[Step]) -> None:
        self._clock = clock
        self._last = float("-inf")  # time of the writer's last key press, if the next may join it
        self.undo = undo
        self.redo = redo

    @property
    def newest(self) -> Step | None:
        """The step that would be undone next; None where there is none."""
        return self.undo[-1] if self.undo else None

    def push(self, step: Step) -> None:
        """Add a step; the writer's next key press does not join an earlier one."""
        self.undo.append(step)
        self.interrupt()

    def interrupt(self) -> None:
        """Let the writer's next key press begin a new step."""
        self._last = float("-inf")

    def write(self, inverse: Operation, joins: bool) -> None:
        """Record a change by the writer, given its inverse. joins: a key press, which may join the ones before it."""
        assert isinstance(inverse, Edit)
        kind = _kind(inverse) if joins else "change"
        now = self._clock()
        if kind == "change" or not self._joined(inverse, kind, now):
            self.push(Step(kind, [inverse]))
        if joins:
            self._last = now

    def _joined(self, inverse: Edit, kind: Kind, now: float) -> bool:
        step = self.undo[-1] if self.undo else None
        if step is None or step.kind != kind or now - self._last > JOIN_SECONDS:
            return False
        last = step.operations[-1]
        if not isinstance(last, Edit) or not _adjoins(last, inverse, kind):
            return False
        if kind == "typing" and not len(inverse.rows):
            step.operations[-1] = replace(last, removed=last.removed + inverse.removed)
        else:
            step.operations.append(inverse)
        return True

    def since(self, step: Step | None) -> list[tuple[Step, int]]:
        """(step, index in it) of every operation after that step, oldest first; None: of all."""
        newer = self.undo[0 if step is None else self.undo.index(step) + 1 :]
        return [(one, index) for one in newer for index in range(len(one.operations))]

    def to_redo(self) -> list[tuple[Step, int]]:
        """(step, index in it) of every operation that was undone, in the order in which redo does them."""
        return [(one, index) for one in reversed(self.redo) for index in reversed(range(len(one.operations)))]

    def recorded(self, step: Step) -> "Recorded":
        """What was done after that step, and what was undone."""
        return Recorded(self.since(step), self.to_redo())

    def carried(self, position: int, step: Step | None) -> int:
        """Where a position in the text just after that step is now. An insertion at the position pushes it right."""
        return carried_through(position, self.since(step))

    def make_room(self, position: int, recorded: "Recorded", units: int, outer: Callable[[], frozenset[int]]) -> bool:
        """Insert that many units at a position in the text just before the recorded operations: move these. outer: the
        ids of the forks at the position that stay before the units.

        False where a done operation encloses the position: done operations stay as they are, and the units have to be a
        new step. Where an undone one encloses it, the redo stack is cleared.
        """
        now = carried_through(position, recorded.done)
        moves = _moves(position, recorded.done, undone=False)
        if moves is not None:
            self._move(moves, units, outer)
        undone = _moves(now, recorded.undone, undone=True)
        if undone is None:
            self.redo.clear()
        else:
            self._move(undone, units, outer)
        return moves is not None

    @staticmethod
    def _move(moves: list[_Move], units: int, outer: Callable[[], frozenset[int]]) -> None:
        stay = outer() if any(move.operation.anchors for move in moves) else frozenset[int]()
        for move in moves:
            move.step.operations[move.index] = _shifted(move, units, stay)


def _kind(inverse: Edit) -> Kind:
    if not inverse.inserted and inverse.removed:
        return "typing"
    return "erasing" if inverse.inserted and not inverse.removed else "change"


def _adjoins(last: Edit, inverse: Edit, kind: Kind) -> bool:
    if kind == "typing":
        return inverse.start == last.start + last.removed
    return inverse.start + inverse.inserted == last.start or inverse.start == last.start


def _carried(position: int, start: int, old: int, new: int) -> int:
    if position >= start + old:
        return position + new - old
    return start + new if position > start else position


def carried_through(position: int, done: list[tuple[Step, int]]) -> int:
    """Where a position in the text just before these operations is after them. An insertion at the position pushes it
    right."""
    for step, index in done:
        operation = step.operations[index]
        assert isinstance(operation, Edit)
        position = _carried(position, operation.start, operation.inserted, operation.removed)
    return position


def _shifted(move: _Move, units: int, stay: frozenset[int]) -> Edit:
    """The operation after that many units were inserted at the position of the move. stay: ids of the forks at the
    position that do not move. A fork that the units part from the operation's text needs no anchor any more."""
    operation = move.operation
    shift = units if move.lies_after else 0
    anchors: list[tuple[int, int]] = []
    for fork, offset in operation.anchors:
        distance = operation.start + offset - move.position
        moves = distance > 0 or (distance == 0 and fork not in stay)
        offset += (units if moves else 0) - shift
        if 0 <= offset <= operation.inserted:
            anchors.append((fork, offset))
    return replace(operation, start=operation.start + shift, anchors=tuple(anchors))


def encloses(position: int, done: list[tuple[Step, int]]) -> bool:
    """Whether one of the operations encloses the position in the text just before them."""
    return _moves(position, done, undone=False) is None


def _moves(position: int, operations: list[tuple[Step, int]], undone: bool) -> list[_Move] | None:
    """The operations that a growth at the position moves; None where one encloses it, or brings back a run that does.
    undone: the operations are those of the redo stack."""
    moves: list[_Move] = []
    for step, index in operations:
        operation = step.operations[index]
        if not isinstance(operation, Edit):
            return None
        old, new = (operation.removed, operation.inserted) if undone else (operation.inserted, operation.removed)
        after = _carried(position, operation.start, old, new)
        if operation.start < position < operation.start + old or _encloses(operation, after if undone else position):
            return None
        lies_after = position < operation.start + old
        if lies_after or operation.anchors:
            moves.append(_Move(step, index, operation, lies_after, after if undone else position))
        position = after
    return moves


def _encloses(operation: Edit, position: int) -> bool:
    """Whether a run among the operation's rows reaches across the position."""
    inside = position - operation.start
    return bool(((operation.rows["start"] < inside) & (ends(operation.rows) > inside)).any())
