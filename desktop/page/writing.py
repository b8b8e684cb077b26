"""What the writer does to a page: typing, changes in many places at once; and scores of the writer's own text.

Each change of text is one undo step, or joins the one before it (history.py).
"""

from collections.abc import Iterator, Sequence
from functools import partial

from desktop.page import bulk_edit, scores, utf16
from desktop.page.bulk_edit import Replacements
from desktop.page.core import PageCore
from desktop.page.edit import Edit
from desktop.page.history import Step
from desktop.page.sources import Source
from desktop.page.span_rows import rows_of
from desktop.page.token_table import READ
from models.engine.events import Span


def write(core: PageCore, start: int, removed: int, text: str, joins: bool) -> None:
    """Replace `removed` units at start by the text. joins: a key press, which may join the step of the ones before it.
    Raises IndexError outside the page."""
    if not 0 <= start <= start + removed <= len(core.branch):
        raise IndexError(f"{removed} units at {start} of {len(core.branch)}")
    if not removed and not text:
        return
    rescued = core.drop_redo()
    fork = core.branch.fork_at(start) if start in rescued and not removed else None
    after = fork.id if fork else 0  # the text replaces what was rescued, so it belongs to the branch that is shown
    edit = Edit(start, removed, utf16.encode(text), after_fork=after)
    core.apply([edit], "typing", partial(core.history.write, joins=joins and "\n" not in text))


def check(core: PageCore, changes: Sequence[tuple[int, int, str]]) -> None:
    """Raise IndexError unless the changes (start, units removed, text) ascend, do not overlap and lie on the page."""
    end = 0
    for start, removed, _text in changes:
        if not end <= start <= start + removed <= len(core.branch):
            raise IndexError(f"{removed} units at {start} of {len(core.branch)}, behind {end}")
        end = start + removed


def prepare(core: PageCore, replacements: Replacements, apart: int | None) -> Iterator[Edit]:
    """The edits that do the replacements, last places first. apart: a position that no edit may span unless one of the
    replacements does."""
    return bulk_edit.edits(core.chunks, replacements, apart)


def write_prepared(core: PageCore, edits: Sequence[Edit]) -> None:
    """Apply prepared edits in their order, as one undo step and one change for the listeners."""
    if not edits:
        return
    core.drop_redo()
    step = Step("change")
    core.history.push(step)
    merged = [bulk_edit.anchored(edit, core.branch.forks) for edit in bulk_edit.merged(edits, core.limits)]
    core.apply(merged, "typing", step.operations.append, separate=1)


def add_readings(core: PageCore, offset: int, spans: Sequence[Span], source: Source) -> int:
    """Put readings on the writer's own text from offset on, where the text still is what the model read. Returns the
    number of tokens put on the page. No undo step, no change of text."""
    rows = rows_of(spans, READ, core.sources.index(source), core.alternatives, source.fingerprint)
    count = 0
    for block in scores.fitting(core.chunks, offset, spans, rows):
        start = int(block["start"][0])
        block["bound"] = core.chunks.hashes(block["start"].astype("<i8"))
        block["start"] -= start
        core.apply([Edit(start, 0, b"", block)], "read")
        count += len(block)
    return count
