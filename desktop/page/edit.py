"""What can be done to a page, as values: every change goes through one door, and what it gives back is its own inverse.

Knows nothing of how they are done (page.py) nor of what belongs together as one step (history.py).
"""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from desktop.page import utf16
from desktop.page.offset_map import OffsetMap
from desktop.page.token_table import NONE, TokenRows

if TYPE_CHECKING:
    from desktop.page.forks import Content, Fork

Cause = Literal["typing", "generation", "undo", "redo", "switch", "file", "read"]


@dataclass(frozen=True, slots=True)
class Change:
    """What listeners are told: at start, `removed` units gave way to a text. Both are empty where only readings
    came. places: where many changes came together, those; all between them is as it was. long: units of a text that is
    too long to be handed about; it stands on the page, and `inserted` is empty."""

    start: int
    removed: int
    inserted: str
    cause: Cause
    places: OffsetMap | None = None
    long: int = 0

    @property
    def units(self) -> int:
        """Units that came."""
        return self.long or utf16.length(self.inserted)


@dataclass(frozen=True, slots=True, eq=False)
class Edit:
    """Put units and rows (relative to start) in the place of `removed` units. anchors: where forks are to stand,
    (id, offset from start), for those that an earlier removal had moved. behind: of the forks that stand just there,
    the one (by id) behind which the text goes, and behind those before it; 0 where forks follow their own rule.

    passage: where much comes in, its chunks as they were taken away, instead of units; they are the page's again once
    the edit is applied. rows are then only those of runs that reach across an edge of it, or lie outside. places: as
    for listeners; no inverse has them."""

    start: int
    removed: int
    units: bytes
    rows: TokenRows = field(default_factory=lambda: NONE)
    anchors: tuple[tuple[int, int], ...] = ()
    behind: int = 0
    passage: "Content | None" = None
    places: OffsetMap | None = None

    @property
    def inserted(self) -> int:
        """Units of text that come in."""
        return len(self.units) >> 1 if self.passage is None else len(self.passage.chunks)


@dataclass(frozen=True, slots=True)
class Switch:
    """Show another branch of a fork on the path."""

    fork: int
    branch: int


@dataclass(frozen=True, slots=True, eq=False)
class Mark:
    """Put a fork on the path."""

    fork: "Fork"
    position: int


@dataclass(frozen=True, slots=True)
class Unmark:
    """Take a fork off the path, if it has one branch only."""

    fork: int


Operation = Edit | Switch | Mark | Unmark
