"""A generation on a page, from the request for it to its end.

Until its first span comes nothing changes on the page, nor in its history. With that span it becomes one undo step,
which grows; where the writer has changed the page meanwhile, it grows below the writer's newer steps.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

from desktop.page import forks, utf16
from desktop.page.core import PageCore
from desktop.page.edit import Edit, Mark, Operation, Switch
from desktop.page.forks import Fork
from desktop.page.history import Step
from desktop.page.prefix_hash import PrefixHash
from desktop.page.sources import Source
from desktop.page.span_rows import forget_reading, join_run, rows_of
from desktop.page.token_table import GENERATED, TokenRows, ends
from models.engine.events import Span


@dataclass(slots=True, eq=False)
class Awaited:
    """Where a generation will begin. at: a position in the text as it was just after the step `after` (None: before
    the first step). replaced: id of the fork whose shown branch gives way to a new one; None where none does."""

    at: int
    after: Step | None
    replaced: int | None


@dataclass(slots=True, eq=False)
class Growth:
    """Where a generation goes on. fork: id of the fork where it began. end: its end in the text as it was just after
    its step. recorded: each growth is an edit in the step; else the step is a switch of branches, whose undo removes
    the new branch with all that has grown on it."""

    step: Step
    fork: int
    end: int
    recorded: bool

    def record(self, inverse: Edit) -> None:
        """Add the inverse of a growth to the step; it is undone in the text as it was just after the step."""
        inverse = replace(inverse, start=self.end - inverse.inserted)
        last = self.step.operations[-1] if self.step.operations else None
        adjoins = isinstance(last, Edit) and last.start + last.removed == inverse.start
        if isinstance(last, Edit) and adjoins and not inverse.inserted and not len(inverse.rows):
            self.step.operations[-1] = replace(last, removed=last.removed + inverse.removed)
        else:
            self.step.operations.append(inverse)


class Generation:
    """One generation: `append` puts the engine's spans on the page, until `close`."""

    def __init__(self, core: PageCore, source: Source, at: int, replaced: int | None = None) -> None:
        """at: the position where it begins. replaced: as in Awaited."""
        core.history.interrupt()
        self._core = core
        self._source = source
        self._prefix = PrefixHash(core.branch.hash_before(at), at)
        self._place: Awaited | Growth = Awaited(at, core.history.newest, replaced)
        self._closed = False

    @property
    def awaited(self) -> bool:
        """Whether nothing of it has come yet."""
        return isinstance(self._place, Awaited)

    @property
    def step(self) -> Step | None:
        """The undo step that grows; None while it is awaited."""
        return self._place.step if isinstance(self._place, Growth) else None

    @property
    def is_newest(self) -> bool:
        """Whether nothing was done to the page since it was requested, or since its step."""
        place = self._place
        return self._core.history.newest is (place.step if isinstance(place, Growth) else place.after)

    @property
    def end(self) -> int:
        """Where its next token goes: after whatever the writer typed exactly there."""
        place, history = self._place, self._core.history
        if isinstance(place, Growth):
            return history.carried(place.end, place.step)
        fork = self._core.branch.find(place.replaced)
        return fork.position if fork else history.carried(place.at, place.after)

    def rebind(self) -> None:
        """The model has read the page as it is now: bind its next tokens to that."""
        end = self.end
        self._prefix = PrefixHash(self._core.branch.hash_before(end), end)

    def close(self) -> None:
        """Nothing more comes; one that wrote nothing leaves the page and its history as they were."""
        self._closed = True

    def append(self, spans: Sequence[Span], window: int | None) -> None:
        """Put spans at its end. window: tokens of the prefix that the model no longer sees; None: as before."""
        if isinstance(self._place, Awaited) and spans:
            self._open(self._place)
        growth = self._place
        if self._closed or isinstance(growth, Awaited):
            return
        if window is not None and window != self._source.window:
            self._source = replace(self._source, window=window)
        rest = list(spans)
        while rest:
            size = next((i for i, span in enumerate(rest) if i and span.absorbed), len(rest))
            self._grow(growth, rest[:size])
            rest = rest[size:]

    # -------------------------------------------------------------------------------------------- the first token

    def _open(self, awaited: Awaited) -> None:
        """Make the generation an undo step, in a new branch where it replaces another."""
        core, position = self._core, self.end
        core.drop_redo()
        replaced = core.branch.find(awaited.replaced)
        if replaced is not None and replaced.position < len(core.branch):
            branch = core.branch.new_branch(replaced)
            core.chosen_fork = replaced.id
            switch = Switch(replaced.id, branch.id)
            core.apply([switch], "generation", lambda inverse: self._opened(replaced, [inverse], recorded=False))
            return
        fork, operations = core.branch.fork_at(position), list[Operation]()
        if fork is None:
            fork = core.branch.new_fork(position)
            operations.append(core.branch.apply(Mark(fork, position), None))
        self._opened(fork, operations, recorded=True)

    def _opened(self, fork: Fork, operations: list[Operation], recorded: bool) -> None:
        step = Step("generation", operations)
        self._core.history.push(step)
        fork.writes = True
        self._core.generation_fork = fork.id
        self._place = Growth(step, fork.id, fork.position, recorded)

    # -------------------------------------------------------------------------------------------- growth

    def _grow(self, growth: Growth, spans: list[Span]) -> None:
        """Put spans, of which only the first may absorb tokens, at the end."""
        core, fingerprint = self._core, self._source.fingerprint
        rows = rows_of(spans, GENERATED, core.sources.index(self._source), core.alternatives, fingerprint)
        units = utf16.encode("".join(span.text for span in spans))
        end = core.history.carried(growth.end, growth.step)
        old = self._absorbed(end, spans[0]) if spans[0].absorbed else rows[:0]
        if spans[0].absorbed and not len(old):
            forget_reading(rows)
        removed = int(old["length"][0]) if len(old) else 0
        if removed:
            self._prefix.retreat(old, core.chunks.units(end - removed, end))
            rows = join_run(old, rows)
        self._prefix.advance(rows, units)
        rows["bound"][: len(old)] = old["bound"]
        self._apply(growth, Edit(end - removed, removed, units, rows, after_fork=growth.fork))

    def _absorbed(self, end: int, span: Span) -> TokenRows:
        """The unfinished run before `end` that the span's first tokens join; no rows where the writer touched it."""
        rows = self._core.chunks.rows(end - 1, end) if end else self._core.chunks.rows(0, 0)
        if len(rows) != span.absorbed or int(ends(rows)[0]) != end or rows["kind"][0] != GENERATED:
            return rows[:0]
        same_model = self._core.sources[int(rows["source"][0])].fingerprint == self._source.fingerprint
        return rows if same_model else rows[:0]

    def _apply(self, growth: Growth, edit: Edit) -> None:
        """Apply a growth and record it: in the generation's step, below what the writer did since, where possible."""
        core, grown = self._core, edit.inserted - edit.removed
        end = edit.start + edit.removed
        on_top = core.history.newest is growth.step
        plain = not edit.removed and not len(core.chunks.touched(end, end))
        outer = partial(forks.outer, core.branch.forks, growth.fork)
        has_room = plain and core.history.make_room(growth.end, growth.step, grown, outer)
        if not plain:
            core.history.redo.clear()  # undone edits of the writer only: an open generation is never undone

        def record(inverse: Operation) -> None:
            assert isinstance(inverse, Edit)
            if has_room or on_top:
                if growth.recorded or not plain:
                    growth.record(inverse)
                growth.end += grown
            else:
                growth.step, growth.recorded = Step("generation", [inverse]), True
                growth.end = end + grown
                core.history.push(growth.step)

        core.apply([edit], "generation", record)
