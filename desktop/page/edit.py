"""What can be done to a page, as values. `ShownBranch.apply` does each and returns its inverse.

history.py says which operations are one undo step.
"""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from desktop.page.offset_map import OffsetMap
from desktop.page.token_table import NONE, TokenRows

if TYPE_CHECKING:
    from desktop.page.forks import Content, Fork

Cause = Literal["typing", "generation", "undo", "redo", "switch", "file", "read"]


@dataclass(frozen=True, slots=True)
class Change:
    """A change, for listeners: at start, `units` of text, which are on the page now, replaced `removed` units. Both are
    0 where only readings came. places: the single changes where many were made together; the text between them is as it
    was."""

    start: int
    removed: int
    units: int
    cause: Cause
    places: OffsetMap | None = None

    def after(self, position: int, along: bool = True) -> int:
        """A position after the change; inside removed text, the start of that. along: text inserted exactly at the
        position comes before it."""
        if self.places is not None:
            return self.places.after(position, along)
        end = self.start + self.removed
        if position > end or (position == end and (along or self.removed)):
            return position + self.units - self.removed
        return min(position, self.start)


@dataclass(frozen=True, slots=True)
class BranchGrowth:
    """A change of a branch that is not shown, for listeners: `units` came to its end, which was at start. fork, branch:
    ids. start: units from the fork."""

    fork: int
    branch: int
    start: int
    units: int


@dataclass(frozen=True, slots=True, eq=False)
class Edit:
    """Replace `removed` units by units and rows (starts relative to the edit's). anchors: (id, offset from start) of
    forks that an earlier removal moved: where they are afterwards. after_fork: where several forks stand at start, the
    id of the one that stays before the text, with those before it; 0: `forks.follow` decides.

    passage: chunks to insert instead of units, for long texts; they belong to the page once the edit is applied. rows
    are then only those of runs that reach across an edge of the passage, or lie outside it. places: as in Change; an
    inverse has none."""

    start: int
    removed: int
    units: bytes
    rows: TokenRows = field(default_factory=lambda: NONE)
    anchors: tuple[tuple[int, int], ...] = ()
    after_fork: int = 0
    passage: "Content | None" = None
    places: OffsetMap | None = None

    @property
    def inserted(self) -> int:
        """Units of text that the edit inserts."""
        return len(self.units) >> 1 if self.passage is None else len(self.passage.chunks)


@dataclass(frozen=True, slots=True)
class Switch:
    """Show another branch of a fork on the shown branch. Both by id."""

    fork: int
    branch: int


@dataclass(frozen=True, slots=True, eq=False)
class Mark:
    """Put a fork on the shown branch. whole: its inverse is. around: id of the fork at the position that it is put
    around; 0: it becomes the innermost there."""

    fork: "Fork"
    position: int
    whole: bool = False
    around: int = 0


@dataclass(frozen=True, slots=True)
class Unmark:
    """Remove a fork, by id, from the shown branch, if it has one branch only; whole: with all branches that it has.
    The text of the shown one stays."""

    fork: int
    whole: bool = False


Operation = Edit | Switch | Mark | Unmark
