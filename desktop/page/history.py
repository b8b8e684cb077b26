"""Undo and redo: steps of operations, and how a running generation grows below the writer's newer steps.

Every operation in a step is to be applied to the page as it is now, last one first; what it gives back goes to the
other side. So both stacks read the same way: outward from the page as it is. Knows nothing of text.
"""

from collections.abc import Callable, Iterator
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


@dataclass(frozen=True, slots=True)
class _Move:
    """An operation that a growth changes. position: where it grows, in the text that the operation's anchors are in."""

    step: Step
    place: int
    operation: Edit
    lies_behind: bool
    position: int


class History:
    """One history of everything that happened to the page."""

    def __init__(self, clock: Callable[[], float], undo: list[Step], redo: list[Step]) -> None:
        self._clock = clock
        self._last = float("-inf")  # when the writer's last key was pressed, if the next may join it
        self.undo = undo
        self.redo = redo

    @property
    def newest(self) -> Step | None:
        """The step that would be undone next."""
        return self.undo[-1] if self.undo else None

    def push(self, step: Step) -> None:
        """A new step; the writer's next key press does not join an earlier one."""
        self.undo.append(step)
        self.interrupt()

    def interrupt(self) -> None:
        """The writer's next key press begins a step of its own."""
        self._last = float("-inf")

    def write(self, inverse: Operation, joins: bool) -> None:
        """Record a change by the writer. joins: it is a key press, which may join the ones just before it."""
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

    def above(self, step: Step | None) -> Iterator[tuple[Step, int]]:
        """The writer's operations since that step, oldest first, each as its step and place in it; None is the
        beginning."""
        for newer in self.undo[0 if step is None else self.undo.index(step) + 1 :]:
            for place in range(len(newer.operations)):
                yield newer, place

    def carried(self, position: int, step: Step | None) -> int:
        """Where a position just after that step is now. It has right gravity: what comes in there comes before it."""
        for newer, place in self.above(step):
            operation = newer.operations[place]
            assert isinstance(operation, Edit)
            position = _carried(position, operation.start, operation.inserted, operation.removed)
        return position

    def make_room(self, position: int, step: Step, units: int, outer: Callable[[], frozenset[int]]) -> bool:
        """That many units come in at a position just after that step: move the newer operations, done and undone, that
        lie behind it. outer: the forks that stay before what comes in, of those that stand just there.

        False where one that is done encloses the position: then those stay, and the units are a step of their own on
        top. Undone ones are dropped where one encloses it.
        """
        moves = _moves(position, self.above(step), undone=False)
        if moves is not None:
            self._move(moves, units, outer)
        outward = ((s, place) for s in reversed(self.redo) for place in reversed(range(len(s.operations))))
        undone = _moves(self.carried(position, step), outward, undone=True)
        if undone is None:
            self.redo.clear()
        else:
            self._move(undone, units, outer)
        return moves is not None

    @staticmethod
    def _move(moves: list[_Move], units: int, outer: Callable[[], frozenset[int]]) -> None:
        stay = outer() if any(move.operation.anchors for move in moves) else frozenset[int]()
        for move in moves:
            move.step.operations[move.place] = _further(move, units, stay)


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


def _further(move: _Move, units: int, stay: frozenset[int]) -> Edit:
    """The operation when that many units have come in at its place; forks just there move with it but for those that
    stay."""
    operation = move.operation
    shift = units if move.lies_behind else 0
    anchors: list[tuple[int, int]] = []
    for fork, offset in operation.anchors:
        behind = operation.start + offset - move.position
        moves = behind > 0 or (behind == 0 and fork not in stay)
        anchors.append((fork, offset + (units if moves else 0) - shift))
    return replace(operation, start=operation.start + shift, anchors=tuple(anchors))


def _moves(position: int, operations: Iterator[tuple[Step, int]], undone: bool) -> list[_Move] | None:
    """The operations that a growth at the position changes; None where one encloses it, or would bring back a run that
    does.

    undone: they are still to come.
    """
    moves: list[_Move] = []
    for step, place in operations:
        operation = step.operations[place]
        if not isinstance(operation, Edit):
            return None
        old, new = (operation.removed, operation.inserted) if undone else (operation.inserted, operation.removed)
        after = _carried(position, operation.start, old, new)
        if operation.start < position < operation.start + old or _encloses(operation, after if undone else position):
            return None
        lies_behind = position < operation.start + old
        if lies_behind or operation.anchors:
            moves.append(_Move(step, place, operation, lies_behind, after if undone else position))
        position = after
    return moves


def _encloses(operation: Edit, position: int) -> bool:
    """Whether a run that the operation brings reaches across the position."""
    inside = position - operation.start
    return bool(((operation.rows["start"] < inside) & (ends(operation.rows) > inside)).any())
