"""What all topics of a page work on: the shown branch, the history, sources and alternatives.

`apply` is the only caller of `ShownBranch.apply` that tells listeners. Undo and redo are here, since every change
records what undoes it.
"""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from desktop.page import bulk_edit, redo_rescue
from desktop.page.chunks import Chunks, Limits
from desktop.page.contents import Contents
from desktop.page.edit import BranchGrowth, Cause, Change, Operation
from desktop.page.forks import Content
from desktop.page.history import History, Step
from desktop.page.listeners import GrowthListener, Listener, notify, report
from desktop.page.shown_branch import ShownBranch

if TYPE_CHECKING:
    from desktop.page.generation import Generation

SEPARATE = 8  # operations of one step up to which listeners get a change for each


class PageCore:
    """The parts of one page. generation_fork: id of the fork where the last generation began; chosen_fork: of the fork
    whose branch was chosen last. Both None where there was none. left: the branch that was left when the writer chose
    another token, as ids of its fork, of the branch shown then, and its own; None where there is none. generations:
    those that are open, in the order of their streams. follow: gets every operation on the shown branch, before
    listeners are told of it. ended: as in Contents."""

    def __init__(
        self,
        contents: Contents,
        limits: Limits,
        clock: Callable[[], float],
        listeners: list[Listener],
        growth_listeners: list[GrowthListener],
    ) -> None:
        """listeners, growth_listeners: the page's own lists, which may change at any time. clock: seconds."""
        self.sources = contents.sources
        self.alternatives = contents.alternatives
        self.layers = contents.layers
        self.ended = contents.ended
        self.limits = limits
        self.generation_fork = contents.written
        self.chosen_fork = contents.touched
        self.left: tuple[int, int, int] | None = None
        self._changes: list[Change] = []  # made, not yet told to the listeners
        self._listeners = listeners
        self._growth_listeners = growth_listeners
        self.generations: list[Generation] = []
        self.follow: Callable[[Operation], None] | None = None
        self.branch = ShownBranch(limits, self._changes.append, contents.path, contents.next_id)
        self.history = History(clock, contents.undo, contents.redo)

    @property
    def chunks(self) -> Chunks:
        """Text and tokens of the shown branch."""
        return self.branch.chunks

    def contents(self, growing: Step | None, hidden: tuple[Content, ...]) -> Contents:
        """The page as it is now: its own parts, not copies. growing, hidden: as in Contents."""
        branch, history = self.branch, self.history
        return Contents(
            branch.content,
            self.sources,
            self.alternatives,
            history.undo,
            history.redo,
            branch.next_id,
            self.generation_fork,
            self.chosen_fork,
            growing,
            hidden,
            self.layers,
            self.ended,
        )

    # -------------------------------------------------------------------------------------------- changes

    def apply(
        self,
        operations: Sequence[Operation],
        cause: Cause,
        record: Callable[[Operation], object] = lambda _: None,
        separate: int = SEPARATE,
    ) -> Change | None:
        """Apply the operations in order; returns the last change. record: gets the inverse of each, before listeners
        are told of it. What listeners raise is reported when all are done. More than `separate` operations whose places
        ascend or descend are told as one change."""
        if len(operations) > separate and (places := bulk_edit.in_order(operations)):
            for operation in operations:
                self._apply(operation, None, record)
            change = bulk_edit.change_of(places, cause)
            self.tell(change)
            return change
        errors: list[Exception] = []
        change: Change | None = None
        for operation in operations:
            self._apply(operation, cause, record)
            while self._changes:
                change = self._changes.pop(0)
                errors += notify(self._listeners, change)
        report(errors)
        return change

    def apply_as(self, operations: Sequence[Operation], change: Change, record: Callable[[Operation], object]) -> None:
        """Apply the operations in order, which together make this change of the text. record: as in `apply`."""
        for operation in operations:
            self._apply(operation, None, record)
        self.tell(change)

    def _apply(self, operation: Operation, cause: Cause | None, record: Callable[[Operation], object]) -> None:
        record(self.branch.apply(operation, cause))
        if self.follow is not None:
            self.follow(operation)

    def tell(self, change: Change) -> None:
        """Tell the listeners; what they raise is reported."""
        report(notify(self._listeners, change))

    def tell_growth(self, growth: BranchGrowth) -> None:
        """Tell the listeners of hidden branches; what they raise is reported."""
        report(notify(self._growth_listeners, growth))

    # -------------------------------------------------------------------------------------------- history

    def undo(self) -> Change | None:
        """Take the newest step back; returns the last change, None where nothing changed."""
        return self._flip(self.history.undo, self.history.redo, "undo")

    def redo(self) -> Change | None:
        """Do again what was undone last; returns the last change, None where nothing changed."""
        return self._flip(self.history.redo, self.history.undo, "redo")

    def _flip(self, source: list[Step], target: list[Step], cause: Cause) -> Change | None:
        if not source:
            return None
        step = source.pop()
        flipped = Step(step.kind)
        target.append(flipped)
        self.history.interrupt()
        return self.apply(step.operations[::-1], cause, flipped.operations.append)

    def drop_redo(self) -> frozenset[int]:
        """Forget what could be redone, before something new happens; generated tokens in it become branches. Returns
        the positions of their forks."""
        positions = redo_rescue.rescue(self.branch, self.history.redo)
        self.history.redo.clear()
        return positions
