"""The path that is shown, and the one door through which it changes: every operation is applied here and gives back its
inverse.

Holds the text, the tokens and the tree. Knows nothing of undo steps, of generations or of what a reading means.
"""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from desktop.page import forks
from desktop.page.chunks import Chunks, Limits, chunks_of
from desktop.page.edit import Cause, Change, Edit, Mark, Operation, Switch, Unmark
from desktop.page.forks import Branch, Content, Fork
from desktop.page.offset_map import OffsetMap
from desktop.page.token_table import NONE, TokenRows, any_generated, ends, joined

LONG = 262_144  # units: the text of a longer change is not handed about


class ShownBranch:
    """Text, tokens and forks of the page, as one branch shows it."""

    def __init__(self, limits: Limits, told: Callable[[Change], None], content: Content, next_id: int) -> None:
        """next_id: higher than the id of every fork and branch there is."""
        self._limits = limits
        self._told = told
        self.next_id = next_id
        self.content = content

    @property
    def chunks(self) -> Chunks:
        return self.content.chunks

    @property
    def forks(self) -> list[Fork]:
        """The forks on the path, outermost first."""
        return self.content.forks

    def __len__(self) -> int:
        return len(self.content.chunks)

    # -------------------------------------------------------------------------------------------- the tree

    def new_id(self) -> int:
        """An id for a fork or a branch, never used before."""
        self.next_id += 1
        return self.next_id - 1

    def new_fork(self, position: int) -> Fork:
        """A fork with one branch, not yet on the path."""
        branch = Branch(self.new_id())
        return Fork(self.new_id(), position, [branch], branch.id)

    def new_branch(self, fork: Fork, tail: Content | None = None) -> Branch:
        """One more branch of that fork; empty without a tail."""
        branch = Branch(self.new_id(), tail or Content(Chunks(self._limits)))
        forks.add(fork, branch)
        return branch

    def old_branch(self, fork: Fork, tail: Content) -> None:
        """What was undone behind that fork as a branch, with the number that it had."""
        branch = Branch(self.new_id(), tail)
        if fork.position == len(self):
            forks.give_place(fork, branch)
        else:
            forks.add(fork, branch)

    def find(self, fork_id: int | None) -> Fork | None:
        """The fork with that id, if it is on the path."""
        return next((fork for fork in reversed(self.forks) if fork.id == fork_id), None)

    def fork(self, fork_id: int) -> Fork:
        """The fork with that id on the path; KeyError where there is none."""
        found = self.find(fork_id)
        if found is None:
            raise KeyError(fork_id)
        return found

    def fork_at(self, position: int) -> Fork | None:
        """The innermost fork at that position."""
        return next((fork for fork in reversed(self.forks) if fork.position == position), None)

    # -------------------------------------------------------------------------------------------- the door

    def apply(self, operation: Operation, cause: Cause | None) -> Operation:
        """Do it, and return what undoes it. cause: for the listeners, who are not told where it is None."""
        match operation:
            case Edit():
                return self._edit(operation, cause)
            case Switch():
                return self._switch(operation, cause)
            case Mark():
                return self._mark(operation)
            case Unmark():
                return self._unmark(operation)

    def _tell(
        self, start: int, removed: int, inserted: int, cause: Cause | None, places: OffsetMap | None = None
    ) -> None:
        if cause is not None:
            self._told(self.change(start, removed, inserted, cause, places))

    def change(self, start: int, removed: int, inserted: int, cause: Cause, places: OffsetMap | None = None) -> Change:
        """What listeners are told of so many units that have come."""
        if inserted > LONG:
            return Change(start, removed, "", cause, places, long=inserted)
        return Change(start, removed, self.chunks.text(start, start + inserted), cause, places)

    def change_of(self, places: OffsetMap, cause: Cause) -> Change:
        """What listeners are told of many changes that were made together."""
        start, removed = int(places.starts[0]), int(places.ends[-1] - places.starts[0])
        return self.change(start, removed, removed + int(places.gained[-1]), cause, places)

    def _edit(self, edit: Edit, cause: Cause | None) -> Edit:
        length = len(self)
        anchors = forks.anchors(self.forks, edit)
        inverse = self._exchange_chunks(edit) if self._is_long(edit) else self._splice(edit)
        forks.follow(self.forks, edit, length)
        self._tell(edit.start, edit.removed, edit.inserted, cause, edit.places)
        return replace(inverse, anchors=anchors)

    def _is_long(self, edit: Edit) -> bool:
        """Whether chunks come or go whole."""
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
        """The units, with the rows that lie on them, and the rows that do not."""
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
            self._tell(position, removed, len(self) - position, cause)
        return Switch(fork.id, before)

    def _cut(self, fork: Fork) -> Content:
        """Take all behind a fork off the path, the forks inside it too."""
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
        """Put a tail at the end of the path, which is at position."""
        self.chunks.extend(tail.chunks)
        for fork in tail.forks:
            fork.position += position
        self.forks.extend(tail.forks)
        if len(tail.straddling) and self._fits(position, tail):
            self.chunks.splice(position, 0, b"", tail.straddling)

    def _fits(self, position: int, tail: Content) -> bool:
        """Whether the run across the fork is still spelt by what stands on both sides of it now."""
        first = position - (len(tail.before) >> 1)
        last = position + int(tail.straddling["start"][-1] + tail.straddling["length"][-1])
        if first < 0 or self.chunks.units(first, position) != tail.before:
            return False
        return not any_generated(self.chunks.touched(first, last))

    def _mark(self, mark: Mark) -> Operation:
        if self.find(mark.fork.id) is None:
            mark.fork.position = mark.position
            forks.insert(self.forks, mark.fork)
        return Unmark(mark.fork.id)

    def _unmark(self, unmark: Unmark) -> Operation:
        fork = self.fork(unmark.fork)
        if len(fork.branches) == 1:
            del self.forks[forks.index_of(self.forks, fork)]
        return Mark(fork, fork.position)

    # -------------------------------------------------------------------------------------------- hashes

    def hash_before(self, position: int) -> int:
        """The hash of text and tokens before that position."""
        return int(self.chunks.hashes(np.array([position], np.int64))[0])
