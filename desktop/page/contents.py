"""Everything that a page is, as one value: what its file keeps, and what a window puts on when another page is opened.

The parts are the page's own, not copies. Knows nothing of files.
"""

from dataclasses import dataclass, field

from desktop.page import utf16
from desktop.page.alternatives import AlternativesTable
from desktop.page.chunks import Chunks, Limits
from desktop.page.forks import Content
from desktop.page.history import Step
from desktop.page.sources import Sources


@dataclass(slots=True, eq=False)
class Contents:
    """path: text, tokens and forks as they are shown, the branches that are not shown inside. undo, redo: oldest step
    first. next_id: for forks and branches, higher than any there is. written: the fork where the last generation
    began; touched: the one whose branch was last chosen. growing: the step of the generation that is open; steps up to
    it, and but for it all below the newest, do not change any more."""

    path: Content
    sources: Sources = field(default_factory=Sources)
    alternatives: AlternativesTable = field(default_factory=AlternativesTable)
    undo: list[Step] = field(default_factory=list[Step])
    redo: list[Step] = field(default_factory=list[Step])
    next_id: int = 1
    written: int | None = None
    touched: int | None = None
    growing: Step | None = None


def blank(limits: Limits) -> Contents:
    """An empty page."""
    return Contents(Content(Chunks(limits)))


def written(text: str, limits: Limits) -> Contents:
    """A page that holds this text, by the writer's hand, and nothing else."""
    contents = blank(limits)
    if text:
        contents.path.chunks.splice(0, 0, utf16.encode(text))
    return contents
