"""Finds which readings of a page's layers fit some text of it: the shown branch, the other branches, and all that undo
and redo bring back. What fits none of them is never found again.

The page is walked through: each step is applied, each branch is shown in turn. After a step only the text behind it is
looked at, since the text before it was seen already.
"""

import numpy as np

from desktop.page.contents import Contents
from desktop.page.edit import Edit, Mark, Operation, Switch, Unmark
from desktop.page.history import Step
from desktop.page.layer_blocks import LayerRows, Places
from desktop.page.layer_table import Layer
from desktop.page.shown_branch import ShownBranch


class TooLongError(Exception):
    """The walk would look at more text than it may."""


def fitting_rows(contents: Contents, most: int) -> dict[Layer, LayerRows]:
    """The rows of each layer that fit, in their order. Of runs that were read twice (the same text behind the same
    page) the newest, since it hides the others everywhere. contents: a copy that the caller gives up, changed by the
    walk. most: units of text that may be looked at. Raises TooLongError, and BlobError where the page's file cannot be
    read."""
    walk = _Walk(contents, most)
    walk.see_all(contents.undo, contents.redo)
    return {layer: layer.table.rows_of(_without_twins(layer, np.flatnonzero(fits))) for layer, fits in walk.fits}


class _Walk:
    """A walk through a page. fits: for each layer, whether a run that begins with a row was seen to fit."""

    def __init__(self, contents: Contents, most: int) -> None:
        limits = contents.path.chunks.limits
        self._branch = ShownBranch(limits, lambda _: None, contents.path, contents.next_id)
        self.fits = [(layer, np.zeros(len(layer.table), np.bool_)) for layer in contents.layers.values()]
        self._reach = max((layer.table.reach for layer, _ in self.fits), default=0)
        self._left = most

    def see_all(self, undo: list[Step], redo: list[Step]) -> None:
        """See the page as it is, and as it is after each step of undo and of redo."""
        self._see(0)
        for stack in (undo, redo):
            back: list[Operation] = []
            for step in reversed(stack):
                start = len(self._branch)
                for operation in reversed(step.operations):
                    before = self._start(operation)
                    back.append(self._branch.apply(operation, None))
                    start = min(start, before, self._start(back[-1]))
                self._see(start)
            for operation in reversed(back):
                self._branch.apply(operation, None)

    def _start(self, operation: Operation) -> int:
        """The position from which on an operation, or its inverse, changes text and tokens: a run across the place
        dissolves."""
        match operation:
            case Edit():
                position = operation.start
            case Mark():
                position = operation.position
            case Switch() | Unmark():
                position = self._branch.fork(operation.fork).position
        across = self._branch.chunks.touched(position, position)["start"]
        return min(position, int(across[0])) if len(across) else position

    def _see(self, start: int) -> None:
        """See the text from start on, on the shown branch and on those that begin there."""
        self._see_shown(start)
        todo = [(switch, True) for switch in self._others(start)]
        while todo:
            switch, new = todo.pop()
            fork = self._branch.fork(switch.fork)
            before = self._start(switch)
            back = self._branch.apply(switch, None)
            assert isinstance(back, Switch)
            if new:
                self._see_shown(min(before, self._start(back)))
                todo.append((back, False))  # when the forks on that branch were seen
                todo += [(inner, True) for inner in self._others(fork.position, self._branch.forks.index(fork) + 1)]

    def _others(self, start: int, first: int = 0) -> list[Switch]:
        """Switches to the hidden branches of the forks at or behind start. first: the index of the first fork."""
        forks = [fork for fork in self._branch.forks[first:] if fork.position >= start]
        return [Switch(fork.id, branch.id) for fork in forks for branch in fork.branches if branch.tail is not None]

    def _see_shown(self, start: int) -> None:
        chunks = self._branch.chunks
        low = max(0, start - self._reach)
        self._left -= len(chunks) - low
        if self._left < 0:
            raise TooLongError
        bounds = chunks.hashes(np.arange(low, len(chunks), dtype=np.int64))
        units = chunks.units(low, len(chunks))
        for layer, fits in self.fits:
            fits[layer.table.fitting(bounds, units)] = True


def _without_twins(layer: Layer, numbers: Places) -> Places:
    """Of runs with the same place and the same text, the newest. numbers: of their first rows, ascending."""
    rows = layer.table.at(numbers)
    keys = zip(rows["bound"].tolist(), rows["spells"].tolist(), rows["length"].tolist(), strict=True)
    newest = dict(zip(keys, numbers.tolist(), strict=True))
    return np.array(sorted(newest.values()), np.int64)
