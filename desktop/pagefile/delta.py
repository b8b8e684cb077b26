"""What is new on a page since it was last taken, as values: made on the GUI thread, written to the file on another.

Contents, forks and chunks are named by their numbers in the file. Imports no SQLite.
"""

from dataclasses import dataclass, field
from typing import Protocol

from desktop.page.alternatives import AlternativesBlock, SavedAlternatives
from desktop.page.chunk import Unread
from desktop.page.edit import Operation
from desktop.page.layer_blocks import LayerPieces, SavedLayer
from desktop.page.sources import Source
from desktop.page.token_table import TokenRows
from desktop.pagefile.values import Facts, View

UNDO, REDO = 0, 1  # the stacks of steps


@dataclass(frozen=True, slots=True, eq=False)
class Piece:
    """What was appended to a chunk: UTF-16 units from `unit` on, rows from `row` on."""

    chunk: int
    unit: int
    units: bytes
    row: int
    rows: TokenRows


@dataclass(frozen=True, slots=True, eq=False)
class WholeChunk:
    """A chunk that is new, or was changed elsewhere than at its end. Units and rows are the page's own; the first
    `size` units do not change any more. Unread rows are still in another file."""

    chunk: int
    size: int
    units: bytearray
    rows: TokenRows | Unread


@dataclass(frozen=True, slots=True, eq=False)
class ContentPart:
    """A content: its chunks, its forks and their positions, and the run of tokens that reaches across its start."""

    number: int
    chunks: tuple[int, ...]
    forks: tuple[tuple[int, int], ...]
    straddling: TokenRows
    before: bytes


@dataclass(frozen=True, slots=True)
class ForkPart:
    """A fork. branches: the id of each and the number of its content, 0 for the branch that is shown."""

    number: int
    id: int
    active: int
    writes: bool
    branches: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True, eq=False)
class OperationPart:
    """One operation. number: of a Mark's fork or an Edit's passage, whose contents are not examined."""

    operation: Operation
    number: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class StepPart:
    """A step that is new or changed: its operations from `first` on; those before are unchanged."""

    stack: int
    place: int
    kind: str
    first: int
    operations: tuple[OperationPart, ...]


@dataclass(frozen=True, slots=True, eq=False)
class LayerPart:
    """What was added to a layer: its rows from number `first` on, as views of the page's own, which only grow, or as
    what reads them where they are still in another file. count: all rows of the layer."""

    number: int
    fingerprint: str
    name: str
    first: int
    rows: tuple[LayerPieces, ...]
    count: int


@dataclass(frozen=True, slots=True)
class Inherited:
    """The alternatives before row `count`, and token names, are still in another file."""

    file: SavedAlternatives
    count: int


@dataclass(slots=True, eq=False)
class Receipt:
    """file: the file, once it has the delta. Set on the writing thread, read on the GUI thread."""

    file: "WrittenFile | None" = None


class WrittenFile(SavedAlternatives, Protocol):
    """A file that can read back what was written to it."""

    def unread(self, chunk: int, count: int, covered: int, total: int) -> Unread:
        """A function that reads the rows of that chunk again."""
        ...

    def layer(self, fingerprint: str) -> SavedLayer | None:
        """What reads the rows of that model's layer again; None where they all stay in memory."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class Delta:
    """What is new. serial: one higher than that of the delta before. whole: the delta is all of the page, and
    replaces what the file holds. growing: the place, in undo, of the step of an open generation. kept_steps: how
    many steps of undo and of redo stay. alternatives_end: how many rows of alternatives exist in all. ended: as in
    Contents."""

    serial: int
    whole: bool
    view: View
    facts: Facts
    root: int
    next_id: int
    written: int | None
    touched: int | None
    growing: int | None
    ended: tuple[tuple[int, int], ...]
    pieces: tuple[Piece, ...]
    whole_chunks: tuple[WholeChunk, ...]
    gone_chunks: tuple[int, ...]
    contents: tuple[ContentPart, ...]
    gone_contents: tuple[int, ...]
    forks: tuple[ForkPart, ...]
    gone_forks: tuple[int, ...]
    kept_steps: tuple[int, int]
    steps: tuple[StepPart, ...]
    first_source: int
    sources: tuple[Source, ...]
    names: tuple[tuple[str, int, bytes], ...]
    alternatives: tuple[AlternativesBlock, ...]
    alternatives_end: int
    layers: tuple[LayerPart, ...] = ()
    gone_layers: tuple[int, ...] = ()
    inherited: Inherited | None = None
    receipt: Receipt = field(default_factory=Receipt)
