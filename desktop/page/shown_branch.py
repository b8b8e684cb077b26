"""The branch that is shown, and the one method that changes it: `apply` does an operation and returns its inverse.

Holds text, tokens and the tree of branches. Undo steps and generations are above it (history.py, generation.py).
"""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from desktop.page import forks, hashing
from desktop.page.chunks import Chunks, Limits, chunks_of
from desktop.page.edit import Cause, Change, Edit, Mark, Operation, Switch, Unmark
from desktop.page.forks import Branch, Content, Fork
from desktop.page.offset_map import OffsetMap
from desktop.page.token_table import GENERATED, NONE, TokenRows, any_generated, ends, joined


class ShownBranch:
    """Text, tokens and forks of the page, as one branch shows it."""

    def __init__(self, limits: Limits, emit: Callable[[Change], None], content: Content, next_id: int) -> None:
        """emit: gets every change of text or tokens. next_id: higher than the id of every fork and branch there is."""
        self._limits = limits
        self._emit = emit
        self.next_id = next_id
        self.content = content

    @property
    def chunks(self) -> Chunks:
        return self.content.chunks

    @property
    def forks(self) -> list[Fork]:
        """The forks of the shown branch, outermost first."""
        return self.content.forks

    def __len__(self) -> int:
        return len(self.content.chunks)

    # -------------------------------------------------------------------------------------------- the tree

    def new_id(self) -> int:
        """An id for a fork or a branch, never used before."""
        self.next_id += 1
        return self.next_id - 1

    def new_fork(self, position: int) -> Fork:
        """A fork with one branch; it is not on the shown branch yet."""
        branch = Branch(self.new_id())
        return Fork(self.new_id(), position, [branch], branch.id)

    def new_branch(self, fork: Fork, tail: Content | None = None) -> Branch:
        """Add a branch to that fork; empty without a tail."""
        branch = Branch(self.new_id(), tail or Content(Chunks(self._limits)))
        forks.add(fork, branch, nothing_shown=fork.position == len(self) and self.find(fork.id) is fork)
        return branch

    def add_undone_branch(self, fork: Fork, tail: Content) -> None:
        """Add what was undone after that fork as a branch, with the number that it had."""
        branch = Branch(self.new_id(), tail)
        if fork.position == len(self):
            forks.take_number(fork, branch)
        else:
            forks.add(fork, branch)

    def find(self, fork_id: int | None) -> Fork | None:
        """The fork with that id; None where it is not on the shown branch."""
        return next((fork for fork in reversed(self.forks) if fork.id == fork_id), None)

    def fork(self, fork_id: int) -> Fork:
        """The fork with that id; raises KeyError where it is not on the shown branch."""
        found = self.find(fork_id)
        if found is None:
            raise KeyError(fork_id)
        return found

    def fork_at(self, position: int) -> Fork | None:
        """The innermost fork at that position; None where there is none."""
        return next((fork for fork in reversed(self.forks) if fork.position == position), None)

    # -------------------------------------------------------------------------------------------- changes

    def apply(self, operation: Operation, cause: Cause | None) -> Operation:
        """Do the operation and return its inverse. cause: for the emitted change; None: none is emitted. Raises
        KeyError where the operation names a fork or branch that there is not."""
        match operation:
            case Edit():
                return self._edit(operation, cause)
            case Switch():
                return self._switch(operation, cause)
            case Mark():
                return self._mark(operation)
            case Unmark():
                return self._unmark(operation)

    def _emit_change(
        self, start: int, removed: int, inserted: int, cause: Cause | None, places: OffsetMap | None = None
    ) -> None:
        if cause is not None:
            self._emit(Change(start, removed, inserted, cause, places))

    def _edit(self, edit: Edit, cause: Cause | None) -> Edit:
        length = len(self)
        anchors = forks.anchors(self.forks, edit)
        inverse = self._exchange_chunks(edit) if self._is_long(edit) else self._splice(edit)
        forks.follow(self.forks, edit, length)
        self._emit_change(edit.start, edit.removed, edit.inserted, cause, edit.places)
        return replace(inverse, anchors=anchors)

    def _is_long(self, edit: Edit) -> bool:
        """Whether whole chunks are exchanged, not units."""
        most = self._limits.units // 2
        return edit.passage is not None or edit.removed > most or (edit.inserted > most and not len(edit.rows))

    def _splice(self, edit: Edit) -> Edit:
        units, rows = self.chunks.splice(edit.start, edit.removed, edit.units, edit.rows)
        return Edit(edit.start, edit.inserted, units, rows)

    def _exchange_chunks(self, edit: Edit) -> Edit:
        chunks, rows = (edit.passage.chunks, edit.rows) if edit.passage else self._chunks_of(edit)
        gone, rows = self.chunks.exchange(edit.start, edit.removed, chunks, rows)
        size = len(gone)
        if size > self._limits.units // 2:
            return Edit(edit.start, edit.inserted, b"", rows, passage=Content(gone))
        lie_before = rows["start"] < 0
        tables = [part for part in (rows[lie_before], gone.rows(0, size), rows[~lie_before]) if len(part)]
        return Edit(edit.start, edit.inserted, gone.units(0, size), joined(tables))

    def _chunks_of(self, edit: Edit) -> tuple[Chunks, TokenRows]:
        """The edit's units with the rows inside them, and the rows that reach beyond them."""
        if not len(edit.rows):
            return chunks_of(edit.units, self._limits), NONE
        inside = (edit.rows["start"] >= 0) & (ends(edit.rows) <= edit.inserted)
        chunks = Chunks(self._limits)
        chunks.splice(0, 0, edit.units, edit.rows[inside])
        return chunks, edit.rows[~inside]

    def _switch(self, switch: Switch, cause: Cause | None) -> Switch:
        fork = self.fork(switch.fork)
        before, position, removed = fork.active, fork.position, len(self) - fork.position
        shown = fork.branch(switch.branch)
        if shown.tail is not None:
            fork.branch(before).tail = self._cut(fork)
            self._attach(position, shown.tail)
            shown.tail = None
            fork.active = shown.id
            self._emit_change(position, removed, len(self) - position, cause)
        return Switch(fork.id, before)

    def _cut(self, fork: Fork) -> Content:
        """Take all text after a fork away, with the forks in it; returns it."""
        position = fork.position
        inner = self.forks[self.forks.index(fork) + 1 :]
        del self.forks[len(self.forks) - len(inner) :]
        for other in inner:
            other.position -= position
        _, straddling = self.chunks.splice(position, 0)
        reach = -int(straddling["start"][0]) if len(straddling) else 0
        before = self.chunks.units(position - reach, position)
        return Content(self.chunks.cut(position), inner, straddling, before)

    def _attach(self, position: int, tail: Content) -> None:
        """Put a tail at the end of the text, which is at position."""
        self.chunks.extend(tail.chunks)
        for fork in tail.forks:
            fork.position += position
        self.forks.extend(tail.forks)
        if len(tail.straddling) and self._fits(position, tail):
            self.chunks.splice(position, 0, b"", tail.straddling)

    def _fits(self, position: int, tail: Content) -> bool:
        """Whether the text on both sides of the fork is still what the run across it spells."""
        first = position - (len(tail.before) >> 1)
        last = position + int(tail.straddling["start"][-1] + tail.straddling["length"][-1])
        if first < 0 or self.chunks.units(first, position) != tail.before:
            return False
        return not any_generated(self.chunks.touched(first, last))

    def _mark(self, mark: Mark) -> Operation:
        if self.find(mark.fork.id) is None:
            mark.fork.position = mark.position
            forks.insert(self.forks, mark.fork, mark.around)
        return Unmark(mark.fork.id, mark.whole)

    def _unmark(self, unmark: Unmark) -> Operation:
        fork, around = self.fork(unmark.fork), 0
        if unmark.whole or len(fork.branches) == 1:
            index = forks.index_of(self.forks, fork)
            del self.forks[index]
            # one that a dropped redo left stays, and is inside the fork again when that comes back
            inner = self.forks[index] if index < len(self.forks) else None
            around = inner.id if inner is not None and inner.position == fork.position else 0
        return Mark(fork, fork.position, unmark.whole, around)

    # -------------------------------------------------------------------------------------------- hashes

    def hash_before(self, position: int) -> int:
        """The hash of text and tokens before that position. A run that reaches across it counts as text."""
        found = int(self.chunks.hashes(np.array([position], np.int64))[0])
        across = self.chunks.touched(position, position)
        return (found - hashing.of_tokens(across[across["kind"] == GENERATED])) & hashing.MASK
