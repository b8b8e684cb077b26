"""Everything that a page is, as one value: a file stores it, and `Page.put` takes it when another page is opened.

The parts are the page's own, not copies.
"""

from dataclasses import dataclass, field

from desktop.page import utf16
from desktop.page.alternatives import AlternativesTable
from desktop.page.chunks import Chunks, Limits
from desktop.page.forks import Content
from desktop.page.history import Step
from desktop.page.layer_table import Layer
from desktop.page.sources import Sources

MOST_ENDS = 1_000  # texts that a model ended by itself, which a page remembers


@dataclass(slots=True, eq=False)
class Contents:
    """path: text, tokens and forks of the shown branch, other branches inside. undo, redo: oldest step first. next_id:
    for forks and branches, higher than any there is. written: id of the fork where the last generation began; touched:
    of the one whose branch was chosen last. growing: the step of the open generation, where it grows; steps below it do
    not change any more, and above it only the newest does. hidden: the stored branches in which a generation is
    open. layers: by the fingerprints of their models. ended: of each text that a model ended by itself, its length in
    units and its hash, in the order in which it did."""

    path: Content
    sources: Sources = field(default_factory=Sources)
    alternatives: AlternativesTable = field(default_factory=AlternativesTable)
    undo: list[Step] = field(default_factory=list[Step])
    redo: list[Step] = field(default_factory=list[Step])
    next_id: int = 1
    written: int | None = None
    touched: int | None = None
    growing: Step | None = None
    hidden: tuple[Content, ...] = ()
    layers: dict[str, Layer] = field(default_factory=dict[str, Layer])
    ended: dict[tuple[int, int], None] = field(default_factory=dict[tuple[int, int], None])


def blank(limits: Limits) -> Contents:
    """An empty page."""
    return Contents(Content(Chunks(limits)))


def written(text: str, limits: Limits) -> Contents:
    """A page with this text, typed by the writer, and nothing else."""
    contents = blank(limits)
    if text:
        contents.path.chunks.splice(0, 0, utf16.encode(text))
    return contents
